"""The store on SQLite: each write is one transaction, synced before it is reported.

**What is written.** The engine is deterministic, so the requests themselves would do; but
nobody can read them, and they grow with every duplicate. A row for each event is what one
would read first. In between lies what is done here: a row of `journal` holds the events
that a batch applied, as JSON, with views over it, and an output becomes a row when it is
committed. Measured before choosing, as CPU seconds for a million requests (a fifth of them
duplicates, a commit every 700, outputs as rows in all of them; 3.4 s in memory), MiB of
file, and whether opening has to answer everything again:

    the raw batch                       6.2-6.6    82   it has to
    what was applied, as JSON           7.3-7.5    30   no
    a row for each event applied        6.7-8.0    30   no
    JSON, and outputs unique by index   8.9        42   no

The index would hold up `sink-once`, which the processor does already, and `verify` checks.
There is no snapshot: a part of the journal is read only if the present state needs it.
Since outputs are put many at a time and read back a commit at a time, filling takes 1.7
times the CPU of memory, and opening 0.7 times (`tests/bench/store_speed.py`).

**Who may write.** Each opening raises the *epoch* in the store, and every transaction
looks whether it is still its own: a node that was taken over while it slept, or hung, is
*fenced* by its next write. (The same as the epoch of a Kafka producer, KIP-98.) The lock
beside it (`core/store/lock.py`) only spares two live nodes the trouble.

**What SQLite cannot know.** What was committed last stands in the log `FILE-wal` until it
is carried over into the file. Were the log lost in between, the file would look sound, and
old. So whenever the log has been carried over, the file is left saying that it is not
whole (`whole = 0`), and the first thing in the new log says that it is.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path

from core.store import file
from core.store.changes import Change, Damaged, Fenced, Undurable, Unusable
from core.store.load import Head, head, load
from core.store.recorder import Recorder
from core.store.schema import PAGE, checksum
from core.store.writer import Writer

LOG = 1 << 22
"""Bytes, about, that go to the log before they are carried over into the file."""


class SqliteStore:
    """One file, one owner. `epoch` is the number of this opening."""

    def __init__(self, path: str | Path, *, take_over: bool = False) -> None:
        """Open the store at this path, or make one.

        Raises Unusable, and leaves the file as it is, if it is not a sound store of ours
        or another node has it; with `take_over` that one is fenced instead.
        """
        path = Path(path)
        try:
            new = not file.exists(path)
            file.check_writable(path)
        except OSError as fault:
            raise Unusable(f"it cannot be reached: {fault.strerror}") from None
        self._lock = file.lock(path)
        self._loaded: Recorder | None = None
        try:
            if new:
                file.create(path, self._lock)
            log = file.has_log(path)
            with closing(file.connect(path, read_only=True)) as reader:
                self._open(path, reader, log=log, take_over=take_over)
            self._carry_over()  # not before the reader has gone: it would be in the way
        except Unusable:
            self._lock.close()
            raise
        except (sqlite3.Error, OSError, ValueError) as fault:  # ValueError: words not UTF-8
            self._lock.close()
            raise Damaged(" ".join(str(fault).split())) from None

    # What a node asks for.

    def load(self) -> Recorder:
        """Return the processor as the tables have it. Raises Undurable."""
        recorder, self._loaded = self._loaded, None
        try:
            if recorder is None:
                recorder = load(self._database)
            self._writer = Writer(self._database, head(self._database).place)
        except (Unusable, sqlite3.Error) as fault:
            raise Undurable(str(fault)) from None
        return recorder

    def write(self, changes: Sequence[Change]) -> None:
        """Write all of it in one transaction, synced. Raises Undurable, Fenced."""
        writer = self._writer
        self._begin()
        try:
            for change in changes:
                writer.put(change)
            writer.flush()
            self._end(whole=True)
        except sqlite3.Error as fault:
            self._abandon()
            raise Undurable(str(fault)) from None
        writer.size += PAGE
        if writer.size > LOG:
            writer.size = 0
            self._carry_over()

    def probe(self) -> None:
        """Raise Undurable or Fenced unless something can be written now."""
        self._begin()
        try:
            self._database.execute("UPDATE node SET epoch = epoch")
            self._database.execute("COMMIT")
        except sqlite3.Error as fault:
            self._abandon()
            raise Undurable(str(fault)) from None

    def trace(self, told: Callable[[str], object]) -> None:
        """Have each statement told right before it runs: a place to crash at."""
        self._database.set_trace_callback(told)

    def close(self) -> None:
        """Let go of the store."""
        with suppress(sqlite3.Error):
            self._database.close()
        self._lock.close()

    # How it is opened.

    def _open(self, path: Path, reader: sqlite3.Connection, *, log: bool, take_over: bool) -> None:
        """Read the store, then raise its epoch.

        `reader` cannot write, and is closed last: so until all is read and found sound,
        nothing touches the file. A node that is taken over may write in between; then it
        is all read again, when nobody can.
        """
        reader.execute("BEGIN")
        before = head(reader)
        if not (take_over or self._lock.hold(before.epoch)):
            raise _in_use(before.epoch)
        if not (log or before.whole):
            raise Damaged(f"its log {file.log(path)} is missing, and what was written last")
        self._loaded = load(reader)
        self._database: sqlite3.Connection = file.connect(path, read_only=False)
        try:
            self._claim(before, take_over=take_over)
        except BaseException:
            self._database.close()
            raise

    def _claim(self, before: Head, *, take_over: bool) -> None:
        """Raise the epoch, in a transaction that nobody can write beside."""
        self._database.execute("BEGIN IMMEDIATE")
        now = head(self._database)
        if not (take_over or self._lock.hold(now.epoch)):
            raise _in_use(now.epoch)
        if now.writes != before.writes:
            self._loaded = load(self._database)
        self.epoch, self._writes = now.epoch + 1, now.writes
        self._lock.hold(self.epoch)
        self._writer = Writer(self._database, now.place)
        self._end(whole=True)

    # Transactions.

    def _begin(self) -> None:
        """Begin to write, unless another node has the store. Raises Undurable, Fenced."""
        try:
            self._database.execute("BEGIN IMMEDIATE")
            (epoch,) = self._database.execute("SELECT epoch FROM node").fetchone()
        except sqlite3.Error as fault:
            self._abandon()
            raise Undurable(str(fault)) from None
        if epoch != self.epoch:
            self._abandon()
            raise Fenced(self.epoch, epoch)

    def _end(self, *, whole: bool) -> None:
        """Note where the processor stands, and commit. Raises sqlite3.Error."""
        row = (self.epoch, self._writes + 1, *self._writer.place, int(whole))
        self._database.execute(
            "UPDATE node SET epoch = ?, writes = ?, part = ?, length = ?, whole = ?, crc = ?",
            (*row, checksum(*row)),
        )
        self._database.execute("COMMIT")
        self._writes += 1

    def _abandon(self) -> None:
        """Give up the transaction, if SQLite has not."""
        with suppress(sqlite3.Error):
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")

    def _carry_over(self) -> None:
        """Carry the log over into the file. If that fails, a later time will do."""
        try:
            for whole in (False, True):
                self._begin()
                self._end(whole=whole)
                if not whole:
                    self._database.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except (Undurable, Fenced, sqlite3.Error):
            self._abandon()


def _in_use(epoch: int) -> Unusable:
    return Unusable(f"another node has it (epoch {epoch}): stop that one, or use --take-over")
