"""A processor that notes what it changed, for a store to write down, and does it again.

Processing stays as it is: what was applied is read off `seen` afterwards, whose order is that
of application. So a batch of a thousand events costs the notes of one.

A history of restores may be much longer than what is left of it. When it has grown to a
multiple of the state, a *snapshot* is noted: changes that lead there straight from the empty
state. A processor that only goes on is its own snapshot, and never makes one.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, islice, takewhile
from typing import NamedTuple

from core.checkpoints import CheckpointId, Event, Mark, Places, SavedMark
from core.outputs import Columns, EventId
from core.processor import Processor
from core.store.changes import LISTS, Change

MANY, TIMES = 100_000, 2
"""No snapshot pays before so many events and changes, and so many times the state."""

_SEEN = {"apply", "checkpoint", "restore", "rollback"}
"""Changes that say how many events of seen they leave, and which come."""


class Batch(NamedTuple):
    """What belongs together: changes, and the outputs that they committed."""

    changes: list[Change]
    outputs: Columns = Columns([], [], [])


class SourceState:
    """The source's half of what a store keeps; before a node in raw mode there is none.

    `offsets` has that of each checkpoint; `effects` how often an event was applied, and
    shown, if not once each, and None where nobody counted.
    """

    def __init__(self) -> None:
        """Start with an empty log."""
        self.log: list[Event] = []
        self.offset = 0
        self.offsets: dict[CheckpointId, int] = {}
        self.effects: dict[EventId, tuple[int, int]] | None = {}
        self._by = "node"

    def redo(self, change: Change) -> None:
        """Take over what a change says of the source, or takes from it."""
        match change:
            case ["opened", by]:
                self._by = by
            case ["apply" | "restore" | "rollback", *_] if self._by != "prompt":
                self.effects = None
            case ["checkpoint", _, _, name, _]:
                self.offsets.pop(name, None)  # an older one's
            case ["source", start, events]:
                self.log[start:] = zip(events[::2], events[1::2], strict=True)
            case ["offset", offset, None]:
                self.offset = offset
            case ["offset", offset, name]:
                self.offsets[name] = offset
            case ["effects", None]:
                self.effects = None
            case ["effects", rows]:
                self.effects = {} if self.effects is None else self.effects
                self.effects.update((each, (fired, shown)) for each, fired, shown in rows)

    def snapshot(self) -> Iterator[Change]:
        """Yield the changes that lead from an empty log to this state."""
        yield ["source", 0, flat(self.log)]
        yield ["offset", self.offset, None]
        for name, offset in self.offsets.items():
            yield ["offset", offset, name]
        known = self.effects
        yield ["effects", None if known is None else [[i, *times] for i, times in known.items()]]
        yield ["opened", self._by]


class Recorder(Processor):
    """A processor with every mechanism on, and the changes since they were last taken.

    The mechanisms have to stay on: without them seen is no journal.
    """

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.source = SourceState()
        self._changes: list[Change] = []
        self._noted = self._written = 0
        """How many events of seen, and outputs of the sink, are noted, or taken."""
        self._history = self._base = 0
        """What was done since the last snapshot, and what that one came to."""

    def drain(self, *beside: Change) -> Batch:
        """Return the changes since the last time, a snapshot behind them if it is due.

        Those `beside` are the source's, and go with them.
        """
        self._note_applied()
        taken, self._changes = [*self._changes, *beside], []
        for change in taken:
            self.source.redo(change)
            self._history += _weight(change)
        outputs = self.outputs.columns(self._written, self.outputs.committed)
        self._written = self.outputs.committed
        size = max(self._base, len(self.seen) + len(self.outputs))
        if taken and self._history > MANY + TIMES * size:
            shot = [*self._snapshot(), *self.source.snapshot()]
            self._history, self._base = 0, sum(map(_weight, shot))
            taken += shot
        return Batch(taken, outputs)

    def redo(self, change: Change) -> None:
        """Do a change again that was written down. Raises ValueError if that cannot be."""
        self._history += _weight(change)
        match change:
            case ["apply", length, events]:
                if length < len(self.seen):  # to another branch, or what one row could not hold
                    self._places.unwind(length, self)
                for event_id, word in zip(events[::2], events[1::2], strict=True):
                    self.process(event_id, word)
            case ["checkpoint", _, _, name, out]:
                super().checkpoint(name)
                self._places.saved[name] = SavedMark(self._places.tip, out)
            case ["restore", _, _, name]:
                super().restore(name)
            case ["rollback", *_]:
                super().rollback()
            case ["commit", count] if super().commit() != count:
                raise ValueError(f"a commit of {count} outputs")
            case _:
                self._redo_snapshot(change)
        self.source.redo(change)
        self._noted, self._written = len(self.seen), self.outputs.committed
        if change[0] in _SEEN and self._noted < change[1] + len(change[2]) // 2:
            raise ValueError(f"{self._noted} events, and more were written down")

    def _redo_snapshot(self, change: Change) -> None:
        """Begin anew, take over the sink, put the checkpoints in order, or end it."""
        match change:
            case ["snapshot", *_]:
                vars(self).update(vars(Recorder()))
            case ["sink", _, rows]:
                outputs = Columns(rows[::3], rows[1::3], rows[2::3])
                self.outputs.extend(outputs)
                self.outputs.commit()
                self.in_sink.update(outputs.ids)
            case ["saved", _, _, name, _]:
                saved = self._places.saved
                saved[name] = saved.pop(name)
            case ["whole"]:
                self.in_sink = self.in_sink - self.seen.keys()
                self._base, self._history = self._history, 0

    # The operations, noted.

    def checkpoint(self, name: CheckpointId) -> None:
        """Save a checkpoint, and note it."""
        super().checkpoint(name)
        self._note_applied()
        self._changes.append(["checkpoint", len(self.seen), [], name, self.outputs.committed])

    def restore(self, name: CheckpointId) -> None:
        """Go to a checkpoint, and note it."""
        self._note_applied()
        saved = self._places.saved.get(name)
        length = 0 if saved is None else self._places.fork(saved.mark)[0].length
        super().restore(name)
        self._note("restore", length, name)

    def commit(self) -> int:
        """Commit, and note it."""
        self._note_applied()
        moved = super().commit()
        if moved:
            self._changes.append(["commit", moved])
        return moved

    def rollback(self) -> int:
        """Roll back, and note it."""
        self._note_applied()
        outputs, undone = self.outputs, 0
        if len(outputs) > outputs.committed:
            first = outputs.ids[outputs.committed]
            undone = next(n for n, each in enumerate(reversed(self.seen), 1) if each == first)
        length = len(self.seen) - undone
        discarded = super().rollback()
        if discarded:
            self._note("rollback", length)
        return discarded

    def crash(self) -> None:
        """Lose the memory; what a store has of it, it keeps."""
        super().crash()
        self._changes, self._noted = [], 0

    def copy(self) -> Processor:  # type: ignore[override]  # what is copied, no store keeps
        """Return an independent processor in the same state, which notes nothing."""
        copied, twin = super().copy(), Processor()
        vars(twin).update({name: vars(copied)[name] for name in vars(twin)})
        return twin

    @property
    def _places(self) -> Places:
        assert isinstance(self._checkpoints, Places)
        return self._checkpoints

    def _note_applied(self) -> None:
        """Note the events applied since the last note."""
        if len(self.seen) > self._noted:
            self._note("apply", self._noted)

    def _note(self, kind: str, length: int, *rest: CheckpointId) -> None:
        """Note a change after which these first events are left, and what stands behind them."""
        last = list(islice(reversed(self.seen.items()), len(self.seen) - length))
        self._changes.append([kind, length, flat(reversed(last)), *rest])
        self._noted = len(self.seen)

    def _snapshot(self) -> Iterator[Change]:
        """Yield the changes that lead from the empty state to this one.

        The branches depth first, a stretch from one mark to the next, the present one last.
        """
        yield ["snapshot", 0, []]
        sink = self.outputs.columns(0, self.outputs.committed)
        yield ["sink", 0, [*chain.from_iterable(zip(*sink, strict=True))]]
        places, tip = self._places.saved, self._places.tip
        saved: dict[CheckpointId, Change] = {
            name: [at.mark.length, [], name, at.sink_length] for name, at in places.items()
        }
        here: dict[Mark, list[CheckpointId]] = {}
        for name, at in places.items():
            here.setdefault(at.mark, []).append(name)
        present, behind = set(_back(tip)), dict[Mark | None, list[Mark]]()
        known: set[Mark] = set()
        for mark in (tip, *here):
            for each in takewhile(lambda each: each not in known, _back(mark)):
                known.add(each)
                behind.setdefault(each.parent, []).append(each)
        seen = list(self.seen.items())
        stack = behind[None]
        while stack:
            mark = stack.pop()
            if mark.parent is not None:
                start = mark.parent.length
                events = seen[start : mark.length] if mark in present else mark.events
                yield ["apply", start, flat(events)]
            yield from (["checkpoint", *saved[name]] for name in here.get(mark, []))
            stack += sorted(behind.get(mark, []), key=lambda each: each not in present)
        yield ["apply", tip.length, flat(seen[tip.length :])]
        yield from (["saved", *each] for each in saved.values())
        yield ["whole"]


def flat(events: Iterable[Event]) -> list[EventId]:
    """Return the ids and words of events in one list."""
    return [*chain.from_iterable(events)]


def _back(mark: Mark | None) -> Iterator[Mark]:
    """Yield a mark and those before it."""
    while mark is not None:
        yield mark
        mark = mark.parent


def _weight(change: Change) -> int:
    """Return what a change takes to be done again, an event counting one."""
    return 1 + len(change[2]) // 2 if change[0] in LISTS else 1
