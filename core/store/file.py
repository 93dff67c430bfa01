"""The file, before SQLite opens it: whether it is a store, and how one comes into being.

A file that is not ours is told from its first bytes, and left alone. A new store is built
beside and put in its place by a rename, so that there never is half of one.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from core.store.changes import Unusable
from core.store.lock import Lock
from core.store.schema import APPLICATION_ID, PAGE, SCHEMA, VERSION, checksum

WAIT = 10.0
"""Seconds to wait for somebody else's transaction."""

_HEADER = 100
_WAL = b"\2\2"
_WRITABLE = 0o222


def locate(path: str | Path) -> Path:
    """Return where the file of a store really is: SQLite follows links, and logs over there."""
    return Path(os.path.realpath(path))


def log(path: Path) -> Path:
    """Return where SQLite keeps what is not in the file yet."""
    return Path(f"{path}-wal")


def redo_log(path: Path) -> Path:
    """Return where we keep what is not in the tables yet (`core/store/redo.py`)."""
    return Path(f"{path}-redo")


def has_log(path: Path) -> bool:
    """Whether a page stands in the log; SQLite makes an empty one, even to read."""
    return log(path).exists() and log(path).stat().st_size > PAGE


def exists(path: Path) -> bool:
    """Whether there is a store at this path; False where one can be made.

    Raises Unusable if there is neither.
    """
    if not path.parent.is_dir():
        raise Unusable(f"there is no folder {path.parent}")
    if path.is_dir():
        raise Unusable("it is a folder: expected a file")
    if path.exists() and not path.is_file():
        raise Unusable("it is a device, a pipe or a socket: expected a file")
    if path.exists() and path.stat().st_size:
        check_header(path)
        return True
    left = log(path) if has_log(path) else redo_log(path)
    if left.exists():
        raise Unusable(
            f"it is empty or missing, but {left} is there: bring it back, or remove that"
        )
    return False


def check_header(path: Path) -> None:
    """Raise Unusable unless the file begins like a store of this version."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER)
    except OSError as fault:
        raise Unusable(f"it cannot be read: {fault.strerror}") from None
    ours = int.from_bytes(header[68:72]) == APPLICATION_ID
    if len(header) < _HEADER or not header.startswith(b"SQLite format 3\0") or not ours:
        raise Unusable("it is not a store of Oncelab")
    if header[18:20] != _WAL:
        raise Unusable("its journal mode was changed: set it back, PRAGMA journal_mode = WAL")
    version = int.from_bytes(header[60:64])
    if version != VERSION:
        age = "a newer" if version > VERSION else "an older"
        raise Unusable(f"{age} Oncelab wrote it (version {version}, this one reads {VERSION})")


def check_writable(path: Path) -> None:
    """Raise Unusable unless the file and its folder can be written."""
    if path.exists() and not (path.stat().st_mode & _WRITABLE and os.access(path, os.W_OK)):
        raise Unusable("it is read-only")
    if not os.access(path.parent, os.W_OK):
        raise Unusable(f"its folder {path.parent} is read-only")


def create(path: Path, lock: Lock) -> None:
    """Make an empty store, unless somebody else just did. Raises Unusable."""
    draft = Path(f"{path}-new")
    lock.wait(0)
    try:
        if exists(path):
            return
        draft.unlink(missing_ok=True)
        _build(draft)
        draft.replace(path)
        sync_folder(path.parent)
    except (OSError, sqlite3.Error) as fault:
        raise Unusable(f"it cannot be made: {fault}") from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
            Path(f"{draft}-journal").unlink(missing_ok=True)
        lock.free(0)


def lock(path: Path) -> Lock:
    """Open the lock of the store at this path. Raises Unusable."""
    try:
        return Lock(str(path))
    except OSError as fault:
        raise Unusable(f"its lock cannot be made: {fault.strerror}") from None


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Connect to the store at this path: every commit is synced, nothing else is written.

    SQLite's own carrying over of the log is off: `core/store/sqlite.py` does it.
    """
    mode = "ro" if read_only else "rw"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    database = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=WAIT)
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA wal_autocheckpoint = 0")
    return database


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _build(draft: Path) -> None:
    """Write an empty store."""
    database = sqlite3.connect(draft, isolation_level=None)
    try:
        database.execute("PRAGMA synchronous = FULL")
        database.execute(f"PRAGMA page_size = {PAGE}")
        database.executescript(f"BEGIN; {SCHEMA}")
        row = (0, 0, None, 0, 1, 0)
        database.execute("INSERT INTO node VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, checksum(*row)))
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {VERSION}")
        database.execute("COMMIT")
        (mode,) = database.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise sqlite3.OperationalError("no write-ahead log can be kept for it")
    finally:
        database.close()
