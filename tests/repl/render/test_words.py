"""The words of steps: what is named, and that what is suggested is possible."""

from typing import get_args

import pytest

from core.errors import Refused
from core.lab import commands as c
from core.lab.crash_points import CrashPoint
from core.lab.history import History
from core.lab.lab import Lab
from repl import registry
from repl.export.moments import takes
from repl.render import history, reports
from repl.render.report import Report
from tests.core.lab.scenes import pretended
from tests.repl.render.sessions import played, wild

LOOKING = {"why", "diff", "undo", "show"}


def last(*commands: c.Command) -> Report:
    """Return the report of the last of these commands."""
    made = played(*commands)
    return reports.report(made.steps[-1], made, takes(made.lab))


def rows(report: Report) -> dict[str, str]:
    """Return the rows of a report by their labels."""
    return {row.label: row.text for row in report.rows}


def read(typed: str) -> c.Command | None:
    """Return the command of a `try` line; None for one that only looks, or goes back."""
    command = registry.read(typed)
    assert command is not None or typed.split(maxsplit=1)[0] in LOOKING, typed
    return command


def possible(command: c.Command, lab: Lab) -> bool:
    """Whether a laboratory takes a command."""
    try:
        lab.copy().step(command)
    except Refused:
        return False
    return True


def test_the_sessions_drawn_hold_every_command_there_is() -> None:
    used = {type(step.command) for seed in range(20) for step in wild(seed).steps}
    assert used == set(get_args(c.Command))


@pytest.mark.parametrize("start", [Lab, pretended])
@pytest.mark.parametrize("seed", range(60))
def test_what_a_step_suggests_is_possible_then(seed: int, start: type[Lab]) -> None:
    """Each command of a `try` line can be typed right after the step."""
    made = History(start)
    for command in [step.command for step in wild(seed).steps]:
        try:
            step = made.do(command)
        except Refused:  # on a store
            continue
        hints = rows(reports.report(step, made, takes(made.lab))).get("try", "")
        for typed in filter(None, hints.split(" · ")):
            suggested = read(typed)
            assert suggested is None or possible(suggested, made.lab), (step, typed)


@pytest.mark.parametrize("seed", range(60, 80))
def test_a_step_is_told_whatever_happened_before(seed: int) -> None:
    """Every report has a verdict, and says it in clauses too."""
    made = History()
    for command in [step.command for step in wild(seed, 40).steps]:
        report = reports.report(made.do(command), made)
        assert report.verdict
        assert report.headline


def test_a_duplicate_after_a_restore_says_what_brought_its_id_back() -> None:
    """The evidence names the checkpoint and the step of the restore."""
    report = last(
        c.Process("e1", "a"), c.Checkpoint("cp1"), c.Crash(), c.Restore(), c.Process("e1", "a")
    )
    assert rows(report)["because"] == (
        "e1 is in seen since step 4: restore of cp1 brought it back (first applied in step 1)"
    )


def test_a_reused_id_says_which_word_is_the_ids_own() -> None:
    """The id is the identity, whatever word comes with it."""
    report = last(c.Process("e1", "hello"), c.Process("e1", "hi"))
    assert rows(report)["word"] == "hi came, but e1 is hello: the id is the identity"
    assert rows(report)["otherwise"] == "without dedup hi would now be 1: e1 counted twice"


def test_an_event_applied_again_says_that_dedup_is_off() -> None:
    """What counts twice says why."""
    report = last(c.Process("e1", "a"), c.Switch("dedup", on=False), c.Retry())
    assert report.headline == "counted again, as dedup is off"
    assert rows(report)["counts"] == "a  1 → 2"


def test_a_history_tells_an_application_anew_as_the_step_did() -> None:
    """A history has no laboratory to ask: what a step said stands in its facts."""
    made = played(c.Process("e1", "a"), c.Crash(), c.Restart(), c.Retry("e1"))
    told = reports.report(made.steps[-1], made).headline
    assert told == "not in seen, though it was applied before"
    assert history.steps(made).plain().endswith(f"APPLIED e1: {told}")


