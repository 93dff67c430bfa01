"""Opening a lesson: found, read, set beside a session; and the list of them with the progress."""

from pathlib import Path

from core.errors import Mistyped
from lessons import catalog as lessons
from lessons.baseline import AuthorError
from lessons.catalog import LessonFile, UnknownLesson
from lessons.model import Finding, LessonError
from lessons.progress import Progress, load
from lessons.runner import Runner
from repl import files
from repl.lesson.guide import Guide
from repl.render import View, lesson
from repl.session import Session
from repl.shared import update


def kept() -> Progress:
    """Return the progress kept on this machine."""
    return load(files.state_folder() / "progress.json", update)


def runner(source: LessonFile) -> Runner:
    """Return a walk through a lesson, at its beginning. Raises LessonError and UnknownLesson."""
    read = source.read()
    try:
        return Runner(read)
    except AuthorError as astray:
        found = Finding(read.file, astray.line.number, astray.text, astray.mend)
        raise LessonError(found) from None


def guide(session: Session, source: LessonFile, progress: Progress) -> Guide:
    """Set a lesson beside a session, not of another. Raises LessonError, UnknownLesson."""
    walk = runner(source)
    if isinstance(source.place, Path):
        session.needed[str(source.place)] = "it is the lesson"
    if progress.path is not None:
        session.needed[str(progress.path)] = "your progress is kept in it"
    if session.guide is not None:
        session.guide.close()
    session.guide = Guide(session, source, walk, progress)
    return session.guide


def begin(session: Session, wanted: str, progress: Progress) -> View:
    """Begin a lesson at the prompt. Raises Mistyped where there is none that can be walked."""
    try:
        source = lessons.find(wanted)
        return guide(session, source, progress).begin()
    except UnknownLesson as fault:
        raise Mistyped(fault.text, fault.hint) from None
    except LessonError as fault:
        first = fault.findings[0]
        text = f"this lesson cannot be walked: {first.file}:{first.line}: {first.text}"
        raise Mistyped(text, f"oncelab lesson --check {first.file}") from None


def catalog(progress: Progress, begin: str) -> View:
    """List the lessons of the course, with how far each is; `begin` begins the first."""
    rows = []
    for source in lessons.course():
        try:
            read = source.read()
        except LessonError as fault:
            found = fault.findings[0]
            rows.append((str(source.number or ""), source.name, "", f"unsound: {found.text}"))
            continue
        rows.append(
            (str(read.number or ""), read.title, str(read.minutes), _far(progress, source.key))
        )
    return lesson.catalog(rows, begin)


def _far(progress: Progress, key: str) -> str:
    """Say how far a lesson is."""
    mark = progress.lessons.get(key)
    if mark is None:
        return ""
    at = f"step {mark.step + 1} of {mark.steps}"
    if mark.finished:
        return "finished" if mark.step in {0, mark.steps} else f"finished; again at {at}"
    return at
