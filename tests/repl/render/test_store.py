"""What the views show of a session on a store: a crash loses what was not acknowledged alone."""

import pytest

from core.lab import commands as c
from core.lab.changes import picture
from core.lab.crash_points import CrashPoint
from core.lab.history import History
from core.lab.otherwise import otherwise
from repl.prompt import toolbar
from repl.render import View, changes, machine, notes, tables, timeline
from repl.render import event_trace as lives
from repl.session import Session
from tests.core.lab.scenes import pretended

DOWN = (c.Process("e1", "hello"), c.Process("e2", "hi"), c.Commit(), c.Crash())
"""Two events, a commit and a crash, of which the store keeps everything."""


def stored(*commands: c.Command) -> History:
    """Return the history of these commands on a store."""
    made = History(pretended)
    for command in commands:
        made.do(command)
    return made


def diff(made: History, before: int) -> View:
    """Compare the moment after a step with the present."""
    moments = (picture(made.at(before)), picture(made.at(len(made.steps))))
    return changes.between(*moments, (f"after step {before}", "now"))


def test_a_timeline_draws_what_a_crash_left_on_disk_and_what_came_back() -> None:
    lines = timeline.timeline(stored(*DOWN, c.Restart())).plain().splitlines()
    assert lines[0] == "step 1: source e1, processor +e1"
    assert lines[3:] == [
        "step 4: processor CRASH, disk 2 seen",
        "step 5: processor back, disk reads 2 seen",
    ]


def test_what_a_crash_before_the_ack_had_applied_is_not_drawn_as_lost() -> None:
    made = stored(c.Crash(CrashPoint.BEFORE_ACK), c.Process("e1", "hello"), c.Restart())
    assert "lost" not in timeline.timeline(made).plain()


def test_what_a_restore_undoes_after_a_crash_is_drawn_as_lost() -> None:
    made = stored(c.Checkpoint(), c.Process("e1", "hello"), c.Crash(), c.Restore())
    assert "processor +e1 (lost)" in timeline.timeline(made).plain()


def test_after_a_crash_the_way_up_is_a_restart_though_there_is_a_checkpoint() -> None:
    session = Session(pretended)
    for line in ("process e1 hello", "checkpoint cp1", "process e2 hi", "lose ack"):
        session.run(line)
    told = [
        notes.step(step, session.history, session.takes).plain()
        for step in (session.run(line).step for line in ("crash", "restart"))
        if step is not None
    ]
    assert [each.rpartition("; ")[2].rstrip(")") for each in told] == ["try restart", "try replay"]


def test_a_diff_over_a_crash_shows_what_the_store_kept() -> None:
    assert diff(stored(*DOWN), 3).plain() == (
        "CHANGED (after step 3 -> now; power UP -> DOWN; "
        "KEPT on disk: counts hello 1, hi 1, 2 seen, 0 pending)"
    )


def test_a_diff_over_a_restart_shows_that_the_processor_is_up_and_no_more() -> None:
    shown = diff(stored(*DOWN, c.Restart()), 4).plain()
    assert shown == "CHANGED (after step 4 -> now; power DOWN -> UP)"


def test_the_toolbar_shows_what_is_on_disk_while_the_processor_is_down() -> None:
    session = Session(pretended)
    session.history = stored(*DOWN)
    assert toolbar.segments(session)[:2] == ["DOWN", "on disk: 2 seen · 0 pending"]
    session.run("restart")
    assert toolbar.segments(session)[:4] == ["UP", "disk", "2 seen", "0 pending"]


def test_the_machine_shows_what_is_on_disk_while_the_processor_is_down() -> None:
    shown = machine.show(stored(*DOWN).lab).plain().splitlines()
    assert shown[-1] == "KEPT: on disk: counts hello 1, hi 1, 2 seen, 0 pending"


@pytest.mark.parametrize(("what", "total"), [("counts", "2 words"), ("seen", "2 ids")])
def test_a_table_of_a_processor_that_is_down_lists_what_is_on_disk(what: str, total: str) -> None:
    lines = tables.table(stored(*DOWN), what).plain().splitlines()
    assert lines[0] == f"{what.upper()} {total}, on disk: the processor is down"
    assert len(lines) == 3


def test_the_life_of_an_id_on_disk_goes_on_while_the_processor_is_down() -> None:
    made = stored(*DOWN)
    shown = lives.why(made, "e1", otherwise(made, "e1")).plain()
    assert "now: in seen, acknowledged" in shown
