"""The timeline's final form: lost work struck through, replays joined, quiet stretches folded."""

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
    assert "repeats                          4\n" in told


def test_a_replay_of_several_is_joined_to_each() -> None:
    steps = (c.Process(None, "a"), c.Process(None, "b"), c.Crash(), c.Restart(), c.Replay())
    told = drawn(timeline.timeline(played(*steps)))
    assert "repeats    └──────┴────────────────────┘" in told


def test_a_long_quiet_stretch_is_one_column() -> None:
    view = timeline.timeline(played(*QUIET, c.Checkpoint()))
    plain = ["steps 1 to 40: source e1..e40, processor +40", "step 41: disk writes cp1"]
    assert view.plain().splitlines() == plain
    assert "1..40" in drawn(view)


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
