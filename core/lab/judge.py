"""Whether the guarantee holds at each boundary, event by event; and what a clean run gives.

Exactly-once is a promise about an effect, so it depends on where one looks: at the state,
at the committed output, at what a reader sees who does not wait for the commit, or at an
effect outside the transaction. At each of these boundaries every event is judged by itself.
Nothing here changes the laboratory.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from core import rules
from core.checkpoints import CheckpointId
from core.lab import commands as c
from core.lab.changes import Picture
from core.lab.facts import SAMPLE
from core.lab.history import History
from core.lab.lab import Lab
from core.lab.promises import Promise, promised
from core.outputs import EventId


class Judgement(StrEnum):
    """What became of the effect of an event at one boundary."""

    ONCE = "once"
    DOUBLED = "doubled"
    LOST = "lost"
    WAITING = "waiting"
    UNKNOWN = "unknown"


class Place(StrEnum):
    """The boundaries: where one can look for the effect of an event."""

    STATE = "state"
    COMMITTED = "committed output"
    READER = "uncommitted reader"
    OUTSIDE = "outside effect"


class Evidence(NamedTuple):
    """An event, and how often its effect is found at a boundary."""

    event_id: EventId
    times: int


class Group(NamedTuple):
    """The events with one judgement: their number, and the first `SAMPLE` of them."""

    judgement: Judgement
    total: int
    evidence: tuple[Evidence, ...]


class Boundary(NamedTuple):
    """What the mechanisms that are on promise at a boundary, and what happened there.

    `groups` holds one group for each judgement that occurs, the worst first.
    """

    place: Place
    promise: Promise
    groups: tuple[Group, ...]

    @property
    def worst(self) -> Judgement | None:
        """The worst judgement; None while the log is empty."""
        return self.groups[0].judgement if self.groups else None


_ORDER = (
    Judgement.DOUBLED,
    Judgement.LOST,
    Judgement.UNKNOWN,
    Judgement.WAITING,
    Judgement.ONCE,
)
"""The judgements, the worst first."""


def score(history: History) -> tuple[Boundary, ...]:
    """Judge the four boundaries, event by event. Takes time in proportion to the log.

    *Doubled*: the effect is there more than once. *Waiting*: it is not there, but its event is
    due, pending, or in a checkpoint that a restore can bring back. *Lost*: it is not there,
    and none of these is so: the event was acknowledged and is not sent again. *Unknown*: the
    store does not know how often it was there.
    """
    promises = promised(history.lab.processor.mechanisms)
    alike = _alike(history)
    found = [(judged(history, ids[0][1]), number, ids) for number, ids in alike]
    return tuple(
        Boundary(place, promise, _groups([(each[place], n, ids) for each, n, ids in found]))
        for place, promise in zip(Place, promises, strict=True)
    )


def _alike(history: History) -> list[tuple[int, list[tuple[int, EventId]]]]:
    """Group the events to which exactly the same happened, so that each group is judged once.

    Returns for each group how many events it has, and the first of them, each with its
    position in the log.
    """
    source, alike = history.lab.source, history.record.alike
    totals: Counter[tuple[object, bool]] = Counter()
    first: dict[tuple[object, bool], list[tuple[int, EventId]]] = {}
    for position, (event_id, _) in enumerate(source.log):
        key = alike(event_id), position < source.offset
        totals[key] += 1
        if totals[key] <= SAMPLE:
            first.setdefault(key, []).append((position, event_id))
    return [(totals[key], ids) for key, ids in first.items()]


def _groups(
    found: list[tuple[tuple[Judgement, int], int, list[tuple[int, EventId]]]],
) -> tuple[Group, ...]:
    """Return the groups of one boundary: those of `_alike` with one judgement put together."""
    groups = []
    for judgement in _ORDER:
        mine = [(times, number, ids) for (each, times), number, ids in found if each is judgement]
        shown = sorted((position, each, times) for times, _, ids in mine for position, each in ids)
        if mine:
            evidence = tuple(Evidence(each, times) for _, each, times in shown[:SAMPLE])
            groups.append(Group(judgement, sum(number for _, number, _ in mine), evidence))
    return tuple(groups)


def judged(history: History, event_id: EventId) -> dict[Place, tuple[Judgement, int]]:
    """Return the judgement of one event at each boundary, and how often its effect is there."""
    held, coming = history.record.state(event_id), _coming(history.lab, event_id)
    times = {
        Place.STATE: len(held.counted),
        Place.COMMITTED: held.sink,
        Place.READER: None if held.shown is None else max(held.shown, held.sink),
        Place.OUTSIDE: held.fired,
    }
    return {
        place: (Judgement.UNKNOWN, 0)
        if number is None
        else (_judge(history, event_id, place, number, coming=coming), number)
        for place, number in times.items()
    }


def verdict(history: History, event_id: EventId) -> Judgement:
    """Return one judgement for an event: doubled or lost if state or sink is, else the state's."""
    found = judged(history, event_id)
    both = found[Place.STATE][0], found[Place.COMMITTED][0]
    wrong = [each for each in (Judgement.DOUBLED, Judgement.LOST) if each in both]
    return wrong[0] if wrong else both[0]


