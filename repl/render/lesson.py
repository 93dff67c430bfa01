"""What happens in a lesson, drawn: the goal and what is met of it, the choices, the two runs.

Every function takes an event of `lessons/events.py`, or plain data, and returns a `View`.
"""

from collections.abc import Iterable, Sequence

from core.lab.history import History
from core.lab.lab import Step
from lessons import events as e
from lessons.breaks import Minimal
from lessons.predict import Choice, RunsCompared, StateNumbers, letter
from lessons.record import Recorded
from repl.render import View, notes, wording
from repl.render.report import Report, Row, try_row
from repl.render.report_view import Lines, ReportView, Stacked
from repl.render.reports import report
from repl.render.table_view import Column, TableView
from repl.render.theme import safe
from repl.render.wording import number

_WAYS = ("hint", "undo", "reset", "solution", "skip", "back")
_ONWARDS = ("hint", "reset", "back", "quit")
_HELP = Row("help", " · ".join(_WAYS), "try", commands=_WAYS)
_TEXT = 200


def titled(number: int | None, title: str) -> str:
    """Return what a lesson is called."""
    shown = safe(title, _TEXT)
    return shown if number is None else f"Lesson {number} · {shown}"


def place(title: str, number: int, of: int) -> View:
    """Say where in a lesson one is; `title` as `titled` has it."""
    return Lines((f"{title} · {number} of {of}",), "title")


def command(line: str) -> View:
    """Show a command that is carried out for the student."""
    return Lines((f"> {safe(line, _TEXT)}",), "title")


def step(made: Step, history: History) -> View:
    """Show a step that was carried out for the student: what came of it, and no advice."""
    told = report(made, history)
    rows = tuple(row for row in told.rows if row.label != "unchanged")
    about = f"step {made.number}: {wording.typed(made.command)}"
    shown = ReportView(told._replace(rows=rows), about)
    return Stacked((notes.typed(made), shown), close=True)


def paused(event: e.Paused) -> View:
    """Say how to go on."""
    on = "Enter ends the lesson" if event.last else "Enter goes on"
    return Lines((" · ".join((on, *_ONWARDS)),), "note", _ONWARDS)


def ready(event: e.Ready) -> View:
    """Name commands that Enter carries out."""
    rows = (*_labelled("next", event.commands), _type("Enter", "hint", "reset", "back"))
    return ReportView(Report("READY", "Enter carries these out", rows), long=True)


def asked(event: e.Asked) -> View:
    """Ask what comes of some commands; after a wrong choice, what is left to choose."""
    rows = [] if event.tried else _labelled("next", event.after)
    rows += [
        Row(letter(place), _told(choice.text), note="not so" if choice.text in event.tried else "")
        for place, choice in enumerate(event.choices)
    ]
    letters = ", ".join(letter(place) for place in range(len(event.choices)))
    rows.append(_type(letters, "hint", "solution", "skip", "reset", "back"))
    question = _told(event.question)
    return ReportView(Report("AGAIN" if event.tried else "PREDICT", question, tuple(rows)))


def _type(first: str, *commands: str) -> Row:
    """Return a row that says what may be typed: something, or one of the commands."""
    return Row("type", " · ".join((first, *commands)), "try", commands=commands)


def answered(event: e.Answered) -> View:
    """Say whether a choice was right; if not, whose mistake it is, and show both runs."""
    if event.choice.right:
        return ReportView(Report("RIGHT", _told(event.choice.text)))
    mistake = event.choice.mistakes[0]
    rows = [Row("so says", f"a processor that is wrong: {mistake.does}")]
    if mistake.belief:
        rows += [Row("belief", mistake.belief), Row("but", mistake.truth)]
    told = ReportView(Report("NOT SO", _told(event.choice.text), tuple(rows)))
    return Stacked((told, _compared(event.choice, event.compared)))


def _compared(choice: Choice, runs: Sequence[RunsCompared]) -> View:
    """Show two runs of the same commands: of each moment, what differs."""
    columns = (Column("command"), Column("as it is"), Column(choice.mistakes[0].name))
    rows = tuple((_told(each.command), *_differing(each.right, each.wrong)) for each in runs)
    return TableView("BESIDE each other, where they differ", "", columns, rows)


def _differing(right: StateNumbers | None, wrong: StateNumbers | None) -> tuple[str, str]:
    """Return what differs between two moments, in the words of each."""
    if right == wrong:
        return "the same", "the same"
    if right is None or wrong is None:
        return _moment(right, None), _moment(wrong, None)
    return _moment(right, wrong), _moment(wrong, right)


def _moment(moment: StateNumbers | None, other: StateNumbers | None) -> str:
    """Return the parts of a moment that are not those of the other."""
    if moment is None:
        return "refused"
    counts = dict(moment.counts)
    others = dict(other.counts) if other is not None else {}
    words = dict.fromkeys((*counts, *others))
    parts = [
        f"{safe(word)} {counts.get(word, 0)}"
        for word in words
        if other is None or counts.get(word, 0) != others.get(word, 0)
    ]
    parts += [
        f"{name} {getattr(moment, name)}"
        for name in ("seen", "pending", "sink")
        if other is None or getattr(moment, name) != getattr(other, name)
    ]
    if other is not None and moment.up != other.up:
        parts.append("up" if moment.up else "down")
    return " · ".join(parts)


