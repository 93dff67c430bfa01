"""A store on a real disk: a step that was shown is there after a crash, and in the next session.

Each step is carried out on a processor that notes what it changes. Before the step is shown,
the worker writes it in one transaction: the changes, the source's log and its offset. If the
worker does not reply, it is not known whether the step was written: the processor is then
read from the disk again, as after every crash.
"""

from collections.abc import Container, Mapping, Sequence
from shlex import quote

from core.checkpoints import CheckpointId, Copy, Event
from core.errors import Unusable, refused
from core.lab.disk import Disk, StoreRemoved
from core.lab.durability import Moved, Parts, Pretended, Survived, Times
from core.lab.facts import Applied, Fact, Restored, RolledBack, Saved, Summary
from core.outputs import Columns, EventId
from core.processor import Processor
from core.store.changes import Change
from core.store.recorder import Batch, Recorder, flat


class OnDisk(Pretended):
    """A store at a path, with a worker that is killed in a crash.

    The processor is the right one, with every mechanism on: it is what the disk holds.
    """

    final = True
    disk: Disk

    def __init__(self, disk: Disk) -> None:
        """Use this disk, whose worker runs."""
        super().__init__({})
        self.disk = disk
        self._epoch = 0
        self._foreign = False
        """Whether another node had the store while this processor was down."""
        self._logged = self._offset = 0
        """The length of the source's log, and its offset, as they are on the disk."""
        self._stale: list[CheckpointId] = []
        """Checkpoints whose offset is not on the disk yet."""

    def copy(self) -> Pretended:
        """Return a pretended store that holds the same."""
        twin = super().copy()
        twin._effects = None if self._effects is None else self._effects.copy()  # noqa: SLF001 - its own kind
        return twin

    def open(self, parts: Parts) -> None:
        """Put what the disk holds into a new world. Raises Unusable if it cannot be read."""
        source = parts.source
        parts.processor = self._read(parts)
        source.last = source.offset - 1 if source.offset else None

    def can_travel(self) -> None:
        """Raise Refused: what is on a disk cannot be undone."""
        text = "what is on disk cannot be taken back: a session without --store can"
        raise refused(text, "show disk")

    # Crash and start.

    def lose(self, parts: Parts, facts: Sequence[Fact]) -> Survived:
        """Kill the worker, and drop the processor's memory; return what the disk kept."""
        disk = self.disk
        if disk.running:
            self.write(parts, facts)
            disk.kill()
        kept = self._look(parts)
        parts.processor.crash()
        return Survived(kept, self._epoch if self._epoch > disk.epoch else 0)

    def start(self, parts: Parts) -> Summary | None:
        """Start a worker, and the processor with what the disk holds; return a summary of that.

        Raises Refused if the store cannot be used.
        """
        disk, before = self.disk, self.disk.epoch
        try:
            disk.start()
            self._foreign = disk.epoch > before + 1
            self.kept = self._read(parts)
        except Unusable as fault:
            disk.kill()
            text = f"cannot use the store: {fault}; quit, and then in a shell: "
            raise refused(text + _instead(disk), "quit") from None
        return super().start(parts)

    def recover(self, parts: Parts) -> str:
        """Kill the worker, and read the disk: it has all of the last step, or nothing of it.

        Returns why the disk cannot be read; an empty text if it can.
        """
        self.disk.kill()
        parts.saved = {}  # a checkpoint of the lost step must not be left
        try:
            parts.processor = self._read(parts)
        except Unusable as fault:
            return f", and its store cannot be read: {fault}"
        return ""

    def foreign(self, parts: Parts) -> Mapping[CheckpointId, Copy] | None:
        """Return what each checkpoint holds if another node had the store meanwhile, else None."""
        if not self._foreign:
            return None
        return {name: parts.processor.saved(name) for name in parts.saved}

    # The worker.

    @property
    def ended(self) -> str:
        """How the worker ended, in words; empty while it runs."""
        return "" if self.disk.running else self.disk.end

    def interrupt_checkpoint(self, processor: Processor, name: CheckpointId) -> None:
        """Kill the worker while it writes a checkpoint. Raises WorkerEnded if it fails before."""
        change: Change = ["checkpoint", len(processor.seen), [], name, processor.outputs.committed]
        self.disk.die_in(Batch([change], Columns([], [], [])))

    def interrupt_commit(self, processor: Processor) -> None:
        """Kill the worker while it writes a commit. Raises WorkerEnded if it fails before."""
        outputs = processor.outputs
        moving = outputs.columns(outputs.committed, len(outputs))
        self.disk.die_in(Batch([["commit", len(moving.ids)]], moving))

    def write(self, parts: Parts, facts: Sequence[Fact], changes: Moved | None = None) -> None:
        """Have the worker write what was changed, and the source's state. Raises WorkerEnded.

        After a whole step, `changes` are its changes; then the worker is asked even if nothing
        was changed, to find out whether another node has the store.
        """
        processor, source, saved = parts.processor, parts.source, parts.saved
        assert isinstance(processor, Recorder)
        beside = list[Change]()
        if source.log[self._logged :]:
            beside.append(["source", self._logged, flat(source.log[self._logged :])])
        if source.offset != self._offset:
            beside.append(["offset", source.offset, None])
        names = [*self._stale, *(each.name for each in facts if isinstance(each, Saved))]
        beside += [["offset", saved[name].offset, name] for name in dict.fromkeys(names)]
        effects = self._counted(facts, changes)
        if effects:
            beside.append(["effects", effects])
        batch = processor.drain(*beside)
        if batch.changes or changes is not None:
            self.disk.write(batch)
        self._logged, self._offset, self._stale = len(source.log), source.offset, []

    def _counted(
        self, facts: Sequence[Fact], changes: Moved | None
    ) -> list[tuple[EventId, int, int]] | None:
        """Note how often a step applied and showed events; return the rows to write.

        Rows are (id, times applied, times shown), only where these are not both 1. None if the
        store does not know what was before.
        """
        known = self._effects
        if known is None:
            return None
        new: dict[EventId, Times] = {}
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

    # What is on the disk.

    def _look(self, parts: Parts) -> Summary | None:
        """Read what a crash left, and return a summary; None if it cannot be read."""
        try:
            self.kept = self._read(parts)
        except Unusable:
            self.kept = parts.processor.copy()
            self.kept.crash()  # only checkpoints and sink are certain
            return None
        return Summary.of(self.kept)

    def _read(self, parts: Parts) -> Processor:
        """Set source and checkpoints to what the disk holds; return the processor.

        Events that a node in raw mode processed are in no log. They are put into it before what
        is due, as their requests were answered. An offset beyond the applied events is lowered:
        at worst an event is sent again, which does no harm. Raises Unusable.
        """
        epoch, processor = self.disk.read()
        stood, source = processor.source, parts.source
        if epoch > self._epoch + 1:
            parts.saved = {}  # another node has written in between
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
        parts.saved = {
            name: _checkpoint(name, offset, processor, parts.saved.get(name))
            for name, offset in offsets.items()
        }
        parts.sink_length = processor.outputs.committed
        return processor


def _checkpoint(
    name: CheckpointId, offset: int, processor: Processor, known: Saved | None
) -> Saved:
    """Return a checkpoint as it is on disk; if it is `known` with this offset, return that."""
    if known is not None and known.offset == offset:
        return known
    return Saved(name, Summary.of_copy(processor.saved(name)), offset, replaced=False, sink=None)


def _reach(log: list[Event], seen: Container[object]) -> int:
    """Return how many events at the beginning of a log are in seen, without a gap."""
    return next((n for n, each in enumerate(log) if each[0] not in seen), len(log))


def take_over(path: str) -> str:
    """Return the shell command that gets back a store which another node took over."""
    return f"oncelab --store {quote(path)} --take-over"


def _instead(disk: Disk) -> str:
    """Return the shell command to try if no worker can be started on a store."""
    try:
        if disk.taken():
            return take_over(disk.path)
    except StoreRemoved:
        return "oncelab"
    except Unusable:
        pass
    return f"oncelab store verify {quote(disk.path)}"
