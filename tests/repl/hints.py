"""Sessions of typed lines, and every hint in what is said of them.

A hint is tried where it was given, on a twin of the session: a process of its own, which has
everything the session has and is thrown away.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Container, Iterator
from random import Random
from typing import NamedTuple

from core.errors import Refused
from core.lab.commands import typed
from core.lab.ids import spelled
from repl.lesson.guide import Guide
from repl.registry import COMMANDS
from repl.render import View, notes
from repl.render.report_view import Lines, ReportView, Stacked
from repl.render.table_view import TableView
from repl.render.timeline import Timeline
from repl.session import Outcome, Session
from tests.core.lab.test_truth import Dice

Start = Callable[[], Session]
Following = Callable[[Session], str | None]
Passed = Container[tuple[str, str]]
"""Kinds of hints that may be refused."""


# What is typed.


class Typist:
    """Types the next line: a command, a look, a journey, a search, and now and then nonsense."""

    def __init__(self, random: Random) -> None:
        """Throw these dice."""
        self.random = random
        self._dice = Dice(random)

    def line(self, session: Session) -> str:
        """Return the next line."""
        draw = self.random.random()
        if isinstance(session.guide, Guide) and self.random.random() < 0.35:
            return self._learning(session.guide)
        if draw < 0.5:
            return typed(self._dice.command(session.lab))
        if draw < 0.76:
            return self._aside(session)
        return self._nonsense(session)

    def _aside(self, session: Session) -> str:
        random = self.random
        total = len(session.history.steps)
        one, other = (random.randint(0, total + 2) for _ in range(2))
        what = random.choice(("counts", "seen", "pending", "sink", "checkpoints", "source"))
        lines = [
            *("show", f"show {what}", f"show {what} {one}..{other}", "show all", "show mechanisms"),
            *("show disk", f"why {self._id(session)}", f"why {self._id(session)}"),
            *("diff", "diff clean", f"diff {one}", f"diff {one} {other}", "mechanism", "guarantee"),
            *("timeline", f"timeline {one}..{other}", "history", f"history {one}..{other}"),
            *("score", "score", "undo", f"undo {one}", "redo", f"redo {other}", f"goto {one}"),
            *("reset", "wire", "wire on", "help", "lessons", "witness", "witness"),
            *(f"expect count a == {one}", f"expect seen holds {self._id(session)}"),
            *("expect rule sink-once holds", f"expect pending == {one}", "expect up"),
            f"feed {' '.join(f'w{number}' for number in range(one * 4 + 1))}",
            *("save x.lab", "load x.lab", "export x.txt"),
        ]
        if random.random() < 0.1:
            return random.choice(("sweep", "search 1 1", "search 2 1 1"))
        if session.witnesses and random.random() < 0.3:
            return random.choice(("witness", f"witness {random.choice([*session.witnesses])}"))
        return random.choice(lines)

    def _learning(self, guide: Guide) -> str:
        """Return what one types to a lesson: what solves its step, or something else."""
        solving = guide.runner.answer_lines() if guide.solvable else ["next"]
        ways = ("next", "skip", "hint", "solution", "back", "reset", "lesson", "", "a", "b")
        wrong = ("next x", "skip x", "solution y", "back 1", "lesson off", "lesson 3", "lesson 99")
        kind = self.random.choices((solving, ways, wrong), (4, 5, 2))[0]
        return self.random.choice(kind)

    def _id(self, session: Session) -> str:
        log = session.lab.source.log
        ids = [spelled(event_id) for event_id, _ in log]
        return self.random.choice((*ids, "e1", "nobody", "int:1"))

    def _nonsense(self, session: Session) -> str:
        """Return a line with something wrong in it, most of the time."""
        random = self.random
        name = random.choice(list(COMMANDS))
        if name in {"save", "load", "export", "sweep", "search", "lesson", "quit"}:
            name = "process"
        usual = COMMANDS[name].example
        wrong = random.choice(("x", "-1", "99", "''", "e7", "cp9", "a b", "of", "0", "1..0", "?"))
        kinds = (
            name,
            f"{name} {wrong}",
            f"{name} {wrong} {random.choice(('x', '1', 'on', wrong))}",
            f"{usual} {wrong}",
            _misspelt(random, usual),
            _misspelt(random, name),
            f"{_misspelt(random, name)} {self._id(session)}",
            f"{usual} 'open",
            f"{name} \\",
            f"restore {wrong}",
            f"retry {self._id(session)}",
            f"process {self._id(session)} a",
            random.choice(("expect", "expect a", "expect seen", "expect count a = 1", "lesson 99")),
            random.choice(("load no.lab", "save ''", "export no.xyz", "search x", "search 1 x")),
            random.choice(("crash befor", "crash in", "mechanism dedap", "guarantee most", "lose")),
            random.choice(('{"type": "commit"}', '{"type": "restore"}', "{", '{"type": "x"}')),
        )
        return random.choice(kinds)


def _misspelt(random: Random, line: str) -> str:
    place = random.randrange(len(line))
    return line[:place] + random.choice(("", "x", line[place] * 2)) + line[place + 1 :]


# What is said.


def said(session: Session, line: str) -> list[str]:
    """Run a line; return the hints in what comes of it."""
    try:
        outcome = session.run(line)
    except Refused as fault:
        return [fault.hint]
    return [hint for view in seen(session, outcome) for hint in hints(view)]


def seen(session: Session, outcome: Outcome) -> list[View]:
    """Return what there is to look at after a line."""
    views = [view for view in (outcome.view, outcome.guidance) if view is not None]
    if outcome.step is not None:
        views.append(notes.step(outcome.step, session.history, session.takes))
    return views


def hints(view: View) -> Iterator[str]:
    """Yield every command that a view names to be typed."""
    if isinstance(view, Stacked):
        for each in view.views:
            yield from hints(each)
    elif isinstance(view, ReportView):
        for row in view.report.rows:
            yield from row.commands
    elif isinstance(view, Lines):
        yield from view.commands
    elif isinstance(view, TableView | Timeline):
        more = re.search(r"(?:more|earlier): (\w+.*?)(?:;|$)", view.rest)
        tried = re.search(r"try (\w+)(?: or (\w+))?$", view.rest)
        yield from () if more is None else (more[1],)
        yield from () if tried is None else filter(None, tried.groups())


# Whether it is accepted.


class Wrong(NamedTuple):
    """A hint that was refused: behind which lines it was given, and what was said to it."""

    lines: tuple[str, ...]
    hint: str
    answer: str

    @property
    def kind(self) -> tuple[str, str]:
        """What it has in common with others like it."""
        return self.hint.partition(" ")[0], re.sub(r"[;\d'].*", "", self.answer)

    def __str__(self) -> str:
        """Return it as one reads it."""
        return "\n".join([*self.lines, f"  hint: {self.hint}", f"  {self.answer}"])


def typed_in(
    start: Start, following: Following, length: int, checked: Counter[str], passed: Passed = ()
) -> tuple[list[str], Wrong | None]:
    """Type lines, each as soon as the one before it was answered; stop at a hint refused.

    Return the lines, and what was wrong, if anything was but for what is `passed`.
    """
    session, lines = start(), list[str]()
    while len(lines) < length and (line := following(session)) is not None:
        lines.append(line)
        checked["lines"] += 1
        for hint in dict.fromkeys(said(session, line)):
            checked[f"hint: {hint.partition(' ')[0]}"] += 1
            answer = refused(session, hint)
            wrong = None if answer is None else Wrong(tuple(lines), hint, answer)
            if wrong is not None and wrong.kind not in passed:
                return lines, wrong
    return lines, None


def shortened(start: Start, wrong: Wrong, passed: Passed = ()) -> Wrong:
    """Leave out the lines that are not needed for a hint of this kind to be refused."""
    place = 0
    while place < len(wrong.lines):
        fewer = iter([*wrong.lines[:place], *wrong.lines[place + 1 :]])
        size = len(wrong.lines)
        _, found = typed_in(start, lambda _, left=fewer: next(left, None), size, Counter(), passed)  # type: ignore[misc]
        if found is not None and found.kind == wrong.kind:
            wrong, place = found, 0
        else:
            place += 1
    return wrong


def refused(session: Session, hint: str) -> str | None:
    """Type a hint into a twin of a session; return what is said where it is refused."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            answer = _refused(session, hint)
            os.write(writing, (answer or "").encode())
        finally:
            os._exit(0 if "answer" in locals() else 1)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    return told or ("it breaks" if status else None)


def _refused(session: Session, hint: str) -> str | None:
    session.on_progress = lambda _: False  # a search need not come to its end
    try:
        outcome = session.run(hint)
    except Refused as fault:
        return f"refused: {fault.text}; try {fault.hint}"
    except Exception as fault:  # noqa: BLE001 - whatever breaks is shown
        return f"breaks: {fault!r}"
    for view in seen(session, outcome):
        views = view.views if isinstance(view, Stacked) else (view,)
        for each in views:
            if isinstance(each, ReportView) and each.report.verdict == "REFUSED":
                return f"refused: {each.plain()}"
    return "refused on the wire" if outcome.failed and outcome.wire else None
