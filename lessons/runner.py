"""Goes through a lesson with a student: deterministic, reads no key and prints nothing.

It is always at one step. `enter` begins the step; `go_on`, `back`, `hint`, `solution`, `skip`
and `answer` do what a student asks for; `noticed` must be called after every command in the
laboratory. Each returns the events to draw. The laboratory is `history`, in which the prompt
may carry out any command: for a goal, only what holds in the end counts.

`lessons/lines.py` does all that by lines of text, for records and for tests.
"""

import re

from core.lab.commands import Command
from core.lab.history import History
from core.lab.lab import Lab
from core.mutants import MUTANTS
from lessons import breaks, goals, tasks
from lessons import events as e
from lessons import model as m
from lessons.baseline import Baseline, BaselineRun, Start, own
from lessons.catalog import course
from lessons.predict import Choice, choice_of, choices, compared
from lessons.work import Work, beyond


class Runner:
    """A student's way through one lesson.

    `position` is the present step, from 0; after the last step it is the number of steps.
    """

    def __init__(self, lesson: m.Lesson) -> None:
        """Begin at the first step. Raises AuthorError if a command of the lesson fails."""
        self.lesson = lesson
        self.way = Baseline(lesson)
        self.position = 0
        self.works = [Work() for _ in lesson.steps]
        self.history = self.anew()
        self._choices: dict[int, tuple[Choice, ...]] = {}
        self._shown: dict[int, int] = {}

    # The present step.

    @property
    def step(self) -> m.Step | None:
        """The present step; None at the end."""
        return None if self.finished else self.lesson.steps[self.position]

    @property
    def finished(self) -> bool:
        """Whether the student has left the last step."""
        return self.position >= len(self.lesson.steps)

    @property
    def work(self) -> Work:
        """The work on the present step (at the end: on the last)."""
        return self.works[min(self.position, len(self.works) - 1)]

    @property
    def waits(self) -> bool:
        """Whether the present step waits for Enter only."""
        return self.finished or self.work.done or isinstance(self.step, m.Run)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The answers to choose from in the present step; empty if it is no prediction."""
        step = self.step
        if not isinstance(step, m.Predict):
            return ()
        if self.position not in self._choices:
            self._choices[self.position] = choices(step, self._start)
        return self._choices[self.position]

    @property
    def _start(self) -> Start:
        return self.way.start(self.position)

    def names(self, verb: str) -> bool:
        """Whether the present step has to do with a command: in its text, hints or solution.

        To a wrong engine anything may be done.
        """
        return isinstance(self.step, m.Break) or verb in re.findall("[a-z]+", repr(self.step))

    def anew(self) -> History:
        """Return a new laboratory for the present step: as at its beginning.

        For a run or a prediction that is done, it is as at its end.
        """
        step = self.step
        if isinstance(step, m.Break):
            return History(MUTANTS[step.mutant].start)
        if isinstance(step, m.Run | m.Predict) and self.work.done:
            return self.way.start(self.position + 1).history()
        return self._start.history()

    # What a student asks for.

    def enter(self) -> list[e.Event]:
        """Begin the present step; return its text, and what it shows or asks."""
        step = self.step
        if step is None:
            return [e.Finished(self.lesson)]
        self.history = self.work.history or self.anew()
        told: list[e.Event] = [e.Said(step.text, self.position + 1, len(self.lesson.steps))]
        kept, was_done = self.work.history, self.work.done
        told += self._begin(step)
        if kept is not None and was_done:
            self.history = kept  # with all that the student did in it
        if self.work.done:
            told.append(self._paused())
        return told

    def go_on(self) -> list[e.Event]:
        """Go to the next step, if this one is done."""
        if self.finished:
            return [e.Declined("the lesson is finished", self.onwards)]
        if isinstance(self.step, m.Run) and not self.work.done:
            self.work.done = True
            return [*self._reveal(), self._paused()]
        if self.wants is not None:
            return [e.Declined(f"this step waits for {self.wants}", "hint")]
        return self._move(1)

    @property
    def wants(self) -> str | None:
        """What the present step waits for, if it is not Enter."""
        if self.waits:
            return None
        return "a choice" if isinstance(self.step, m.Predict) else "the goal"

    @property
    def onwards(self) -> str:
        """The command to go on with after the last step: the next lesson, or `lessons`."""
        number = self.lesson.number
        there = any(number is not None and each.number == number + 1 for each in course())
        return f"lesson {number + 1}" if number is not None and there else "lessons"

    def back(self) -> list[e.Event]:
        """Go to the step before, as the student left it."""
        if self.position == 0:
            return [e.Declined("this is the first step", "next")]
        return self._move(-1)

    def hint(self) -> list[e.Event]:
        """Give the next hint; after the last one, begin again with the first."""
        hints = getattr(self.step, "hints", ())
        if not hints:
            return [e.Hint("", 0, 0)]
        shown = self._shown.get(self.position, 0)
        self._shown[self.position] = shown + 1
        if not self.work.done:
            self.work.hints += 1
        number = shown % len(hints)
        return [e.Hint(hints[number], number + 1, len(hints))]

    def solution(self) -> list[e.Event]:
        """Show the answer; the student still has to do the step."""
        lines = () if self.finished else tasks.solution(self.step, self.choices)
        if not lines:
            return [e.Declined("there is nothing to solve in this step", "next")]
        if not self.work.done:
            self.work.solution = True
        return [e.Solution(lines, isinstance(self.step, m.Predict))]

    def skip(self) -> list[e.Event]:
        """Show the answer, and take the step as done."""
        if self.finished or self.work.done or isinstance(self.step, m.Run):
            return self.go_on()
        shown = e.Solution(
            tasks.solution(self.step, self.choices), isinstance(self.step, m.Predict)
        )
        self.work.skipped = self.work.done = True
        return [e.Passed(), shown, *self._reveal(), self._paused()]

    def reset(self) -> list[e.Event]:
        """Set the laboratory back to the beginning of the step; answers are kept."""
        self.history = self.anew()
        return self.wanted()

    def wanted(self) -> list[e.Event]:
        """Say what the present step still wants."""
        if self.step is None:
            return []
        if self.work.done:
            return [self._paused()]
        return tasks.wanted(self.step, self.work, self.choices, self.history.lab)

    def rest(self) -> list[e.Event]:
        """Enter the present step again, after a pause, with the laboratory as it is."""
        if not self.finished:
            self.work.history = self.history
        return self.enter()

    def answer(self, text: str) -> list[e.Event] | None:
        """Choose an answer, by its text or its letter; None if the text is not one."""
        if self.work.done or not self.choices:
            return None
        chosen = choice_of(text, self.choices)
        if chosen is None:
            return None
        step, right = self.step, next(each.text for each in self.choices if each.right)
        assert isinstance(step, m.Predict)
        if chosen.text not in self.work.answers:
            self.work.answers.append(chosen.text)
        if not chosen.right:
            runs = compared(step, self._start, chosen)
            return [e.Answered(chosen, right, runs), tasks.asked(step, self.work, self.choices)]
        self.work.done = True
        return [e.Answered(chosen, right, ()), *self._reveal(), self._paused()]

    def answer_lines(self) -> list[str]:
        """Return the lines that solve the present step; empty if there is nothing to solve."""
        return list(tasks.solution(self.step, self.choices))

    def refuses(self, command: Command) -> e.Declined | None:
        """Return why a command may not be used in the present step; None if it may."""
        return None if self.work.done else tasks.declined(self.step, command)

    def noticed(self, history: History) -> list[e.Event]:
        """Note the laboratory after a command; return which conditions of the goal are met."""
        self.history = history
        step = self.step
        if self.work.done or not isinstance(step, m.Try | m.Break):
            return []
        now = [each.command for each in history.steps]
        past = () if isinstance(step, m.Break) else self._start.past
        self.work.commands = tuple(beyond(past, now))
        self.work.taken = len(self.work.commands)
        if isinstance(step, m.Break):
            found = breaks.exposed(step, history.lab, now)
            met: list[e.Event] = [] if found is None else [found]
        else:
            met = self._met(step, history.lab)
        if not met:
            return [e.Marked(tasks.marks(step, history.lab, exposed=False))]
        self.work.done = True
        return [*met, self._paused()]

    def jump(self, position: int) -> None:
        """Go to a step without entering it; mark steps before it that are not done as skipped."""
        self.position = min(max(position, 0), len(self.lesson.steps))
        for work in self.works[: self.position]:
            if not work.done:
                work.done = work.skipped = True
        self.history = self.anew()

    # Inside a step.

    def _begin(self, step: m.Step) -> list[e.Event]:
        match step:
            case m.Run() if step.text and not self.work.done:
                return self.wanted()
            case m.Run():
                told = self._carry_out(step.commands)
                self.work.done = True
                return told
            case m.Show():
                self.work.done = True
                return [e.Look(line.text) for line in step.commands]
            case m.Predict():
                asked = tasks.asked(step, self.work, self.choices)
                return [asked, *(self._reveal() if self.work.done else [])]
            case m.Try() | m.Break():
                return tasks.wanted(step, self.work, (), self.history.lab)
            case _:
                self.work.done = True
                return []

    def _carry_out(self, lines: tuple[m.Line, ...]) -> list[e.Event]:
        """Carry out commands from the step's beginning; return an event for each, to be shown."""
        if not lines:
            return []
        walk = BaselineRun(self._start)
        told: list[e.Event] = []
        for line in lines:
            for done in walk.carry_out([line]):
                history = walk.history
                told.append(e.Emptied() if done.step is None else e.Did(done.step, history))
        self.history = walk.history
        return told

    def _reveal(self) -> list[e.Event]:
        """Carry out the step's own commands, and show them: those of a run, question, solution."""
        return [] if self.step is None else self._carry_out(own(self.step))

    def _met(self, step: m.Try, lab: Lab) -> list[e.Event]:
        marks = goals.marks(step.goal, lab)
        if not all(mark.met for mark in marks):
            return []
        return [e.Met(marks, self.work.taken, step.par)]

    def _paused(self) -> e.Paused:
        return e.Paused(self.position + 1 == len(self.lesson.steps))

    def _move(self, by: int) -> list[e.Event]:
        """Go this many steps forward or back, and keep the laboratory of the step that is left."""
        left, was = self.history, self.step
        if was is not None:
            self.work.history = left
        self.position += by
        told = self.enter()
        canonical = self._start.history().lab.freeze()
        if by > 0 and not isinstance(was, m.Break) and left.lab.freeze() != canonical:
            told.insert(0, e.Replaced())
        return told
