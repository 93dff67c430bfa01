"""A node that kills itself: `worker.py N FILE` dies by SIGKILL before SQLite's Nth statement.

The failpoint is here and not in the node: it is a connection that counts.
"""

import os
import signal
import sqlite3
import sys
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from core.__main__ import main


class Failing(sqlite3.Connection):
    """A connection that counts the statements of the process, and dies at one."""

    left = 0

    def execute(self, *arguments: Any) -> sqlite3.Cursor:  # noqa: ANN401 - as in sqlite3
        """Execute a statement, unless it is the one."""
        self._count()
        return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:  # noqa: ANN401 - as in sqlite3
        """Execute a statement many times, unless it is the one."""
        self._count()
        return super().executemany(*arguments)

    @classmethod
    def _count(cls) -> None:
        cls.left -= 1
        if cls.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    Failing.left = int(sys.argv[1])
    sqlite3.connect = partial(sqlite3.connect, factory=Failing)  # type: ignore[assignment]
    sys.exit(main(["--store", sys.argv[2]]))
