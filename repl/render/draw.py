"""A report drawn: verdict and headline, then rows with aligned labels, wrapped.

Never wider than 68 columns, nor than the console.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.cells import cell_len
from rich.text import Text

from core.lab.letters import letters
from repl.render.report import Delivery, Report, Row
from repl.render.theme import GLYPHS, Glyphs, as_typed, style, verdict_style

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.containers import Lines

WIDEST = 68
_INDENT = 2
_LABEL = 7
_VERDICT = 10
_NOTE = 40
_ROOMY = 20
"""Columns that texts need beside their labels; where there are fewer they go on below them."""
_LEAST = 12
"""Columns a text needs beside its label; where there are fewer it stands below it."""


class AsTyped(NamedTuple):
    """What a view draws, as it is to be seen: the user's own glyphs among ours."""

    drawn: "RenderableType"

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """Yield the segments."""
        for segment in console.render(self.drawn, options):
            yield segment._replace(text=as_typed(segment.text))


class Drawn(NamedTuple):
    """A report as rich draws it."""

    report: Report
    glyphs: Glyphs

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """Yield the lines."""
        report = _translated(self.report, self.glyphs)
        width = min(WIDEST, options.max_width)
        if report.verdict:
            yield from hanging(console, _headline(report), width)
        yield from _deliveries(console, report.deliveries, width)
        yield from _rows(console, report.rows, width, options.max_width)


def text(words: str, look: str = "") -> Text:
    """Return words as rich prints them, exactly as they are."""
    return Cell(words, style=style(look), overflow="fold")


def _headline(report: Report) -> Text:
    line = Text(report.verdict, style=verdict_style(report.verdict))
    subject = f" {report.subject}" if report.subject else ""
    rest = f": {report.headline}" if report.headline else ""
    return Text().append_text(line).append(subject + rest)


def hanging(console: "Console", words: Text, width: int, indent: int = 0) -> Iterator[Text]:
    """Yield a text; what does not fit into its first line goes on below, indented more."""
    first = wrapped(words, console, max(width - indent, 1))[0]
    rest = words[len(first.plain) :]
    yield Text(" " * min(indent, width - 1)).append_text(_trimmed(first))
    if rest.plain.strip(" "):
        start = Text(" " * (indent + _INDENT))
        begin = len(rest.plain) - len(rest.plain.lstrip(" "))
        yield from _hang(console, start, rest[begin:], indent + _INDENT, width)


def _deliveries(console: "Console", deliveries: Iterable[Delivery], width: int) -> Iterator[Text]:
    broad = max((text(each.event_id).cell_len for each in deliveries if each.verdict), default=0)
    for event_id, verdict, words in deliveries:
        line = Text(" " * _INDENT).append(event_id).append(_gap(event_id, broad + 2))
        if verdict:
            line.append(verdict, verdict_style(verdict)).append(_gap(verdict, _VERDICT))
        yield from _hang(console, line, text(words), line.cell_len, width)


def _rows(console: "Console", rows: tuple[Row, ...], width: int, room: int) -> Iterator[Text]:
    """Yield the rows; a path takes all the room there is."""
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
        if row.style == "path" and start.cell_len + words.cell_len > room:
            yield from _path(console, start, words, room)
        elif width - indent < _ROOMY:
            yield from _unaligned(console, row, words, width)
        else:
            right = room if row.style == "path" else width
            yield from _hang(console, start, words, start.cell_len, right)


def _path(console: "Console", start: Text, words: Text, room: int) -> Iterator[Text]:
    """Yield a path that has no room beside its label below that: one can copy it from there."""
    start.rstrip()
    yield start
    indent = _INDENT if words.cell_len <= room - _INDENT else 0
    for line in wrapped(words, console, room):
        yield Text(" " * indent).append_text(line)


def _unaligned(console: "Console", row: Row, words: Text, width: int) -> Iterator[Text]:
    """Yield a row where it is narrow: its text goes on below its label."""
    parts = (
        Text(row.label, style(_label_look(row))),
        Text(row.sign.strip(), style(row.style)),
        words,
    )
    told = Text(" ").join(each for each in parts if each)
    yield from hanging(console, told, width, _INDENT if row.label else 2 * _INDENT)


def _label_look(row: Row) -> str:
    return row.style if row.label.isupper() else "label"


def _note_column(rows: tuple[Row, ...], indent: int, width: int) -> int:
    """Return where the notes begin: all in one column, and none past the width."""
    longest = max((text(row.note).cell_len for row in rows), default=0)
    return max(min(_NOTE, width - longest), indent + 4)


def _hang(console: "Console", start: Text, words: Text, indent: int, width: int) -> Iterator[Text]:
    """Yield a start and, beside it, words; their further lines are indented.

    Where a word has no room beside it, but in a line of its own, they stand below it.
    """
    sizes = [cell_len(word.strip(" ")) for word in words_of(words.plain, width)]
    longest = max((size for size in sizes if size <= width), default=0)
    if width - indent < max(_LEAST, longest):
        if start.plain.strip():
            start.rstrip()
            yield from wrapped(start, console, width)
        indent = min(_INDENT, width - 1) if longest <= width - _INDENT else 0
        start = Text(" " * indent)
    for number, line in enumerate(wrapped(words, console, max(width - indent, 1))):
        before = start if not number else Text(" " * indent)
        yield Text(overflow="fold").append_text(before).append_text(_trimmed(line))


