"""search, sweep and witness at the prompt: they try what is there, and say what is so."""

import re
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import Refused
from core.lab.commands import Process, typed
from core.lab.lab import Lab
from core.mutants import MUTANTS
from core.rules import RULES, broken
from lessons import catalog
from lessons.progress import Progress
from repl import cli, script
from repl.cli import search as searches
from repl.cli.exits import Exit
from repl.lesson import entry
from repl.lesson.guide import Guide
from repl.prompt.progress import Progressing
from repl.render.report_view import ReportView
from repl.session import Session, on_disk
from tests.lessons.samples import BREAK, GOOD, RUN, TRY

LATE = ("process e1 a", "checkpoint cp1", "process e2 b", "commit", "mechanism idempotent-sink off")


def run(session: Session, *lines: str) -> str:
    """Run lines; return what the last one says, in plain words."""
    view = None
    for line in lines:
        view = session.run(line).view
    return "" if view is None else view.plain()


def rows(session: Session, line: str) -> dict[str, str]:
    """Return the rows of an answer that have a label."""
    view = session.run(line).view
    assert isinstance(view, ReportView)
    return {row.label: row.text for row in view.report.rows if row.label}


@pytest.fixture
def lesson(tmp_path: Path) -> tuple[Session, Guide]:
    """Set a lesson beside a session: it starts without dedup, and has a wrong engine to beat."""
    path = tmp_path / "sample.md"
    path.write_text(GOOD, encoding="utf-8")
    session = Session()
    return session, entry.guide(session, catalog.at(path)[0], Progress(None))


def at(lesson: tuple[Session, Guide], step: int) -> Session:
    """Begin the lesson at a step."""
    session, guide = lesson
    guide.runner.jump(step)
    guide.begin()
    return session


def test_a_sweep_begins_with_the_mechanisms_that_a_lesson_begins_with(
    lesson: tuple[Session, Guide],
) -> None:
    """They are set, and no step of the session."""
    session = at(lesson, RUN)
    session.run("")
    assert "doubled e1" in run(session, "sweep")


def test_the_witness_of_a_sweep_stands_where_the_session_began(
    lesson: tuple[Session, Guide],
) -> None:
    session = at(lesson, RUN)
    session.run("")
    run(session, "sweep", "witness", "goto 3")
    assert [typed(each.command) for each in session.history.steps] == [
        "process e1 hello",
        "retry e1",
        "commit",
    ]
    assert broken(session.lab)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_search_tries_the_processor_that_is_there_and_its_witness_shows_it(name: str) -> None:
    """And the witness breaks the rule that is named when it is done to its end."""
    start = MUTANTS[name].start
    session = Session(start)
    run(session, "search 3 1" if name == "dedup-by-word" else "search 2 1")
    assert bool(session.witnesses) is (name != "dedup-by-id-and-word")
    for rule, found in session.witnesses.items():
        run(session, f"witness {rule}")
        run(session, f"redo {len(session.history.undone)}")
        assert type(session.lab) is type(start())
        assert type(session.lab.processor) is type(start().processor)
        assert f"{rule}: {broken(session.lab)[rule]}" == found.shows


@pytest.mark.parametrize("switch", ["dedup", "idempotent-sink", "source-replay"])
def test_the_witness_of_each_rule_breaks_it_and_can_be_saved(switch: str, tmp_path: Path) -> None:
    """A saved witness is one when it is loaded: what was switched off is a step of it."""
    session = Session()
    run(session, f"mechanism {switch} off", "search 2 1")
    assert session.witnesses
    for rule in tuple(session.witnesses):
        run(session, f"witness {rule}")
        run(session, f"redo {len(session.history.undone)}")
        assert rule in broken(session.lab)
        run(session, f"save {tmp_path}/{rule}.lab", f"load {tmp_path}/{rule}.lab")
        assert rule in broken(session.lab)


def test_the_last_search_is_what_witness_loads() -> None:
    """Also where it found nothing."""
    session = Session()
    run(session, "mechanism dedup off", "search 1 1", "mechanism dedup on", "sweep")
    assert not session.witnesses


def test_an_empty_laboratory_is_of_the_same_kind() -> None:
    for mutant in MUTANTS.values():
        lab = mutant.start()
        beginning = lab.freeze()
        lab.step(Process("e1", "hello"))
        assert lab.empty().freeze() == beginning
        assert type(lab.empty().processor) is type(lab.processor)


def test_a_search_on_a_store_is_of_a_processor_on_a_store(tmp_path: Path) -> None:
    """And leaves the store alone."""
    session = on_disk(str(tmp_path / "lab.db"))
    assert session.lab.durability.disk is not None
    with closing(session.lab.durability.disk):
        run(session, "process e1 hello", "checkpoint", "commit", "process e2 world", "crash")
        before = session.lab.freeze()
        assert session.lab.empty().durability.lasting
        assert session.lab.empty().durability.disk is None
        in_memory = rows(Session(), "search 2 1")["tried"]
        found = session.run("search 2 1").view
        assert found is not None
        assert found.plain().startswith("HOLDS")
        assert in_memory not in found.plain()
        assert run(session, "sweep").startswith("HOLDS")
        assert session.lab.freeze() == before


