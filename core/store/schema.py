"""The tables, and how a value becomes a column and back.

`journal` is the tree of what was applied, as in `core/journal.py`: a part holds some
events and says behind which other part they stand. A place in it is a part and a number
of events from the empty state on; `node` has the place where the processor stands, a
checkpoint the place it was saved at. So a checkpoint is one row, a restore changes one
row, and opening reads the branch the processor is on, not its history.

For those who look: `SELECT * FROM seen`, `counts`, `pending`, `outputs`, `checkpoints`.
(SQLite's JSON ends a string at a NUL, knows no integer beyond 64 bits, and no lone
surrogates: with ids like these the tables are right, and the views are not.)
"""

import json
import re
import zlib
from collections.abc import Iterable, Sequence
from json.encoder import encode_basestring_ascii as quote
from typing import TypeVar

from core.outputs import Columns, EventId

APPLICATION_ID = 0x6F6E6365
"""`once`, in a file's header."""

VERSION = 4

SCHEMA = """
-- One row: who has the store, and where the processor stands.
CREATE TABLE node (
  epoch   INTEGER NOT NULL,  -- rises with each opening; an older one must not write
  writes  INTEGER NOT NULL,  -- transactions so far
  part    INTEGER,           -- where the processor stands in the journal ...
  length  INTEGER NOT NULL,  -- ... and how many events lead there
  whole   INTEGER NOT NULL,  -- 0: SQLite's log FILE-wal holds more than this file
  redo    INTEGER NOT NULL,  -- 1: FILE-redo may hold events that come behind this place
  crc     INTEGER NOT NULL
);
-- What was applied. A part continues another one behind its first events.
CREATE TABLE journal (
  part    INTEGER PRIMARY KEY,
  after   INTEGER,           -- the part before; none: the empty state
  start   INTEGER NOT NULL,  -- events before this part
  events  TEXT NOT NULL,     -- JSON: [event_id, word, event_id, word, ...]
  crc     INTEGER NOT NULL
);
CREATE TABLE checkpoints (
  saved   INTEGER PRIMARY KEY,  -- rises, so that the last one is known
  name    NOT NULL UNIQUE,
  part    INTEGER,
  length  INTEGER NOT NULL,     -- events seen
  sink    INTEGER NOT NULL,     -- outputs committed by then
  crc     INTEGER NOT NULL
);
-- The sink. It only grows, a whole commit at a time.
CREATE TABLE outputs (
  position  INTEGER PRIMARY KEY,
  event_id  NOT NULL,
  word      NOT NULL,
  count     INTEGER NOT NULL
);
CREATE TABLE commits (
  number  INTEGER PRIMARY KEY,
  first   INTEGER NOT NULL,  -- position of its first output
  count   INTEGER NOT NULL,  -- how many outputs
  crc     INTEGER NOT NULL
);
-- At the prompt the source lives here, too: its log ...
CREATE TABLE source (
  position  INTEGER PRIMARY KEY,
  event_id  NOT NULL UNIQUE,
  word      NOT NULL,
  crc       INTEGER NOT NULL
);
-- ... and how many of its events were acknowledged: now, and when a checkpoint was saved.
CREATE TABLE offsets (
  checkpoint  UNIQUE,            -- its name; none: now
  offset      INTEGER NOT NULL,
  crc         INTEGER NOT NULL
);
-- What the prompt needs for `score`, of events that had more than one effect, or were undone.
CREATE TABLE effects (
  event_id  UNIQUE,            -- none: there is this for all events so far
  applied   INTEGER NOT NULL,  -- how often it was applied
  shown     INTEGER NOT NULL,  -- how often an output of it became pending
  crc       INTEGER NOT NULL
);
CREATE VIEW branch AS
  WITH RECURSIVE behind (part, after, start, stop) AS (
    SELECT j.part, j.after, j.start, n.length FROM node n JOIN journal j ON j.part = n.part
    UNION ALL
    SELECT j.part, j.after, j.start, b.start FROM behind b JOIN journal j ON j.part = b.after
  )
  SELECT part, start, stop FROM behind;
CREATE VIEW seen AS
  SELECT position, event_id, word FROM (
    SELECT b.start + e.key / 2 + 1 AS position, b.stop, e.key % 2 AS odd, e.value AS event_id,
           lead(e.value) OVER (PARTITION BY b.part ORDER BY e.key) AS word
    FROM branch b JOIN journal j ON j.part = b.part, json_each(j.events) e
  )
  WHERE NOT odd AND position <= stop
  ORDER BY position;
CREATE VIEW counts AS
  SELECT word, count(*) AS count FROM seen GROUP BY word ORDER BY min(position);
CREATE VIEW pending AS
  SELECT event_id, word, count FROM (
    SELECT *, row_number() OVER (PARTITION BY word ORDER BY position) AS count FROM seen
  )
  WHERE event_id NOT IN (SELECT event_id FROM outputs)
  ORDER BY position;
"""

Column = str | int | bytes

V = TypeVar("V", bound=Column)

TABLES = frozenset(re.findall(r"^(CREATE .*?);$", SCHEMA, re.MULTILINE | re.DOTALL))
"""The statements, as SQLite keeps them in `sqlite_master`."""

PAGE = 1_024
"""Bytes of a page, of which each write puts two to the log at the least: a quarter of
SQLite's own measure, with which a request takes some percent less time."""

encode = json.JSONEncoder(separators=(",", ":")).encode

encode_as_sqlite = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
"""The JSON that SQLite's functions write."""


def to_column(value: str | int) -> Column:
    """Return a value as SQLite can hold it.

    An integer beyond 64 bits, and a string that UTF-8 has no bytes for (a lone
    surrogate), become a blob: their JSON.
    """
    if isinstance(value, int):
        return value if -(1 << 63) <= value < 1 << 63 else encode(value).encode()
    try:
        value.encode()
    except UnicodeEncodeError:
        return encode(value).encode()
    return value


def from_column(column: Column) -> str | int:
    """Return the value a column stands for. Raises ValueError if it stands for none."""
    if not isinstance(column, bytes):
        return column
    value = json.loads(column)
    if type(value) is not int and type(value) is not str:
        raise ValueError(f"{column!r} stands for no value")
    return value


def as_items(values: list[EventId]) -> str:
    """Return the items of a JSON array of these strings and integers."""
    try:
        return ",".join(map(quote, values))  # type: ignore[arg-type]  # as a rule, all are strings
    except TypeError:
        return encode(values)[1:-1]


def woven(*columns: Sequence[V]) -> list[V]:
    """Return the first of each column, then the second of each, and so on, in one list."""
    width = len(columns)
    values = list(columns[0]) * width
    for place, column in enumerate(columns):
        values[place::width] = column
    return values


def checksum(*fields: object) -> int:
    """Return the CRC-32 that stands beside these fields: SQLite checks pages, not values."""
    return zlib.crc32(repr(fields).encode("utf-8", "backslashreplace"))


def checksum_outputs(outputs: Columns) -> int:
    """Return the CRC-32 of the outputs of one commit."""
    return checksum_texts(map(encode_as_sqlite, outputs))


def checksum_texts(columns: Iterable[str]) -> int:
    """Return the same from the JSON of their columns, as SQLite writes it."""
    crc = 0
    for column in columns:
        crc = zlib.crc32(column.encode("utf-8", "surrogatepass"), crc)
    return crc
