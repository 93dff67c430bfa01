"""Wrapping: a number stays with what it counts."""

import re
from itertools import pairwise

import pytest
from rich.console import Console
from rich.text import Text

from repl.render.draw import wrapped
from repl.render.table_view import Column, TableView
from tests.repl.render.sessions import drawn

TEXT = "counts hello 1, to 12 · 4 seen · 1 pending (95 characters) · hello 0 → 1 · offset 3"


@pytest.mark.parametrize("width", range(15, 90))
def test_no_line_ends_between_a_number_and_its_unit(width: int) -> None:
    lines = [line.plain.rstrip() for line in wrapped(Text(TEXT), Console(), width)]
    assert " ".join(lines) == TEXT
    for line, following in pairwise(lines):
        ends = f"{line.split()[-1]}\n{following.split()[0]}"
        assert not re.fullmatch(r"\(?\d+\n[a-z→].*|([a-z]+|→)\n\d+,?", ends)


def test_what_does_not_fit_into_a_line_is_wrapped_where_it_can_be() -> None:
    lines = [line.plain.rstrip() for line in wrapped(Text("12 characters"), Console(), 11)]
    assert lines == ["12", "characters"]


def test_a_style_stays_where_it_was() -> None:
    text = Text("now 4 ").append("seen", "bold").append(" · 1 pending")
    first = wrapped(text, Console(), 12)[0]
    assert [(span.start, span.end, span.style) for span in first.spans] == [(6, 10, "bold")]


def test_a_cell_of_a_table_wraps_like_any_text() -> None:
    shown = drawn(TableView("TITLE", "", (Column(""),), (("10 seen · 10 pending",),)), 14)
    assert [line.strip() for line in shown.split("\n")[-3:-1]] == ["10 seen ·", "10 pending"]
