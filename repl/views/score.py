"""`score`: at which boundary each event took effect once."""

from core.lab.judge import Boundary, Evidence, Judgement, Place
from repl.views import View
from repl.views.listing import Cells, Column, Listing
from repl.views.words.phrases import name, number

_LOOKS = {
    Judgement.EXACTLY_ONCE: "good",
    Judgement.DOUBLED: "bad",
    Judgement.LOST: "bad",
    Judgement.WAITING: "same",
    Judgement.NOTHING: "note",
}
_JUDGED = {
    Place.STATE: "word",
    Place.COMMITTED: "id",
    Place.READER: "id",
    Place.OUTSIDE: "id",
}
_SHOWN = 3


def score(boundaries: tuple[Boundary, ...]) -> View:
    """Show the judgement at each boundary, with what it rests on."""
    good = sum(each.judgement is Judgement.EXACTLY_ONCE for each in boundaries)
    title = f"SCORE exactly once at {good} of {len(boundaries)} boundaries"
    rows = tuple(_cells(each) for each in boundaries)
    looks = tuple(_LOOKS[each.judgement] for each in boundaries)
    rest = "the last two are at-least-once whatever is on"
    columns = (Column(""), Column(""), Column(""))
    return Listing(title, "", columns, rows, rest, headed=False, looks=looks)


def _cells(boundary: Boundary) -> Cells:
    return (str(boundary.place), boundary.judgement.upper(), _evidence(boundary))


def _evidence(boundary: Boundary) -> str:
    """Return what the judgement rests on."""
    if not boundary.evidence:
        judged = number(boundary.judged, _JUDGED[boundary.place])
        return f"all of {judged}" if boundary.judged else ""
    doubled = boundary.judgement is Judgement.DOUBLED
    shown = [_times(each, doubled=doubled) for each in boundary.evidence[:_SHOWN]]
    more = boundary.concerned - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _times(found: Evidence, *, doubled: bool) -> str:
    between = "instead of" if doubled else "of"
    return f"{name(found.subject)} {found.times} {between} {found.expected}"
