"""The file of a store: whether it is one, which process has it, and how a new one is made.

A file that is not a store is recognised by its first bytes, and not touched; nor is one of
somebody else under a name that the store needs, `FILE-wal` say. A new store is built in a second
file, of a name that nobody has, and put in its place by a rename, so that there is never half of
one.
"""

import errno
import fcntl
import os
import re
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from core.errors import Damaged, Unusable
from core.store.rows import (
    APPLICATION_ID,
    CARRYING,
    CLOSED,
    FIRST,
    PAGE,
    SCHEMA,
    VERSION,
    JournalRow,
)

WAIT = 10.0
"""Seconds to wait for the transaction of another process."""

_DIGITS, _NUMBERS = 20, 8
_LOCK = re.compile(rb"[0-9\0]{0,%d}" % (_DIGITS * _NUMBERS))
_BEGINNINGS = {
    "-wal": (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83", bytes(4)),
    "-shm": (b"\x18\xe2\x2d\x00", b"\x00\x2d\xe2\x18", bytes(4)),
    "-journal": (b"\xd9\xd5\x05\xf9", bytes(4)),
}
"""How the files begin that SQLite makes beside its own (https://www.sqlite.org/fileformat2.html)."""


class Lock:
    """Which process has the store: a lock that ends with its process, in the file `FILE-lock`.

    Each opening of a store has a number, its *epoch*, and its process locks the byte with that
    number. The kernel releases the lock when the process ends, however it ends. As each epoch
    has a byte of its own, an old node that lives on after a take-over is not mistaken for the
    owner. (Such a lock belongs to a process: it does not keep two stores in one process apart,
    and it is lost when the process closes another descriptor of the file.)

    The file holds the number of a row of the journal that is known not to be the last. Each
    epoch writes to a place of its own (of `_NUMBERS` places), so that an old node that wakes up
    does not replace a newer number.
    """

    def __init__(self, store: Path) -> None:
        """Open the lock file beside this store, or make it. Raises OSError, Unusable."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            self._file = os.open(f"{store}-lock", flags, 0o644)
        except OSError as fault:
            if fault.errno in {errno.ELOOP, errno.EISDIR, errno.ENXIO}:
                raise _foreign(store, "-lock") from fault
            raise
        if not self._ours():
            os.close(self._file)
            raise _foreign(store, "-lock")

    def _ours(self) -> bool:
        """Whether the file is empty, or holds what `passing` writes."""
        most = _DIGITS * _NUMBERS
        return (
            stat.S_ISREG(os.fstat(self._file).st_mode)
            and _LOCK.fullmatch(os.pread(self._file, most + 1, 0)) is not None
        )

    def hold(self, epoch: int) -> bool:
        """Lock the byte of an epoch; return False if another process holds it."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, epoch)
        except BlockingIOError:
            return False
        return True

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock that lets only one process at a time make a store; wait for it."""
        fcntl.lockf(self._file, fcntl.LOCK_EX, 1, 1 << 60)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, 1 << 60)

    def passed(self) -> int | None:
        """Return the number of the row in the file; None if there is none. Raises OSError."""
        return number(os.pread(self._file, _DIGITS * _NUMBERS, 0))

    def passing(self, epoch: int, row: int) -> None:
        """Write the number of a row to this epoch's place, and sync it. Raises OSError."""
        os.pwrite(self._file, b"%0*d" % (_DIGITS, row), epoch % _NUMBERS * _DIGITS)
        os.fdatasync(self._file)

    def close(self) -> None:
        """Release the locks, and close the file."""
        os.close(self._file)


def locate(path: str | Path) -> Path:
    """Return the path of a store with links resolved: SQLite puts its log beside that file.

    Raises Unusable where the folder in which it is looked for is gone.
    """
    try:
        return Path(os.path.realpath(path))
    except OSError as fault:
        raise Unusable(f"the working folder cannot be found: {fault.strerror}") from None


def log(path: Path) -> Path:
    """Return the path of SQLite's write-ahead log."""
    return Path(f"{path}-wal")


def has_log(path: Path) -> bool:
    """Whether the log has a page in it; an empty one is made by every reader."""
    return log(path).exists() and log(path).stat().st_size > PAGE


def number(data: bytes) -> int | None:
    """Return the highest number in the content of a lock file; None if it has none."""
    several = (data[at : at + _DIGITS] for at in range(0, len(data), _DIGITS))
    return max((int(e) for e in several if len(e) == _DIGITS and e.isdigit()), default=None)


def check_log(path: Path, last: JournalRow, passed: int | None) -> None:
    """Raise Damaged if this is the last row found, and it is known that another came after it.

    `passed` is the number in the lock file. If it is None (in a copy, for example), a store
    whose log was being carried over must still have a log.
    """
    carrying = last.changes == CARRYING
    missing = carrying and not has_log(path) if passed is None else passed >= last.seq
    if missing and last.changes != CLOSED:
        lost = f"its log {log(path).name} is missing or damaged, and what was written last"
        raise Damaged(f"{lost}; if this is an older copy, remove {path.name}-lock")


def exists(path: Path) -> bool:
    """Whether there is a store at this path; False if a new one can be made there.

    Raises Unusable if neither is so.
    """
    if not path.parent.is_dir():
        raise Unusable(f"there is no folder {path.parent}")
    if path.is_symlink():
        raise Unusable("it is a link that leads to itself")
    if path.exists() and not path.is_file():
        what = "a folder" if path.is_dir() else "a device, a pipe or a socket"
        raise Unusable(f"it is {what}: expected a file")
    if path.exists() and path.stat().st_size:
        check_header(path)
        _check_beside(path)
        return True
    _check_beside(path)
    if has_log(path):
        raise Unusable(
            f"it is empty or missing, but {log(path)} is there: bring it back, or remove that"
        )
    return False


def _check_beside(path: Path) -> None:
    """Raise Unusable if SQLite would take a file of somebody else for its own."""
    for end, beginnings in _BEGINNINGS.items():
        beside = Path(f"{path}{end}")
        if beside.is_symlink() or (beside.exists() and not beside.is_file()):
            raise _foreign(path, end)
        if beside.exists() and beside.stat().st_size:
            with beside.open("rb") as file:
                head = file.read(4)  # of a file that is just made, fewer
            if not any(each.startswith(head) for each in beginnings):
                raise _foreign(path, end)


def _foreign(path: Path, end: str) -> Unusable:
    return Unusable(
        f"it needs the name {path.name}{end}; what is there is not its own: move it away"
    )


def check_header(path: Path) -> None:
    """Raise Unusable unless the file's first bytes are those of a store of this version."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as fault:
        raise Unusable(f"it cannot be read: {fault.strerror}") from fault
    ours = int.from_bytes(header[68:72]) == APPLICATION_ID
    if not (ours and header.startswith(b"SQLite format 3\0")):
        raise Unusable("it is not a store of Oncelab")
    if header[18:20] != b"\2\2":
        raise Unusable("its journal mode was changed: set it back, PRAGMA journal_mode = WAL")
    version = int.from_bytes(header[60:64])
    if version != VERSION:
        age = "a newer" if version > VERSION else "an older"
        raise Unusable(f"{age} Oncelab wrote it (version {version}, this one reads {VERSION})")


def check_writable(path: Path) -> None:
    """Raise Unusable unless the file (if it exists) and its folder can be written."""
    if path.exists() and not (path.stat().st_mode & 0o222 and os.access(path, os.W_OK)):
        raise Unusable("it is read-only")
    if not os.access(path.parent, os.W_OK):
        raise Unusable(f"its folder {path.parent} is read-only")


def create(path: Path, lock: Lock) -> None:
    """Make an empty store, unless another process has just made one. Raises Unusable."""
    draft = path.with_name(f".oncelab-{os.urandom(8).hex()}")
    with lock.alone():
        try:
            if not exists(path):
                os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644))
                _build(draft)
                _publish(draft, path)
                folder = os.open(path.parent, os.O_RDONLY)
                os.fsync(folder)  # the new name is durable
                os.close(folder)
        except (OSError, sqlite3.Error) as fault:
            raise Unusable(f"it cannot be made: {fault}") from fault
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
                Path(f"{draft}-journal").unlink(missing_ok=True)


def _publish(draft: Path, path: Path) -> None:
    """Put a new store where nothing or an empty file is. Raises OSError."""
    if path.exists():
        draft.replace(path)
        return
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644))
    try:
        draft.replace(path)  # over what was just made, and nothing else
    except OSError:
        path.unlink()
        raise


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Return a connection to the store at this path, which syncs every commit.

    SQLite does not carry its log over by itself: `core/store/sqlite.py` does. Raises
    sqlite3.Error.
    """
    mode = "ro" if read_only else "rw"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    database = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=WAIT)
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA wal_autocheckpoint = 0")
    return database


def _build(draft: Path) -> None:
    """Write an empty store to this path. Raises sqlite3.Error."""
    with closing(sqlite3.connect(draft, isolation_level=None)) as database:
        database.executescript(
            f"PRAGMA synchronous = FULL; PRAGMA page_size = {PAGE}; BEGIN; {SCHEMA}"
            f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}"
        )
        database.execute("INSERT INTO journal VALUES (?, ?, ?, ?)", FIRST)
        database.execute("COMMIT")
        if database.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
            raise sqlite3.OperationalError("no write-ahead log can be kept for it")
