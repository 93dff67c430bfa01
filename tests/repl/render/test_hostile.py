"""User text of every kind prints as typed or visibly escaped, and breaks nothing."""

import unicodedata

import pytest
from rich.cells import cell_len

from core.lab import commands as c
from core.lab.crash_points import CrashPoint
from core.lab.history import History
from core.lab.letters import escaped
from repl.render import View, history, notes
from repl.render.theme import ASCII, UNICODE, Glyphs, safe
from tests.repl.render.sessions import drawn, each_step, every_view

HOSTILE = {
    "markup": "[/b]",
    "style": "[red]x[/red]",
    "emoji name": ":smile:",
    "colour": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;owned\x07",
    "newline": "a\nb\r\tc",
    "backspace": "abc\b\b\x7f",
    "c1": "\x9b31m",
    "bidi": "\u202eevil\u2066\u200f",
    "emoji": "\U0001f600\U0001f468\u200d\U0001f469",
    "wide": "漢字テスト",
    "rtl": "שלום",
    "combining": "e\u0301" * 30,
    "long": "x" * 10_000,
    "long and wide": "漢" * 10_000,
    "surrogate": "\ud800",
    "null": "\x00",
    "separators": "\u2028\u2029\x85",
    "glyphs": "→·…│",
    "format": "{0} %s {name}",
    "quote": 'it\'s "so" \\',
    "space": "two  words ",
    "empty": "",
}


def commands(text: str) -> tuple[c.Command, ...]:
    """Return a session in which a text is an id, a word and the name of a checkpoint."""
    return (
        c.Process(text, text),
        c.Checkpoint(text),
        c.Process(text, "other"),
        c.Process("e2", text),
        c.Feed((text, "b", text)),
        c.Commit(),
        c.Process("e9", text),
        c.Crash(),
        c.Restore(text),
        c.Replay(),
        c.LoseAck(),
        c.Retry(),
        c.Rollback(),
        c.Replay(),
        c.Crash(CrashPoint.BEFORE_ACK),
        c.Process(text + "2", text),
    )


def views(text: str) -> list[tuple[str, View]]:
    """Return every view of such a session, and each of its steps."""
    made = History()
    for command in commands(text):
        made.do(command)
    shown = [*each_step(*commands(text)), *every_view(made, text)]
    shown += [
        ("typed", notes.typed(made.steps[0])),
        ("refused", notes.refused(f"no {text}", f"retry {text}")),
        ("fault", notes.fault(ValueError(text))),
        ("warning", notes.warning(text)),
        ("saved", notes.saved(text, 1)),
        ("expected", notes.expected(text, met=False, found=text)),
        ("wire", notes.wire_lines([text])),
        ("arrived", history.arrived("UNDONE", made.undo(3), made)),
        ("history", history.steps(made)),
    ]
    return shown


def obeyed(shown: str) -> set[str]:
    """Return what a terminal might act on of a text, or nobody would see of it; joiners pass."""
    return {each for each in shown if not each.isprintable()} - {"\n", "\u200c", "\u200d"}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_drawn_safely_at_every_width(text: str) -> None:
    """Nothing raises, nothing unprintable gets out, and no line is too wide."""
    for name, view in views(text):
        for width in (30, 40, 80):
            shown = drawn(view, width)
            assert obeyed(shown) == set(), name
            assert all(cell_len(line) <= width for line in shown.splitlines()), name
            shown.encode()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_can_be_written_where_there_is_ascii_alone(text: str) -> None:
    """Every character is printable ASCII then; else our glyphs alone become ASCII."""
    typed = set(safe(text, None)) | set(text)
    for name, view in views(text):
        shown = drawn(view, 80, Glyphs(ascii=True, encoding="ascii"))
        assert shown.isascii(), name
        assert shown.replace("\n", "").isprintable(), name
        for shown in (drawn(view, 80, ASCII), view.plain()):
            assert obeyed(shown) == set(), name
            assert {each for each in shown if not each.isascii()} <= typed, name


@pytest.mark.parametrize("text", ["[/b]", "[red]x[/red]", ":smile:", "{0}", "漢字", "\U0001f600"])
def test_what_has_a_picture_prints_as_typed(text: str) -> None:
    """Markup, emoji names and the like are text."""
    assert safe(text) == text
    _, view = next(each_step(c.Process("e1", text)))
    assert f"(e1, {text}, 1)" in drawn(view)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb", "a\\nb"),
        ("\u202e", "\\u202e"),
        ("\ud800", "\\ud800"),
        ("x" * 10_000, f"{'x' * 12}…(10000 characters)"),
    ],
)
def test_what_has_no_picture_is_shown_escaped(text: str, shown: str) -> None:
    """One sees that it is there, and what it is."""
    assert safe(text) == shown


DIRECTING = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
INVISIBLE = (
    {0xAD, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0}
    | {*range(0x180B, 0x1810), *range(0x200B, 0x200E), *range(0x2060, 0x2070)}
    | {*range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFFC), *range(0x1BCA0, 0x1BCA4)}
    | {*range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000)}
)


def test_what_stands_alone_is_escaped_only_where_one_would_not_see_it() -> None:
    """Of all of Unicode nothing passes that a terminal might act on, and all else does."""
    for code in [*range(0x33000), *range(0xDFF00, 0xE1100), *range(0xEFF00, 0xF0100)]:
        each = chr(code)
        unseen = unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"} or code & 0xFFFE == 0xFFFE
        unseen |= code in DIRECTING or code in INVISIBLE or 0xFDD0 <= code <= 0xFDEF
        assert (escaped(each) != each) == unseen, hex(code)
        assert escaped(each).isascii() or not unseen


def test_glyphs_of_our_own_are_left_alone_where_they_can_be_written() -> None:
    """The Unicode table changes nothing."""
    assert UNICODE.write("→ · −") == "→ · −"
    assert ASCII.write("1 → 2 · −") == "1 -> 2, -"


def test_an_integer_id_is_told_from_the_string_of_its_digits() -> None:
    """`1` and `"1"` are different ids, and look it."""
    shown = [
        view.plain() for _, view in each_step(*(c.Process(i, "a", raw=True) for i in (1, "1")))
    ]
    assert "(int:1, a, 1)" in shown[0]
    assert "(1, a, 2)" in shown[1]
