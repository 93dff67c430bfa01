"""The commands that drive the laboratory: events, checkpoints, commits, rollbacks.

Each takes the laboratory, its command and the list its facts go to, and returns the
command with what was left to choose filled in, or None where nothing was.
"""

from collections.abc import Container
from typing import TYPE_CHECKING

from core.errors import KEY_DOES_NOT_EXIST, Refused, UnknownCheckpoint, refused
from core.lab import commands as c
from core.lab.facts import Committed, Fact, Fed, Restored, Reused, RolledBack, Saved
from core.lab.faults import CrashPoint
from core.lab.ids import called, known, spelled
from core.outputs import EventId

if TYPE_CHECKING:
    from core.lab.lab import Lab, Watch


def process(lab: "Lab", command: c.Process, facts: list[Fact]) -> c.Command:
    """Send one event: a new one, the one that is due, or an earlier one again."""
    event_id, word, raw = command
    source = lab.source
    if event_id is None:
        if source.positions.get(word, source.offset + 1) <= source.offset:
            raise refused(f"{word} is an id", c.typed(c.Retry(word)))
        _nothing_due(lab)
        lab.numbered, event_id = _free("e", lab.numbered, source.positions)
    position = source.positions.get(event_id)
    if not raw and (position is None or position > source.offset):
        _nothing_due(lab)
    if position is None:
        position = source.append(event_id, word)
    logged = source.log[position][1]
    delivered = word
    if logged != word:
        facts.append(Reused(event_id, word, logged))
        if position == source.offset and not raw:
            delivered = logged
    lab.deliver(position, delivered, facts)
    return c.Process(event_id, word, raw)


def retry(lab: "Lab", command: c.Retry, facts: list[Fact]) -> c.Command:
    """Send an entry of the log again."""
    source = lab.source
    if command.event_id is None:
        if source.last is None:
            raise refused("nothing was sent yet", "process hello")
        position = source.last
    else:
        event_id = known(lab, command.event_id)
        if event_id not in source.positions:
            raise refused(f"{event_id} was never sent", f"process {spelled(event_id)} WORD")
        position = source.positions[event_id]
    if position > source.offset:
        _nothing_due(lab)
    event_id, word = source.log[position]
    lab.deliver(position, word, facts)
    return c.Retry(event_id)


def feed(lab: "Lab", command: c.Feed, facts: list[Fact], watch: "Watch") -> c.Command:
    """Send many words; what `_process` does, without a fact for each."""
    _nothing_due(lab)
    if not command.words:
        raise refused("there is no word to feed", "feed to be or not to be")
    if lab.armed in {CrashPoint.BEFORE_APPLY, CrashPoint.BEFORE_ACK}:
        process(lab, c.Process(None, command.words[0]), facts)
        return c.Feed(command.words[:1])
    source, processor, number = lab.source, lab.processor, lab.number
    counts: dict[str, tuple[int, int]] = {}
    first = position = len(source.log)
    for word in command.words:
        if not (position - first) % 4096 and position > first and not watch(position - first):
            break
        lab.numbered, event_id = _free("e", lab.numbered, source.positions)
        position = source.append(event_id, word) + 1
        after, _ = processor.process(event_id, word)
        lab.applied_at[event_id] = number
        counts[word] = (counts[word][0] if word in counts else after - 1, after)
    source.offset, source.last = position, position - 1
    output = lab.settle()
    facts.append(
        Fed(
            position - first,
            source.log[first][0],
            source.log[-1][0],
            counts,
            output,
            len(processor.seen),
        )
    )
    return c.Feed(command.words[: position - first])


def checkpoint(lab: "Lab", command: c.Checkpoint, facts: list[Fact]) -> c.Command:
    """Save the state, with the offset beside it."""
    name = _free("cp", 0, lab.saved)[1] if command.name is None else command.name
    if lab.armed is CrashPoint.IN_CHECKPOINT:
        lab.interrupt_checkpoint(name)
        lab.reached(CrashPoint.IN_CHECKPOINT, facts)
        return c.Checkpoint(name)
    replaced = lab.saved.pop(name, None) is not None
    lab.processor.checkpoint(name)
    saved = Saved(name, lab.summary(), lab.source.offset, replaced)
    lab.saved[name] = saved
    facts.append(saved)
    return c.Checkpoint(name)


def restore(lab: "Lab", command: c.Restore, facts: list[Fact]) -> c.Command:
    """Bring the state of a checkpoint back, and the source to its offset."""
    if not lab.saved:
        hint = "checkpoint" if lab.up else "restart"
        raise Refused(KEY_DOES_NOT_EXIST, "no checkpoint was saved", hint)
    name = next(reversed(lab.saved)) if command.name is None else command.name
    saved = lab.saved.get(name)
    if saved is None:
        missing = UnknownCheckpoint(name)
        last = next(reversed(lab.saved))
        hint = f"restore {called(last)}" if isinstance(last, int) else c.typed(c.Restore(last))
        raise Refused(missing.kind, missing.text, hint)
    if not lab.up:
        lab.start()
    lab.processor.restore(name)
    lab.restored_at = (lab.number, name)
    moved = lab.rewind(saved.offset)
    summary = lab.summary()
    due = lab.source.due
    dropped = saved.summary.pending - summary.pending
    facts.append(Restored(name, summary, dropped, moved, due and due[0]))
    return c.Restore(name)


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
    facts.append(Committed(moved, tuple(outputs.slice(line, outputs.line)), outputs.line))
    lab.reached(CrashPoint.AFTER_COMMIT, facts)


def rollback(lab: "Lab", _command: c.Rollback, facts: list[Fact]) -> None:
    """Discard what is pending; the source goes back to the first event undone."""
    gone = tuple(lab.processor.pending)
    if gone:
        lab.set_back("rollback")
    discarded = lab.processor.rollback()
    first = min((lab.source.positions[each.event_id] for each in gone), default=None)
    moved = lab.rewind(lab.source.offset if first is None else first)
    facts.append(RolledBack(discarded, gone, moved))


def _nothing_due(lab: "Lab") -> None:
    """Refuse a new event while an earlier one waits."""
    due = lab.source.due
    if due is not None:
        again = lab.processor.mechanisms.source_replay
        raise refused(
            f"{called(due[0])} is due first", "replay" if again else c.typed(c.Retry(due[0]))
        )


def _free(prefix: str, last: int, taken: Container[EventId]) -> tuple[int, str]:
    """Return the first number after `last` whose name is free, and the name."""
    while True:
        last += 1
        name = f"{prefix}{last}"
        if name not in taken:
            return last, name
