"""The store of a prompt: a file, and the process that writes it.

The processor lives in the prompt's process. A second process, the *worker*, writes to the
store, so that it can be killed: by SIGKILL, between two batches or inside a transaction. No
wait for it is longer than `LIMIT`. Its program is `main`, below: for each batch, a line of
JSON, it replies with an empty object when that is durable, or with a `fault`.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from threading import Timer
from typing import Any, NamedTuple, TypeVar

from core.errors import Damaged, Fenced, Undurable, Unusable, WorkerEnded
from core.lab.letters import escaped
from core.outputs import Columns
from core.store import file, rows
from core.store.recorder import Batch, Recorder
from core.store.rows import NONSENSE
from core.store.sqlite import SqliteStore, load

LIMIT = 60.0
"""Seconds a worker has for one reply; then it is killed."""

_PROGRAM = (
    f"import sys; sys.path.append({str(Path(__file__).parents[2])!r}); "
    f"from {__name__} import main; sys.exit(main(sys.argv[1:]))"
)
"""What the worker runs, isolated: it finds Python's own modules and `core`, and no file of the
folder where somebody works, or of their PYTHONPATH."""
_LAST = 200
"""Characters of what a worker said last."""

T = TypeVar("T")


class StoreRemoved(Unusable):
    """The file of the store is not there any more."""

    def __init__(self) -> None:
        """Set the text."""
        super().__init__("it is gone")


class Table(NamedTuple):
    """A table of the store: its columns, some of its rows, and how many rows it has in all."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[object, ...]]
    total: int


