"""The drawing of the machine: boxes side by side, or below each other where it is narrow."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from rich import box
from rich.cells import cell_len
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from repl.render import snapshot as parts
from repl.render.draw import Cell, Drawn, hung
from repl.render.report import Report, Row
from repl.render.theme import Glyphs, style
from repl.render.wording import name, number

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

    from repl.render.snapshot import Snapshot

T = TypeVar("T")

_WIDE = 78
"""Columns the boxes need side by side."""
_WIDEST = 108
_LINES = 3
"""Lines in a box."""
_ROOMY = 42
_WAYS = (
    ("│ commit ▼", "│ checkpoint ▼ ▲ restore"),
    ("│ commit ▼   checkpoint ▼   ▲ restore",),
)
"""What goes from the processor to what lasts, and back: where it is narrow, and where not."""

_BASE = {"source": 12, "seen": 11, "counts": 13, "pending": 13, "sink": 12}
"""Width of each box, its frame included, where there is just enough room."""
_GAPS = (7, 1, 1, 8)
"""Columns between them."""
_BELOW = "  checkpoints  "
"""Begins the line of their names where there is no room beside the arrow."""


class Pipeline(NamedTuple):
    """The machine as rich draws it."""

    shown: "Snapshot"
    glyphs: Glyphs

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """Yield the drawing that fits, and below it what is out of the ordinary."""
        if options.max_width >= _WIDE:
            yield from _side_by_side(self.shown, self.glyphs, min(options.max_width, _WIDEST))
        else:
            yield from _stacked(self.shown, self.glyphs, options.max_width)
        rows = tuple(Row(*remark, "off") for remark in parts.remarks(self.shown))
        if rows:
            yield Drawn(Report("", rows=rows), self.glyphs)


def _side_by_side(shown: "Snapshot", glyphs: Glyphs, width: int) -> Iterator["RenderableType"]:
    extra, left = divmod(width - _WIDE, len(_BASE))
    alike = len(_BASE) - left  # the last ones hold the longest words, and get what is left over
    widths = [base + extra + (place >= alike) for place, base in enumerate(_BASE.values())]
    contents = _contents(shown)
    looks = ["", *([_memory(shown)] * 3), ""]
    fitting = [
        _fitted(inside, broad - 2, glyphs)
        for inside, broad in zip(contents.values(), widths, strict=True)
    ]
    high = max(map(len, fitting))
    boxes: list[RenderableType] = [
        _box(title, [*inside, *[""] * (high - len(inside))], broad, look, glyphs)
        for title, inside, broad, look in zip(contents, fitting, widths, looks, strict=True)
    ]
    arrows: list[RenderableType] = [
        _arrow("event", "ack", glyphs),
        _step(glyphs),
        _step(glyphs),
        _arrow("commit", "", glyphs),
    ]
    grid = Table.grid()
    for broad in _interleaved(widths, _GAPS):
        grid.add_column(width=broad, no_wrap=True)
    grid.add_row(*_interleaved(boxes, arrows))
    yield _banner(shown, widths, glyphs)
    yield grid
    yield from _durable(shown, widths, glyphs, width)


def _banner(shown: "Snapshot", widths: Sequence[int], glyphs: Glyphs) -> Text:
    line = Text(" source".ljust(widths[0] + _GAPS[0] + 1))
    line.append("processor ").append(
        glyphs.write(parts.lines(shown)["processor"]), style("good" if shown.up else "bad")
    )
    durable = sum(widths[:4]) + sum(_GAPS) + 1
    return line.append(" " * max(durable - line.cell_len, 1)).append("durable")


def _durable(
    shown: "Snapshot", widths: Sequence[int], glyphs: Glyphs, width: int
) -> Iterator[Text]:
    """Draw the way to the checkpoints, and the way back."""
    left = [sum(widths[:place]) + sum(_GAPS[:place]) for place in range(len(widths))]
    source, *parts = [at + broad // 2 for at, broad in zip(left, widths, strict=True)][:4]
    first = f"{' ' * source}▲"
    rail = "".join(
        "└" if at == parts[0] else "┴" if at in parts else "─"
        for at in range(parts[0], parts[2] + 1)
    )
    first += " " * (parts[0] - len(first)) + rail + "─ checkpoint ► "
    names = _leading(shown.checkpoints, len(shown.checkpoints)) or ["none"]
    beside = _fitting(names, width - len(first), glyphs)
    yield Text(glyphs.write(first)).append(beside or "below", style("kept"))
    back = len(first) + 1
    moves = "state and offset" if shown.mechanisms.source_replay else "state, not the offset"
    second = f"{' ' * source}└{f'─ restore: {moves} '.rjust(back - source - 1, '─')}┘"
    yield Text(glyphs.write(second))
    if not beside:
        fitting = _fitting(names, width - len(_BELOW), glyphs) or glyphs.write(names[-1])
        for line in hung(_BELOW + fitting, width, len(_BELOW)):
            yield Text(line, style("kept"))


def _stacked(shown: "Snapshot", glyphs: Glyphs, width: int) -> Iterator["RenderableType"]:
    inside = max(width - 4, 1)

    def part(title: str, told: Iterable[str], look: str = "") -> Panel:
        shown = [f" {line}" for each in told for line in hung(glyphs.write(each), inside)]
        return _box(title, shown, width, look, glyphs)

    lines = parts.lines(shown)
    memory = [f"{name:<8} {lines[name]}" for name in ("seen", "counts", "pending")]
    title, *below = [f"processor {lines['processor']}"]
    if len(title) > width - 6:
        title, *below = title.split(" · ")
    yield part("source", [lines["source"]])
    yield Text(glyphs.write("    │ event ▼   ▲ ack"), style("label"))
    yield part(title, [*below, *memory], _memory(shown))
    for way in _WAYS[width >= _ROOMY]:
        yield Cell(glyphs.write(f"    {way}"), style("label"))
    yield part("sink", [lines["sink"]])
    yield part("checkpoints", shown.saved or ["none"])


def _contents(shown: "Snapshot") -> dict[str, tuple[Sequence[str], ...]]:
    """Return what stands in each box: for each line what to write, the longest first.

    What is written may take two lines; what fits in no way is folded, so that it is all there.
    """
    due = "none due" if shown.due is None else f"{shown.due} due"
    offset = (f"offset {shown.offset}", f"at {shown.offset}")
    sink = [name(each.event_id) for each in shown.sink]
    memory = _held(shown) if shown.up else dict.fromkeys(("seen", "counts", "pending"), _GONE)
    return {
        "source": (_total(shown.log, "event"), offset, (due, "due")),
        **memory,
        "sink": (_total(shown.sink_total, "output"), _trailing(sink, shown.sink_total)),
    }


_GONE: tuple[Sequence[str], ...] = (("gone",),)


def _held(shown: "Snapshot") -> dict[str, tuple[Sequence[str], ...]]:
    """Return what stands in the boxes of the processor while it is up."""
    counted: list[Sequence[str]] = [(each,) for each in shown.counts]
    if shown.words > _LINES:
        more = (f"… {shown.words} words", f"… {shown.words}\nwords")
        counted = [*counted[: _LINES - 1], more]
    names = [name(each.event_id) for each in shown.pending]
    dedup = () if shown.mechanisms.dedup else ("dedup OFF",)
    waits = () if shown.mechanisms.transactional_output else ("waits: OFF",)
    seen = (_total(shown.seen_total, "id"), _leading(shown.seen, shown.seen_total), dedup)
    pending = (
        _total(shown.pending_total, "output"),
        _leading(names, shown.pending_total),
        waits,
    )
    return {"seen": seen, "counts": tuple(counted) or (("empty",),), "pending": pending}


def _total(total: int, noun: str) -> tuple[str, str]:
    return number(total, noun), number(total, noun).replace(" ", "\n")


def _leading(names: Sequence[str], total: int) -> list[str]:
    """Return the first names, as many as there may be room for, the most first."""
    most = len(names)
    return [
        " ".join([*names[:kept], *(["…"] if kept < total else [])]) for kept in range(most, 0, -1)
    ]


def _trailing(names: Sequence[str], total: int) -> list[str]:
    """Return the last names, as many as there may be room for, the most first."""
    return [
        " ".join([*(["…"] if total > len(names) - at else []), *names[at:]])
        for at in range(len(names))
    ]


def _box(title: str, inside: Sequence[str], width: int, look: str, glyphs: Glyphs) -> Panel:
    return Panel(
        Text("\n".join(inside), style(look), no_wrap=True, overflow="crop"),
        title=Text(glyphs.write(title)),
        title_align="left",
        box=box.ASCII if glyphs.ascii else box.SQUARE,
        border_style=style(look),
        padding=0,
        width=width,
    )


def _memory(shown: "Snapshot") -> str:
    return "" if shown.up else "lost"


def _fitted(inside: Sequence[Sequence[str]], width: int, glyphs: Glyphs) -> list[str]:
    """Fit lines into a box."""
    shown: list[str] = []
    for ways in filter(None, inside):
        written = [glyphs.write(each).split("\n") for each in ways]
        fitting = (lines for lines in written if max(map(cell_len, lines)) <= width)
        shown += next(fitting, [line for each in written[-1] for line in hung(each, width, 0)])
    return shown + [""] * (_LINES - len(shown))


def _fitting(ways: Iterable[str], room: int, glyphs: Glyphs) -> str:
    """Return the first way that there is room for; nothing where there is none."""
    return next((way for way in map(glyphs.write, ways) if cell_len(way) <= room), "")


def _arrow(there: str, back: str, glyphs: Glyphs) -> Text:
    room = len(there) + 2
    told = [there.center(room), f"{'─' * (room - 1)}►"]
    told += [f"◄{'─' * (room - 1)}", back.center(room)] if back else []
    return Text(glyphs.write("\n".join(["", *told])), style("label"))


def _step(glyphs: Glyphs) -> Text:
    return Text(glyphs.write("\n\n►"), style("label"))


def _interleaved(boxes: Sequence[T], between: Sequence[T]) -> list[T]:
    mixed = [boxes[0]]
    for gap, box_ in zip(between, boxes[1:], strict=True):
        mixed += [gap, box_]
    return mixed
