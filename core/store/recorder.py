"""A processor that notes what it changed, for a store to write down.

Processing stays as it is, line for line: what was applied is read off `seen` afterwards,
whose order is that of application. So a batch of a thousand events costs the notes of one.
"""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Self

from core.journal import Mark, Saved
from core.mechanisms import EXACTLY_ONCE, Mechanisms
from core.outputs import Columns, EventId
from core.processor import CheckpointId, Processor
from core.store import changes


class Recorder(Processor):
    """A processor with every mechanism on, and the changes since they were last taken."""

    def __init__(self, mechanisms: Mechanisms = EXACTLY_ONCE) -> None:
        """Start empty. Every mechanism is on: without them seen is no journal."""
        assert mechanisms.exact
        super().__init__(mechanisms)
        self._changes: list[changes.Change] = []
        self._noted = 0
        """How many events of seen are in the changes, or are older than they."""

    @classmethod
    def thaw(
        cls,
        applied: Iterable[tuple[list[EventId], list[str]]],
        sink: Callable[[dict[EventId, str]], Iterable[Columns]],
        tip: Mark,
        checkpoints: dict[CheckpointId, Saved],
    ) -> Self:
        """Return a processor in this state, with nothing to write down."""
        twin = super().thaw(applied, sink, tip, checkpoints)
        twin._noted = len(twin.seen)  # noqa: SLF001 - its own kind
        return twin

    def take(self) -> list[changes.Change]:
        """Return the changes since the last time, in order."""
        self._note_applied()
        taken, self._changes = self._changes, []
        return taken

    def checkpoint(self, name: CheckpointId) -> None:
        """Save a checkpoint, and note it."""
        super().checkpoint(name)
        self._note_applied()
        self._changes.append(changes.Saved(name, len(self.seen), self.outputs.line))

    def restore(self, name: CheckpointId) -> None:
        """Go to a checkpoint, and note it."""
        self._note_applied()
        super().restore(name)
        self._changes.append(changes.Restored(name))
        self._noted = len(self.seen)

    def commit(self) -> int:
        """Commit, and note the outputs."""
        self._note_applied()
        first = self.outputs.line
        moved = super().commit()
        if moved:
            outputs = self.outputs.columns(first, first + moved)
            self._changes.append(changes.Committed(first, outputs))
        return moved

    def rollback(self) -> int:
        """Roll back, and note it; what was done again is noted with what comes next."""
        self._note_applied()
        outputs, undone = self.outputs, 0
        if len(outputs) > outputs.line:
            first = outputs.ids[outputs.line]
            undone = next(n for n, each in enumerate(reversed(self.seen), 1) if each == first)
        length = len(self.seen) - undone
        discarded = super().rollback()
        if discarded:
            self._changes.append(changes.Undone(length))
            self._noted = length
        return discarded

    def switch(self, mechanisms: Mechanisms) -> None:
        """Refuse: a store keeps a processor with every mechanism on."""
        assert mechanisms.exact, "a store keeps a processor with every mechanism on"
        super().switch(mechanisms)

    def _note_applied(self) -> None:
        """Note the events applied since the last note."""
        new = len(self.seen) - self._noted
        if new:
            ids = list(islice(reversed(self.seen), new))
            words = list(islice(reversed(self.seen.values()), new))
            ids.reverse()
            words.reverse()
            self._changes.append(changes.Applied(ids, words))
            self._noted += new