def _judge(
    history: History, event_id: EventId, place: Place, times: int, *, coming: bool
) -> Judgement:
    if times:
        return Judgement.ONCE if times == 1 else Judgement.DOUBLED
    if coming or _kept(history, event_id, place):
        return Judgement.WAITING
    return Judgement.LOST


def _coming(lab: Lab, event_id: EventId) -> bool:
    """Whether the source will send an event (again): it is due, or will be after a restart."""
    return lab.source.positions[event_id] >= lab.resumes_at


def _kept(history: History, event_id: EventId, place: Place) -> bool:
    """Whether the effect is in pending, or in a checkpoint from which a restore brings it back."""
    record = history.record
    names = record.checkpoints(event_id)
    if place is Place.STATE:
        return any(record.saved(event_id, name).counted for name in names)
    if place is Place.COMMITTED:
        some = (name for name in names if record.saved(event_id, name).pending)
        waits = bool(record.state(event_id).pending)
        return waits or any(_comes_back(history.lab, event_id, name) for name in some)
    return False


def _comes_back(lab: Lab, event_id: EventId, name: CheckpointId) -> bool:
    """Whether a restore brings back an output of a checkpoint; with a mutant, it is tried."""
    if lab.faithful:
        return True
    twin = lab.copy()
    twin.apply(c.Restore(name))
    return event_id in twin.processor.outputs.pending_ids()


def clean(lab: Lab) -> Picture:
    """Return the state after the log so far in a run with every mechanism on and no fault.

    In it, the outputs up to the last event whose output is in the laboratory's sink are
    committed, and the later ones pending. So the two states differ in what went wrong, not in
    when somebody committed. The checkpoints have the laboratory's names.
    """
    source, outputs = lab.source, lab.state.outputs
    run = rules.clean(lab)
    line = 1 + max(
        (source.positions[each] for each in outputs.ids[: outputs.committed]), default=-1
    )
    return Picture(
        counts=dict(run.counts),
        seen=dict(source.log),
        pending=list(run.sink[line:]),
        sink=list(run.sink[:line]),
        checkpoints=tuple(lab.processor.checkpoints),
        log=source.log,
        offset=len(source.log),
        up=True,
    )


def recovery(lab: Lab) -> Iterable[c.Command]:
    """Yield the commands that finish a run. Each must be carried out before the next is taken.

    They start the processor (from the last checkpoint if there is one), send what is due, and
    commit.
    """
    if not lab.up:
        yield c.Restore() if lab.saved else c.Restart()
    yield c.Disarm()
    yield from deliveries(lab)
    yield c.Commit()


def deliveries(lab: Lab) -> Iterable[c.Command]:
    """Yield a retry for each event that is due, also where source-replay is off.

    Each must be carried out before the next is taken.
    """
    while lab.up and (due := lab.source.due) is not None:
        yield c.Retry(due[0])
