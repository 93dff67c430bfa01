"""From the tables back to the committed outputs.

SQLite writes the outputs of a commit as JSON, which takes a third of the time of the rows
one by one. And as a rule they are the first events of seen once more: then the text is
compared with what these would say, and never read.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType

from core.outputs import Columns, EventId
from core.store.changes import Damaged
from core.store.schema import checksum_outputs, checksum_texts, encode_as_sqlite, from_column

_ROWS = "SELECT event_id, word, count FROM outputs WHERE position BETWEEN ? AND ? ORDER BY position"
_TEXTS = (
    "SELECT json_group_array(event_id), json_group_array(word), json_group_array(count)"
    " FROM outputs WHERE position BETWEEN ? AND ?"
)
_NONE: Mapping[EventId, str] = MappingProxyType({})


def sink(database: sqlite3.Connection, likely: Mapping[EventId, str] = _NONE) -> Iterator[Columns]:
    """Yield the committed outputs, a commit at a time. Raises Damaged unless they are whole.

    `likely` are the events whose outputs are expected, in order: where they are found, no
    string is made anew.
    """
    ids, words = list(likely), list(likely.values())
    length = 0
    for number, first, count, crc in database.execute("SELECT * FROM commits ORDER BY number"):
        here = slice(length, length + count)
        outputs = _commit(database, (first, first + count - 1), crc, (ids[here], words[here]))
        if outputs is None or (first, len(outputs.ids)) != (length + 1, count):
            raise Damaged(f"the outputs of commit {number}")
        yield outputs
        length += count
    last = database.execute("SELECT max(position) FROM outputs").fetchone()[0] or 0
    if last != length:
        raise Damaged(f"outputs up to {last}, commits up to {length}")


def _commit(
    database: sqlite3.Connection,
    span: tuple[int, int],
    crc: int,
    likely: tuple[list[EventId], list[str]],
) -> Columns | None:
    """Read the outputs of one commit; None if they do not fit their checksum."""
    # JSON has no blobs, and a text is never longer than SQLite's limit, a thousand million bytes.
    with suppress(sqlite3.OperationalError, sqlite3.DataError):
        texts = database.execute(_TEXTS, span).fetchone()
        if crc == checksum_texts(texts):
            if texts[:2] == tuple(map(encode_as_sqlite, likely)):
                return Columns(*likely, json.loads(texts[2]))
            return Columns(*map(json.loads, texts))
    rows = database.execute(_ROWS, span).fetchall()
    ids = [from_column(column) for column, _, _ in rows]
    words = [str(from_column(column)) for _, column, _ in rows]
    outputs = Columns(ids, words, [count for _, _, count in rows])
    return outputs if crc == checksum_outputs(outputs) else None
