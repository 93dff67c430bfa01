"""The drawing of a timeline: four lanes, a column a step, in groups as wide as the console.

Lost work is struck through, and marked for those who see no such line. A step that repeats
another is joined to it below the lanes, or names it where it stands in another group.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from rich.text import Text

from repl.render.draw import cut
from repl.render.lane_steps import LANES, LaneStep, listed
from repl.render.marks import SEENLESS
from repl.render.theme import Glyphs, style

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

_LABEL = 11
_CELL = 11
"""Columns of a step at most."""
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
        room = options.max_width - _LABEL
        cell = min(_widest(self.lane_steps, self.glyphs), max(room - 1, 1))
        count = max(room // (cell + 1), 1)
        for start in range(0, len(self.lane_steps), count):
            if start:
                yield Text()
            yield from _group(self.lane_steps[start : start + count], cell, self.glyphs)
        marks = "× lost with the memory, or undone" if any(x.lost for x in self.lane_steps) else ""
        bare = any(x.cells[_DISK].endswith(SEENLESS) for x in self.lane_steps)
        seenless = f"{SEENLESS.strip()}: a checkpoint saved without seen" if bare else ""
        for note in (marks, seenless, self.rest):
            if note:
                yield Text(f"  {self.glyphs.write(note)}", style("note"))


def _group(lane_steps: Sequence[LaneStep], cell: int, glyphs: Glyphs) -> Iterator[Text]:
    """Yield the lines of some steps: their numbers, and a line a lane."""
    numbers = "".join(each.label.ljust(cell + 1) for each in lane_steps)
    yield Text(f"{'step':<{_LABEL}}{numbers}".rstrip(), style("label"), no_wrap=True)
    for lane, label in enumerate(LANES):
        line = Text(f"{label:<{_LABEL}}", style("label"), no_wrap=True, overflow="crop")
        line = Text(no_wrap=True, overflow="crop").append_text(line)
        for place, each in enumerate(lane_steps):
            line.append_text(_cell(each, lane, cell, glyphs))
            following = lane_steps[place + 1] if place + 1 < len(lane_steps) else None
            idle = following is not None and following.up and not following.cells[lane]
            alive = lane == _PROCESSOR and each.up and idle
            line.append(glyphs.write("─") if alive else " ", style("label"))
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


def _cell(each: LaneStep, lane: int, width: int, glyphs: Glyphs) -> Text:
    """Return a step in one lane. The processor's line is drawn as long as it is up."""
    words = glyphs.write(each.cells[lane])
    lost = lane == _PROCESSOR and each.lost and not each.crash
    room = width - 2 if lost else width
    words = cut(words, room, glyphs.write("…"))
    look = style(_look(each, lane, lost=lost))
    shown = Text().append(words, f"{look} strike" if lost else look)
    if lost:
        words += glyphs.write(" ×")
        shown.append(glyphs.write(" ×"), look)
    fill = width - cell_len(words)
    if lane != _PROCESSOR or not each.up:
        return shown.append(" " * fill)
    line = glyphs.write("─") * fill
    return shown.append(f" {line[1:]}" if words and line else line, style("label"))


def _look(each: LaneStep, lane: int, *, lost: bool) -> str:
    if lane == _PROCESSOR and (lost or each.crash):
        return "bad" if each.crash else "lost"
    if lane == _PROCESSOR and each.cells[lane] == "skip":
        return "same"
    return _LOOKS[LANES[lane]]


def _widest(lane_steps: Sequence[LaneStep], glyphs: Glyphs) -> int:
    """Return the width of a column: that of the widest cell, within limits, and of a number."""
    broad, label = _LEAST, max((len(each.label) for each in lane_steps), default=0)
    for each in lane_steps:
        for lane, words in enumerate(each.cells):
            marked = 2 if lane == _PROCESSOR and each.lost else 0
            broad = max(broad, cell_len(glyphs.write(words)) + marked)
    return max(min(broad, _CELL), label)
