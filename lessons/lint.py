"""`oncelab lesson --check`: finds what is wrong with a lesson, before a student does.

Every finding has a file, a line and what to do about it. Solutions and predictions are
carried out in a laboratory, and shorter solutions are searched for.
"""

from collections.abc import Iterator, Mapping, Sequence

from core.errors import Refused
from core.lab import language
from core.lab.commands import typed
from core.lab.declaration import Declaration, find
from core.lab.lab import Lab
from core.lab.words import split
from lessons import breaks, goals
from lessons import model as m
from lessons.baseline import EXPECT, RESET, AuthorError, Baseline, BaselineRun, own
from lessons.catalog import LessonFile, UnknownLesson
from lessons.predict import choices

LOOKING = "look"

Commands = Mapping[str, Declaration]
"""All commands of the prompt by name: those of the laboratory, and those that only look."""


def check(
    sources: Sequence[LessonFile], commands: Commands, *, course: bool = False
) -> list[m.Finding]:
    """Return what is wrong with these lessons, in the order of the files.

    In the `course` a lesson may use the commands that it and the lessons before it teach;
    outside it may use all.
    """
    found: list[m.Finding] = []
    taught = set() if course else set(commands)
    numbers: dict[int, str] = {}
    for source in sources:
        try:
            lesson = source.read()
        except m.LessonError as unsound:
            found += unsound.findings
            continue
        except UnknownLesson as fault:
            found.append(m.Finding(source.file, 1, fault.text, "check the path"))
            continue
        other = numbers.setdefault(lesson.number, source.file) if lesson.number else source.file
        if other != source.file:
            text = f"number {lesson.number} is that of {other} too"
            found.append(m.Finding(source.file, 1, text, "give the file another number"))
        taught |= set(lesson.teaches)
        found += check_lesson(lesson, commands, taught)
    return found


def check_lesson(lesson: m.Lesson, commands: Commands, taught: set[str]) -> list[m.Finding]:
    """Return what is wrong with a lesson, by line. `taught` are the commands it may use."""
    checker = _Checker(lesson, commands, taught)
    return sorted(checker.findings(), key=lambda found: found.line)


class _Checker:
    """The check of one lesson."""

    def __init__(self, lesson: m.Lesson, commands: Commands, taught: set[str]) -> None:
        self.lesson, self.commands, self.taught = lesson, commands, taught

    def findings(self) -> Iterator[m.Finding]:
        """Yield all findings; if a command of the baseline fails, only that and unknown names."""
        yield from self._unknown_names()
        try:
            way = Baseline(self.lesson)
        except AuthorError as astray:
            yield self._astray(astray)
            return
        for place, step in enumerate(self.lesson.steps):
            start = way.start(place)
            lab = start.history().lab
            yield from self._looks(step) if isinstance(step, m.Show) else self._untaught(step)
            match step:
                case m.Predict() if len(choices(step, start)) == 1:
                    text = "no wrong engine gives another answer, so there is nothing to choose"
                    mend = "ask for something that a mistake would change"
                    yield self._finding(step.line, text, mend)
                case m.Try():
                    yield from self._try(step, lab, BaselineRun(start))
                case m.Break() if breaks.shortest(step.mutant, step.rule) is None:
                    text = f"no schedule was found that exposes {step.mutant}"
                    yield self._finding(step.line, text, "take another mutant, or any rule")

    def _unknown_names(self) -> Iterator[m.Finding]:
        """Find names in `teaches` and `allow` that are not commands."""
        for name in self.lesson.teaches:
            if name not in self.commands:
                yield self._finding(1, f"teaches names no command: {name!r}", "use its full name")
        for step in self.lesson.steps:
            for name in (isinstance(step, m.Try) and step.allow) or ():
                if name not in language.COMMANDS:
                    text = f"allow names no drive or break command: {name!r}"
                    yield self._finding(step.line, text, "look and travel need no leave")

    def _untaught(self, step: m.Step) -> Iterator[m.Finding]:
        """Find commands that no lesson so far has taught."""
        for line in own(step):
            if line.text != RESET and line.text.split(maxsplit=1)[0] != EXPECT:
                yield from self._unless_taught(line, language.read(line.text).verb)

    def _looks(self, step: m.Show) -> Iterator[m.Finding]:
        """Find commands of a `show` that do more than look, or were not taught."""
        for line in step.commands:
            try:
                declared = find(split(line.text)[0], self.commands)
            except Refused as fault:
                yield self._finding(line.number, fault.text, f"try {fault.hint!r}")
                continue
            if declared.group != LOOKING:
                text = f"{declared.name} does not just look"
                yield self._finding(line.number, text, "use show, timeline, diff, why or score")
            else:
                yield from self._unless_taught(line, declared.name)

    def _unless_taught(self, line: m.Line, name: str) -> Iterator[m.Finding]:
        if name not in self.taught:
            text = f"{name} is not taught in this or an earlier lesson"
            mend = f'add it to teaches = ["{name}"], or do without it'
            yield self._finding(line.number, text, mend)

    def _try(self, step: m.Try, lab: Lab, walk: BaselineRun) -> Iterator[m.Finding]:
        """Find what is wrong with a goal and its solution."""
        if goals.met(step.goal, lab):
            yield self._finding(step.line, "the goal is met before it starts", "ask for more")
            return
        taken = 0
        for line in step.solution:
            walk.carry_out([line])
            taken += 1
            if goals.met(step.goal, walk.history.lab):
                break
        else:
            unmet = next(mark for mark in goals.marks(step.goal, walk.history.lab) if not mark.met)
            text = f"the solution does not reach {unmet.condition}: {unmet.found}"
            yield self._finding(step.solution[-1].number, text, "mend the goal or the solution")
            return
        yield from self._length(step, taken)
        yield from self._shortcuts(step, lab, taken)

    def _length(self, step: m.Try, taken: int) -> Iterator[m.Finding]:
        """Find a solution that is too long."""
        if taken < len(step.solution):
            line = step.solution[taken]
            text = f"the goal is met before {line.text!r}"
            yield self._finding(line.number, text, "end the solution there")
        elif taken > step.par:
            text = f"the solution takes {taken} commands, par is {step.par}"
            yield self._finding(step.line, text, f"set par = {taken}, or shorten the solution")

    def _shortcuts(self, step: m.Try, lab: Lab, taken: int) -> Iterator[m.Finding]:
        """Find solutions shorter than par, and a command of the solution that is not allowed."""
        names = self.taught if step.allow is None else set(step.allow)
        for line in step.solution:
            if step.allow is not None and (name := language.read(line.text).verb) not in names:
                text = f"the solution uses {name}, which is not in allow"
                yield self._finding(line.number, text, f'add "{name}" to allow')
        shorter = goals.shorter(step.goal, lab, names, max(taken, step.par))
        if shorter is not None:
            way = "; ".join(map(typed, shorter))
            text = f"par is {step.par}, but {len(shorter)} will do: {way}"
            yield self._finding(step.line, text, "use that, or say more in goal or less in allow")

    def _astray(self, astray: AuthorError) -> m.Finding:
        line = astray.line
        others = self.commands.keys() - {EXPECT, *language.COMMANDS}
        if line.text.split(maxsplit=1)[0] in others:
            text = f"{line.text!r} fails: {line.text!r} makes no step"
            return self._finding(line.number, text, "try 'process hello'")
        return self._finding(line.number, astray.text, astray.mend)

    def _finding(self, line: int, text: str, mend: str) -> m.Finding:
        return m.Finding(self.lesson.file, line, text, mend)
