"""Where a checkpoint stands: a place in the journal of applied events, or a whole copy.

The journal is a tree, because after a restore the processor may go on differently
than before. Its nodes are marks; each mark stands for the events from its parent to
itself. Of the marks on the current branch the events are found in `seen`; a mark on
another branch keeps them itself, from the moment they were undone. (Undoing costs the
events undone, so writing them down then adds nothing to what it costs.)

What a mark stands for never changes. That is why copies of a processor may share marks.
"""

from typing import NamedTuple

from core.outputs import EventId, Output

Event = tuple[EventId, str]


class Mark:
    """One place in the journal.

    `parent` is the mark before it (none for the empty journal), `length` how many
    events lead here from the empty state, and `events` the last of them, those since
    the parent; empty as long as no one has undone them.
    """

    __slots__ = ("events", "length", "parent")

    def __init__(self, parent: "Mark | None", length: int) -> None:
        """Mark the place `length` events after the empty state, behind `parent`."""
        self.parent = parent
        self.length = length
        self.events: list[Event] = []

    def cut(self, length: int) -> "Mark":
        """Set a mark inside this one's stretch, `length` events from the start; return it."""
        assert self.parent is not None
        assert self.parent.length < length < self.length
        middle = Mark(self.parent, length)
        if self.events:
            here = length - self.parent.length
            middle.events, self.events = self.events[:here], self.events[here:]
        self.parent = middle
        return middle


def fork(tip: Mark, target: Mark) -> tuple[Mark, list[Mark]]:
    """Return the last mark that two branches share, and the marks from there to `target`.

    Each mark passed has at least one event of its own, so the walk costs no more than
    undoing and redoing these events.
    """
    behind: list[Mark] = []
    while tip is not target:
        if tip.length >= target.length:
            assert tip.parent is not None
            tip = tip.parent
        else:
            assert target.parent is not None
            behind.append(target)
            target = target.parent
    behind.reverse()
    return tip, behind


class SavedMark(NamedTuple):
    """A checkpoint as a place: the mark, and how long the sink was when it was saved."""

    mark: Mark
    sink_length: int


class Copy(NamedTuple):
    """A checkpoint as a copy. `seen` is None where it was saved without."""

    counts: dict[str, int]
    seen: dict[EventId, str] | None
    pending: list[Output]
