"""Finds lessons: those of the course inside the package, and a teacher's own files.

The file names give the numbers of the course. A teacher's folder is read in the same way.
"""

import errno
from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from stat import S_ISDIR
from typing import NamedTuple

from lessons import parse
from lessons.model import Finding, Lesson, LessonError

_MOST = 1 << 24
"""Bytes of a lesson's file."""


class UnknownLesson(Exception):  # noqa: N818 - an answer, not a fault
    """There is no such lesson, or it cannot be read. `hint` is a command to type instead."""

    def __init__(self, text: str, hint: str) -> None:
        """Set what is missing, and the hint."""
        super().__init__(text)
        self.text = text
        self.hint = hint


class LessonFile(NamedTuple):
    """A lesson's file, not read yet.

    `place` is the file to open, `file` its name in messages; `key` names the lesson in progress
    and records.
    """

    key: str
    number: int | None
    name: str
    file: str
    place: Traversable

    def read(self) -> Lesson:
        """Read the lesson. Raises LessonError, and UnknownLesson where the file cannot be read."""
        return parse.lesson(self.text(), self.file)

    def text(self) -> str:
        """Return the file's text. Raises LessonError and UnknownLesson."""
        try:
            if not (self.place.is_file() or self.place.is_dir()):
                raise OSError(errno.EINVAL, "it is no file")
            with self.place.open("rb") as file:
                data = file.read(_MOST + 1)
            if len(data) > _MOST:
                raise OSError(errno.EFBIG, f"it is longer than {_MOST >> 20} MiB")
            return data.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
        except OSError as fault:
            raise UnknownLesson(
                f"cannot read {self.file!r}: {fault.strerror}", "lesson 1"
            ) from None
        except UnicodeDecodeError as fault:
            line = 1 + fault.object[: fault.start].count(b"\n")
            found = Finding(self.file, line, "this is not UTF-8 text", "save the file as UTF-8")
            raise LessonError(found) from None


def course() -> list[LessonFile]:
    """Return the lessons of the course, in order."""
    text = files("lessons") / "text"
    return _sorted(text.iterdir(), "lessons/text/") if text.is_dir() else []


def at(path: Path) -> list[LessonFile]:
    """Return the lessons of a teacher's file or folder, in order. Raises UnknownLesson."""
    try:
        if S_ISDIR(path.stat().st_mode):
            found = _sorted(path.iterdir(), f"{path}/")
            if not found:
                raise UnknownLesson(f"there is no lesson (NAME.md) in {str(path)!r}", "lessons")
            return [each._replace(key=str(path.resolve() / each.place.name)) for each in found]
        if not path.is_file():
            raise OSError(errno.EINVAL, "it is no file")
        number, name = parse.named(path.name)
        return [LessonFile(str(path.resolve()), number, name, str(path), path)]
    except OSError as fault:
        raise UnknownLesson(f"cannot read {str(path)!r}: {fault.strerror}", "lessons") from None
    except ValueError:  # also half a character
        raise UnknownLesson(f"no file can have the name {str(path)!r}", "lessons") from None


def find(wanted: str) -> LessonFile:
    """Return the lesson with a number, a name (or its beginning) or a path.

    Raises UnknownLesson.
    """
    lessons = course()
    if wanted.isascii() and wanted.isdigit():
        for each in lessons:
            if each.number == int(wanted):
                return each
        last = lessons[-1].number if lessons else 0
        raise UnknownLesson(f"there is no lesson {wanted}: they go from 1 to {last}", "lesson 1")
    begun = [each for each in lessons if each.name.startswith(wanted)]
    exact = [each for each in begun if each.name == wanted]
    if len(exact or begun) == 1:
        return (exact or begun)[0]
    path = expanded(wanted)
    if path.suffix == ".md" or _exists(path):
        return at(path)[0]
    if begun:
        names = " or ".join(each.name for each in begun[:3])
        raise UnknownLesson(f"{wanted!r} can be {names}", f"lesson {begun[0].number}")
    raise UnknownLesson(f"there is no lesson {wanted!r}", "lessons")


def expanded(named: str) -> Path:
    """Return the path that was named, `~` being the home folder."""
    try:
        return Path(named).expanduser()
    except (RuntimeError, ValueError):  # no such user; a name that no file can have
        return Path(named)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _sorted(places: Iterable[Traversable], folder: str) -> list[LessonFile]:
    """Return the lessons among these files, sorted by number and name."""
    found = []
    for place in places:
        if place.name.endswith(".md") and not place.name.startswith(("README", ".")):
            number, name = parse.named(place.name)
            found.append(LessonFile(name, number, name, folder + place.name, place))
    return sorted(found, key=lambda each: (each.number is None, each.number or 0, each.name))
