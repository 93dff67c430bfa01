"""A node whose replies leave only after their effect is on disk.

What arrived together is one transaction (a *group commit*): one sync for a thousand
requests. If it fails, none of them has happened, in memory either: each is answered with
an error, and the state is read again from the disk, which is the truth.
"""

from collections.abc import Sequence

from core.errors import ABORT
from core.node import MAX_LINE, Node
from core.store.changes import Change, Fenced, Store, Undurable


class DurableNode(Node):
    """A node before a store."""

    def __init__(self, store: Store, *, max_line: int = MAX_LINE, envelope: bool = False) -> None:
        """Continue where the store stands."""
        self._recorder = store.load()
        super().__init__(self._recorder, max_line=max_line, envelope=envelope)
        self.store = store

    def feed(self, data: bytes, beside: Sequence[Change] = ()) -> bytes:
        """Take in bytes; return the replies, whose effects are durable now.

        What is `beside` is written in the same transaction.
        """
        if self.fault is not None:
            self._recover()
        rest, skipping = bytes(self._rest), self._skipping
        replies = super().feed(data)
        try:
            changes = [*self._recorder.take(), *beside]
            if changes:
                self.store.write(changes)
            else:
                self.store.check()  # what is a duplicate to this node need not be to a younger
        except (Undurable, Fenced) as fault:
            self.fault = fault
            self._rest[:], self._skipping = rest, skipping
            return super().feed(data)
        return replies

    @property
    def behind(self) -> bool:
        """Whether the tables lack something that is durable."""
        return self.store.behind

    def settle(self) -> None:
        """Put what is durable into the tables."""
        if self.fault is None:
            try:
                self.store.settle()
            except (Undurable, Fenced) as fault:
                self.fault = fault

    def _recover(self) -> None:
        """Go on from what is on disk, if it can be written again."""
        assert self.fault is not None
        if self.fault.kind is ABORT:
            return
        try:
            self.store.probe()
            self.processor = self._recorder = self.store.load()
        except (Undurable, Fenced) as fault:
            self.fault = fault
        else:
            self.fault = None
