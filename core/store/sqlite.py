"""The store on SQLite: each batch is one transaction, synced before it is reported.

**What is written.** A row of `journal` says what a batch changed (`core/store/changes.py`),
and an output becomes a row of `outputs` with its commit, in the same transaction.

**Who may write.** Each opening raises the *epoch*. The statement that inserts a row does so
only if the last row has the writer's epoch. So a node that hung while another took the store
over is *fenced* by its next write (as by the epoch of a Kafka producer, KIP-98). The lock file
(`core/store/file.py`) is only there so that a second node is refused while the first is alive.

**What SQLite does.** What it has committed is read again after a crash, from its write-ahead
log `FILE-wal` (https://www.sqlite.org/wal.html). The log gets its full length before the first
request, so that no sync has to record a new length of the file.

**What SQLite cannot know.** The last commits are only in the log until they are *carried over*
into the file (SQLite calls that a checkpoint). If the log were lost before that, the file would
look sound, but be old. So each time the log is carried over, the last row in the file is
`carrying`, the first one in the log after it is `carried`, and before anything more is
reported, the number of the former is written to `FILE-lock`: a store whose last row is that
one, or an earlier one, has lost its log.
"""

import gc
import shutil
import sqlite3
import time
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from core.errors import Damaged, Fenced, Undurable, Unusable
from core.store import file, rows
from core.store.recorder import Batch, Recorder
from core.store.rows import NONSENSE, PAGE, TABLES, JournalRow

LOG, ROOM = 1 << 22, 1 << 26
"""About how many bytes the log has when it is carried over; free bytes on the disk without
which it does not get its full length at once."""

SHORT = 256
"""So many rows or more are joined to one when the log is carried over."""

_AGAIN, _CACHE = 1 << 16, 1 << 21
"""Bytes in the log after which carrying over is tried again, if a part was left; bytes of
SQLite's cache."""

_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}

_PUT = """
INSERT INTO journal SELECT ?1, ?2, ?3, ?4
WHERE ?2 = (SELECT epoch FROM journal ORDER BY seq DESC LIMIT 1)
"""


