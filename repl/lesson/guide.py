"""The guide beside the prompt: a lesson's runner, tied to a session and to the progress kept.

A session hands it every line before it reads it as a command, and tells it when a command
was carried out. So any command of the prompt works inside a lesson.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from core.errors import Refused
from core.lab.history import History
from core.lab.lab import Step
from core.mutants import MUTANTS
from lessons import breaks
from lessons import events as e
from lessons.catalog import LessonFile
from lessons.lines import script, walk
from lessons.progress import Bookmark, Progress
from lessons.runner import Runner
from repl import registry
from repl.render import View, lesson, notes
from repl.render.prose import Prose
from repl.render.report_view import Stacked
from repl.session import Session


@dataclass
class Guide:
    """A lesson beside a session. `source` is where it was read from."""

    session: Session
    source: LessonFile
    runner: Runner
    progress: Progress
    _ours: list[History] = field(default_factory=list)
    """The laboratories of this lesson; one that was loaded from a file is none of them."""
    _known: "_Shape | None" = None
    """What the session's history was like when it was last looked at."""

    def begin(self) -> View:
        """Begin the lesson, or go on where it was left."""
        kept = self.progress.lessons.get(self.source.key)
        views: list[View] = [] if self.progress.warning is None else [self._warning()]
        going_on = kept is not None and 0 < kept.step < kept.steps
        if kept is not None and (going_on or kept.lines) and kept.step < kept.steps:
            views += self._resume(kept)
        elif kept is not None and kept.finished:
            views.append(_AGAIN)
        told = self.runner.rest()
        if self.session.history.steps or self.session.history.undone:
            self.session.earlier.append(self.session.history)
        return self._view(told, before=views)

    def answer(self, line: str) -> View | None:
        """Answer a line that is the lesson's: a choice, an empty line, what is not allowed."""
        text = line.strip()
        if not text and self.runner.finished:
            return None
        if not text:
            return self.go_on() if self.runner.waits else self._view(self.runner.wanted())
        told = self.runner.answer(text)
        if told is not None:
            return self._view(told)
        declined = self._declined(text)
        return None if declined is None else self._view([declined])

    @property
    def solvable(self) -> bool:
        """Whether the present step has something to solve."""
        return not self.runner.finished and bool(self.runner.answer_lines())

    def declines(self, line: str) -> bool:
        """Whether the present step of the lesson does not allow a line's command."""
        return self._declined(line) is not None

    def _declined(self, line: str) -> e.Declined | None:
        """Return why a line's command, which may be only begun, cannot be used in this step."""
        try:
            command = registry.read(line, prefixes=True)
        except Refused:
            return None
        return None if command is None else self.runner.refuses(command)

    def noticed(self) -> View | None:
        """Look at what a command did to the laboratory; tell how the goal stands, if at all."""
        history = self.session.history
        now = _Shape.of(history)
        if now.same(self._known):
            return None
        self._known = now
        if not self._is_ours(history):
            return _ELSEWHERE
        told = self.runner.noticed(history)
        self._keep()
        return self._view(told) if told else None

    def anew(self) -> History:
        """Return a fresh laboratory for the present step, as `reset` wants it."""
        history = self.runner.anew()
        self._ours.append(history)
        return history

    # What the commands of the group `learn` say.

    def go_on(self) -> View:
        """Go to the next step; behind the last one there is nothing."""
        return self._view(self.runner.go_on())

    def back(self) -> View:
        """Go to the step before."""
        return self._view(self.runner.back())

    def hint(self) -> View:
        """Give a hint."""
        return self._view(self.runner.hint())

    def solution(self) -> View:
        """Show the solution."""
        return self._view(self.runner.solution())

    def skip(self) -> View:
        """Show the answer, and go on."""
        return self._view(self.runner.skip())

    def here(self) -> View:
        """Say once more what the step says and wants."""
        step, of = self.runner.step, len(self.runner.lesson.steps)
        if step is None:
            return self._view([e.Finished(self.runner.lesson)])
        said = e.Said(step.text, self.runner.position + 1, of)
        return self._view([said, *self.runner.wanted()])

    def leaving(self, *, here: bool = False) -> View:
        """Say where the lesson is kept, and how to go on with it: `here`, or in a shell."""
        runner, wanted = self.runner, self.source.number or self.source.file
        verb = "lesson" if here else "oncelab lesson"
        if runner.finished:
            return lesson.said("BYE", "the lesson is finished", ("try", verb))
        place = f"step {runner.position + 1} of {len(runner.lesson.steps)}"
        if not self.progress.kept:
            return lesson.said("BYE", f"you were at {place}; your progress is not kept")
        return lesson.said("KEPT", f"you are at {place}", ("try", f"{verb} {wanted}"))

    def restarted(self) -> View:
        """Say that the present step begins again; its laboratory is the session's already."""
        self.runner.history = self.session.history
        return self._view(self.runner.wanted(), before=[_RESTARTED])

    def close(self) -> View:
        """Leave the lesson; the session that was put aside for it comes back."""
        session = self.session
        own = [each for each in session.earlier if not self._is_ours(each)]
        view = self.leaving(here=True)
        session.guide, session.earlier = None, own[:-1]
        session.history = own[-1] if own else History(session.start)
        return view

    def script(self) -> list[str]:
        """Return the walk so far, as the lines of a record."""
        return script(self.runner)

    # How it is done.

    def _is_ours(self, history: History) -> bool:
        return any(history is each for each in self._ours)

    def _resume(self, kept: Bookmark) -> list[View]:
        """Go to where the lesson was left."""
        lines = list(kept.lines)
        stopped = walk(self.runner, lines)
        if stopped is None and self.runner.position == kept.step:
            return [] if not kept.step else [_GOING_ON]
        self.runner = Runner(self.runner.lesson)
        self.runner.jump(min(kept.step, len(self.runner.lesson.steps) - 1))
        return [_CHANGED]

    def _warning(self) -> View:
        warning, self.progress.warning = self.progress.warning, None
        return notes.warning(warning or "")

    def _view(self, told: Iterable[e.Event], before: Iterable[View] = ()) -> View:
        """Draw events, take over the laboratory they left, and keep the progress."""
        session = self.session
        if session.history is not self.runner.history:
            session.history = self.runner.history
            session.earlier = [each for each in session.earlier if not self._is_ours(each)]
        if not self._is_ours(self.runner.history):
            self._ours.append(self.runner.history)
        self._known = _Shape.of(self.session.history)
        views = [*before, *(view for event in told for view in self._drawn(event))]
        warning = self._keep()
        return Stacked((*views, *([notes.warning(warning)] if warning else [])))

    def _keep(self) -> str | None:
        """Note how far the lesson is; return a warning if that cannot be written."""
        runner, before = self.runner, self.progress.lessons.get(self.source.key)
        lines = tuple(script(runner))
        walked = lines if runner.finished else before.walked if before is not None else ()
        mark = Bookmark(runner.position, len(runner.lesson.steps), lines, walked)
        return self.progress.note(self.source.key, mark)

    def _drawn(self, event: e.Event) -> list[View]:  # noqa: PLR0911 - one return an event
        """Draw one event."""
        match event:
            case e.Said(text, number, of):
                shown = lesson.place(self._title(), number, of)
                return [shown, Prose(text)] if text else [shown]
            case e.Did(step, history):
                return [lesson.step(step, history)]
            case e.Look(line):
                return [lesson.command(line), *self._look(line)]
            case e.Exposed(mutant=name):
                wrong = MUTANTS[name]
                thought = wrong.misconception
                words = (thought.belief, thought.truth) if thought is not None else ("", "")
                return [lesson.exposed(event, breaks.compare(event), wrong.wrong, words)]
            case e.Declined(text, hint):
                return [notes.refused(text, hint)]
            case e.Finished():
                return [self._finished()]
            case e.Emptied() | e.Passed() | e.Replaced():
                return [_NOTES[type(event)]]
            case _:
                return [_DRAWN[type(event)](event)]

    def _look(self, line: str) -> list[View]:
        """Carry out a command that looks."""
        try:
            outcome = self.session.carry_out(line)
        except Refused as fault:
            return [notes.refused(fault.text, fault.hint)]
        return [] if outcome.view is None else [outcome.view]

    def _title(self) -> str:
        number, title = self.runner.lesson.number, self.runner.lesson.title
        return lesson.titled(number, title)

    def _finished(self) -> View:
        again = self.source.number or self.source.file
        rows = [
            ("try", self.runner.onwards),
            ("read", f"oncelab lesson {again} --read, in a shell: all of it again"),
        ]
        return lesson.said("FINISHED", self._title(), *rows)


