"""The source: an ordered log of events that can be sent again from any offset.

The log holds each id once, in the order in which it was first sent. The *offset* counts
the entries that were acknowledged; the entry at the offset is *due*.
"""

from typing import Self

from core.checkpoints import Event
from core.outputs import EventId


class Source:
    """The log and how far it was acknowledged."""

    __slots__ = ("last", "log", "offset", "positions")

    def __init__(self) -> None:
        """Start with an empty log."""
        self.log: list[Event] = []
        self.positions: dict[EventId, int] = {}
        self.offset = 0
        self.last: int | None = None
        """Position of the entry delivered last."""

    @property
    def due(self) -> Event | None:
        """The entry at the offset, or None where everything was acknowledged."""
        return self.log[self.offset] if self.offset < len(self.log) else None

    @property
    def standing(self) -> tuple[EventId | None, int]:
        """What is due, if anything is, and how many entries wait behind that."""
        due = self.due
        return (None, 0) if due is None else (due[0], len(self.log) - self.offset - 1)

    def append(self, event_id: EventId, word: str) -> int:
        """Write a new entry to the log; return its position."""
        position = self.positions[event_id] = len(self.log)
        self.log.append((event_id, word))
        return position

    def acknowledge(self, position: int) -> None:
        """Note that the entry at this position was processed."""
        if position == self.offset:
            self.offset += 1

    def copy(self) -> Self:
        """Return an independent copy."""
        twin = type(self).__new__(type(self))  # all four are set here
        twin.log, twin.positions = self.log.copy(), self.positions.copy()
        twin.offset, twin.last = self.offset, self.last
        return twin
