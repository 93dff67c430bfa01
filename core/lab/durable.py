"""A laboratory whose processor has a durable store: what was answered, a crash cannot take.

Without a `Disk` the store is pretended, and the laboratory is as quick to copy as any: this
is what a search, a sweep and the past of a session work on. With one the crash is real.

Each step is then carried out here first, on a processor that notes what it changes, and
written by the worker before it is shown, all of it in one transaction: the changes, the
source's log and its offset. Where the worker does not answer, nobody knows what became of
the step, so the disk is asked: the processor is read from it again, as after every crash.
"""

from collections.abc import Container, Sequence
from shlex import quote
from typing import Self

from core.checkpoints import CheckpointId, Copy, Event
from core.errors import Unusable, refused
from core.lab import commands as c
from core.lab.changes import Changes
from core.lab.disk import Disk, Gone, Vanished
from core.lab.facts import Applied, Crashed, Fact, Restored, RolledBack, Saved, Summary
from core.lab.faults import CrashPoint
from core.lab.lab import Lab, Step
from core.lab.world import Watch, summary
from core.outputs import Columns, EventId
from core.processor import Processor
from core.store.changes import Change
from core.store.recorder import Batch, Recorder, flat


class DurableLab(Lab):
    """A laboratory on a store; on a real one, if there is a disk."""

    durable = True

    def __init__(self, disk: Disk | None = None) -> None:
        """Go on from what this disk holds. Raises Unusable."""
        super().__init__()
        self.disk = disk
        self._stored = self.processor
        """What the store holds, while the processor is down."""
        self._epoch = 0
        self._foreign = False
        """Whether another node had the store while this processor was down."""
        self._logged = self._offset = 0
        """What the disk has of the source: entries of the log, and the offset."""
        self._stale: list[CheckpointId] = []
        """Checkpoints whose offset the disk has not."""
        self._effects: dict[EventId, tuple[int, int]] | None = {}
        """How often events were applied, and shown; None where the store does not know it."""
        if disk is not None:
            self.processor = self._read(disk)
            self.source.last = self.source.offset - 1 if self.source.offset else None

    def copy(self) -> Self:
        """Return an independent laboratory in the same state, in memory alone."""
        twin = super().copy()
        twin.disk = None
        twin._effects = None if self._effects is None else self._effects.copy()  # noqa: SLF001 - its own kind
        twin._stored = self._stored.copy() if not self.up else twin.processor  # noqa: SLF001 - its own kind
        return twin

    def freeze(self) -> tuple[object, ...]:
        """Return what the future depends on: while the processor is down, the store as well."""
        return (*super().freeze(), None if self.up else self._stored.freeze())

    @property
    def held(self) -> Processor:
        """What the store holds: the processor's memory mirrors it as long as it is up."""
        return self.processor if self.up else self._stored

    def step(self, command: c.Command, watch: Watch = lambda _: True) -> Step:
        """Carry out one command; on return it is durable.

        If the worker has died by itself, the step is that crash instead.
        """
        if self.disk is None:
            return super().step(command, watch)
        befallen = self.notice()
        if befallen is not None:
            return befallen
        number = self.number
        try:
            step = super().step(command, watch)
            if self.up:
                self._write(step.facts, step.changes)
        except Gone as gone:
            self.number = number
            return self._crash_by_itself(str(gone), command)
        return step

    @property
    def alive(self) -> bool:
        """Whether the processor is up, and so is the worker."""
        return self.up and (self.disk is None or self.disk.running)

    def notice(self) -> Step | None:
        """Return the crash that befell the worker since the last step, if one did."""
        if self.disk is None or not self.up or self.disk.running:
            return None
        return self._crash_by_itself(f"the process has {self.disk.end}")

    def can_switch(self) -> None:
        """Raise Refused: a store keeps every mechanism on."""
        text = "a store keeps every mechanism on: a session without --store can switch them"
        raise refused(text, "show mechanisms")

    def start(self) -> None:
        """Start the processor again with what the store holds."""
        if self.disk is not None:
            before = self.disk.epoch
            try:
                self.disk.start()
                self._foreign = self.disk.epoch > before + 1
                self._stored = self._read(self.disk)
            except Unusable as fault:
                self.disk.kill()
                text = f"cannot use the store: {fault}; quit, and then in a shell: "
                raise refused(text + _instead(self.disk), "quit") from None
        self.processor = self._stored
        self.up = True

    def foreign(self) -> dict[CheckpointId, Copy] | None:
        """Return what each checkpoint holds, where another node had the store meanwhile."""
        if self.disk is None or not self._foreign:
            return None
        return {name: self.processor.saved(name) for name in self.saved}

    def die(self, point: CrashPoint | None, facts: list[Fact]) -> None:
        """Lose the processor's memory, not what the store holds, and stay down."""
        disk = self.disk
        kept: Summary | None
        owner = 0
        if disk is None:
            self._stored, kept = self.processor.copy(), summary(self.processor)
        else:
            if disk.running:
                self._write(facts)
                disk.kill()
            kept = self._look(disk)
            owner = self._epoch if self._epoch > disk.epoch else 0
        super().die(point, facts)
        crashed = facts[-1]
        assert isinstance(crashed, Crashed)
        facts[-1] = crashed._replace(kept=kept, owner=owner)

    def interrupt_checkpoint(self, name: CheckpointId) -> None:
        """Kill the worker while it writes a checkpoint."""
        seen, line = len(self.processor.seen), self.processor.outputs.line
        self._interrupt(["checkpoint", seen, [], name, line], Columns([], [], []))

    def interrupt_commit(self) -> None:
        """Kill the worker while it writes a commit."""
        outputs = self.processor.outputs
        moving = outputs.columns(outputs.line, len(outputs))
        self._interrupt(["commit", len(moving.ids)], moving)

    # The worker.

    def _interrupt(self, change: Change, outputs: Columns) -> None:
        if self.disk is not None:
            self.disk.die_in(Batch([change], outputs))

    def effects(self, event_id: EventId) -> tuple[int | None, int | None]:
        """Return how often an event was applied, and shown to a reader, before the first step."""
        known, once = super().effects(event_id)
        if self._effects is None:
            logged = event_id in self.source.positions
            return (None, None) if known or logged else (0, 0)
        return self._effects.get(event_id, (known, once))

    def _write(self, facts: Sequence[Fact], changes: Changes | None = None) -> None:
        """Have the worker write what was changed, and where the source stands. Raises Gone.

        Behind a step, `changes` are what it came to; then the worker is asked even where
        nothing was changed: somebody else may have the store.
        """
        assert self.disk is not None
        assert isinstance(self.processor, Recorder)
        source, beside = self.source, list[Change]()
        if source.log[self._logged :]:
            beside.append(["source", self._logged, flat(source.log[self._logged :])])
        if source.offset != self._offset:
            beside.append(["offset", source.offset, None])
        names = [*self._stale, *(each.name for each in facts if isinstance(each, Saved))]
        beside += [["offset", self.saved[name].offset, name] for name in dict.fromkeys(names)]
        effects = self._counted(facts, changes)
        if effects:
            beside.append(["effects", effects])
        batch = self.processor.take(*beside)
        if batch.changes or changes is not None:
            self.disk.write(batch)
        self._logged, self._offset, self._stale = len(source.log), source.offset, []

    def _counted(
        self, facts: Sequence[Fact], changes: Changes | None
    ) -> list[tuple[EventId, int, int]] | None:
        """Return what this does to the effects the store has, and take it over; None: unknown.

        An event that is in seen or in the sink was applied and shown once, if nothing else
        stands there.
        """
        known = self._effects
        if known is None:
            return None
        new: dict[EventId, tuple[int, int]] = {}
        for fact in facts:
            if isinstance(fact, Applied):
                held = fact.output == "held"
                fired, shown = new.get(fact.event_id, known.get(fact.event_id, (held, held)))
                new[fact.event_id] = fired + 1, shown + (not held)
        new = {i: times for i, times in new.items() if times != (1, 1) or i in known}
        if changes is not None and isinstance(facts[0], Restored | RolledBack):
            for event_id in changes.seen_removed:
                new[event_id] = known.get(event_id, (1, 1))
            for event_id, *_ in changes.pending_added:
                fired, shown = new.get(event_id, known.get(event_id, (1, 1)))
                new[event_id] = fired, shown + 1
        known |= new
        return [(event_id, *times) for event_id, times in new.items()]

    def _crash_by_itself(self, why: str, command: c.Command | None = None) -> Step:
        """Return the crash that befell the worker as a step, with what the disk kept.

        `command` was in hand, if one was.
        """
        assert self.disk is not None
        self.disk.kill()
        self.saved = {}  # of what the lost step saved none may be left
        try:
            self.processor = self._read(self.disk)
        except Unusable as fault:
            why = f"{why}, and its store cannot be read: {fault}"
        self.up = True
        step = super().step(c.Crash())
        (crashed,) = step.facts
        assert isinstance(crashed, Crashed)
        delivering = command is not None and command.delivers
        unanswered = command is not None
        told = crashed._replace(cause=why, unanswered=unanswered, delivering=delivering)
        return step._replace(facts=(told,))

    # What is on the disk.

    def _look(self, disk: Disk) -> Summary | None:
        """Read what a crash left, as evidence; None where it cannot be read."""
        try:
            self._stored = self._read(disk)
        except Unusable:
            self._stored = self.processor.copy()
            self._stored.crash()  # nobody knows what else it holds
            return None
        return summary(self._stored)

    def _read(self, disk: Disk) -> Processor:
        """Take over what the disk holds; return the processor. Raises Unusable.

        The events of a node in raw mode are in no log, and are put there: they were answered,
        so they go before what is due. And no offset is believed that goes beyond what was
        applied: at worst an event is sent again, which does no harm.
        """
        epoch, processor = disk.read()
        stood, source = processor.source, self.source
        if epoch > self._epoch + 1:
            self.saved = {}  # somebody else has written in between
        self._epoch = epoch
        self._effects = None if stood.effects is None else stood.effects.copy()
        source.log = log = stood.log.copy()
        now = min(stood.offset, len(log))
        known = {event_id for event_id, _ in log}
        applied = {each.event_id: each.word for each in processor.sink} | processor.seen
        foreign = [event for event in applied.items() if event[0] not in known]
        log[now:now] = foreign
        source.offset = min(now + len(foreign), _reach(log, processor.seen))
        source.positions = {event_id: place for place, (event_id, _) in enumerate(log)}
        if source.last is not None and source.last >= len(log):
            source.last = None
        offsets = {}
        for name in processor.checkpoints:
            there = stood.offsets.get(name)
            if there is None:  # a raw node saved it
                there = _reach(log, processor.saved(name).seen or {})
            offsets[name] = min(there, now) if foreign else there
        self._stale = [name for name, there in offsets.items() if stood.offsets.get(name) != there]
        self._logged = now if foreign else len(log)
        self._offset = stood.offset
        self.saved = {
            name: self._checkpoint(name, offset, processor) for name, offset in offsets.items()
        }
        self.sink_length = processor.outputs.line
        return processor

    def _checkpoint(self, name: CheckpointId, offset: int, processor: Processor) -> Saved:
        known = self.saved.get(name)
        if known is not None and known.offset == offset:
            return known
        held = processor.saved(name)
        state = Processor()
        state.counts, state.seen = held.counts, held.seen or {}
        whole = summary(state)._replace(pending=len(held.pending))
        return Saved(name, whole, offset, replaced=False, sink=None)


def _reach(log: list[Event], seen: Container[object]) -> int:
    """Return how many events of a log from the first on were applied."""
    return next((n for n, each in enumerate(log) if each[0] not in seen), len(log))


def take_over(path: str) -> str:
    """Return how a shell gets a store back that another node took over."""
    return f"oncelab --store {quote(path)} --take-over"


def _instead(disk: Disk) -> str:
    """Return what a shell can do about a store on which no worker can be started."""
    try:
        if disk.taken():
            return take_over(disk.path)
    except Vanished:
        return "oncelab"
    except Unusable:
        pass
    return f"oncelab store verify {quote(disk.path)}"
