"""A store as the prompt has it: a file, and the process that runs a node on it.

The process (`core/store/worker.py`) is there to be killed: by SIGKILL, between two
requests or inside a transaction. It never keeps anybody waiting for ever.
"""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from threading import Timer
from typing import NamedTuple, TypeVar

from core.journal import Event
from core.outputs import EventId
from core.processor import CheckpointId, Processor
from core.store import file, redo
from core.store.changes import Damaged, Unusable
from core.store.load import NONSENSE, head, processor
from core.store.schema import from_column
from core.store.source import Kept, kept

LIMIT = 60.0
"""Seconds a worker may take for one answer."""

_ROOT = str(Path(__file__).parents[2])

T = TypeVar("T")


class Gone(Exception):  # noqa: N818 - what befell the worker, not a fault of ours
    """The worker does not serve any more; its text says why."""


class Vanished(Unusable):
    """The file of the store is not there any more."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("it is gone")


class Stored(NamedTuple):
    """What a store holds; `epoch` tells whose it is."""

    epoch: int
    processor: Processor
    source: Kept


class Beside(NamedTuple):
    """What the source writes down: its log from an entry on, and offsets (None: now).

    `effects` are ids, with how often each was applied, and shown, by now; None: not counted.
    """

    first: int = 0
    log: Sequence[Event] = ()
    offsets: Sequence[tuple[int, CheckpointId | None]] = ()
    effects: Sequence[tuple[EventId, int, int]] | None = None


class Table(NamedTuple):
    """A table of the store: its columns, some of its rows, and how many there are."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[object, ...]]
    total: int


