"""`oncelab lesson`: a lesson walked at the terminal, by a script, or once more as a transcript.

What walks no lesson, but reads or writes files, stands in `repl/cli/lesson_files.py`.
"""

import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path

from core.errors import Refused
from lessons import catalog, record
from lessons.catalog import UnknownLesson
from lessons.model import LessonError
from lessons.progress import Progress
from repl import files
from repl.cli import lesson_files, output
from repl.cli.exits import Exit, complain
from repl.lesson import entry
from repl.lesson.guide import Guide
from repl.prompt.shell import Shell, reader
from repl.render import notes
from repl.render.terminal import Terminal
from repl.session import Outcome, Session


def add(parser: ArgumentParser) -> None:
    """Add its arguments."""
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME|N|PATH",
        help="a lesson by number, name or file; with --check and --verify, files",
    )
    parser.add_argument("--script", metavar="FILE", help="walk by the lines of a file (-: stdin)")
    parser.add_argument("--record", metavar="FILE", help="write what you do, to be handed in")
    parser.add_argument("--read", action="store_true", help="print a finished lesson, all of it")
    parser.add_argument("--vi", action="store_true", default=SUPPRESS, help="edit with vi's keys")
    tools = parser.add_mutually_exclusive_group()
    tools.add_argument("--check", action="store_true", help="check lessons: these, or the course")
    tools.add_argument("--new", metavar="FILE", help="write a lesson to fill in")
    tools.add_argument("--verify", action="store_true", help="carry out records, print a table")
    tools.add_argument("--export", metavar="FILE", help="write your progress to a file")
    tools.add_argument("--import", dest="source", metavar="FILE", help="add progress from a file")


def run(options: Namespace) -> Exit:
    """Do what the options ask."""
    wrong = _misuse(options)
    if wrong is not None:
        return complain(wrong, Exit.MISUSED, "lesson")
    terminal = output.terminal(options)
    if _tools(options):
        return _tool(options, terminal)
    try:
        return _walk(options, terminal)
    except UnknownLesson as fault:
        hint = "lesson" if fault.hint == "lessons" else fault.hint  # which lists them in a shell
        return complain(f"{fault.text}; try: oncelab {hint}", Exit.MISUSED, "lesson")
    except LessonError as fault:
        sys.stderr.write(f"{fault}\n")
        return Exit.MISUSED


def _tools(options: Namespace) -> bool:
    """Whether no lesson is to be walked."""
    many = options.check or options.verify
    return bool(many or options.new or options.export or options.source)


def _misuse(options: Namespace) -> str | None:
    """Say what does not go together, if anything."""
    names: list[str] = options.names
    walks = options.script or options.record or options.read
    if _tools(options) and walks:
        return "--script, --record and --read go with a lesson to walk"
    if options.verify and not names:
        return "which records? for example: oncelab lesson --verify anna.txt"
    if not (options.check or options.verify) and len(names) > (not _tools(options)):
        return f"{names[-1]!r} is one word too many"
    if walks and not names:
        return "which lesson? for example: oncelab lesson 1"
    return None


def _tool(options: Namespace, terminal: Terminal) -> Exit:
    if options.check:
        return lesson_files.check(options.names, terminal)
    if options.verify:
        return lesson_files.verify(options.names, terminal)
    if options.new:
        return lesson_files.new(options.new, terminal)
    if options.export:
        return lesson_files.export(options.export, terminal)
    return lesson_files.import_from(options.source, terminal)


def _walk(options: Namespace, terminal: Terminal) -> Exit:
    """Walk a lesson, or list them. Raises UnknownLesson and LessonError."""
    if not options.names:
        return _list(terminal)
    name = options.names[0]
    if options.read:
        return _read(name, terminal)
    if options.script:
        return _script(name, options.script, options.record, terminal)
    return walk(name, options.record, terminal, vi=options.vi, debug=options.debug)


def _list(terminal: Terminal) -> Exit:
    """Print the list of lessons."""
    progress = entry.kept()
    terminal.show(entry.catalog(progress, "oncelab lesson 1"))
    if progress.warning is not None:
        terminal.show(notes.warning(progress.warning))
    return Exit.OK


def walk(name: str, recorded: str | None, terminal: Terminal, *, vi: bool, debug: bool) -> Exit:
    """Walk a lesson at the terminal. Raises UnknownLesson and LessonError."""
    session = Session()
    guide = _begun(session, name, entry.kept(), terminal)
    shell = Shell(session, terminal, debug=debug)
    try:
        shell.serve(reader(shell, vi=vi))
    finally:
        left = session.guide if isinstance(session.guide, Guide) else guide
        terminal.show(left.leaving())
        status = _record(left, recorded)
    return status


def _script(name: str, file: str, recorded: str | None, terminal: Terminal) -> Exit:
    """Walk a lesson by the lines of a file; it has failed where a line does, or before its end.

    Empty lines and comments are passed over: `next` stands for Enter. Progress is not kept.
    """
    try:
        read = sys.stdin.read() if file == "-" else files.read(Path(file))
    except files.UnreadableFile as fault:
        return complain(str(fault), Exit.MISUSED, "lesson")
    session = Session()
    guide = _begun(session, name, Progress(None), terminal)
    where = "standard input" if file == "-" else file
    if not _play(session, read.split("\n"), where, terminal):
        return Exit.FAILED
    status = _record(guide, recorded)
    if guide.runner.finished:
        return status
    of = len(guide.runner.lesson.steps)
    sys.stderr.write(f"{where}: it ends at step {guide.runner.position + 1} of {of}\n")
    return Exit.FAILED


def _read(name: str, terminal: Terminal) -> Exit:
    """Print a lesson as it was walked, from beginning to end."""
    progress, session = entry.kept(), Session()
    guide = entry.guide(session, catalog.find(name), Progress(None))
    kept = progress.lessons.get(guide.source.key)
    if kept is None or not kept.finished:
        return complain("you have not finished this lesson yet", Exit.FAILED, "lesson")
    terminal.show(guide.begin().offering(session.takes))
    played = _play(session, kept.walked, "your walk", terminal)
    return Exit.OK if played else Exit.FAILED


def _begun(session: Session, name: str, progress: Progress, terminal: Terminal) -> Guide:
    """Begin a lesson, and print how it begins. Raises UnknownLesson and LessonError."""
    guide = entry.guide(session, catalog.find(name), progress)
    terminal.show(guide.begin().offering(session.takes))
    return guide


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
        output.step(terminal, outcome.step, session)
    else:
        print(f"> {line.strip()}" if terminal.plain else f"\n> {line.strip()}", file=terminal.out)
    for view in (outcome.view, outcome.guidance):
        if view is not None:
            terminal.show(view)


def _record(guide: Guide, recorded: str | None) -> Exit:
    """Write the walk to a file, if one was asked for."""
    if recorded is None:
        return Exit.OK
    number = guide.source.number
    key = guide.source.name if number is not None else guide.source.file
    return output.write(recorded, record.text(key, guide.script()), "lesson")
