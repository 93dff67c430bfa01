"""A session on a store, without a terminal: what it greets with, refuses and suggests."""

import io
import json
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import Refused
from core.lab.disk import Disk
from repl import registry
from repl.commands import arguments
from repl.prompt import toolbar
from repl.prompt.shell import Shell
from repl.render import View, notes
from repl.render.report_view import ReportView
from repl.render.terminal import Terminal
from repl.render.theme import ASCII
from repl.session import Session, on_disk
from tests.repl.render.sessions import drawn

COMMANDS = registry.load()


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Name a store that is still to be made."""
    return str(tmp_path / "lab.db")


@pytest.fixture
def session(path: str) -> Iterator[Session]:
    """Return a session on a new store."""
    made = on_disk(path)
    yield made
    leave(made)


def leave(session: Session) -> None:
    """Let go of the store."""
    assert session.lab.durability.disk is not None
    session.lab.durability.disk.close()


def run(session: Session, *lines: str) -> str:
    """Run lines; return what the last one shows, in plain sentences."""
    shown: View | None = None
    for line in lines:
        outcome = session.run(line)
        shown = outcome.view
        if outcome.step is not None:
            shown = notes.step(outcome.step, session.history, session.takes)
    assert shown is not None
    return shown.plain()


def refusal(session: Session, line: str) -> tuple[str, str]:
    """Return what is said to a line that is refused, and what it may try."""
    try:
        session.run(line)
    except Refused as fault:
        return fault.text, fault.hint
    pytest.fail(f"{line} is not refused")


def test_a_raw_restore_that_cannot_open_the_store_again_is_answered_with_22(
    session: Session, path: str
) -> None:
    run(session, "process e1 a", "checkpoint cp1", "crash")
    Path(path).write_bytes(b"nothing of ours" * 500)
    (answer,) = session.run('{"type":"restore","msg_id":3,"checkpoint_id":"cp1"}').wire
    assert (json.loads(answer)["code"], json.loads(answer)["in_reply_to"]) == (22, 3)


def greeting(path: str) -> str:
    """Open the store again; return the line of the greeting that tells of it."""
    again = on_disk(path)
    leave(again)
    return notes.welcome(again.lab).plain().partition("; ")[2]


def test_the_greeting_names_the_store_and_what_came_back(session: Session, path: str) -> None:
    assert (
        f"store {path}: new; try process e1 hello, help, quit" in notes.welcome(session.lab).plain()
    )
    leave(session)
    assert (
        greeting(path) == f"store {path}: nothing is in it yet; try process e1 hello, help, quit)"
    )
    filled = on_disk(path)
    run(filled, "feed a b c", "commit", "checkpoint", "process d", "crash before-apply")
    run(filled, "process e")
    leave(filled)
    assert greeting(path) == (
        f"store {path}: 4 seen, 1 pending, 3 committed, checkpoint cp1, e5 is due; "
        "try replay, show, help, quit)"
    )


BARRED = (
    "undo",
    "undo x",
    "redo",
    "goto 0",
    "goto",
    "reset",
    "load nothing.lab",
    "witness",
    "mechanism dedup on",
    "mechanism nothing on",
    "guarantee at-least-once",
    "lesson 1",
    "hint",
    "next",
)


@pytest.mark.parametrize("line", ["mechanism", "mechanism dedup", "guarantee"])
def test_a_look_at_the_mechanisms_is_free_on_a_store(session: Session, line: str) -> None:
    assert session.takes(line)
    assert "dedup: on" in run(session, line)


@pytest.mark.parametrize("line", BARRED)
def test_what_a_store_bars_is_refused_with_what_it_has(session: Session, line: str) -> None:
    """Whatever stands behind the command: its example would be refused as well."""
    text, hint = refusal(session, line)
    assert "--store" in text
    assert session.takes(hint)
    assert not session.takes(line)
    session.run(hint)


@pytest.mark.parametrize("line", ["clear", "revert", "undoo", "lessn", "loda x"])
def test_a_command_that_a_store_bars_is_not_suggested_for_another(
    session: Session, line: str
) -> None:
    assert session.takes(refusal(session, line)[1])


@pytest.mark.parametrize("declared", COMMANDS.values(), ids=list(COMMANDS))
def test_help_gives_an_example_where_the_session_takes_it(
    session: Session, declared: registry.PromptCommand
) -> None:
    example = f"try: {declared.example}"
    assert (example in run(session, f"help {declared.name}")) is session.takes(declared.example)


def test_what_a_search_suggests_on_a_store_is_possible(session: Session) -> None:
    assert run(session, "search 1 1").endswith("; try sweep)")
    assert run(session, "process e1 hello", "sweep").endswith("; try score)")


def test_the_list_of_lessons_says_where_one_can_begin(session: Session) -> None:
    assert run(session, "lessons").endswith("oncelab lesson 1, in a shell, begins the first")
    assert run(Session(), "lessons").endswith("\nlesson 1 begins the first")


def test_a_session_saved_from_a_store_does_not_suggest_to_load_it(
    session: Session, tmp_path: Path
) -> None:
    run(session, "process e1 hello", f"save {tmp_path}/out.lab")
    view = session.run(f"save {tmp_path}/out.lab").view
    assert isinstance(view, ReportView)
    assert [row.label for row in view.report.rows] == ["file"]


def disk_of(session: Session) -> Disk:
    """Return the store of a session that is on one."""
    assert session.lab.durability.disk is not None
    return session.lab.durability.disk


def typed(session: Session, *lines: str) -> list[str]:
    """Type lines at the prompt; return what it says, a plain sentence each."""
    out = io.StringIO()
    shell = Shell(session, Terminal(out, colour=False, plain=True, glyphs=ASCII))
    for line in lines:
        shell.run(line)
    return out.getvalue().splitlines()


def kill(session: Session) -> None:
    """Kill the worker from outside."""
    worker = disk_of(session).worker
    os.kill(worker, signal.SIGKILL)
    os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT)


def test_a_worker_killed_from_outside_is_noticed_before_the_next_line_is_run(
    session: Session,
) -> None:
    run(session, "process e1 hello")
    kill(session)
    crashed, restarted = typed(session, "restart")
    assert crashed == (
        "step 2: crash: CRASHED (the process is killed, the disk is not; "
        "cause the process has been killed (signal 9); "
        "LOST nothing: the disk has all of it; "
        "KEPT on disk: counts hello 1, 1 seen, 1 pending, no checkpoint, sink 0, source e1; "
        "try restart)"
    )
    assert restarted.startswith("step 3: restart: RESTARTED")


def test_a_look_and_a_command_find_the_processor_down_that_was_killed(session: Session) -> None:
    kill(session)
    shown = typed(session, "show")
    assert shown[1] == "processor: DOWN, exactly-once"
    assert shown[-1] == "KEPT: on disk: no counts, 0 seen, 0 pending"
    assert typed(session, "crash") == ["REFUSED (the processor is down; try restart)"]


def test_a_prompt_whose_store_was_taken_over_says_who_has_it_and_how_to_get_it_back(
    session: Session, path: str
) -> None:
    run(session, "process e1 hello")
    epochs = "epoch 1, taken over by another node: epoch 2"
    back = f"in a shell: oncelab --store {path} --take-over"
    with closing(Disk(path, take_over=True)):
        assert run(session, "show").endswith(epochs)
        assert run(session, "show disk").splitlines()[0].endswith(epochs)
        told = run(session, "commit")
        assert "CRASHED (fenced off by another node; " in told
        assert "; LOST the command in hand: it is not done; " in told
        assert told.endswith(f"again {back}; try quit)")
        assert typed(session, "restart")[0].endswith(f"quit, and then {back}; try quit)")
    assert notes.left(disk_of(session)).plain().endswith(f"oncelab --store {path} --take-over)")


@pytest.mark.parametrize("line", ["process e1 hello", "retry", "replay 0"])
def test_a_prompt_whose_store_was_taken_over_skips_no_duplicate(
    session: Session, path: str, line: str
) -> None:
    """The younger one may have rolled the event back."""
    run(session, "process e1 hello")
    with closing(Disk(path, take_over=True)):
        assert "CRASHED (fenced off by another node; " in run(session, line)


def test_a_crash_of_a_process_whose_store_was_taken_over_says_so(
    session: Session, path: str
) -> None:
    with closing(Disk(path, take_over=True)):
        assert "the process is killed, and another node has the store" in run(session, "crash")


def test_a_store_that_cannot_be_read_is_no_fault_of_ours(session: Session, path: str) -> None:
    for file in Path(path).parent.iterdir():
        file.unlink()
    assert run(session, "show").endswith("cannot be read: it is gone")
    for line in ("show disk", "show all"):
        assert refusal(session, line) == ("cannot read the store: it is gone", "show")


def test_what_came_from_the_store_says_that_it_was_applied_before_this_session(
    session: Session, path: str
) -> None:
    run(session, "process e1 hello", "checkpoint", "commit", "process e2 hi")
    leave(session)
    again = on_disk(path)
    run(again, "process e3 late")
    assert run(again, "show seen").splitlines()[2:] == [
        "seen 2: id e2, word hi, since before this session",
        "seen 3: id e3, word late, since step 1",
    ]
    assert "because e2 is in seen since before this session; " in run(again, "retry e2")
    assert "e2 SKIPPED duplicate: in seen since before this session" in run(again, "replay 1")
    assert "before: this session: applied; output committed; in a checkpoint (cp1)" in run(
        again, "why e1"
    )
    leave(again)


def test_a_range_of_the_tables_shows_these_rows(session: Session) -> None:
    for number in range(1, 8):
        session.run(f"process e{number} w{number}")
    said = run(session, "show disk 2..3")
    source = said[said.index("seen 7 rows") :].partition("\npending")[0]
    shown = [
        f"w{number}" for number in range(1, 8) if f"w{number}" in source.split("rows after")[0]
    ]
    assert shown == ["w2", "w3"]
    assert "1 row before, 4 rows after" in source


ODD = (
    '{"type": "process", "event_id": 5, "word": "n\\u00e4h"}',
    '{"type": "process", "event_id": 9223372036854775808, "word": "\\ud800"}',
    '{"type": "process", "event_id": "", "word": ""}',
    "commit",
    '{"type": "checkpoint", "checkpoint_id": 5}',
)


def test_the_tables_show_each_value_as_it_is_shown_elsewhere(session: Session) -> None:
    """Integers beyond SQLite's, what is no UTF-8, what is empty, and letters beyond ASCII."""
    for line in ODD:
        session.run(line)
    views = [session.run(line).view for line in ("show disk", "show disk 5..5")]
    shown = "".join(drawn(view) for view in views if view is not None)
    for row in (
        '5    1      [["apply",0,[5,"näh"]],["source",0,[5,"näh"]],["offset",1,null]]',
        "int:5  3",
        "1         int:5                    näh     1",
        r"2         int:9223372036854775808  \ud800  1",
        "3         ''                       ''      1",
    ):
        assert row in shown


