"""A node that kills itself: `worker.py N FILE` dies by SIGKILL before its Nth write.

A write is a statement of SQLite's, or a call of the system. The failpoint is here and not in
the node: it is what is called instead, and counts.
"""

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from core.__main__ import main


class Failpoint:
    """Counts the writes of the process, and dies at one."""

    left = 0

    @classmethod
    def count(cls) -> None:
        """Count one."""
        cls.left -= 1
        if cls.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    @classmethod
    def counted(cls, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return a call of the system that counts."""

        def counting(*arguments: Any) -> Any:  # noqa: ANN401 - as in os
            cls.count()
            return call(*arguments)

        return counting


class Failing(sqlite3.Connection):
    """A connection whose statements count."""

    def execute(self, *arguments: Any) -> sqlite3.Cursor:  # noqa: ANN401 - as in sqlite3
        """Execute a statement, unless it is the one."""
        Failpoint.count()
        return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:  # noqa: ANN401 - as in sqlite3
        """Execute a statement many times, unless it is the one."""
        Failpoint.count()
        return super().executemany(*arguments)


if __name__ == "__main__":
    Failpoint.left = int(sys.argv[1])
    for name in ("fsync", "unlink", "replace"):
        setattr(os, name, Failpoint.counted(getattr(os, name)))
    sqlite3.connect = partial(sqlite3.connect, factory=Failing)  # type: ignore[assignment]
    sys.exit(main(["--store", sys.argv[2]]))
