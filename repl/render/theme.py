"""How things look: the glyphs with their ASCII twins, the styles, and how user text is made safe.

A user may type what we draw with. So `safe` marks that as the user's, our glyphs alone become
ASCII, and `as_typed` takes the marks off in the end.

The styles are the sixteen colours every terminal has. Nothing here asks what a terminal
can do; `repl/render/terminal.py` decides and picks a table of glyphs.
"""

from typing import NamedTuple

from core.lab.letters import begins, escape, escaped, letters, unseen

_TWINS = {
    " · ": ", ",
    "→": "->",
    "←": "<-",
    "►": ">",
    "◄": "<",
    "▲": "^",
    "▼": "v",
    "−": "-",
    "─": "-",
    "━": "-",
    "│": "|",
    "┃": "|",
    "▌": "|",
    "╇": "+",
    "•": "*",
    "└": "+",
    "┘": "+",
    "┴": "+",
    "×": "x",
    "…": "...",
    "·": ".",
}
"""Each glyph the views draw with, and what stands for it where there is ASCII alone."""

WHOLE = 40
"""Characters of one id, word or name that a sentence shows whole: of a UUID, say."""

MOST = 24
"""Characters that one takes which is longer, with how long it is."""

_TAIL = 12
"""Those of them that naming the length takes."""

_CUT = 8
"""What is so many times as long is cut, however few letters it has."""

GLYPHS = "".join(dict.fromkeys("".join(_TWINS).replace(" ", "")))
"""All of them, for a set in a regular expression."""

_MARKS = {each: 0xFDD0 + place for place, each in enumerate(GLYPHS)}
"""Each glyph, and the noncharacter that stands for it where it is the user's.

A noncharacter that the user has typed is shown escaped.
"""


class _Seen(dict[int, int | str]):
    """What one sees of each character that a view is made of; filled as they come."""

    def __missing__(self, code: int) -> int | str:
        """Return the character, escaped where a terminal might obey it."""
        each = chr(code)
        self[code] = shown = escape(each) if unseen(each) and each != "\n" else code
        return shown


_MARKED = str.maketrans(_MARKS)
_SEEN = _Seen({mark: glyph for glyph, mark in _MARKS.items()})


class Glyphs(NamedTuple):
    """What one may draw with, and the encoding of what it is written to.

    Views are written in Unicode; `write` puts them in these glyphs.
    """

    ascii: bool
    encoding: str = "utf-8"

    def write(self, text: str) -> str:
        """Return a text with our words in these glyphs, and the user's as they were typed.

        What the encoding does not have is shown escaped.
        """
        if not self.ascii or text.isascii():
            return text
        for glyph, twin in _TWINS.items():
            text = text.replace(glyph, twin)
        if self.encoding == "utf-8":
            return text
        return "".join(map(self._encoded, text))

    def _encoded(self, each: str) -> str:
        meant = as_typed(each)
        shown = meant.encode(self.encoding, "backslashreplace").decode(self.encoding)
        return each if shown == meant else shown


UNICODE = Glyphs(ascii=False)
ASCII = Glyphs(ascii=True)

STYLES = {
    "": "",
    "added": "green",
    "removed": "red",
    "changed": "yellow",
    "label": "dim",
    "note": "dim",
    "try": "cyan",
    "lost": "red",
    "kept": "green",
    "wrong": "bold red",
    "off": "yellow",
    "title": "bold",
    "good": "bold green",
    "same": "bold yellow",
    "bad": "bold red",
    "plain": "bold",
    "path": "",
}
"""What the views call a look, and how it is drawn."""

VERDICTS = {
    "good": {"APPLIED", "SAVED", "RESTORED", "REPLAYED", "COMMITTED", "RESTARTED", "FED"}
    | {"SAME", "MET", "HOLDS", "OK", "ONCE"},
    "same": {"SKIPPED", "ROLLED BACK", "ARMED", "DISARMED", "SWITCHED", "UNDONE", "REDONE", "AT"}
    | {"BACK", "RESET", "WAITING"},
    "bad": {"DOUBLED", "LOST", "CRASHED", "ACK LOST", "EVENT LOST", "REFUSED", "DIFFERENT"}
    | {"NOT MET", "BROKEN"},
}
"""The look of each verdict; that of the others, and of titles, is plain."""


def style(name: str) -> str:
    """Return how rich writes the look of this name."""
    return STYLES[name]


def verdict_look(verdict: str) -> str:
    """Return the name of a verdict's look, by what it means."""
    return next((look for look, said in VERDICTS.items() if verdict in said), "plain")


def verdict_style(verdict: str) -> str:
    """Return how rich writes a verdict."""
    return STYLES[verdict_look(verdict)]


def safe(text: object, most: int | None = MOST) -> str:
    """Return user text for a view to show: escaped, cut, and marked as the user's.

    A text of more than `WHOLE` characters, and more than `most`, is cut between two letters, and
    its length named, where fewer letters are left of it. The mark is on what looks like a glyph of
    ours. It is taken off where the view is shown.
    """
    whole = str(text)
    if most is None or len(whole) <= max(most, WHOLE):
        return escaped(whole).translate(_MARKED)
    end = most - _TAIL
    while not begins(whole, end):
        end -= 1
    cut = f"{escaped(whole, end).translate(_MARKED)}…({len(whole)} characters)"
    shown = escaped(whole).translate(_MARKED) if len(whole) <= _CUT * most else ""
    return shown if shown and _letters(shown) <= _letters(cut) else cut


def as_typed(text: str) -> str:
    """Return a text of views as it is to be seen: without the marks on what is the user's.

    It is the last thing that is done to it. A control character that got so far is escaped.
    """
    return text if text.isascii() and text.isprintable() else text.translate(_SEEN)


def whole(text: str, most: int = MOST) -> bool:
    """Whether a text is shown as it is, nothing escaped and nothing cut; `most` as in `safe`."""
    return as_typed(safe(text, most)) == text


def _letters(text: str) -> int:
    return sum(1 for _ in letters(text))
