"""`oncelab lesson` with `--check`, `--new`, `--verify`, `--export`, `--import`: files, no walk."""

from collections.abc import Sequence

from core.lab.letters import escaped
from lessons import catalog, lint, progress, record
from lessons.catalog import LessonFile, UnknownLesson
from lessons.model import LessonError
from repl import files, registry
from repl.cli import output
from repl.cli.exits import Exit, complain, tell
from repl.lesson import entry
from repl.lesson.skeleton import SKELETON
from repl.render import lesson
from repl.render.terminal import Terminal

_EXPORTED = files.Kind("exported progress", progress.MARK)


def check(names: Sequence[str], terminal: Terminal) -> Exit:
    """Check the lessons of these files and folders, or the course; tell all that is wrong."""
    try:
        sources = [each for name in names for each in _at(name)] or catalog.course()
    except UnknownLesson as fault:
        return complain(fault.text, Exit.MISUSED, "lesson")
    found = lint.check(sources, registry.load(), course=not names)
    for each in found:
        print(escaped(each), file=terminal.out)
    if found:
        return Exit.FAILED
    count = len(sources)
    terminal.show(lesson.said("OK", f"{count} {'lesson' if count == 1 else 'lessons'}"))
    return Exit.OK


def _at(name: str) -> list[LessonFile]:
    """Return the lessons of a path, or the one of the course that has this number or name."""
    path = catalog.expanded(name)
    return catalog.at(path) if files.exists(name) or path.suffix else [catalog.find(name)]


def new(file: str, terminal: Terminal, *, force: bool) -> Exit:
    """Write a lesson to fill in; a file that is there stays, unless forced."""
    status = output.write(file, SKELETON, "lesson", over=force)
    if status is Exit.OK:
        word = output.word(file)
        rows = [("try", f"oncelab lesson --check {word}"), ("", f"oncelab lesson {word}")]
        terminal.show(lesson.said("WRITTEN", "fill in what says TODO", *(rows if word else ())))
    return status


def verify(names: Sequence[str], terminal: Terminal) -> Exit:
    """Carry out records and print what came of them; a file that is none fails."""
    table, status = [], Exit.OK
    for file in names:
        try:
            key, lines = record.read(files.read(file))
            verdict = record.verify(lines, entry.runner(catalog.find(key)))
        except files.UnreadableFile as fault:
            status = complain(str(fault), Exit.MISUSED, "lesson")
        except record.RecordError as fault:
            tell(f"{file}:{fault.line}: {fault.text}")
            status = Exit.MISUSED
        except (UnknownLesson, LessonError) as fault:
            for line in str(fault).split("\n"):
                tell(f"{file}:1: {line}")
            status = Exit.MISUSED
        else:
            table.append((file, verdict))
    terminal.show(lesson.verdicts(table))
    if status is Exit.OK and not all(each.complete for _, each in table):
        return Exit.FAILED
    return status


def export(file: str, terminal: Terminal, *, force: bool) -> Exit:
    """Write the progress kept here to a file; over an exported one, unless forced."""
    kept = entry.kept()
    if kept.warning is not None:
        return complain(kept.warning, Exit.FAILED, "lesson")
    over = force or _EXPORTED
    spare = {str(kept.path): "your progress is kept in it"}
    status = output.write(file, progress.text(kept.lessons), "lesson", over=over, spare=spare)
    if status is Exit.OK:
        word = output.word(file)
        rows = [("try", f"oncelab lesson --import {word}")] if word else []
        terminal.show(lesson.said("WRITTEN", f"{len(kept.lessons)} lessons", *rows))
    return status


def import_from(file: str, terminal: Terminal) -> Exit:
    """Add progress from a file: of each lesson the one that is further stays."""
    try:
        found = progress.parse(files.read(file))
    except files.UnreadableFile as fault:
        return complain(str(fault), Exit.MISUSED, "lesson")
    except progress.ProgressError as fault:
        return complain(f"cannot take {file!r}: {fault}", Exit.MISUSED, "lesson")
    kept = entry.kept()
    try:
        if kept.path is None:
            raise progress.ProgressError(kept.warning)
        taken = kept.merge(found)
    except progress.ProgressError as fault:
        return complain(str(fault), Exit.FAILED, "lesson")
    except OSError as fault:
        return complain(f"progress is not kept: {fault.strerror}", Exit.FAILED, "lesson")
    terminal.show(lesson.said("TAKEN", f"{taken} of {len(found)} lessons were further there"))
    return Exit.OK
