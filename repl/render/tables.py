"""`show counts` and its siblings: the parts of the machine, listed."""

import json
from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import NamedTuple

from core.lab.disk import Table
from core.lab.history import History
from core.lab.lab import Lab
from core.mechanisms import SWITCHES, guarantee, meaning
from core.outputs import EventId, OutputLog
from repl.render import View, machine, wording
from repl.render.report_view import Stacked
from repl.render.reports.deliveries import since
from repl.render.table_view import MOST, Cells, Column, Span, TableView, shortened
from repl.render.theme import safe
from repl.render.wording import name, number, word

WHAT = {
    "counts": "every word with its count",
    "seen": "the ids processed so far",
    "pending": "the outputs that wait for a commit",
    "sink": "the outputs committed",
    "checkpoints": "the states saved",
    "source": "the log of events, and what is due",
    "mechanisms": "the switches",
    "disk": "the tables of the store, and what its journal comes to",
}
"""What can be listed, and what it is."""

_NOUNS = {"checkpoints": "checkpoint", "counts": "count"}
"""What a line of the plain form begins with, where it is not the name of the part."""

_ROWS = 3
"""Rows of a table of the store that are shown."""
_CELL, _CHANGES = 48, 62
"""Characters of a cell there, and of one of the journal."""
_NULL = "-"
_VALUES = {"event_id", "word", "name"}
"""Columns there that hold an id, a word, or the name of a checkpoint."""

_NUMBER = Column("#", right=True, style="note")
_OUTPUT = (_NUMBER, Column("id"), Column("word"), Column("count", right=True))


class _Part(NamedTuple):
    """A part of the machine as a listing: `cells` gives the rows from one index up to another."""

    headline: str
    columns: tuple[Column, ...]
    total: int
    cells: Callable[[int, int], list[Cells]]


def table(history: History, what: str, span: Span | None = None) -> View:
    """Return the listing of one part, one of `WHAT`, as it is now."""
    if what == "mechanisms":
        return mechanisms(history.lab)
    if what == "disk":
        return disk(history.lab, span)
    headline, columns, total, cells = _PARTS[what](history)
    shown = shortened(total, span, cells, f"show {what}")
    return TableView(f"{what.upper()} {headline}", _NOUNS.get(what, what), columns, *shown)


def everything(history: History) -> View:
    """Return the machine, and every listing."""
    lab = history.lab
    listed = (what for what in WHAT if what != "disk" or lab.durability.final)
    return Stacked((machine.show(lab), *(table(history, what) for what in listed)))


def _counts(history: History) -> _Part:
    """The words in the order in which they first came."""
    held = history.lab.state.counts

    def cells(start: int, stop: int) -> list[Cells]:
        pairs = enumerate(islice(held.items(), start, stop), start + 1)
        return [(str(place), word(each), str(count)) for place, (each, count) in pairs]

    columns = (_NUMBER, Column("word"), Column("count", right=True))
    return _Part(number(len(held), "word") + _where(history.lab), columns, len(held), cells)


def _seen(history: History) -> _Part:
    """The ids in the order in which they stand there, each with since when it does."""
    held = history.lab.state.seen

    def cells(start: int, stop: int) -> list[Cells]:
        pairs = enumerate(islice(held.items(), start, stop), start + 1)
        return [
            (str(place), name(each), word(text), _entered(history, each))
            for place, (each, text) in pairs
        ]

    columns = (_NUMBER, Column("id"), Column("word"), Column("since"))
    return _Part(number(len(held), "id") + _where(history.lab), columns, len(held), cells)


def _pending(history: History) -> _Part:
    """The outputs that wait, in order."""
    outputs = history.lab.state.outputs
    total = len(outputs) - outputs.committed
    headline = f"{number(total, 'output')}, not visible until commit{_where(history.lab)}"
    return _Part(headline, _OUTPUT, total, partial(_outputs, outputs, outputs.committed))


def _sink(history: History) -> _Part:
    """The committed outputs, in order."""
    outputs = history.lab.state.outputs
    headline = f"{number(outputs.committed, 'output')}, for good"
    return _Part(headline, _OUTPUT, outputs.committed, partial(_outputs, outputs, 0))


def _source(history: History) -> _Part:
    """The log, and how far it was acknowledged."""
    log, offset = history.lab.source.log, history.lab.source.offset

    def cells(start: int, stop: int) -> list[Cells]:
        return [
            (str(place + 1), name(each), word(text), _standing(place, offset))
            for place, (each, text) in enumerate(log[start:stop], start)
        ]

    columns = (_NUMBER, Column("id"), Column("word"), Column(""))
    headline = f"{number(len(log), 'event')}, {offset} acknowledged (the offset)"
    return _Part(headline, columns, len(log), cells)


