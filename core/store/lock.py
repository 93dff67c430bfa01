"""Who lives: a lock that a dead process cannot hold.

Each opening of a store has a number, its *epoch*, and its process holds the byte of that
number in the file `FILE-lock`. The kernel lets go of it when the process ends, however it
ends. That a byte stands for one epoch matters after a take-over: the old node may live on
and hold its byte, and still nobody mistakes it for the owner.

(POSIX locks belong to a process: two stores on one file in one process are not told apart.)
"""

import fcntl
import os


class Lock:
    """The lock file of one store."""

    def __init__(self, store: str) -> None:
        """Open the lock file beside this store, or make it. Raises OSError."""
        self._file = os.open(f"{store}-lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def hold(self, epoch: int) -> bool:
        """Take the byte of an epoch; False if another process holds it."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, epoch)
        except BlockingIOError:
            return False
        return True

    def wait(self, epoch: int) -> None:
        """Take the byte of an epoch as soon as it is free."""
        fcntl.lockf(self._file, fcntl.LOCK_EX, 1, epoch)

    def free(self, epoch: int) -> None:
        """Let go of the byte of an epoch."""
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, epoch)

    def close(self) -> None:
        """Let go of everything."""
        os.close(self._file)
