"""What happens in a lesson, as values to draw: the runner makes them, a screen shows them."""

from typing import NamedTuple

from core.lab.commands import Command
from core.lab.history import History
from core.lab.lab import Step as LabStep
from lessons import model as m
from lessons.predict import Choice, RunsCompared


class GoalMark(NamedTuple):
    """One condition of a goal: as it was written, whether it is met, what was found."""

    condition: str
    met: bool
    found: str


class Said(NamedTuple):
    """Text to read, in Markdown. `place` of `of` is the step it belongs to, from 1."""

    text: str
    place: int
    of: int


class Did(NamedTuple):
    """A step of a history that was carried out for the student."""

    step: LabStep
    history: History


class Emptied(NamedTuple):
    """The lesson went on in a new, empty laboratory."""


class Look(NamedTuple):
    """A command that looks, to be carried out for the student."""

    line: str


class Ready(NamedTuple):
    """Commands that wait to be carried out: Enter does it."""

    commands: tuple[str, ...]


class Asked(NamedTuple):
    """A question: what comes of these commands? `tried` are the choices that were wrong."""

    question: str
    after: tuple[str, ...]
    choices: tuple[Choice, ...]
    tried: tuple[str, ...]


class Answered(NamedTuple):
    """A choice was made. Of a wrong one: the two runs, beside each other."""

    choice: Choice
    right: str
    compared: tuple[RunsCompared, ...]


class Tasked(NamedTuple):
    """Something to do, with the goal as it stands now."""

    task: str
    marks: tuple[GoalMark, ...]
    allow: tuple[str, ...] | None


class Marked(NamedTuple):
    """The goal after a command."""

    marks: tuple[GoalMark, ...]


class Met(NamedTuple):
    """The goal is met: in how many commands, and how many the shortest way takes."""

    marks: tuple[GoalMark, ...]
    commands: int
    par: int


class Exposed(NamedTuple):
    """A wrong engine was exposed: the rule it broke, the evidence, the commands that did it."""

    mutant: str
    rule: str
    message: str
    commands: tuple[Command, ...]


class Hint(NamedTuple):
    """A hint: which, of how many. Of none: there is no more help than the solution."""

    text: str
    number: int
    of: int


class Solution(NamedTuple):
    """The answer, or commands that reach the goal."""

    lines: tuple[str, ...]
    answer: bool


class Passed(NamedTuple):
    """The step was skipped."""


class Declined(NamedTuple):
    """Something that cannot be done here, and what can."""

    text: str
    hint: str


class Replaced(NamedTuple):
    """The lesson goes on from its own state, which is not the one the student left."""


class Paused(NamedTuple):
    """The step is done: Enter goes on."""

    last: bool


class Finished(NamedTuple):
    """The lesson is at its end."""

    lesson: m.Lesson


Event = (
    Said
    | Did
    | Emptied
    | Look
    | Ready
    | Asked
    | Answered
    | Tasked
    | Marked
    | Met
    | Exposed
    | Hint
    | Solution
    | Passed
    | Declined
    | Replaced
    | Paused
    | Finished
)
