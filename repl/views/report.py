"""A report: what is said of a step, as data. The words are chosen; how they stand is not.

The words may use the glyphs of `repl/theme.py`; whoever draws translates them. User text
in them has gone through `theme.safe`.
"""

from typing import NamedTuple


class Row(NamedTuple):
    """One line below the verdict.

    `label` is empty where a row goes on under the one before. `sign` is `+`, `−` or empty,
    and `signed` says that the text leaves room for one. `note` stands at the right.
    `style` names a look of `repl/theme.py`.
    """

    label: str
    text: str
    style: str = ""
    sign: str = ""
    note: str = ""
    signed: bool = False


class Delivery(NamedTuple):
    """What came of one delivery of a replay; without a verdict: a remark on several."""

    event_id: str
    verdict: str
    text: str


class Report(NamedTuple):
    """What is said of a step.

    `verdict` is the first word, in capitals; `subject` what it is about, if anything;
    `headline` the rest of the first line. `said` is the same as a few clauses, for a
    sentence without columns.
    """

    verdict: str
    headline: str = ""
    rows: tuple[Row, ...] = ()
    subject: str = ""
    deliveries: tuple[Delivery, ...] = ()
    said: tuple[str, ...] = ()


def change(label: str, sign: str, text: str, note: str = "") -> Row:
    """Return a row for what came (`+`), went (`−`) or became something else (no sign)."""
    style = {"+": "added", "−": "removed"}.get(sign, "changed")
    return Row(label, text, style, sign, note, signed=True)


def try_row(*commands: str) -> tuple[Row, ...]:
    """Return the row that names what might be typed next; none where there is nothing."""
    named = [command for command in commands if command]
    return (Row("try", " · ".join(named), "try"),) if named else ()