class Disk:
    """A store at a path, and its worker. `epoch` is that of the worker started last."""

    def __init__(self, path: str, *, take_over: bool = False) -> None:
        """Start a worker on the store, which is created if there is none. Raises Unusable."""
        self.path = path
        self.epoch = 0
        self.unanswered = False
        """Whether something came between a batch and the worker's answer: who knows what it did."""
        self.start(take_over=take_over)

    @property
    def running(self) -> bool:
        """Whether the worker's process is alive."""
        return self._process.poll() is None

    @property
    def files(self) -> list[str]:
        """The files that the store is in, or SQLite looks for beside it."""
        return [
            f"{file.locate(self.path)}{end}" for end in ("", "-wal", "-shm", "-journal", "-lock")
        ]

    @property
    def worker(self) -> int:
        """The process id of the worker."""
        return self._process.pid

    @property
    def end(self) -> str:
        """How the worker ended, to be put after "has": `been killed (signal 9)`."""
        return _end(self._process.returncode, self._last_words())

    def start(self, *, take_over: bool = False) -> None:
        """Start a worker. Raises Unusable, also if the file was removed since the last start."""
        if self.epoch:
            self._look(rows.last)
        options = ["--take-over"] if take_over else []
        kept = ["-B"] if sys.dont_write_bytecode else []
        self._process = subprocess.Popen(  # noqa: S603 - it is our own program
            [sys.executable, "-I", "-S", *kept, "-c", _PROGRAM, self.path, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # so that a Ctrl-C at the prompt does not reach it
        )
        self._said = ""
        try:
            greeting = self._timed(self._hear)
        except WorkerEnded as gone:
            raise Unusable(f"no process can be started on it: {gone}") from None
        if "epoch" not in greeting:
            self.kill()
            raise Unusable(str(greeting["unusable"]))
        self.epoch = int(greeting["epoch"])

    def write(self, batch: Batch) -> None:
        """Have the worker write a batch; on return it is durable.

        Raises WorkerEnded; then all of the batch is on disk, or nothing of it.
        """

        def exchange() -> object:
            self._tell(batch)
            return self._hear().get("fault")

        fault = self._timed(exchange)
        if fault is not None:
            raise WorkerEnded(str(fault))

    def die_in(self, batch: Batch) -> None:
        """Have a batch written, and kill the worker before the transaction is committed.

        Raises WorkerEnded if the worker ended, or did not get that far within `LIMIT`.
        """
        with suppress(OSError):
            self._tell(batch, stop=True)
        deadline = time.monotonic() + LIMIT
        while True:
            pid, status = os.waitpid(self._process.pid, os.WUNTRACED | os.WNOHANG)
            if pid or time.monotonic() > deadline:
                break
            time.sleep(0.001)
        self.kill()
        if not (pid and os.WIFSTOPPED(status)):
            raise WorkerEnded("the worker did not come to its commit")

    def kill(self) -> None:
        """Kill the worker with SIGKILL, and wait until its process has ended."""
        self._process.kill()
        self._process.wait()
        self._last_words()
        self._let_go()

    def close(self) -> None:
        """End the worker's input, wait for it to end, and kill it if it does not."""
        with suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(LIMIT)
        self.kill()

    # What is on the disk; this needs no worker.

    def taken(self) -> int:
        """Return the epoch of the node that took the store over; 0 if none. Raises Unusable."""
        now = self._look(rows.last).epoch
        return now if now > self.epoch else 0

    def read(self) -> tuple[int, Recorder]:
        """Return the epoch of the store's last opening, and what it holds. Raises Unusable."""
        return self._look(lambda database: (rows.last(database).epoch, load(database)))

    def tables(self, most: int, first: int | None = None) -> list[Table]:
        """Return the tables, and the state that the journal leads to, as tables.

        Each has at most `most` rows: from row `first` on (counted from 1), or the last rows.
        Raises Unusable.
        """
        return self._look(lambda database: list(_tables(database, most, first)))

    def _look(self, at: Callable[[sqlite3.Connection], T]) -> T:
        try:
            path = file.locate(self.path)
            if not file.exists(path):
                raise StoreRemoved
            with closing(file.connect(path, read_only=True)) as database:
                database.execute("BEGIN")
                return at(database)
        except (sqlite3.Error, OSError, *NONSENSE) as fault:
            raise Damaged(" ".join(str(fault).split())) from None

    # Messages to and from the worker.

    def _tell(self, batch: Batch, *, stop: bool = False) -> None:
        stream = self._process.stdin
        assert stream is not None
        stream.write(json.dumps([*batch, stop]).encode() + b"\n")
        stream.flush()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        heard: dict[str, Any] = json.loads(line)
        return heard

    def _timed(self, exchange: Callable[[], T]) -> T:
        """Run an exchange with the worker; kill it after `LIMIT` seconds. Raises WorkerEnded."""
        timer = Timer(LIMIT, self._process.kill)
        timer.daemon = True  # whatever interrupts this, the process does not wait for it to end
        self.unanswered = True
        try:
            timer.start()
            answer = exchange()
        except (OSError, EOFError, ValueError):
            self.unanswered = False
            self.kill()
            raise WorkerEnded(f"the worker has {self.end}") from None
        else:
            self.unanswered = False
            return answer
        finally:
            timer.cancel()

    def _let_go(self) -> None:
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert stream is not None
            with suppress(OSError):
                stream.close()

    def _last_words(self) -> str:
        """Return the last line that a worker, which has ended, wrote to standard error."""
        errors = self._process.stderr
        assert errors is not None
        if not errors.closed:
            lines = errors.read().decode(errors="replace").split("\n")
            last = next((line for line in reversed(lines) if line.strip()), "")
            self._said = escaped(last[:_LAST]) or self._said
        return self._said


def _end(status: int, said: str) -> str:
    """Return in words how a process with this exit status ended, to be put after "has"."""
    if status < 0:
        return f"been killed (signal {-status})"
    return f"ended by itself (status {status}{f', {said}' if said else ''})"


def _tables(database: sqlite3.Connection, most: int, first: int | None) -> Iterator[Table]:
    """Yield some rows of each table; checksums are left out, as they mean nothing to a reader."""
    kept = load(database)
    journal = database.execute("SELECT seq, epoch, changes FROM journal ORDER BY seq")
    out = database.execute("SELECT position, event_id, word, count FROM outputs ORDER BY position")
    seen = ((place, *event) for place, event in enumerate(kept.seen.items(), 1))
    saved = ((name, len(kept.saved(name).seen or ())) for name in kept.checkpoints)
    tables: dict[str, tuple[str, Iterable[tuple[object, ...]]]] = {
        "journal": ("seq epoch changes", journal),
        "seen": ("position event_id word", seen),
        "pending": ("event_id word count", kept.pending),
        "checkpoints": ("name events", saved),
        "outputs": ("position event_id word count", (tuple(map(_value, row)) for row in out)),
    }
    for name, (columns, found) in tables.items():
        held = list(found)
        before = max(len(held) - most, 0) if first is None else first - 1
        yield Table(name, tuple(columns.split()), held[before : before + most], len(held))


def _value(column: Any) -> object:  # noqa: ANN401 - as in SQLite
    """Return the id or word that a column of SQLite holds."""
    return rows.from_column(column)


# The worker.


def main(arguments: list[str]) -> int:
    """Open the store and write the batches from standard input; return the exit status."""
    path, *options = arguments
    try:
        store = SqliteStore(path, take_over="--take-over" in options, by="prompt")
    except Unusable as fault:
        _say({"unusable": str(fault)})
        return 1
    try:
        _say({"epoch": store.epoch})
        return _serve(store)
    except BrokenPipeError:
        return 0  # the prompt has gone
    finally:
        store.close()


def _serve(store: SqliteStore) -> int:
    """Write until the input ends (returns 0), or something cannot be written (1)."""
    for line in sys.stdin.buffer:
        changes, outputs, stop = json.loads(line)
        batch = Batch(changes, Columns(*outputs))
        try:
            if stop:
                store.put(batch, begin=True)
                os.kill(os.getpid(), signal.SIGSTOP)  # written, not committed: to be killed
            if changes:
                store.write(batch)
            else:
                store.check()
        except (Fenced, Undurable, sqlite3.Error) as fault:
            _say({"fault": str(fault)})
            return 1
        _say({})
    return 0


def _say(message: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
    sys.stdout.buffer.flush()