def test_a_held_output_says_that_the_sink_has_one() -> None:
    """After a restore to before a commit nothing is staged a second time."""
    commands = (c.Process("e1", "a"), c.Commit(), c.Crash(), c.Restart(), c.Retry("e1"))
    assert rows(last(*commands))["pending"] == "no second output: the sink has one already"


@pytest.mark.parametrize("command", [c.Commit(), c.Rollback()])
def test_a_commit_of_nothing_says_so(command: c.Command) -> None:
    """With nothing pending a commit and a rollback say that nothing happened."""
    report = last(command)
    assert (report.subject, report.headline) == ("nothing", "none was pending")


def test_a_commit_without_transactions_says_why_it_does_nothing() -> None:
    """The mechanism that is off is named."""
    report = last(c.Switch("transactional_output", on=False), c.Process("e1", "a"), c.Commit())
    assert rows(report)["because"].startswith("transactional-output is off")


@pytest.mark.parametrize("point", CrashPoint)
def test_an_armed_crash_says_what_reaches_it(point: CrashPoint) -> None:
    """What is suggested first makes the processor crash."""
    made = played(c.Crash(point))
    hint = rows(reports.report(made.steps[-1], made, takes(made.lab)))["try"].split(" · ")[0]
    command = read(hint)
    assert command is not None
    report = reports.report(made.do(command), made)
    assert report.verdict == "CRASHED"
    assert report.subject == f"at {point}"
    assert "in hand" in rows(report)


def test_a_replay_after_more_events_says_that_there_is_more() -> None:
    """What came after the crash is no difference to worry about."""
    report = last(
        c.Process("e1", "a"),
        c.Crash(),
        c.Restart(),
        c.Replay(),
        c.Process("e2", "b"),
        c.LoseAck(),
        c.Replay(),
    )
    assert report.headline == "more than before the crash of step 2"


def test_a_replay_after_a_rollback_is_compared_with_the_moment_before_that() -> None:
    """A crash long ago is not what it makes good."""
    crash = (c.Process("e1", "a"), c.Commit(), c.Crash(), c.Restart(), c.Replay())
    report = last(*crash, c.Process("e2", "b"), c.Rollback(), c.Replay())
    assert report.headline == "same as before the rollback"


def test_a_rollback_of_nothing_is_no_setback() -> None:
    """A replay is still compared with the moment before the crash."""
    report = last(c.Process("e1", "a"), c.Crash(), c.Restart(), c.Rollback(), c.Replay())
    assert report.headline == "same as before the crash of step 2"


def test_a_replay_that_counts_twice_says_what_differs() -> None:
    """The word is named with its count before the crash and now."""
    report = last(
        c.Switch("seen_in_checkpoints", on=False),
        c.Process("e1", "a"),
        c.Checkpoint("cp1"),
        c.LoseAck(),
        c.Checkpoint("cp1"),
        c.Crash(),
        c.Restore(),
        c.Replay(),
    )
    assert report.headline == "not the same as before the crash"
    assert rows(report)["counts"] == "a 1 before, 2 now"


def test_a_replay_that_emits_again_says_how_often() -> None:
    """Without transactional output, crash and replay put an output into the sink twice."""
    report = last(
        c.Switch("transactional_output", on=False),
        c.Process("e1", "a"),
        c.Crash(),
        c.Restart(),
        c.Replay(),
    )
    assert rows(report)["sink"] == "1 before, 2 now, 1 of them by this replay"


def test_a_long_replay_is_shortened_with_its_sums() -> None:
    """The first deliveries and the last ones are shown, and how many lie between."""
    commands = [c.Process(None, "a") for _ in range(100)]
    report = last(*commands, c.Crash(), c.Restart(), c.Replay())
    assert len(report.deliveries) == 13
    assert report.deliveries[8].text == "88 more: 88 applied · 0 skipped"
