"""`timeline`: the steps in lanes: what the source sent, the processor did, disk and sink got."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from core.lab import facts as f
from core.lab.lab import Step
from repl.theme import Glyphs
from repl.views import View, losses
from repl.views.plain import lines
from repl.views.words.phrases import name

if TYPE_CHECKING:
    from rich.console import RenderableType

LANES = ("source", "processor", "disk", "sink")
LATEST = 24
"""Steps drawn where no range was asked for."""
MOST = 400


class Beat(NamedTuple):
    """One step in the four lanes.

    `up` is whether the processor is up after it, `lost` whether what it applied was lost
    or undone later and did not come back.
    """

    number: int
    cells: tuple[str, str, str, str]
    up: bool
    crash: bool
    lost: bool


@dataclass(frozen=True, slots=True)
class Timeline(View):
    """Steps in lanes; `rest` says how to see the others."""

    beats: tuple[Beat, ...]
    rest: str

    def draw(self, glyphs: Glyphs) -> "RenderableType":
        """Draw the lanes, in as many groups as the width takes."""
        from repl.views.lanes import Lanes

        return Lanes(self.beats, self.rest, glyphs)

    def plain(self) -> str:
        """Return a sentence a step."""
        told = [f"step {beat.number}: {', '.join(_spoken(beat))}" for beat in self.beats]
        return lines(*(told or ["no steps yet"]), *([self.rest] if self.rest else []))


def timeline(steps: Sequence[Step], span: tuple[int, int] | None = None) -> View:
    """Draw the steps of these numbers; without numbers the latest."""
    total = len(steps)
    first, last = (max(total - LATEST, 0) + 1, total) if span is None else span
    first = max(first, 1)
    last = min(last, total, first + MOST - 1)
    shown = steps[first - 1 : last]
    rest = ""
    if span is None and first > 1:
        rest = f"{first - 1} earlier: timeline 1..{first - 1}"
    elif not shown and total:
        rest = f"there are steps 1 to {total}"
    gone = losses.lost(shown)
    beats = tuple(_beat(step, place in gone) for place, step in enumerate(shown))
    return Timeline(beats, rest)


def _beat(step: Step, lost: bool) -> Beat:  # noqa: FBT001 - a fact, not a switch
    crash = isinstance(step.facts[-1], f.Crashed)
    cells = (_source(step), _processor(step, crash=crash), _disk(step.facts), _sink(step))
    return Beat(step.number, cells, step.changes.up[1] and not crash, crash, lost)


def _source(step: Step) -> str:
    """Return what the source sent, or where it went back to."""
    first = step.facts[0]
    sent = [name(each.event_id) for each in step.facts if isinstance(each, f.Applied | f.Skipped)]
    if isinstance(first, f.Fed):
        sent = [name(first.first), name(first.last)][: first.events]
    if isinstance(first, f.AckLost):
        return "no ack"
    if sent:
        return sent[0] if len(sent) == 1 else f"{sent[0]}..{sent[-1]}"
    before, after = step.changes.offset
    return f"◄ {after}" if after < before else ""


def _processor(step: Step, *, crash: bool) -> str:
    """Return what the processor did."""
    if crash:
        return "CRASH"
    applied = sum(isinstance(fact, f.Applied) for fact in step.facts)
    skipped = sum(isinstance(fact, f.Skipped) for fact in step.facts)
    if applied + skipped <= 1:
        return _did(step.facts)
    if not skipped:
        return f"+{applied}"
    return f"+{applied} skip {skipped}" if applied else f"skip {skipped}"


_DID: dict[type, Callable[[Any], str]] = {
    f.Applied: lambda fact: f"{'again ' if fact.again else '+'}{name(fact.event_id)}",
    f.Skipped: lambda _: "skip",
    f.Fed: lambda fact: f"+{fact.events}",
    f.Restored: lambda _: "back",
    f.Restarted: lambda _: "empty",
    f.RolledBack: lambda fact: f"−{fact.discarded}",
    f.Armed: lambda _: "armed",
    f.Disarmed: lambda _: "disarmed",
    f.Switched: lambda _: "switched",
}
"""What a fact says of the processor; the other facts say nothing of it."""


def _did(facts: Iterable[f.Fact]) -> str:
    """Return what the first fact that says something says of the processor."""
    return next((_DID[type(fact)](fact) for fact in facts if type(fact) in _DID), "")


def _disk(facts: Iterable[f.Fact]) -> str:
    """Return what was written to disk (▼) or read from it (▲)."""
    for fact in facts:
        if isinstance(fact, f.Saved):
            return f"▼ {name(fact.name)}"
        if isinstance(fact, f.Restored):
            return f"▲ {name(fact.name)}"
    return ""


def _sink(step: Step) -> str:
    """Return how many outputs went to the sink."""
    out = 0
    for fact in step.facts:
        if isinstance(fact, f.Committed):
            out += fact.moved
        elif isinstance(fact, f.Applied) and fact.output == "sink":
            out += 1
        elif isinstance(fact, f.Fed) and fact.output == "sink":
            out += fact.events
    return f"+{out}" if out else ""


def _spoken(beat: Beat) -> Iterator[str]:
    """Yield the lanes of a step in which something happened."""
    signs = {"▼": "writes", "▲": "reads", "◄": "back to offset"}
    for lane, cell in zip(LANES, beat.cells, strict=True):
        if cell:
            told = cell
            for sign, said in signs.items():
                told = told.replace(f"{sign} ", f"{said} ") if told.startswith(sign) else told
            lost = " (lost)" if lane == "processor" and beat.lost and not beat.crash else ""
            yield f"{lane} {told}{lost}"
    if not any(beat.cells):
        yield "nothing"
