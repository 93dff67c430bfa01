"""The drawing of a timeline: four lanes, a column a step, in groups as wide as the console.

The columns of a group are as wide as what stands in them, so that nothing is cut: what is wider
than the console goes on below, a range behind its dots. Lost work is struck through, and marked
for those who see no such line. A step that repeats another is joined to it below the lanes, or
names it where it stands in another group.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from rich.text import Text

from repl.render.draw import hung
from repl.render.lane_steps import LANES, LaneStep, listed
from repl.render.marks import SEENLESS
from repl.render.theme import Glyphs, style

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

_LABEL = 11
_LEAST = 4
_PROCESSOR, _DISK = LANES.index("processor"), LANES.index("disk")
_LOOKS = {"source": "", "processor": "added", "disk": "kept", "sink": "good"}


class Lanes(NamedTuple):
    """The lanes as rich draws them."""

    title: str
    lane_steps: tuple[LaneStep, ...]
    rest: str
    glyphs: Glyphs

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """Yield the groups, with an empty line between."""
        if self.title:
            yield Text(self.title, style("note"))
        room = max(options.max_width - _LABEL - 1, 1)
        for place, (cell, group) in enumerate(_groups(self.lane_steps, room, self.glyphs)):
            if place:
                yield Text()
            yield from _group(group, cell, self.glyphs)
        marks = "× lost with the memory, or undone" if any(x.lost for x in self.lane_steps) else ""
        bare = any(x.cells[_DISK].endswith(SEENLESS) for x in self.lane_steps)
        seenless = f"{SEENLESS.strip()}: a checkpoint saved without seen" if bare else ""
        for note in (marks, seenless, self.rest):
            if note:
                yield Text(f"  {self.glyphs.write(note)}", style("note"))


def _groups(
    lane_steps: Sequence[LaneStep], room: int, glyphs: Glyphs
) -> Iterator[tuple[int, Sequence[LaneStep]]]:
    """Yield as many steps as fit beside each other, with how wide the column of each is."""
    start = cell = 0
    for end, each in enumerate(lane_steps):
        wider = max(cell, min(_width(each, glyphs), room))
        if start < end and (end - start + 1) * (wider + 1) > room + 1:
            yield cell, lane_steps[start:end]
            start, wider = end, min(_width(each, glyphs), room)
        cell = wider
    if lane_steps:
        yield cell, lane_steps[start:]


def _group(lane_steps: Sequence[LaneStep], cell: int, glyphs: Glyphs) -> Iterator[Text]:
    """Yield the lines of some steps: their numbers, and a line a lane."""
    numbers = "".join(each.label.ljust(cell + 1) for each in lane_steps)
    yield Text(f"{'step':<{_LABEL}}{numbers}".rstrip(), style("label"), no_wrap=True)
    for lane, label in enumerate(LANES):
        cells = [_cell(each, lane, cell, glyphs) for each in lane_steps]
        for row, texts in enumerate(zip_longest(*cells, fillvalue=Text(" " * cell))):
            line = Text(no_wrap=True, overflow="crop")
            line.append(f"{'' if row else label:<{_LABEL}}", style("label"))
            for place, text in enumerate(texts):
                following = lane_steps[place + 1] if place + 1 < len(lane_steps) else None
                idle = following is not None and following.up and not following.cells[lane]
                alive = lane == _PROCESSOR and lane_steps[place].up and idle and not row
                alive &= text.plain.endswith((" ", glyphs.write("─")))
                line.append_text(text).append(glyphs.write("─") if alive else " ", style("label"))
            line.rstrip()
            yield line
    for row, joints in enumerate(_joints(lane_steps, cell + 1)):
        label = "" if row else "repeats"
        yield Text(f"{label:<{_LABEL}}{glyphs.write(joints)}", style("label"), no_wrap=True)


def _joints(lane_steps: Sequence[LaneStep], column: int) -> list[str]:
    """Return the lines that join steps to those they repeat, as few as keep them apart."""
    columns = {each.number: place * column for place, each in enumerate(lane_steps)}
    rows: list[str] = []
    for each in lane_steps:
        if not each.repeats:
            continue
        ends = [columns[number] for number in each.repeats if number in columns]
        start, joint = columns[each.number], listed(each.repeats)
        if ends:
            start, joint = ends[0], _joint([*ends, columns[each.number]])
        row = next((at for at, taken in enumerate(rows) if len(taken) < start), len(rows))
        rows[row:] = rows[row:] or [""]
        rows[row] = rows[row].ljust(start) + joint
    return rows


def _joint(ends: Sequence[int]) -> str:
    """Return a line from the first of some places to the last, with a branch at each."""
    drawn = ["─"] * (ends[-1] - ends[0] + 1)
    for end in ends:
        drawn[end - ends[0]] = "┴"
    drawn[0], drawn[-1] = "└", "┘"
    return "".join(drawn)


def _cell(each: LaneStep, lane: int, width: int, glyphs: Glyphs) -> list[Text]:
    """Return the lines of a step in one lane; the processor's is drawn as long as it is up."""
    lost = lane == _PROCESSOR and each.lost and not each.crash
    look = style(_look(each, lane, lost=lost))
    mark = glyphs.write(" ×") if lost else ""
    lines = _lines(glyphs.write(each.cells[lane]) + mark, width)
    shown: list[Text] = []
    for row, words in enumerate(lines):
        end = len(words) - len(mark) if row == len(lines) - 1 else len(words)
        text = Text().append(words[:end], f"{look} strike" if lost else look)
        text.append(words[end:], look)
        fill = width - text.cell_len
        if lane != _PROCESSOR or row or not each.up:
            shown.append(text.append(" " * fill))
            continue
        line = glyphs.write("─") * fill
        shown.append(text.append(f" {line[1:]}" if words and line else line, style("label")))
    return shown


def _lines(words: str, width: int) -> list[str]:
    """Return what stands in a lane in lines of a width."""
    if cell_len(words) <= width:
        return [words]
    parts = re.split(r"(?<=\.\.)(?=[^.(])", words)
    return [line for part in parts for line in hung(part, width, 0)]


def _look(each: LaneStep, lane: int, *, lost: bool) -> str:
    if lane == _PROCESSOR and (lost or each.crash):
        return "bad" if each.crash else "lost"
    if lane == _PROCESSOR and each.cells[lane] == "skip":
        return "same"
    return _LOOKS[LANES[lane]]


def _width(each: LaneStep, glyphs: Glyphs) -> int:
    """Return the columns that a step needs: for its number, and for what stands in the lanes."""
    source, processor, *lasting = each.cells
    shown = (source, f"{processor} ×" if each.lost else processor, *lasting)
    return max(_LEAST, len(each.label), *(cell_len(glyphs.write(words)) for words in shown))