GIVES_AWAY = ("search", "search 1 1", "sweep", "witness", "witness sink-once")


@pytest.mark.parametrize("line", GIVES_AWAY)
def test_what_would_give_away_an_answer_is_refused_until_it_is_found(
    lesson: tuple[Session, Guide], line: str
) -> None:
    session = at(lesson, BREAK)
    with pytest.raises(Refused, match="give the answer away") as refused:
        session.run(line)
    assert refused.value.hint == "hint"
    session.run(refused.value.hint)
    run(session, "process e1 hello", "retry e1")
    assert lesson[1].runner.work.done
    run(session, "search 1 1", "sweep", "witness")


def test_a_goal_to_reach_is_no_reason_to_refuse_a_search(lesson: tuple[Session, Guide]) -> None:
    session = at(lesson, TRY)
    for line in ("search 1 1", "sweep"):
        assert run(session, line)


def test_a_sweep_says_that_the_session_has_a_fault_of_its_own() -> None:
    session = Session()
    said = run(session, "guarantee at-most-once", "process e1 a", "crash", "restart", "sweep")
    assert (
        "the session ends badly with its own crash; so do 6 of 6 runs with one fault more" in said
    )
    assert "do harm" not in said


def test_a_sweep_says_that_the_session_has_none() -> None:
    session = Session()
    said = run(session, "guarantee at-most-once", "process e1 a", "rollback", "sweep")
    assert "the session ends badly without a fault; so do 6 of 6 runs with a fault" in said


def test_several_faults_of_a_session_are_named_as_several() -> None:
    session = Session()
    lines = ("mechanism dedup off", "process e1 a", "retry", "lose ack", "replay", "lose ack")
    said = run(session, *lines, "sweep")
    assert "with its own repeated delivery and lost acks" in said


def test_shortest_is_said_where_it_is_so() -> None:
    session = Session()
    run(session, *LATE)
    said = rows(session, "sweep")
    assert (
        said["shortest"]
        == "to end doubled: of your commands in order, one fault at most, and what recovers"
    )
    assert len(session.witnesses["sweep"].commands) == 6


def test_minimal_is_said_where_no_more_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.search.witness._MOST", 0)
    session = Session()
    run(session, *LATE)
    said = rows(session, "sweep")
    assert "shortest" not in said
    assert said["minimal"].startswith("to end doubled: none of these can be left out")


def test_the_rules_are_counted() -> None:
    session = Session()
    said = run(session, "mechanism dedup off", "search 1 1")
    assert f"{len(session.witnesses)} rules of {len(RULES)}" in said


def test_a_search_that_ended_early_says_so_and_does_not_count_all_sinks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.search.explore.ENOUGH", 100)
    session = Session(MUTANTS["rollback-keeps-outputs"].start)
    said = rows(session, "search 3 1")
    assert said["stopped"] == "what takes more commands was not tried"
    assert said["sinks"].endswith("found, of those there are")


def test_a_script_is_swept_from_where_it_begins(tmp_path: Path) -> None:
    """After a reset, that is the beginning."""
    path = tmp_path / "story.lab"
    path.write_text("mechanism dedup off\nprocess e1 a\nreset\nprocess e2 b\n")
    history = script.load(path, Lab)
    assert history.at(0).freeze() == Lab().freeze()
    assert len(history.steps) == 1


def test_a_search_of_too_much_says_what_is_whole_and_names_a_smaller_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is not complete, so a script fails; the smaller one is accepted and ends."""
    monkeypatch.setattr("core.search.explore.MOST", 1000)
    session = Session()
    outcome = session.run("search 99 99 9")
    assert (outcome.failed, outcome.why) == (True, "not complete")
    assert isinstance(outcome.view, ReportView)
    assert outcome.view.report.verdict == "STOPPED"
    said = {row.label: row.text for row in outcome.view.report.rows}
    assert said["stopped"].startswith("not complete")
    assert re.fullmatch(
        r"every schedule of up to \d commands was tried: none breaks a rule", said["covered"]
    )
    assert said["try"] == "search 3 2 1"
    assert run(session, said["try"]).startswith("HOLDS")
    assert all(len(row.text) <= 66 for row in outcome.view.report.rows)


def test_a_search_of_too_much_that_broke_a_rule_has_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.search.explore.MOST", 1000)
    session = Session()
    said = run(session, "mechanism dedup off", "search 9 9")
    assert said.startswith("BROKEN")
    assert "stopped not complete" in said
    assert session.takes("witness")


def test_a_sweep_of_too_much_says_up_to_which_step_it_is_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And names a step from which a sweep of what led there ends."""
    monkeypatch.setattr("core.search.sweep.MOST", 3000)
    session = Session()
    run(session, *(f"process e{number} a" for number in range(1, 31)))
    outcome = session.run("sweep")
    assert (outcome.failed, outcome.why) == (True, "not complete")
    assert isinstance(outcome.view, ReportView)
    (hints,) = [row.commands for row in outcome.view.report.rows if row.label == "try"]
    assert hints[1] == "sweep"
    assert "of 30 was tried, the rest was not" in outcome.view.plain()
    assert run(session, *hints).startswith("HOLDS")


