"""`.svg`: the timeline as a picture: a lane each for source, processor, disk and sink.

A column is a step, or a long quiet stretch. The processor's line is drawn while it is up; lost
work is struck through, and a step that repeats another is joined to it. Light or dark goes
by what the reader prefers. Nothing is fetched, fonts included.
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from core.lab.history import History
from repl.render.draw import text
from repl.render.lane_steps import LANES, LaneStep, folded, lane_steps
from repl.render.theme import as_typed

_LEFT, _TOP = 100, 56
_LANE = 44
_COLUMNS = 12
_LETTER = 8.2
_PAD = 16
_LEAST = 64
_JOINTS = 14
_STYLE = """\
text { font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1d2129; }
.paper { fill: #ffffff; } .quiet { fill: #5a6170; } .title { font-weight: 600; font-size: 15px; }
.lane { stroke: #dcdfe4; } .alive { stroke: #17693a; stroke-width: 2.5; }
.back { fill: #ffffff; } .crash { fill: #ac1f1f; font-weight: 600; }
.lost { fill: #ac1f1f; text-decoration: line-through; } .skip { fill: #7a5300; }
.joint { fill: none; stroke: #1f5fbf; stroke-width: 1.5; }
@media (prefers-color-scheme: dark) {
  text { fill: #e8eaee; } .paper, .back { fill: #14171c; } .quiet { fill: #a3abb9; }
  .lane { stroke: #333a45; } .alive { stroke: #6fd397; } .crash, .lost { fill: #ff8f8a; }
  .skip { fill: #e8bd5a; } .joint { stroke: #84b6ff; }
}"""


def export(history: History) -> str:
    """Return the picture of a session."""
    drawn = folded(lane_steps(history))
    groups = [drawn[start : start + _COLUMNS] for start in range(0, len(drawn), _COLUMNS)] or [[]]
    broad = max([_LEAST, *(_width(each) for each in drawn)])
    width = _LEFT + broad * max(len(groups[0]), 4) + 20
    parts: list[str] = []
    top = _TOP
    for group in groups:
        parts += _group(group, broad, top)
        top += _height(group)
    steps = len(history.steps)
    title = f"Oncelab: {steps} step{'' if steps == 1 else 's'}"
    return "\n".join([*_head(title, width, top), *parts, "</svg>"]) + "\n"


def _head(title: str, width: int, height: int) -> Iterator[str]:
    yield (
        '<svg data-oncelab="export" xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-labelledby="title what">'
    )
    yield f'<title id="title">{title}</title>'
    yield '<desc id="what">Source, processor, disk and sink, from step to step.</desc>'
    yield f"<style>{_STYLE}</style>"
    yield f'<rect class="paper" width="{width}" height="{height}"/>'
    yield _text(16, 30, title, "title")


def _height(group: Sequence[LaneStep]) -> int:
    return 40 + _LANE * len(LANES) + _JOINTS * (1 + _joints(group)) + 10


def _joints(group: Sequence[LaneStep]) -> int:
    return sum(bool(each.repeats) for each in group)


def _width(each: LaneStep) -> int:
    longest = max(text(cell).cell_len for cell in (*each.cells, each.label))
    return int(longest * _LETTER) + _PAD


def _group(group: Sequence[LaneStep], broad: int, top: int) -> Iterator[str]:
    """Yield a stretch of columns that fits the width."""
    end = _LEFT + broad * len(group)
    for lane, label in enumerate(LANES):
        y = top + 30 + _LANE * lane
        yield _text(16, y + 5, label, "quiet")
        yield f'<path class="lane" d="M{_LEFT} {y}H{end}"/>'
    centres = {}
    for column, each in enumerate(group):
        x = _LEFT + broad * column + broad // 2
        centres[each.number] = x
        yield _text(x, top, each.label, "quiet", middle=True)
        if each.up:
            y = top + 30 + _LANE
            right = x + broad if column + 1 < len(group) else end
            yield f'<path class="alive" d="M{x} {y}H{right}"/>'
    for each in group:
        yield from _cells(each, centres[each.number], top + 30)
    yield from _joined(group, centres, top + 30 + _LANE * len(LANES) - 14)


def _cells(each: LaneStep, x: int, top: int) -> Iterator[str]:
    """Yield what stands in the lanes of a column, each on a patch that hides the line."""
    for lane, cell in enumerate(each.cells):
        if cell:
            y = top + _LANE * lane
            half = text(cell).cell_len * _LETTER / 2 + 3
            yield (
                f'<rect class="back" x="{x - half:.0f}" y="{y - 11}" '
                f'width="{2 * half:.0f}" height="22"/>'
            )
            yield _text(x, y + 5, cell, _look(each, LANES[lane]), middle=True)


def _look(each: LaneStep, lane: str) -> str:
    if lane != "processor":
        return ""
    if each.crash:
        return "crash"
    return "lost" if each.lost else "skip" if each.cells[1].startswith("skip") else ""


def _joined(group: Iterable[LaneStep], centres: dict[int, int], top: int) -> Iterator[str]:
    """Yield a line from each step that repeats others to those of them that are in view."""
    for each in group:
        if not each.repeats:
            continue
        x = centres[each.number]
        ends = [centres[number] for number in each.repeats if number in centres]
        left = min(ends, default=x)
        up = "".join(f"M{end} {top}v-10" for end in (*ends, x))
        yield f'<path class="joint" d="{up}M{left} {top}H{x}"/>'
        if len(ends) < len(each.repeats):
            yield _text(x + 4, top + 4, "again", "quiet")
        top += _JOINTS


def _text(x: int, y: int, words: str, look: str, *, middle: bool = False) -> str:
    anchor = ' text-anchor="middle"' if middle else ""
    kind = f' class="{look}"' if look else ""
    return f'<text x="{x}" y="{y}"{kind}{anchor}>{escape(as_typed(words))}</text>'