def _trimmed(line: Text) -> Text:
    """Return a line without the spaces at its end; other blanks are the user's."""
    return line[: len(line.plain.rstrip(" "))]


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
            row._replace(
                label=write(row.label),
                text=write(row.text),
                sign=write(row.sign),
                note=write(row.note),
            )
            for row in report.rows
        ),
        deliveries=tuple(Delivery(*map(write, each)) for each in report.deliveries),
    )


# Wrapping: a text in lines, none of which ends between a number and what it counts.

_GLUE = "\uffff"
"""Stands for a space that holds: user text has none of it, as it is shown escaped."""

_WORD = re.compile(" *[^ ]+ *")
"""A word with the spaces around it; other blanks are the user's, and part no words."""

_LENGTH = re.compile(r"(?=(?:…|\.\.\.)\(\d+ characters\))")
"""Where the length of a text that is cut begins."""
_HOLDING = (
    re.compile(r"(?<![^\s(])(\d(?:[\d,]*\d)?)( )(?=[^\W\d])"),  # 4 seen
    re.compile(rf"([^\W\d]|[^\0-\x7f{GLYPHS}])( )(?=\d[\d,]*(?:[\s,.;:)]|$))"),  # offset 3
    re.compile(r"(\d)( )(?=→|->)"),
    re.compile(r"(→|->)( )(?=\d)"),  # 0 → 1
)


def wrapped(words: Text, console: "Console", width: int, **how: Any) -> "Lines":  # noqa: ANN401 - what rich takes
    """Return a text in lines of a width; `how` goes to rich."""
    from rich.containers import Lines

    lines = Lines()
    for line in words.split("\n", allow_blank=True):
        lines.extend(line.divide(_breaks(line.plain, width)))
    for line in lines:
        line.rstrip_end(width)
    if how.get("justify") in {"right", "center"}:
        lines.justify(console, width, how["justify"], "fold")
    return lines


def _breaks(line: str, width: int) -> list[int]:
    """Return where a line is broken: between words, and within one that no line can hold."""
    places: list[int] = []
    start = end = taken = 0
    for word in words_of(line, width):
        start, end = end, end + len(word)
        size = cell_len(word.rstrip(" "))
        if taken and taken + size > width:
            places.append(start)
            taken = 0
        if size > width:
            folds = _folds(word.rstrip(" "), width)
            places += [start + fold for fold in folds]
            taken = cell_len(word[folds[-1] if folds else 0 :])
        else:
            taken += cell_len(word)
    return places


def words_of(line: str, width: int = sys.maxsize) -> list[str]:
    """Return the words of a line, each with the spaces around it.

    A number and what it counts are one word, where they fit in a width together. The length
    of a text that is cut is a word of its own, where it does not fit beside that.
    """
    held = line
    for each in _HOLDING:
        held = each.sub(rf"\1{_GLUE}", held)
    words: list[str] = []
    for found in _WORD.finditer(held):
        word = line[found.start() : found.end()]
        for part in [word] if cell_len(word.strip(" ")) <= width else _LENGTH.split(word):
            words += [part] if cell_len(part.strip(" ")) <= width else _WORD.findall(part)
    return words


def _folds(word: str, width: int) -> list[int]:
    """Return where a word is broken that is longer than a line: between two letters."""
    if word.isascii():
        return list(range(width, len(word), width))
    folds: list[int] = []
    at = taken = 0
    for letter in letters(word):
        size = cell_len(letter)
        if taken and taken + size > width:
            folds.append(at)
            taken = 0
        taken += size
        at += len(letter)
    return folds


def hung(words: str, width: int, indent: int = _INDENT) -> list[str]:
    """Return words in lines of a width, all but the first of them indented."""
    breaks = _breaks(words, width)
    if not breaks:
        return [words]
    indent = min(indent, width - 1)
    rest = words[breaks[0] :]
    further = [0, *_breaks(rest, width - indent), len(rest)]
    lines = [rest[start:end].rstrip(" ") for start, end in pairwise(further)]
    return [words[: breaks[0]].rstrip(" "), *(" " * indent + each for each in lines)]


def cut(words: str, width: int, mark: str = "…") -> str:
    """Return as many letters of a text as fit in a width, and a mark where some are missing."""
    if cell_len(words) <= width:
        return words
    shown, room = "", width - cell_len(mark)
    for letter in letters(words):
        if cell_len(shown + letter) > room:
            break
        shown += letter
    return shown + mark[: max(width, 0)]


class Cell(Text):
    """A text that wraps like this wherever rich draws it."""

    def wrap(self, console: "Console", width: int, **how: Any) -> "Lines":  # noqa: ANN401 - the same
        """Return the text in lines."""
        return wrapped(self, console, width, **how)
