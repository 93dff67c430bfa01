"""The difference between two moments: the words, ids and outputs that came or went."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from core.checkpoints import CheckpointId, Copy, Event
from core.lab.crash_points import CrashPoint
from core.lab.facts import Applied, Committed, Fact, Fed, Saved, Summary
from core.lab.world import World
from core.mechanisms import EXACTLY_ONCE, Mechanisms
from core.outputs import EventId, Output

T = TypeVar("T")


class Picture(NamedTuple):
    """A copy of a laboratory's state at one moment.

    `saved` is name → what the checkpoint holds, and its offset; it is empty in a picture that
    is not deep. While the processor is down with a store, counts, seen and outputs are those
    that the store keeps, and `kept` is a summary of them; else `kept` is None.
    """

    counts: dict[str, int]
    seen: dict[EventId, str]
    pending: list[Output]
    sink: list[Output]
    checkpoints: tuple[CheckpointId, ...]
    log: list[Event]
    offset: int
    up: bool
    mechanisms: Mechanisms = EXACTLY_ONCE
    armed: CrashPoint | None = None
    saved: Mapping[CheckpointId, tuple[Copy, int]] = {}
    kept: Summary | None = None


class Changes(NamedTuple):
    """What changed: `counts` is word → (before, after), the rest what came and what went.

    `sent` is what was written to the source's log. `checkpoints_replaced` were saved again
    under the same name. `checkpoints_changed` hold something else than before, found only if
    two deep pictures were compared; `counts_followed` and `seen_followed` are those of them
    whose counts or seen changed though they were not saved again, as only mutants do.
    """

    counts: dict[str, tuple[int, int]]
    seen_added: tuple[EventId, ...] = ()
    seen_removed: tuple[EventId, ...] = ()
    pending_added: tuple[Output, ...] = ()
    pending_removed: tuple[Output, ...] = ()
    sink_added: tuple[Output, ...] = ()
    sink_removed: tuple[Output, ...] = ()
    checkpoints_added: tuple[CheckpointId, ...] = ()
    checkpoints_replaced: tuple[CheckpointId, ...] = ()
    checkpoints_changed: tuple[CheckpointId, ...] = ()
    counts_followed: tuple[CheckpointId, ...] = ()
    seen_followed: tuple[CheckpointId, ...] = ()
    sent: tuple[Event, ...] = ()
    offset: tuple[int, int] = (0, 0)
    up: tuple[bool, bool] = (True, True)
    mechanisms: tuple[Mechanisms, Mechanisms] = (EXACTLY_ONCE, EXACTLY_ONCE)
    armed: tuple[CrashPoint | None, CrashPoint | None] = (None, None)


def picture(lab: World, *, deep: bool = True) -> Picture:
    """Copy the state of a laboratory; with `deep`, what each checkpoint holds as well.

    Takes time in proportion to the state, and with `deep` to each checkpoint's.
    """
    processor = lab.state
    names = tuple(processor.checkpoints)
    saved = {
        name: (_copied(processor.saved(name)), lab.saved[name].offset)
        for name in (names if deep else ())
    }
    return Picture(
        processor.counts.copy(),
        processor.seen.copy(),
        processor.pending,
        processor.sink,
        names,
        lab.source.log.copy(),
        lab.source.offset,
        lab.up,
        processor.mechanisms,
        lab.armed,
        saved,
        lab.kept,
    )


def _copied(saved: Copy) -> Copy:
    seen = None if saved.seen is None else saved.seen.copy()
    return Copy(saved.counts.copy(), seen, saved.pending.copy())


def difference(before: Picture, after: Picture, replaced: tuple[CheckpointId, ...] = ()) -> Changes:
    """Return the changes from `before` to `after`.

    `replaced` are the checkpoints that were saved again in between.
    """
    words = dict.fromkeys((*before.counts, *after.counts))
    pairs = {word: (before.counts.get(word, 0), after.counts.get(word, 0)) for word in words}
    both = [name for name in before.saved if name in after.saved]
    pairs_of = {name: (before.saved[name][0], after.saved[name][0]) for name in both}
    kept = {name: pair for name, pair in pairs_of.items() if name not in replaced}
    return Changes(
        counts={word: pair for word, pair in pairs.items() if pair[0] != pair[1]},
        seen_added=tuple([each for each in after.seen if each not in before.seen]),
        seen_removed=tuple([each for each in before.seen if each not in after.seen]),
        pending_added=missing(after.pending, before.pending),
        pending_removed=missing(before.pending, after.pending),
        sink_added=missing(after.sink, before.sink),
        sink_removed=missing(before.sink, after.sink),
        checkpoints_added=missing(after.checkpoints, before.checkpoints),
        checkpoints_replaced=replaced,
        checkpoints_changed=tuple(
            name for name in both if _differ(before.saved[name], after.saved[name])
        ),
        counts_followed=tuple(n for n, (then, now) in kept.items() if then.counts != now.counts),
        seen_followed=tuple(n for n, (then, now) in kept.items() if then.seen != now.seen),
        sent=_sent(before.log, after.log),
        offset=(before.offset, after.offset),
        up=(before.up, after.up),
        mechanisms=(before.mechanisms, after.mechanisms),
        armed=(before.armed, after.armed),
    )


def _sent(before: list[Event], after: list[Event]) -> tuple[Event, ...]:
    """Return the new entries of a log; they are not only at its end if another node wrote some."""
    if after[: len(before)] == before:
        return tuple(after[len(before) :])
    known = set(before)
    return tuple([event for event in after if event not in known])


def _differ(before: tuple[Copy, int], after: tuple[Copy, int]) -> bool:
    """Whether a checkpoint's content, its order or its offset is not the same."""
    (copy, offset), (other, moved) = before, after
    orders = [
        list(copy.counts) == list(other.counts),
        list(copy.seen or ()) == list(other.seen or ()),
    ]
    return (copy, offset) != (other, moved) or not all(orders)


