r"""Words: how a line is split into them, and how one is written so that it is read back the same.

Blanks part them; in the quotes of a POSIX shell they do not. In `$'...'` any character can be
named: `\n \r \t \a \b \e \f \v \\ \' \" \?`, and by its number `\xHH`, `\uHHHH`, `\UHHHHHHHH`
or `\ooo`, half of a surrogate pair, too. A `#` that begins a word begins a comment. Nothing else
may split a line or put a word in quotes.
"""

import re
from collections.abc import Iterable
from shlex import quote

from core.errors import Mistyped


class Quoted(str):
    """A word that stood in quotes, at least in part: it is that word and nothing else.

    Without them `?` asks for help, and `int:5` is an integer.
    """

    __slots__ = ()


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
_JOINER = re.compile("(?<=\\S)[\u200c\u200d](?=\\S)")
"""What joins or parts two characters, in an emoji or in Persian: it is part of a word."""
_EXAMPLE = r"process $'two\nlines'"


def split(line: str) -> list[str]:
    """Return the words of a line, without its comment; those that were in quotes are `Quoted`.

    Raises Mistyped where a quote is left open, a backslash ends the line, or `$'...'` holds an
    escape that there is not.
    """
    words: list[str] = []
    pieces: list[str] = []
    quoted = False
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
                words.append(_word(pieces, quoted=quoted))
            pieces, quoted = [], False
            continue
        quoted |= kind != "plain"
        if kind == "double":
            text = re.sub(r'\\(["\\])', r"\1", text)
        elif kind == "escaped":
            text = _ESCAPE.sub(_named, text)
        pieces.append(text)
    if pieces:
        words.append(_word(pieces, quoted=quoted))
    return words


def _word(pieces: list[str], *, quoted: bool) -> str:
    return Quoted("".join(pieces)) if quoted else "".join(pieces)


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
    """Return a word as one types it: `split` reads it as the same again, and on one line."""
    if _JOINER.sub("", word).isprintable():
        plain = quote(word)
        return f"'{word}'" if isinstance(word, Quoted) and plain == word else plain
    return f"$'{''.join(map(_escaped, word))}'"


def joined(words: Iterable[str]) -> str:
    """Return words as a line, each as one types it."""
    return " ".join(map(written, words))


def _escaped(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    return character if character.isprintable() else character.encode("unicode_escape").decode()
