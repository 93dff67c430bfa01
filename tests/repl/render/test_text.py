"""User text is shown as typed, in every script, but for what a terminal would obey."""

import json
from io import BytesIO, TextIOWrapper
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from core.lab import commands as c
from core.lab.letters import escaped, letters
from core.lab.words import written
from repl.export import FORMATS
from repl.prompt import toolbar
from repl.render import notes, tables
from repl.render.terminal import look
from repl.render.theme import ASCII, WHOLE, as_typed, safe
from repl.session import Session
from tests.repl.render.sessions import drawn, each_step, every_view, played
from tests.repl.render.test_hostile import commands, views

SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
PICTURED = {
    "Persian": "می\u200cخواهم",
    "Hindi": "क्षत्रिय",
    "Sinhala": "ශ්\u200dරී",
    "Malayalam": "അവന്\u200d",
    "Bengali": "র\u200d্য",
    "Hebrew": "שָׁלוֹם",
    "Korean": "한글",
    "old Korean": "ᄒᆞᆫ글",
    "Chinese": "漢字",
    "selected ideograph": "葛\U000e0100",
    "Thai": "สวัสดี",
    "combining": "e\u0301a\u0308",
    "our glyphs": "a→b·c…d×e│",
    "family": "👨\u200d👩\u200d👧\u200d👦",
    "skin": "👩🏽\u200d💻",
    "heart": "❤\ufe0f\u200d🔥",
    "flags": "🇩🇪🇫🇷",
    "Scotland": SCOTLAND,
    "keycap": "1\ufe0f\u20e3",
    "rainbow": "🏳\ufe0f\u200d🌈",
}
SEEN = {
    "no-break space": "10\xa0km",
    "ideographic space": "全角\u3000空白",
    "private": "\ue001\uf8ff\U0010fffd",
    "newer emoji": "\U0001fae8",
    "not yet a character": "\u0378",
    "Arabic number sign": "\u0600١\u06dd\u08e2",
    "hieroglyphs": "\U00013000\U00013430\U00013000",
    "braille blank": "⠁\u2800⠃",
    "leading mark": "\u0301x",
    "newer ideograph": "\U00031350\U000e0100",
}
UNSEEN = {
    "joiner": ("e1\u200d", "e1\\u200d"),
    "non-joiner": ("e\u200c1", "e\\u200c1"),
    "joiner behind an emoji": ("👨\u200d", "👨\\u200d"),
    "two joiners": ("👨\u200d\u200d👩", "👨\\u200d\\u200d👩"),
    "selector": ("e1\ufe0f", "e1\\ufe0f"),
    "two selectors": ("❤\ufe0f\ufe0f", "❤\ufe0f\\ufe0f"),
    "two Mongolian selectors": ("\u1820\u180b\u180b", "\u1820\u180b\\u180b"),
    "digit selected": ("1\ufe0f", "1\\ufe0f"),
    "tags": ("a\U000e0061", "a\\U000e0061"),
    "no flag there is": ("🏴\U000e0061\U000e007f", "🏴\\U000e0061\\U000e007f"),
    "tags behind a flag": (f"{SCOTLAND}x\U000e0061", f"{SCOTLAND}x\\U000e0061"),
    "filler": ("a\u3164", "a\\u3164"),
    "soft hyphen": ("a\xadb", "a\\xadb"),
    "override": ("\u202eevil", "\\u202eevil"),
    "line separator": ("a\u2028b", "a\\u2028b"),
    "C1": ("\x9b31m", "\\x9b31m"),
    "surrogate": ("\udc80", "\\udc80"),
    "noncharacter": ("\ufdd0\uffff\U0010fffe", "\\ufdd0\\uffff\\U0010fffe"),
    "musical beam": ("a\U0001d173", "a\\U0001d173"),
    "not yet a tag": ("a\U000e0002", "a\\U000e0002"),
}


@pytest.mark.parametrize("word", (PICTURED | SEEN).values(), ids=PICTURED | SEEN)
def test_a_word_is_found_as_typed_in_whatever_is_shown_of_it(word: str) -> None:
    made = played(*commands(word)[:7])
    told = dict(every_view(made, word))
    for name in ("table-counts", "table-seen", "table-sink", "why", "machine"):
        for shown in (told[name].plain(), drawn(told[name], 60), drawn(told[name], 60, ASCII)):
            assert word in shown, name
    for _, view in each_step(c.Process("e1", word)):
        assert word in view.plain()
        assert "->" not in view.plain().replace(word, "")


@pytest.mark.parametrize(("typed", "shown"), UNSEEN.values(), ids=UNSEEN)
def test_what_would_make_two_texts_look_alike_is_shown_escaped(typed: str, shown: str) -> None:
    assert as_typed(safe(typed)) == escaped(typed) == shown


JOINED = (
    *("a\u200db", "👩\u200da", "a\ufe0f", "é\u200de", "می\u200cخواهم", "👩\u200d👩\u200d👧"),
    *("👩\ufe0f\ufe0f\u200d👩", "a\u180b\u180b", "\u1780\u200d\u17b4\u200d\u1780"),
)


@pytest.mark.parametrize("word", JOINED, ids=ascii)
def test_a_command_is_shown_as_one_can_type_it(word: str) -> None:
    made = Session()
    made.run(f'process e1 "{word}"')
    told = [view.plain() for _, view in every_view(made.history, "e1")]
    shown = [line for each in told for line in each.split("\n") if "process e1" in line]
    assert shown
    assert all(f"process e1 {written(word)}" in line for line in shown)


@given(st.text(st.sampled_from([*"a'\\\n", *"".join(JOINED), "\u061c", "ᠠ"])))
def test_what_is_written_is_shown_as_it_is(word: str) -> None:
    assert escaped(written(word)) == written(word)


