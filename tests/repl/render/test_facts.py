"""No fact is forgotten: each is told in words, has a mark, and shows where pictures are drawn."""

from typing import get_args

import pytest

from core.lab import commands as c
from core.lab.crash_points import CrashPoint
from core.lab.facts import Fact, Undelivered, Unsent
from repl.render import reports
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
