"""The baseline of a lesson: its own commands, from `start`, `run`, `after` and `solution`.

Every step begins from the state to which they lead, whatever the student did before. So the
steps are as `--check` has checked them.
"""

from collections.abc import Iterable
from typing import NamedTuple

from core.errors import Refused
from core.lab.commands import Command
from core.lab.grammar import EXAMPLE, ConditionError, parse
from core.lab.history import History
from core.lab.lab import Lab, Step
from core.lab.language import read
from core.lab.words import split
from core.mechanisms import EXACTLY_ONCE, Mechanisms
from lessons import model as m

RESET = "reset"
EXPECT = "expect"


class Start(NamedTuple):
    """Where a step begins: an empty laboratory with these mechanisms, and the commands so far."""

    mechanisms: Mechanisms
    past: tuple[Command, ...]

    def history(self) -> History:
        """Return a new laboratory in which the commands were carried out."""
        history = History(lambda: Lab(self.mechanisms))
        for command in self.past:
            history.do(command)
        return history


class Done(NamedTuple):
    """A line that was carried out, and its step; None if the line was `reset`."""

    line: m.Line
    step: Step | None


class AuthorError(Exception):
    """A command of a lesson's author that fails, or an `expect` that does not hold."""

    def __init__(self, line: m.Line, text: str, mend: str) -> None:
        """Set the line, why it fails, and what to do about it."""
        super().__init__(text)
        self.line = line
        self.text = text
        self.mend = mend


class BaselineRun:
    """A laboratory in which a lesson's own commands are carried out, one after the other.

    `history` is the laboratory now, and `start` is what leads to it.
    """

    def __init__(self, start: Start) -> None:
        """Begin from this start."""
        self.start = start
        self.history = start.history()

    def carry_out(self, lines: Iterable[m.Line]) -> list[Done]:
        """Carry out an author's lines; return those that made a step, and each `reset`.

        Raises AuthorError at the first that fails.
        """
        done = []
        for line in lines:
            try:
                if line.text == RESET:
                    self._reset()
                    done.append(Done(line, None))
                elif line.text.split(maxsplit=1)[0] == EXPECT:
                    self._expect(line)
                else:
                    done.append(Done(line, self._do(line.text)))
            except Refused as fault:
                mend = f"try {fault.hint!r}" if fault.hint else "put the lines before it right"
                raise AuthorError(line, f"{line.text!r} fails: {fault.text}", mend) from None
        return done

    def _do(self, text: str) -> Step:
        step = self.history.do(read(text))
        self.start = self.start._replace(past=(*self.start.past, step.command))
        return step

    def _reset(self) -> None:
        self.start = Start(EXACTLY_ONCE, ())
        self.history = self.start.history()

    def _expect(self, line: m.Line) -> None:
        try:
            condition = parse(split(line.text)[1:])
        except ConditionError as fault:
            fault.hint = f"{EXPECT} {fault.hint or EXAMPLE}"
            raise
        outcome = condition.check(self.history.lab)
        if not outcome.met:
            raise AuthorError(line, f"this does not hold: {outcome.found}", "expect what is so")


class Baseline:
    """Where each step of a lesson begins."""

    def __init__(self, lesson: m.Lesson) -> None:
        """Carry out all of a lesson's own commands. Raises AuthorError at one that fails."""
        self._starts = []
        walk = BaselineRun(_origin(lesson))
        for step in lesson.steps:
            self._starts.append(walk.start)
            walk.carry_out(own(step))
        self._starts.append(walk.start)

    def start(self, step: int) -> Start:
        """Return where a step (from 0) begins; for the number of steps, where the lesson ends."""
        return self._starts[step]


def own(step: m.Step) -> tuple[m.Line, ...]:
    """Return the commands that a step adds to the baseline."""
    match step:
        case m.Run():
            return step.commands
        case m.Predict():
            return step.after
        case m.Try():
            return step.solution
        case _:
            return ()


def shown(step: m.Run) -> list[m.Line]:
    """Return the commands of a run that a student sees."""
    return [line for line in step.commands if line.text.split(maxsplit=1)[0] != EXPECT]


def _origin(lesson: m.Lesson) -> Start:
    """Return where the first step begins. Raises AuthorError if a line of `start` fails.

    Switches at the beginning of `start` set the mechanisms, and are not steps.
    """
    lab, lines = Lab(), list(lesson.start)
    while lines:
        try:
            switch = read(lines[0].text)
            if not switch.switches:
                break
            lab.apply(switch)
        except Refused as fault:
            raise AuthorError(lines[0], fault.text, f"try {fault.hint!r}") from None
        lines.pop(0)
    walk = BaselineRun(Start(lab.processor.mechanisms, ()))
    walk.carry_out(lines)
    return walk.start
