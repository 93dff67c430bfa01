"""What the player says of each step: the verdict, what changed, and why.

The words are those of the prompt (`repl/render/reports`); here they are only sorted into what
is different now and what led to it.
"""

from collections.abc import Iterable
from typing import Any

from core.lab.commands import typed
from core.lab.facts import Fed
from core.lab.history import History
from core.lab.lab import Lab, Step
from core.outputs import EventId
from repl.export.moments import takes
from repl.export.names import Names
from repl.render import wording
from repl.render.marks import mark
from repl.render.report import Row, change
from repl.render.reports import report
from repl.render.reports.saves import beyond, undone
from repl.render.theme import as_typed, safe, verdict_look

_COMMAND = 400
"""Characters of a command that are shown."""
_LARGE = 200
"""Ids of a step beyond which it is not listed with each of them."""
_STATE = {"counts", "seen", "pending", "sink", "source", "unchanged", "saved"}
"""Labels of rows that say what changed, or did not."""


def caption(step: Step, history: History, lab: Lab, names: Names) -> dict[str, Any]:
    """Return what is said of a step; `lab` is the laboratory right after it."""
    told = report(step, history, takes(lab))
    why = [row for row in told.rows if not row.signed and row.label not in _STATE]
    return {
        "number": step.number,
        "verb": step.command.verb,
        "command": as_typed(safe(typed(step.command), _COMMAND)),
        "verdict": told.verdict,
        "look": verdict_look(told.verdict),
        "subject": as_typed(told.subject),
        "headline": as_typed(told.headline),
        "changed": _rows(_changed(step, lab)),
        "why": _rows(why),
        "deliveries": [list(map(as_typed, each)) for each in told.deliveries],
        "ids": [names.name(each) for each in _concerned(step)],
    }


def meanings(steps: Iterable[Step]) -> dict[str, str]:
    """Return what each command does that these steps use: the text of its help."""
    from repl import registry

    commands = registry.load()
    declared = {name: commands[name] for name in dict.fromkeys(each.command.verb for each in steps)}
    return {
        name: f"{each.summary}. {' '.join(each.details.split())}".strip()
        for name, each in declared.items()
    }


def faulty(step: Step) -> bool:
    """Whether a step is one that a run without a fault would not have."""
    return any(mark(fact).faulty for fact in step.facts)


def _changed(step: Step, lab: Lab) -> list[Row]:
    """Return a row for each thing that is not as it was before the step."""
    changes = step.changes
    rows = list(undone(changes))
    fed = step.facts[0]
    if isinstance(fed, Fed) and fed.counts is not None and not changes.seen_added:
        ends = f"{wording.name(fed.first)} to {wording.name(fed.last)}"
        rows.append(change("seen", "+", ends if fed.events > 1 else wording.name(fed.first)))
        rows.append(change(fed.output, "+", wording.number(fed.events, "output")))
    return [*rows, *beyond(changes, lambda each: wording.holding(lab.checkpoint(each)))]


def _rows(rows: Iterable[Row]) -> list[list[str]]:
    """Return rows as lists: label, sign, text, note, look."""
    shown = ((row.label, row.sign, row.text, row.note, row.style) for row in rows)
    return [list(map(as_typed, each)) for each in shown]


def _concerned(step: Step) -> list[EventId]:
    """Return the ids that a step is about, unless they are too many to be told apart."""
    ids = dict.fromkeys(event_id for fact in step.facts for event_id in mark(fact).ids)
    return list(ids) if len(ids) <= _LARGE else []