def summed(facts: Iterable[Fact], offset: tuple[int, int], sent: tuple[Event, ...]) -> Changes:
    """Return the changes of a step from its facts, without comparing states.

    It is right for steps of a right processor that apply, save and commit. For a feed it gives
    only the counts and what was sent; `expanded` adds its ids and outputs.
    """
    counts: dict[str, tuple[int, int]] = {}
    seen: list[EventId] = []
    staged: list[Output] = []
    out: list[Output] = []
    moved: tuple[Output, ...] = ()
    names: list[CheckpointId] = []
    replaced: list[CheckpointId] = []
    for fact in facts:
        if isinstance(fact, Applied):
            counts[fact.word] = (counts.get(fact.word, (fact.before, 0))[0], fact.after)
            if not fact.again:
                seen.append(fact.event_id)
            if fact.output != "held":
                where = staged if fact.output == "pending" else out
                where.append(Output(fact.event_id, fact.word, fact.after))
        elif isinstance(fact, Fed) and fact.counts is not None:
            counts = fact.counts
        elif isinstance(fact, Committed):
            moved = fact.outputs
        elif isinstance(fact, Saved):
            (replaced if fact.replaced else names).append(fact.name)
    return Changes(
        counts=counts,
        seen_added=tuple(seen),
        pending_added=tuple(staged),
        pending_removed=moved,
        sink_added=moved or tuple(out),
        checkpoints_added=tuple(names),
        checkpoints_replaced=tuple(replaced),
        sent=sent,
        offset=offset,
    )


def expanded(changes: Changes, fed: Fed, lab: World) -> Changes:
    """Return the changes of a feed with every id and output; `lab` is the one right after it."""
    ids = tuple(event_id for event_id, _ in changes.sent)
    if fed.counts is None:
        return changes
    outputs = lab.state.outputs
    stop = len(outputs) if fed.output == "pending" else outputs.committed
    made = tuple(outputs.slice(stop - len(ids), stop))
    if fed.output == "pending":
        return changes._replace(seen_added=ids, pending_added=made)
    return changes._replace(seen_added=ids, sink_added=made)


def missing(items: Iterable[T], among: Iterable[T]) -> tuple[T, ...]:
    """Return `items` without those `among` the others, in order; repeated ones are counted."""
    items, among = list(items), list(among)
    if items == among or not items:
        return ()
    if not among:
        return tuple(items)
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
