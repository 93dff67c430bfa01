"""The autosave: every step of a prompt on disk, as a script, as soon as it is made.

Each prompt has a file of its own and holds it as long as it lives, so that no other removes it.
A step is appended; only going back in time writes the file anew. What stands at its path by
then, and is not that file, is somebody else's: the session goes on in another one.
"""

import os
import time
from errno import EEXIST
from pathlib import Path
from typing import TYPE_CHECKING

from core.lab.commands import typed
from repl import files, script
from repl.shared import OwnFile, alone, remove

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.lab.history import History
    from core.lab.lab import Step

_KEPT = 20
"""Sessions kept; the oldest go first."""
_NAME = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]-[0-9]*.lab"
_SAME = 100
"""Sessions that may begin in the same second, with the same number of a process."""


class Autosave:
    """Keeps one session on disk, in a file that is made with the first step."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._file: OwnFile | None = None
        self._steps = 0
        self._last: Step | None = None
        self._failed = False

    @property
    def path(self) -> Path | None:
        """Where the session is; None if there is nothing to keep, or it could not be kept."""
        return None if self._file is None or self._failed else self._file.path

    def keep(self, history: "History") -> str | None:
        """Bring the file up to date; return a warning, once, if that cannot be done."""
        steps = history.steps
        last = steps[-1] if steps else None
        if last is self._last and len(steps) == self._steps:
            return None
        warned, self._failed = self._failed, False
        try:
            self._write(history)
        except OSError as fault:
            self._failed = True
            where = fault.filename or files.state_folder()
            said = f"the session is not saved by itself: {fault.strerror} ({where})"
            return None if warned else said
        self._steps, self._last = len(steps), last
        return None

    def _write(self, history: "History") -> None:
        steps = history.steps
        mine = self._file if self._file is not None and self._file.here else None
        longer = len(steps) == self._steps + 1 and (not self._steps or steps[-2] is self._last)
        if mine is not None and longer:
            mine.append(f"{typed(steps[-1].command)}\n")
            return
        folder = files.state_folder() / "sessions"
        with alone(folder):  # until it is held, nobody removes what is written
            if mine is None:
                path = _new_file(folder, steps)
            else:
                path = mine.path
                script.write(path, steps, over=True)
                mine.close()
            self._file = OwnFile(path)


def _new_file(folder: Path, steps: "Sequence[Step]") -> Path:
    """Write a new session, after removing the oldest that nobody has open; return its path."""
    past = sorted(folder.glob(_NAME))
    for old in past[: max(len(past) - _KEPT + 1, 0)]:
        remove(old)
    begun = f"{time.strftime('%Y-%m-%d-%H%M%S')}-{os.getpid()}"
    for number in range(1, _SAME):
        path = folder / (f"{begun}.lab" if number == 1 else f"{begun}-{number}.lab")
        try:
            script.write(path, steps, over=False)
        except files.Occupied:
            continue
        return path
    raise FileExistsError(EEXIST, "there is no free name for it", str(folder))
