"""The commands that drive the laboratory: events, checkpoints, commits, rollbacks.

Each takes the laboratory, its command, in which nothing is left to choose, and the list its
facts go to; it returns another command where only a part of it was done.
"""

from typing import TYPE_CHECKING

from core.lab import commands as c
from core.lab.changes import missing
from core.lab.facts import (
    SAMPLE,
    Applied,
    Committed,
    Fact,
    Fed,
    Replayed,
    Restored,
    Reused,
    RolledBack,
    Saved,
    Unsent,
)
from core.lab.faults import CrashPoint

if TYPE_CHECKING:
    from core.lab.lab import Lab, Watch


def process(lab: "Lab", command: c.Process, facts: list[Fact]) -> None:
    """Send one event: a new one, the one that is due, or an earlier one again."""
    event_id, word, raw = command
    assert event_id is not None
    source = lab.source
    position = source.positions.get(event_id)
    if position is None:
        position = source.append(event_id, word)
    logged = source.log[position][1]
    delivered = word
    if logged != word:
        facts.append(Reused(event_id, word, logged))
        if position == source.offset and not raw:
            delivered = logged
    lab.deliver(position, delivered, facts)


def retry(lab: "Lab", command: c.Retry, facts: list[Fact]) -> None:
    """Send an entry of the log again."""
    assert command.event_id is not None
    position = lab.source.positions[command.event_id]
    lab.deliver(position, lab.source.log[position][1], facts)


def feed(lab: "Lab", command: c.Feed, facts: list[Fact], watch: "Watch") -> c.Command:
    """Send many words; what `process` does, without a fact for each where all go alike."""
    first = len(lab.source.log)
    if lab.faithful and lab.armed not in {CrashPoint.BEFORE_APPLY, CrashPoint.BEFORE_ACK}:
        _feed_alike(lab, command.words, facts, watch)
    else:
        _feed_each(lab, command.words, facts, watch)
    sent = len(lab.source.log) - first
    left = command.words[sent:]
    if left:
        facts.insert(1, Unsent(left[:SAMPLE], len(left)))
    return c.Feed(command.words[:sent])


def _feed_alike(lab: "Lab", words: tuple[str, ...], facts: list[Fact], watch: "Watch") -> None:
    """Feed a right processor, to which every id is new: it applies each in the same way."""
    source, processor = lab.source, lab.processor
    counts: dict[str, tuple[int, int]] = {}
    first = position = len(source.log)
    for word in words:
        if not (position - first) % 4096 and position > first and not watch(position - first):
            break
        event_id = lab.next_id()
        position = source.append(event_id, word) + 1
        after, was_duplicate = processor.process(event_id, word)
        assert not was_duplicate
        counts[word] = (counts[word][0] if word in counts else after - 1, after)
    source.offset, source.last = position, position - 1
    (first_id, _), (last_id, _) = source.log[first], source.log[-1]
    lab.sink_length += processor.outputs.line - lab.line
    facts.append(Fed(position - first, first_id, last_id, counts, lab.output, len(processor.seen)))


def _feed_each(lab: "Lab", words: tuple[str, ...], facts: list[Fact], watch: "Watch") -> None:
    """Feed one word after the other, until a crash or whoever watches ends it."""
    source, processor = lab.source, lab.processor
    first, seen = len(source.log), len(processor.seen)
    made: list[Fact] = []
    for word in words:
        if not lab.up or (made and not watch(len(source.log) - first)):
            break
        lab.deliver(source.append(lab.next_id(), word), word, made)
        applied = next((fact for fact in reversed(made[-2:]) if isinstance(fact, Applied)), None)
        seen = len(processor.seen) if lab.up else applied.seen if applied else seen
    (first_id, _), (last_id, _) = source.log[first], source.log[-1]
    events = len(source.log) - first
    facts += [Fed(events, first_id, last_id, None, lab.output, seen), *made]


def checkpoint(lab: "Lab", command: c.Checkpoint, facts: list[Fact]) -> None:
    """Save the state, with the offset beside it."""
    name = command.name
    assert name is not None
    if lab.armed is CrashPoint.IN_CHECKPOINT:
        lab.interrupt_checkpoint(name)
        lab.reached(CrashPoint.IN_CHECKPOINT, facts)
        return
    replaced = lab.saved.pop(name, None) is not None
    lab.processor.checkpoint(name)
    offset, out = lab.source.offset, lab.processor.outputs.line
    lab.saved[name] = Saved(name, lab.holding(), offset, replaced, out)
    lab.saved[name] = saved = lab.checkpoint(name)
    facts.append(saved)


def restore(lab: "Lab", command: c.Restore, facts: list[Fact]) -> None:
    """Bring the state of a checkpoint back, and the source to its offset."""
    name = command.name
    assert name is not None
    if not lab.up:
        lab.start()
    saved = lab.checkpoint(name)
    lab.processor.restore(name)
    moved = lab.rewind(saved.offset)
    summary = lab.summary()
    dropped = max(saved.summary.pending - summary.pending, 0)
    in_sink = lab.in_sink(name, saved) if dropped else 0
    facts.append(
        Restored(name, saved.summary, summary, dropped, in_sink, moved, *lab.source.standing)
    )


def commit(lab: "Lab", _command: c.Commit, facts: list[Fact]) -> None:
    """Move what is pending to the sink."""
    if lab.reached(CrashPoint.BEFORE_COMMIT, facts):
        return
    if lab.armed is CrashPoint.IN_COMMIT:
        lab.interrupt_commit()
        lab.reached(CrashPoint.IN_COMMIT, facts)
        return
    outputs = lab.processor.outputs
    line = outputs.line
    moved = lab.processor.commit()
    lab.sink_length += moved
    now = outputs.line
    facts.append(Committed(moved, tuple(outputs.slice(line, now)), now, len(outputs) - now))
    lab.reached(CrashPoint.AFTER_COMMIT, facts)


def rollback(lab: "Lab", _command: c.Rollback, facts: list[Fact]) -> None:
    """Discard what is pending; the source goes back to the first event undone."""
    pending = lab.processor.pending
    discarded = lab.processor.rollback()
    positions = lab.source.positions
    logged = (positions[each.event_id] for each in pending if each.event_id in positions)
    first = min(logged, default=None)
    moved = lab.rewind(lab.source.offset if first is None else first)
    left = lab.processor.pending
    gone = missing(pending, left)
    facts.append(RolledBack(discarded, gone, len(left), moved, *lab.source.standing))


def replay(lab: "Lab", command: c.Replay, facts: list[Fact]) -> None:
    """Send the log again, from an offset to its end, or until a crash."""
    start, source = command.offset, lab.source
    assert start is not None
    for position, (_, word) in enumerate(source.log[start:], start):
        lab.deliver(position, word, facts)
        if not lab.up:
            break
    facts.insert(0, Replayed(start, (source.last or 0) + 1 - start))
