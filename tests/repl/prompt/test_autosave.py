"""The autosave: a session that is open stays, whatever others do, and nothing of it is lost."""

import os
from pathlib import Path

import pytest

from core.lab.history import History
from repl import files, script
from repl.prompt.autosave import Autosave
from repl.session import Session


@pytest.fixture(autouse=True)
def sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that sessions are kept in."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "oncelab" / "sessions"


class Prompt:
    """A session, and what keeps it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.session, self.autosave = Session(), Autosave()

    def run(self, *lines: str) -> str | None:
        """Run lines; return the last warning."""
        said = None
        for line in lines:
            self.session.run(line)
            said = self.autosave.keep(self.session.history) or said
        return said

    @property
    def file(self) -> Path:
        """Where the session is."""
        assert self.autosave.path is not None
        return self.autosave.path

    @property
    def kept(self) -> bool:
        """Whether all of it is in the file."""
        steps = self.session.history.steps
        return self.file.read_text(encoding="utf-8") == script.text(steps)


def test_a_session_that_is_open_outlives_any_number_of_others(sessions: Path) -> None:
    first = Prompt()
    first.run("process e1 hello")
    for number in range(30):
        other = Prompt()
        other.run(f"process e{number} world")
        if number % 2:
            other.run("undo", "commit")  # a file that is written anew is held, too
        assert other.kept
    assert first.kept
    first.run("process e2 world", "undo")
    assert first.kept
    assert len(list(sessions.iterdir())) <= 21


def test_what_is_not_a_session_of_the_prompt_stays(sessions: Path) -> None:
    sessions.mkdir(parents=True)
    for name in ("0-mine.lab", "notes.txt"):
        (sessions / name).touch()
    for day in range(10, 31):
        (sessions / f"2020-01-{day}-000000-1.lab").touch()
    Prompt().run("process e1 hello")
    names = {each.name for each in sessions.iterdir()}
    assert {"0-mine.lab", "notes.txt"} <= names
    assert "2020-01-10-000000-1.lab" not in names


def test_a_file_that_is_gone_comes_back_whole() -> None:
    prompt = Prompt()
    prompt.run("process e1 hello", "process e2 world")
    prompt.file.unlink()
    prompt.run("commit")
    assert prompt.kept


def test_what_somebody_put_in_its_place_stays() -> None:
    prompt = Prompt()
    prompt.run("process e1 hello")
    place = prompt.file
    for line in ("process e2 world", "undo"):
        place.unlink()
        place.write_text("mine", encoding="utf-8")
        prompt.run(line)
        assert prompt.kept
        assert place.read_text(encoding="utf-8") == "mine"


def test_what_somebody_changed_in_it_stays() -> None:
    prompt = Prompt()
    prompt.run("process e1 hello")
    for line in ("process e2 world", "undo"):
        edited = prompt.file
        with edited.open("a", encoding="utf-8") as file:
            file.write("# mine\n")
        prompt.run(line)
        assert prompt.kept
        assert edited.read_text(encoding="utf-8").endswith("# mine\n")


def test_two_prompts_of_one_second_and_one_number_have_two_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("time.strftime", lambda _: "2020-01-01-000000")
    one, other = Prompt(), Prompt()
    one.run("process e1 hello")
    other.run("process e2 world")
    assert one.file != other.file
    assert one.kept
    assert other.kept


def test_without_locks_what_is_younger_than_a_day_stays(
    sessions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("fcntl.flock", no_locks)
    sessions.mkdir(parents=True)
    for day in range(10, 31):
        path = sessions / f"2020-01-{day}-000000-1.lab"
        path.touch()
        if day == 10:
            os.utime(path, (0, 0))
    Prompt().run("process e1 hello")
    names = {each.name for each in sessions.iterdir()}
    assert "2020-01-10-000000-1.lab" not in names
    assert "2020-01-11-000000-1.lab" in names


def test_where_it_cannot_be_kept_one_is_told_once_and_it_is_kept_as_soon_as_it_can_be(
    tmp_path: Path,
) -> None:
    (tmp_path / "state").touch()
    prompt = Prompt()
    assert "not saved by itself" in (prompt.run("process e1 hello") or "")
    assert prompt.run("process e2 world") is None
    assert prompt.autosave.path is None
    (tmp_path / "state").unlink()
    assert prompt.run("commit") is None
    assert prompt.kept


def test_a_disk_that_is_full_half_way_leaves_the_steps_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prompt = Prompt()
    prompt.run("process e1 hello")
    before = prompt.file.read_bytes()
    path, really = prompt.file, files.put

    def full(opened: int, data: bytes) -> None:
        really(opened, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files, "put", full)
        for line in ("process e2 world", "undo"):
            prompt.run(line)
            assert path.read_bytes() == before
    prompt.run("process e2 world")
    assert prompt.kept


def test_an_empty_history_is_kept_nowhere() -> None:
    autosave = Autosave()
    assert autosave.keep(History()) is None
    assert autosave.path is None
