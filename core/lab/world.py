"""The world of the laboratory: one processor, one source, and the crashes and lost acks.

Here is its state, and the operations that commands use. What happened before is not kept
here but in a history and its record, so a search copies the world alone.

A delivery has three parts: the source sends an entry, the processor applies it, and the
source gets the ack and moves its offset. Each crash point is a moment in a delivery, a
checkpoint or a commit.
"""

from collections import Counter
from collections.abc import Callable, Container
from itertools import islice
from typing import Literal, Self

from core.checkpoints import CheckpointId
from core.lab.crash_points import DELIVERING, CrashPoint
from core.lab.durability import Durability
from core.lab.facts import SAMPLE, Applied, Crashed, Fact, Saved, Skipped, Summary, Undelivered
from core.lab.source import Source
from core.mechanisms import EXACTLY_ONCE, Mechanisms
from core.outputs import EventId
from core.processor import Processor

OnProgress = Callable[[int], bool]
"""Called now and then in long work with how much is done so far; if it returns False, the
work stops there."""


def to_the_end(_done: int) -> bool:
    """Never end a command early."""
    return True


class Unread(list[Fact]):
    """A list of facts that keeps none, for a search that reads none: a crash makes no fact."""

    def append(self, _fact: Fact) -> None:
        """Keep nothing."""


