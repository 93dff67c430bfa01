"""The drawing of a listing: rows in columns, or each row as a text where columns break words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from rich.cells import cell_len
from rich.padding import Padding
from rich.table import Table

from repl.render.draw import Cell, hanging, hung, words_of
from repl.render.theme import Glyphs, style

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

Column = tuple[str, bool, str]
"""A column's name, whether it is aligned to the right, and its look."""

_INDENT = 2
_GAP = 2
"""Blanks between two columns."""
_LEAST = 14
"""Columns below which a text is not wrapped: it would stand there a word a line."""


class Listing(NamedTuple):
    """Rows as rich draws them. Each has a cell a column; `looks` are their styles, if any."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    looks: Sequence[str]
    headed: bool
    glyphs: Glyphs

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """Yield the table that fits, or the rows one by one."""
        columns, rows = self._shown()
        widths = self._widths(columns, rows, options.max_width - _INDENT)
        if widths is not None:
            table = self._table(columns, rows, widths)
            yield Padding(table, (0, 0, 0, _INDENT), expand=False)
            return
        for cells, look in zip(rows, self._styles(), strict=True):
            told = Cell(self.glyphs.write(_told(columns, cells)), look)
            yield from hanging(console, told, options.max_width, _INDENT)

    def _styles(self) -> list[str]:
        return [style(each) for each in self.looks or [""] * len(self.rows)]

    def _shown(self) -> tuple[list[Column], list[list[str]]]:
        """Return columns and rows in these glyphs, without the columns in which nothing stands."""
        kept = [
            place
            for place, column in enumerate(self.columns)
            if column[0] or any(cells[place] for cells in self.rows)
        ]
        rows = [[self.glyphs.write(cells[place]) for place in kept] for cells in self.rows]
        return [self.columns[place] for place in kept], rows

    def _widths(
        self, columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int
    ) -> list[int] | None:
        """Return how wide each column is; None where some word would be broken, or stand alone."""
        heads = [name if self.headed else "" for name, _, _ in columns]
        stacks = list(zip(heads, *rows, strict=True))
        wanted = [max(map(cell_len, texts)) for texts in stacks]
        least = [
            max(
                *(min(cell_len(text), _LEAST) for text in (*texts[1:], "")),
                *(cell_len(word.strip(" ")) for text in texts for word in ("", *words_of(text))),
            )
            for texts in stacks
        ]
        room -= _GAP * (len(stacks) - 1)
        if sum(least) > room:
            return None
        widths = _level(wanted, least, room)
        used = [
            max(cell_len(line) for text in texts for line in hung(text, width, 0))
            for texts, width in zip(stacks, widths, strict=True)
        ]
        left = room - sum(used)  # as they wrap: the last columns have most to say, and get it
        for place in reversed(range(len(used))):
            more = min(left, wanted[place] - used[place])
            used[place] += more
            left -= more
        return used

    def _table(
        self, columns: Sequence[Column], rows: Sequence[Sequence[str]], widths: Sequence[int]
    ) -> Table:
        table = Table(
            box=None,
            padding=(0, _GAP, 0, 0),
            pad_edge=False,
            show_header=self.headed,
            header_style=style("label"),
        )
        for (name, right, look), width in zip(columns, widths, strict=True):
            justify: Literal["right", "left"] = "right" if right else "left"
            table.add_column(Cell(name), justify=justify, style=style(look), width=width)
        for cells, look in zip(rows, self._styles(), strict=True):
            table.add_row(*(Cell(each, look) for each in cells))
        return table


def _level(wanted: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Return widths that fill a room: the widest give way first, to what they need at least."""
    most = max(wanted)
    while True:
        widths = [min(wide, max(most, low)) for wide, low in zip(wanted, least, strict=True)]
        if sum(widths) <= room:
            return widths
        most -= 1


def _told(columns: Sequence[Column], cells: Sequence[str]) -> str:
    """Return a row as a text: its first cell, and the others with what they are."""
    named = zip(columns[1:], cells[1:], strict=True)
    told = " · ".join(f"{name} {cell}".strip() for (name, _, _), cell in named if cell)
    return f"{cells[0]}: {told}" if told else cells[0]
