"""The steps in lanes, as data: what the source sent, the processor did, disk and sink got."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from core.lab import facts as f
from core.lab.history import History
from core.lab.lab import Step
from repl.render.words.phrases import name

LANES = ("source", "processor", "disk", "sink")
_NAMED = 4
SEENLESS = " −seen"
"""Marks a checkpoint that was saved without seen."""
QUIET = 4
"""Quiet steps in a row from which on they are drawn as one."""


class Beat(NamedTuple):
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


def beats(history: History, first: int = 1, last: int | None = None) -> list[Beat]:
    """Return the steps of these numbers, each in its lanes; without numbers all."""
    undone = history.record.undone()
    return [
        _beat(step, history, lost=step.number in undone) for step in history.steps[first - 1 : last]
    ]


def folded(beats: Sequence[Beat]) -> list[Beat]:
    """Return the beats with each long quiet stretch drawn as one.

    Quiet is a step that applied one new event, which stayed, and was not sent again.
    """
    again = {number for beat in beats for number in beat.repeats}
    shown: list[Beat] = []
    for quiet, stretch in groupby(beats, lambda beat: _quiet(beat) and beat.number not in again):
        run = list(stretch)
        shown += [_fold(run)] if quiet and len(run) >= QUIET else run
    return shown


def _quiet(beat: Beat) -> bool:
    source, processor, disk, sink = beat.cells
    applied = source and processor == f"+{source}"
    return bool(applied and beat.up and not (disk or sink or beat.lost or beat.repeats))


def _fold(run: Sequence[Beat]) -> Beat:
    first, last = run[0], run[-1]
    cells = (f"{first.cells[0]}..{last.cells[0]}", f"+{len(run)}", "", "")
    return first._replace(cells=cells, last=last.number)


def _repeats(step: Step, history: History) -> tuple[int, ...]:
    """Return the steps before this one that had applied last what it delivers."""
    delivered = (fact for fact in step.facts if isinstance(fact, f.Applied | f.Skipped))
    before = (history.record.applications(fact.event_id, step.number) for fact in delivered)
    return tuple(sorted({steps[-1] for steps in before if steps and steps[-1]}))


def _beat(step: Step, history: History, *, lost: bool) -> Beat:
    crash = isinstance(step.facts[-1], f.Crashed)
    taken = history.record.taken_back(step.number)
    cells = (_source(step), _processor(step, taken, crash=crash), _disk(step.facts), _sink(step))
    up = step.changes.up[1] and not crash
    return Beat(step.number, cells, up, crash, lost, _repeats(step, history))


def _source(step: Step) -> str:
    """Return what the source sent, or where it went back to."""
    first = step.facts[0]
    kinds = (f.Applied, f.Skipped, f.Undelivered)
    sent = [name(each.event_id) for each in step.facts if isinstance(each, kinds)]
    if isinstance(first, f.Fed):
        sent = [name(first.first), name(first.last)][: first.events]
    if isinstance(first, f.AckLost):
        return "no ack"
    if sent:
        return sent[0] if len(sent) == 1 else f"{sent[0]}..{sent[-1]}"
    before, after = step.changes.offset
    return f"◄ {after}" if after < before else ""


def _processor(step: Step, taken: int, *, crash: bool) -> str:
    """Return what the processor did; `taken` applications were taken out of the counts."""
    if crash:
        return "CRASH"
    applied = sum(isinstance(fact, f.Applied) for fact in step.facts)
    skipped = sum(isinstance(fact, f.Skipped) for fact in step.facts)
    if isinstance(step.facts[0], f.RolledBack):
        return _rolled_back(step.facts[0], step, taken)
    if applied + skipped <= 1:
        return _did(step.facts)
    if not skipped:
        return f"+{applied}"
    return f"+{applied} skip {skipped}" if applied else f"skip {skipped}"


def _rolled_back(fact: f.RolledBack, step: Step, taken: int) -> str:
    """Return what a rollback did: applications undone, or else outputs discarded alone."""
    if taken:
        return f"−{taken}"
    if fact.outputs:
        return f"discard {len(fact.outputs)}"
    return "back" if step.changes.counts or step.changes.seen_removed else "nothing"


_DID: dict[type, Callable[[Any], str]] = {
    f.Applied: lambda fact: f"{'again ' if fact.again else '+'}{name(fact.event_id)}",
    f.Skipped: lambda _: "skip",
    f.Fed: lambda fact: "" if fact.counts is None else f"+{fact.events}",
    f.Restored: lambda _: "back",
    f.Restarted: lambda fact: "empty" if fact.kept is None else "back",
    f.Armed: lambda _: "armed",
    f.Disarmed: lambda _: "disarmed",
    f.Switched: lambda _: "switched",
}
"""What a fact says of the processor; the other facts say nothing of it."""


def _did(facts: Iterable[f.Fact]) -> str:
    """Return what the first fact that says something says of the processor."""
    said = (_DID[type(fact)](fact) for fact in facts if type(fact) in _DID)
    return next(filter(None, said), "")


def _disk(facts: Iterable[f.Fact]) -> str:
    """Return what was written to disk (▼), read from it (▲), or kept on it in a crash."""
    for fact in facts:
        if isinstance(fact, f.Saved):
            return f"▼ {name(fact.name)}{_seenless(fact.summary)}"
        if isinstance(fact, f.Restored):
            return f"▲ {name(fact.name)}{_seenless(fact.held)}"
        if isinstance(fact, f.Crashed | f.Restarted) and fact.kept is not None:
            return f"{'▲ ' if isinstance(fact, f.Restarted) else ''}{fact.kept.seen} seen"
    return ""


def _seenless(saved: f.Summary) -> str:
    """Return a mark for a checkpoint that was saved without seen."""
    return SEENLESS if saved.seen is None else ""


def _sink(step: Step) -> str:
    """Return how many outputs went to the sink."""
    out = 0
    last = step.facts[-1]
    if isinstance(last, f.Crashed):
        return f"+{last.out}" if last.out else ""
    for fact in step.facts:
        if isinstance(fact, f.Committed):
            out += fact.moved
        elif isinstance(fact, f.Applied) and fact.output == "sink":
            out += 1
        elif isinstance(fact, f.Fed) and fact.output == "sink" and fact.counts is not None:
            out += fact.events
    return f"+{out}" if out else ""


def listed(numbers: Sequence[int]) -> str:
    """Return a few numbers, and how many more there are."""
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return ", ".join(map(str, numbers[:_NAMED])) + more
