"""The laboratory: one processor, one source, and everything that can go wrong.

`step` takes a command and returns what happened and why. A command that means nothing in
the present state is refused and changes nothing. There is no clock and no chance here:
the same commands give the same steps, which is what undo, sharing and the search rest on.

A delivery goes: the source sends the entry, the processor applies it, the source hears
of it (the ack) and moves its offset. Each crash point is a place on this way, or on a
checkpoint's, or on a commit's.
"""

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from core.errors import TEMPORARILY_UNAVAILABLE, Refused
from core.lab import commands as c
from core.lab import disturb, drive
from core.lab.changes import Changes, difference, picture, told
from core.lab.facts import SAMPLE, Applied, Crashed, Fact, Saved, Setback, Skipped, Summary
from core.lab.faults import CrashPoint
from core.lab.source import Source
from core.mechanisms import EXACTLY_ONCE, Mechanisms
from core.outputs import EventId
from core.processor import CheckpointId, Processor

if TYPE_CHECKING:
    from core.store.disk import Disk

Watch = Callable[[int], bool]
"""Called now and then in a long command with what is done; False stops it there."""


class Step(NamedTuple):
    """One command and what came of it. `command` names what was left to choose."""

    number: int
    command: c.Command
    facts: tuple[Fact, ...]
    changes: Changes


