"""A report: what is said of a step, as data, and as plain sentences.

The words are chosen; how they stand on a screen is decided in `repl/render/draw.py`. They may
use the glyphs of `repl/render/theme.py`. User text in them has gone through `theme.safe`.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from repl.render.theme import safe

Takes = Callable[[str], bool]
"""Whether a command is accepted here as it stands."""


class Row(NamedTuple):
    """One line below the verdict.

    `label` is empty where a row goes on under the one before. `sign` is `+`, `−` or empty,
    and `signed` says that the text leaves room for one. `note` stands at the right.
    `style` names a look of `repl/render/theme.py`. `commands` are what the text names to type.
    """

    label: str
    text: str
    style: str = ""
    sign: str = ""
    note: str = ""
    signed: bool = False
    commands: tuple[str, ...] = ()


class Delivery(NamedTuple):
    """What came of one delivery of a replay; without a verdict: a remark on several."""

    event_id: str
    verdict: str
    text: str


class Report(NamedTuple):
    """What is said of a step.

    `verdict` is the first word, in capitals; `subject` what it is about, if anything;
    `headline` the rest of the first line. The plain form says the same, a clause a row.
    """

    verdict: str
    headline: str = ""
    rows: tuple[Row, ...] = ()
    subject: str = ""
    deliveries: tuple[Delivery, ...] = ()


def change(label: str, sign: str, text: str, note: str = "") -> Row:
    """Return a row for what came (`+`), went (`−`) or became something else (no sign)."""
    style = {"+": "added", "−": "removed"}.get(sign, "changed")
    return Row(label, text, style, sign, note, signed=True)


def numbered(number: int, text: str, label: str = "") -> Row:
    """Return a row for one of several commands in order."""
    return Row(label, text, sign=f"{number}  ", signed=True)


def try_row(*commands: str) -> tuple[Row, ...]:
    """Return the row that names what might be typed next; none where there is nothing."""
    named = [command for command in commands if command]
    row = Row("try", _named(tuple(named)), "try", commands=tuple(named))
    return (row,) if named else ()


def offered(report: Report, takes: Takes | None) -> Report:
    """Return a report whose hints are those alone that are accepted as they stand."""
    rows = []
    for row in report.rows:
        kept = tuple(filter(takes, row.commands)) if takes is not None else ()
        if not row.commands or kept == row.commands:
            rows.append(row)
        elif kept or row.text != _named(row.commands):
            rows.append(row._replace(text=without(row.text, row.commands, kept), commands=kept))
    return report._replace(rows=tuple(rows))


def without(text: str, commands: tuple[str, ...], kept: tuple[str, ...]) -> str:
    """Return a text that ends by naming commands, with those alone that are kept."""
    return f"{text.removesuffix(_named(commands))}{_named(kept)}".rstrip(" ·")


def _named(commands: tuple[str, ...]) -> str:
    return " · ".join(safe(each, None) for each in commands)


# A report without boxes and columns, for screen readers and for grep: each row is a clause.


def sentence(report: Report, about: str = "") -> str:
    """Return a report as one line; `about` says what it is a report of.

    Example: `step 3: process e1 hello: SKIPPED (e1; duplicate; because e1 is in seen ...)`.
    """
    clauses = [each for each in (report.subject, report.headline) if each]
    clauses += [" ".join(part for part in each if part) for each in report.deliveries]
    for place, row in enumerate(report.rows):
        if row.label or not place:
            clauses.append(f"{row.label} {_words(row)}".strip())
        else:
            clauses[-1] += f", {_words(row)}"  # it goes on under the row before
    before = f"{about}: " if about else ""
    reason = f" ({'; '.join(clauses)})" if clauses else ""
    return f"{before}{report.verdict}{reason}"


def listed(report: Report) -> Iterator[str]:
    """Yield a report as several lines: the first one, and one for each of its rows."""
    subject = f" {report.subject}" if report.subject else ""
    yield f"{report.verdict}{subject}: {report.headline}"
    label = ""
    for row in report.rows:
        label = row.label or label
        yield f"{label}: {_words(row)}"


def _words(row: Row) -> str:
    """Return a row without its columns; user text keeps its blanks."""
    text = row.text.replace("  ", " ") if row.signed else row.text
    words = " ".join(part for part in (row.sign.strip(), text) if part)
    return ", ".join(part for part in (words, row.note) if part)
