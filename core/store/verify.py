"""Whether a store holds what it should: SQLite's own check, and the rules of the mechanism.

It reads and never writes, so it can check a store while a node writes to it. What is in seen
is found out in two independent ways: from the processor that the journal leads to, and from
the journal alone, where every change says how many events stayed, and which were added.
"""

import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from itertools import islice, zip_longest
from pathlib import Path
from typing import NamedTuple

from core.checkpoints import Event
from core.errors import Unusable
from core.rules import SAME_AS_CLEAN, broken
from core.store import file, rows
from core.store.recorder import Recorder, SourceState
from core.store.rows import NONSENSE
from core.store.sqlite import load


class Stored(NamedTuple):
    """A store in the form that the rules are asked about (`core.rules.Judged`)."""

    processor: Recorder
    source: SourceState
    up: bool
    sink_length: int


class Verified(NamedTuple):
    """How much a store holds, and its `findings`: what is broken (a rule or `file`), and how.

    With findings, the three numbers are 0.
    """

    events: int
    outputs: int
    checkpoints: int
    findings: list[tuple[str, str]]


def verify(path: str | Path) -> Verified:
    """Check the store at this path as it is now; change nothing.

    The file and its log cannot be read at the same instant, so a node that is just starting or
    ending may look like damage: only what is wrong at a second look as well is reported.
    """
    path = file.locate(path)
    report = _look(path)
    return _look(path) if report.findings else report


def _look(path: Path) -> Verified:
    """Check the store once; what cannot be read becomes a finding, too."""
    try:
        if not file.exists(path):
            raise Unusable("there is no store")
        lock = Path(f"{path}-lock")
        passed = file.number(lock.read_bytes()[:1000] if lock.is_file() else b"")
        if Path(f"{path}-shm").exists() and file.log(path).exists():
            return _check(path, passed)  # SQLite has made what it needs to read
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, path.name)
            shutil.copyfile(path, copy)
            with suppress(FileNotFoundError):
                shutil.copyfile(file.log(path), file.log(copy))
            return _check(copy, passed)
    except (Unusable, sqlite3.Error, OSError, *NONSENSE) as fault:
        return Verified(0, 0, 0, [("file", " ".join(str(fault).split()))])


def _check(path: Path, passed: int | None) -> Verified:
    """Check a store (or a copy) beside which SQLite may make its own files.

    Raises Unusable, sqlite3.Error, OSError, or one of NONSENSE.
    """
    with closing(file.connect(path, read_only=True)) as database:
        database.execute("BEGIN")
        file.check_log(path, rows.last(database), passed)
        recorder = load(database)
        outputs = recorder.outputs
        held = Stored(recorder, recorder.source, up=True, sink_length=outputs.committed)
        found = [(rule, text) for rule, text in broken(held).items() if rule != SAME_AS_CLEAN]
        if list(recorder.seen.items()) != _events(database):
            found.append(("counts-match", "the events seen are not those of the journal"))
        out = database.execute("SELECT position, event_id, word, count FROM outputs ORDER BY 1")
        there = ((place, *map(rows.from_column, columns)) for place, *columns in out)
        committed = ((place, *output) for place, output in enumerate(recorder.sink, 1))
        differ = (pair for pair in zip_longest(there, committed) if pair[0] != pair[1])
        for one, other in islice(differ, 1):
            found.append(("commit-whole", f"{one} is in the sink, and {other} was committed"))
        sizes = len(recorder.seen), outputs.committed, len(recorder.checkpoints)
        return Verified(*((0, 0, 0) if found else sizes), found)


def _events(database: sqlite3.Connection) -> list[Event]:
    """Return the events in seen, read from the journal alone."""
    seen: list[Event] = []
    for kind, *rest in rows.read(database):
        if kind in {"apply", "restore", "rollback", "snapshot"}:
            length, events = rest[:2]
            seen[length:] = zip(events[::2], events[1::2], strict=True)
    return seen