class _Shape(NamedTuple):
    """What tells whether a history is as it was."""

    history: History
    length: int
    last: Step | None

    @classmethod
    def of(cls, history: History) -> Self:
        return cls(history, len(history.steps), history.steps[-1] if history.steps else None)

    def same(self, other: "_Shape | None") -> bool:
        return (
            other is not None
            and self.history is other.history
            and self.length == other.length
            and self.last is other.last
        )


_NOTES = {
    e.Emptied: lesson.said("RESET", "the lesson goes on in a new, empty laboratory"),
    e.Passed: lesson.said("LEFT OUT", "the step counts as skipped; this is the answer"),
    e.Replaced: lesson.said(
        "FROM HERE", "the lesson goes on from its own state", ("yours", "is kept: back shows it")
    ),
}
_DRAWN: dict[type, Callable[[Any], View]] = {
    e.Ready: lesson.ready,
    e.Asked: lesson.asked,
    e.Answered: lesson.answered,
    e.Tasked: lesson.tasked,
    e.Marked: lesson.marked,
    e.Met: lesson.met,
    e.Hint: lesson.hint,
    e.Solution: lesson.solution,
    e.Paused: lesson.paused,
}
_RESTARTED = lesson.said("RESET", "the step begins again, in the laboratory as it was")
_GOING_ON = lesson.said("ON", "from where you left it")
_AGAIN = lesson.said("AGAIN", "you finished this lesson before")
_CHANGED = lesson.said(
    "CHANGED", "the text of this lesson is not what it was; it goes on near where you left it"
)
_ELSEWHERE = lesson.said("ELSEWHERE", "this session is not the lesson's", ("try", "reset · back"))
