"""A listing: a title and rows in columns; a long one shows what fits, and how to see the rest."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from repl.render import View
from repl.render.theme import Glyphs, style, verdict_style

if TYPE_CHECKING:
    from rich.console import RenderableType

FIRST, LAST = 10, 5
"""Rows shown of the beginning and of the end of a long listing."""
MOST = 200
"""Rows shown at once of a range that was asked for."""

_GAP = "…"
"""Stands in the first cell where rows are left out."""

Span = tuple[int, int]
"""The first and the last number, both included, as a person counts: from 1 on."""
NO_END = 10**18
"""Stands for the last number of a span that goes on to the end."""

Cells = tuple[str, ...]


class Column(NamedTuple):
    """One column; `right` aligns its cells to the right."""

    name: str
    right: bool = False
    style: str = ""


@dataclass(frozen=True, slots=True)
class TableView(View):
    """Rows in columns. A row's sentence begins with the `noun` and its first cell.

    The row that stands for those left out is not spoken: `rest` says it.
    """

    title: str
    noun: str
    columns: tuple[Column, ...]
    rows: tuple[Cells, ...]
    rest: str = ""
    headed: bool = True
    looks: tuple[str, ...] = ()
    """The style of each row, where they differ."""

    def draw(self, glyphs: Glyphs) -> "RenderableType":
        """Draw the title, the rows without a frame, and how to see the rest."""
        from rich.console import Group

        from repl.render.draw import Cell
        from repl.render.listing import Listing

        verdict, _, more = glyphs.write(self.title).partition(" ")
        parts: list[RenderableType] = [
            Cell().append(verdict, verdict_style(verdict)).append(f" {more}")
        ]
        if self.rows:
            parts.append(Listing(self.columns, self.rows, self.looks, self.headed, glyphs))
        if self.rest:
            parts.append(Cell(f"  {glyphs.write(self.rest)}", style("note")))
        return Group(*parts)

    def sentences(self) -> Iterable[str]:
        """Return the title, a sentence a row, and how to see the rest."""
        rows = (self._sentence(row) for row in self.rows if row[0] != _GAP)
        return filter(None, (self.title, *rows, self.rest))

    def _sentence(self, row: Cells) -> str:
        first, *cells = row
        named = zip(self.columns[1:], cells, strict=True)
        told = [f"{column.name} {cell}".strip() for column, cell in named if cell]
        about = f"{self.noun} {first}".strip()
        return f"{about}: {', '.join(told)}" if told else about


def shortened(
    total: int, span: Span | None, cells: Callable[[int, int], Sequence[Cells]], command: str
) -> tuple[tuple[Cells, ...], str]:
    """Return the rows to show of a long listing, and the sentence on how to see the rest.

    `cells(start, stop)` gives the rows from one index up to another, counted from 0.
    Without a span: all of a short listing, beginning and end of a long one.
    """
    if span is not None:
        return _asked_for(total, span, cells, command)
    if total <= FIRST + LAST + 1:
        return tuple(cells(0, total)), ""
    head, tail = cells(0, FIRST), cells(total - LAST, total)
    gap = (_GAP, *("" for _ in head[0][1:]))
    left = f"{total - FIRST - LAST} more: {command} {FIRST + 1}..{total - LAST}"
    return (*head, gap, *tail), left


def spelled(span: Span) -> str:
    """Return a span as one types it."""
    first, last = span
    return f"{first}.." if last >= NO_END else f"{first}..{last}"


def _asked_for(
    total: int, span: Span, cells: Callable[[int, int], Sequence[Cells]], command: str
) -> tuple[tuple[Cells, ...], str]:
    first, last = max(span[0], 1), min(span[1], total)
    if first > last:
        return (), f"nothing at {spelled(span)}: they go from 1 to {total}" if total else ""
    shown = min(last, first + MOST - 1)
    left = f"{last - shown} more: {command} {shown + 1}..{last}" if shown < last else ""
    return tuple(cells(first - 1, shown)), left
