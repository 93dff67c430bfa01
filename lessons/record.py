"""A record, for submission: the lines that a student typed in a lesson, and how it is verified.

A record holds no score. To verify it, its lines are carried out again in a laboratory, and
the score is counted there: nothing else in the file is relied on.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from core.lab.letters import escape
from lessons import model as m
from lessons.lines import walk
from lessons.runner import Runner

_HEADER = "# oncelab lesson record 1: "
_ESCAPED = re.compile(r"\\(U[0-9a-f]{8}|u[0-9a-f]{4}|x[0-9a-f]{2}|[nrt\\])")
_MOST = 20_000
"""The most lines of a record."""


class RecordError(Exception):
    """A text that is not a record; `line` is the number of the wrong line, from 1."""

    def __init__(self, line: int, text: str) -> None:
        """Set the line, and what was expected there."""
        super().__init__(text)
        self.line = line
        self.text = text


class Recorded(NamedTuple):
    """The result of carrying out a record.

    `steps` of the `of` steps were done. `met` of the `tasks` (goals and questions) were solved
    and not skipped, `mistaken` of them after a wrong choice; `over` is how many commands more
    than par these took in all. `hints`, `solutions` and `skips` count how often these were
    asked for. `stopped` says at which line and why it ended early, or is None.
    """

    lesson: str
    steps: int
    of: int
    met: int
    tasks: int
    mistaken: int
    over: int
    hints: int
    solutions: int
    skips: int
    stopped: str | None

    @property
    def complete(self) -> bool:
        """Whether all steps were done and nothing was skipped."""
        return self.stopped is None and self.steps == self.of and not self.skips


def text(key: str, lines: Iterable[str]) -> str:
    r"""Return the text of a record; `key` names the lesson.

    What is not printable in a file's name is written as `\n`, `\xXX` or `\uXXXX`, a backslash
    as two.
    """
    plain = (each.isprintable() and each != "\\" for each in key)
    named = "".join(each if p else escape(each) for each, p in zip(key, plain, strict=True))
    return "\n".join([_HEADER + named, *lines]) + "\n"


def read(source: str) -> tuple[str, list[str]]:
    """Return the key of a record's lesson, and its lines. Raises RecordError."""
    first, *lines = source.removesuffix("\n").split("\n")
    if not first.startswith(_HEADER) or not first[len(_HEADER) :].strip():
        raise RecordError(1, f"not a record: the first line should be {_HEADER!r} and a lesson")
    if len(lines) > _MOST:
        raise RecordError(_MOST + 2, f"a record has at most {_MOST} lines")
    named = first[len(_HEADER) :].removesuffix("\r")
    return _ESCAPED.sub(lambda found: found[0].encode().decode("unicode_escape"), named), lines


def verify(lines: Sequence[str], walked: Runner) -> Recorded:
    """Carry out a record's lines in a fresh runner of its lesson; return the result."""
    stopped = walk(walked, lines)
    tasks = [
        (step, work)
        for step, work in zip(walked.lesson.steps, walked.works, strict=True)
        if isinstance(step, m.Predict | m.Try | m.Break)
    ]
    met = [(step, work) for step, work in tasks if work.done and not work.skipped]
    return Recorded(
        lesson=walked.lesson.name,
        steps=sum(work.done for work in walked.works[: walked.position + 1]),
        of=len(walked.works),
        met=len(met),
        tasks=len(tasks),
        mistaken=sum(len(work.answers) > 1 for _, work in met),
        over=sum(max(work.taken - step.par, 0) for step, work in met if isinstance(step, m.Try)),
        hints=sum(work.hints for _, work in tasks),
        solutions=sum(work.solution for _, work in tasks),
        skips=sum(work.skipped for _, work in tasks),
        stopped=stopped,
    )
