"""What differs between two moments: the words, ids and outputs that came or went."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from core.lab.facts import Applied, Committed, Fact, Fed, Saved, Summary
from core.outputs import EventId, Output
from core.processor import CheckpointId

if TYPE_CHECKING:
    from core.lab.lab import Lab

T = TypeVar("T")


class Picture(NamedTuple):
    """All of a laboratory's state at one moment, copied.

    `kept` sums up what a store keeps while the processor is down; it is also what counts,
    seen and the outputs are then.
    """

    counts: dict[str, int]
    seen: dict[EventId, str]
    pending: list[Output]
    sink: list[Output]
    checkpoints: tuple[CheckpointId, ...]
    offset: int
    up: bool
    kept: Summary | None = None


class Changes(NamedTuple):
    """What changed: `counts` is word → (before, after), the rest what came and what went."""

    counts: dict[str, tuple[int, int]]
    seen_added: tuple[EventId, ...] = ()
    seen_removed: tuple[EventId, ...] = ()
    pending_added: tuple[Output, ...] = ()
    pending_removed: tuple[Output, ...] = ()
    sink_added: tuple[Output, ...] = ()
    sink_removed: tuple[Output, ...] = ()
    checkpoints_added: tuple[CheckpointId, ...] = ()
    offset: tuple[int, int] = (0, 0)
    up: tuple[bool, bool] = (True, True)


def picture(lab: "Lab") -> Picture:
    """Copy everything a laboratory shows. Costs the state."""
    processor = lab.held
    return Picture(
        processor.counts.copy(),
        processor.seen.copy(),
        processor.pending,
        processor.sink,
        tuple(processor.checkpoints),
        lab.source.offset,
        lab.up,
        lab.summary() if lab.durable and not lab.up else None,
    )


def difference(before: Picture, after: Picture) -> Changes:
    """Return what has to change for `before` to become `after`."""
    words = dict.fromkeys((*before.counts, *after.counts))
    pairs = {word: (before.counts.get(word, 0), after.counts.get(word, 0)) for word in words}
    return Changes(
        counts={word: pair for word, pair in pairs.items() if pair[0] != pair[1]},
        seen_added=_missing(after.seen, before.seen),
        seen_removed=_missing(before.seen, after.seen),
        pending_added=_missing(after.pending, before.pending),
        pending_removed=_missing(before.pending, after.pending),
        sink_added=_missing(after.sink, before.sink),
        sink_removed=_missing(before.sink, after.sink),
        checkpoints_added=_missing(after.checkpoints, before.checkpoints),
        offset=(before.offset, after.offset),
        up=(before.up, after.up),
    )


def told(facts: Iterable[Fact], offset: tuple[int, int]) -> Changes:
    """Return the changes that facts tell by themselves: of a step that adds and commits.

    Of a feed that is the counts alone: its ids and outputs are as many as its words.
    """
    counts: dict[str, tuple[int, int]] = {}
    seen: list[EventId] = []
    staged: list[Output] = []
    out: list[Output] = []
    moved: tuple[Output, ...] = ()
    names: list[CheckpointId] = []
    for fact in facts:
        if isinstance(fact, Applied):
            counts[fact.word] = (counts.get(fact.word, (fact.before, 0))[0], fact.after)
            if not fact.again:
                seen.append(fact.event_id)
            if fact.output != "held":
                where = staged if fact.output == "pending" else out
                where.append(Output(fact.event_id, fact.word, fact.after))
        elif isinstance(fact, Fed):
            counts = fact.counts
        elif isinstance(fact, Committed):
            moved = fact.outputs
        elif isinstance(fact, Saved) and not fact.replaced:
            names.append(fact.name)
    return Changes(
        counts=counts,
        seen_added=tuple(seen),
        pending_added=tuple(staged),
        pending_removed=moved,
        sink_added=moved or tuple(out),
        checkpoints_added=tuple(names),
        offset=offset,
    )


def _missing(items: Iterable[T], among: Iterable[T]) -> tuple[T, ...]:
    """Return the items, in order, that are not `among` the others, each as often as it is not."""
    spare: dict[T, int] = {}
    for each in among:
        spare[each] = spare.get(each, 0) + 1
    left = []
    for each in items:
        if spare.get(each):
            spare[each] -= 1
        else:
            left.append(each)
    return tuple(left)
