"""The timeline's final form: lost work struck through, replays joined, quiet stretches folded."""

import pytest

from core.lab import commands as c
from repl.render import timeline
from repl.render.theme import ASCII
from tests.repl.render.sessions import STORY, TROUBLE, drawn, played

QUIET = tuple(c.Process(None, "a") for _ in range(40))


def test_lost_work_is_struck_through_and_marked() -> None:
    view = timeline.timeline(played(*STORY))
    assert "\x1b[9;31m+e2\x1b[0m\x1b[31m ×" in drawn(view, colour=True)


def test_a_replay_is_joined_to_what_it_repeats() -> None:
    lines = drawn(timeline.timeline(played(*STORY)), glyphs=ASCII).splitlines()
    assert lines[5] == "repeats    +-----------+     +-----------------+"
    assert [lines[0].index(step) for step in "1347"] == [
        place for place, each in enumerate(lines[5]) if each == "+"
    ]


def test_what_is_repeated_in_another_group_is_named() -> None:
    told = drawn(timeline.timeline(played(*TROUBLE)), 60)
    assert "repeats               10         1\n" in told


def test_a_replay_of_several_is_joined_to_each() -> None:
    steps = (c.Process(None, "a"), c.Process(None, "b"), c.Crash(), c.Restart(), c.Replay())
    told = drawn(timeline.timeline(played(*steps)))
    assert "repeats    └──────┴────────────────────┘" in told


def test_a_long_quiet_stretch_is_one_column() -> None:
    view = timeline.timeline(played(*QUIET, c.Checkpoint()))
    plain = ["steps 1 to 40: source e1..e40, processor +40", "step 41: disk writes cp1"]
    assert view.plain().splitlines() == plain
    assert "1..40" in drawn(view)


def steps(*commands: c.Command, span: tuple[int, int] | None = None) -> list[str]:
    """Return the steps that have a column of their own, or share one."""
    told = timeline.timeline(played(*commands), span).plain().splitlines()
    return [line.partition(":")[0].removeprefix("step").strip(" s") for line in told]


def new(count: int) -> tuple[c.Command, ...]:
    """Return commands that send so many new events."""
    return QUIET[:count]


FOUR = ["1 to 4"]
AGAIN = tuple(c.Retry(f"e{number}") for number in range(1, 5))


@pytest.mark.parametrize(
    ("commands", "columns"),
    [
        (new(3), ["1", "2", "3"]),
        (new(4), FOUR),
        ((*new(4), c.Commit(), *new(4)), [*FOUR, "5", "6 to 9"]),
        ((c.Feed(("a", "b")), *new(4)), ["1", "2 to 5"]),
        ((*new(4), c.Crash()), ["1", "2", "3", "4", "5"]),
        ((c.Checkpoint(), *new(4), c.Restore()), ["1", "2", "3", "4", "5", "6"]),
        ((c.Guarantee("at-least-once"), *new(4)), ["1", "2", "3", "4", "5"]),
        ((*new(5), c.Retry("e1"), c.Retry("e5")), ["1", "2", "3", "4", "5", "6", "7"]),
        ((*new(4), c.Crash(), c.Restart(), *AGAIN), [str(number) for number in range(1, 11)]),
        ((*new(6), c.Retry("e6")), ["1 to 5", "6", "7"]),
    ],
)
def test_four_quiet_steps_in_a_row_are_folded_and_no_other_ones(
    commands: tuple[c.Command, ...], columns: list[str]
) -> None:
    """Not what was lost, or put out at once, or sent again."""
    assert steps(*commands) == columns


@pytest.mark.parametrize(
    ("last", "columns"),
    [(24, [str(number) for number in range(1, 25)]), (25, ["1 to 25"]), (40, ["1 to 40"])],
)
def test_a_range_of_more_columns_than_are_drawn_at_once_is_folded(
    last: int, columns: list[str]
) -> None:
    assert steps(*QUIET, span=(1, last)) == columns


def test_folded_steps_are_not_counted_among_the_earlier_ones() -> None:
    """Of so many steps the latest are looked at, and of these so many columns drawn."""
    made: list[c.Command] = [*QUIET * 6]
    for place in range(64, 240, 5):
        made[place] = c.Commit()
    told = timeline.timeline(played(*made)).plain().splitlines()
    assert told[0] == "steps 181 to 184: source e157..e160, processor +4"
    assert told[-1] == "180 earlier: timeline 1..180"
    assert len(told) == 25


def test_of_many_steps_the_latest_are_looked_at() -> None:
    told = timeline.timeline(played(*QUIET * 6)).plain().splitlines()
    assert told == [
        "steps 41 to 240: source e41..e240, processor +200",
        "40 earlier: timeline 1..40",
    ]


def test_a_long_range_is_drawn_up_to_so_many_steps() -> None:
    made = played(*(c.Commit() for _ in range(500)))
    told = timeline.timeline(made, (50, 500)).plain().splitlines()
    *steps, rest = told
    assert (steps[0], steps[-1], len(steps)) == ("step 50: nothing", "step 449: nothing", 400)
    assert rest == "51 more: timeline 450..500"


def test_a_short_range_is_drawn_step_by_step() -> None:
    view = timeline.timeline(played(*QUIET), (5, 12))
    assert len(view.plain().splitlines()) == 8


def test_a_step_that_is_repeated_later_stands_alone() -> None:
    view = timeline.timeline(played(*QUIET, c.Retry("e20")))
    told = view.plain().splitlines()
    assert [each.partition(":")[0] for each in told] == [
        "steps 1 to 19",
        "step 20",
        "steps 21 to 40",
        "step 41",
    ]
    assert told[-1].endswith("the same event as in step 20")


def test_a_long_session_says_how_to_see_the_steps_before() -> None:
    made = played(*(c.Commit() for _ in range(300)))
    assert timeline.timeline(made).plain().splitlines()[-1] == "276 earlier: timeline 1..276"


def test_no_line_is_wider_than_the_console() -> None:
    for session in (STORY, TROUBLE, QUIET):
        for width in (40, 60, 80):
            told = drawn(timeline.timeline(played(*session)), width)
            assert max(map(len, told.splitlines())) <= width
