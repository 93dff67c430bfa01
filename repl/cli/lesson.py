"""`oncelab lesson`: a lesson walked at the terminal, by a script, or once more as a transcript.

What walks no lesson, but reads or writes files, stands in `repl/cli/lesson_files.py`.
"""

import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from core.errors import Refused
from core.lab.letters import escaped
from lessons import catalog, record
from lessons.catalog import UnknownLesson
from lessons.model import LessonError
from lessons.progress import Progress
from repl import files, registry
from repl.cli import lesson_files, output
from repl.cli.exits import STOPPED, Exit, complain, tell, tell_line
from repl.lesson import entry
from repl.lesson.guide import Guide
from repl.prompt.progress import Progressing
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
    parser.add_argument("--force", action="store_true", help="write over whatever is there")
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
        for each in fault.findings:
            tell(str(each))
        return Exit.MISUSED


def _tools(options: Namespace) -> bool:
    """Whether no lesson is to be walked."""
    named = (options.new, options.export, options.source)
    return options.check or options.verify or any(each is not None for each in named)


def _misuse(options: Namespace) -> str | None:
    """Say what does not go together, if anything."""
    names: list[str] = options.names
    walks = options.read or not (options.script is None and options.record is None)
    if options.force and {options.record, options.new, options.export} == {None}:
        return "--force goes with --record, --new or --export"
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
    if options.new is not None:
        return lesson_files.new(options.new, terminal, force=options.force)
    if options.export is not None:
        return lesson_files.export(options.export, terminal, force=options.force)
    return lesson_files.import_from(options.source, terminal)


def _walk(options: Namespace, terminal: Terminal) -> Exit:
    """Walk a lesson, or list them. Raises UnknownLesson and LessonError."""
    if not options.names:
        return _list(terminal)
    name = options.names[0]
    if options.read:
        return _read(name, terminal)
    to = None
    if options.record is not None:
        to = Recording(options.record, options.force, _needed(name, options.script))
        status = to.check()
        if status is not Exit.OK:
            return status
    if options.script is not None:
        return _script(name, options.script, to, terminal)
    return walk(name, to, terminal, vi=options.vi, debug=options.debug)


def _needed(name: str, script: str | None) -> files.Spared:
    """Return the files that a walk reads: no record is written over them. Raises UnknownLesson."""
    place = catalog.find(name).place
    needed = {str(place): "it is the lesson"} if isinstance(place, Path) else {}
    return needed if script is None else needed | output.reading(script)


class Recording(NamedTuple):
    """The file that a walk is written to, and those that are never written over for that."""

    file: str
    force: bool
    needed: files.Spared

    def check(self) -> Exit:
        """Complain now of what would be in the way after the walk."""
        try:
            files.check(self.file, over=self.force, spare=self.needed)
        except OSError as fault:
            return output.unwritten(self.file, fault, "lesson")
        return Exit.OK

    def write(self, guide: Guide) -> Exit:
        """Write the walk; beside, if somebody's file stands there by now."""
        number = guide.source.number
        key = guide.source.name if number is not None else guide.source.file
        text = record.text(key, guide.script())
        try:
            try:
                files.write(self.file, text, over=self.force, spare=self.needed)
            except files.Occupied:
                free = files.beside(self.file)
                files.write(free, text)
                said = f"{self.file!r} is there by now: the record is in {free!r}"
                complain(said, Exit.OK, "lesson")
        except OSError as fault:
            output.unwritten(self.file, fault, "lesson")
            return Exit.FAILED
        return Exit.OK


def _list(terminal: Terminal) -> Exit:
    """Print the list of lessons."""
    progress = entry.kept()
    terminal.show(entry.catalog(progress, "oncelab lesson 1"))
    if progress.warning is not None:
        terminal.show(notes.warning(progress.warning))
    return Exit.OK


def walk(name: str, to: Recording | None, terminal: Terminal, *, vi: bool, debug: bool) -> Exit:
    """Walk a lesson at the terminal. Raises UnknownLesson and LessonError."""
    session = Session()
    guide = _begun(session, name, entry.kept(), terminal)
    shell = Shell(session, terminal, debug=debug)
    try:
        shell.serve(reader(shell, vi=vi))
    finally:
        left = session.guide if isinstance(session.guide, Guide) else guide
        terminal.show(left.leaving())
        status = Exit.OK if to is None else to.write(left)
    return status


def _script(name: str, file: str, to: Recording | None, terminal: Terminal) -> Exit:
    """Walk a lesson by the lines of a file; it has failed where a line does, or before its end.

    Empty lines and comments are passed over: `next` stands for Enter. Progress is not kept.
    """
    try:
        read = sys.stdin.read() if file == "-" else files.read(file)
    except files.UnreadableFile as fault:
        return complain(str(fault), Exit.MISUSED, "lesson")
    session = Session(needed=output.reading(file))
    guide = _begun(session, name, Progress(None), terminal)
    where = "standard input" if file == "-" else file
    played = _play(session, read.split("\n"), where, terminal)
    status = Exit.OK if to is None else to.write(guide)
    if played is not Exit.OK:
        return played
    if guide.runner.finished:
        return status
    of = len(guide.runner.lesson.steps)
    tell(f"{where}: it ends at step {guide.runner.position + 1} of {of}")
    return Exit.FAILED


def _read(name: str, terminal: Terminal) -> Exit:
    """Print a lesson as it was walked, from beginning to end."""
    progress, session = entry.kept(), Session()
    guide = entry.guide(session, catalog.find(name), Progress(None))
    kept = progress.lessons.get(guide.source.key)
    if kept is None or not kept.finished:
        return complain("you have not finished this lesson yet", Exit.FAILED, "lesson")
    terminal.show(guide.begin().offering(session.takes))
    return _play(session, kept.walked, "your walk", terminal)


def _begun(session: Session, name: str, progress: Progress, terminal: Terminal) -> Guide:
    """Begin a lesson, and print how it begins. Raises UnknownLesson and LessonError."""
    guide = entry.guide(session, catalog.find(name), progress)
    terminal.show(guide.begin().offering(session.takes))
    return guide


def _play(session: Session, lines: Iterable[str], where: str, terminal: Terminal) -> Exit:
    """Run lines, each shown with what came of it, up to one that fails or that Ctrl-C stops."""
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        work = Progressing(terminal, session, heeds=registry.stops(line))
        try:
            with work:
                outcome = session.run(line)
        except Refused as fault:
            tell_line(where, number, fault.text, fault.hint)
            return Exit.INTERRUPTED if work.interrupted else Exit.FAILED
        _show(outcome, line, session, terminal)
        if work.interrupted:
            tell_line(where, number, STOPPED)
            return Exit.INTERRUPTED
        if outcome.leave:
            break
    return Exit.OK


def _show(outcome: Outcome, line: str, session: Session, terminal: Terminal) -> None:
    if outcome.step is not None:
        output.step(terminal, outcome.step, session)
    else:
        typed = f"> {escaped(line.strip())}"
        print(typed if terminal.plain else f"\n{typed}", file=terminal.out)
    for view in (outcome.view, outcome.guidance):
        if view is not None:
            terminal.show(view)