@pytest.mark.parametrize("blank", "\xa0\u1680\u2003\u202f\u205f\u2800\u3000")
def test_a_word_with_a_blank_stands_in_quotes(blank: str) -> None:
    _, view = next(each_step(c.Process("e1", f"a{blank}")))
    assert f"(e1, 'a{blank}', 1)" in view.plain()


@pytest.mark.parametrize("word", ["a→b·c", "…", "x × y"])
def test_our_glyphs_become_ascii_and_the_users_stay(word: str) -> None:
    made = played(c.Process("e1", word), c.Process("e2", word))
    _, view = list(each_step(c.Process("e1", word), c.Process("e2", word)))[-1]
    shown = f"'{word}'" if " " in word else word
    assert f"{shown} 1 -> 2" in view.plain()
    assert all(told.plain().replace(word, "").isascii() for _, told in every_view(made, "e1"))


@pytest.mark.parametrize("word", ["a→b·c", "…→"])
def test_the_users_glyphs_are_never_taken_for_ours(word: str) -> None:
    twin = ASCII.write(word)
    for name, view in views(word):
        for shown in (view.plain(), drawn(view, 200, ASCII)):
            assert twin not in shown, name


@pytest.mark.parametrize("ending", [each.ending for each in FORMATS])
@pytest.mark.parametrize("word", ["a→b", "漢·字", "👩🏽\u200d💻"])
def test_an_export_keeps_the_users_text(ending: str, word: str) -> None:
    make = next(each.make for each in FORMATS if each.ending == ending)
    text = make(played(*commands(word)[:9]))
    assert not any("\ufdd0" <= each <= "\ufdef" for each in text)
    assert "\\ufd" not in text
    numbered = "".join(f"#{ord(each)};" if each not in "ab→·…" else each for each in word)
    assert any(form in text for form in (word, numbered, json.dumps(word)[1:-1]))


def test_the_toolbar_shows_a_name_as_typed() -> None:
    session = Session()
    session.run("checkpoint a→b")
    assert "a→b" in toolbar.line(session, "", 80)


LETTERS = st.sampled_from([*"ab 1", *PICTURED.values(), "→", "e\u0301", "👍🏽", "🇩🇪"])


@given(st.lists(LETTERS, max_size=40))
def test_a_text_is_cut_between_two_letters(parts: list[str]) -> None:
    text = "".join(parts)
    whole = list(letters(text))
    assert "".join(whole) == text
    shown = as_typed(safe(text))
    if len(text) > WHOLE and shown != escaped(text):
        kept = shown.rpartition("…(")[0]
        ends = accumulate(map(len, whole), initial=0)
        assert kept in {escaped(text, end) for end in ends}
        assert cell_len(shown) < cell_len(escaped(text))
    else:
        assert shown == escaped(text)


@pytest.mark.parametrize(("each", "most"), [("x", 40), ("漢", 40), ("👨\u200d👩\u200d👧", 18 * 5)])
def test_a_text_is_cut_only_where_that_makes_it_shorter(each: str, most: int) -> None:
    longest = each * (most // len(each))
    assert safe(longest) == longest
    assert safe(longest + each).endswith(f"…({len(longest + each)} characters)")


@pytest.mark.parametrize("blank", "\xa0\u1680\u2003\u202f\u205f\u2800\u3000")
def test_a_line_is_broken_at_our_space_and_at_no_blank_of_the_user(blank: str) -> None:
    words = [f"'注文{blank}番号{number}'" for number in range(9)]
    for width in (30, 40):
        lines = drawn(notes.refused(" ".join(words), ""), width).split("\n")
        assert all(any(word in line for line in lines) for word in words)


@pytest.mark.parametrize(
    "names",
    [
        ("order-2024-11-28-customer-00001", "order-2024-11-28-customer-00002"),
        ("6f1c0e52-8d0b-4c0e-9f5e-0a1b2c3d4e5f", "6f1c0e52-8d0b-4c0e-9f5e-0a1b2c3d4e60"),
    ],
)
def test_a_name_of_up_to_forty_characters_is_told_whole(names: tuple[str, str]) -> None:
    made = played(*(c.Process(each, each) for each in names))
    for name, view in every_view(made, names[0]):
        assert "characters)" not in view.plain(), name
    assert all(each in tables.table(made, "seen").plain() for each in names)


@pytest.mark.parametrize("word", PICTURED.values(), ids=PICTURED)
def test_a_line_is_broken_between_two_letters(word: str) -> None:
    text = word * 40
    whole = list(letters(text))
    edges = {sum(map(len, whole[:end])) for end in range(len(whole) + 1)}
    for width in (30, 31):
        lines = drawn(notes.wire_lines([text]), width).splitlines()
        assert "".join(lines) == text
        assert {sum(map(len, lines[:end])) for end in range(len(lines) + 1)} <= edges


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "a→b 漢 é"),
        ("UTF8", "a→b 漢 é"),
        ("latin-1", "a\\u2192b \\u6f22 é"),
        ("ascii", "a\\u2192b \\u6f22 \\xe9"),
        ("gbk", "a→b 漢 é"),
    ],
)
@pytest.mark.parametrize("plain", [True, False])
def test_what_an_encoding_does_not_have_is_escaped_and_nothing_else(
    encoding: str, shown: str, *, plain: bool
) -> None:
    written = BytesIO()
    out = TextIOWrapper(written, encoding=encoding, errors="backslashreplace")
    look(out, colour=False, plain=plain).show(notes.refused("a→b 漢 é", "help"))
    out.flush()
    assert shown in written.getvalue().decode(encoding)
