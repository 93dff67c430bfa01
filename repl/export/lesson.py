"""`.lesson.md`: a lesson to fill in, whose laboratory goes the way the session went.

The session's commands stand in fences, cut where something breaks and where it is brought
up again; the last one that changed anything becomes an exercise. What a machine can know is
filled in (goals, expectations, a shortest way); what only an author knows says TODO.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from core.lab.commands import typed
from core.lab.facts import Crashed
from core.lab.history import History
from core.lab.ids import spelled
from core.lab.lab import Lab, Step
from core.mechanisms import SWITCHES
from repl.export.moments import moments

_LONGEST = 8
"""Commands that are shown at once."""

_SHOWN = 3
"""Words whose counts are named in a goal or an expectation."""

_HEAD = """\
```toml
# The header. TODO: your own title, summary and terms.
title = "TODO: what the student will be able to say"
summary = "TODO: one sentence for the list of lessons."
concepts = []
minutes = 8
{start}```

TODO: what goes wrong here, before any term is named.
"""

_SAY = "TODO: say what was seen, and why."
_END = "TODO: **one sentence to take away**.\n"

_TRY = """\
TODO: what the student is to bring about now.

```try
# One command will do; --check looks for it.
goal = {goal}
hints = [
  "TODO: a nudge.",
  "TODO: nearly the answer.",
]
solution = {solution}
```
"""


def export(history: History) -> str:
    """Return the skeleton of a lesson from a session."""
    steps = history.steps
    start = history.at(0)
    holds = {step.number: conditions(lab) for step, lab in moments(history)}
    exercise = _exercise(steps, holds)
    told = steps if exercise is None else steps[:-1]
    parts = [_HEAD.format(start=_start(start))]
    for piece in _pieces(told):
        checked = [] if start.source.log else holds[piece[-1].number]
        parts += [_run(piece, checked), f"{_SAY}\n"]
    if steps:
        parts.append("A picture of the moment:\n\n```show\nshow\ntimeline\n```\n")
    if exercise is not None:
        parts.append(exercise)
    return "\n".join([*parts, _END])


def conditions(lab: Lab) -> list[str]:
    """Return what holds in a laboratory, in the language of conditions."""
    if not lab.up:
        return ["down"]
    outputs = lab.processor.outputs
    counts = islice(reversed(lab.processor.counts.items()), _SHOWN)
    found = [f"count {spelled(word)} == {count}" for word, count in counts if word.isprintable()]
    found += [f"seen == {len(lab.processor.seen)}"]
    found += [f"pending == {len(outputs) - outputs.committed}", f"sink == {outputs.committed}"]
    return found


def _start(lab: Lab) -> str:
    """Return the line of the header that switches off what is off at the start."""
    on = lab.processor.mechanisms._asdict()
    off = [f"mechanism {switch} off" for switch, field in SWITCHES.items() if not on[field]]
    return f"start = {_listed(off)}\n" if off else ""


def _listed(texts: Iterable[str]) -> str:
    """Return a list of strings as TOML has it."""
    return f"[{', '.join(json.dumps(each, ensure_ascii=False) for each in texts)}]"


def _pieces(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """Yield the steps in pieces that are told one at a time."""
    piece: list[Step] = []
    for step in steps:
        if piece and (step.command.while_down or len(piece) == _LONGEST):
            yield piece
            piece = []
        piece.append(step)
        if isinstance(step.facts[-1], Crashed):
            yield piece
            piece = []
    if piece:
        yield piece


def _run(steps: Sequence[Step], holds: Iterable[str]) -> str:
    lines = [typed(step.command) for step in steps]
    lines += [f"expect {condition}" for condition in holds]
    return "\n".join(["```run", *lines, "```", ""])


def _exercise(steps: Sequence[Step], holds: dict[int, list[str]]) -> str | None:
    """Return the last step as an exercise, where there is something to see of it."""
    solution = [typed(step.command) for step in steps[-1:]]
    goal = [
        condition
        for before, last in zip(steps[-2:-1], steps[-1:], strict=False)
        for condition in holds[last.number]
        if condition not in holds[before.number]
    ]
    if not goal or solution[0].startswith("{"):  # JSON is nothing to ask of a student
        return None
    return _TRY.format(goal=_listed(goal), solution=_listed(solution))
