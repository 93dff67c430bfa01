"""What has become of the guarantee, boundary by boundary, and what a clean run comes to.

Exactly-once is a promise about an effect, so it depends on where one looks: at the state,
at what was committed, at what a reader sees who does not wait for the commit, or at what
left the transaction altogether. Everything here only looks.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from core.lab import commands as c
from core.lab.changes import Picture
from core.lab.facts import SAMPLE
from core.lab.lab import Lab
from core.outputs import EventId
from core.search import properties


class Judgement(StrEnum):
    """What became of the effects at one boundary."""

    EXACTLY_ONCE = "exactly once"
    DOUBLED = "doubled"
    LOST = "lost"
    WAITING = "waiting"
    NOTHING = "nothing to judge yet"


class Place(StrEnum):
    """Where one can look for an effect."""

    STATE = "state"
    COMMITTED = "committed output"
    READER = "uncommitted reader"
    OUTSIDE = "outside effect"


class Evidence(NamedTuple):
    """A word (of the state) or an id (elsewhere): how often its effect is there, and should be."""

    subject: EventId
    times: int
    expected: int


class Boundary(NamedTuple):
    """The judgement at one boundary.

    `evidence` names the first of those the judgement rests on: what is doubled, lost or
    waited for, none where all is well. `concerned` is how many there are, `judged` of how
    many words or ids.
    """

    place: Place
    judgement: Judgement
    evidence: tuple[Evidence, ...]
    concerned: int
    judged: int


def score(lab: Lab) -> tuple[Boundary, ...]:
    """Judge the four boundaries: state, committed output, uncommitted reader, outside effect.

    *Doubled* is an effect that is there more often than there are events behind it that
    were ever applied. *Lost* is one that should be there, its event being acknowledged and the
    processor up, and is not. One that can still come is *waiting*. Costs the log.
    """
    outputs = lab.held.outputs
    sink = Counter(outputs.ids[: outputs.line])
    pending = set(outputs.pending_ids())
    applied = lab.applied_at
    staged = {each: lab.staged.get(each, 1) for each in applied}
    fired = {each: lab.applications.get(each, 1) for each in applied}
    return (
        _state(lab),
        _by_id(lab, Place.COMMITTED, sink, pending),
        _by_id(lab, Place.READER, staged, ()),
        _by_id(lab, Place.OUTSIDE, fired, ()),
    )


def clean(lab: Lab) -> Picture:
    """Return what the log so far comes to in a run with every mechanism on and no fault.

    Such a run has committed as far into the log as the laboratory has (up to the last
    event whose output its sink holds), and the outputs behind that are pending, so that
    the two differ in what went wrong and not in when somebody last committed. Names of
    checkpoints are taken over.
    """
    source, outputs = lab.source, lab.held.outputs
    run = properties.clean(lab)
    line = 1 + max((source.positions[each] for each in outputs.ids[: outputs.line]), default=-1)
    return Picture(
        counts=dict(run.counts),
        seen=dict(source.log),
        pending=list(run.sink[line:]),
        sink=list(run.sink[:line]),
        checkpoints=tuple(lab.processor.checkpoints),
        offset=len(source.log),
        up=True,
    )


def recover(lab: Lab) -> None:
    """Bring a run to its end: up (from the last checkpoint if there is one), replay, commit."""
    if not lab.up:
        lab.apply(c.Restore() if lab.saved else c.Restart())
    lab.apply(c.Disarm())
    send_due(lab)
    lab.apply(c.Commit())


def send_due(lab: Lab) -> None:
    """Send what is due: what a replay does, and also where the source sends only once."""
    while lab.up and (due := lab.source.due) is not None:
        lab.apply(c.Retry(due[0]))


def _state(lab: Lab) -> Boundary:
    """Judge the counts, word by word."""
    log, offset = lab.source.log, lab.source.offset
    counts = lab.held.counts
    least = Counter(word for _, word in log[:offset]) if lab.up else Counter[str]()
    expected = Counter(word for _, word in log)
    applied = Counter(word for event_id, word in log if event_id in lab.applied_at)
    doubled, lost, waiting = [], [], []
    for word in dict.fromkeys((*expected, *counts)):
        times = counts.get(word, 0)
        found = Evidence(word, times, expected[word])
        if times > applied[word]:
            doubled.append(found._replace(expected=applied[word]))
        elif times < least[word]:
            lost.append(found)
        elif times < expected[word]:
            waiting.append(found)
    return _judged(Place.STATE, (doubled, lost, waiting), len(expected))


def _by_id(
    lab: Lab, place: Place, times: Mapping[EventId, int], pending: Iterable[EventId]
) -> Boundary:
    """Judge what an effect of each id's own says; `pending` are those that wait for a commit."""
    still = set(pending)
    doubled: list[Evidence] = []
    lost: list[Evidence] = []
    waiting: list[Evidence] = []
    for position, (event_id, _) in enumerate(lab.source.log):
        there = times.get(event_id, 0)
        if there > 1:
            doubled.append(Evidence(event_id, there, 1))
        elif not there:
            coming = event_id in still or not _done_with(lab, position)
            (waiting if coming else lost).append(Evidence(event_id, 0, 1))
    return _judged(place, (doubled, lost, waiting), len(lab.source.log))


def _done_with(lab: Lab, position: int) -> bool:
    """Whether neither the source nor a restore is going to bring an entry's effect any more."""
    return lab.up and position < lab.source.offset


def _judged(
    place: Place,
    found: tuple[list[Evidence], list[Evidence], list[Evidence]],
    judged: int,
) -> Boundary:
    """Say the worst that was found."""
    kinds = (Judgement.DOUBLED, Judgement.LOST, Judgement.WAITING)
    for judgement, evidence in zip(kinds, found, strict=True):
        if evidence:
            return Boundary(place, judgement, tuple(evidence[:SAMPLE]), len(evidence), judged)
    return Boundary(place, Judgement.EXACTLY_ONCE if judged else Judgement.NOTHING, (), 0, judged)
