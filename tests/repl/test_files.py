"""The one writer of files: whole or not at all, for every caller; and the one reader."""

import ast
import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Mistyped
from core.lab.history import History
from lessons import catalog, progress
from lessons.progress import Bookmark, Progress
from repl import export, files
from repl.cli import lesson, lesson_files
from repl.commands import keep
from repl.lesson import entry
from repl.prompt.autosave import Autosave
from repl.render.terminal import Terminal
from repl.render.theme import ASCII
from repl.session import Session

ROOT = Path(__file__).parents[2]
PLAIN = Terminal(open(os.devnull, "w"), colour=False, plain=True, glyphs=ASCII)  # noqa: SIM115, PTH123 - stays open


def played() -> Session:
    """Return a session of two steps."""
    session = Session()
    for line in ("process e1 hello", "process e2 world"):
        session.run(line)
    return session


def _autosave(path: Path, steps: int) -> str | None:
    """Keep a session that is this many steps longer than what the file holds."""
    session, autosave = played(), Autosave()
    autosave.path, autosave._steps = path, 2 - steps  # noqa: SLF001 - as if it had been kept
    if steps == 1:
        autosave._last = session.history.steps[0]  # noqa: SLF001 - the same
    return autosave.keep(session.history)


def _record(path: Path) -> int:
    guide = entry.guide(Session(), catalog.find("1"), Progress(None))
    return lesson._record(guide, str(path))  # noqa: SLF001 - what --record does


def _note(path: Path) -> str | None:
    return Progress(path, write=files.write).note("one", Bookmark(1, 2))


CALLERS: dict[str, Callable[[Path], object]] = {
    "save": lambda path: keep.save(played(), str(path)),
    "export": lambda path: export.write(played().history, str(path)),
    "autosave of a step": lambda path: _autosave(path, 1),
    "autosave after going back": lambda path: _autosave(path, 0),
    "progress": _note,
    "--record": _record,
    "--export": lambda path: lesson_files.export(str(path), PLAIN),
}


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is remembered in a folder of the test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder."""
    path = tmp_path / "folder"
    path.mkdir()
    return path


def content(folder: Path) -> dict[str, bytes]:
    """Return all that stands in a folder."""
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def limited(size: int, work: Callable[[], object]) -> object:
    """Do work while no file may grow beyond a size: a disk that is full half-way."""
    import resource  # noqa: PLC0415 - of POSIX alone

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        return work()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def told(work: Callable[[], object], capsys: pytest.CaptureFixture[str]) -> str:
    """Return what is said of work that fails."""
    try:
        said = work()
    except Mistyped as fault:
        said = fault.text
    return f"{said} {capsys.readouterr().err}"


@pytest.mark.parametrize("caller", CALLERS)
def test_a_full_disk_leaves_the_file_that_was_there(
    caller: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "run.txt"
    path.write_bytes(b"before\n")
    said = told(lambda: limited(11, lambda: CALLERS[caller](path)), capsys)
    assert content(folder) == {"run.txt": b"before\n"}
    assert "File too large" in said


@pytest.mark.parametrize("fails", ["open", "replace"])
@pytest.mark.parametrize("caller", CALLERS)
def test_a_folder_that_may_not_be_written_to_stays_as_it_is(
    caller: str,
    fails: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = folder / "run.txt"
    path.write_bytes(b"before\n")
    really = getattr(Path, fails)

    def refuse(path: Path, *given: object, **named: object) -> object:
        if path.parent == folder:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return really(path, *given, **named)

    if caller == "autosave of a step":
        fails = "open"  # it is added to the file, in place
    with monkeypatch.context() as patch:
        patch.setattr(Path, fails, refuse)
        said = told(lambda: CALLERS[caller](path), capsys)
    assert content(folder) == {"run.txt": b"before\n"}
    assert "Permission denied" in said


@pytest.mark.parametrize("caller", CALLERS)
def test_who_can_write_leaves_the_file_alone_in_its_folder(caller: str, folder: Path) -> None:
    path = folder / "run.txt"
    path.write_bytes(b"before\n")
    CALLERS[caller](path)
    after = content(folder)
    assert list(after) == ["run.txt"]
    assert after["run.txt"] != b"before\n"


@given(st.text(st.characters(exclude_categories=[])))
def test_what_is_written_is_what_stands_there(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "round"
    encoded = text.encode("utf-8", "surrogatepass")
    files.write(path, text)
    assert path.read_bytes() == encoded
    files.append(path, text)
    assert path.read_bytes() == encoded * 2


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")))
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "round"
    files.write(path, text)
    assert files.read(path) == text


def test_a_link_is_followed_and_the_file_keeps_its_mode(folder: Path) -> None:
    path, link = folder / "run.txt", folder / "link.txt"
    path.write_text("before", encoding="utf-8")
    path.chmod(0o600)
    link.symlink_to("run.txt")
    files.write(link, "after")
    assert link.is_symlink()
    assert path.read_text(encoding="utf-8") == "after"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_write_protected_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although its folder would let another take its place. To root nothing is protected."""
    path = folder / "run.txt"
    path.write_text("before", encoding="utf-8")
    really = Path.open

    def refuse(which: Path, mode: str = "r", *given: object, **named: object) -> object:
        if which == path and mode != "r":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return really(which, mode, *given, **named)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        with pytest.raises(PermissionError):
            files.write(path, "after")
    assert content(folder) == {"run.txt": b"before"}


