"""No fact is forgotten: each is told in words, noted in the record, and has a mark."""

from typing import get_args

import pytest

from core.lab import commands as c
from core.lab.crash_points import CrashPoint
from core.lab.facts import Armed, Disarmed, Fact, Undelivered, Unsent
from core.lab.history import History
from core.lab.record import MomentKind
from core.search.sweep import Own
from repl.render import reports, wording
from repl.render.marks import mark
from tests.repl.render.sessions import TROUBLE, played
from tests.repl.render.test_snapshots import FAULTS, REST

FACTS = get_args(Fact)
BEHIND = {Undelivered, Unsent}
"""They stand behind another fact, which tells them."""


def test_every_fact_is_told_in_words() -> None:
    """What a step says is chosen by its fact, and none is missing there."""
    assert reports.TELLERS.keys() | BEHIND == set(FACTS)
    assert not reports.TELLERS.keys() & BEHIND


CUT_SHORT = (c.Crash(CrashPoint.BEFORE_APPLY), c.Feed(("a", "b")))
SESSIONS = [played(*each) for each in (TROUBLE, FAULTS, REST, CUT_SHORT)]


@pytest.mark.parametrize("kind", FACTS, ids=lambda kind: kind.__name__)
def test_every_fact_happens_here_and_its_mark_names_the_event_it_is_about(kind: type) -> None:
    """The sessions that are looked at hold every kind; a player joins the steps of an event."""
    facts = [fact for made in SESSIONS for step in made.steps for fact in step.facts]
    found = [fact for fact in facts if isinstance(fact, kind)]
    assert found
    for fact in found:
        event_id = getattr(fact, "event_id", None)
        assert mark(fact).ids == (() if event_id is None else (event_id,))


@pytest.mark.parametrize("made", SESSIONS)
def test_what_is_told_of_an_event_stands_in_its_record(made: History) -> None:
    """That it was sent for the first time is in the changes, so that alone tells no fact."""
    for step in made.steps:
        for fact in step.facts:
            event_id = getattr(fact, "event_id", None)
            if event_id is not None:
                moments = made.record.trace(made.lab, event_id).moments
                told = {each.what for each in moments if each.step == step.number}
                assert told - {MomentKind.SENT}, fact


@pytest.mark.parametrize("made", SESSIONS)
def test_a_step_of_bad_luck_is_marked_as_one_that_a_run_without_a_fault_has_not(
    made: History,
) -> None:
    for step in made.steps:
        waits = isinstance(step.facts[0], Armed | Disarmed)  # nothing has happened yet
        assert waits or not step.command.fault or any(mark(fact).faulty for fact in step.facts)


def test_more_than_one_fault_of_a_kind_is_told_in_plain_english() -> None:
    assert [wording.plural(each) for each in get_args(Own)] == [
        "crashes",
        "lost acks",
        "lost events",
        "restores",
        "repeated deliveries",
    ]
