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
from typing import TYPE_CHECKING, Literal, Self

from core.checkpoints import CheckpointId, Copy
from core.lab.facts import SAMPLE, Applied, Crashed, Fact, Saved, Skipped, Summary, Undelivered
from core.lab.faults import CrashPoint
from core.lab.source import Source
from core.mechanisms import EXACTLY_ONCE, Mechanisms
from core.outputs import EventId
from core.processor import Processor

if TYPE_CHECKING:
    from core.lab.disk import Disk

Watch = Callable[[int], bool]
"""Called now and then in a long command with what is done; False stops it there."""


class World:
    """A processor, its source, its checkpoints, and whether it is up.

    `processor`, `source`, `up` and `armed` are there to be read. `number` is that of
    the next command. `durable` is whether a store keeps what was processed; `disk` is that
    store, where it is a real one.
    """

    durable = False
    disk: "Disk | None" = None
    right = True
    """Whether this laboratory does what it should; False in one that is wrong on purpose."""

    @property
    def final(self) -> bool:
        """Whether nothing can be taken back: it is on a real disk."""
        return self.disk is not None

    @property
    def faithful(self) -> bool:
        """Whether laboratory and processor are the right ones, mechanisms on or off.

        Then what a command cannot touch need not be looked at.
        """
        return self.right and self.processor.journaled

    def __init__(
        self,
        mechanisms: Mechanisms = EXACTLY_ONCE,
        processor: Callable[[Mechanisms], Processor] = Processor,
    ) -> None:
        """Start with an empty log and an empty processor (of this class) that is up."""
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
        self.line = 0
        """How long the sink was before the command in hand."""

    def __repr__(self) -> str:
        """Say in a line how it stands."""
        state = "up" if self.up else "down"
        source = f"offset {self.source.offset} of {len(self.source.log)}"
        return f"<{type(self).__name__}: {state}, {source}, {self.held!r}>"

    def copy(self) -> Self:
        """Return an independent laboratory in the same state."""
        twin = type(self).__new__(type(self))  # a search copies a million times: no __init__
        vars(twin).update(vars(self))
        twin.processor, twin.source = self.processor.copy(), self.source.copy()
        twin.saved = self.saved.copy()
        return twin

    def freeze(self) -> tuple[object, ...]:
        """Return what the future depends on as one hashable value."""
        source = self.source
        return (
            self.processor.freeze(),
            (tuple(source.log), source.offset, source.last),
            (self.up, self.armed, self.sink_length),
            tuple((name, saved.offset) for name, saved in self.saved.items()),
        )

    @property
    def alive(self) -> bool:
        """Whether the processor runs: a real one can have died, and nobody has noticed yet."""
        return self.up

    @property
    def held(self) -> Processor:
        """What there is of the processor: its memory, or while it is down what a store kept."""
        return self.processor

    def summary(self) -> Summary:
        """Return what there is in one line."""
        return summary(self.held)

    def checkpoint(self, name: CheckpointId) -> Saved:
        """Return what a checkpoint holds now.

        A right processor never changes it, so it is as it was saved; of a wrong one it is read.
        """
        saved = self.saved[name]
        return saved if self.faithful else saved._replace(summary=_read(self.held, name))

    @property
    def checkpoints(self) -> tuple[Saved, ...]:
        """What each checkpoint holds now, the one saved last at the end."""
        return tuple(map(self.checkpoint, self.saved))

    def foreign(self) -> dict[CheckpointId, Copy] | None:
        """Return what each checkpoint holds, where another node had the store meanwhile."""
        return None

    def effects(self, event_id: EventId) -> tuple[int | None, int | None]:
        """Return how often an event was applied, and shown to a reader, before the first step.

        None is for what a store does not know.
        """
        known = event_id in self.processor.seen or event_id in self.processor.outputs.ids
        return int(known), int(known)

    def can_switch(self) -> None:
        """Raise Refused where the mechanisms cannot be switched."""

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

    def start(self) -> None:
        """Start the processor again, with empty memory."""
        self.up = True

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
            since = islice(outputs.ids, saved.sink, outputs.line)
            return sum(event_id in processor.seen for event_id in since)
        sink = set(outputs.ids[: outputs.line])
        missing = Counter(each.event_id for each in processor.saved(name).pending)
        missing.subtract(outputs.pending_ids())
        return sum(
            number for event_id, number in missing.items() if number > 0 and event_id in sink
        )

    def interrupt_checkpoint(self, name: CheckpointId) -> None:
        """Leave what a checkpoint leaves that dies half way: nothing."""

    def interrupt_commit(self) -> None:
        """Leave what a commit leaves that dies half way: nothing, as its record is missing."""

    def deliver(self, position: int, word: str, facts: list[Fact]) -> None:
        """Send one entry of the log: apply it, then acknowledge it."""
        source = self.source
        source.last = position
        event_id = source.log[position][0]
        if not self.processor.mechanisms.source_replay:
            source.acknowledge(position)  # sent once: what is sent is done with
        if self.armed is CrashPoint.BEFORE_APPLY:
            facts.append(Undelivered(event_id, word))
            self.reached(CrashPoint.BEFORE_APPLY, facts)
            return
        facts.append(self._apply(event_id, word))
        if not self.reached(CrashPoint.BEFORE_ACK, facts):
            source.acknowledge(position)

    def _apply(self, event_id: EventId, word: str) -> Applied | Skipped:
        processor = self.processor
        outputs = processor.outputs
        first_word, length, line = processor.seen.get(event_id), len(outputs), outputs.line
        before = processor.counts.get(word, 0)
        known = () if self.faithful else tuple(processor.seen)
        after, was_duplicate = processor.process(event_id, word)
        dropped = tuple([each for each in known if each not in processor.seen])
        if was_duplicate:
            return Skipped(event_id, word, after, first_word, dropped)
        output: Literal["pending", "sink", "held"] = "held"
        if outputs.line > line:
            output = "sink"
            self.sink_length += outputs.line - line  # a commit of its own
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
        """Lose the processor's memory and stay down."""
        processor, source = self.processor, self.source
        lost = self.summary()
        processor.crash()
        self.up = False
        ids = tuple([event_id for event_id, _ in source.log[:SAMPLE]])
        sink = processor.outputs.line
        hand = source.last if point in _DELIVERING else None
        acknowledged = None if hand is None else hand < source.offset
        facts.append(
            Crashed(
                point,
                lost,
                self.checkpoints,
                sink,
                ids,
                len(source.log),
                out=sink - self.line,
                acknowledged=acknowledged,
            )
        )

    def rewind(self, offset: int) -> tuple[int, int]:
        """Move the source back, if it sends again; return its offset before and after."""
        before = self.source.offset
        if self.processor.mechanisms.source_replay:
            self.source.offset = min(before, offset)
        return before, self.source.offset


def summary(processor: Processor) -> Summary:
    """Return what a processor holds in one line."""
    return Summary(
        counts=tuple(islice(processor.counts.items(), SAMPLE)),
        words=len(processor.counts),
        seen=len(processor.seen),
        pending=len(processor.outputs) - processor.outputs.line,
    )


def _read(processor: Processor, name: CheckpointId) -> Summary:
    """Read off what a checkpoint holds. Costs the state."""
    counts, seen, pending = processor.saved(name)
    some = tuple(islice(counts.items(), SAMPLE))
    return Summary(some, len(counts), None if seen is None else len(seen), len(pending))


_DELIVERING = {CrashPoint.BEFORE_APPLY, CrashPoint.BEFORE_ACK}
"""The points at which an event is in hand."""


def _free(prefix: str, last: int, taken: Container[EventId]) -> tuple[int, str]:
    """Return the first number after `last` whose name is free, and the name."""
    while True:
        last += 1
        name = f"{prefix}{last}"
        if name not in taken:
            return last, name