class World:
    """A processor, its source, its checkpoints, and whether it is up.

    `processor`, `source`, `up`, `armed` (the point where a crash waits, or None) and
    `durability` are there to be read. `number` is that of the next command, from 1 on.
    """

    right = True
    """Whether this class does what it should; False in those that are wrong on purpose."""

    def __init__(
        self,
        mechanisms: Mechanisms = EXACTLY_ONCE,
        processor: Callable[[Mechanisms], Processor] = Processor,
        durability: Callable[[], Durability] = Durability,
    ) -> None:
        """Start with an empty log and an empty processor that is up.

        On a real disk both are read from there. Raises Unusable if that cannot be.
        """
        self.processor = processor(mechanisms)
        self.source = Source()
        self.up = True
        self.armed: CrashPoint | None = None
        self.number = 1
        self.saved: dict[CheckpointId, Saved] = {}
        """Name → the checkpoint as it was saved; what it holds now is asked of `checkpoint`."""
        self.sink_length = 0
        """How many outputs the sink should hold: from finished commits, or sent straight out."""
        self.numbered = 0
        """The number of the last id that was chosen for an event: 3 after e3."""
        self.sink_before = 0
        """How many outputs the sink had before the present command."""
        self.durability = durability()
        self.durability.open(self)

    def __repr__(self) -> str:
        """Return the state in one line."""
        state = "up" if self.up else "down"
        source = f"offset {self.source.offset} of {len(self.source.log)}"
        return f"<{type(self).__name__}: {state}, {source}, {self.state!r}>"

    def copy(self) -> Self:
        """Return an independent laboratory in the same state, in memory."""
        twin = type(self).__new__(type(self))  # a search copies a million times: no __init__
        twin.processor, twin.source = self.processor.copy(), self.source.copy()
        twin.up, twin.armed, twin.number = self.up, self.armed, self.number
        twin.saved, twin.sink_length = self.saved.copy(), self.sink_length
        twin.numbered, twin.sink_before = self.numbered, self.sink_before
        twin.durability = self.durability.copy()
        return twin

    def empty(self, mechanisms: Mechanisms | None = None) -> Self:
        """Return an empty laboratory, in memory, with the same kind of processor and durability.

        It has the present mechanisms, or those that are given.
        """
        now = self.processor.mechanisms if mechanisms is None else mechanisms
        kind = type(self.processor.copy())  # in memory also if the store is on disk
        return type(self)(now, kind, self.durability.empty)

    def key(self) -> tuple[object, ...]:
        """Return a hashable value in which two states of one search differ, without checkpoints.

        It leaves out what is the same in all states of a search: an id always has the same word,
        mechanisms do not change, no crash waits between two moves, and every move names its
        id or checkpoint. `freeze` has these as well.
        """
        return self.up, self.sink_length, self.source.key(), self.state.key()

    def freeze(self) -> tuple[object, ...]:
        """Return all that future steps depend on as one hashable value."""
        return (
            self.key(),
            (self.armed, self.free_id()),
            self.source.fixed(),
            self.state.fixed(),
            tuple((name, saved.offset) for name, saved in self.saved.items()),
        )

    @property
    def faithful(self) -> bool:
        """Whether laboratory and processor are the right ones, not mutants; mechanisms may be off.

        Then what a command cannot change need not be compared before and after.
        """
        return self.right and self.processor.journaled

    @property
    def alive(self) -> bool:
        """Whether the processor runs: False also if its process died and no step says so yet."""
        return self.up and not self.durability.ended

    @property
    def state(self) -> Processor:
        """The processor's memory, or while it is down what a store kept of it."""
        kept = self.durability.kept
        return self.processor if kept is None else kept

    @property
    def kept(self) -> Summary | None:
        """A summary of what a store keeps while the processor is down; else None."""
        kept = self.durability.kept
        return None if kept is None else Summary.of(kept)

    def summary(self) -> Summary:
        """Return a summary of the processor's state."""
        return Summary.of(self.state)

    def checkpoint(self, name: CheckpointId) -> Saved:
        """Return what a checkpoint holds now. KeyError if none has this name.

        A right processor never changes a checkpoint, so it is as it was saved; that of a wrong
        one is read again.
        """
        saved = self.saved[name]
        if self.faithful:
            return saved
        return saved._replace(summary=Summary.of_copy(self.state.saved(name)))

    @property
    def checkpoints(self) -> tuple[Saved, ...]:
        """What each checkpoint holds now, the one saved last at the end."""
        if self.faithful:
            return tuple(self.saved.values())
        return tuple(map(self.checkpoint, self.saved))

    def effects(self, event_id: EventId) -> tuple[int | None, int | None]:
        """Return how often an event was applied, and shown to a reader, before the first step.

        A number is None where the store does not know it.
        """
        return self.durability.effects(self, event_id)

    @property
    def resumes_at(self) -> int:
        """The position of the entry that the source sends first, once the processor is up."""
        if self.up or not self.processor.mechanisms.source_replay:
            return self.source.offset
        return self.durability.restart_offset(self.source)

    # The operations that commands use.

    def free_id(self) -> str:
        """Return the next of e1, e2, ... that is neither in the log nor in seen."""
        taken = self.source.positions
        number, event_id = _free("e", self.numbered, taken)
        while event_id in self.processor.seen:  # of an event that only a raw node saw
            number, event_id = _free("e", number, taken)
        return event_id

    def free_name(self) -> str:
        """Return the first of cp1, cp2, ... under which no checkpoint is saved."""
        return _free("cp", 0, self.saved)[1]

    def next_id(self) -> str:
        """Return the id of `free_id`, and note its number as given."""
        event_id = self.free_id()
        self.numbered = int(event_id.removeprefix("e"))
        return event_id

    def start(self) -> Summary | None:
        """Start the processor again; return what a store gave back, None for empty memory.

        Raises Refused where it cannot be started.
        """
        kept = self.durability.start(self)
        self.up = True
        return kept

    def holding(self) -> Summary:
        """Return a summary of what a checkpoint saves now, with the present mechanisms."""
        whole = self.summary()
        return whole if self.processor.mechanisms.seen_in_checkpoints else whole._replace(seen=None)

    def in_sink(self, name: CheckpointId, saved: Saved) -> int:
        """Return how many outputs of a checkpoint are in the sink, and so not pending again.

        To be asked right after its restore, with what was `saved`.
        """
        processor = self.processor
        outputs = processor.outputs
        if processor.journaling and saved.sink is not None:  # those committed since the save
            since = islice(outputs.ids, saved.sink, outputs.committed)
            return sum(event_id in processor.seen for event_id in since)
        sink = set(outputs.ids[: outputs.committed])
        missing = Counter(each.event_id for each in processor.saved(name).pending)
        missing.subtract(outputs.pending_ids())
        return sum(
            number for event_id, number in missing.items() if number > 0 and event_id in sink
        )

    def interrupt_checkpoint(self, name: CheckpointId) -> None:
        """Do what a crash in the middle of a checkpoint leaves done: nothing."""
        self.durability.interrupt_checkpoint(self.processor, name)

    def interrupt_commit(self) -> None:
        """Do what a crash in the middle of a commit leaves done: nothing (all or none)."""
        self.durability.interrupt_commit(self.processor)

    def deliver(self, position: int, word: str, facts: list[Fact]) -> None:
        """Send one entry of the log, apply it and acknowledge it, unless a crash comes between."""
        event_id = self.send(position)
        if self.arrive(event_id, word, facts):
            self.acknowledge(position, facts)

    def send(self, position: int) -> EventId:
        """Have the source send the entry at this position; return its id."""
        if not self.processor.mechanisms.source_replay:
            self.source.acknowledge(position)  # it is never sent again
        return self.source.send(position)

    def arrive(self, event_id: EventId, word: str, facts: list[Fact]) -> bool:
        """Have the processor apply an event; return False if it crashes before that."""
        if self.armed is CrashPoint.BEFORE_APPLY:
            facts.append(Undelivered(event_id, word))
            return not self.reached(CrashPoint.BEFORE_APPLY, facts)
        facts.append(self._apply(event_id, word))
        return True

    def acknowledge(self, position: int, facts: list[Fact]) -> None:
        """Give the source the ack for an entry, unless a crash comes before that."""
        if not self.reached(CrashPoint.BEFORE_ACK, facts):
            self.source.acknowledge(position)

    def _apply(self, event_id: EventId, word: str) -> Applied | Skipped:
        processor = self.processor
        outputs = processor.outputs
        first_word, length, line = processor.seen.get(event_id), len(outputs), outputs.committed
        before = processor.counts.get(word, 0)
        known = () if self.faithful else tuple(processor.seen)
        after, was_duplicate = processor.process(event_id, word)
        dropped = tuple([each for each in known if each not in processor.seen])
        if was_duplicate:
            return Skipped(event_id, word, after, first_word, dropped)
        output: Literal["pending", "sink", "held"] = "held"
        if outputs.committed > line:
            output = "sink"
            self.sink_length += outputs.committed - line  # a commit of its own
        elif len(outputs) > length:
            output = "pending"
        again, seen = first_word is not None, len(processor.seen)
        return Applied(event_id, word, before, after, again, output, seen, dropped)

    @property
    def output(self) -> Literal["pending", "sink"]:
        """Where new outputs go with the present mechanisms."""
        return "pending" if self.processor.mechanisms.transactional_output else "sink"

    def reached(self, point: CrashPoint, facts: list[Fact]) -> bool:
        """Crash if a crash waits at this point; return whether there was one."""
        if self.armed is not point:
            return False
        self.armed = None
        self.die(point, facts)
        return True

    def die(self, point: CrashPoint | None, facts: list[Fact]) -> None:
        """Crash: lose the processor's memory, but not what a store holds, and go down."""
        lost = Summary.of(self.processor)
        kept, owner = self.durability.lose(self, facts)
        self.up = False
        if isinstance(facts, Unread):
            return  # making the fact would take longer than the crash
        source, sink = self.source, self.processor.outputs.committed
        hand = source.last if point in DELIVERING else None
        facts.append(
            Crashed(
                point,
                lost,
                self.checkpoints,
                sink,
                tuple([event_id for event_id, _ in source.log[:SAMPLE]]),
                len(source.log),
                out=sink - self.sink_before,
                acknowledged=None if hand is None else hand < source.offset,
                kept=kept,
                owner=owner,
            )
        )

    def rewind(self, offset: int) -> tuple[int, int]:
        """Move the source back to an offset, if source-replay is on, and never forward.

        Returns its offset before and after.
        """
        before = self.source.offset
        if self.processor.mechanisms.source_replay:
            self.source.offset = min(before, offset)
        return before, self.source.offset


def _free(prefix: str, last: int, taken: Container[EventId]) -> tuple[int, str]:
    """Return the first number after `last` whose name is free, and the name."""
    while True:
        last += 1
        name = f"{prefix}{last}"
        if name not in taken:
            return last, name
