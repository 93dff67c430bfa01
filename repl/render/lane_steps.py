"""The steps in lanes, as data: what the source sent, the processor did, disk and sink got."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from core.lab import facts as f
from core.lab.history import History
from core.lab.lab import Step
from repl.render.marks import LaneMark, between, mark

LANES = ("source", "processor", "disk", "sink")
_NAMED = 4
QUIET = 4
"""Quiet steps in a row from which on they are drawn as one."""


class LaneStep(NamedTuple):
    """One step in the four lanes, or a stretch of quiet ones up to the step `last`.

    `up` is whether the processor is up after it, `lost` whether the counts do not hold now
    all that it applied. `repeats` names the steps before it that had applied what it delivers.
    """

    number: int
    cells: tuple[str, str, str, str]
    up: bool
    crash: bool
    lost: bool
    repeats: tuple[int, ...] = ()
    last: int = 0

    @property
    def label(self) -> str:
        """The number of the step, or the first and the last."""
        return f"{self.number}..{self.last}" if self.last else str(self.number)


def lane_steps(history: History, first: int = 1, last: int | None = None) -> list[LaneStep]:
    """Return the steps of these numbers, each in its lanes; without numbers all."""
    undone = history.record.undone()
    return [
        _lane_step(step, history, lost=step.number in undone)
        for step in history.steps[first - 1 : last]
    ]


def folded(lane_steps: Sequence[LaneStep]) -> list[LaneStep]:
    """Return the steps with each long quiet stretch drawn as one.

    Quiet is a step that applied one new event, which stayed, and was not sent again.
    """
    again = {number for each in lane_steps for number in each.repeats}
    shown: list[LaneStep] = []
    for quiet, stretch in groupby(
        lane_steps, lambda each: _quiet(each) and each.number not in again
    ):
        run = list(stretch)
        shown += [_fold(run)] if quiet and len(run) >= QUIET else run
    return shown


def _quiet(each: LaneStep) -> bool:
    source, processor, disk, sink = each.cells
    applied = source and processor == f"+{source}"
    return bool(applied and each.up and not (disk or sink or each.lost or each.repeats))


def _fold(run: Sequence[LaneStep]) -> LaneStep:
    first, last = run[0], run[-1]
    cells = (f"{first.cells[0]}..{last.cells[0]}", f"+{len(run)}", "", "")
    return first._replace(cells=cells, last=last.number)


def _repeats(step: Step, history: History) -> tuple[int, ...]:
    """Return the steps before this one that had applied last what it delivers."""
    delivered = (fact for fact in step.facts if isinstance(fact, f.Applied | f.Skipped))
    before = (history.record.applications(fact.event_id, step.number) for fact in delivered)
    return tuple(sorted({steps[-1] for steps in before if steps and steps[-1]}))


def _lane_step(step: Step, history: History, *, lost: bool) -> LaneStep:
    marks = [mark(fact) for fact in step.facts]
    crash = isinstance(step.facts[-1], f.Crashed)
    processor = marks[-1].processor if crash else _processor(step, marks, history)
    disk = next(filter(None, (each.disk for each in marks)), "")
    out = marks[-1].out if crash else sum(each.out for each in marks)
    cells = (_source(step, marks), processor, disk, f"+{out}" if out else "")
    up = step.changes.up[1] and not crash
    return LaneStep(step.number, cells, up, crash, lost, _repeats(step, history))


def _source(step: Step, marks: Sequence[LaneMark]) -> str:
    """Return what the source sent, or where it went back to."""
    ids = [event_id for each in marks for event_id in each.ids]
    before, after = step.changes.offset
    back = f"◄ {after}" if after < before else ""
    return marks[0].source or (between(ids[0], ids[-1]) if ids else back)


def _processor(step: Step, marks: Sequence[LaneMark], history: History) -> str:
    """Return what the processor did; of several deliveries how many it applied and skipped."""
    applied = sum(isinstance(fact, f.Applied) for fact in step.facts)
    skipped = sum(isinstance(fact, f.Skipped) for fact in step.facts)
    if isinstance(step.facts[0], f.RolledBack):
        taken = history.record.taken_back(step.number)
        back = step.changes.counts or step.changes.seen_removed
        return f"−{taken}" if taken else marks[0].processor or ("back" if back else "nothing")
    if applied + skipped <= 1:
        return next(filter(None, (each.processor for each in marks)), "")
    if not skipped:
        return f"+{applied}"
    return f"+{applied} skip {skipped}" if applied else f"skip {skipped}"


def listed(numbers: Sequence[int]) -> str:
    """Return a few numbers, and how many more there are."""
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return ", ".join(map(str, numbers[:_NAMED])) + more
