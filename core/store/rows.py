"""The tables, and how changes are written to rows and read from them.

`journal` is the history: a row for each batch, which holds its changes as JSON (several
rows, if they are long). A snapshot removes the rows before it, and many short rows are joined
to one. A row's checksum is computed from that of the row before, so a missing row is noticed.
`outputs` is the sink, in a table of its own, so that other programs can read what is committed.

The views `seen`, `counts`, `pending` and `checkpoints` are for people who look at the file
with SQLite. (SQLite's JSON ends a string at a NUL, and has no integers beyond 64 bits and no
lone surrogates: with ids like these the tables are right, and the views are not.)
"""

import json
import re
import sqlite3
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from core.errors import Damaged
from core.outputs import Columns, EventId
from core.store.changes import LISTS, Change

APPLICATION_ID, VERSION = 0x6F6E6365, 5
"""In the file's header: `once` in ASCII, and the version of the tables."""

PAGE = 1_024
"""Bytes of a page, a quarter of SQLite's default: each write puts a whole page in the log."""

SCHEMA = """
-- What happened, a batch a row.
CREATE TABLE journal (
  seq       INTEGER PRIMARY KEY,
  epoch     INTEGER NOT NULL,  -- who wrote it: rises with each opening
  changes   TEXT NOT NULL,     -- JSON: core/store/changes.py
  checksum  INTEGER NOT NULL   -- CRC-32 of the rows up to this one
);
-- The sink. It only grows, a whole commit at a time.
CREATE TABLE outputs (
  position  INTEGER PRIMARY KEY,
  event_id  NOT NULL,
  word      NOT NULL,
  count     INTEGER NOT NULL
);
-- A change cuts seen to its first events, and some come behind them. What a later one
-- does not cut off is there.
CREATE VIEW seen AS
  WITH change AS (
    SELECT j.seq, c.key AS number, json_extract(c.value, '$[0]') AS kind,
           ifnull(json_extract(c.value, '$[1]'), 0) AS length,
           json_extract(c.value, '$[2]') AS events
    FROM journal j, json_each(j.changes) c
  ), stretch AS (
    SELECT *, min(length) OVER (
      ORDER BY seq DESC, number DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS left
    FROM change WHERE kind IN ('snapshot', 'apply', 'restore', 'rollback')
  )
  SELECT position, event_id, word FROM (
    SELECT s.length + e.key / 2 + 1 AS position, s.left, e.key % 2 AS odd, e.value AS event_id,
           lead(e.value) OVER (PARTITION BY s.seq, s.number ORDER BY e.key) AS word
    FROM stretch s, json_each(s.events) e
  )
  WHERE NOT odd AND (left IS NULL OR position <= left)
  ORDER BY position;
CREATE VIEW counts AS
  SELECT word, count(*) AS count FROM seen GROUP BY word ORDER BY min(position);
CREATE VIEW pending AS
  SELECT event_id, word, count FROM (
    SELECT *, row_number() OVER (PARTITION BY word ORDER BY position) AS count FROM seen
  )
  WHERE event_id NOT IN (SELECT event_id FROM outputs)
  ORDER BY position;
-- The one saved last at the end.
CREATE VIEW checkpoints AS
  SELECT name, events, outputs FROM (
    SELECT *, row_number() OVER (
      PARTITION BY name, typeof(name) ORDER BY seq DESC, number DESC
    ) AS age FROM (
      SELECT j.seq, c.key AS number, json_extract(c.value, '$[3]') AS name,
             json_extract(c.value, '$[1]') AS events, json_extract(c.value, '$[4]') AS outputs
      FROM journal j, json_each(j.changes) c
      WHERE json_extract(c.value, '$[0]') IN ('checkpoint', 'saved')
    )
  ) WHERE age = 1 ORDER BY seq, number;
"""

TABLES = frozenset(re.findall(r"^(CREATE .*?);$", SCHEMA, re.MULTILINE | re.DOTALL))
"""The CREATE statements, in the form in which SQLite keeps them in `sqlite_master`."""

LONG = 1 << 20
"""A row with about so many characters is full, and another one begins."""

ROWS = 256
"""Outputs that one statement inserts: faster than a statement for each."""

NONSENSE = (ValueError, TypeError, LookupError, OverflowError, RecursionError)
"""The errors raised when a table holds a value that no store writes."""

ANEW, CARRYING, CLOSED = '[["snapshot"', '[["carrying"]]', '[["closed"]]'
"""The beginning of a row with a snapshot; the row written when the log is carried over into the
file, and the row written when the store is closed."""

Column = str | int | bytes

