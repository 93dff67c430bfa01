"""`timeline`: the steps in lanes: what the source sent, the processor did, disk and sink got."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.lab.history import History
from repl.render import View
from repl.render.lane_steps import LANES, LaneStep, folded, lane_steps, listed
from repl.render.marks import in_words
from repl.render.table_view import Cells, Column, TableView
from repl.render.theme import Glyphs

if TYPE_CHECKING:
    from rich.console import RenderableType

LATEST = 24
"""Columns drawn where no range was asked for; a range as short is drawn step by step."""
LOOKED = 200
"""Steps that are looked at for these columns."""
MOST = 400

_REPEATS = "the same event as in"
_COLUMNS = tuple(map(Column, ("", *LANES, _REPEATS, "")))


@dataclass(frozen=True, slots=True)
class Timeline(TableView):
    """Steps in lanes; as sentences, a row a step."""

    lane_steps: tuple[LaneStep, ...] = ()

    def draw(self, glyphs: Glyphs) -> "RenderableType":
        """Draw the lanes, in as many groups as the width takes."""
        from repl.render.lanes import Lanes

        return Lanes(self.title, self.lane_steps, self.rest, glyphs)


def timeline(history: History, span: tuple[int, int] | None = None) -> View:
    """Draw the steps of these numbers; without numbers the latest."""
    total = len(history.steps)
    first, last = (max(total - LOOKED, 0) + 1, total) if span is None else span
    last = min(last, total)
    left = range(first + MOST, last + 1)
    last = min(last, first + MOST - 1)
    shown = lane_steps(history, first, last)
    if span is None or last - first >= LATEST:
        shown = folded(shown)
    rest = f"there are steps 1 to {total}" if total and not shown else ""
    if left:
        rest = f"{len(left)} more: timeline {left[0]}..{left[-1]}"
    if span is None:
        shown = shown[-LATEST:]
        earlier = total - sum(max(each.last - each.number, 0) + 1 for each in shown)
        rest = f"{earlier} earlier: timeline 1..{earlier}" if earlier else ""
    title = "" if shown or rest else "no steps yet"
    return Timeline(title, "", _COLUMNS, tuple(map(_cells, shown)), rest, lane_steps=tuple(shown))


def _cells(each: LaneStep) -> Cells:
    """Return what happened in a step, lane by lane, in words."""
    source, processor, disk, sink = map(in_words, each.cells)
    lost = " (lost)" if processor and each.lost and not each.crash else ""
    steps = "step" if len(each.repeats) == 1 else "steps"
    repeats = f"{steps} {listed(each.repeats)}" if each.repeats else ""
    nothing = "" if any(each.cells) or repeats else "nothing"
    step = f"steps {each.number} to {each.last}" if each.last else f"step {each.number}"
    return (step, source, f"{processor}{lost}", disk, sink, repeats, nothing)
