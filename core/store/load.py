"""From the tables back to a processor.

Only what the present needs is read: the parts of the journal on the way from the empty
state to where the processor stands, and to each checkpoint. From the events of the
processor's own branch its counts and what is pending follow; those of other branches go
with the marks of the checkpoints, where a restore finds them.

Everything read is checked against the checksum beside it. SQLite notices a page that is
no page, but not a letter that became another.
"""

import gc
import json
import sqlite3
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from typing import NamedTuple, TypeVar

from core.journal import Mark, Saved
from core.outputs import EventId
from core.processor import CheckpointId, Processor
from core.store.changes import Damaged
from core.store.recorder import Recorder
from core.store.schema import TABLES, checksum, from_column
from core.store.sink import sink

P = TypeVar("P", bound=Processor)

NONSENSE = (ValueError, TypeError, LookupError, OverflowError, RecursionError)
"""What is raised where a table holds a value that was never written."""


class Place(NamedTuple):
    """A place in the journal: a part, and how many events lead there from the empty state."""

    part: int | None
    length: int


class Head(NamedTuple):
    """The row of `node`."""

    epoch: int
    writes: int
    place: Place
    whole: bool
    redo: bool


def head(database: sqlite3.Connection) -> Head:
    """Read who has the store, and where the processor stands. Raises Damaged."""
    rows = database.execute("SELECT * FROM node").fetchall()
    if len(rows) != 1 or rows[0][-1] != checksum(*rows[0][:-1]):
        raise Damaged("the row of node")
    epoch, writes, part, length, whole, redo, _ = rows[0]
    return Head(epoch, writes, Place(part, length), bool(whole), bool(redo))


def load(database: sqlite3.Connection) -> Recorder:
    """Return the node's processor as the tables have it. Raises Damaged, or sqlite3.Error."""
    return processor(database, Recorder)


def processor(database: sqlite3.Connection, kind: type[P]) -> P:
    """Return a processor of a kind, as `load` does."""
    collecting = gc.isenabled()
    gc.disable()  # so much comes and nothing goes: a sixth of the time
    try:
        if not {sql for (sql,) in database.execute("SELECT sql FROM sqlite_master")} >= TABLES:
            raise Damaged("its tables are not those of a store")
        tree = Tree(database)
        found = partial(sink, database)
        return kind.thaw(tree.applied(), found, tree.tip, tree.checkpoints)
    except NONSENSE as fault:
        raise Damaged(f"a value makes no sense ({fault})") from None
    finally:
        if collecting:
            gc.enable()


_BEHIND = """
WITH RECURSIVE behind (part, after, start) AS (
  SELECT part, after, start FROM journal WHERE part = ?
  UNION ALL
  SELECT j.part, j.after, j.start FROM behind b JOIN journal j ON j.part = b.after
)
SELECT * FROM behind
"""


class Tree:
    """The journal, as far as the head and the checkpoints need it."""

    def __init__(self, database: sqlite3.Connection) -> None:
        """Read how the parts hang together; the events come later, one part at a time."""
        self._database = database
        self.head = head(database).place
        self._saved = dict(self._checkpoints())
        self._behind: dict[int, Place] = {}
        """Each part to the place it stands behind."""
        self._cuts: dict[int | None, set[int]] = {None: set()}
        """Each part to the lengths at which a mark has to stand in it."""
        for place in (self.head, *(place for place, _ in self._saved.values())):
            self._walk(place)
        self._stops = self._branch()
        """Each part on the head's branch to the length up to which it is on it."""
        self.marks = self._grow()

    @property
    def tip(self) -> Mark:
        """The mark at which the processor stands."""
        return self.marks[self.head]

    @property
    def checkpoints(self) -> dict[CheckpointId, Saved]:
        """The checkpoints, the one saved last at the end."""
        return {name: Saved(self.marks[place], out) for name, (place, out) in self._saved.items()}

    def applied(self) -> Iterator[tuple[list[EventId], list[str]]]:
        """Yield the ids and the words of the head's branch in order, a part at a time.

        On the way the marks beside it get the events they stand for.
        """
        for part, after, start, text, crc in self._rows():
            lengths = self._cuts[part]
            if crc != checksum(part, after, start, text):
                raise Damaged(f"part {part} of the journal")
            events = json.loads(text)
            ids, words = events[::2], events[1::2]
            if not start < min(lengths) <= max(lengths) <= start + len(words):
                raise Damaged(f"part {part} of the journal ends too early")
            stop = self._stops.get(part, start)
            if max(lengths) > stop:
                self._fill(part, ids, words, stop)
            yield ids[: stop - start], words[: stop - start]

    def _checkpoints(self) -> Iterator[tuple[CheckpointId, tuple[Place, int]]]:
        rows = self._database.execute("SELECT * FROM checkpoints ORDER BY saved")
        for saved, name, part, length, out, crc in rows:
            if crc != checksum(saved, name, part, length, out):
                raise Damaged(f"the checkpoint {name!r}")
            yield from_column(name), (Place(part, length), out)

    def _walk(self, place: Place) -> None:
        """Find the parts from a place to the empty state, as far as they are not known."""
        part, length = place
        for _, after, start in self._database.execute(_BEHIND, (part,)):
            if part is None or part in self._cuts:
                break
            if after is not None and after >= part:
                raise Damaged(f"part {part} of the journal")
            self._cuts[part] = {length}
            self._behind[part] = Place(after, start)
            part, length = after, start
        if part not in self._cuts:
            raise Damaged(f"part {part} of the journal")
        self._cuts[part].add(length)

    def _branch(self) -> dict[int, int]:
        stops = {}
        part, length = self.head
        while part is not None:
            stops[part] = length
            part, length = self._behind[part]
        return stops

    def _grow(self) -> dict[Place, Mark]:
        """Set every mark, without its events. A part stands behind one of a lower number."""
        marks = {Place(None, 0): Mark(None, 0)}
        for part in sorted(self._behind):
            mark = marks[self._behind[part]]
            for length in sorted(self._cuts[part]):
                mark = marks[Place(part, length)] = Mark(mark, length)
        return marks

    def _rows(self) -> Iterator[tuple[int, int | None, int, str, int]]:
        """Read the parts, in the order of their numbers; a row of numbers is one query."""
        query = "SELECT * FROM journal WHERE part BETWEEN ? AND ? ORDER BY part"
        for _, row in groupby(enumerate(sorted(self._behind)), lambda each: each[1] - each[0]):
            parts = [part for _, part in row]
            yield from self._database.execute(query, (parts[0], parts[-1]))

    def _fill(self, part: int, ids: list[EventId], words: list[str], stop: int) -> None:
        """Give the marks of a part beyond `stop` the events since the mark before."""
        before = start = self._behind[part].length
        for length in sorted(self._cuts[part]):
            if length > stop:
                here = slice(before - start, length - start)
                events = list(zip(ids[here], words[here], strict=True))
                self.marks[Place(part, length)].events = events
            before = length
