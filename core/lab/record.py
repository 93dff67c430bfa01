"""The one record of what happened to each event: all questions about the past are asked here.

Since when an id is in seen, what happened to it, which steps were undone, how often the
counts hold it: each answer is read from the ledger, and computed nowhere else. The ledger
reads the steps when a question is asked, so a step costs nothing here until then. After an
undo it is built anew.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from core.checkpoints import CheckpointId
from core.lab.lab import Lab, Step
from core.lab.ledger import Ledger
from core.lab.moments import APPLICATIONS, EventState, Moment, MomentKind
from core.lab.trails import Entry
from core.outputs import EventId

__all__ = ["EventState", "EventTrace", "Moment", "MomentKind", "Record", "Since"]


class Since(NamedTuple):
    """Since which `step` an id is in seen, and why.

    `restored` is the checkpoint whose restore put it there, `by` the application that did;
    each is None if it was not that. `first` is the first application of the event. `by` and
    `first` are also None where they were before this session.
    """

    step: int
    restored: CheckpointId | None
    by: Moment | None
    first: Moment | None


class EventTrace(NamedTuple):
    """All that happened to an event, and its state now.

    `position` is its place in the source's log, from 0; `due` is whether the source has yet to
    send it (again); `checkpoints` names those that hold it, in seen, counts or pending.
    """

    event_id: EventId
    word: str
    position: int
    due: bool
    moments: tuple[Moment, ...]
    now: EventState
    checkpoints: tuple[CheckpointId, ...]


class Record:
    """What happened in a history so far: `beginning` is its laboratory before the first step.

    `steps` is the history's own list: it grows, and an undo makes it shorter. `places` returns
    id → position in the source's log.
    """

    def __init__(
        self, beginning: Lab, steps: Sequence[Step], places: Callable[[], Mapping[EventId, int]]
    ) -> None:
        """Keep these; the steps are read when a question is asked."""
        self._beginning, self._steps, self._places = beginning, steps, places
        self._ledger = Ledger(beginning, places)
        self._read = 0
        self._last: Step | None = None

    def alike(self, event_id: EventId) -> object:
        """Return a key that two events share only if exactly the same happened to both."""
        return self._now().key(event_id)

    def state(self, event_id: EventId, step: int | None = None) -> EventState:
        """Return the state of an event right after a step; by default, now."""
        return self._now().state(event_id, None if step is None else 2 * step)

    def saved(self, event_id: EventId, name: CheckpointId) -> EventState:
        """Return what a checkpoint holds of an event. KeyError if none has this name."""
        ledger = self._now()
        return ledger.inside(event_id, ledger.checkpoints[name])

    def checkpoints(self, event_id: EventId) -> tuple[CheckpointId, ...]:
        """Return the names of the checkpoints that hold something of an event."""
        ledger = self._now()
        places = ledger.checkpoints.items()
        return tuple(name for name, place in places if ledger.inside(event_id, place).alive)

    def since(self, event_id: EventId, step: int | None = None) -> Since | None:
        """Return since when an id is in seen, asked right before a step (by default, now).

        None if it is not in seen then.
        """
        trail = self._trail(event_id, step)
        if not trail or not trail[-1].state.seen:
            return None
        came = trail[0]
        for before, after in pairwise(trail):
            anew = any(each.what is MomentKind.APPLIED for each in after.moments)
            if after.state.seen and (anew or not before.state.seen):
                came = after
        names = [each.name for each in came.moments if each.what in _BACK]
        first = self._told(event_id, _applications(trail)[:1])
        by = self._told(event_id, _applications([came])[-1:])
        return Since(
            (came.at + 1) // 2,
            names[0] if names else None,
            by[0] if by and by[0].step else None,
            first[0] if first and first[0].step else None,
        )

    def applications(self, event_id: EventId, step: int | None = None) -> tuple[int, ...]:
        """Return the numbers of the steps that applied an event; with `step`, those before it.

        0 stands for an application before this session.
        """
        return tuple(each.step for each in _applications(self._trail(event_id, step)))

    def taken_back(self, step: int) -> int:
        """Return how many applications the rollback in this step took out of the counts."""
        return self._now().taken_back.get(step, 0)

    def undone(self) -> frozenset[int]:
        """Return the numbers of the steps with an application that the counts do not hold now."""
        trails = self._now().trails.values()
        return frozenset(
            each.step
            for trail in trails
            for each in _applications(trail)
            if each.step not in trail[-1].state.counted
        )

    def trace(self, lab: Lab, event_id: EventId) -> EventTrace:
        """Return all that happened to an event of the log; `lab` is the present laboratory."""
        ledger = self._now()
        trail = ledger.trail(event_id)
        moments = [each for entry in trail for each in entry.moments]
        for save in ledger.saves:
            if ledger.inside(event_id, save.place).alive:
                moments.append(Moment(save.step, MomentKind.SAVED, save.name))
            elif save.older is not None and ledger.inside(event_id, save.older).alive:
                moments.append(Moment(save.step, MomentKind.UNSAVED, save.name))
        moments.sort(key=lambda moment: moment.step)
        position = lab.source.positions[event_id]
        word, due = lab.source.log[position][1], position >= lab.source.offset
        told, now = self._told(event_id, moments), ledger.state(event_id)
        return EventTrace(event_id, word, position, due, told, now, self.checkpoints(event_id))

    def _trail(self, event_id: EventId, step: int | None) -> list[Entry]:
        trail = self._now().trail(event_id)
        return trail if step is None else [each for each in trail if each.at <= 2 * step - 2]

    def _told(self, event_id: EventId, moments: Sequence[Moment]) -> tuple[Moment, ...]:
        """Return the moments, with word and counts filled in where a feed applied the event."""
        fed = self._ledger.fed(event_id)
        return tuple(
            fed if fed is not None and (each.step, each.what) == fed[:2] else each
            for each in moments
        )

    def _now(self) -> Ledger:
        """Return the ledger up to date: read the new steps, or after an undo all of them again."""
        steps = self._steps
        if self._read > len(steps) or (self._read and steps[self._read - 1] is not self._last):
            self._ledger, self._read = Ledger(self._beginning, self._places), 0
        for step in steps[self._read :]:
            self._ledger.note(step)
            self._read, self._last = self._read + 1, step
        return self._ledger


_BACK = {MomentKind.BROUGHT_BACK, MomentKind.IN_SEEN}


def _applications(trail: Sequence[Entry]) -> list[Moment]:
    moments = (each for entry in trail for each in entry.moments)
    return [each for each in moments if each.what in APPLICATIONS]