def test_a_search_and_a_sweep_that_are_interrupted_say_so() -> None:
    session = Session()
    session.on_progress = lambda _: False
    run(session, *(f"process e{number} a" for number in range(1, 31)))
    for line in ("search 4 4", "sweep"):
        said = run(session, line)
        assert said.startswith("STOPPED")
        assert "not complete: it was interrupted" in said
        assert "was tried" in said
        assert "mechanism dedup off" not in said
    assert rows(session, "search 9 1 9")["try"] == "search 3 1 1"


def test_one_command_in_one_state_is_said_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.search.explore.MOST", 1)
    assert rows(Session(), "search")["tried"] == "1 command in 1 state"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ("--events 2 --faults 1", Exit.OK, ""),
        ("--events 99 --faults 99 --states 500", Exit.FAILED, "not complete"),
        ("--without dedup --states 500", Exit.FAILED, ""),
        ("--states 0", Exit.MISUSED, "a number of states is 1 or more"),
        ("--events -1", Exit.MISUSED, "0 or more"),
    ],
)
def test_the_status_of_a_search_says_whether_it_is_complete(
    arguments: str, status: Exit, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = cli.parser(["search"]).parse_args(["search", *arguments.split()])
    assert searches.run(options) is status
    assert said in capsys.readouterr().err
    assert bool(said) is (status is Exit.MISUSED or "99" in arguments)


def test_a_search_that_is_interrupted_ends_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Progressing, "__call__", lambda *_: False)
    options = cli.parser(["search"]).parse_args(["search", "--events", "9"])
    assert searches.run(options) is Exit.INTERRUPTED
    assert "not complete: it was interrupted" in capsys.readouterr().out


SPANS = {
    "5..7": range(5, 8),
    "28..": range(28, 31),
    "..3": range(1, 4),
    "4": range(4, 5),
    "29..99": range(29, 31),
    "9" * 18: range(0),
    "99..": range(0),
}


@pytest.mark.parametrize("command", ["show seen", "show source", "history", "timeline"])
def test_a_range_may_be_open_at_either_end(command: str) -> None:
    session = Session()
    run(session, *(f"process e{number} a" for number in range(1, 31)))
    for span, numbers in SPANS.items():
        said = run(session, f"{command} {span}")
        found = re.findall(r"^(?:seen|source|step) (\d+)", said, re.MULTILINE)
        assert found == list(map(str, numbers)), f"{command} {span}"
        assert numbers or re.search(r"1 to 30", said)


@pytest.mark.parametrize("command", ["show seen", "show disk", "history", "timeline"])
@pytest.mark.parametrize("span", ["..", "0", "0..3", "..0", "3..x", "1..2..3", "-1", "7..5", "५.."])
def test_a_range_that_makes_no_sense_is_refused_with_one_that_does(command: str, span: str) -> None:
    session = Session()
    run(session, "process e1 a")
    with pytest.raises(Refused) as caught:
        session.run(f"{command} {span}")
    assert caught.value.hint.startswith(f"{command} ")
    assert session.takes(caught.value.hint)


def test_a_long_life_is_shortened_and_told_whole_when_asked() -> None:
    session = Session()
    run(session, "process e1 a", *["retry e1", "checkpoint"] * 20)
    short, whole = run(session, "why e1"), run(session, "why e1 all")
    assert "29 steps more, why e1 all" in short
    assert "... (20 in all)" in short
    assert [f"step {number}:" in whole for number in range(1, 42)] == [True] * 41
    assert "more" not in whole
    assert "cp20, acknowledged" in whole
    with pytest.raises(Refused, match="expected nothing more, or all") as caught:
        session.run("why e1 everything")
    assert caught.value.hint == "why e1 all"


def test_of_a_witness_too_long_to_read_the_beginning_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where a sweep was interrupted it is as it was found; `witness` loads all of it."""
    monkeypatch.setattr("core.search.account.Effort._EACH", 1)
    session = Session()
    run(session, *(f"process e{number} a" for number in range(1, 60)))
    run(session, "mechanism dedup off", "retry e5")
    session.on_progress = lambda cases: cases < 3
    said = run(session, "sweep")
    assert said.startswith("BROKEN")
    assert "as it was found: there was no time to make it shorter" in said
    assert "40 process e40 a, ... (62 in all)" in said
    run(session, "witness")
    run(session, f"redo {len(session.history.undone)}")
    assert broken(session.lab)
