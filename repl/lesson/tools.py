"""For who writes and grades lessons: check, a skeleton, verification; progress to and fro."""

import sys
from collections.abc import Sequence
from pathlib import Path

from lessons import catalog, lint, progress, record
from lessons.catalog import LessonFile, Unknown
from lessons.model import Unsound
from repl import registry
from repl.lesson import opening
from repl.lesson.skeleton import SKELETON
from repl.lesson.walking import FAILED, UNREADABLE, show
from repl.render import lesson
from repl.render.terminal import Terminal


def check(names: Sequence[str], terminal: Terminal) -> int:
    """Check the lessons of these files and folders, or the course; tell all that is wrong."""
    commands = registry.load()
    if not names:
        sources, found = catalog.course(), []
        found = lint.check(sources, commands, course=True)
    else:
        try:
            sources = [each for name in names for each in _at(name)]
        except Unknown as fault:
            sys.stderr.write(f"oncelab lesson: {fault.text}\n")
            return UNREADABLE
        found = lint.check(sources, commands)
    for each in found:
        print(each, file=terminal.out)
    if found:
        return FAILED
    count = len(sources)
    show(lesson.said("OK", f"{count} {'lesson' if count == 1 else 'lessons'}"), terminal)
    return 0


def _at(name: str) -> list[LessonFile]:
    """Return the lessons of a path, or the one of the course that has this number or name."""
    path = Path(name)
    return catalog.at(path) if path.exists() or path.suffix else [catalog.find(name)]


def new(file: str, terminal: Terminal) -> int:
    """Write a lesson to fill in; a file that is there stays."""
    path = Path(file)
    try:
        with path.open("x", encoding="utf-8") as out:
            out.write(SKELETON)
    except FileExistsError:
        sys.stderr.write(f"oncelab lesson: {file!r} is there already, and stays as it is\n")
        return FAILED
    except OSError as fault:
        sys.stderr.write(f"oncelab lesson: cannot write {file!r}: {fault.strerror}\n")
        return UNREADABLE
    rows = [("try", f"oncelab lesson --check {file}"), ("", f"oncelab lesson {file}")]
    show(lesson.said("WRITTEN", "fill in what says TODO", *rows), terminal)
    return 0


def verify(files: Sequence[str], terminal: Terminal) -> int:
    """Carry out records and print what came of them; a file that is none fails."""
    table, status = [], 0
    for file in files:
        try:
            key, lines = record.read(Path(file).read_text(encoding="utf-8"))
            source = catalog.find(key)
            verdict = record.verify(lines, opening.runner(source))
        except (OSError, UnicodeDecodeError) as fault:
            reason = getattr(fault, "strerror", None) or "it is not UTF-8 text"
            sys.stderr.write(f"{file}: cannot be read: {reason}\n")
            status = UNREADABLE
        except record.NotARecord as fault:
            sys.stderr.write(f"{file}:{fault.line}: {fault.text}\n")
            status = UNREADABLE
        except (Unknown, Unsound) as fault:
            sys.stderr.write(f"{file}:1: {fault}\n")
            status = UNREADABLE
        else:
            table.append((file, verdict))
    show(lesson.verdicts(table), terminal)
    return status or int(not all(each.complete for _, each in table))


def export(file: str, terminal: Terminal) -> int:
    """Write the progress kept here to a file."""
    kept = opening.kept()
    if kept.warning is not None:
        sys.stderr.write(f"oncelab lesson: {kept.warning}\n")
        return FAILED
    try:
        progress.write(Path(file), kept.lessons)
    except OSError as fault:
        sys.stderr.write(f"oncelab lesson: cannot write {file!r}: {fault.strerror}\n")
        return UNREADABLE
    rows = [("try", f"oncelab lesson --import {file}")]
    show(lesson.said("WRITTEN", f"{len(kept.lessons)} lessons", *rows), terminal)
    return 0


def take(file: str, terminal: Terminal) -> int:
    """Add progress from a file: of each lesson the one that is further stays."""
    try:
        found = progress.read(Path(file))
    except (OSError, progress.UnreadableProgress) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        sys.stderr.write(f"oncelab lesson: cannot take {file!r}: {reason}\n")
        return UNREADABLE
    kept = opening.kept()
    taken = kept.merge(found)
    try:
        if kept.path is None:
            raise OSError(0, kept.warning or "progress is not kept")
        kept.path.parent.mkdir(parents=True, exist_ok=True)
        progress.write(kept.path, kept.lessons)
    except OSError as fault:
        sys.stderr.write(f"oncelab lesson: progress is not kept: {fault.strerror}\n")
        return FAILED
    show(lesson.said("TAKEN", f"{taken} of {len(found)} lessons were further there"), terminal)
    return 0
