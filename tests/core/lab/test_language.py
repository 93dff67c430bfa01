"""The prompt's language: words, quotes and comments of one line."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Mistyped
from core.lab.language import split, without_comment


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


@given(st.text())
def test_cutting_a_comment_off_leaves_a_beginning_of_the_line(line: str) -> None:
    assert line.startswith(without_comment(line))
