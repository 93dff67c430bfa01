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

**What SQLite takes too long for.** A transaction costs twice the sync it waits for. A few
events by themselves are therefore put into a log of our own first, and into the tables in a
pause: `core/store/redo.py`.

**What SQLite cannot know.** What was committed last stands in the log `FILE-wal` until it
is carried over into the file. Were the log lost in between, the file would look sound, and
old. So whenever the log has been carried over, the file is left saying that it is not
whole (`whole = 0`), and the first thing in the new log says that it is.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from core.store import file, wal
from core.store.changes import Applied, Change, Damaged, Effects, Fenced, Undurable, Unusable
from core.store.load import Head, head, load
from core.store.recorder import Recorder
from core.store.redo import Redo
from core.store.schema import PAGE, checksum
from core.store.writer import Writer

LOG = 1 << 22
"""Bytes, about, that go to the log before they are carried over into the file."""

_AGAIN = 1 << 16
"""The same, if the last time not all could be carried over."""


class SqliteStore:
    """One file, one owner. `epoch` is the number of this opening."""

    def __init__(self, path: str | Path, *, take_over: bool = False, lazy: bool = False) -> None:
        """Open the store at this path, or make one.

        Raises Unusable, and leaves the file as it is, if it is not a sound store of ours
        or another node has it; with `take_over` that one is fenced instead. A `lazy` one
        keeps what is written a little at a time in the redo log, until it is settled.
        """
        self._path = file.locate(path)
        self._lazy = lazy
        self._ahead = Applied([], [])
        """What stands in the redo log alone."""
        self._loaded: Recorder | None = None
        self._redo_in_use = True
        self._astray = False
        """Whether a transaction failed since, so that the writer's place has to be read again."""
        try:
            with ExitStack() as opening:
                self._open(opening, take_over=take_over)
                self._held = opening.pop_all()
        except (sqlite3.Error, OSError, ValueError) as fault:  # ValueError: words not UTF-8
            raise _unusable(fault) from None
        self._carry_over()

    # What a node asks for.

    def load(self) -> Recorder:
        """Return the processor as the tables have it. Raises Undurable."""
        recorder, self._loaded = self._loaded, None
        try:
            return load(self._database) if recorder is None else recorder
        except (Unusable, sqlite3.Error) as fault:
            raise Undurable(str(fault)) from None

    def write(self, changes: Sequence[Change]) -> None:
        """Write all of it, in one transaction or one line, synced. Raises Undurable, Fenced."""
        if not (self._lazy and changes and self._note(changes)):
            self._transact(changes)

    @property
    def behind(self) -> bool:
        """Whether something durable is not in the tables, or could not be carried over."""
        return bool(self._ahead.ids) or not self._carried

    def check(self) -> None:
        """Raise Fenced if another node has the store, Undurable if that cannot be told."""
        try:
            self._redo.check()
        except OSError as fault:
            raise Undurable(str(fault.strerror)) from None

    def settle(self) -> None:
        """Put what is durable into the tables. Raises Undurable, Fenced."""
        if self._ahead.ids:
            self._transact(())
        if not self._carried:
            self._carry_over()

    def probe(self) -> None:
        """Raise Undurable or Fenced unless something can be written now."""
        self._transact(())

    def trace(self, told: Callable[[str], object]) -> None:
        """Have each statement told right before it runs: a place to crash at."""
        self._database.set_trace_callback(told)

    def close(self) -> None:
        """Let go of the store; the file alone is left behind, if that can be."""
        with suppress(Undurable, Fenced, sqlite3.Error, OSError):
            self._redo_in_use = False
            self._transact(())
            self._begin()  # so that nobody takes over meanwhile
            self._redo.remove()
        self._abandon()
        with self._held, suppress(sqlite3.Error):
            if not self._whole:
                self._leave_log()

    # How it is opened.

    def _open(self, opening: ExitStack, *, take_over: bool) -> None:
        """Read the store, then raise its epoch.

        What reads it first cannot write, and is closed last: so until all is found sound,
        nothing touches the file. A node that is taken over may write in between; then it
        is all read again, when nobody can.
        """
        path = self._path
        new = not file.exists(path)
        file.check_writable(path)
        self._lock = file.lock(path)
        opening.callback(self._lock.close)
        if new:
            file.create(path, self._lock)
        log = file.has_log(path)
        with closing(file.connect(path, read_only=True)) as reader, ExitStack() as beside:
            reader.execute("BEGIN")
            before = head(reader)
            if not (take_over or self._lock.hold(before.epoch)):
                raise _in_use(before.epoch)
            if not (log or before.whole):
                raise Damaged(f"its log {file.log(path)} is missing, and what was written last")
            loaded = load(reader)
            self._database: sqlite3.Connection = beside.enter_context(
                closing(file.connect(path, read_only=False))
            )
            self._claim(before, loaded, beside, take_over=take_over)
            opening.push(beside.pop_all())

    def _claim(
        self, before: Head, loaded: Recorder, opening: ExitStack, *, take_over: bool
    ) -> None:
        """Raise the epoch, in a transaction that nobody can write beside."""
        self._database.execute("BEGIN IMMEDIATE")
        wal.check(self._path)
        now = head(self._database)
        if not (take_over or self._lock.hold(now.epoch)):
            raise _in_use(now.epoch)
        if now.writes != before.writes:
            loaded = load(self._database)
        self.epoch, self._writes = now.epoch + 1, now.writes
        self._lock.hold(self.epoch)
        self._writer = Writer(self._database, now.place)
        self._redo = opening.enter_context(closing(Redo(self._path, now)))
        self._redo.take_over(self.epoch).redo(loaded)
        self._put(loaded.take())
        self._end(whole=True)
        with suppress(OSError, Fenced):  # it will be noticed soon enough
            self._redo.open()
        self._loaded = loaded

    # Transactions.

    def _note(self, changes: Sequence[Change]) -> bool:
        """Write a few events to the redo log; False if they belong into the tables."""
        applied = changes[0]
        if len(changes) > 1 or not isinstance(applied, Applied) or self._astray:
            return False
        try:
            noted = self._redo.append(applied, self._writes)
        except OSError as fault:
            raise Undurable(str(fault.strerror)) from None
        if noted:
            self._ahead.ids.extend(applied.ids)
            self._ahead.words.extend(applied.words)
        return noted

    def _transact(self, changes: Sequence[Change]) -> None:
        """Write what stands in the redo log alone, and this, in one transaction, synced."""
        self._begin()
        try:
            self._put([self._ahead, *changes] if self._ahead.ids else changes)
            self._end(whole=True)
        except sqlite3.Error as fault:
            self._abandon()
            if changes:  # they may stand in SQLite's log: something else has to, before a crash
                with suppress(Undurable, Fenced):
                    self._transact(())
            raise Undurable(str(fault)) from None
        self._ahead = Applied([], [])
        self._redo.clear()
        self._writer.size += PAGE
        if self._writer.size > LOG or (self._writer.size > _AGAIN and not self._carried):
            self._carry_over()

    def _begin(self) -> None:
        """Begin to write, unless another node has the store. Raises Undurable, Fenced."""
        try:
            self._database.execute("BEGIN IMMEDIATE")
            (epoch,) = self._database.execute("SELECT epoch FROM node").fetchone()
            if self._astray:
                self._find_place()
        except (sqlite3.Error, Damaged) as fault:
            self._abandon()
            raise Undurable(str(fault)) from None
        if epoch != self.epoch:
            self._abandon()
            raise Fenced(self.epoch, epoch)

    def _find_place(self) -> None:
        """Read the writer's place again. Raises sqlite3.Error, Damaged."""
        here = head(self._database)
        if here.writes != self._writes:  # what failed has happened nevertheless
            self._ahead = Applied([], [])
        self._writes, self._writer = here.writes, Writer(self._database, here.place)
        self._astray = False

    def _put(self, changes: Sequence[Change]) -> None:
        """Put changes into the tables. Raises sqlite3.Error."""
        for change in changes:
            self._writer.put(change)
        self._writer.flush()
        if not any(isinstance(change, Effects) for change in changes):
            self._writer.uncounted(changes)

    def _end(self, *, whole: bool) -> None:
        """Note where the processor stands, and commit. Raises sqlite3.Error."""
        row = (
            self.epoch,
            self._writes + 1,
            *self._writer.place,
            int(whole),
            int(self._redo_in_use),
        )
        self._database.execute(
            "UPDATE node SET epoch = ?, writes = ?, part = ?, length = ?, whole = ?, redo = ?,"
            " crc = ?",
            (*row, checksum(*row)),
        )
        self._database.execute("COMMIT")
        self._writes += 1
        self._whole = whole

    def _abandon(self) -> None:
        """Give up the transaction, if SQLite has not."""
        self._astray = True
        with suppress(sqlite3.Error):
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")

    def _carry_over(self) -> None:
        """Carry the log over into the file, or try again soon: somebody may be reading."""
        self._carried = False
        try:
            self._begin()
            self._end(whole=False)
            busy, frames, done = self._database.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            self._carried = not busy and frames == done
            self._begin()
            self._end(whole=True)
        except (Undurable, Fenced, sqlite3.Error):
            self._abandon()
        self._writer.size = 0

    def _leave_log(self) -> None:
        """Close the database before somebody who only reads: then SQLite leaves its log."""
        with closing(file.connect(self._path, read_only=True)) as reader:
            reader.execute("SELECT * FROM node").fetchall()
            self._database.close()


def _unusable(fault: Exception) -> Unusable:
    """Return what to say of a store that could not be opened."""
    if isinstance(fault, OSError):
        return Unusable(f"it cannot be read or written: {fault.strerror}")
    text = " ".join(str(fault).split())
    match getattr(fault, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_PROTOCOL:
            return Unusable("somebody else is in the middle of a write to it: try again")
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN:
            return Unusable(f"it cannot be read or written: {text}")
    return Damaged(text)


def _in_use(epoch: int) -> Unusable:
    return Unusable(f"another node has it (epoch {epoch}): stop that one, or use --take-over")
