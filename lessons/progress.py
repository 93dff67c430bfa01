"""Progress: how far each lesson was taken, and what was typed there, in one JSON file.

The function that changes the file is given by the caller. Two prompts may write to it by turns:
of each lesson it holds what was noted last, and that it was finished is never lost. A file that
cannot be used (damaged, not a progress file, or of a newer Oncelab) is renamed, never
overwritten, and a warning says so.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from errno import EINVAL
from pathlib import Path
from typing import Any

VERSION = 1
_KIND = "oncelab progress"
_DAMAGED = "it is damaged"

MARK = f'{{"oncelab": "{_KIND}", '
"""How the first line of each such file begins."""

Update = Callable[[Path, Callable[[str | None], str]], None]
"""Writes what a function makes of a file's text (None: there is none), all of it or nothing,
while no other does. Raises OSError, and what the function raises."""


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
    update: Update | None = None
    """Changes the file at `path`; None if there is none."""
    _unkept: dict[str, Bookmark] = field(default_factory=dict)
    """What could not be written yet."""
    _known: dict[str, Bookmark] = field(default_factory=dict)
    """What is in the file as far as this prompt knows."""
    _others: dict[str, Bookmark] = field(default_factory=dict)
    """What another prompt wrote meanwhile: this one's bookmark stands when it is as far."""

    def __post_init__(self) -> None:
        """Know what was read."""
        self._known = dict(self.lessons)

    @property
    def kept(self) -> bool:
        """Whether all that was noted is in the file."""
        return self.path is not None and not self._unkept

    def note(self, key: str, mark: Bookmark) -> str | None:
        """Set a lesson's bookmark, and save it; return a warning if that fails, else None.

        There is one warning only; what could not be saved is, as soon as that can be done.
        """
        if self.lessons.get(key) == mark:
            return None
        self.lessons[key] = mark
        warned = bool(self._unkept)
        self._unkept[key] = mark
        try:
            self._change(self._noted)
        except (OSError, ProgressError) as fault:
            why = fault.strerror if isinstance(fault, OSError) else str(fault)
            return None if warned else f"your progress is not kept: {why} ({self.path})"
        self._unkept.clear()
        self._known = dict(self.lessons)
        return None

    def _noted(self, kept: dict[str, Bookmark]) -> dict[str, Bookmark]:
        self._others |= {k: mark for k, mark in kept.items() if mark != self._known.get(k)}
        return kept | {key: self._stands(key, kept.get(key)) for key in self._unkept}

    def _stands(self, key: str, kept: Bookmark | None) -> Bookmark:
        """Return which bookmark of a lesson stands: this prompt's, or another's that is further."""
        mine, other = self._unkept[key], self._others.get(key)
        if other is not None and _further(other, mine):
            return other
        return _later(mine, kept)

    def merge(self, other: Mapping[str, Bookmark]) -> int:
        """Take over each bookmark that is further than the one here, and save these.

        Returns how many were taken. Raises OSError and ProgressError if they cannot be saved.
        """
        taken: dict[str, Bookmark] = {}

        def merged(kept: dict[str, Bookmark]) -> dict[str, Bookmark]:
            taken.update({k: mark for k, mark in other.items() if _further(mark, kept.get(k))})
            return kept | taken

        self._change(merged)
        return len(taken)

    def _change(self, change: Callable[[dict[str, Bookmark]], dict[str, Bookmark]]) -> None:
        """Change the bookmarks, as they stand in the file by now. Raises OSError, ProgressError."""
        if self.path is None or self.update is None:
            self.lessons = change(self.lessons)
            return

        def changed(source: str | None) -> str:
            self.lessons = change({} if source is None else parse(source))
            return text(self.lessons)

        self.update(self.path, changed)


def _later(mark: Bookmark, before: Bookmark | None) -> Bookmark:
    """Return a bookmark that is noted after another: a lesson once finished stays so."""
    return mark if before is None or mark.finished else replace(mark, walked=before.walked)


def _further(mark: Bookmark, other: Bookmark | None) -> bool:
    """Whether a bookmark is further than another of its lesson."""
    return other is None or (other.finished, other.step) < (mark.finished, mark.step)


def load(path: Path, update: Update) -> Progress:
    """Read the progress file at a path. Raises nothing: `warning` says what was wrong with it.

    A file that cannot be used is renamed. `update` is used to save to this path later.
    """
    try:
        if path.exists() and not path.is_file():
            raise OSError(EINVAL, "it is no file")
        return Progress(path, parse(path.read_text(encoding="utf-8")), update=update)
    except FileNotFoundError:
        return Progress(path, update=update)
    except OSError as fault:
        said = f"your progress cannot be read: {fault.strerror} ({path}); it is not kept this time"
        return Progress(None, warning=said)
    except UnicodeDecodeError:
        return _put_aside(path, _DAMAGED, update)
    except ProgressError as fault:
        return _put_aside(path, str(fault), update)


def parse(source: str) -> dict[str, Bookmark]:
    """Read the text of a progress file: lesson's key → bookmark. Raises ProgressError."""
    try:
        found = json.loads(source.removeprefix("\ufeff"))
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
    rest = json.dumps({"version": VERSION, "lessons": shown}, indent=1)
    return MARK + rest.removeprefix("{").lstrip() + "\n"


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


def _put_aside(path: Path, reason: str, update: Update) -> Progress:
    """Rename a file that cannot be used, and return empty progress with a warning."""
    for number in range(1, 1000):
        kept = path.with_name(f"{path.name}.kept-{number}")
        if not os.path.lexists(kept):
            break
    try:
        path.rename(kept)
    except OSError as fault:
        said = f"your progress cannot be used: {reason}; {path} stays ({fault.strerror})"
        return Progress(None, warning=said, aside=True)
    said = f"your progress cannot be used: {reason}; it is kept as {kept}, and a new one begins"
    return Progress(path, warning=said, aside=True, update=update)
