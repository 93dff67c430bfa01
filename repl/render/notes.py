"""What is said around the steps: welcome and goodbye, refusals, help, the wire, files."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from core.errors import Unusable
from core.lab.history import History
from core.lab.lab import Lab, Step
from core.lab.words import joined, written
from repl.render import View, reports, wording
from repl.render.report import Report, Row, Takes, try_row
from repl.render.report_view import Lines, ReportView
from repl.render.theme import safe, whole

if TYPE_CHECKING:
    from core.lab.declaration import Declaration
    from core.lab.disk import Disk

_MESSAGE = 400
"""Characters of a message that may hold user text."""
_PATH = 4096
_NAMES = 3
"""Checkpoints that are named of a store: those saved last."""


def step(made: Step, history: History, takes: Takes | None = None) -> View:
    """Show a step; `takes` as in `words.report`."""
    about = f"step {made.number}: {wording.typed(made.command)}"
    return ReportView(reports.report(made, history, takes), about)


def typed(made: Step) -> View:
    """Show a step's command as it stood at the prompt; a step's sentence has it anyway."""
    return Lines((f"[{made.number}] > {wording.typed(made.command)}",), "title", spoken=False)


def welcome(lab: Lab | None = None) -> View:
    """Greet somebody who has read nothing; on a store, say what came back from it."""
    headline = "a laboratory for exactly-once stream processing"
    rows: tuple[Row, ...] = ()
    hints: tuple[str, ...] = ("process e1 hello", "lesson 1", "help", "quit")
    store = None if lab is None else lab.durability.disk
    if lab is not None and store is not None:
        rows = (Row("store", f"{safe(store.path, _PATH)}: {_back(lab, store.epoch)}"),)
        hints = (*_onwards(lab), "help", "quit")
    return ReportView(Report("ONCELAB", headline, (*rows, *try_row(*hints))))


def _back(lab: Lab, epoch: int) -> str:
    """Return what a store holds that has just been opened, for the `epoch`th time."""
    held, sink = lab.summary(), lab.state.outputs.committed
    if not (held.seen or sink or lab.saved or lab.source.log):
        return "new" if epoch == 1 else "nothing is in it yet"
    parts = [f"{held.seen} seen", f"{held.pending} pending", f"{sink} committed"]
    if lab.saved:
        names = [wording.name(each) for each in reversed(lab.saved)]
        some = wording.some(names, _NAMES)
        parts.append(f"{'checkpoint' if len(names) == 1 else 'checkpoints'} {some}")
    if lab.source.due is not None:
        parts.append(f"{wording.name(lab.source.due[0])} is due")
    return " · ".join(parts)


def _onwards(lab: Lab) -> tuple[str, ...]:
    """Return what to try first on a store."""
    if lab.source.due is not None:
        return ("replay", "show")
    return ("show", "process hello") if lab.source.log else ("process e1 hello",)


def goodbye(path: Path | None, steps: int) -> View:
    """Say where the session is kept."""
    if path is None:
        said = "the session is not kept" if steps else "there is no session to keep"
        return ReportView(Report("BYE", said))
    where = safe(_from_home(path), _PATH)
    count = wording.number(steps, "step")
    rows = (Row("file", where, "path"), Row("again", "load it at the prompt, or oncelab run it"))
    return ReportView(Report("KEPT", "the session is in a file", rows, count))


def left(store: "Disk") -> View:
    """Say that everything is in the store, or all but a command that was not answered."""
    where = safe(store.path, _PATH)
    again = f"oncelab --store {quote(store.path)}" if whole(store.path, _PATH) else ""
    with suppress(Unusable):
        again += " --take-over" if again and store.taken() else ""
    rows = (Row("store", where, "path"), *((Row("again", again),) if again else ()))
    said = "all that was answered is on disk, and the command in hand may be"
    return ReportView(Report("KEPT", said if store.unanswered else "all of it is on disk", rows))


def refused(text: str, hint: str) -> View:
    """Say what was wrong with a line, and what to type instead."""
    row = Row("try", safe(hint, _MESSAGE), "try", commands=(hint,))
    return ReportView(Report("REFUSED", safe(text, _MESSAGE), (row,) if hint else ()))


def dropped(lines: int) -> View:
    """Say that the rest of a paste was not run."""
    return ReportView(
        Report("DROPPED", "the rest of what was pasted", (), wording.number(lines, "line"))
    )


def stopped(*, final: bool = False) -> View:
    """Say that a command was stopped; `final` is whether nothing can be taken back."""
    back = "is on disk" if final else "stands, and undo takes it back"
    return ReportView(Report("STOPPED", f"what it had done {back}"))


def warning(text: str) -> View:
    """Warn of something outside the session."""
    return ReportView(Report("WARNING", safe(text, _PATH)))


def fault(raised: BaseException) -> View:
    """Say that Oncelab itself is at fault."""
    what = safe(f"{type(raised).__name__}: {raised}", _MESSAGE)
    headline = "this is a bug in Oncelab, and the session is kept"
    rows = (Row("what", what), Row("report", "please, with what oncelab --debug prints"))
    return ReportView(Report("FAULT", headline, rows))


def in_full(name: str) -> View:
    """Say which command a beginning stood for."""
    return Lines((f"= {name}",), "note")


def wire_lines(lines: Iterable[str]) -> View:
    """Show JSON lines as they are, whatever their length."""
    return Lines(tuple(safe(line, len(line)) for line in lines), "note")


def wire(*, on: bool) -> View:
    """Say whether the wire is shown."""
    if on:
        return ReportView(Report("WIRE ON", "each step is followed by its JSON, request and reply"))
    return ReportView(Report("WIRE OFF", "the JSON behind the commands is hidden"))


def saved(file: str, steps: int, *, again: bool = True) -> View:
    """Say that the session was written to a file; `again` is whether it can be loaded here."""
    where, count = safe(file, _PATH), wording.number(steps, "step")
    load = f"load {written(file)}" if whole(file, _PATH) and again else ""
    rows = (Row("file", where, "path"), *try_row(load))
    return ReportView(Report("SAVED", "a script, one command a line", rows, count))


def loaded(file: str, steps: int, undone: int) -> View:
    """Say that a session was read from a file, with so many steps, and so many undone."""
    where, count = safe(file, _PATH), wording.number(steps, "step")
    again = ("redo",) if undone else ()
    rows = (Row("file", where, "path"), *try_row("history", "show", "undo", *again))
    said = "all carried out" if steps else "no step is in it"
    if undone:
        said = f"as it ends: {wording.number(undone, 'step')} undone"
    return ReportView(Report("LOADED", said, rows, count))


def expected(condition: str, *, met: bool, found: str) -> View:
    """Say whether a condition holds, and what was found."""
    rows = (Row("found", safe(found, _MESSAGE)),)
    return ReportView(Report("MET" if met else "NOT MET", safe(condition, _MESSAGE), rows))


def commands(declarations: Iterable["Declaration"], groups: Mapping[str, str]) -> View:
    """List the commands by group."""
    members: dict[str, list[str]] = {}
    for each in declarations:
        members.setdefault(each.group, []).append(each.name)
    rows = []
    for group, meaning in groups.items():
        if group in members:
            rows += [Row(group, meaning, "note"), Row("", " · ".join(members[group]))]
    rows += try_row("help process", "process ?")
    return ReportView(Report("COMMANDS", "help COMMAND explains one", tuple(rows)), long=True)


def command(declared: "Declaration", words: Sequence[str] = (), *, here: bool = True) -> View:
    """Explain one command, also one that this session, on a store, does not have.

    Of the words that can stand where there is a choice: all, or those that are given.
    """
    rows = [Row("" if place else "about", line) for place, line in enumerate(_about(declared))]
    for place, each in enumerate(declared.arguments):
        rows += [Row(each.usage, each.meaning)] if each.meaning else []
        said = words[place : place + 1]
        choices = declared.choices(place).items()
        rows += [
            Row("", f"{word}: {meaning}")
            for word, meaning in choices
            if meaning and (word in said or not said)
        ]
    if declared.aliases:
        rows.append(Row("short", ", ".join(declared.aliases)))
    example = joined([declared.name, *words]) if words else declared.example
    rows += try_row(example) if here else [Row("where", "in a session without --store")]
    return ReportView(Report(declared.usage, declared.summary, tuple(rows)), long=True)


def _from_home(path: Path) -> Path:
    """Return a path as one types it, `~` being the home folder: `load` and shells take it."""
    try:
        return "~" / path.relative_to(Path.home())
    except (ValueError, RuntimeError):
        return path


def _about(declared: "Declaration") -> list[str]:
    """Return the paragraphs of a command's details, each a line: they are wrapped anew."""
    return [" ".join(each.split()) for each in declared.details.split("\n\n") if each.strip()]
