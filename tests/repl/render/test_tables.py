"""Listings: what fits, the total, and the rest on request."""

import pytest

from core.lab import commands as c
from core.lab.history import History
from repl.render import history, tables, timeline
from tests.repl.render.sessions import drawn, played


@pytest.fixture(scope="module")
def many() -> History:
    """A session with 300 events."""
    return played(c.Feed(tuple(f"w{number % 40}" for number in range(300))))


def test_a_long_table_shows_its_ends_and_how_to_see_the_rest(many: History) -> None:
    """Ten rows of the beginning, five of the end, the total and the range between."""
    lines = tables.table(many, "seen").plain().splitlines()
    assert lines[0] == "SEEN 300 ids"
    assert lines[10] == "seen 10: id e10, word w9, since step 1"
    assert lines[11] == "seen 296: id e296, word w15, since step 1"
    assert lines[-1] == "285 more: show seen 11..295"


@pytest.mark.parametrize("what", tables.WHAT)
def test_every_table_fits_a_small_terminal(many: History, what: str) -> None:
    """Nothing scrolls out of 24 lines."""
    assert drawn(tables.table(many, what)).count("\n") < 22


def test_a_range_shows_just_that(many: History) -> None:
    """`show seen 200..203` shows four rows, numbered as asked for."""
    lines = tables.table(many, "seen", (200, 203)).plain().splitlines()
    assert [line.partition(":")[0] for line in lines[1:]] == [f"seen {n}" for n in range(200, 204)]


def test_a_huge_range_stops_and_says_how_to_go_on(many: History) -> None:
    """No more than 200 rows at once."""
    lines = tables.table(many, "source", (1, 1000)).plain().splitlines()
    assert len(lines) == 202
    assert lines[-1] == "100 more: show source 201..300"


def test_a_range_beyond_the_end_says_where_the_end_is(many: History) -> None:
    """One is told which numbers there are."""
    lines = tables.table(many, "counts", (50, 60)).plain().splitlines()
    assert lines == ["COUNTS 40 words", "nothing at 50..60: they go from 1 to 40"]


@pytest.mark.parametrize("what", tables.WHAT)
def test_an_empty_table_shows_its_total(what: str) -> None:
    """A young laboratory has nothing to list, and says so."""
    assert drawn(tables.table(played(), what)).startswith(what.upper())


def test_the_source_says_what_is_acknowledged_what_is_due_and_what_waits() -> None:
    """Each entry of the log stands with its state."""
    made = played(c.Process("e1", "a"), c.Process("e2", "b"), c.Process("e3", "c"), c.Crash())
    made.lab.source.offset = 1
    lines = tables.table(made, "source").plain().splitlines()
    assert [line.rpartition(", ")[2] for line in lines[1:]] == ["acknowledged", "due", "waits"]


def test_a_long_history_is_shortened_in_the_middle() -> None:
    """The first steps and the last ones, and how to see the others."""
    made = played(*(c.Process(None, "a") for _ in range(60)))
    lines = history.steps(made).plain().splitlines()
    assert len(lines) == 17
    assert lines[-1] == "45 more: history 11..55"


def test_a_timeline_marks_what_was_lost_for_good() -> None:
    """What a checkpoint brought back is not lost; what came after it is."""
    made = played(
        c.Process("e1", "a"),
        c.Checkpoint(),
        c.Process("e2", "a"),
        c.Crash(),
        c.Restore(),
        c.Replay(),
    )
    lines = timeline.timeline(made).plain().splitlines()
    assert [place for place, line in enumerate(lines, 1) if "(lost)" in line] == [3]


def test_a_timeline_shows_the_latest_steps_and_how_to_see_the_others() -> None:
    """Of a long session 24 steps are drawn."""
    made = played(*(c.Commit() for _ in range(60)))
    lines = timeline.timeline(made).plain().splitlines()
    assert len(lines) == 25
    assert lines[-1] == "36 earlier: timeline 1..36"
    assert len(timeline.timeline(made, (1, 36)).plain().splitlines()) == 36
