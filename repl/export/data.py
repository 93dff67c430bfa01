"""What came of a line, as data: a line of `oncelab run --json`."""

from enum import Enum
from typing import Any

from core.lab.changes import Changes, expanded
from core.lab.commands import typed as as_typed
from core.lab.comparison import compare
from core.lab.facts import Applied, Fact, Fed, Replayed, Skipped
from core.lab.history import History
from core.lab.lab import Lab, Step
from repl.render import reports
from repl.session import Outcome


def as_json(outcome: Outcome, line: str, history: History) -> dict[str, Any] | None:
    """Return what came of a line for `--json`, or None where there is nothing to say.

    `history` is as it is right after it.
    """
    made, view = outcome.step, outcome.view
    shown: dict[str, Any] = {}
    if made is not None:
        shown = {
            "step": made.number,
            "command": as_typed(made.command),
            "verdict": reports.report(made, history).verdict,
            "facts": [
                {"fact": type(fact).__name__, **_data(fact), **_past(fact, made, history)}
                for fact in made.facts
            ],
            "changes": _data(_whole(made, history.lab)),
        }
    elif view is not None:
        shown = {"command": line, "failed": outcome.failed, "text": view.plain().split("\n")}
    if outcome.wire:
        shown.setdefault("command", line)
        shown["wire"] = list(outcome.wire)
    return shown or None


def _whole(made: Step, lab: Lab) -> Changes:
    """Return the changes of a step, those of a feed with every id."""
    first = made.facts[0]
    return expanded(made.changes, first, lab) if isinstance(first, Fed) else made.changes


def _past(fact: Fact, made: Step, history: History) -> dict[str, Any]:
    """Return what of a fact has to do with the past."""
    if isinstance(fact, Skipped):
        found = history.record.since(fact.event_id, made.number)
        if found is None:
            return {"since": None, "restored": None, "first_step": None}
        first = 0 if found.first is None else found.first.step
        return {"since": found.step, "restored": found.restored, "first_step": first}
    if isinstance(fact, Applied):
        before = history.record.applications(fact.event_id, made.number)
        return {"anew": bool(before) and not fact.again}
    if isinstance(fact, Replayed):
        compared = compare(history, made)
        if compared is None:
            return {"differs": None, "setback": None}
        return {"differs": list(compared.differs), "setback": compared.cause}
    return {}


def _data(value: Any) -> Any:  # noqa: ANN401 - whatever a fact holds
    """Return a value as JSON can hold it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {key: _data(each) for key, each in value.items()}
    if hasattr(value, "_asdict"):
        return {key: _data(each) for key, each in value._asdict().items()}
    if isinstance(value, tuple | list):
        return [_data(each) for each in value]
    return value
