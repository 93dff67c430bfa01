r"""Words: how a line is split into them, and how one is written so that it is read back the same.

Blanks part them; in the quotes of a POSIX shell they do not. In `$'...'` any character can be
named: `\n \r \t \a \b \e \f \v \\ \' \" \?`, and by its number `\xHH`, `\uHHHH`, `\UHHHHHHHH`
or `\ooo`, half of a surrogate pair, too. A `#` that begins a word begins a comment. Nothing else
may split a line or put a word in quotes.
"""

import re
from collections.abc import Iterable, Sequence
from shlex import quote
from typing import Self

from core.errors import Mistyped
from core.lab.letters import escaped


class Quoted(str):
    """A word that stood in quotes, at least in part: it is that word and nothing else.

    Without them `?` asks for help, and `int:5` is an integer. `pieces` are what it is put
    together from, those that were in quotes `Quoted`, too; none if it was not read from a line.
    """

    __slots__ = ("pieces",)
    pieces: tuple[str, ...]

    def __new__(cls, text: str, pieces: tuple[str, ...] = ()) -> Self:
        """Make it of a text, and the pieces of that."""
        word = super().__new__(cls, text)
        word.pieces = pieces
        return word


_PIECE = re.compile(
    r"""
    (?P<blank> [ \t\r\n]+ )
    | (?P<plain> (?: [^ \t\r\n'"\\$]++ | \$(?!') )++ )
    | \\ (?P<literal> . )
    | ' (?P<single> [^']*+ ) '
    | " (?P<double> (?: [^"\\]++ | \\. )*+ ) "
    | \$' (?P<escaped> (?: [^'\\]++ | \\. )*+ ) '
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-3]?[0-7]{1,2}|.)", re.DOTALL
)
_NAMED = dict(zip("abeEfnrtv\\'\"?", "\a\b\x1b\x1b\f\n\r\t\v\\'\"?", strict=True))
BLANKS = " \t\r\n"
"""What parts words, and nothing else does."""
_EXAMPLE = r"process $'two\nlines'"


def split(line: str) -> list[str]:
    """Return the words of a line, without its comment; those that were in quotes are `Quoted`.

    Raises Mistyped where a quote is left open, a backslash ends the line, or `$'...'` holds an
    escape that there is not.
    """
    words: list[str] = []
    pieces: list[str] = []
    place = 0
    while place < len(line):
        if not pieces and line[place] == "#":
            break
        piece = _PIECE.match(line, place)
        if piece is None:
            raise _open(line[place])
        place = piece.end()
        kind, text = piece.lastgroup, piece[piece.lastgroup or 0]
        if kind == "blank":
            if pieces:
                words.append(glued(pieces))
            pieces = []
            continue
        if kind == "double":
            text = re.sub(r'\\(["\\])', r"\1", text)
        elif kind == "escaped":
            text = _ESCAPE.sub(_named, text)
        pieces.append(text if kind == "plain" else Quoted(text))
    if pieces:
        words.append(glued(pieces))
    return words


def glued(pieces: Sequence[str]) -> str:
    """Return pieces as one word, which is `Quoted` if one of them is."""
    quoted = any(isinstance(each, Quoted) for each in pieces)
    return Quoted("".join(pieces), tuple(pieces)) if quoted else "".join(pieces)


def _named(escape: re.Match[str]) -> str:
    """Return the character that an escape names. Raises Mistyped if it names none."""
    said = escape[1]
    if said in _NAMED:
        return _NAMED[said]
    digits, base = (said[1:], 16) if said[0] in "xuU" else (said, 8)
    try:
        return chr(int(digits.encode("ascii"), base))
    except ValueError:
        raise Mistyped(f"{escape[0]} names no character in $'...'", _EXAMPLE) from None


def _open(begins: str) -> Mistyped:
    """Return what to say of a piece that has no end."""
    if begins == "\\":
        text = "a backslash ends the line, with nothing behind it to take literally"
        return Mistyped(text, "process 'a\\'")
    return Mistyped("a quote is left open", 'process "two words"')


def written(word: str) -> str:
    """Return a word as one types it: `split` reads it as the same again, and on one line.

    What nobody could see in it is escaped (`core/lab/letters.py`), and nothing else is.
    """
    if escaped(word) != word:
        typed = "$'" + re.sub(r"[\\']", r"\\\g<0>", word) + "'"
        while (shown := escaped(typed)) != typed:  # an escape may part what was joined
            typed = shown
        return typed
    plain = quote(word)
    return f"'{word}'" if isinstance(word, Quoted) and plain == word else plain


def joined(words: Iterable[str]) -> str:
    """Return words as a line, each as one types it."""
    return " ".join(map(written, words))
