"""All outputs in the order in which they were produced, the committed ones before the pending.

The first `committed` of them are the sink: durable and visible. The rest is pending. A commit
only changes that number, so it costs the same for one output or a million, and it cannot be
done in part. (In a partition of Kafka, the last stable offset is such a number.)

The outputs are stored in three columns, which need much less memory than an object for each.
"""

from array import array
from sys import intern
from typing import NamedTuple

EventId = str | int


class Output(NamedTuple):
    """The output of processing one event: its id, its word, and the word's count at that time."""

    event_id: EventId
    word: str
    count: int  # type: ignore[assignment]  # hides a method of tuple nobody calls here


class Columns(NamedTuple):
    """Outputs as columns of equal length: the ids, the words, and the counts."""

    ids: list[EventId]
    words: list[str]
    counts: list[int]


class OutputLog:
    """The sink (the first `committed` outputs) and the pending outputs behind it, in order."""

    __slots__ = ("committed", "counts", "ids", "words")

    def __init__(self) -> None:
        """Start empty: nothing pending, nothing in the sink."""
        self.ids: list[EventId] = []
        self.words: list[str] = []
        self.counts = array("I")  # four bytes: no memory holds four thousand million events
        self.committed = 0

    def __len__(self) -> int:
        """How many outputs there are, committed and pending."""
        return len(self.ids)

    def stage(self, event_id: EventId, word: str, count: int) -> None:
        """Append one output to what is pending."""
        self.ids.append(event_id)
        self.words.append(word)
        self.counts.append(count)

    def extend(self, outputs: Columns) -> None:
        """Append outputs to what is pending."""
        self.ids += outputs.ids
        self.words += map(intern, outputs.words)  # one string a word, however often it comes
        self.counts.extend(outputs.counts)

    def emit(self, event_id: EventId, word: str, count: int) -> None:
        """Put one output straight into the sink, before all that is pending."""
        self.ids.insert(self.committed, event_id)
        self.words.insert(self.committed, word)
        self.counts.insert(self.committed, count)
        self.committed += 1

    def unstage(self) -> None:
        """Remove the last output, which must be pending."""
        self.ids.pop()
        self.words.pop()
        self.counts.pop()

    def commit(self) -> int:
        """Move all pending outputs to the sink; return how many these were."""
        moved = len(self.ids) - self.committed
        self.committed = len(self.ids)
        return moved

    def discard_pending(self) -> None:
        """Drop every pending output."""
        del self.ids[self.committed :], self.words[self.committed :], self.counts[self.committed :]

    @property
    def pending(self) -> list[Output]:
        """The pending outputs, in order."""
        return self.slice(self.committed, len(self.ids))

    def pending_ids(self) -> list[EventId]:
        """Return the ids of the pending outputs, in order."""
        return self.ids[self.committed :]

    def columns(self, start: int, stop: int) -> Columns:
        """Return outputs `start` to `stop` - 1 as columns; output 0 is the first in the sink."""
        return Columns(self.ids[start:stop], self.words[start:stop], list(self.counts[start:stop]))

    def slice(self, start: int, stop: int) -> list[Output]:
        """Return the outputs of `columns(start, stop)` as a list."""
        return list(map(Output, *self.columns(start, stop)))

    def copy(self) -> "OutputLog":
        """Return an independent copy."""
        twin = OutputLog.__new__(OutputLog)  # all four are set here
        twin.ids, twin.words, twin.counts = self.ids[:], self.words[:], self.counts[:]
        twin.committed = self.committed
        return twin
