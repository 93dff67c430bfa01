"""A store that forgets with the process: the plainest thing that keeps the protocol.

It keeps the whole history and does it again. Slow, and hard to get wrong: the tests hold
the store on SQLite to what this one says.
"""

from collections.abc import Sequence

from core.store.changes import (
    Applied,
    Change,
    Committed,
    Effects,
    Logged,
    Moved,
    Restored,
    Saved,
    Undone,
)
from core.store.recorder import Recorder


class MemoryStore:
    """Every change there ever was."""

    def __init__(self) -> None:
        """Start with no history."""
        self._history: list[Change] = []

    def load(self) -> Recorder:
        """Return a processor that has done it all again."""
        processor = Recorder()
        for change in self._history:
            _redo(processor, change)
        processor.take()
        return processor

    def write(self, changes: Sequence[Change]) -> None:
        """Keep these changes."""
        self._history += changes

    def check(self) -> None:
        """There is no other node."""

    behind = False

    def settle(self) -> None:
        """Everything is where it belongs."""

    def probe(self) -> None:
        """There is always room."""

    def close(self) -> None:
        """Nothing is held."""


def _redo(processor: Recorder, change: Change) -> None:
    match change:
        case Applied():
            change.redo(processor)
        case Saved(name):
            processor.checkpoint(name)
        case Restored(name):
            processor.restore(name)
        case Committed():
            processor.commit()
        case Undone():
            processor.rollback()
        case Logged() | Moved() | Effects():
            pass  # the prompt's, not the processor's