encode = json.JSONEncoder(separators=(",", ":")).encode


class JournalRow(NamedTuple):
    """A row of the journal."""

    seq: int
    epoch: int
    changes: str
    checksum: int

    def after(self, epoch: int, changes: str, seq: int = 0) -> "JournalRow":
        """Return the row after this one, with the next number, or the later one given as `seq`."""
        seq = seq or self.seq + 1
        before = 0 if changes.startswith(ANEW) else self.checksum
        checksum = zlib.crc32(f"{seq},{epoch},{changes};".encode(), before)
        return JournalRow(seq, epoch, changes, checksum)


FIRST = JournalRow(0, 0, "[]", 0).after(0, "[]")
"""The first row of a new store."""


def last(database: sqlite3.Connection) -> JournalRow:
    """Return the last row of the journal. Raises Damaged if there is none, or no valid one."""
    row = database.execute("SELECT * FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    if row is None or [*map(type, row)] != [int, int, str, int]:
        raise Damaged("the last row of the journal")
    return JournalRow(*row)


def texts(changes: list[Change]) -> Iterator[str]:
    """Yield the `changes` column of the rows for these changes: one row, or more if they are long.

    For no changes that is one row with an empty list.
    """
    parts: list[str] = []
    size = 0
    for change in changes:
        for part in _parts(change):
            if parts and (size + len(part) > LONG or change[0] == "snapshot"):
                yield f"[{','.join(parts)}]"
                parts, size = [], 0
            parts.append(part)
            size += len(part)
    yield f"[{','.join(parts)}]"


def _parts(change: Change) -> Iterator[str]:
    """Yield a change as JSON; a long one as several changes with the same effect."""
    text = encode(change)
    kind, *rest = change
    width = 3 if kind == "sink" else 2
    if len(text) <= LONG or kind not in LISTS or len(rest[1]) <= width:
        yield text
        return
    start, values, *rest = rest
    half = len(values) // width // 2
    yield from _parts([kind, start, values[: half * width], *rest])
    kind = kind if kind in {"sink", "source"} else "apply"
    yield from _parts([kind, start + half, values[half * width :]])


def read(database: sqlite3.Connection) -> Iterator[Change]:
    """Yield the changes of the journal in order. Raises Damaged, or one of NONSENSE."""
    total = 0
    for seq, epoch, changes, checksum in database.execute("SELECT * FROM journal ORDER BY seq"):
        total = zlib.crc32(f"{seq},{epoch},{changes};".encode(), total)
        if total != checksum:
            raise Damaged(f"row {seq} of the journal")
        yield from json.loads(changes)


def joined(several: list[str]) -> str:
    """Return the `changes` of several rows as those of one row; applies in a row are joined."""
    found: list[Change] = []
    for change in chain.from_iterable(map(json.loads, several)):
        run: Change = found[-1] if found else [""]
        if run[0] == change[0] == "apply" and change[1] == run[1] + len(run[2]) // 2:
            run[2] += change[2]
        else:
            found.append(change)
    return encode(found)


def put_outputs(database: sqlite3.Connection, outputs: Columns) -> None:
    """Add a row to `outputs` for each of these. Raises sqlite3.Error."""
    ids, words, counts = outputs
    columns: tuple[list[Column], list[Column]] = [*ids], [*words]
    try:
        "".join(ids + words).encode()  # type: ignore[arg-type]  # as a rule, all are strings
    except (TypeError, UnicodeEncodeError):
        columns = [*map(to_column, ids)], [*map(to_column, words)]
    values = [*chain.from_iterable(zip(*columns, counts, strict=True))]
    for at in range(0, len(values), ROWS * 3):
        some = values[at : at + ROWS * 3]
        marks = ", ".join(["(?, ?, ?)"] * (len(some) // 3))
        database.execute(f"INSERT INTO outputs (event_id, word, count) VALUES {marks}", some)  # noqa: S608


def to_column(value: EventId) -> Column:
    """Return a value as SQLite can hold it.

    An integer beyond 64 bits, and a string that UTF-8 has no bytes for (a lone
    surrogate), become a blob: their JSON.
    """
    if isinstance(value, int):
        plain = -(1 << 63) <= value < 1 << 63
    else:
        plain = value.encode(errors="replace").decode() == value
    return value if plain else encode(value).encode()


def from_column(column: Column) -> EventId:
    """Return the value that `to_column` made this of. Raises one of NONSENSE if it made no such."""
    if not isinstance(column, bytes):
        return column
    value = json.loads(column)
    if type(value) is not int and type(value) is not str:
        raise ValueError(f"{column!r} stands for no value")
    return value
