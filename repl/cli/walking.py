"""Walking a lesson: at the terminal, by a script, and once more as a transcript."""

import sys
from collections.abc import Iterable
from pathlib import Path

from core.errors import Refused
from lessons import catalog as lessons
from lessons import record
from lessons.catalog import LessonFile, Unknown
from lessons.model import Unsound
from lessons.progress import Progress
from repl import files
from repl.lesson import opening
from repl.lesson.guide import Guide
from repl.prompt.shell import Shell, bare, person
from repl.render import View, notes
from repl.render.terminal import Terminal, both_ends
from repl.session import Outcome, Session

FAILED = 1
UNREADABLE = 2


def show(view: View, terminal: Terminal) -> None:
    """Print a view."""
    if terminal.plain:
        print(view.plain(), file=terminal.out, flush=True)
    else:
        terminal.console().print(view.draw(terminal.glyphs))


def catalog(terminal: Terminal) -> int:
    """Print the list of lessons."""
    progress = opening.kept()
    show(opening.catalog(progress, "oncelab lesson 1"), terminal)
    if progress.warning is not None:
        show(notes.warning(progress.warning), terminal)
    return 0


def walk(name: str, recorded: str | None, terminal: Terminal, *, vi: bool, debug: bool) -> int:
    """Walk a lesson at the terminal; return the exit status."""
    session = Session()
    guide = _opened(session, name, opening.kept())
    if isinstance(guide, int):
        return guide
    shell = Shell(session, terminal, debug=debug)
    able = both_ends() and not terminal.plain
    show(guide.begin().offering(session.takes), terminal)
    shell.serve(person(shell, vi=vi) if able else bare(shell))
    left = session.guide if isinstance(session.guide, Guide) else guide
    show(left.leaving(), terminal)
    return _record(left, recorded)


def script(name: str, file: str, recorded: str | None, terminal: Terminal) -> int:
    """Walk a lesson by the lines of a file; it has failed where a line does, or before its end.

    Empty lines and comments are passed over: `next` stands for Enter. Progress is not kept.
    """
    try:
        read = sys.stdin.read() if file == "-" else files.read(Path(file))
    except files.Unreadable as fault:
        sys.stderr.write(f"oncelab lesson: {fault}\n")
        return UNREADABLE
    session = Session()
    guide = _opened(session, name, Progress(None))
    if isinstance(guide, int):
        return guide
    show(guide.begin().offering(session.takes), terminal)
    where = "standard input" if file == "-" else file
    if not _play(session, read.split("\n"), where, terminal):
        return FAILED
    status = _record(guide, recorded)
    if guide.runner.finished:
        return status
    of = len(guide.runner.lesson.steps)
    sys.stderr.write(f"{where}: it ends at step {guide.runner.position + 1} of {of}\n")
    return FAILED


def read(name: str, terminal: Terminal) -> int:
    """Print a lesson as it was walked, from beginning to end."""
    progress, session = opening.kept(), Session()
    guide = _opened(session, name, Progress(None))
    if isinstance(guide, int):
        return guide
    kept = progress.lessons.get(guide.source.key)
    if kept is None or not kept.finished:
        sys.stderr.write("oncelab lesson: you have not finished this lesson yet\n")
        return FAILED
    show(guide.begin().offering(session.takes), terminal)
    return 0 if _play(session, kept.walked, "your walk", terminal) else FAILED


def _opened(session: Session, name: str, progress: Progress) -> Guide | int:
    """Return a lesson's guide, or (told why) the exit status."""
    try:
        source: LessonFile = lessons.find(name)
        return opening.guide(session, source, progress)
    except Unknown as fault:
        hint = "lesson" if fault.hint == "lessons" else fault.hint  # which lists them in a shell
        sys.stderr.write(f"oncelab lesson: {fault.text}; try: oncelab {hint}\n")
    except Unsound as fault:
        sys.stderr.write(f"{fault}\n")
    return UNREADABLE


def _play(session: Session, lines: Iterable[str], where: str, terminal: Terminal) -> bool:
    """Run lines, each shown with what came of it; return whether all went well."""
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            outcome = session.run(line)
        except Refused as fault:
            sys.stderr.write(f"{where}:{number}: {fault.text}; try: {fault.hint}\n")
            return False
        _show(outcome, line, session, terminal)
        if outcome.leave:
            break
    return True


def _show(outcome: Outcome, line: str, session: Session, terminal: Terminal) -> None:
    if outcome.step is not None:
        if not terminal.plain:
            show(notes.typed(outcome.step), terminal)
        show(notes.step(outcome.step, session.history, session.takes), terminal)
    else:
        print(f"> {line.strip()}" if terminal.plain else f"\n> {line.strip()}", file=terminal.out)
    for view in (outcome.view, outcome.beside):
        if view is not None:
            show(view, terminal)


def _record(guide: Guide, recorded: str | None) -> int:
    """Write the walk to a file, if one was asked for; return the exit status."""
    if recorded is None:
        return 0
    number = guide.source.number
    key = guide.source.name if number is not None else guide.source.file
    try:
        files.write(Path(recorded), record.text(key, guide.script()))
    except OSError as fault:
        sys.stderr.write(f"oncelab lesson: cannot write {recorded!r}: {fault.strerror}\n")
        return UNREADABLE
    return 0
