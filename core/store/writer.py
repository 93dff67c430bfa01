"""From changes to rows. It knows no transaction: whoever calls it is inside one."""

import sqlite3
from collections.abc import Sequence

from core.journal import Event
from core.outputs import Columns, EventId
from core.processor import CheckpointId
from core.store.changes import (
    Applied,
    Change,
    Committed,
    Effects,
    Logged,
    Moved,
    Restored,
    Saved,
    Undone,
)
from core.store.load import Place
from core.store.schema import PAGE, Column, as_items, checksum, checksum_outputs, to_column, woven

ROOM = 700
"""Characters of events up to which a part of the journal is written anew to grow, instead
of a new one beginning. It costs nothing, as a page is written whole; and a store fed one
event at a time opens nearly as quickly as one fed in bulk."""

ROWS = 64
"""Outputs put by one statement: a third less time than one each."""


class Part:
    """The part of the journal that still grows."""

    def __init__(self, number: int, behind: Place) -> None:
        """Begin an empty part behind a place."""
        self.number = number
        self.behind = behind
        self.end = Place(number, behind.length)
        self.text = ""
        """Its events as JSON, without the brackets."""

    def add(self, ids: list[EventId], words: list[str]) -> None:
        """Append events."""
        piece = as_items(woven(ids, words))
        self.text = f"{self.text},{piece}" if self.text else piece
        self.end = Place(self.number, self.end.length + len(ids))

    def row(self) -> tuple[int, int | None, int, str, int]:
        """Return it as a row of `journal`."""
        text = f"[{self.text}]"
        part, (after, start) = self.number, self.behind
        return part, after, start, text, checksum(part, after, start, text)


class Writer:
    """Puts one change after the other; `place` is where the processor stands then."""

    def __init__(self, database: sqlite3.Connection, place: Place) -> None:
        """Go on from this place."""
        self._database = database
        self.place = place
        self.size = 0
        """Bytes put, about."""
        last = database.execute("SELECT max(part) FROM journal").fetchone()[0] or 0
        self._part = Part(last, Place(None, -1))  # nothing ever stands at its end
        self._grown = False
        marked = "SELECT count(*) FROM effects WHERE event_id IS NULL"
        self._counted = bool(database.execute(marked).fetchone()[0])
        """Whether the effects of all events so far are known."""

    def uncounted(self, changes: Sequence[Change]) -> None:
        """Note that the effects of these changes are not known, if they have any."""
        kinds = (Applied, Restored, Undone)
        if self._counted and any(isinstance(change, kinds) for change in changes):
            self._database.execute("DELETE FROM effects WHERE event_id IS NULL")
            self._counted = False

    def put(self, change: Change) -> None:
        """Put one change. A part of the journal may wait for `flush`."""
        match change:
            case Applied(ids, words):
                self._apply(ids, words)
            case Saved(name, length, out):
                assert length == self.place.length
                self._save(to_column(name), out)
            case Restored(name):
                query = "SELECT part, length FROM checkpoints WHERE name = ?"
                self.place = Place(*self._database.execute(query, (to_column(name),)).fetchone())
            case Committed(first, outputs):
                self._commit(first, outputs)
            case Undone(length):
                self._undo(length)
            case Logged(first, events):
                self._log(first, events)
            case Moved(offset, name):
                self._move(offset, name)
            case Effects(rows):
                self._count(rows)

    def flush(self) -> None:
        """Put the part that has grown."""
        if self._grown:
            row = self._part.row()
            self._database.execute("INSERT OR REPLACE INTO journal VALUES (?, ?, ?, ?, ?)", row)
            self._grown = False
            self.size += PAGE + len(row[3])

    def _apply(self, ids: list[EventId], words: list[str]) -> None:
        part = self._part
        if part.end != self.place or (len(part.text) > ROOM and not self._grown):
            self.flush()
            self._part = part = Part(part.number + 1, self.place)
        part.add(ids, words)
        self._grown = True
        self.place = part.end

    def _save(self, name: str | int | bytes, out: int) -> None:
        execute = self._database.execute
        execute("DELETE FROM offsets WHERE checkpoint IS ?", (name,))  # an older one's
        (last,) = execute("SELECT max(saved) FROM checkpoints").fetchone()
        row = ((last or 0) + 1, name, *self.place, out)
        put = "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?)"
        execute(put, (*row, checksum(*row)))
        self.size += PAGE

    def _commit(self, first: int, outputs: Columns) -> None:
        """Add a row for each output, and one for the commit."""
        ids, words, counts = outputs
        try:
            self._put_rows(ids, words, counts)
        except (OverflowError, UnicodeEncodeError):
            self._database.execute("DELETE FROM outputs WHERE position > ?", (first,))
            self._put_rows(list(map(to_column, ids)), list(map(to_column, words)), counts)
        row = (first + 1, len(ids), checksum_outputs(outputs))
        self._database.execute("INSERT INTO commits (first, count, crc) VALUES (?, ?, ?)", row)
        self.size += PAGE + 40 * len(ids)

    def _put_rows(self, *columns: Sequence[Column]) -> None:
        """Add a row for each output: id, word and count."""
        values = woven(*columns)
        width = len(columns)
        for start in range(0, len(values), ROWS * width):
            some = values[start : start + ROWS * width]
            rows = ", ".join(["(?, ?, ?)"] * (len(some) // width))
            put = f"INSERT INTO outputs (event_id, word, count) VALUES {rows}"  # noqa: S608 - marks
            self._database.execute(put, some)

    def _undo(self, length: int) -> None:
        """Go back on the branch, over the parts that are undone whole."""
        self.flush()
        part: int | None = self.place.part
        query = "SELECT after, start FROM journal WHERE part = ?"
        while part is not None:
            after, start = self._database.execute(query, (part,)).fetchone()
            if start < length:
                break
            part = after
        self.place = Place(part, length)

    def _log(self, first: int, events: list[Event]) -> None:
        """Write the source's log anew from a position on."""
        self._database.execute("DELETE FROM source WHERE position > ?", (first,))
        entries = (
            (place, to_column(event_id), to_column(word))
            for place, (event_id, word) in enumerate(events, first + 1)
        )
        self._database.executemany(
            "INSERT INTO source VALUES (?, ?, ?, ?)",
            ((*entry, checksum(*entry)) for entry in entries),
        )
        self.size += 40 * len(events)

    def _count(self, rows: list[tuple[EventId, int, int]]) -> None:
        """Write how often events had an effect, and that this is known of all."""
        counted = [(to_column(event_id), applied, shown) for event_id, applied, shown in rows]
        whole = [(None, 0, 0)] if not self._counted else []
        self._database.executemany(
            "INSERT OR REPLACE INTO effects VALUES (?, ?, ?, ?)",
            ((*row, checksum(*row)) for row in (*counted, *whole)),
        )
        self._counted = True
        self.size += 40 * len(rows)

    def _move(self, offset: int, name: CheckpointId | None) -> None:
        """Write where the source stands, or stood."""
        row = (None if name is None else to_column(name), offset)
        self._database.execute("DELETE FROM offsets WHERE checkpoint IS ?", row[:1])
        self._database.execute("INSERT INTO offsets VALUES (?, ?, ?)", (*row, checksum(*row)))
