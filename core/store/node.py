"""A node that sends a reply only after its effect is on disk.

Requests that arrive together are one transaction (a *group commit*): one sync for a thousand
of them. If it fails, none of them has taken effect, unless the text of the error says that it
may be on disk: each is answered with that error, and the state is read again from the disk.
"""

from core.errors import ErrorKind, Fenced, Undurable
from core.node import MAX_LINE, Node
from core.store.recorder import Batch
from core.store.sqlite import SqliteStore


class DurableNode(Node):
    """A node whose processor is kept in a store."""

    def __init__(
        self, store: SqliteStore, *, max_line: int = MAX_LINE, envelope: bool = False
    ) -> None:
        """Continue from what the store holds. Raises Undurable if it cannot be read."""
        self.store, self._recorder = store, store.load()
        super().__init__(self._recorder, max_line=max_line, envelope=envelope)

    def feed(self, data: bytes) -> bytes:
        """Take in bytes; return the replies to complete lines, whose effects are durable now."""
        if b"\n" not in data:
            return super().feed(data)  # no line is complete yet
        if self.fault is not None:
            self._recover()
        rest, skipping = bytes(self._rest), self._skipping
        replies = super().feed(data)
        try:
            batch = self._recorder.drain()
            if batch.changes:
                self.store.write(batch)
            elif replies:
                self.store.check()  # a duplicate here may be a new event to the present owner
        except (Undurable, Fenced) as fault:
            self.fault = fault
            self._rest[:], self._skipping = rest, skipping
            return super().feed(data)
        return replies

    def _recover(self) -> None:
        """Continue from what is on disk if it can be written again; a fenced node never does."""
        assert self.fault is not None
        if self.fault.kind is ErrorKind.ABORT:
            return
        try:
            self.store.write(Batch([]))
            self.processor = self._recorder = self.store.load()
        except (Undurable, Fenced) as fault:
            self.fault = fault
        else:
            self.fault = None
