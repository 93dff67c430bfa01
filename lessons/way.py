"""The lesson's own line: what `start`, each `run`, each `after` and each `solution` come to.

Every step begins from here, whatever a student did before it, so what `--check` went
through is what is walked. How a line is read as a command is handed in.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from core.errors import Refused, refused
from core.lab.commands import Command, Guarantee, Switch
from core.lab.conditions import parse
from core.lab.history import History
from core.lab.lab import Lab, Step
from core.mechanisms import EXACTLY_ONCE, PRESETS, Mechanisms
from lessons import model as m

Read = Callable[[str, Lab], m.Typed]
"""Reads a line as the prompt would, in a laboratory as it is then. Raises Refused."""

RESET = "reset"
EXPECT = "expect"
STEPPING = ("drive", "break")
"""The groups whose commands make steps."""


class Start(NamedTuple):
    """Where a step begins: an empty laboratory of these mechanisms, and what was done in it."""

    mechanisms: Mechanisms
    past: tuple[Command, ...]

    def history(self) -> History:
        """Make the laboratory, with its past."""
        history = History(lambda: Lab(self.mechanisms))
        for command in self.past:
            history.do(command)
        return history


class Done(NamedTuple):
    """A line that was carried out; `step` is None where it was `reset`."""

    line: m.Line
    step: Step | None


class Astray(Exception):  # noqa: N818 - an answer to an author, not a fault
    """A lesson's own command that cannot be carried out, at its line."""

    def __init__(self, line: m.Line, text: str, mend: str) -> None:
        """Say which, why, and what to do about it."""
        super().__init__(text)
        self.line = line
        self.text = text
        self.mend = mend


def command(text: str, lab: Lab, read: Read) -> Command:
    """Read a line that has to make a step. Raises Refused."""
    typed = read(text, lab)
    if typed.command is None or typed.group not in STEPPING:
        raise refused(f"{text!r} makes no step", "process hello")
    return typed.command


class Walk:
    """A laboratory on the lesson's line. `history` is where it stands, `start` how to get there."""

    def __init__(self, start: Start, read: Read) -> None:
        """Begin here."""
        self.start = start
        self.history = start.history()
        self._read = read

    def carry_out(self, lines: Iterable[m.Line]) -> list[Done]:
        """Carry out an author's lines. Raises Astray at one that fails."""
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
                raise Astray(line, f"{line.text!r} fails: {fault.text}", mend) from None
        return done

    def _do(self, text: str) -> Step:
        step = self.history.do(command(text, self.history.lab, self._read))
        self.start = self.start._replace(past=(*self.start.past, step.command))
        return step

    def _reset(self) -> None:
        self.start = Start(EXACTLY_ONCE, ())
        self.history = self.start.history()

    def _expect(self, line: m.Line) -> None:
        outcome = parse(line.text.split(maxsplit=1)[1]).check(self.history.lab)
        if not outcome.met:
            raise Astray(line, f"this does not hold: {outcome.found}", "expect what is so")


class Way:
    """Where each step of a lesson begins; the place behind the last one ends it."""

    def __init__(self, lesson: m.Lesson, read: Read) -> None:
        """Go through the whole lesson. Raises Astray where it cannot be walked."""
        self._starts = []
        walk = Walk(_origin(lesson, read), read)
        for step in lesson.steps:
            self._starts.append(walk.start)
            walk.carry_out(own(step))
        self._starts.append(walk.start)

    def start(self, step: int) -> Start:
        """Return where a step begins."""
        return self._starts[step]


def own(step: m.Step) -> tuple[m.Line, ...]:
    """Return the commands that a step adds to the lesson's line."""
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


def _origin(lesson: m.Lesson, read: Read) -> Start:
    """Return where the first step begins.

    Switches at the very beginning set the mechanisms and are no steps.
    """
    mechanisms, lines = EXACTLY_ONCE, list(lesson.start)
    while lines:
        try:
            switch = read(lines[0].text, Lab(mechanisms)).command
        except Refused as fault:
            raise Astray(lines[0], fault.text, f"try {fault.hint!r}") from None
        if isinstance(switch, Switch):
            mechanisms = mechanisms._replace(**{switch.mechanism: switch.on})
        elif isinstance(switch, Guarantee):
            mechanisms = PRESETS[switch.preset]
        else:
            break
        lines.pop(0)
    walk = Walk(Start(mechanisms, ()), read)
    walk.carry_out(lines)
    return walk.start
