"""Progress: how far each lesson was taken, and what was typed there, in one JSON file.

The function that writes the file is given by the caller. A file that cannot be used (damaged,
not a progress file, or of a newer Oncelab) is renamed, never overwritten, and a warning says so.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VERSION = 1
_KIND = "oncelab progress"
_DAMAGED = "it is damaged"

Write = Callable[[Path, str], None]
"""Writes a text to a file, all of it or nothing. Raises OSError."""


class ProgressError(Exception):
    """A progress file that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far one lesson was taken: `step` of `steps`, and the `lines` typed for that.

    `walked` are the lines of the last time that its end was reached; empty if it never was.
    """

    step: int
    steps: int
    lines: tuple[str, ...] = ()
    walked: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether the end of the lesson was ever reached."""
        return bool(self.walked)


@dataclass
class Progress:
    """The progress of one person: lesson's key → bookmark, and its file.

    `warning` says what was wrong with the file, or is None. Without a `path` nothing is kept.
    """

    path: Path | None
    lessons: dict[str, Bookmark] = field(default_factory=dict)
    warning: str | None = None
    aside: bool = False
    """Whether the file could not be used, and so was renamed, or stays and is not written."""
    write: Write | None = None
    """Writes to `path`; None if there is no file."""

    def save(self) -> None:
        """Write it to its file, if it has one. Raises OSError."""
        if self.path is not None and self.write is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.write(self.path, text(self.lessons))

    def note(self, key: str, mark: Bookmark) -> str | None:
        """Set a lesson's bookmark, and save; return a warning if that fails, else None.

        After a failure nothing is saved any more, so there is one warning only.
        """
        before = self.lessons.get(key)
        if before == mark:
            return None
        self.lessons[key] = mark
        try:
            self.save()
        except OSError as fault:
            where, self.path = self.path, None
            return f"your progress is not kept: {fault.strerror} ({where})"
        return None

    def merge(self, other: Mapping[str, Bookmark]) -> int:
        """Take over each bookmark that is further than the one here; return how many were taken."""
        taken = 0
        for key, mark in other.items():
            mine = self.lessons.get(key)
            if mine is None or (mine.finished, mine.step) < (mark.finished, mark.step):
                self.lessons[key] = mark
                taken += 1
        return taken


def load(path: Path, write: Write) -> Progress:
    """Read the progress file at a path. Raises nothing: `warning` says what was wrong with it.

    A file that cannot be used is renamed. `write` is used to save to this path later.
    """
    try:
        return Progress(path, parse(path.read_text(encoding="utf-8")), write=write)
    except FileNotFoundError:
        return Progress(path, write=write)
    except OSError as fault:
        said = f"your progress cannot be read: {fault.strerror} ({path}); it is not kept this time"
        return Progress(None, warning=said)
    except UnicodeDecodeError:
        return _put_aside(path, _DAMAGED, write)
    except ProgressError as fault:
        return _put_aside(path, str(fault), write)


def parse(source: str) -> dict[str, Bookmark]:
    """Read the text of a progress file: lesson's key → bookmark. Raises ProgressError."""
    try:
        found = json.loads(source)
    except (ValueError, RecursionError):
        raise ProgressError(_DAMAGED) from None
    if not isinstance(found, dict) or found.get("oncelab") != _KIND:
        raise ProgressError("it is not a progress file of Oncelab")
    version = found.get("version")
    if isinstance(version, int) and version > VERSION:
        raise ProgressError(
            f"a newer Oncelab wrote it (version {version}, this one reads {VERSION})"
        )
    lessons = found.get("lessons")
    if version != VERSION or not isinstance(lessons, dict):
        raise ProgressError(_DAMAGED)
    return {key: _mark(value) for key, value in lessons.items()}


def text(lessons: Mapping[str, Bookmark]) -> str:
    """Return the text of a progress file for these bookmarks."""
    shown = {
        key: {
            "step": mark.step,
            "steps": mark.steps,
            "lines": list(mark.lines),
            "walked": list(mark.walked),
        }
        for key, mark in lessons.items()
    }
    return json.dumps({"oncelab": _KIND, "version": VERSION, "lessons": shown}, indent=1) + "\n"


def _mark(value: Any) -> Bookmark:  # noqa: ANN401 - whatever stands in the file
    """Read one lesson's entry. Raises ProgressError."""
    match value:
        case {
            "step": int(step),
            "steps": int(steps),
            "lines": list(lines),
            "walked": list(walked),
        } if 0 <= step <= steps and all(isinstance(line, str) for line in (*lines, *walked)):
            return Bookmark(step, steps, tuple(lines), tuple(walked))
    raise ProgressError(_DAMAGED)


def _put_aside(path: Path, reason: str, write: Write) -> Progress:
    """Rename a file that cannot be used, and return empty progress with a warning."""
    for number in range(1, 1000):
        kept = path.with_name(f"{path.name}.kept-{number}")
        if not kept.exists():
            break
    try:
        path.rename(kept)
    except OSError as fault:
        said = f"your progress cannot be used: {reason}; {path} stays ({fault.strerror})"
        return Progress(None, warning=said, aside=True)
    said = f"your progress cannot be used: {reason}; it is kept as {kept}, and a new one begins"
    return Progress(path, warning=said, aside=True, write=write)
