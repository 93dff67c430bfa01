"""A processor that notes its changes, for a store to write, and can do written ones again.

`process` notes nothing: the applied events are read from `seen` afterwards, which has them in
the order of application. So a thousand events are noted as one change.

A history with many restores may be much longer than the state it leads to. When it has grown
to a multiple of the state, a *snapshot* is noted: changes that lead from the empty state
straight to the present one.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, islice, takewhile
from typing import NamedTuple

from core.checkpoints import CheckpointId, Event, Mark, Places, SavedMark
from core.outputs import Columns, EventId
from core.processor import Processor
from core.store.changes import LISTS, Change

MANY, TIMES = 100_000, 2
"""A snapshot is made when the history has more events and changes than MANY, and besides more
than TIMES the size of the state."""

_SEEN = {"apply", "checkpoint", "restore", "rollback"}
"""Changes that say how many events of seen stay, and which are added."""


class Batch(NamedTuple):
    """Changes that are written in one transaction, and the outputs that they committed."""

    changes: list[Change]
    outputs: Columns = Columns([], [], [])


class SourceState:
    """The state of the source in a store; empty in the store of a node, which has no source.

    `offsets` is checkpoint → its offset. `effects` is id → how often the event was applied, and
    shown, if not once each; None if that was not counted.
    """

    def __init__(self) -> None:
        """Start with an empty log."""
        self.log: list[Event] = []
        self.offset = 0
        self.offsets: dict[CheckpointId, int] = {}
        self.effects: dict[EventId, tuple[int, int]] | None = {}
        self._by = "node"

    def redo(self, change: Change) -> None:
        """Do what a change does to the source; most changes do nothing to it."""
        match change:
            case ["opened", by]:
                self._by = by
            case ["apply" | "restore" | "rollback", *_] if self._by != "prompt":
                self.effects = None
            case ["checkpoint", _, _, name, _]:
                self.offsets.pop(name, None)  # that of an older one
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
    """A processor with every mechanism on, and its changes since the last `drain`.

    The mechanisms must stay on: without them seen is not a journal.
    """

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.source = SourceState()
        self._changes: list[Change] = []
        self._noted = self._written = 0
        """How many events of seen are noted in changes; how many outputs were drained."""
        self._history = self._base = 0
        """The weight of the changes since the last snapshot; the weight of that snapshot."""

    def drain(self, *beside: Change) -> Batch:
        """Return the changes since the last call, and after them a snapshot if it is time.

        The changes `beside`, which are the source's, are written in the same batch.
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
        """Do a written change again. Raises ValueError if it does not fit the state."""
        self._history += _weight(change)
        match change:
            case ["apply", length, events]:
                if length < len(self.seen):  # another branch, or a change split in two
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
        """Do one change of a snapshot again; other changes do nothing here."""
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

    # The operations, which note their changes.

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
        """Lose the memory, and the changes not drained; the store keeps what was written."""
        super().crash()
        self._changes, self._noted = [], 0

    def copy(self) -> Processor:  # type: ignore[override]  # what is copied, no store keeps
        """Return an independent processor in the same state: a plain one, which notes nothing."""
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
        """Note a change of this kind: `length` events of seen stayed, and those after are new."""
        last = list(islice(reversed(self.seen.items()), len(self.seen) - length))
        self._changes.append([kind, length, flat(reversed(last)), *rest])
        self._noted = len(self.seen)

    def _snapshot(self) -> Iterator[Change]:
        """Yield the changes that lead from the empty state to this one.

        They go through the tree of marks depth first, one `apply` from a mark to the next, and
        take the present branch last.
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
    """Yield a mark, its parent, and so on to the first mark."""
    while mark is not None:
        yield mark
        mark = mark.parent


def _weight(change: Change) -> int:
    """Return about how much work a change is when done again: 1, and 1 for each event."""
    return 1 + len(change[2]) // 2 if change[0] in LISTS else 1
