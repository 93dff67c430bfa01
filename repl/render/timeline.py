"""`timeline`: the steps in lanes: what the source sent, the processor did, disk and sink got."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.lab.history import History
from repl.render import View
from repl.render.beats import LANES, Beat, beats, folded, listed
from repl.render.marks import SEENLESS
from repl.render.plain import lines
from repl.render.theme import Glyphs

if TYPE_CHECKING:
    from rich.console import RenderableType

LATEST = 24
"""Columns drawn where no range was asked for; a range as short is drawn step by step."""
LOOKED = 200
"""Steps that are looked at for these columns."""
MOST = 400


@dataclass(frozen=True, slots=True)
class Timeline(View):
    """Steps in lanes; `rest` says how to see the others."""

    beats: tuple[Beat, ...]
    rest: str

    def draw(self, glyphs: Glyphs) -> "RenderableType":
        """Draw the lanes, in as many groups as the width takes."""
        from repl.render.lanes import Lanes

        return Lanes(self.beats, self.rest, glyphs)

    def plain(self) -> str:
        """Return a sentence a step."""
        told = [f"{_steps(beat)}: {', '.join(_spoken(beat))}" for beat in self.beats]
        rest = [self.rest] if self.rest else []
        return lines(*(told + rest or ["no steps yet"]))


def timeline(history: History, span: tuple[int, int] | None = None) -> View:
    """Draw the steps of these numbers; without numbers the latest."""
    total = len(history.steps)
    first, last = (max(total - LOOKED, 0) + 1, total) if span is None else span
    first = max(first, 1)
    last = min(last, total, first + MOST - 1)
    shown = beats(history, first, last)
    if span is None or last - first >= LATEST:
        shown = folded(shown)
    if span is not None:
        rest = f"there are steps 1 to {total}" if total and not shown else ""
        return Timeline(tuple(shown), rest)
    shown = shown[-LATEST:]
    earlier = total - sum(max(beat.last - beat.number, 0) + 1 for beat in shown)
    return Timeline(tuple(shown), f"{earlier} earlier: timeline 1..{earlier}" if earlier else "")


def _spoken(beat: Beat) -> Iterator[str]:
    """Yield the lanes of a step in which something happened."""
    signs = {"▼": "writes", "▲": "reads", "◄": "back to offset"}
    for lane, cell in zip(LANES, beat.cells, strict=True):
        if cell:
            told = cell
            for sign, said in signs.items():
                told = told.replace(f"{sign} ", f"{said} ") if told.startswith(sign) else told
            told = told.replace(SEENLESS, " without seen") if lane == "disk" else told
            lost = " (lost)" if lane == "processor" and beat.lost and not beat.crash else ""
            yield f"{lane} {told}{lost}"
    if beat.repeats:
        steps = "step" if len(beat.repeats) == 1 else "steps"
        yield f"the same event as in {steps} {listed(beat.repeats)}"
    if not any(beat.cells):
        yield "nothing"


def _steps(beat: Beat) -> str:
    return f"steps {beat.number} to {beat.last}" if beat.last else f"step {beat.number}"