class Disk:
    """A store at a path, and its worker. `epoch` is that of the present one."""

    def __init__(self, path: str, *, take_over: bool = False) -> None:
        """Start a worker on the store, which is made where there is none. Raises Unusable."""
        self.path = path
        self.epoch = 0
        self.start(take_over=take_over)

    @property
    def running(self) -> bool:
        """Whether the worker lives."""
        return self._process.poll() is None

    @property
    def worker(self) -> int:
        """The number of the worker's process."""
        return self._process.pid

    @property
    def end(self) -> str:
        """How the worker ended that does not live any more: `been killed (signal 9)`."""
        return _end(self._process.returncode)

    def start(self, *, take_over: bool = False) -> None:
        """Start a worker; a store that was there must still be. Raises Unusable."""
        if self.epoch:
            self._look(head)
        options = ["--take-over"] if take_over else []
        inherited = os.environ.get("PYTHONPATH")
        self._process = subprocess.Popen(  # noqa: S603 - it is our own program
            [sys.executable, "-m", "core.store.worker", self.path, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # so that a Ctrl-C at the prompt does not reach it
            env={
                **os.environ,
                "PYTHONPATH": f"{_ROOT}{os.pathsep}{inherited}" if inherited else _ROOT,
            },
        )
        try:
            greeting = self._timed(self._hear)
        except Gone as gone:
            raise Unusable(f"no process can be started on it: {gone}") from None
        if "epoch" not in greeting:
            self.kill()
            raise Unusable(str(greeting["unusable"]))
        self.epoch = int(greeting["epoch"])

    def ask(self, requests: Sequence[bytes], beside: Beside) -> list[bytes]:
        """Have requests served, in one transaction; return the replies, which are durable.

        Raises Gone; then what was asked for is on disk wholly or not at all.
        """

        def exchange() -> list[bytes]:
            self._tell(requests, beside)
            replies = [self._line() for _ in requests]
            fault = self._hear().get("fault")
            if fault is not None:
                raise Gone(str(fault))
            return replies

        return self._timed(exchange)

    def die_in(self, request: bytes, beside: Beside) -> None:
        """Have a request served, and kill the worker inside its transaction. Raises Gone."""
        with suppress(OSError):
            self._tell([request], beside, stop=True)
        deadline = time.monotonic() + LIMIT
        while True:
            pid, status = os.waitpid(self._process.pid, os.WUNTRACED | os.WNOHANG)
            if pid or time.monotonic() > deadline:
                break
            time.sleep(0.001)
        self.kill()
        if not (pid and os.WIFSTOPPED(status)):
            raise Gone("the worker did not come to its commit")

    def kill(self) -> None:
        """End the worker as a power cut would, and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        self._let_go()

    def close(self) -> None:
        """Let the worker end."""
        with suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(LIMIT)
        self.kill()

    # What is on the disk, worker or not.

    def taken(self) -> int:
        """Return the epoch of the node that took the store over; 0: none did. Raises Unusable."""
        now = self._look(head).epoch
        return now if now > self.epoch else 0

    def read(self) -> Stored:
        """Return what the store holds. Raises Unusable."""
        return self._look(lambda database: _stored(database, redo.read(file.locate(self.path))))

    def tables(self, most: int, first: int | None = None) -> list[Table]:
        """Return the tables, `most` rows of each: from the `first` on (1 and up), or the last.

        Raises Unusable.
        """
        return self._look(
            lambda database: [_table(database, name, most, first) for name in _TABLES]
        )

    def _look(self, at: Callable[[sqlite3.Connection], T]) -> T:
        try:
            path = file.locate(self.path)
            if not file.exists(path):
                raise Vanished
            with closing(file.connect(path, read_only=True)) as database:
                database.execute("BEGIN")
                return at(database)
        except (sqlite3.Error, OSError, *NONSENSE) as fault:
            raise Damaged(" ".join(str(fault).split())) from None

    # The talk with the worker.

    def _tell(self, requests: Sequence[bytes], beside: Beside, *, stop: bool = False) -> None:
        stream = self._process.stdin
        assert stream is not None
        header: dict[str, object] = {"requests": len(requests), "offsets": list(beside.offsets)}
        if beside.log:
            header["log"] = (beside.first, list(beside.log))
        if beside.effects is not None:
            header["effects"] = list(beside.effects)
        if stop:
            header["stop"] = True
        stream.write(b"".join(each + b"\n" for each in (json.dumps(header).encode(), *requests)))
        stream.flush()

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        return line[:-1]

    def _hear(self) -> dict[str, str | int]:
        heard: dict[str, str | int] = json.loads(self._line())
        return heard

    def _timed(self, exchange: Callable[[], T]) -> T:
        """Talk with the worker; kill it if that takes too long. Raises Gone."""
        timer = Timer(LIMIT, self._process.kill)
        timer.start()
        try:
            return exchange()
        except (OSError, EOFError, ValueError):
            self.kill()
            raise Gone(f"the worker has {_end(self._process.returncode)}") from None
        finally:
            timer.cancel()

    def _let_go(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with suppress(OSError):
                stream.close()


def _end(status: int) -> str:
    """Return how a process ended."""
    if status < 0:
        return f"been killed (signal {-status})"
    return f"ended by itself (status {status})"


_TABLES = ("node", "journal", "checkpoints", "outputs", "commits", "source", "offsets", "effects")


def _value(column: object) -> object:
    try:
        return from_column(column) if isinstance(column, bytes) else column
    except NONSENSE:
        return column  # damaged


def _stored(database: sqlite3.Connection, ahead: bytes) -> Stored:
    """Read the tables, and do what the redo log has beyond them; it was read before."""
    found, here = processor(database, Processor), head(database)
    new = redo.beyond(ahead, here)
    new.redo(found)
    source = kept(database, found)
    return Stored(here.epoch, found, source._replace(effects=None) if new.ids else source)


def _table(database: sqlite3.Connection, name: str, most: int, first: int | None) -> Table:
    """Read a part of a table, without the checksums: they are for programs.

    A blob is given as the value it stands for, where it stands for one.
    """
    total = database.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - our own names
    before = max(total - most, 0) if first is None else first - 1
    cursor = database.execute(
        f"SELECT * FROM {name} ORDER BY rowid LIMIT ? OFFSET ?",  # noqa: S608 - the same
        (most, before),
    )
    columns = tuple(each[0] for each in cursor.description)
    wanted = [place for place, each in enumerate(columns) if each != "crc"]
    rows = [tuple(_value(row[place]) for place in wanted) for row in cursor]
    return Table(name, tuple(columns[place] for place in wanted), rows, total)
