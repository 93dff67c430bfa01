"""The source: an ordered log of events that can be sent again from any offset.

The log holds each id once, in the order in which it was first sent. The *offset* counts
the entries that were acknowledged; the entry at the offset is *due*.
"""

from typing import Self

from core.checkpoints import Event
from core.outputs import EventId


class Source:
    """The log and how many of its entries were acknowledged."""

    __slots__ = ("_shared", "last", "log", "offset", "positions")

    def __init__(self) -> None:
        """Start with an empty log."""
        self.log: list[Event] = []
        self.positions: dict[EventId, int] = {}
        self.offset = 0
        self._shared = False
        """Whether a copy shares log and positions: then they are copied before the next entry."""
        self.last: int | None = None
        """Position of the entry sent last, whether or not it arrived."""

    @property
    def due(self) -> Event | None:
        """The entry at the offset, or None where everything was acknowledged."""
        return self.log[self.offset] if self.offset < len(self.log) else None

    @property
    def standing(self) -> tuple[EventId | None, int]:
        """The id that is due (None: nothing is), and how many entries wait behind it."""
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
        """Note the entry at this position as sent, whether or not it arrives; return its id."""
        self.last = position
        return self.log[position][0]

    def acknowledge(self, position: int) -> None:
        """Take an ack: move the offset if this entry is due; an ack for another changes nothing."""
        if position == self.offset:
            self.offset += 1

    def copy(self) -> Self:
        """Return an independent copy; they share the log until one of them writes to it."""
        twin = type(self).__new__(type(self))  # all of it is set here
        twin.log, twin.positions = self.log, self.positions
        twin._shared = self._shared = True  # noqa: SLF001 - its own kind
        twin.offset, twin.last = self.offset, self.last
        return twin

    def key(self) -> tuple[int, int, int]:
        """Return a hashable value in which two sources of one search differ: see `World.key`.

        The entry sent last (-1: none) matters only to `lose ack`, and only if it is acknowledged.
        """
        last = self.last
        return len(self.log), self.offset, last if last is not None and last < self.offset else -1

    def fixed(self) -> tuple[object, ...]:
        """Return the rest of what the future depends on: see `World.freeze`."""
        return tuple(self.log), self.last
