"""The prompt on a durable store, in a real terminal."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.repl.terminal import ROOT, Screen


def test_a_session_on_disk_survives_a_kill_in_a_commit_and_goes_on_another_day(
    tmp_path: Path,
) -> None:
    store = str(tmp_path / "box.db")
    with Screen(tmp_path, "--store", store, rows=50) as screen:
        screen.until("UP │ disk")
        screen.enter("process e1 hello", "[2] >")
        screen.enter("crash in-commit", "[3] >")
        text = screen.enter("commit", "[4 down] >")
        assert "LOST     the command in hand alone: it was not acknowledged" in text
        assert "on disk: counts hello 1 · 1 seen · 1 pending" in text
        screen.until("DOWN │ on disk: 1 seen · 1 pending")
        text = screen.enter("restart", "[5] >")
        assert "RESTARTED: what the disk holds is back" in text
        assert "KEPT     counts hello 1 · 1 seen · 1 pending" in text
        screen.enter("commit", "[6] >")
        text = screen.enter("show disk", "outputs 1 row")
        assert "seen 1 row" in text
        screen.enter("undo", "REFUSED: what is on disk cannot be taken back")
        screen.enter("lesson 1", "a lesson goes on in a session without --store")
        screen.type("quit\r")
        assert screen.wait() == 0
        assert "again    oncelab --store" in screen.text
    with Screen(tmp_path, "--store", store, rows=50) as screen:
        screen.until("UP │ disk │ 1 seen │ 0 pending")
        screen.enter("why e1", "ONCE e1 (hello): in the counts once · 0 pending · 1 in the sink")
        screen.enter("process e1 hello", "SKIPPED e1")
        screen.enter("sweep", "HOLDS")
        other = oncelab("--store", store)
        assert (other.returncode, other.stdout) == (1, "")
        assert other.stderr.count("\n") == 1
        assert "another node has it" in other.stderr
        screen.type("\x04")
        assert screen.wait() == 0
    verified = oncelab("store", "verify", store)
    assert (verified.returncode, verified.stdout) == (
        0,
        f"{store}: sound: 1 seen, 1 committed, 0 checkpoints\n",
    )


@pytest.mark.parametrize(
    ("core", "path"),
    [
        ("core.py", "ROOT"),
        ("core/__init__.py", ":ROOT"),
        ("core/__init__.py", ".:ROOT"),
        ("core.py", "FOLDER:ROOT"),
    ],
)
def test_no_file_of_the_users_folder_is_taken_for_a_module(
    core: str, path: str, tmp_path: Path
) -> None:
    """Nor where PYTHONPATH names that folder; by `python -m` it is on the path anyway."""
    folder = tmp_path / "work"
    modules = ("json", "sqlite3", "signal", "typing", "argparse", "rich", "lessons")
    for name in (core, *(f"{each}.py" for each in modules)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("raise RuntimeError")
    path = path.replace("FOLDER", str(folder)).replace("ROOT", str(ROOT))
    with Screen(
        tmp_path, "--store", "lab.db", environment={"PYTHONPATH": path}, folder=folder, rows=50
    ) as screen:
        screen.until("UP │ disk")
        screen.enter("process e1 hello", "[2] >")
        screen.enter("crash", "[3 down] >")
        screen.enter("restart", "RESTARTED: what the disk holds is back")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--store", "/nowhere/at/all/box.db"), 1, "there is no folder"),
        (("--store", "README.md"), 1, "it is not a store of Oncelab"),
        (("--take-over",), 2, "--take-over needs --store FILE"),
    ],
)
def test_a_bad_day_is_one_clear_line(arguments: tuple[str, ...], status: int, said: str) -> None:
    ended = oncelab(*arguments)
    assert (ended.returncode, ended.stdout) == (status, "")
    assert ended.stderr.count("\n") == 1
    assert said in ended.stderr


def oncelab(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run it to its end, with nothing to read."""
    return subprocess.run(
        [sys.executable, "-m", "repl", *arguments],
        input="",
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