def test_an_integer_name_is_shown_as_it_can_be_typed(session: Session) -> None:
    for line in ODD:
        session.run(line)
    assert "int:5" in toolbar.segments(session)
    assert (
        "int:5",
        "n\u00e4h 1, \\ud800 1, … of 3 words, 3 seen, 0 pending, offset 3",
    ) in [*COMMANDS["restore"].arguments[0].offered(session)]
    assert ("int:5", "n\u00e4h") in [*arguments.EVENT.offered(session)]
    for name in ("int:5", "5"):
        assert "RESTORED (int:5; " in run(session, f"restore {name}")
        assert refusal(session, "restore INT:5")[1] == "restore int:5"
        assert refusal(session, "restore int:6")[1] == "show checkpoints"
    for line in ("why int:5", "why 5"):
        assert run(session, line).startswith("ONCE int:5 ")
    assert "SKIPPED (int:5; duplicate; because int:5 is in seen since step 1 " in run(
        session, "retry int:5"
    )
    assert not session.run("expect sink holds int:5 once").failed


def test_a_string_that_looks_as_an_integer_is_shown_is_in_quotes(session: Session) -> None:
    session.run(ODD[0])
    assert "APPLIED" in run(session, "process int:5 other")
    assert run(session, "why 'int:5'").startswith("ONCE 'int:5' (other)")
    assert run(session, "why int:5").startswith("ONCE int:5 ")
    assert run(session, "why 5").startswith("ONCE int:5 ")
