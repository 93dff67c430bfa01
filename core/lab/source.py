"""The source: an ordered log of events that can be sent again from any offset.

The log holds each id once, in the order in which it was first sent. The *offset* counts
the entries that were acknowledged; the entry at the offset is *due*.
"""

from typing import Self

from core.checkpoints import Event
from core.outputs import EventId


class Source:
    """The log and how far it was acknowledged."""

    __slots__ = ("_shared", "last", "log", "offset", "positions")

    def __init__(self) -> None:
        """Start with an empty log."""
        self.log: list[Event] = []
        self.positions: dict[EventId, int] = {}
        self.offset = 0
        self._shared = False
        """Whether a copy has the same log and positions: the next entry needs its own."""
        self.last: int | None = None
        """Position of the entry sent last, whether or not it arrived."""

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
        if self._shared:
            self.log, self.positions, self._shared = self.log.copy(), self.positions.copy(), False
        position = self.positions[event_id] = len(self.log)
        self.log.append((event_id, word))
        return position

    def send(self, position: int) -> EventId:
        """Send the entry at this position, and say which id it has. Whether it arrives is open."""
        self.last = position
        return self.log[position][0]

    def acknowledge(self, position: int) -> None:
        """Hear that the entry at this position was processed."""
        if position == self.offset:
            self.offset += 1

    def copy(self) -> Self:
        """Return an independent copy; the log is copied once one of them goes on."""
        twin = type(self).__new__(type(self))  # all of it is set here
        twin.log, twin.positions = self.log, self.positions
        twin._shared = self._shared = True  # noqa: SLF001 - its own kind
        twin.offset, twin.last = self.offset, self.last
        return twin

    def key(self) -> tuple[int, int, int]:
        """Return what tells it from others that sent the same events: see `World.key`.

        Which was sent last matters to a lost ack alone, and only where it was acknowledged.
        """
        last = self.last
        return len(self.log), self.offset, last if last is not None and last < self.offset else -1

    def fixed(self) -> tuple[object, ...]:
        """Return the rest of what the future depends on: see `World.freeze`."""
        return tuple(self.log), self.last
