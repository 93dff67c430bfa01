"""In a narrow terminal: no word broken that fits a line, no number out of view."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from rich.cells import cell_len

from core.lab import commands as c
from core.search.explore import explore
from core.search.moves import Bounds
from lessons import catalog
from lessons import events as e
from lessons.progress import Progress
from repl import registry
from repl.lesson import entry
from repl.render import View, lesson, machine, notes, searching, tables, timeline
from repl.render.report_view import ReportView, Stacked
from repl.render.table_view import TableView
from repl.render.theme import safe
from repl.session import Session
from tests.repl.render.sessions import TROUBLE, drawn, each_step, every_view, played
from tests.repl.render.test_hostile import commands

WIDTHS = (30, 40, 60, 80, 120)
NASTY = {
    "long": "x" * 200,
    "whole": "twenty-four-letters-long",
    "UUID": "6f1c0e52-8d0b-4c0e-9f5e-0a1b2c3d4e5f",
    "wide": "漢字テスト漢字テスト",
    "emoji": "👨\u200d👩\u200d👧" * 3,
    "combining": "e\u0301" * 11,
    "rtl": "שלום" * 5,
    "control": "\x1b[31m\u202e",
}
EDGES = "()[]{},.;:…'`\"!?|│+-─"
"""What stands beside a word."""


@cache
def nasty(text: str) -> list[tuple[str, View]]:
    """Return every view of a session with such a text everywhere, up and down."""
    up, down = played(*commands(text)[:7]), played(*commands(text))
    views = [*every_view(up, text), *every_view(down, text), *each_step(*commands(text))]
    return [(name, view) for name, view in views if name != "everything"]


@cache
def ours() -> list[tuple[str, View]]:
    """Return the views of what we say: help, lessons, searches, switches."""
    declared = registry.load()
    views = [(name, notes.command(each)) for name, each in declared.items()]
    found = explore(Bounds(2, 1, 1), played(TROUBLE[12]).lab.copy)
    return [
        *views,
        ("help", notes.commands(declared.values(), registry.GROUPS)),
        ("lessons", entry.catalog(Progress(None), "lesson 1")),
        ("search", searching.found(found, "witness")),
        *each_step(*TROUBLE),
        *(
            (name, view)
            for name, view in every_view(played(*TROUBLE), "e1")
            if name != "everything"
        ),
    ]


def words_of(shown: str) -> set[str]:
    """Return the words of what is drawn, without what stands beside them."""
    return {word.strip(EDGES) for word in re.sub(r"[└┘┌┐┴▲▼►◄]|…\(", " ", shown).split()} - {""}


def heads(view: View) -> set[str]:
    """Return the words of the names of columns: a row that is told alone leaves some out."""
    if isinstance(view, Stacked):
        return {word for each in view.views for word in heads(each)}
    columns = getattr(view, "columns", ())
    return {word for column in columns for word in column.name.split()}


def listed(views: list[tuple[str, View]]) -> Iterator[tuple[str, View]]:
    """Yield the reports and the listings: what is drawn in boxes and lanes cuts, with a mark."""
    for name, view in views:
        if isinstance(view, ReportView | Stacked) or type(view) is TableView:
            yield name, view


@pytest.mark.parametrize("text", ["long", "whole", "UUID", "wide", "ours"])
def test_no_word_is_broken_that_fits_a_line(text: str) -> None:
    for name, view in listed(ours() if text == "ours" else nasty(NASTY[text])):
        told = words_of(view.plain().replace("...", "…"))
        whole = (words_of(drawn(view, 1000)) & told) - heads(view)
        for width in (30, 40, 60):
            fitting = {word for word in whole if cell_len(word) <= width - 4}
            assert fitting <= words_of(drawn(view, width)), (name, width)


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
@pytest.mark.parametrize("width", [40, 60])
def test_the_boxes_of_a_narrow_machine_hold_every_name_whole(text: str, width: int) -> None:
    for name, view in nasty(text):
        if isinstance(view, machine.Machine):
            told = {
                word
                for word in words_of(view.plain().replace("...", "…"))
                if word.isascii() and len(word) <= width - 6
            }
            assert told - words_of("source:") <= words_of(drawn(view, width)), name


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "name",
    ["payment-0001", "before-long", "漢字テスト漢字テスト漢字", "x" * 24, "y" * 36],
)
@pytest.mark.parametrize(
    "make",
    [
        lambda name: (c.Process(name, "a"),),
        lambda name: (c.Process(name, "a"), c.Commit()),
        lambda name: (c.Process("e1", name),),
        lambda name: (c.Process("e1", "a"), c.Checkpoint(name), c.Crash(), c.Restore(name)),
        lambda name: (
            c.Process(name, "a"),
            c.Process(f"{name}b", "a"),
            c.Crash(),
            c.Restart(),
            c.Replay(),
        ),
    ],
    ids=["id", "sink", "word", "checkpoint", "range"],
)
def test_two_names_never_read_the_same(
    make: Callable[[str], tuple[c.Command, ...]], name: str, width: int
) -> None:
    made, other = played(*make(name)), played(*make(f"{name[:-1]}2"))
    assert drawn(machine.show(made.lab), width) != drawn(machine.show(other.lab), width)
    lanes = drawn(timeline.timeline(made), width)
    assert "…" not in lanes
    if made.steps[0].command != c.Process("e1", name) and cell_len(name) <= width - 13:
        assert name in lanes


@pytest.mark.parametrize("width", range(30, 60))
def test_the_length_of_a_text_that_is_cut_stands_in_one_line(width: int) -> None:
    for name, view in nasty("x" * 200):
        shown = drawn(view, width)
        assert shown.count("…(") == len(re.findall(r"…\(\d+ characters\)", shown)), name


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("total", [1, 99, 100, 1000, 10_000])
def test_the_sink_keeps_its_noun_whatever_it_holds(total: int, width: int) -> None:
    made = played(c.Feed(("word",) * total), c.Commit())
    noun = "output" if total == 1 else "outputs"
    box = drawn(machine.show(made.lab), width)
    assert re.search(rf"{total}[ │].*?{noun}\b", box, re.DOTALL)
    assert re.search(rf"│{total}\n?.*word|word {total}\b", box, re.DOTALL)


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_a_count_is_in_view_whatever_its_word_is(text: str, width: int) -> None:
    made = played(*(c.Process(None, text) for _ in range(37)))
    views = {"machine": machine.show(made.lab), "counts": tables.table(made, "counts")}
    views["pending"] = tables.table(made, "pending", (37, 37))
    steps = dict(each_step(*(c.Process(None, text) for _ in range(37))))
    views["step"] = list(steps.values())[-1]
    for name, view in views.items():
        assert re.search(r"\b37\b", drawn(view, width)), name
    box = drawn(views["machine"], width).partition(safe(text)[:2])[2]
    assert re.search(r"(?<!offset )37 *│", box) or width == 40


@pytest.mark.parametrize("folder", ["/home/a/.local/state/oncelab", "/" + "d" * 30])
def test_a_path_stands_in_one_line_where_the_terminal_has_one(folder: str) -> None:
    path = f"{folder}/sessions/2026-11-28-211005-12345.lab"
    for width in range(len(path), 121):
        assert path in drawn(notes.goodbye(Path(path), 3), width).replace("\n  ", "\n")


def test_wide_letters_keep_their_columns_in_line() -> None:
    made = played(c.Process("e1", "漢字"), c.Process("e2", "ab"), c.Process("👨\u200d👩", "c"))
    lines = drawn(tables.table(made, "seen"), 60).splitlines()[2:]
    assert len({cell_len(line[: line.index("step")]) for line in lines}) == 1


def test_a_lesson_is_read_in_a_narrow_terminal() -> None:
    for source in catalog.course()[::3]:
        view = entry.guide(Session(), source, Progress(None)).begin()
        shown = drawn(view, 30)
        assert max(map(cell_len, shown.split("\n"))) <= 30
        fitting = {word for word in words_of(drawn(view, 1000)) if cell_len(word) <= 22}
        assert fitting <= words_of(shown), source.name


def test_the_commands_of_a_solution_stand_in_lines_of_their_own() -> None:
    view = lesson.solution(e.Solution(("process e1 a, b", "commit"), answer=False))
    assert view.plain().split("\n")[1:] == ["type: process e1 a, b", "type: commit"]
