"""A node whose replies leave only after their effect is on disk.

What arrived together is one transaction (a *group commit*): one sync for a thousand
requests. If it fails, none of them has happened, in memory either: each is answered with
an error, and the state is read again from the disk, which is the truth.
"""

from core.errors import ErrorKind, Fenced, Undurable
from core.node import MAX_LINE, Node
from core.store.recorder import Batch
from core.store.sqlite import SqliteStore


class DurableNode(Node):
    """A node before a store."""

    def __init__(
        self, store: SqliteStore, *, max_line: int = MAX_LINE, envelope: bool = False
    ) -> None:
        """Continue where the store stands."""
        self.store, self._recorder = store, store.load()
        super().__init__(self._recorder, max_line=max_line, envelope=envelope)

    def feed(self, data: bytes) -> bytes:
        """Take in bytes; return the replies, whose effects are durable now."""
        if b"\n" not in data:
            return super().feed(data)  # nothing is asked for yet
        if self.fault is not None:
            self._recover()
        rest, skipping = bytes(self._rest), self._skipping
        replies = super().feed(data)
        try:
            batch = self._recorder.drain()
            if batch.changes:
                self.store.write(batch)
            elif replies:
                self.store.check()  # what is a duplicate to this node need not be to a younger
        except (Undurable, Fenced) as fault:
            self.fault = fault
            self._rest[:], self._skipping = rest, skipping
            return super().feed(data)
        return replies

    def _recover(self) -> None:
        """Go on from what is on disk, if it can be written again."""
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
