"""`score`: what the mechanisms promise at each boundary, and what happened there."""

from collections.abc import Iterator

from core.lab.judge import Boundary, Evidence, Group, Judgement
from repl.render import View
from repl.render.table_view import Cells, Column, TableView
from repl.render.wording import name, number

_LOOKS = {
    Judgement.ONCE: "good",
    Judgement.DOUBLED: "bad",
    Judgement.LOST: "bad",
    Judgement.WAITING: "same",
    Judgement.UNKNOWN: "note",
}
_SHOWN = 3


def score(boundaries: tuple[Boundary, ...]) -> View:
    """Show for each boundary what is promised and what happened, event by event."""
    rows, looks = zip(*(row for each in boundaries for row in _rows(each)), strict=True)
    columns = (Column(""), Column("promised now"), Column("happened"), Column(""))
    return TableView(_title(boundaries), "", columns, rows, looks=looks)


def _title(boundaries: tuple[Boundary, ...]) -> str:
    if all(each.worst is None for each in boundaries):
        return "SCORE nothing was sent yet"
    good = sum(each.worst is Judgement.ONCE for each in boundaries)
    return f"SCORE each event once at {good} of {number(len(boundaries), 'boundary')}"


def _rows(boundary: Boundary) -> Iterator[tuple[Cells, str]]:
    """Yield a row for each judgement at a boundary, with its look."""
    place, promise = str(boundary.place), str(boundary.promise)
    if not boundary.groups:
        yield (place, promise, "", ""), ""
    for n, group in enumerate(boundary.groups):
        judged = str(group.judgement).upper()
        yield (place, "" if n else promise, judged, _evidence(group)), _LOOKS[group.judgement]


def _evidence(group: Group) -> str:
    """Return which events a judgement is about."""
    if group.judgement is Judgement.ONCE:
        return number(group.total, "event")
    if group.judgement is Judgement.UNKNOWN:
        return f"{number(group.total, 'event')}: not known before this session"
    shown = [_times(each, group.judgement) for each in group.evidence[:_SHOWN]]
    more = group.total - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _times(found: Evidence, judgement: Judgement) -> str:
    doubled = judgement is Judgement.DOUBLED
    return f"{name(found.event_id)} {found.times} times" if doubled else name(found.event_id)
