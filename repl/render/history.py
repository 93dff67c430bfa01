"""`history`, and what is said on arrival after undo, redo, goto and reset."""

from collections.abc import Sequence

from core.lab.history import History
from core.lab.lab import Step
from repl.render import View, wording
from repl.render.report import Report, Row, numbered, try_row
from repl.render.report_view import ReportView
from repl.render.reports import report
from repl.render.table_view import Cells, Column, Span, TableView, shortened
from repl.render.wording import number, typed

_PASSED = 5
"""Steps that are named one by one when several are undone or redone."""
_UNDONE = 5


def steps(history: History, span: Span | None = None) -> View:
    """List the steps with their verdicts, and those that can be redone."""
    done = history.steps

    def cells(start: int, stop: int) -> list[Cells]:
        return [_cells(step, history) for step in done[start:stop]]

    rows, rest = shortened(len(done), span, cells, "history")
    undone = history.undone[: -_UNDONE - 1 : -1] if span is None else []
    back = "undone: redo brings it back"
    rows += tuple((str(step.number), typed(step.command), back) for step in undone)
    if len(history.undone) > len(undone) and span is None:
        more = f"{len(history.undone) - len(undone)} more undone"
        rest = f"{rest}; {more}" if rest else more
    columns = (Column("#", right=True, style="note"), Column(""), Column(""))
    title = f"HISTORY {number(len(done), 'step')}"
    if history.undone:
        title += f", {len(history.undone)} undone"
    return TableView(title, "step", columns, rows, rest, headed=False)


def arrived(verdict: str, passed: Sequence[Step], history: History) -> View:
    """Say where one is now. `passed` are the steps undone or redone on the way, in order.

    The verdict is UNDONE, REDONE, AT (after a goto), RESET, or BACK (in the session that
    a reset or a load put aside).
    """
    here = len(history.steps)
    place = f"after step {here}" if here else "at the beginning"
    subject, headline = {
        "AT": ("", place),
        "RESET": ("", "a new, empty session"),
        "BACK": ("", f"in the session before, {place}"),
    }.get(verdict, (number(len(passed), "step"), f"{place} now"))
    rows = [
        numbered(step.number, typed(step.command), "" if at else _label(passed[0], here))
        for at, step in enumerate(passed[:_PASSED])
    ]
    if len(passed) > _PASSED:
        rows.append(Row("", f"and {len(passed) - _PASSED} more"))
    up = "UP" if history.lab.up else "DOWN"
    now = f"{up} · {wording.summary(history.lab.summary())}"
    rows.append(Row("now", now))
    forth = try_row("redo" if history.undone else "", "undo" if verdict == "RESET" else "")
    return ReportView(Report(verdict, headline, (*rows, *forth), subject))


def _label(first: Step, here: int) -> str:
    return "redone" if first.number <= here else "undone"


def _cells(step: Step, history: History) -> Cells:
    told = report(step, history)
    subject = f" {told.subject}" if told.subject else ""
    brief = told.headline and " · " not in told.headline
    headline = f": {told.headline}" if brief else ""
    return (str(step.number), typed(step.command), f"{told.verdict}{subject}{headline}")
