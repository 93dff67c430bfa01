"""A store that forgets with the process: the plainest thing that keeps the protocol.

It keeps the whole history and does it again. Slow, and hard to get wrong: the tests hold
the store on SQLite to what this one says.
"""

from typing import Any

from core.store.recorder import Batch, Recorder


class MemoryStore:
    """Every change there ever was."""

    def __init__(self) -> None:
        """Start with no history."""
        self._history: list[list[Any]] = []

    def load(self) -> Recorder:
        """Return a processor that has done it all again."""
        processor = Recorder()
        for change in self._history:
            processor.redo(change)
        return processor

    def write(self, batch: Batch) -> None:
        """Keep these changes."""
        self._history += batch.changes

    def close(self) -> None:
        """Nothing is held."""