def test_a_file_that_is_new_has_the_mode_of_any(folder: Path) -> None:
    (folder / "any").touch()
    files.write(folder / "one", "1")
    files.write(folder / "two", "2", new=True)
    assert len({each.stat().st_mode for each in folder.iterdir()}) == 1


def test_a_pipe_is_written_to_as_it_is(folder: Path) -> None:
    pipe, heard = folder / "pipe", []
    os.mkfifo(pipe)
    listener = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
    listener.start()
    files.write(pipe, "hello")
    listener.join(10)
    assert heard == [b"hello"]
    assert pipe.is_fifo()


def test_what_is_new_is_never_written_over_and_leaves_nothing_where_it_fails(
    folder: Path,
) -> None:
    (folder / "there").write_text("before", encoding="utf-8")
    (folder / "nowhere").symlink_to("missing")
    for name in ("there", "nowhere"):
        with pytest.raises(FileExistsError):
            files.write(folder / name, "after", new=True)
    assert (folder / "there").read_text(encoding="utf-8") == "before"
    with pytest.raises(OSError, match="File too large"):
        limited(3, lambda: files.write(folder / "new", "after", new=True))
    assert sorted(each.name for each in folder.iterdir()) == ["nowhere", "there"]


def test_a_file_that_cannot_be_read_is_named_with_the_reason(folder: Path) -> None:
    (folder / "binary").write_bytes(b"ab\xff")
    for name, reason in {
        "missing": "No such file or directory",
        "": "Is a directory",
        "binary": "it is not UTF-8 text (byte 3)",
    }.items():
        with pytest.raises(files.UnreadableFile) as fault:
            files.read(folder / name)
        assert str(fault.value) == f"cannot read {str(folder / name)!r}: {reason}"


def test_nothing_else_writes_files() -> None:
    """In `repl` and `lessons`; a store has rules of its own."""
    writing = {"write_text", "write_bytes", "open", "touch"}
    found = {
        f"{path.relative_to(ROOT)}: {call.func.attr}"
        for package in ("repl", "lessons")
        for path in (ROOT / package).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in writing
    }
    elsewhere = {each for each in found if not each.startswith("repl/files.py")}
    assert elsewhere == {"repl/prompt/keys.py: touch"}  # prompt-toolkit writes that one


def test_progress_is_written_as_it_is_read() -> None:
    lessons = {"one": Bookmark(1, 2, ("next",), ("next", "ü"))}
    assert progress.parse(progress.text(lessons)) == lessons


def test_an_empty_history_is_kept_nowhere() -> None:
    autosave = Autosave()
    assert autosave.keep(History()) is None
    assert autosave.path is None
