"""Whether a store holds what it should: SQLite's own check, and the rules of the mechanism.

It reads and never writes, so it may look at a store that a node is writing. What is seen is
told by two who cannot have the same fault: the processor that the journal leads to, and the
journal itself, of which every change says how many events it left, and which came.
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
    """What the rules are asked about."""

    processor: Recorder
    source: SourceState
    up: bool
    sink_length: int


class Verified(NamedTuple):
    """What a store holds, and what is wrong with it: the rules that are broken, and how."""

    events: int
    outputs: int
    checkpoints: int
    findings: list[tuple[str, str]]


def verify(path: str | Path) -> Verified:
    """Check the store at this path, as it is at this moment; touch nothing.

    The file and its log are not looked at in one moment, so a node that has just been
    started or ended may be taken for damage: what is wrong is wrong at a second look, too.
    """
    path = file.locate(path)
    report = _look(path)
    return _look(path) if report.findings else report


def _look(path: Path) -> Verified:
    """Check the store once."""
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
    """Check a store in which SQLite may leave its own files. Raises what reading it raises."""
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
    """Return what is seen, told by the journal alone."""
    seen: list[Event] = []
    for kind, *rest in rows.read(database):
        if kind in {"apply", "restore", "rollback", "snapshot"}:
            length, events = rest[:2]
            seen[length:] = zip(events[::2], events[1::2], strict=True)
    return seen
