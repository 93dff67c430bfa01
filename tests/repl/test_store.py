"""A session on a store, without a terminal: what it greets with, refuses and suggests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import Refused
from repl import registry
from repl.registry import Mistyped
from repl.session import Session, on_disk
from repl.views import View, notes
from repl.views.told import Told

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
    assert session.lab.disk is not None
    session.lab.disk.close()


def run(session: Session, *lines: str) -> str:
    """Run lines; return what the last one shows, in plain sentences."""
    shown: View | None = None
    for line in lines:
        outcome = session.run(line)
        shown = outcome.view
        if outcome.step is not None:
            shown = notes.step(outcome.step, session.lab)
    assert shown is not None
    return shown.plain()


def refusal(session: Session, line: str) -> tuple[str, str]:
    """Return what is said to a line that is refused, and what it may try."""
    try:
        session.run(line)
    except (Refused, Mistyped) as fault:
        return fault.text, fault.hint
    pytest.fail(f"{line} is not refused")


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
    "mechanism dedup",
    "mechanism nothing on",
    "guarantee at-least-once",
    "lesson 1",
    "hint",
    "next",
)


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
    session: Session, declared: registry.Declaration
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
    assert isinstance(view, Told)
    assert [row.label for row in view.report.rows] == ["file"]
