"""The prompt loop without a terminal: what it reads is handed in, what it prints is read back."""

import io
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from core.errors import Mistyped
from core.search.explore import explore
from repl import registry
from repl.prompt.keys import person
from repl.prompt.progress import Progressing
from repl.prompt.shell import Shell
from repl.render import notes
from repl.render.terminal import Terminal, coloured, look
from repl.render.theme import ASCII, UNICODE
from repl.session import Session


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the prompt remembers in a folder of the test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def shell(*, plain: bool = False) -> tuple[Shell, io.StringIO]:
    """Return a shell, and what it prints to."""
    out = io.StringIO()
    glyphs = ASCII if plain else UNICODE
    return Shell(Session(), Terminal(out, colour=False, plain=plain, glyphs=glyphs)), out


def typing(*lines: str) -> Iterator[str]:
    """Type lines, then Ctrl-D."""
    yield from lines
    raise EOFError


def run(*lines: str, plain: bool = False) -> str:
    """Return what a prompt prints while these lines are typed."""
    prompt, out = shell(plain=plain)
    keys = typing(*lines)
    prompt.loop(lambda: next(keys))
    return out.getvalue()


def test_lines_typed_with_real_keys_are_run(tmp_path: Path) -> None:
    prompt, out = shell()
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("process e1 hello\rprocess e1 hello\r\x04")
        prompt.loop(person(prompt.session, prompt.terminal, prompt.prompt, vi=False))
    assert "SKIPPED e1: duplicate" in out.getvalue()
    assert (tmp_path / "oncelab" / "history").read_text().count("process e1 hello") >= 1


@pytest.mark.parametrize("trouble", ["pipe", "folder", "no folder", "full"])
def test_where_the_history_cannot_be_kept_the_prompt_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    history = tmp_path / "oncelab" / "history"
    if trouble == "no folder":
        (tmp_path / "oncelab").touch()
    else:
        history.parent.mkdir()
    if trouble == "pipe":
        os.mkfifo(history)
    elif trouble == "folder":
        history.mkdir()
    elif trouble == "full":
        monkeypatch.setattr("prompt_toolkit.history.FileHistory.store_string", full)
    prompt, out = shell()
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("process e1 hello\r\x04")
        prompt.loop(person(prompt.session, prompt.terminal, prompt.prompt, vi=False))
    assert "APPLIED e1" in out.getvalue()
    assert out.getvalue().count("cannot keep the history") == (trouble != "full")


def test_a_line_that_cannot_be_run_is_answered_and_the_prompt_goes_on() -> None:
    printed = run("restore", "proccess e1 hello", "process e1 hello")
    assert "REFUSED: no checkpoint was saved" in printed
    assert "there is no command 'proccess'" in printed
    assert "APPLIED e1" in printed


def test_a_fault_of_ours_costs_one_line_and_the_session_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def faulty(_session: Session) -> None:
        message = "something we did not think of"
        raise ZeroDivisionError(message)

    commit = registry.load()["commit"]
    broken = replace(commit, handler=faulty)
    monkeypatch.setitem(registry.COMMANDS, "commit", broken)
    printed = run("process e1 hello", "commit", "process e2 world", "show counts")
    assert "something we did not think of" in printed
    assert "Traceback" not in printed
    assert "world" in printed


def test_a_fault_while_drawing_costs_one_line_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*_: object) -> None:
        message = "cannot be drawn"
        raise ZeroDivisionError(message)

    monkeypatch.setattr("repl.render.score.score", faulty)
    monkeypatch.setattr("repl.render.reports.report", faulty)
    printed = run("process e1 hello", "score", "show counts")
    assert printed.count("cannot be drawn") == 2
    assert "COUNTS 1 word" in printed


def test_a_search_that_is_stopped_leaves_nothing_to_undo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C during a command that makes no step: no word of an undo."""

    def interrupted(*given: object, **named: object) -> object:
        signal.raise_signal(signal.SIGINT)
        return explore(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("core.search.explore.explore", interrupted)
    printed = run("search 1 1")
    assert "STOPPED" in printed or "HOLDS" in printed
    assert "undo takes it back" not in printed


def test_a_feed_is_stopped_only_where_words_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C at the very end of the work changes nothing, and stops nothing."""
    asked = Progressing.__call__

    def watched(self: Progressing, done: int) -> bool:
        signal.raise_signal(signal.SIGINT)
        return asked(self, done)

    monkeypatch.setattr(Progressing, "__call__", watched)
    for words, left in ((8192, 4096), (4096, 0), (10, 0)):
        prompt, out = shell(plain=True)
        assert prompt.run("feed " + "a " * words)
        assert len(prompt.session.lab.source.log) == words - left
        assert ("STOPPED" in out.getvalue()) is bool(left)


@pytest.mark.parametrize("line", ["process e2 b", "replay 0", "checkpoint", "show", "crash"])
def test_a_ctrl_c_during_what_is_done_at_once_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """But what was pasted behind it is not run, and that is said."""
    prompt, out = shell(plain=True)
    prompt.run("process e1 a")
    run_line = Session.run

    def interrupted(self: Session, line: str, *, prefixes: bool = False) -> object:
        outcome = run_line(self, line, prefixes=prefixes)
        signal.raise_signal(signal.SIGINT)
        return outcome

    monkeypatch.setattr(Session, "run", interrupted)
    assert prompt.run(f"{line}\nprocess e9 x\n")
    assert "STOPPED" not in out.getvalue()
    assert "DROPPED" in out.getvalue()
    assert "e9" not in prompt.session.lab.source.positions


