"""The redo log `FILE-redo`: events that were acknowledged and are not in the tables yet.

A transaction of SQLite costs as much again as the sync it waits for. A client that waits
for every reply would pay it every time. So events that come a few at a time are put here
first, one line and one sync; they go to the tables together, as soon as the client pauses,
asks for something else, or the log is full. Whoever opens the store does again what the
log has beyond the tables: nothing, if they hold more transactions than the line says.
(Redo logs are older than most databases: Mohan et al., ARIES, TODS 17(1), 1992.)

The first line names the epoch of the node that may write here. A take-over puts its own
there; both look and write under a lock on the file, so a fenced node's line either stands
in the log before, and counts, or is never written.

    oncelab redo log, epoch 2
    1c291ca3 [5,"e1","hello","e2","world"]

A line has a checksum, the transactions so far, ids and words. Behind the last one stand
zeros and older lines: the file never grows, which makes a sync quicker. A last line whose
checksum is wrong was being written when the power failed, and nobody was told of it; before
another line it is damage.
"""

import fcntl
import json
import os
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from core.store.changes import Applied, Damaged, Fenced, Unusable
from core.store.file import WAIT, sync_folder
from core.store.load import Head
from core.store.schema import as_items, woven

SIZE = 1 << 16
"""Bytes of the file. About a thousand events; a larger one is no quicker."""

FEW = 32
"""Events up to which this pays: more of them are a transaction's worth."""

_START = 512
"""Where the lines begin: a sector is never half written, so none of them is at risk when
the title is."""

_MARK = b"\x1e"
"""Begins a line: no JSON has it, so a line end that is lost hides no other line. (RFC 7464.)"""

_TITLE = b"oncelab redo log, epoch "


class Line(NamedTuple):
    """Events as id, word, id, word ..., and how many transactions went before."""

    writes: int
    events: list[str | int]


def path_of(store: Path) -> Path:
    """Return where the redo log of a store stands."""
    return Path(f"{store}-redo")


def read(store: Path) -> bytes:
    """Return what the redo log holds; nothing if there is none. Raises OSError."""
    try:
        return path_of(store).read_bytes()
    except FileNotFoundError:
        return b""


def beyond(data: bytes, tables: Head) -> Applied:
    """Return the events that a redo log holds and the tables do not. Raises Damaged."""
    if not tables.redo:
        return Applied([], [])
    if len(data) != SIZE or _epoch(data) is None:
        raise Damaged("its redo log FILE-redo is missing or cut short, and what came last is gone")
    gap, *pieces = data[_START:].split(_MARK)
    lines = [_parse(piece) for piece in pieces]
    if max((line.writes for line in lines if line), default=0) > tables.writes:
        raise Damaged("its tables are older than its redo log: some of SQLite's log is gone")
    new = [line is not None and line.writes == tables.writes for line in lines]
    end = [*new, False].index(False)
    gaps = [gap, *(piece.partition(b"\n")[2] for piece in pieces[: end - 1])] if end else []
    if any(new[end:]) or any(gaps):
        raise Damaged(f"line {end + 2} of its redo log, or one before")
    found = [each for line in lines[:end] if line for each in line.events]
    return Applied(found[::2], [str(word) for word in found[1::2]])


class Redo:
    """The redo log of a store that is open."""

    def __init__(self, store: Path) -> None:
        """Open the log, or make one. Raises OSError."""
        self._path = path_of(store)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self._end = _START
        self._title = b""

    def take_over(self, epoch: int, tables: Head) -> Applied:
        """Become the one who writes here; return the events that the tables do not hold.

        Raises Damaged, Unusable, OSError.
        """
        self._lock()
        try:
            data = os.pread(self._file, SIZE, 0)
            found = beyond(data, tables)
            self._title = b"%s%d\n" % (_TITLE, epoch)
            size = _START if tables.redo else SIZE  # what was here before is none of ours
            os.pwrite(self._file, self._title.ljust(size, b"\0"), 0)
            os.fsync(self._file)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        sync_folder(self._path.parent)
        return found

    def append(self, applied: Applied, writes: int) -> bool:
        """Append events, synced; False if there are too many. Raises Fenced, OSError."""
        if len(applied.ids) > FEW:
            return False
        body = f"[{writes},{as_items(woven(*applied))}]".encode()
        line = b"%s%08x %s\n" % (_MARK, zlib.crc32(body), body)
        if self._end + len(line) > SIZE:
            return False
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            self._check()
            self._put(line)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
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

    def _check(self) -> None:
        """Raise Fenced if another node has taken over."""
        title = os.pread(self._file, len(self._title), 0)
        if title != self._title:
            now = _epoch(os.pread(self._file, _START, 0)) or 0
            raise Fenced(_epoch(self._title) or 0, now)

    def _put(self, line: bytes) -> None:
        """Write a line at the end, synced. Raises OSError; then no line stands there."""
        try:
            os.pwrite(self._file, line, self._end)
            os.fdatasync(self._file)
        except OSError:
            with suppress(OSError):
                os.pwrite(self._file, b"\n", self._end)
            raise

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


def _epoch(data: bytes) -> int | None:
    """Return the epoch that a title names; None if it is none."""
    title, _, _ = data[:_START].partition(b"\n")
    number = title.removeprefix(_TITLE)
    return int(number) if title.startswith(_TITLE) and number.isdigit() else None


def _parse(piece: bytes) -> Line | None:
    """Return the line at the beginning; None if there is none."""
    crc, _, body = piece.partition(b"\n")[0].partition(b" ")
    if crc != b"%08x" % zlib.crc32(body):
        return None
    writes, *events = json.loads(body)
    return Line(writes, events)
