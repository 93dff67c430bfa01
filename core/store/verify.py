"""Whether a store holds what it should: SQLite's own check, and the rules of the mechanism.

It reads and never writes, so it may look at a store that a node is writing. What it finds
is data; `main` is the small command around it.
"""

import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from core.store import file, redo, source, wal
from core.store.changes import Unusable
from core.store.load import NONSENSE, Tree, head, load
from core.store.schema import checksum
from core.store.sink import sink

USAGE = """\
usage: oncelab store verify FILE

Checks a durable store: SQLite's integrity, every checksum, and the rules sink-once,
counts-match, pending-sound and commit-whole. It changes nothing in it, and a node may
run meanwhile. (SQLite leaves two files beside it, FILE-shm and an empty FILE-wal.)

example:
  oncelab store verify lab.db
"""


class Finding(NamedTuple):
    """One thing that is wrong: the rule that is broken, and how."""

    rule: str
    text: str


class Report(NamedTuple):
    """What a store holds, and everything that is wrong with it."""

    events: int
    outputs: int
    checkpoints: int
    findings: list[Finding]


Rule = Callable[[sqlite3.Connection], Iterator[str]]


def verify(path: str | Path) -> Report:
    """Check the store at this path, as it is at this moment; touch nothing.

    The tables and the two logs are not read at one moment, so a node that has just been
    started or ended may be taken for damage: what is wrong is wrong at a second look, too.
    """
    path = file.locate(path)
    report = _look(path)
    return _look(path) if report.findings else report


def _look(path: Path) -> Report:
    """Check the store once."""
    try:
        if not file.exists(path):
            raise Unusable("there is no store")
        log, ahead = file.has_log(path), redo.read(path)  # before anything else moves on
        with closing(file.connect(path, read_only=True)) as database:
            database.execute("BEGIN")
            asked = {name: [rule(database)] for name, rule in RULES.items()}
            asked["integrity"] += [_log(database, path, log=log), _ahead(database, ahead)]
            findings = [
                found for name, each in asked.items() for found in _found(name, chain(*each))
            ]
            if findings:
                return Report(0, 0, 0, findings)
            sizes = database.execute(
                "SELECT (SELECT count(*) FROM outputs), (SELECT count(*) FROM checkpoints)"
            )
            here = head(database)
            events = here.place.length + len(redo.beyond(ahead, here).ids)
            outputs, checkpoints = sizes.fetchone()
            return Report(events, outputs, checkpoints, findings)
    except (Unusable, sqlite3.Error, OSError, *NONSENSE) as fault:
        return Report(0, 0, 0, [Finding("file", str(fault))])


def main(arguments: list[str]) -> int:
    """Run `store verify` with these arguments; return the exit status.

    0 for a sound store, 1 for one that is not, 2 if the arguments make no sense.
    """
    if {"--help", "-h"} & set(arguments):
        sys.stdout.write(USAGE)
        return 0
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.stderr.write("oncelab store verify: expected one file; try --help\n")
        return 2
    report = verify(arguments[0])
    for rule, text in report.findings:
        sys.stdout.write(f"{rule}: {text}\n")
    if report.findings:
        return 1
    events, outputs, checkpoints, _ = report
    plural = "" if checkpoints == 1 else "s"
    sys.stdout.write(
        f"sound: {events} seen, {outputs} committed, {checkpoints} checkpoint{plural}\n"
    )
    return 0


def _found(rule: str, texts: Iterator[str]) -> Iterator[Finding]:
    """Yield what breaks one rule; a table that cannot be read breaks it, too."""
    try:
        for text in texts:
            yield Finding(rule, text)
    except (Unusable, sqlite3.Error) as fault:
        yield Finding(rule, str(fault))
    except NONSENSE as fault:
        yield Finding(rule, f"a value makes no sense ({fault})")


def _log(database: sqlite3.Connection, path: Path, *, log: bool) -> Iterator[str]:
    """SQLite's log is there if the file needs it, and is read to its end."""
    if not (log or head(database).whole):
        yield f"its log {file.log(path)} is missing"
    wal.check(path)


def _ahead(database: sqlite3.Connection, ahead: bytes) -> Iterator[str]:
    """What the redo log alone holds is new."""
    here = head(database)
    new = redo.beyond(ahead, here).ids
    seen = load(database).seen if new else {}
    for event_id in new:
        if event_id in seen:
            yield f"{event_id!r} is in the redo log, and was applied before"


def _integrity(database: sqlite3.Connection) -> Iterator[str]:
    """SQLite finds its pages in order, and every row fits its checksum."""
    for (text,) in database.execute("PRAGMA integrity_check"):
        if text != "ok":
            yield text
    head(database)
    for part, after, start, events, crc in database.execute("SELECT * FROM journal"):
        if crc != checksum(part, after, start, events):
            yield f"part {part} of the journal does not fit its checksum"
    source.log(database)
    source.offsets(database)
    source.effects(database)


def _sink_once(database: sqlite3.Connection) -> Iterator[str]:
    """No event id is in the sink twice."""
    query = "SELECT event_id, count(*) FROM outputs GROUP BY event_id HAVING count(*) > 1"
    for event_id, times in database.execute(query):
        yield f"{event_id!r} is in the sink {times} times"


def _commit_whole(database: sqlite3.Connection) -> Iterator[str]:
    """The sink is a sequence of whole commits."""
    for _ in sink(database):
        pass
    yield from ()


def _counts_match(database: sqlite3.Connection) -> Iterator[str]:
    """The processor counts each word as often as the journal has it."""
    counts: Counter[str] = Counter()
    seen = set()
    for ids, words in Tree(database).applied():
        for event_id in ids:
            if event_id in seen:
                yield f"{event_id!r} is in the journal twice"
            seen.add(event_id)
        counts.update(words)
    loaded = load(database).counts
    for word in counts.keys() | loaded.keys():
        if counts[word] != loaded.get(word, 0):
            yield f"{word!r} counts {loaded.get(word, 0)}, and was applied {counts[word]} times"


def _pending_sound(database: sqlite3.Connection) -> Iterator[str]:
    """What is pending is what seen holds and the sink does not."""
    out = {event_id for outputs in sink(database) for event_id in outputs.ids}
    pending = {output.event_id for output in load(database).pending}
    seen = {event_id for ids, _ in Tree(database).applied() for event_id in ids}
    for event_id in pending ^ (seen - out):
        yield f"{event_id!r} should {'not ' if event_id in pending else ''}be pending"


RULES: dict[str, Rule] = {
    "integrity": _integrity,
    "sink-once": _sink_once,
    "commit-whole": _commit_whole,
    "counts-match": _counts_match,
    "pending-sound": _pending_sound,
}
