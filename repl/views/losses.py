"""Which steps worked for nothing: what they applied was lost in a crash, or undone, for good."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from core.lab.facts import Applied, Crashed, Fed, Restored, Saved
from core.lab.lab import Step
from core.outputs import EventId

if TYPE_CHECKING:
    from core.processor import CheckpointId


def lost(steps: Sequence[Step]) -> set[int]:
    """Return the places, from 0, of the steps whose applications are gone, even in part."""
    walk = _Walk()
    for place, step in enumerate(steps):
        walk.go(place, step)
    return walk.lost.union(*walk.gone.values())


class _Walk:
    """The steps while they go by: where each id was applied, and what became of that."""

    def __init__(self) -> None:
        self.live: dict[EventId, set[int]] = {}
        self.gone: dict[EventId, set[int]] = {}
        """Gone, but a checkpoint may bring it back."""
        self.lost: set[int] = set()
        self.saved: dict[CheckpointId, int] = {}

    def go(self, place: int, step: Step) -> None:
        """Note what one step applied, lost and brought back."""
        first, applied = step.facts[0], set(_applied(step))
        self._lose(step.changes.seen_removed)
        if isinstance(first, Restored):
            self._bring_back(step.changes.seen_added, self.saved.get(first.name, place))
        elif isinstance(first, Saved):
            self.saved[first.name] = place
        for event_id in applied:
            self.live.setdefault(event_id, set()).add(place)
        last = step.facts[-1]
        if isinstance(last, Crashed) and last.kept is None:
            self._lose(applied)

    def _lose(self, ids: Iterable[EventId]) -> None:
        for event_id in ids:
            places = self.live.pop(event_id, None)
            if places is not None:
                self.lost |= self.gone.get(event_id, set())
                self.gone[event_id] = places

    def _bring_back(self, ids: Iterable[EventId], saved: int) -> None:
        """Bring back of these ids what was applied before the checkpoint was saved."""
        for event_id in ids:
            places = self.gone.pop(event_id, set())
            back = {place for place in places if place < saved}
            self.live[event_id] = back
            self.lost |= places - back


def _applied(step: Step) -> Iterator[EventId]:
    """Yield the ids that a step applied; of a feed the first and the last."""
    for fact in step.facts:
        if isinstance(fact, Applied):
            yield fact.event_id
        elif isinstance(fact, Fed):
            yield from (fact.first, fact.last)
