"""The outputs in the order they were produced, with one line drawn through them.

Below the line is the sink: committed, durable, visible. Above it is what is pending.
A commit moves the line, so it costs the same for one output or a million, and
"all or none" needs no argument. (Kafka draws the same line in a partition and calls
it the last stable offset.)

The outputs stand in three columns instead of one object each: a third of the memory.
"""

from array import array
from sys import intern
from typing import NamedTuple

EventId = str | int


class Output(NamedTuple):
    """What processing one event put out: its id, its word, and the word's count just then."""

    event_id: EventId
    word: str
    count: int  # type: ignore[assignment]  # hides a method of tuple nobody calls here


class Columns(NamedTuple):
    """Outputs column by column: the ids, the words, and the counts."""

    ids: list[EventId]
    words: list[str]
    counts: list[int]


class OutputLog:
    """The sink and the pending outputs, in order."""

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
        """Put one output straight into the sink, past whatever is pending."""
        self.ids.insert(self.committed, event_id)
        self.words.insert(self.committed, word)
        self.counts.insert(self.committed, count)
        self.committed += 1

    def unstage(self) -> None:
        """Take the last pending output back."""
        self.ids.pop()
        self.words.pop()
        self.counts.pop()

    def commit(self) -> int:
        """Move the line behind the last output; return how many it passed."""
        moved = len(self.ids) - self.committed
        self.committed = len(self.ids)
        return moved

    def discard_pending(self) -> None:
        """Drop every pending output."""
        del self.ids[self.committed :], self.words[self.committed :], self.counts[self.committed :]

    @property
    def pending(self) -> list[Output]:
        """The outputs above the line, in order."""
        return self.slice(self.committed, len(self.ids))

    def pending_ids(self) -> list[EventId]:
        """Return the ids of the pending outputs, in order."""
        return self.ids[self.committed :]

    def columns(self, start: int, stop: int) -> Columns:
        """Return the outputs from `start` up to `stop`, counted from the first in the sink."""
        return Columns(self.ids[start:stop], self.words[start:stop], list(self.counts[start:stop]))

    def slice(self, start: int, stop: int) -> list[Output]:
        """Return the same, one by one."""
        return list(map(Output, *self.columns(start, stop)))

    def copy(self) -> "OutputLog":
        """Return an independent copy."""
        twin = OutputLog.__new__(OutputLog)  # all four are set here
        twin.ids, twin.words, twin.counts = self.ids[:], self.words[:], self.counts[:]
        twin.committed = self.committed
        return twin
