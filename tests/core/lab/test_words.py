"""Words: quotes, escapes and comments of one line, and the other way round."""

import shlex
from unicodedata import category

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.errors import Mistyped
from core.lab.words import Quoted, joined, split, written
from tests.core.lab.scenes import ODD


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("   \t ", []),
        ("process e1 hello", ["process", "e1", "hello"]),
        ("process e1 'two words'", ["process", "e1", "two words"]),
        ('process e1 "it\'s"', ["process", "e1", "it's"]),
        (r"process two\ words", ["process", "two words"]),
        ("commit # the first one", ["commit"]),
        ("# nothing else", []),
        ("process e#1 a#b", ["process", "e#1", "a#b"]),
        ("process '#tag'", ["process", "#tag"]),
        ('process "a # b"', ["process", "a # b"]),
        (r"process \# x", ["process", "#", "x"]),
        ("process e1 ''", ["process", "e1", ""]),
        ("expect count hello >= 2", ["expect", "count", "hello", ">=", "2"]),
        ("process a|b (c) ; & <d>", ["process", "a|b", "(c)", ";", "&", "<d>"]),
        ("process a\xa0#b", ["process", "a\xa0#b"]),
        ("process a\u3000b\u2003\x0bc\u3000 ", ["process", "a\u3000b\u2003\x0bc\u3000"]),
        (r"process $'two\nlines'", ["process", "two\nlines"]),
        (r"process a$'\t'b$c", ["process", "a\tb$c"]),
        (r"""$'\r\a\b\e\f\v\\\'\"\?'""", ["\r\a\b\x1b\f\v\\'\"?"]),
        (r"$'\x41\u00e9\U0001F600\101\0\ud800'", ["A\u00e9\U0001f600A\0\ud800"]),
        ("$'a#b  c'", ["a#b  c"]),
        ("$''", [""]),
        ("$ a$ \"$'x'\"", ["$", "a$", "$'x'"]),
    ],
)
def test_a_line_is_split_into_the_words_of_a_command(line: str, words: list[str]) -> None:
    assert split(line) == words


@pytest.mark.parametrize("line", ["process 'open", 'process "open', "process 'a' \"b"])
def test_a_quote_left_open_is_named(line: str) -> None:
    with pytest.raises(Mistyped, match="quote is left open"):
        split(line)


def test_a_backslash_at_the_end_is_named() -> None:
    with pytest.raises(Mistyped, match="backslash ends the line"):
        split("process \\")


@given(st.lists(st.text(min_size=1)))
def test_words_quoted_as_a_shell_quotes_them_come_back(words: list[str]) -> None:
    assert split(" ".join(map(shlex.quote, words))) == words


@pytest.mark.parametrize("escape", [r"\q", r"\x", r"\ug", r"\U00110000", r"\8", "\\\u0663"])
def test_an_escape_that_there_is_not_is_named(escape: str) -> None:
    with pytest.raises(Mistyped, match="names no character") as caught:
        split(f"process $'{escape}'")
    assert split(caught.value.hint) == ["process", "two\nlines"]


@given(st.text(st.sampled_from(" \t\n\r'\"\\\xa0ab$?=")))
def test_without_escapes_and_comments_a_line_is_split_as_a_shell_splits_it(line: str) -> None:
    assume("$'" not in line)
    try:
        words = shlex.split(line)
    except ValueError:
        with pytest.raises(Mistyped):
            split(line)
    else:
        assert split(line) == words


@given(st.lists(ODD))
def test_words_come_back_as_they_were_written_whatever_is_in_them(words: list[str]) -> None:
    line = joined(words)
    assert split(line) == words
    assert joined(split(line)) == line
    assert not any(category(each) in {"Cc", "Cs", "Zl", "Zp"} for each in line)


@pytest.mark.parametrize(
    ("word", "typed"),
    [
        ("hello", "hello"),
        ("", "''"),
        ("two words", "'two words'"),
        ("?", "'?'"),
        ("#1", "'#1'"),
        ("$'a'", """'$'"'"'a'"'"''"""),
        ("two\nlines", r"$'two\nlines'"),
        ("it's\t\\", r"$'it\'s\t\\'"),
        ("\x1b[0m\x85\u2028\ufeff", r"$'\x1b[0m\x85\u2028\ufeff'"),
        *(
            (f"a{odd}b", rf"$'a\{code}b'")
            for odd, code in [
                *(("\xad", "xad"), ("\u200b", "u200b"), ("\u2060", "u2060"), ("\u3164", "u3164")),
                *(("\u061c", "u061c"), ("\u202e", "u202e"), ("\u2066", "u2066")),
                *(("\ufdd0", "ufdd0"), ("\uffff", "uffff"), ("\U000e0067", "U000e0067")),
                *(("\U0001fffe", "U0001fffe"), ("\U0010ffff", "U0010ffff")),
            ]
        ),
        *(
            (f"a{seen}", f"'a{seen}'")
            for seen in ("\u3000", "\xa0", "\u2003b", "\ue000", "\U0001fae8", "\u0378")
        ),
        ("a\u3000'", "'a\u3000'\"'\"''"),
        ("\ufe0f", r"$'\ufe0f'"),
        ("\ud800", r"$'\ud800'"),
        ("\ud83d\ude00", r"$'\ud83d\ude00'"),
        ("\U0001f469\u200d\U0001f467", "'\U0001f469\u200d\U0001f467'"),
        ("\u200d", r"$'\u200d'"),
        ("a\u200db", r"$'a\u200db'"),
        ("a\ufe0f", r"$'a\ufe0f'"),
        ("\U0001f469\u200da", "$'\U0001f469\\u200da'"),
        ("\u0645\u06cc\u200c\u062e", "'\u0645\u06cc\u200c\u062e'"),
        ("a\u180b\u180b", r"$'a\u180b\u180b'"),
        ("a" + "\u180b\u200d" * 999, "$'a" + r"\u180b\u200d" * 999 + "'"),
    ],
)
def test_a_word_is_written_as_one_types_it(word: str, typed: str) -> None:
    assert written(word) == typed
    assert split(typed) == [word]


@pytest.mark.parametrize("line", ["'?'", '"?"', r"\?", "$'?'", "?''"])
def test_a_word_that_stood_in_quotes_is_known_to_have_done_so(line: str) -> None:
    (word,) = split(line)
    assert word == "?"
    assert isinstance(word, Quoted)
    assert not isinstance(split("?")[0], Quoted)
    assert split(written(word)) == [word]
    assert isinstance(split(written(word))[0], Quoted)
