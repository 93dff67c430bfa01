"""A report drawn: verdict and headline, then rows with aligned labels, wrapped.

Never wider than 68 columns, nor than the console.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.cells import cell_len
from rich.text import Text

from repl.render.report import Delivery, Report, Row
from repl.render.theme import Glyphs, style, verdict_style

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.containers import Lines

WIDEST = 68
_INDENT = 2
_LABEL = 7
_VERDICT = 10
_NOTE = 40
_LEAST = 12
"""Columns a text needs beside its label; where there are fewer it stands below it."""


class Drawn(NamedTuple):
    """A report as rich draws it."""

    report: Report
    glyphs: Glyphs

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """Yield the lines."""
        report = _translated(self.report, self.glyphs)
        width = min(WIDEST, options.max_width)
        if report.verdict:
            yield from _folded(console, _headline(report), width)
        yield from _deliveries(console, report.deliveries, width)
        yield from _rows(console, report.rows, width, options.max_width)


def text(words: str, look: str = "") -> Text:
    """Return words as rich prints them, exactly as they are."""
    return Text(words, style=style(look), overflow="fold")


def _headline(report: Report) -> Text:
    line = Text(report.verdict, style=verdict_style(report.verdict))
    subject = f" {report.subject}" if report.subject else ""
    rest = f": {report.headline}" if report.headline else ""
    return Text().append_text(line).append(subject + rest)


def _folded(console: "Console", headline: Text, width: int) -> Iterator[Text]:
    """Yield a headline; what does not fit into its line goes on below, indented."""
    first = wrapped(headline, console, width)[0]
    first.rstrip()
    yield first
    rest = headline[len(first.plain) :]
    if rest.plain.strip():
        start = Text(" " * _INDENT)
        begin = len(rest.plain) - len(rest.plain.lstrip())
        yield from _hang(console, start, rest[begin:], _INDENT, width)


def _deliveries(console: "Console", deliveries: Iterable[Delivery], width: int) -> Iterator[Text]:
    broad = max((text(each.event_id).cell_len for each in deliveries if each.verdict), default=0)
    for event_id, verdict, words in deliveries:
        line = Text(" " * _INDENT).append(event_id).append(_gap(event_id, broad + 2))
        if verdict:
            line.append(verdict, verdict_style(verdict)).append(_gap(verdict, _VERDICT))
        yield from _hang(console, line, text(words), line.cell_len, width)


def _rows(console: "Console", rows: tuple[Row, ...], width: int, room: int) -> Iterator[Text]:
    """Yield the rows; a path takes all the room there is: one can copy it from one line."""
    indent = _INDENT + 2 + max([_LABEL, *(len(row.label) for row in rows)])
    notes = _note_column(rows, indent, width)
    for row in rows:
        start = Text(" " * _INDENT).append(row.label, style(_label_look(row)))
        start.append(_gap(start.plain, indent))
        if row.signed:
            start.append(f"{row.sign:<2}", style(row.style))
        words = text(row.text, row.style)
        if row.note and start.cell_len + words.cell_len + 2 <= notes:
            words.append(" " * (notes - start.cell_len - words.cell_len))
            words.append(row.note, style("note"))
        elif row.note:
            words.append(f"\n{row.note}", style("note"))
        right = room if row.style == "path" else width
        yield from _hang(console, start, words, start.cell_len, right)


def _label_look(row: Row) -> str:
    return row.style if row.label.isupper() else "label"


def _note_column(rows: tuple[Row, ...], indent: int, width: int) -> int:
    """Return where the notes begin: all in one column, and none past the width."""
    longest = max((text(row.note).cell_len for row in rows), default=0)
    return max(min(_NOTE, width - longest), indent + 4)


def _hang(console: "Console", start: Text, words: Text, indent: int, width: int) -> Iterator[Text]:
    """Yield a start and, beside it, words; their further lines are indented."""
    if width - indent < _LEAST:
        yield start
        start, indent = Text(" " * _INDENT), min(_INDENT, width - 1)
    for number, line in enumerate(wrapped(words, console, max(width - indent, 1))):
        line.rstrip()
        before = start if not number else Text(" " * indent)
        yield Text(overflow="fold").append_text(before).append_text(line)


def _gap(words: str, width: int) -> str:
    """Return the spaces that fill a column behind some words."""
    return " " * max(width - Text(words).cell_len, 1)


def _translated(report: Report, glyphs: Glyphs) -> Report:
    """Return a report in these glyphs."""
    if not glyphs.ascii:
        return report
    write = glyphs.write
    return report._replace(
        verdict=write(report.verdict),
        subject=write(report.subject),
        headline=write(report.headline),
        rows=tuple(
            row._replace(text=write(row.text), sign=write(row.sign), note=write(row.note))
            for row in report.rows
        ),
        deliveries=tuple(Delivery(*map(write, each)) for each in report.deliveries),
    )


# Wrapping: a text in lines, none of which ends between a number and what it counts.

_GLUE = "\ue000"
"""Stands for a space that holds: user text has none of it, as it is shown escaped."""

_HOLDING = (
    re.compile(r"(?<![^\s(])(\d[\d,]*)( )(?=[^\W\d])"),  # 4 seen
    re.compile(r"([^\W\d])( )(?=\d[\d,]*(?:[\s,.;:)]|$))"),  # offset 3
    re.compile(r"(\d)( )(?=→|->)"),
    re.compile(r"(→|->)( )(?=\d)"),  # 0 → 1
)


def wrapped(words: Text, console: "Console", width: int, **how: Any) -> "Lines":  # noqa: ANN401 - what rich takes
    """Return a text in lines of a width; `how` goes to rich."""
    held = words.plain
    for each in _HOLDING:
        held = each.sub(rf"\1{_GLUE}", held)
    if max(map(cell_len, held.split()), default=0) > width:
        return Text.wrap(words, console, width, **how)  # better there than within a word
    glued = words.copy()
    glued.plain = held
    lines = Text.wrap(glued, console, width, **how)
    for line in lines:
        line.plain = line.plain.replace(_GLUE, " ")
    return lines


class Cell(Text):
    """A text that wraps like this wherever rich draws it."""

    def wrap(self, console: "Console", width: int, **how: Any) -> "Lines":  # noqa: ANN401 - the same
        """Return the text in lines."""
        return wrapped(self, console, width, **how)
