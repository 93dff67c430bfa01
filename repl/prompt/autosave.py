"""The autosave: every step of a prompt on disk, as a script, as soon as it is made.

Each prompt writes a file of its own, so that two at once do not disturb each other. A step
is appended; only going back in time writes the file anew.
"""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from core.lab.commands import typed
from repl import files, script

if TYPE_CHECKING:
    from core.lab.history import History
    from core.lab.lab import Step

_KEPT = 20
"""Sessions kept; the oldest go first."""


class Autosave:
    """Keeps one session on disk. `path` is None as long as there is nothing to keep."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self.path: Path | None = None
        self._steps = 0
        self._last: Step | None = None
        self._failed = False

    def keep(self, history: "History") -> str | None:
        """Bring the file up to date; return a warning, once, if that cannot be done."""
        steps = history.steps
        last = steps[-1] if steps else None
        if self._failed or (last is self._last and len(steps) == self._steps):
            return None
        try:
            self._write(history)
        except OSError as fault:
            self._failed = True
            where = fault.filename or self.path
            return f"the session is not saved by itself: {fault.strerror} ({where})"
        self._steps, self._last = len(steps), last
        return None

    def _write(self, history: "History") -> None:
        steps = history.steps
        if self.path is None:
            self.path = _new_file()
            script.write(self.path, steps)
        elif len(steps) == self._steps + 1 and (not self._steps or steps[-2] is self._last):
            files.append(self.path, f"{typed(steps[-1].command)}\n")
        else:
            script.write(self.path, steps)


def _new_file() -> Path:
    """Return the path for a new session, after removing the oldest ones."""
    folder = files.state_folder() / "sessions"
    folder.mkdir(parents=True, exist_ok=True)
    kept = sorted(folder.glob("*.lab"))
    for old in kept[: max(len(kept) - _KEPT + 1, 0)]:
        old.unlink(missing_ok=True)
    return folder / f"{time.strftime('%Y-%m-%d-%H%M%S')}-{os.getpid()}.lab"
