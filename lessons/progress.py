"""Progress: which step of which lesson, and what was done there. One JSON file.

How a file is written is handed in. One that cannot be read (damaged, not ours, or of a
newer Oncelab) is put aside under another name, never overwritten, and one is told.
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
"""Writes a text to a file, whole or not at all. Raises OSError."""


class ProgressError(Exception):
    """A progress file that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far one lesson was walked: `step` of `steps`, and the lines of that walk.

    `walked` are those of the last walk that came to the end: none, if none ever did.
    """

    step: int
    steps: int
    lines: tuple[str, ...] = ()
    walked: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether the lesson was ever walked to its end."""
        return bool(self.walked)


@dataclass
class Progress:
    """The progress of one person. `warning` says what was wrong with the file, if anything."""

    path: Path | None
    lessons: dict[str, Bookmark] = field(default_factory=dict)
    warning: str | None = None
    aside: bool = False
    """Whether a file that could not be used was put aside, or could not be."""
    write: Write | None = None
    """How it is written to `path`; None where there is none."""

    def save(self) -> None:
        """Write it to its file, if it has one. Raises OSError."""
        if self.path is not None and self.write is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.write(self.path, text(self.lessons))

    def note(self, key: str, mark: Bookmark) -> str | None:
        """Keep how far a lesson is; return a warning, once, if it cannot be written."""
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
        """Take over what is further than what is here; return how many lessons that is."""
        taken = 0
        for key, mark in other.items():
            mine = self.lessons.get(key)
            if mine is None or (mine.finished, mine.step) < (mark.finished, mark.step):
                self.lessons[key] = mark
                taken += 1
        return taken


def load(path: Path, write: Write) -> Progress:
    """Read the progress kept at a path; if that file is of no use, put it aside and say so.

    `write` writes it there when there is more.
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
    """Read the text of a progress file. Raises ProgressError."""
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
    """Return what stands in a progress file."""
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
    """Give a file that is of no use another name, and begin with nothing."""
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
