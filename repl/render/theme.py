"""How things look: the glyphs with their ASCII twins, the styles, and how user text is made safe.

The styles are the sixteen colours every terminal has. Nothing here asks what a terminal
can do; `repl/render/terminal.py` decides and picks a table of glyphs.
"""

from typing import NamedTuple

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

MOST = 24
"""Characters of one id, word or name that a sentence shows."""

_TAIL = 12
"""Characters that naming the length of a longer one takes."""


class Glyphs(NamedTuple):
    """What one may draw with. Views are written in Unicode; `write` puts them in these glyphs."""

    ascii: bool

    def write(self, text: str) -> str:
        """Return a text in these glyphs; in ASCII, what has no twin is shown escaped."""
        if not self.ascii or text.isascii():
            return text
        for glyph, twin in _TWINS.items():
            text = text.replace(glyph, twin)
        return text.encode("ascii", "backslashreplace").decode("ascii")


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


def safe(text: object, most: int = MOST) -> str:
    """Return user text as it may be printed: what has no picture is shown escaped.

    That is every control character, ESC, marks that turn the direction of writing, and
    halves of surrogate pairs. A text of more than `most` characters is cut, and its
    length named.
    """
    whole = str(text)
    if len(whole) <= most:
        return _visible(whole)
    return f"{_visible(whole[: most - _TAIL])}…({len(whole)} characters)"


def _visible(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _escape(each) for each in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
