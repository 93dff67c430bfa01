"""The first lessons in a real terminal, typed as a student types: with mistakes, and a pause."""

from pathlib import Path

import pytest

from lessons import catalog
from lessons import model as m
from lessons.lines import enter_line
from repl.lesson import entry
from tests.repl.terminal import Screen

CLEAR = "\x0c"
CTRL_D = "\x04"


class Student:
    """Somebody at a terminal; a walk of the same lesson tells what there is to type."""

    def __init__(self, number: int, screen: Screen) -> None:
        """Sit at this screen, where this lesson begins."""
        self.screen = screen
        self.walk = entry.runner(catalog.find(str(number)))
        self.walk.enter()
        self.of = len(self.walk.lesson.steps)

    def type(self, line: str, *then: str) -> str:
        """Type a line on a clear screen; wait for what comes of it and for the prompt."""
        self.screen.type(CLEAR)
        self.screen.until(lambda text: text.startswith("["))
        before = len(self.screen.screen.history.top)
        self.screen.type(f"{line}\r")
        self.screen.until(
            lambda text: _ready(text) and all(each in _since(self.screen, before) for each in then)
        )
        return _since(self.screen, before)

    def take(self, line: str, *then: str) -> str:
        """Type a line that the lesson is to understand, on the screen and in the walk."""
        enter_line(self.walk, line or "next")
        return self.type(line, *then)

    def arrive(self) -> None:
        """Press Enter, and see the next step."""
        if self.walk.position + 1 == self.of and self.walk.work.done:
            self.take("", "FINISHED")
            return
        here = self.walk.position
        waited = self.walk.work.done
        self.take("", *([f"{here + 2} of {self.of}"] if waited else ["Enter"]))

    def solve(self) -> None:
        """Do what the present step wants, without a mistake."""
        step = self.walk.step
        for line in [] if self.walk.waits else self.walk.answer_lines():
            self.take(line)
        assert self.walk.waits, step


def _since(screen: Screen, before: int) -> str:
    """Return what was printed behind so many lines, scrolled off or not."""
    gone = list(screen.screen.history.top)[before:]
    lines = ["".join(line[column].data for column in range(len(line))) for line in gone]
    return "\n".join([*(line.rstrip() for line in lines), screen.text])


def _ready(text: str) -> bool:
    """Whether a prompt waits at the bottom of what was printed."""
    lines = [line for line in text.splitlines()[:-1] if line.strip()]
    return bool(lines) and lines[-1].startswith("[") and lines[-1].endswith(">")


@pytest.mark.parametrize(
    ("number", "columns"),
    [
        (1, 60),
        pytest.param(1, 80, marks=pytest.mark.long),
        pytest.param(2, 60, marks=pytest.mark.long),
        pytest.param(2, 80, marks=pytest.mark.long),
        pytest.param(3, 60, marks=pytest.mark.long),
        (3, 80),
    ],
)
def test_a_lesson_is_walked_with_mistakes_and_a_pause(
    tmp_path: Path, number: int, columns: int
) -> None:
    with Screen(tmp_path, "lesson", str(number), columns=columns) as screen:
        screen.until(_ready)
        student = Student(number, screen)
        _mistaken(student)
        screen.type(CTRL_D)
        left = screen.until("KEPT")
        assert f"oncelab lesson {number}" in left
        assert screen.wait() == 0
    with Screen(tmp_path, "lesson", str(number), columns=columns) as screen:
        text = screen.until(_ready)
        student.screen = screen
        assert f"{student.walk.position + 1} of {student.of}" in text or "not yet" in text
        while not student.walk.finished:
            student.solve()
            student.arrive()
        assert "lesson" in student.type("lessons", "LESSONS", "finished")


def _mistaken(student: Student) -> None:
    """Walk until a goal is in sight, with every kind of mistake and detour on the way."""
    answered = False
    while not isinstance(student.walk.step, m.Try):
        if isinstance(student.walk.step, m.Predict) and not answered:
            _answer_wrongly_first(student)
            answered = True
        elif isinstance(student.walk.step, m.Predict):
            student.take("skip", "LEFT OUT", "ANSWER")
        student.solve()
        student.arrive()
    assert answered
    student.take("hint", "HINT 1 of")
    student.type("procces stray", "REFUSED", "process")
    student.take("process stray", "APPLIED", "not yet", "hint", "reset")
    student.type("show", "pending")
    student.type("undo", "UNDONE")
    student.walk.history.undo()
    student.walk.noticed(student.walk.history)
    student.type("next", "REFUSED")


def _answer_wrongly_first(student: Student) -> None:
    wrong = next(each for each in student.walk.choices if not each.right)
    text = student.take(wrong.text, f"NOT SO: {wrong.text}", "BESIDE", "AGAIN")
    assert "so says" in text


def test_a_lesson_goes_on_beside_the_prompt_and_leaves_it_as_it_was(tmp_path: Path) -> None:
    with Screen(tmp_path) as screen:
        screen.until("[1] >")
        screen.enter("lesson 1", "1 of ")
        screen.until(_ready)
        student = Student(1, screen)
        student.arrive()
        student.type("back", "this is the first step")
        student.type("lesson", f"{student.walk.position + 1} of {student.of}")


def test_a_damaged_progress_file_is_said_and_the_lesson_begins_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "oncelab"
    folder.mkdir()
    (folder / "progress.json").write_text("{", encoding="utf-8")
    with Screen(tmp_path, "lesson", "1") as screen:
        screen.until(_ready)
        assert "it is damaged" in _since(screen, 0)
    assert (folder / "progress.json.kept-1").read_text(encoding="utf-8") == "{"


def test_a_dumb_terminal_gets_plain_ascii(tmp_path: Path) -> None:
    with Screen(tmp_path, "lesson", "1", environment={"TERM": "dumb"}) as screen:
        text = screen.until("Enter carries these out")
        assert text.isascii()
        screen.type("\n")
        assert screen.until("Enter goes on").isascii()
