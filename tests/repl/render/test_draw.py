"""How things stand: widths, glyphs, colours."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

import repl.render
from core.lab import commands as c
from core.lab.history import History
from core.lab.judge import Judgement
from repl.render import notes, reports
from repl.render.report_view import ReportView
from repl.render.table_view import TableView
from repl.render.theme import _TWINS, ASCII, STYLES, UNICODE, VERDICTS, Glyphs
from tests.repl.render.sessions import (
    STORY,
    TROUBLE,
    drawn,
    each_step,
    every_view,
    played,
    wild,
)
from tests.repl.render.test_snapshots import FAULTS, REST

ANSI_16 = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]
SAYING = {"Report", "Delivery", "arrived", "said"}
IN_TITLES = {"SAME", "DIFFERENT"}
PLAIN = (
    {"ONCELAB", "BYE", "KEPT", "LOADED", "EXPORTED", "DROPPED", "STOPPED", "WARNING", "FAULT"}
    | {"COMMANDS", "WIRE ON", "WIRE OFF", "NEXT", "SENT", "UNKNOWN", "CHANGED", "UNCHANGED"}
    | {"PASSED", "FAILED", "WITNESS", "PREDICT", "AGAIN", "RIGHT", "NOT SO", "READY", "YOUR TURN"}
    | {"GOAL", "HINT", "ANSWER", "SOLUTION", "EXPOSED", "FROM HERE", "LEFT OUT", "FINISHED", "ON"}
    | {"ELSEWHERE", "WRITTEN", "TAKEN"}
)
"""Verdicts that are neither good nor bad: they are bold."""
ATTRIBUTES = {"bold", "dim", "italic", "underline", "reverse", ""}


@pytest.mark.parametrize("seed", range(15))
def test_no_line_of_a_step_is_wider_than_68_columns(seed: int) -> None:
    """However wide the console, a step keeps to 68 columns."""
    commands = [step.command for step in wild(seed).steps]
    for _, view in each_step(*commands):
        assert max(cell_len(line) for line in drawn(view, 200).splitlines()) <= 68


@pytest.mark.parametrize("width", [1, 5, 20, 33, 60, 77, 78, 79, 80, 120])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_no_view_is_wider_than_the_console(width: int, glyphs: Glyphs) -> None:
    """Whatever the width, nothing runs over it."""
    made = played(*TROUBLE)
    views = [*every_view(made, "e1"), *each_step(*TROUBLE)]
    for name, view in views:
        lines = drawn(view, width, glyphs).splitlines()
        assert all(cell_len(line) <= max(width, 2) for line in lines), name


def test_every_verdict_that_can_be_said_has_a_look() -> None:
    """A new one is put beside those of its look, or here; and none has a look that nobody says."""
    written = {
        each.value
        for part in _where_verdicts_are_made()
        for each in ast.walk(part)
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value.isupper()
    }
    said = written | IN_TITLES | {judgement.upper() for judgement in Judgement}
    looks = [verdict for each in VERDICTS.values() for verdict in each]
    assert len(looks) == len(set(looks))
    assert said == PLAIN | set(looks)


def _where_verdicts_are_made() -> Iterator[ast.AST]:
    """Yield what makes a verdict in the source: an argument, or what is assigned to the name."""
    for path in Path(repl.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in SAYING:
                yield from node.args[:2] if "Delivery" in ast.unparse(node.func) else node.args[:1]
            elif isinstance(node, ast.Assign) and "verdict" in ast.unparse(node.targets[0]):
                yield node.value


def test_every_glyph_in_the_views_has_an_ascii_twin() -> None:
    """No view draws with what `theme` does not know."""
    folder = Path(repl.render.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    assert {each for each in source if not each.isascii()} <= set("".join(_TWINS))
    assert all(twin.isascii() for twin in _TWINS.values())


def test_the_styles_keep_to_the_sixteen_colours() -> None:
    """Each style is made of attributes and of colours that every terminal has."""
    for written in STYLES.values():
        parts = {part.removeprefix("bright_") for part in written.split(" ")}
        assert parts <= {*ANSI_16, *ATTRIBUTES}, written


def test_colour_only_repeats_what_the_words_say() -> None:
    """With the colours taken away the text is the one without colours."""
    for _, view in [*each_step(*TROUBLE), *every_view(played(*TROUBLE), "e1")]:
        coloured = drawn(view, 80, colour=True)
        assert "\x1b[" in coloured
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == drawn(view, 80)


def test_a_step_begins_with_its_verdict_in_capitals() -> None:
    """The first word of a step, and the word in its plain sentence, is the verdict."""
    made = History()
    for command in TROUBLE:
        step = made.do(command)
        view, report = notes.step(step, made), reports.report(step, made)
        assert report.verdict.isupper()
        assert drawn(view).startswith(report.verdict)
        assert f": {report.verdict}" in view.plain()


@pytest.mark.parametrize("commands", [STORY, TROUBLE], ids=["story", "trouble"])
def test_a_past_step_is_told_as_it_was_when_it_was_made(commands: tuple[c.Command, ...]) -> None:
    """Whatever came after it, a step is told in the same words."""
    made = History()
    then = [reports.report(made.do(command), made) for command in commands]
    assert [reports.report(step, made) for step in made.steps] == then


def test_the_plain_form_of_a_step_is_one_line() -> None:
    """A step is one sentence for grep, and no column is aligned in it."""
    for _, view in each_step(*TROUBLE):
        assert view.plain().isascii()
        assert "\n" not in view.plain()
        assert "  " not in view.plain()


@pytest.mark.parametrize("commands", [TROUBLE, FAULTS, REST], ids=["trouble", "faults", "rest"])
def test_what_is_drawn_is_spoken(commands: tuple[c.Command, ...]) -> None:
    """No word and no number stands in a drawn report or list that the plain form leaves out."""
    views = [*each_step(*commands), *every_view(played(*commands), "e1")]
    for name, view in views:
        if isinstance(view, ReportView) or type(view) is TableView:
            heads = {word for each in getattr(view, "columns", ()) for word in each.name.split()}
            shown = set(re.findall(r"\w+", drawn(view, 200, ASCII)))
            assert shown - heads <= set(re.findall(r"\w+", view.plain())), name


def test_a_long_feed_names_some_of_its_words() -> None:
    """A step that fed a book says how many words it fed, not which."""
    made = History()
    step = made.do(c.Feed(tuple(f"w{number % 700}" for number in range(5000))))
    assert len(notes.step(step, made).plain()) < 300
    assert drawn(notes.step(step, made)).count("\n") < 12