class Lab:
    """A processor in a world that fails.

    `processor`, `source`, `up` and `armed` are there to be read. `number` is that of
    the next step. `durable` is whether a store keeps what was processed; `disk` is that
    store, where it is a real one.
    """

    durable = False
    disk: "Disk | None" = None

    @property
    def final(self) -> bool:
        """Whether nothing can be taken back: it is on a real disk."""
        return self.disk is not None

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
        self.applied_at: dict[EventId, int] = {}
        """Step of the last application of each id."""
        self.applications: dict[EventId, int] = {}
        """How often an id was applied, where that is more than once."""
        self.staged: dict[EventId, int] = {}
        """How often an output of an id was produced, where that is more than once."""
        self.sink_length = 0
        """How long the sink is by the whole commits alone."""
        self.before_setback: dict[str, object] | None = None
        """What there was right before the last crash, or the last rollback that undid something."""
        self.setback: Setback = "crash"
        self.crashed_at = 0
        """Step of the last crash that took seen: a restore since then brought it back."""
        self.restored_at: tuple[int, CheckpointId | None] = (0, None)
        self.numbered = 0
        """The last number given to an event without an id."""

    def step(self, command: c.Command, watch: Watch = lambda _: True) -> Step:
        """Carry out one command and tell what changed.

        `watch` can end a feed early; the step then holds the words that were fed.
        Raises Refused, with a hint what to type instead, and then nothing has changed.
        """
        number, offset = self.number, self.source.offset
        before = picture(self) if self.armed or isinstance(command, _SWEEPING) else None
        command, facts = self.apply(command, watch)
        if before is None:
            changes = told(facts, (offset, self.source.offset))
        else:
            changes = difference(before, picture(self))
        return Step(number, command, tuple(facts), changes)

    def apply(
        self, command: c.Command, watch: Watch = lambda _: True
    ) -> tuple[c.Command, list[Fact]]:
        """Carry out one command; return it with its choices made, and the facts."""
        if not self.up and not isinstance(command, c.Restart | c.Restore):
            hint = "restore" if self.saved and not self.durable else "restart"
            raise Refused(TEMPORARILY_UNAVAILABLE, "the processor is down", hint)
        facts: list[Fact] = []
        if isinstance(command, c.Feed):
            command = drive.feed(self, command, facts, watch)
        else:
            command = _HANDLERS[type(command)](self, command, facts) or command
        self.number += 1
        return command, facts

    def copy(self) -> Self:
        """Return an independent laboratory in the same state."""
        twin = type(self).__new__(type(self))  # a search copies a million times: no __init__
        vars(twin).update(vars(self))
        twin.processor, twin.source = self.processor.copy(), self.source.copy()
        twin.saved, twin.applied_at = self.saved.copy(), self.applied_at.copy()
        twin.applications, twin.staged = self.applications.copy(), self.staged.copy()
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

    def notice(self) -> Step | None:
        """Return the crash that befell the processor since the last step, if one did."""
        return None

    @property
    def held(self) -> Processor:
        """What there is of the processor: its memory, or while it is down what a store kept."""
        return self.processor

    def summary(self) -> Summary:
        """Return what there is in one line."""
        return summary(self.held)

    def can_switch(self) -> None:
        """Raise Refused where the mechanisms cannot be switched."""

    # What the commands are made of.

    def start(self) -> None:
        """Start the processor again, with empty memory."""
        self.up = True

    def interrupt_checkpoint(self, name: CheckpointId) -> None:
        """Leave what a checkpoint leaves that dies half way: nothing."""

    def interrupt_commit(self) -> None:
        """Leave what a commit leaves that dies half way: nothing, as its record is missing."""

    def deliver(self, position: int, word: str, facts: list[Fact]) -> None:
        """Send one entry of the log: apply it, then acknowledge it."""
        source = self.source
        source.last = position
        if not self.processor.mechanisms.source_replay:
            source.acknowledge(position)  # sent once: what is sent is done with
        if self.reached(CrashPoint.BEFORE_APPLY, facts):
            return
        facts.append(self._apply(source.log[position][0], word))
        if not self.reached(CrashPoint.BEFORE_ACK, facts):
            source.acknowledge(position)

    def _apply(self, event_id: EventId, word: str) -> Applied | Skipped:
        processor = self.processor
        outputs = processor.outputs
        known, length = event_id in processor.seen, len(outputs)
        before = processor.counts.get(word, 0)
        after, was_duplicate = processor.process(event_id, word)
        if was_duplicate:
            return self._skipped(event_id, word, after)
        applied = event_id in self.applied_at
        if applied:
            self.applications[event_id] = self.applications.get(event_id, 1) + 1
            if len(outputs) > length:
                self.staged[event_id] = self.staged.get(event_id, 1) + 1
        self.applied_at[event_id] = self.number
        output: Literal["pending", "sink", "held"]
        output = self.settle() if len(outputs) > length else "held"
        anew = applied and not known
        return Applied(event_id, word, before, after, known, output, len(processor.seen), anew)

    def settle(self) -> Literal["pending", "sink"]:
        """Tell where outputs went; each one that went straight out is a commit of its own."""
        if self.processor.mechanisms.transactional_output:
            return "pending"
        self.sink_length = self.processor.outputs.line
        return "sink"

    def _skipped(self, event_id: EventId, word: str, count: int) -> Skipped:
        first_word = self.processor.seen.get(event_id, word)
        first_step = self.applied_at.get(event_id, 0)
        step, name = self.restored_at if first_step < self.crashed_at else (None, None)
        return Skipped(event_id, word, count, first_word, first_step, name, step)

    def reached(self, point: CrashPoint, facts: list[Fact]) -> bool:
        """Crash if a crash waits at this point; return whether it did."""
        if self.armed is not point:
            return False
        self.armed = None
        self.die(point, facts)
        return True

    def die(self, point: CrashPoint | None, facts: list[Fact]) -> None:
        """Lose the processor's memory and stay down."""
        processor, log = self.processor, self.source.log
        lost = self.summary()
        self.set_back("crash")
        self.crashed_at = self.number
        processor.crash()
        self.up = False
        ids = tuple([event_id for event_id, _ in log[:SAMPLE]])
        checkpoints = tuple(self.saved.values())
        facts.append(Crashed(point, lost, checkpoints, processor.outputs.line, ids, len(log)))

    def set_back(self, how: Setback) -> None:
        """Remember what there is, right before something of it goes: a replay may bring it back."""
        self.before_setback, self.setback = self._compared(), how

    def _compared(self) -> dict[str, object]:
        """Copy what a replay is compared by with the moment before."""
        processor = self.processor
        return {
            "counts": processor.counts.copy(),
            "seen": processor.seen.copy(),
            "pending": processor.pending,
            "sink": processor.outputs.line,
        }

    def differs(self) -> tuple[str, ...] | None:
        """Name what is not as it was before the last setback; None if there was none."""
        if self.before_setback is None:
            return None
        now = self._compared()
        return tuple(name for name, then in self.before_setback.items() if now[name] != then)

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


_SWEEPING = (c.Crash, c.Restore, c.Restart, c.Rollback)
"""The commands that may change anything: what they change is read off two pictures."""

_HANDLERS: dict[type, Callable[[Lab, Any, list[Fact]], c.Command | None]] = {
    c.Process: drive.process,
    c.Retry: drive.retry,
    c.Checkpoint: drive.checkpoint,
    c.Restore: drive.restore,
    c.Commit: drive.commit,
    c.Rollback: drive.rollback,
    c.Crash: disturb.crash,
    c.Disarm: disturb.disarm,
    c.Restart: disturb.restart,
    c.Replay: disturb.replay,
    c.LoseAck: disturb.lose_ack,
    c.Switch: disturb.switch,
    c.Guarantee: disturb.guarantee,
}
