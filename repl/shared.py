"""The files that several prompts use at the same time: sessions that are open, and the progress.

They know of each other by locks (flock), which end with their process, however it ends.
"""

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from weakref import finalize

from repl import files

_LOCKED = 2.0
"""Seconds to wait for another prompt that writes; it needs a few milliseconds."""
_DAY = 86_400.0


class OwnFile:
    """A file that one process writes, and others can see that it does: it holds a lock on it."""

    def __init__(self, path: Path) -> None:
        """Open a file and hold it. Raises OSError."""
        self.path = path
        self._opened = os.open(path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW)
        self.close = finalize(self, os.close, self._opened)
        """Lets it go; once more does nothing."""
        self._size = os.fstat(self._opened).st_size
        with suppress(OSError):  # the file system has no locks
            fcntl.flock(self._opened, fcntl.LOCK_EX | fcntl.LOCK_NB)

    @property
    def here(self) -> bool:
        """Whether it is still what stands at its path, and nobody else has written to it."""
        with suppress(OSError):
            there = self.path.lstat()
            return os.path.samestat(there, os.fstat(self._opened)) and there.st_size == self._size
        return False

    def append(self, text: str) -> None:
        """Write a text to its end, whole or not at all. Raises OSError."""
        try:
            files.put(self._opened, files.encoded(text))
        except BaseException:
            os.ftruncate(self._opened, self._size)
            raise
        self._size = os.fstat(self._opened).st_size


def remove(path: Path) -> None:
    """Remove a file that no process holds. Where there are no locks, it is more than a day old.

    Raises nothing: what cannot be removed stays.
    """
    with suppress(OSError):
        opened = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            idle = True
        except BlockingIOError:
            idle = False
        except OSError:
            idle = time.time() - os.fstat(opened).st_mtime > _DAY
        finally:
            os.close(opened)
        if idle:
            path.unlink()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes from what they do alone in this folder, which is made. Raises OSError.

    Where that cannot be, or another is at it for too long, one goes on all the same.
    """
    folder.mkdir(parents=True, exist_ok=True)
    opened = os.open(folder, os.O_RDONLY)
    try:
        late = time.monotonic() + _LOCKED
        while True:
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() < late:
                    time.sleep(0.01)
                    continue
            except OSError:
                pass  # the file system has no locks
            break
        yield
    finally:
        os.close(opened)


def update(path: Path, change: Callable[[str | None], str]) -> None:
    """Write what `change` makes of the text of a file (None: there is none), alone.

    Raises OSError, and what `change` raises; then nothing was written.
    """
    with alone(path.parent):
        try:
            before = files.read(path) if path.exists() else None
        except files.UnreadableFile as fault:
            raise OSError(errno.EINVAL, str(fault), str(path)) from None
        files.write(path, change(before), over=True)