class SqliteStore:
    """An open store, which only its owner writes. `epoch` is the number of this opening."""

    def __init__(self, path: str | Path, *, take_over: bool = False, by: str = "node") -> None:
        """Open the store at this path, or make one; `by` is `node` or `prompt`.

        Raises Unusable, and leaves the file as it is, if it is not a sound store, or if another
        node has it. With `take_over` the other node is fenced instead.
        """
        self._path = file.locate(path)
        self._loaded: Recorder | None = None
        self._size, self._limit, self._passed = 0, LOG, 0
        """About how many bytes the log has; at how many it is carried over; the number of a
        `carrying` row that is not in the lock file yet, or 0."""
        try:
            with ExitStack() as opening:
                self._open(opening, by, take_over=take_over)
                self._held = opening.pop_all()
        except (sqlite3.Error, OSError, Fenced, *NONSENSE) as fault:
            raise _unusable(fault) from fault

    def load(self) -> Recorder:
        """Return the processor that the store holds, without changes to write. Raises Undurable.

        To be called before the first `write`, or after one has failed.
        """
        recorder, self._loaded = self._loaded, None
        try:
            return load(self._database) if recorder is None else recorder
        except (Unusable, sqlite3.Error) as fault:
            raise Undurable(str(fault)) from fault

    def write(self, batch: Batch) -> None:
        """Write all of a batch; on return it is durable. Raises Undurable, Fenced.

        If it raises, nothing was written, unless the text says that it may be on disk.
        """
        try:
            self._commit(self.put(batch))
        except (sqlite3.Error, OverflowError) as fault:
            self._give_up()
            raise Undurable(str(fault), known=self._nothing_stands(fault)) from fault
        try:
            if self._passed:
                self._lock.passing(self.epoch, self._passed)
                self._passed = 0
        except OSError as fault:
            raise Undurable(str(fault.strerror), known=False) from fault
        if self._size > self._limit:
            try:
                self._carry_over("PASSIVE")
            except (Fenced, sqlite3.Error, OSError):  # the next write will notice it
                self._give_up()

    def put(self, batch: Batch, *, begin: bool = False) -> JournalRow:
        """Insert the rows of a batch; return the last one. Raises Fenced, sqlite3.Error.

        One row alone is written at once; else, and with `begin`, a transaction is left open,
        which `_commit` ends.
        """
        texts = list(rows.texts(batch.changes))
        if begin or batch.outputs.ids or len(texts) > 1:
            self._database.execute("BEGIN IMMEDIATE")
        last = self._last
        for text in texts:
            last = self._put(last.after(self.epoch, text))
            if text.startswith(rows.ANEW):
                self._database.execute("DELETE FROM journal WHERE seq < ?", (last.seq,))
        rows.put_outputs(self._database, batch.outputs)
        self._size += 40 * len(batch.outputs.ids)
        return last

    def check(self) -> None:
        """Raise Fenced if another node has the store, Undurable if it cannot be read."""
        try:
            if (now := rows.last(self._database).epoch) != self.epoch:
                raise Fenced(self.epoch, now)
        except (Damaged, sqlite3.Error) as fault:
            raise Undurable(str(fault)) from fault

    def close(self) -> None:
        """Close the store. If possible, SQLite's log and the like are removed: one file is left."""
        with suppress(Undurable, Fenced):
            self.write(Batch([["closed"]]))
        with self._held, suppress(sqlite3.Error):
            if self._last.changes == rows.CARRYING:  # SQLite keeps the log while there is a reader
                with closing(file.connect(self._path, read_only=True)) as reader:
                    rows.last(reader)
                    self._database.close()

    # How it is opened.

    def _open(self, opening: ExitStack, by: str, *, take_over: bool) -> None:
        """Read the store, then raise its epoch.

        The first connection can only read, and is closed last: so nothing changes the file
        before it was found sound. A node that is being taken over may still write after that;
        then the store is read again inside the transaction that raises the epoch.
        """
        path = self._path
        new = not file.exists(path)
        file.check_writable(path)
        self._lock = opening.enter_context(closing(file.Lock(path)))
        if new:
            file.create(path, self._lock)
        passed = self._lock.passed()  # read before the rows, as another node may add some
        with closing(file.connect(path, read_only=True)) as reader, ExitStack() as beside:
            reader.execute("BEGIN")
            self._last = rows.last(reader)
            self._may_have(take_over=take_over)
            file.check_log(path, self._last, passed)
            loaded = load(reader)
            reader.execute("COMMIT")  # carrying the log over has to wait for readers
            self._database = file.connect(path, read_only=False)
            beside.callback(self._database.close)
            if take_over:  # if this fails, the other node must not be fenced
                self._checkpoint("FULL", file.WAIT)
            self._claim(loaded, by, take_over=take_over)
            self._stretch_log()
            self._carry_over(*(("PASSIVE", 0) if take_over else ("FULL", file.WAIT)))
            opening.push(beside.pop_all())

    def _may_have(self, *, take_over: bool) -> None:
        """Raise Unusable if another node has the store."""
        if not (take_over or self._lock.hold(self._last.epoch)):
            who = f"another node has it (epoch {self._last.epoch})"
            raise Unusable(f"{who}: stop that one, or use --take-over")

    def _claim(self, loaded: Recorder, by: str, *, take_over: bool) -> None:
        """Raise the epoch, in a transaction that keeps all other writers out."""
        self._database.execute("BEGIN IMMEDIATE")
        now = rows.last(self._database)
        if now != self._last:
            self._last = now
            self._may_have(take_over=take_over)
            loaded = load(self._database)
        self.epoch = now.epoch + 1
        self._lock.hold(self.epoch)
        row = now.after(self.epoch, rows.encode([["opened", by]]))
        self._database.execute("INSERT INTO journal VALUES (?, ?, ?, ?)", row)
        self._commit(row)
        self._base = row
        loaded.redo(["opened", by])
        self._loaded = loaded

    def _stretch_log(self) -> None:
        """Give the log its full length: write more than SQLite's cache holds, and roll it back."""
        if shutil.disk_usage(self._path.parent).free > ROOM:
            with suppress(sqlite3.Error):
                self._database.execute("BEGIN IMMEDIATE")
                put = "INSERT INTO journal VALUES (0, 0, zeroblob(?), 0)"
                self._database.execute(put, (LOG + _CACHE,))
            self._give_up()

    # Transactions.

    def _put(self, row: JournalRow) -> JournalRow:
        """Insert a row, unless another node has the store. Raises Fenced, sqlite3.Error."""
        if not self._database.execute(_PUT, row).rowcount:
            self._give_up()
            raise Fenced(self.epoch, rows.last(self._database).epoch)
        self._size += 2 * PAGE + len(row.changes)
        return row

    def _commit(self, last: JournalRow) -> None:
        """Commit the transaction, if there is one; `last` is the last row now."""
        if self._database.in_transaction:
            self._database.execute("COMMIT")
        self._last = last

    def _give_up(self) -> None:
        """Roll the transaction back, if SQLite has not done so."""
        with suppress(sqlite3.Error):
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")

    def _nothing_stands(self, fault: Exception) -> bool:
        """Whether it is certain that a failed write will not be found after a crash.

        It may be in the log, and count after a crash, unless another row is written over it.
        """
        if getattr(fault, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            return True
        before = self._last
        with suppress(sqlite3.Error, Damaged, Fenced):
            self._last = rows.last(self._database)
            self._commit(self.put(Batch([])))
            return self._last.seq == before.seq + 1
        self._give_up()
        return False

    def _carry_over(self, how: str, wait: float = 0) -> None:
        """Carry the log over into the file (SQLite's mode `how`), and write the rows around that.

        `wait` is in seconds. Raises Fenced, sqlite3.Error, OSError, Unusable.
        """
        self._join()
        if self._lock.passed() is None:
            self._lock.passing(self.epoch, 0)  # no row was passed yet
        self._commit(self.put(Batch([["carrying"]])))
        self._lock.passing(self.epoch, self._last.seq - 1)
        self._passed = self._last.seq
        try:
            whole = self._checkpoint(how, wait)
        finally:
            self._commit(self.put(Batch([["carried"]])))
            self._base = self._last
        self._size, self._limit = 0, LOG if whole else _AGAIN

    def _checkpoint(self, how: str, wait: float) -> bool:
        """Have SQLite carry its log over; return whether all of it was.

        With a `wait`, in seconds, it is tried again so long; then Unusable is raised.
        """
        until = time.monotonic() + wait
        while True:
            asked = self._database.execute(f"PRAGMA wal_checkpoint({how})")
            busy, frames, done = asked.fetchone()
            whole = not busy and frames == done
            if whole or not wait:
                return whole
            if time.monotonic() > until:
                who = "somebody reads an old state of it, or stands still in a write"
                raise Unusable(f"{who}: end that, and try again")
            time.sleep(0.01)

    def _join(self) -> None:
        """Join the rows since the last join to one, if there are many: the store opens faster."""
        if self._last.seq - self._base.seq < SHORT:
            return
        execute, since, last = self._database.execute, (self._base.seq,), self._last
        execute("BEGIN IMMEDIATE")
        if rows.last(self._database) == last:  # no other node has taken over
            found = execute("SELECT changes FROM journal WHERE seq > ? ORDER BY seq", since)
            text = rows.joined([changes for (changes,) in found])
            execute("DELETE FROM journal WHERE seq > ?", since)
            last = self._put(self._base.after(self.epoch, text, last.seq))
        self._commit(last)


def load(database: sqlite3.Connection) -> Recorder:
    """Return the processor that the journal leads to, after checking the database.

    Raises Damaged, or sqlite3.Error.
    """
    recorder = Recorder()
    collecting = gc.isenabled()
    gc.disable()  # many objects are made, and none is garbage: this saves time
    try:
        if not {sql for (sql,) in database.execute("SELECT sql FROM sqlite_master")} >= TABLES:
            raise Damaged("its tables are not those of a store")
        for (text,) in database.execute("PRAGMA integrity_check(1)"):
            if text != "ok":
                raise Damaged(" ".join(text.split()))
        for change in rows.read(database):
            recorder.redo(change)
        (outputs,) = database.execute("SELECT max(position) FROM outputs").fetchone()
    except NONSENSE as fault:
        raise Damaged(f"a value makes no sense ({fault})") from fault
    finally:
        if collecting:
            gc.enable()
    if (outputs or 0) != recorder.outputs.committed:
        raise Damaged(f"{outputs or 0} outputs, where {recorder.outputs.committed} were committed")
    return recorder


def _unusable(fault: Exception) -> Unusable:
    """Return the error to raise for a store that could not be opened."""
    text = " ".join(str(getattr(fault, "strerror", None) or fault).split())
    code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
    if isinstance(fault, Fenced):
        return Unusable(fault.text)
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PROTOCOL}:
        return Unusable("somebody else is in the middle of a write to it: try again, or end that")
    if isinstance(fault, OSError) or code in _DISK:
        return Unusable(f"it cannot be read or written: {text}")
    return Damaged(text)
