"""Whether a store holds what it should: SQLite's own check, and the rules of the mechanism.

It reads and never writes, so it may look at a store that a node is writing. Each rule is
asked of two who cannot have the same fault: the processor that the journal leads to, and
the journal itself, of which every change says how many events of seen it left, and which
came.
"""

import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from core.errors import Unusable
from core.journal import Event
from core.store import file, rows
from core.store.recorder import Recorder
from core.store.rows import NONSENSE
from core.store.sqlite import load


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
        if Path(f"{path}-shm").exists() and file.log(path).exists():
            return _check(path)  # SQLite has made what it needs to read
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, "store")
            shutil.copyfile(path, copy)
            with suppress(FileNotFoundError):
                shutil.copyfile(file.log(path), file.log(copy))
            return _check(copy)
    except (Unusable, sqlite3.Error, OSError, *NONSENSE) as fault:
        return Verified(0, 0, 0, [("file", str(fault))])


def _check(path: Path) -> Verified:
    """Check a store in which SQLite may leave its own files. Raises what reading it raises."""
    with closing(file.connect(path, read_only=True)) as database:
        database.execute("BEGIN")
        asked = {
            "integrity": _integrity(database, path),
            "sink-once": _sink_once(recorder := load(database)),
            "commit-whole": _commit_whole(recorder, database),
            "counts-match": _counts_match(recorder, events := _events(database)),
            "pending-sound": _pending_sound(recorder, events),
        }
        found = [(rule, text) for rule, texts in asked.items() for text in texts]
        sizes = len(recorder.seen), recorder.outputs.line, len(recorder.checkpoints)
        return Verified(*((0, 0, 0) if found else sizes), found)


def _events(database: sqlite3.Connection) -> list[Event]:
    """Return what is seen, told by the journal alone."""
    seen: list[Event] = []
    for kind, *rest in rows.read(database):
        if kind in {"apply", "restore", "rollback", "snapshot"}:
            length, events = rest[:2]
            seen[length:] = zip(events[::2], events[1::2], strict=True)
    return seen


def _integrity(database: sqlite3.Connection, path: Path) -> Iterator[str]:
    """SQLite's log is there if the file needs it; its pages are in order, or nothing is read."""
    if not (rows.last(database).whole or file.has_log(path)):
        yield f"its log {file.log(path).name} is missing"


def _sink_once(recorder: Recorder) -> Iterator[str]:
    """No event id is in the sink twice."""
    for event_id, times in Counter(recorder.outputs.ids[: recorder.outputs.line]).items():
        if times > 1:
            yield f"{event_id!r} is in the sink {times} times"


def _commit_whole(recorder: Recorder, database: sqlite3.Connection) -> Iterator[str]:
    """The sink is a sequence of whole commits: those of the journal."""
    found = database.execute("SELECT position, event_id, word, count FROM outputs ORDER BY 1")
    there = ((at, *map(rows.from_column, columns)) for at, *columns in found)
    committed = ((at, *output) for at, output in enumerate(recorder.sink, 1))
    for one, other in zip_longest(there, committed):
        if one != other:
            yield f"output {one} is in the sink, and {other} was committed"
            return


def _counts_match(recorder: Recorder, events: list[Event]) -> Iterator[str]:
    """The processor counts each word as often as the journal has it, each id once."""
    if list(recorder.seen.items()) != events:
        yield "the events seen are not those of the journal"
    counts = Counter(word for _, word in events)
    for word in counts.keys() | recorder.counts.keys():
        if counts[word] != (counted := recorder.counts.get(word, 0)):
            yield f"{word!r} counts {counted}, and was applied {counts[word]} times"


def _pending_sound(recorder: Recorder, events: list[Event]) -> Iterator[str]:
    """What is pending is what seen holds and the sink does not."""
    out = set(recorder.outputs.ids[: recorder.outputs.line])
    pending = set(recorder.outputs.pending_ids())
    for event_id in pending ^ ({event_id for event_id, _ in events} - out):
        yield f"{event_id!r} should {'not ' if event_id in pending else ''}be pending"