def test_a_load_that_is_interrupted_loads_nothing_and_says_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "long.lab"
    file.write_text("process hello\n" * 1000)
    prompt, _ = shell(plain=True)
    prompt.session.on_progress = lambda done: done < 300
    with pytest.raises(Mistyped, match=r"long\.lab:400: stopped here; nothing was loaded"):
        prompt.session.run(f"load {file}")
    assert not prompt.session.history.steps


def test_the_session_is_saved_as_it_is_made_and_after_going_back(tmp_path: Path) -> None:
    printed = run("process e1 hello", "process e2 world", "undo", "commit", plain=True)
    (saved,) = (tmp_path / "oncelab" / "sessions").glob("*.lab")
    assert saved.read_text().splitlines()[1:] == ["process e1 hello", "commit"]
    assert saved.name in printed


@pytest.mark.parametrize(
    "loaded",
    [
        ["process e1 a"],
        ["process e1 a", "process e2 b"],
        ["process e1 a", "process e2 b", "commit"],
        ["process e1 hello", "process e2 b"],
    ],
)
def test_what_is_saved_is_the_session_that_was_loaded_last(
    tmp_path: Path, loaded: list[str]
) -> None:
    """Also where it is as long as the one before it, or one step longer."""
    file = tmp_path / "other.lab"
    file.write_text("\n".join(loaded), encoding="utf-8")
    run("process e1 hello", f"load {file}")
    (saved,) = (tmp_path / "oncelab" / "sessions").glob("*.lab")
    assert saved.read_text().splitlines()[1:] == loaded


def test_nothing_is_saved_of_a_session_without_a_step(tmp_path: Path) -> None:
    assert "there is no session to keep" in run("show")
    assert not list((tmp_path / "oncelab").glob("sessions/*"))


def test_only_the_newest_sessions_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "oncelab" / "sessions"
    folder.mkdir(parents=True)
    for day in range(10, 31):
        (folder / f"2020-01-{day}-000000-1.lab").write_text("")
    run("process e1 hello")
    kept = sorted(path.name for path in folder.glob("*.lab"))
    assert len(kept) == 20
    assert "2020-01-10-000000-1.lab" not in kept


HOSTILE = [
    "[/b]",
    ":smile:",
    "\x1b[31mred",
    "\u202etxet",
    "👩\u200d🚀",
    "x" * 10_000,
    "[bold]x[/bold]",
    "\x00",
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
@pytest.mark.parametrize("plain", [False, True])
def test_user_text_is_never_markup_nor_control(text: str, plain: bool) -> None:  # noqa: FBT001
    quoted = "'" + text + "'"
    printed = run(
        f"process {quoted} {quoted}",
        f"checkpoint {quoted}",
        "crash",
        "restore",
        "show all",
        f"why {quoted}",
        "timeline",
        plain=plain,
    )
    assert "\x1b" not in printed
    assert "\x00" not in printed
    if len(text) < 20 and text.isprintable() and not plain:
        assert text in printed


@pytest.mark.parametrize(
    ("environment", "flag", "terminal", "colour"),
    [
        ({}, None, True, True),
        ({}, None, False, False),
        ({"NO_COLOR": "1"}, None, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, None, True, False),
        ({"NO_COLOR": "1"}, True, True, True),
        ({"FORCE_COLOR": "1"}, None, False, True),
        ({"FORCE_COLOR": "0"}, None, True, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, None, False, True),
        ({"TERM": "dumb"}, None, True, False),
        ({}, False, True, False),
    ],
)
def test_colour_is_decided_by_flag_then_environment_then_terminal(
    environment: dict[str, str],
    flag: bool | None,  # noqa: FBT001 - a row of the table
    terminal: bool,  # noqa: FBT001
    colour: bool,  # noqa: FBT001
) -> None:
    assert coloured(environment, flag, terminal) is colour


@pytest.mark.parametrize(
    ("environment", "colour", "plain", "drawn"),
    [
        ({}, None, None, False),
        ({}, True, None, True),
        ({"FORCE_COLOR": "1"}, None, None, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, None, None, True),
        ({"FORCE_COLOR": "0"}, None, None, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, None, None, False),
        ({"FORCE_COLOR": "1"}, False, None, False),
        ({"FORCE_COLOR": "1"}, True, True, False),
    ],
)
def test_what_goes_into_a_pipe_is_drawn_where_colour_is_asked_for(
    environment: dict[str, str],
    colour: bool | None,  # noqa: FBT001 - a row of the table
    plain: bool | None,  # noqa: FBT001
    drawn: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    out = io.StringIO()
    to = look(out, colour=colour, plain=plain)
    to.show(notes.refused("no", "help"))
    assert to.plain is not drawn
    assert ("\x1b[" in out.getvalue()) is drawn
