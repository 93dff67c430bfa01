"""The world of the laboratory: one processor, one source, and everything that can go wrong.

Here is its state, and what the commands are made of. What happened before is not kept here
but in a history and its record, so a search copies the world alone.

A delivery goes: the source sends the entry, the processor applies it, the source hears
of it (the ack) and moves its offset. Each crash point is a place on this way, or on a
checkpoint's, or on a commit's.
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
"""Called now and then in a long command with what is done; False stops it there."""


class Unread(list[Fact]):
    """Where the facts go that nobody reads: it keeps none, and a crash is not even told."""

    def append(self, _fact: Fact) -> None:
        """Keep nothing."""


class World:
    """A processor, its source, its checkpoints, and whether it is up.

    `processor`, `source`, `up`, `armed` and `durability` are there to be read. `number` is
    that of the next command.
    """

    right = True
    """Whether this laboratory does what it should; False in one that is wrong on purpose."""

    def __init__(
        self,
        mechanisms: Mechanisms = EXACTLY_ONCE,
        processor: Callable[[Mechanisms], Processor] = Processor,
        durability: Callable[[], Durability] = Durability,
    ) -> None:
        """Start with an empty log and an empty processor (of this class) that is up.

        On a real disk both are as they stand there. Raises Unusable.
        """
        self.processor = processor(mechanisms)
        self.source = Source()
        self.up = True
        self.armed: CrashPoint | None = None
        self.number = 1
        self.saved: dict[CheckpointId, Saved] = {}
        """The checkpoints as they were saved; what they hold now is `checkpoint`'s to say."""
        self.sink_length = 0
        """How long the sink is by the whole commits alone."""
        self.numbered = 0
        """The last number given to an event without an id."""
        self.sink_before = 0
        """How long the sink was before the command in hand."""
        self.durability = durability()
        self.durability.open(self)

    def __repr__(self) -> str:
        """Say in a line how it stands."""
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
        """Return an empty one, in memory, with the same kind of processor and durability.

        It has the present mechanisms, or those that are given.
        """
        now = self.processor.mechanisms if mechanisms is None else mechanisms
        kind = type(self.processor.copy())  # of what a disk holds, the kind in memory
        return type(self)(now, kind, self.durability.empty)

    def key(self) -> tuple[object, ...]:
        """Return what tells this state from the others of one search, but for checkpoints.

        There an id always has the same word, and mechanisms do not change; no crash waits
        between two moves; what is sent has an id, and what is restored a name. What else the
        future depends on is in `freeze`.
        """
        return self.up, self.sink_length, self.source.key(), self.state.key()

    def freeze(self) -> tuple[object, ...]:
        """Return all that the future depends on as one hashable value."""
        return (
            self.key(),
            (self.armed, self.free_id()),
            self.source.fixed(),
            self.state.fixed(),
            tuple((name, saved.offset) for name, saved in self.saved.items()),
        )

    @property
    def faithful(self) -> bool:
        """Whether laboratory and processor are the right ones, mechanisms on or off.

        Then what a command cannot touch need not be looked at.
        """
        return self.right and self.processor.journaled

    @property
    def alive(self) -> bool:
        """Whether the processor runs: a real one can have died, and nobody has noticed yet."""
        return self.up and not self.durability.ended

    @property
    def state(self) -> Processor:
        """What there is of the processor: its memory, or while it is down what a store kept."""
        kept = self.durability.kept
        return self.processor if kept is None else kept

    @property
    def kept(self) -> Summary | None:
        """What a store keeps while the processor is down, in one line; else None."""
        kept = self.durability.kept
        return None if kept is None else Summary.of(kept)

    def summary(self) -> Summary:
        """Return what there is in one line."""
        return Summary.of(self.state)

    def checkpoint(self, name: CheckpointId) -> Saved:
        """Return what a checkpoint holds now.

        A right processor never changes it, so it is as it was saved; of a wrong one it is read.
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

        None is for what a store does not know.
        """
        return self.durability.effects(self, event_id)

    @property
    def resumes_at(self) -> int:
        """From which entry on the source sends, once the processor is up."""
        if self.up or not self.processor.mechanisms.source_replay:
            return self.source.offset
        return self.durability.restart_offset(self.source)

    # What the commands are made of.

    def free_id(self) -> str:
        """Return the next of e1, e2, and so on that neither the log nor the processor knows."""
        taken = self.source.positions
        number, event_id = _free("e", self.numbered, taken)
        while event_id in self.processor.seen:  # of an event that only a raw node saw
            number, event_id = _free("e", number, taken)
        return event_id

    def free_name(self) -> str:
        """Return the next of cp1, cp2, and so on under which no checkpoint was saved."""
        return _free("cp", 0, self.saved)[1]

    def next_id(self) -> str:
        """Give out that id."""
        event_id = self.free_id()
        self.numbered = int(event_id.removeprefix("e"))
        return event_id

    def start(self) -> Summary | None:
        """Start the processor again; return what it came up with, None for empty memory.

        Raises Refused where it cannot be started.
        """
        kept = self.durability.start(self)
        self.up = True
        return kept

    def holding(self) -> Summary:
        """Return what a right processor saves under the present mechanisms."""
        whole = self.summary()
        return whole if self.processor.mechanisms.seen_in_checkpoints else whole._replace(seen=None)

    def in_sink(self, name: CheckpointId, saved: Saved) -> int:
        """Return how many outputs of a checkpoint, right after its restore, the sink holds.

        Those that are pending all the same do not count.
        """
        processor = self.processor
        outputs = processor.outputs
        if processor.journaling and saved.sink is not None:  # they are those committed since
            since = islice(outputs.ids, saved.sink, outputs.committed)
            return sum(event_id in processor.seen for event_id in since)
        sink = set(outputs.ids[: outputs.committed])
        missing = Counter(each.event_id for each in processor.saved(name).pending)
        missing.subtract(outputs.pending_ids())
        return sum(
            number for event_id, number in missing.items() if number > 0 and event_id in sink
        )

    def interrupt_checkpoint(self, name: CheckpointId) -> None:
        """Leave what a checkpoint leaves that dies half way: nothing."""
        self.durability.interrupt_checkpoint(self.processor, name)

    def interrupt_commit(self) -> None:
        """Leave what a commit leaves that dies half way: nothing, as its record is missing."""
        self.durability.interrupt_commit(self.processor)

    def deliver(self, position: int, word: str, facts: list[Fact]) -> None:
        """Send one entry of the log; where it arrives it is applied, and then acknowledged."""
        event_id = self.send(position)
        if self.arrive(event_id, word, facts):
            self.acknowledge(position, facts)

    def send(self, position: int) -> EventId:
        """Have the source send an entry of its log, and say which id it has."""
        if not self.processor.mechanisms.source_replay:
            self.source.acknowledge(position)  # sent once: what is sent is done with
        return self.source.send(position)

    def arrive(self, event_id: EventId, word: str, facts: list[Fact]) -> bool:
        """Have the processor apply what was sent; False if it crashes before that."""
        if self.armed is CrashPoint.BEFORE_APPLY:
            facts.append(Undelivered(event_id, word))
            return not self.reached(CrashPoint.BEFORE_APPLY, facts)
        facts.append(self._apply(event_id, word))
        return True

    def acknowledge(self, position: int, facts: list[Fact]) -> None:
        """Have the source hear that an entry was applied, if no crash comes before that."""
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
        """Where outputs go under the present mechanisms."""
        return "pending" if self.processor.mechanisms.transactional_output else "sink"

    def reached(self, point: CrashPoint, facts: list[Fact]) -> bool:
        """Crash if a crash waits at this point; return whether it did."""
        if self.armed is not point:
            return False
        self.armed = None
        self.die(point, facts)
        return True

    def die(self, point: CrashPoint | None, facts: list[Fact]) -> None:
        """Lose the processor's memory, not what a store holds, and stay down."""
        lost = Summary.of(self.processor)
        kept, owner = self.durability.lose(self, facts)
        self.up = False
        if isinstance(facts, Unread):
            return  # to tell it takes longer than to crash
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
        """Move the source back, if it sends again; return its offset before and after."""
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
