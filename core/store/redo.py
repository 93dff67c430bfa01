"""The redo log `FILE-redo`: events that were acknowledged and are not in the tables yet.

A transaction of SQLite costs as much again as the sync it waits for. A client that waits
for every reply would pay it every time. So events that come a few at a time are put here
first, one line and one sync; they go to the tables together, as soon as the client pauses,
asks for something else, or the log is full. Whoever opens the store does again what the
log has beyond the tables: nothing, if they hold more transactions than the line says.
(Redo logs are older than most databases: Mohan et al., ARIES, TODS 17(1), 1992.)

The first line names the epoch of the node that may write here, and says `open` as soon as
the tables name it, too. A take-over puts its own there; both look and write under a lock on
the file, so a fenced node's line either stands in the log before, and counts, or is never
written.

    oncelab redo log, epoch 2, open
    1c291ca3 [5,"e1","hello","e2","world"]

A line has a checksum, the transactions so far, ids and words. Behind the last one stand
zeros and older lines: the file never grows, which makes a sync quicker. A last line whose
checksum is wrong was being written when the power failed, and nobody was told of it; before
another line it is damage.
"""

import errno
import fcntl
import json
import os
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from core.store.changes import Applied, Damaged, Fenced, Unusable
from core.store.file import WAIT, redo_log, sync_folder
from core.store.load import Head
from core.store.schema import as_items, woven

SIZE = 1 << 16
"""Bytes of the file: about a thousand events."""

FEW = 32
"""Events up to which they come here; more are worth a transaction."""

_START = 512
"""Where the lines begin: a sector is never half written, so none of them is at risk when
the title is."""

_MARK = b"\x1e"
"""Begins a line: no JSON has it, so a line end that is lost hides no other line. (RFC 7464.)"""

_TITLE = b"oncelab redo log, epoch "
_OPEN = b", open"

_MISSING = "its redo log FILE-redo is missing or cut short, and what came last is gone"
_OLDER = "its tables are older than its redo log: SQLite's log FILE-wal, or some of it, is gone"


class Line(NamedTuple):
    """How many transactions went before, events as id, word, id, word ..., and where it ends."""

    writes: int
    events: list[str | int]
    end: int


def read(store: Path) -> bytes:
    """Return what the redo log holds; nothing if there is none. Raises OSError."""
    try:
        return redo_log(store).read_bytes()
    except FileNotFoundError:
        return b""


def beyond(data: bytes, tables: Head) -> Applied:
    """Return the events that a redo log holds and the tables do not. Raises Damaged."""
    epoch, named = _title(data)
    if named and epoch > tables.epoch:
        raise Damaged(_OLDER)
    if not tables.redo:
        return Applied([], [])
    if len(data) != SIZE:
        raise Damaged(_MISSING)
    if epoch not in {tables.epoch, tables.epoch + 1}:  # the latter: a take-over cut short
        raise Damaged("its redo log FILE-redo is of another time, or its first line is damaged")
    found: list[str | int] = []
    at = _START
    while (line := _parse(data, at)) and line.writes == tables.writes:
        found += line.events
        at = line.end
    while (at := data.find(_MARK, at)) >= 0:
        line = _parse(data, at)
        if line and line.writes > tables.writes:
            raise Damaged(_OLDER)
        if line and line.writes == tables.writes:
            raise Damaged("a line of its redo log, with another one behind it")
        at += 1
    return Applied(found[::2], [str(word) for word in found[1::2]])


class Redo:
    """The redo log of a store that is open."""

    def __init__(self, store: Path, tables: Head) -> None:
        """Open the log, or make one where the tables need none. Raises Damaged, OSError."""
        self._path = redo_log(store)
        self._tables = tables
        self._end = _START
        self._title = b""
        make = 0 if tables.redo else os.O_CREAT
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CLOEXEC | make, 0o644)
        except FileNotFoundError:
            raise Damaged(_MISSING) from None

    def take_over(self, epoch: int) -> Applied:
        """Become the one who writes here; return the events that the tables do not hold.

        Raises Damaged, Unusable, OSError.
        """
        self._lock()
        try:
            found = beyond(os.pread(self._file, SIZE, 0), self._tables)
            self._title = b"%s%d\n" % (_TITLE, epoch)
            size = _START if self._tables.redo else SIZE  # a new log is zeros to its end
            self._write(self._title.ljust(size, b"\0"), 0)
            os.fsync(self._file)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        if not self._tables.redo:
            sync_folder(self._path.parent)
        return found

    def open(self) -> None:
        """Note that the tables name the epoch, too. Raises Fenced, OSError."""
        title = self._title.replace(b"\n", _OPEN + b"\n")
        self._alone(self._write, title, 0)
        self._title = title

    def append(self, applied: Applied, writes: int) -> bool:
        """Append events, synced; False if there are too many. Raises Fenced, OSError."""
        if len(applied.ids) > FEW:
            return False
        body = f"[{writes},{as_items(woven(*applied))}]".encode()
        line = b"%s%08x %s\n" % (_MARK, zlib.crc32(body), body)
        if self._end + len(line) > SIZE:
            return False
        self._alone(self._put, line)
        self._end += len(line)
        return True

    def clear(self) -> None:
        """Begin anew: the tables hold everything, and more transactions than any line says."""
        self._end = _START

    def remove(self) -> None:
        """Remove the file. Nobody may be taking over meanwhile."""
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def check(self) -> None:
        """Raise Fenced if another node has taken over. Raises OSError."""
        title = os.pread(self._file, len(self._title), 0)
        if title != self._title:
            (own, _), (now, _) = map(_title, (self._title, os.pread(self._file, _START, 0)))
            raise Fenced(own, now)

    def _put(self, line: bytes) -> None:
        """Write a line at the end, synced. Raises OSError; then no line stands there."""
        try:
            self._write(line, self._end)
            os.fdatasync(self._file)
        except OSError:
            with suppress(OSError):
                os.pwrite(self._file, b"\n", self._end)
            raise

    def _write(self, data: bytes, at: int) -> None:
        """Write all of it, or raise OSError."""
        if os.pwrite(self._file, data, at) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _alone(self, act: Callable[..., None], *arguments: object) -> None:
        """Act while nobody else can. Raises Fenced if another node has taken over."""
        fcntl.flock(self._file, fcntl.LOCK_EX)  # a take-over does not hold it for long
        try:
            self.check()
            act(*arguments)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _lock(self) -> None:
        """Wait for the lock. Raises Unusable if a node that stands still has it."""
        until = time.monotonic() + WAIT
        while True:
            try:
                return fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Unusable("another node stands still in a write: end that one") from None
            time.sleep(0.01)


def _title(data: bytes) -> tuple[int, bool]:
    """Return the epoch that a title names, and whether the tables were given it.

    -1 and False if it is no title.
    """
    title, _, _ = data[:_START].partition(b"\n")
    number = title.removeprefix(_TITLE).removesuffix(_OPEN)
    if not (title.startswith(_TITLE) and number.isdigit()):
        return -1, False
    return int(number), title.endswith(_OPEN)


def _parse(data: bytes, at: int) -> Line | None:
    """Return the line that begins at a byte; None if none does."""
    end = data.find(b"\n", at)
    crc, _, body = data[at:end].partition(b" ")
    if end < 0 or crc != b"%s%08x" % (_MARK, zlib.crc32(body)):
        return None
    writes, *events = json.loads(body)
    return Line(writes, events, end + 1)