def _checkpoints(history: History) -> _Part:
    """The checkpoints in the order of saving."""
    lab = history.lab

    def cells(start: int, stop: int) -> list[Cells]:
        return [
            (
                name(each.name),
                wording.counts(each.summary.counts, each.summary.words),
                "not saved" if each.summary.seen is None else str(each.summary.seen),
                str(each.summary.pending),
                str(each.offset),
            )
            for each in map(lab.checkpoint, islice(lab.saved, start, stop))
        ]

    numbers = tuple(Column(each, right=True) for each in ("seen", "pending", "offset"))
    columns = (Column("name"), Column("counts"), *numbers)
    return _Part(f"{len(lab.saved)} saved", columns, len(lab.saved), cells)


_PARTS = {
    "counts": _counts,
    "seen": _seen,
    "pending": _pending,
    "sink": _sink,
    "checkpoints": _checkpoints,
    "source": _source,
}


def mechanisms(lab: Lab, named: str | None = None) -> View:
    """List the mechanisms, and what each does or what goes wrong without it; or the one named.

    Of that one, both are said.
    """
    now = lab.processor.mechanisms
    rows = [
        (switch, "on" if getattr(now, field) else "OFF", meaning(switch, now))
        for switch, field in SWITCHES.items()
        if named in {None, switch}
    ]
    if named is not None:
        field = SWITCHES[named]
        other = now._replace(**{field: not getattr(now, field)})
        switched = "on" if getattr(other, field) else "OFF"
        rows.append(("otherwise", switched, meaning(named, other)))
    columns = (Column("name"), Column(""), Column(""))
    title = f"MECHANISMS the guarantee is {guarantee(now)}"
    return TableView(title, "mechanism", columns, tuple(rows), headed=False)


def disk(lab: Lab, span: Span | None = None) -> View:
    """List the last rows of each table of the store, or those of a span."""
    store = lab.durability.disk
    if store is None:
        rows = (("none", "this session is in memory: oncelab --store FILE has a disk"),)
        return TableView("DISK there is none", "disk", (Column(""), Column("")), rows, headed=False)
    first, last = (None, _ROWS) if span is None else span
    found = store.tables(last if first is None else min(last - first + 1, MOST), first)
    empty = ", ".join(each.name for each in found if not each.total)
    about = f"DISK {machine.disk(lab)}"
    head = TableView(about, "disk", (Column(""),), (), f"empty: {empty}" if empty else "")
    return Stacked((head, *(_rows(each, first) for each in found if each.total)))


def _rows(found: Table, first: int | None) -> TableView:
    """List rows of one table of the store: from the `first` on, or the last."""
    columns = tuple(Column(each) for each in found.columns)
    rows = tuple(tuple(map(_cell, found.columns, row)) for row in found.rows)
    before = found.total - len(rows) if first is None else min(first - 1, found.total)
    after = found.total - before - len(rows)
    sides = {"before": before, "after": after}
    rest = ", ".join(f"{number(left, 'row')} {side}" for side, left in sides.items() if left)
    return TableView(f"{found.name} {number(found.total, 'row')}", found.name, columns, rows, rest)


def _cell(column: str, value: object) -> str:
    """Return what stands in a column: ids, words and names as they are shown elsewhere."""
    if value is None:
        return _NULL
    if column in _VALUES and isinstance(value, str | int):
        return name(value)
    return safe(_plainly(value), _CHANGES) if column == "changes" else safe(value, _CELL)


def _plainly(changes: object) -> object:
    """Return the changes of a row of the journal as JSON in which a letter is a letter."""
    try:
        return json.dumps(json.loads(str(changes)), separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError):
        return changes  # damaged


def _entered(history: History, event_id: EventId) -> str:
    """Return since when an id is in seen."""
    found = history.record.since(event_id)
    return "" if found is None else since(found)


def _where(lab: Lab) -> str:
    """Return where a part of the processor is while that is down; nothing as long as it is up."""
    return ", on disk: the processor is down" if lab.kept is not None else ""


def _outputs(outputs: OutputLog, line: int, start: int, stop: int) -> list[Cells]:
    return [
        (str(place), name(each.event_id), word(each.word), str(each.count))
        for place, each in enumerate(outputs.slice(line + start, line + stop), start + 1)
    ]


def _standing(position: int, offset: int) -> str:
    if position < offset:
        return "acknowledged"
    return "due" if position == offset else "waits"
