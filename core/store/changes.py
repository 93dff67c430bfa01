"""What a store is told, what it promises, and how it refuses.

The changes of a processor are few: events are applied, a checkpoint is saved or gone
back to, outputs are committed, events are undone. Written down in order they are the
processor's whole history; a store may keep just so much of it as the present needs.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from core.errors import ABORT, CRASH, Refused
from core.journal import Event
from core.outputs import Columns, EventId
from core.processor import CheckpointId, Processor

if TYPE_CHECKING:
    from core.store.recorder import Recorder


class Applied(NamedTuple):
    """Events were applied, each for the first time, in this order: their ids and words."""

    ids: list[EventId]
    words: list[str]

    def redo(self, processor: Processor) -> None:
        """Have a processor apply them again."""
        for event_id, word in zip(self.ids, self.words, strict=True):
            processor.process(event_id, word)


class Saved(NamedTuple):
    """A checkpoint was saved: `length` events were applied, `sink_length` outputs out."""

    name: CheckpointId
    length: int
    sink_length: int


class Restored(NamedTuple):
    """The processor went to a checkpoint."""

    name: CheckpointId


class Committed(NamedTuple):
    """Outputs went to the sink, which held `first` before."""

    first: int
    outputs: Columns


class Undone(NamedTuple):
    """Events were undone by a rollback, until `length` of them were left."""

    length: int


class Logged(NamedTuple):
    """The source's log is these events from position `first` on, counted from 0."""

    first: int
    events: list[Event]


class Moved(NamedTuple):
    """The source's offset: now, or (with a name) when that checkpoint was saved."""

    offset: int
    name: CheckpointId | None = None


class Effects(NamedTuple):
    """What the changes beside it come to: ids, how often each was applied, and shown, by now.

    Only the prompt counts them. Where changes come without, nobody knows any more.
    """

    rows: list[tuple[EventId, int, int]]


Change = Applied | Saved | Restored | Committed | Undone | Logged | Moved | Effects


class Undurable(Refused):
    """The changes could not be written. None of them is on disk."""

    def __init__(self, why: str) -> None:
        """Say why the store cannot be written."""
        super().__init__(CRASH, f"the request could not be made durable: {why}")


class Fenced(Refused):
    """A younger node has the store. This one must never write again."""

    def __init__(self, epoch: int, now: int) -> None:
        """Name this node's epoch and the store's."""
        super().__init__(
            ABORT, f"another node has taken the store over: epoch {now}, this one's was {epoch}"
        )


class Unusable(Exception):  # noqa: N818 - an answer to whoever started the node
    """The store cannot be opened. Its text is one line that says what to do about it."""


class Damaged(Unusable):
    """What is in the tables cannot be what was written."""

    def __init__(self, what: str) -> None:
        """Name what is wrong."""
        super().__init__(f"it is damaged: {what}")


class Store(Protocol):
    """The durable half of a node."""

    def load(self) -> "Recorder":
        """Return the processor as the store has it.

        To be called once before the first `write`, and again after one that failed.
        """
        ...

    def write(self, changes: Sequence[Change]) -> None:
        """Keep these changes, all or none of them; on return they are durable.

        Raises Undurable if that cannot be, Fenced if another node has the store.
        """
        ...

    def check(self) -> None:
        """Raise Fenced if another node has the store, Undurable if that cannot be told."""
        ...

    @property
    def behind(self) -> bool:
        """Whether something is durable, but not where it belongs."""
        ...

    def settle(self) -> None:
        """Put it there. Raises Undurable, Fenced."""
        ...

    def probe(self) -> None:
        """Raise Undurable or Fenced unless something can be written now."""
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...
