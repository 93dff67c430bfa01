"""Lessons as lines of text: entered without a screen, and written for records.

A line is a choice, `next`, `back`, `hint`, `solution`, `skip`, `reset`, `undo N`, or a
command of the laboratory. Nothing else is accepted, so the lines of an unknown person can
read or write no file.
"""

from collections.abc import Callable, Iterable

from core.errors import Refused
from core.lab.language import read
from core.lab.words import BLANKS
from lessons import events as e
from lessons import model as m
from lessons.runner import Runner


def enter_line(runner: Runner, line: str) -> list[e.Event]:
    """Do what a line says; return the events. Raises Refused if it cannot be done."""
    line = line.strip(BLANKS)
    told = runner.answer(line)
    if told is not None:
        return told
    says: dict[str, Callable[[], list[e.Event]]] = {
        "next": runner.go_on,
        "back": runner.back,
        "hint": runner.hint,
        "solution": runner.solution,
        "skip": runner.skip,
        "reset": runner.reset,
    }
    if line in says:
        return says[line]()
    verb, _, rest = line.partition(" ")
    if verb == "undo" and rest.isascii() and rest.isdigit():
        runner.history.undo(int(rest))
        return runner.noticed(runner.history)
    command = read(line)
    declined = runner.refuses(command)
    if declined is not None:
        return [declined]
    done = runner.history.do(command)
    return [e.Did(done, runner.history), *runner.noticed(runner.history)]


def walk(runner: Runner, lines: Iterable[str]) -> str | None:
    """Enter lines from the first step on; return None, or at which one it stopped and why.

    Empty lines and comments are skipped. Lines are counted from 2, as a record has a header.
    """
    runner.enter()
    for number, line in enumerate(lines, 2):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            enter_line(runner, line)
        except Refused as fault:
            return f"line {number}: {line.strip()[:40]!r}: {fault.text}"
    return None


def script(runner: Runner) -> list[str]:
    """Return lines that lead to where the runner is now, with comments."""
    lines = []
    for place, step in enumerate(runner.lesson.steps[: runner.position + 1]):
        lines.append(f"# step {place + 1}: {type(step).__name__.lower()}")
        lines += runner.works[place].lines()
        if isinstance(step, m.Run) and step.text and runner.works[place].done:
            lines.append("next")  # the Enter that carried it out
        if place < runner.position:
            lines.append("next")
    return lines


def model_answer(runner: Runner) -> list[str]:
    """Return lines that solve the whole lesson. The runner is taken to its end with them."""
    lines: list[str] = []
    runner.enter()
    while not runner.finished:
        answer = [] if runner.work.done else runner.answer_lines()
        for line in [*answer, "next"]:
            enter_line(runner, line)
            lines.append(line)
    return lines
