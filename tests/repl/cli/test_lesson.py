"""`oncelab lesson` off a terminal: scripts, records, checks, the skeleton, progress to and fro."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lessons import catalog, lines, progress
from lessons.progress import Bookmark
from repl import files
from repl.lesson import entry
from repl.lesson.skeleton import SKELETON
from tests.lessons.samples import GOOD

ROOT = Path(__file__).parents[3]


class Home:
    """A folder of one's own to run `oncelab lesson` in."""

    def __init__(self, path: Path) -> None:
        """Use this folder."""
        self.path = path

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run `oncelab lesson` with these arguments."""
        environment = {**os.environ, "XDG_STATE_HOME": str(self.path / "state")}
        return subprocess.run(
            [sys.executable, "-m", "repl", "lesson", *arguments],
            cwd=self.path,
            env={**environment, "PYTHONPATH": str(ROOT)},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def write(self, name: str, text: str) -> str:
        """Write a file; return its name."""
        (self.path / name).write_text(text, encoding="utf-8")
        return name


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty one."""
    return Home(tmp_path)


def test_without_a_name_the_lessons_are_listed(home: Home) -> None:
    done = home.run()
    assert done.returncode == 0
    for source in catalog.course():
        assert source.read().title in done.stdout


def test_a_script_walks_a_lesson_to_its_end_and_the_record_verifies(home: Home) -> None:
    typed = lines.model_answer(entry.runner(catalog.find("1")))
    script = home.write("answers.txt", "\n".join(["# my answers", "", *typed]))
    done = home.run("1", "--script", script, "--record", "mine.txt")
    assert done.returncode == 0, done.stderr
    assert "FINISHED" in done.stdout
    verified = home.run("--verify", "mine.txt")
    assert verified.returncode == 0, verified.stdout
    assert "VERIFIED 1 of 1 complete" in verified.stdout


def test_a_script_that_ends_too_early_has_failed_and_says_where(home: Home) -> None:
    done = home.run("1", "--script", "-", stdin="next\n")
    assert done.returncode == 1
    assert "it ends at step" in done.stderr


def test_a_script_stops_at_a_line_that_is_no_command_and_its_record_is_written(home: Home) -> None:
    done = home.run("1", "--script", "-", "--record", "mine.txt", stdin="next\nnonsense\n")
    assert done.returncode == 1
    verified = home.run("--verify", "mine.txt")
    assert "VERIFIED 0 of 1 complete" in verified.stdout
    assert "standard input:2: there is no command 'nonsense'" in done.stderr


def test_a_forged_record_fails_its_verification(home: Home) -> None:
    name = catalog.find("1").name
    forged = home.write("forged.txt", f"# oncelab lesson record 1: {name}\n# all goals met\n")
    done = home.run("--verify", forged)
    assert done.returncode == 1
    assert "VERIFIED 0 of 1 complete" in done.stdout


def test_what_is_no_record_is_said_with_its_line(home: Home) -> None:
    done = home.run("--verify", home.write("no.txt", "hello\n"))
    assert done.returncode == 2
    assert "no.txt:1: not a record" in done.stderr


def test_a_teachers_own_file_and_folder_are_checked_and_walked(home: Home) -> None:
    home.write("own.md", GOOD)
    assert home.run("--check", "own.md").returncode == 0
    assert home.run("--check", ".").returncode == 0
    done = home.run("own.md", "--script", "-", stdin="next\nnext\na\nnext\nskip\nnext\n")
    assert "MET" not in done.stdout
    assert "RIGHT (1)" in done.stdout


def test_the_check_prints_file_line_and_mend_and_fails(home: Home) -> None:
    home.write("own.md", GOOD.replace("```show", "```shoe"))
    done = home.run("--check", "own.md")
    assert done.returncode == 1
    assert done.stdout.startswith("own.md:")
    assert "unknown fence 'shoe'; did you mean show?" in done.stdout


def test_a_lesson_that_is_unsound_is_not_begun(home: Home) -> None:
    home.write("own.md", GOOD.replace("retry e1\nexpect", "retry e9\nexpect"))
    done = home.run("own.md", "--script", "-")
    assert done.returncode == 2
    assert "own.md:" in done.stderr


def test_the_skeleton_passes_the_check_and_is_never_written_over(home: Home) -> None:
    assert home.run("--new", "mine.md").returncode == 0
    assert (home.path / "mine.md").read_text(encoding="utf-8") == SKELETON
    assert home.run("--check", "mine.md").returncode == 0
    again = home.run("--new", "mine.md")
    assert again.returncode == 2
    assert "a file is there already; --force writes over it" in again.stderr


def test_progress_goes_from_one_machine_to_another(home: Home, tmp_path: Path) -> None:
    state = tmp_path / "state" / "oncelab"
    state.mkdir(parents=True)
    name = catalog.find("2").name
    files.write(state / "progress.json", progress.text({name: Bookmark(1, 5, ("next",))}))
    assert home.run("--export", "out.json").returncode == 0
    (state / "progress.json").unlink()
    done = home.run("--import", "out.json")
    assert done.returncode == 0
    assert "step 2 of 5" in home.run().stdout


def test_a_file_that_is_no_progress_is_not_taken_and_nothing_is_lost(home: Home) -> None:
    done = home.run("--import", home.write("other.json", "{}"))
    assert done.returncode == 2
    assert "not a progress file" in done.stderr


def test_a_finished_lesson_is_read_again_as_a_transcript(home: Home, tmp_path: Path) -> None:
    source = catalog.find("1")
    assert home.run("1", "--read").returncode == 1
    walk = entry.runner(source)
    lines.model_answer(walk)
    walked = tuple(lines.script(walk))
    state = tmp_path / "state" / "oncelab"
    state.mkdir(parents=True, exist_ok=True)
    kept = {source.key: Bookmark(10, 10, walked, walked)}
    files.write(state / "progress.json", progress.text(kept))
    done = home.run("1", "--read")
    assert done.returncode == 0, done.stderr
    assert "1 of " in done.stdout
    assert "FINISHED" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("1", "2"),
        ("--script", "x"),
        ("--verify",),
        ("--check", "--record", "x"),
        ("nosuch",),
        ("99",),
        ("--check", "nosuch.md"),
    ],
)
def test_what_cannot_be_meant_is_said_in_one_line(home: Home, arguments: tuple[str, ...]) -> None:
    done = home.run(*arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
