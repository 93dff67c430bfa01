"""What the mechanisms promise is the strongest that is true.

Under every combination of the mechanisms every schedule within the bounds is gone through,
and what became of each id is written down as plainly as can be. Each loss and each doubling
that a promise leaves open must be found, and no other.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

import pytest

from core.lab import commands as c
from core.lab.facts import Applied, Committed, Crashed, Fact, Restored, RolledBack, Saved
from core.lab.lab import Lab
from core.lab.promises import Promise, Promises, promised
from core.mechanisms import AT_LEAST_ONCE, AT_MOST_ONCE, EXACTLY_ONCE, Mechanisms
from core.outputs import EventId
from core.rules import settled
from core.search.moves import Bounds, interrupted, moves
from core.search.state import Keys

EVERY = [Mechanisms(*each) for each in product((True, False), repeat=5)]
LOST, DOUBLED = "lost", "doubled"

Ids = tuple[EventId, ...]


class Told(NamedTuple):
    """What became of the applications so far; each id as often as it was.

    `counted` are the applications that the counts hold and `saved` those that the
    checkpoints hold; `read` and `fired` are what a reader and the world outside have met.
    More than twice is as bad as twice.
    """

    counted: Ids = ()
    saved: tuple[tuple[object, Ids], ...] = ()
    read: Ids = ()
    fired: Ids = ()


TELLING = Applied | Saved | Restored | RolledBack | Crashed | Committed
"""The facts that change what was told; the others say that nothing was applied or undone."""


def told(before: Told, lab: Lab, was_pending: Iterable[EventId], facts: Sequence[Fact]) -> Told:
    """Return what a step added, after which the laboratory is as it is."""
    if not any(isinstance(fact, TELLING) for fact in facts):
        return before
    counted, saved = list(before.counted), dict(before.saved)
    read, fired = Counter(before.read), Counter(before.fired)
    pending = Counter(was_pending)
    for fact in facts:
        match fact:
            case Applied():
                counted.append(fact.event_id)
                fired[fact.event_id] += 1
                read[fact.event_id] += fact.output != "held"
                pending[fact.event_id] += fact.output == "pending"
            case Saved():
                saved[fact.name] = tuple(counted)
            case Restored():
                counted = list(saved[fact.name])
                read += Counter(lab.processor.outputs.pending_ids()) - pending
            case RolledBack():
                for output in fact.outputs:
                    counted.remove(output.event_id)
            case Crashed():
                counted, pending = [], Counter()
    read |= in_the_sink(lab)
    assert Counter(dict(lab.source.log)[each] for each in counted) == lab.processor.counts
    return Told(
        tuple(sorted(counted, key=str)),
        tuple(saved.items()),
        twice_at_most(read),
        twice_at_most(fired),
    )


def twice_at_most(times: Counter[EventId]) -> Ids:
    """Return each id as often as it was, but no more than twice."""
    return tuple(sorted((each for each in times for _ in range(min(times[each], 2))), key=str))


def in_the_sink(lab: Lab) -> Counter[EventId]:
    """Return how often the sink holds each id."""
    return Counter(lab.processor.outputs.ids[: lab.processor.outputs.committed])


def tries(lab: Lab, bounds: Bounds, faults: int) -> Iterator[tuple[tuple[c.Command, ...], bool]]:
    """Yield the commands to try in a state, and whether there is a fault in them."""
    yield from (((move.command,), move.fault) for move in moves(lab, bounds, faults))
    if lab.up and faults:
        yield from ((both, True) for both in interrupted(lab, bounds))


def found(mechanisms: Mechanisms, bounds: Bounds) -> tuple[set[str], ...]:
    """Return what is lost or doubled at some moment of rest, at each of the four boundaries."""
    keys, most = Keys(), bounds.events * (1 + bounds.faults)
    kinds: tuple[set[str], ...] = (set(), set(), set(), set())
    fewest: dict[object, int] = {}
    levels: list[list[tuple[Lab, Told, object]]] = [[] for _ in range(bounds.faults + 1)]
    levels[0].append((Lab(mechanisms), Told(), None))
    for faults, left in enumerate(levels):  # so that a state is gone on from once
        while left:
            lab, before, reached = left.pop()
            if fewest.get(reached, faults) < faults:
                continue
            pending = lab.processor.outputs.pending_ids()
            for commands, fault in tries(lab, bounds, bounds.faults - faults):
                twin = lab.copy()
                facts = [fact for command in commands for fact in twin.apply(command)[1]]
                after, spent = told(before, twin, pending, facts), faults + fault
                key = keys.of(twin), after
                if spent >= fewest.get(key, spent + 1):
                    continue
                fewest[key] = spent
                judge(twin, after, kinds)
                if len(after.counted) <= most and len(twin.processor.outputs) <= most:
                    levels[spent].append((twin, after, key))
    return kinds


def judge(lab: Lab, now: Told, kinds: tuple[set[str], ...]) -> None:
    """Add what is lost or doubled in this state, if it is at rest."""
    if not settled(lab):
        return
    boundaries = Counter(now.counted), in_the_sink(lab), Counter(now.read), Counter(now.fired)
    for times, kind in zip(boundaries, kinds, strict=True):
        kind.update(LOST for each, _ in lab.source.log if not times[each])
        kind.update(DOUBLED for each, _ in lab.source.log if times[each] > 1)


def left_open(mechanisms: Mechanisms) -> tuple[set[str], ...]:
    """Return what the promises leave open, at each of the four boundaries."""
    return tuple(
        {kind for kind, opened in zip((LOST, DOUBLED), may(promise), strict=True) if opened}
        for promise in promised(mechanisms)
    )


def may(promise: Promise) -> tuple[bool, bool]:
    """Return whether a promise leaves a loss open, and a doubling."""
    return {
        Promise.EXACTLY_ONCE: (False, False),
        Promise.AT_LEAST_ONCE: (False, True),
        Promise.AT_MOST_ONCE: (True, False),
        Promise.NOTHING: (True, True),
    }[promise]


@pytest.mark.parametrize("mechanisms", EVERY, ids=lambda each: "".join("-+"[on] for on in each))
def test_a_promise_is_kept_and_none_could_be_stronger(mechanisms: Mechanisms) -> None:
    assert found(mechanisms, Bounds(2, 2, 1)) == left_open(mechanisms)


@pytest.mark.long
@pytest.mark.parametrize("mechanisms", EVERY, ids=lambda each: "".join("-+"[on] for on in each))
def test_a_third_event_changes_no_promise(mechanisms: Mechanisms) -> None:
    assert found(mechanisms, Bounds(3, 2, 1)) == left_open(mechanisms)


ONCE, MORE, LESS, NONE = (
    Promise.EXACTLY_ONCE,
    Promise.AT_LEAST_ONCE,
    Promise.AT_MOST_ONCE,
    Promise.NOTHING,
)


@pytest.mark.parametrize(
    ("mechanisms", "promises"),
    [
        (EXACTLY_ONCE, Promises(ONCE, ONCE, MORE, MORE)),
        (AT_LEAST_ONCE, Promises(MORE, MORE, MORE, MORE)),
        (AT_MOST_ONCE, Promises(LESS, LESS, NONE, LESS)),
    ],
)
def test_the_presets_promise_what_their_names_say(
    mechanisms: Mechanisms, promises: Promises
) -> None:
    """Save that no preset promises a reader, or the world outside, more than at least once."""
    assert promised(mechanisms) == promises


def test_a_source_that_sends_once_promises_at_most_once_or_nothing() -> None:
    for mechanisms in EVERY:
        if not mechanisms.source_replay:
            assert set(promised(mechanisms)) <= {LESS, NONE}


def test_nothing_beside_the_transaction_is_promised_exactly_once() -> None:
    for mechanisms in EVERY:
        promises = promised(mechanisms)
        assert ONCE not in {promises.reader, promises.outside}
