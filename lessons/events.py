"""The events of a lesson: values that the runner returns, and a screen draws."""

from typing import NamedTuple

from core.lab.commands import Command
from core.lab.history import History
from core.lab.lab import Step as LabStep
from lessons import model as m
from lessons.predict import Choice, RunsCompared


class GoalMark(NamedTuple):
    """One condition of a goal: its text, whether it is met, and what was found."""

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
    """The lesson's `reset`: it goes on in a new, empty laboratory."""


class Look(NamedTuple):
    """A command that looks, to be carried out for the student."""

    line: str


class Ready(NamedTuple):
    """Commands that are carried out when the student presses Enter."""

    commands: tuple[str, ...]


class Asked(NamedTuple):
    """A question about the state after these commands; `tried` are wrong choices made so far."""

    question: str
    after: tuple[str, ...]
    choices: tuple[Choice, ...]
    tried: tuple[str, ...]


class Answered(NamedTuple):
    """A choice was made; `right` is the right answer. `compared`: two runs, for a wrong choice."""

    choice: Choice
    right: str
    compared: tuple[RunsCompared, ...]


class Tasked(NamedTuple):
    """A task: its text, which conditions are met now, and the allowed commands (None: all)."""

    task: str
    marks: tuple[GoalMark, ...]
    allow: tuple[str, ...] | None


class Marked(NamedTuple):
    """Which conditions of the goal are met after a command."""

    marks: tuple[GoalMark, ...]


class Met(NamedTuple):
    """The goal is met: by how many commands, and how many a shortest way takes (`par`)."""

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
    """Hint `number` of `of`, from 1; if `of` is 0 the step has no hints."""

    text: str
    number: int
    of: int


class Solution(NamedTuple):
    """The solution of a step: the right choice (`answer`), or commands that reach the goal."""

    lines: tuple[str, ...]
    answer: bool


class Passed(NamedTuple):
    """The step was skipped."""


class Declined(NamedTuple):
    """The reason why something cannot be done in this step, and what to type instead."""

    text: str
    hint: str


class Replaced(NamedTuple):
    """The next step begins from the baseline, which is not the state that the student left."""


class Paused(NamedTuple):
    """The step is done: Enter goes to the next, or ends the lesson after the `last`."""

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