def tasked(event: e.Tasked) -> View:
    """Say what is to be done, and how the goal stands."""
    rows = [*_marks(event.marks)]
    if event.allow is not None:
        rows.append(Row("with", " · ".join(map(_told, event.allow))))
    rows.append(_HELP)
    return ReportView(Report("YOUR TURN", _told(event.task), tuple(rows)))


def marked(event: e.Marked) -> View:
    """Show how the goal stands after a command."""
    rows = (*_marks(event.marks), _HELP)
    met = sum(mark.met for mark in event.marks)
    return ReportView(Report("GOAL", f"{met} of {len(event.marks)} met", rows))


def met(event: e.Met) -> View:
    """Say that the goal is met, and how short the way was."""
    taken = number(event.commands, "command")
    if event.commands <= event.par:
        headline = f"the goal, in {taken}: the lesson knows no shorter way"
    else:
        headline = f"the goal, in {taken}; {event.par} would do"
    return ReportView(Report("MET", headline, tuple(_marks(event.marks))))


def exposed(event: e.Exposed, compared: Minimal, does: str, thought: tuple[str, str]) -> View:
    """Say how a wrong engine was exposed, by how little, and how little it takes."""
    rows = [Row("broken", f"{event.rule}: {_told(event.message)}"), Row("because", does)]
    if thought[0]:
        rows += [Row("belief", thought[0]), Row("but", thought[1])]
    taken, least = len(event.commands), len(compared.minimal)
    if least < taken:
        shown = " · ".join(map(wording.typed, compared.minimal))
        rows.append(Row("enough", f"{number(least, 'command')} of your {taken}: {shown}"))
    shortest = compared.shortest
    if shortest is not None and len(shortest) < least:
        shown = " · ".join(map(wording.typed, shortest))
        rows.append(Row("shorter", f"{number(len(shortest), 'command')}: {shown}"))
    elif least == taken:
        rows.append(Row("length", "none of your commands can be left out"))
    headline = f"this processor, in {number(taken, 'command')}"
    return ReportView(Report("EXPOSED", headline, tuple(rows)))


def hint(event: e.Hint) -> View:
    """Show a hint."""
    if not event.of:
        return ReportView(Report("HINT", "there is none in this step", try_row("solution", "next")))
    return ReportView(Report("HINT", _told(event.text), (), f"{event.number} of {event.of}"))


def solution(event: e.Solution) -> View:
    """Show the answer, or the commands that reach the goal."""
    if event.answer:
        return ReportView(Report("ANSWER", _told(event.lines[0]) if event.lines else ""))
    rows = tuple(_labelled("type", event.lines))
    return ReportView(Report("SOLUTION", "one way to do it", rows), long=True)


def said(verdict: str, headline: str, *rows: tuple[str, str]) -> View:
    """Say something about the lesson itself; a headline and rows may hold our glyphs."""
    shown = [row for label, text in rows for row in _said(label, text)]
    return ReportView(Report(verdict, headline, tuple(shown)))


def _said(label: str, text: str) -> tuple[Row, ...]:
    """Return a row; one of hints, between points, as hints."""
    return try_row(*text.split(" · ")) if label == "try" else (Row(label, safe(text, None)),)


def catalog(rows: Iterable[tuple[str, str, str, str]], begin: str) -> View:
    """List the lessons: number, title, minutes, how far; `begin` is what begins the first."""
    columns = (Column("lesson", right=True), Column("title"), Column("min", right=True))
    listed = tuple(tuple(safe(cell, None) for cell in cells) for cells in rows)
    rest = f"{begin} begins the first" if listed else "no lessons are installed"
    shown = (*columns, Column("progress"))
    return TableView("LESSONS", "lesson", shown, listed, rest)


def verdicts(table: Sequence[tuple[str, Recorded]]) -> View:
    """Show what carrying out submissions came to."""
    names = ("file", "lesson", "steps", "goals met", "wrong first", "over par", "hints")
    columns = (*(Column(name) for name in (*names, "solutions", "skips")), Column("verdict"))
    rows = tuple((safe(file, _TEXT), *_cells(verdict)) for file, verdict in table)
    whole = sum(verdict.complete for _, verdict in table)
    return TableView(f"VERIFIED {whole} of {len(rows)} complete", "", columns, rows)


def _cells(verdict: Recorded) -> tuple[str, ...]:
    ended = "complete" if verdict.complete else verdict.stopped or "not complete"
    return (
        _told(verdict.lesson),
        f"{verdict.steps}/{verdict.of}",
        f"{verdict.met}/{verdict.tasks}",
        *(str(each) for each in verdict[5:10]),
        _told(ended),
    )


def _told(text: str) -> str:
    """Return what an author wrote, or what came of it, as words for a terminal."""
    return safe(text.replace("`", ""), None)


def _labelled(label: str, texts: Iterable[str]) -> list[Row]:
    """Return a row for each text, the first with the label."""
    return [Row("" if place else label, safe(text, _TEXT)) for place, text in enumerate(texts)]


def _marks(marks: Iterable[e.GoalMark]) -> list[Row]:
    return [
        Row("met", _told(mark.condition), "added")
        if mark.met
        else Row("not yet", _told(mark.condition), note=safe(mark.found, _TEXT))
        for mark in marks
    ]
