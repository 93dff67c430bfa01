"""What the terminal can do, decided once: colour, glyphs, width.

Colour: flag > NO_COLOR > FORCE_COLOR > TERM=dumb > whether it is a terminal. Neither rich
nor prompt-toolkit is asked; both are told.
"""

import codecs
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, TextIO

if TYPE_CHECKING:
    from rich.console import Console

    from repl.render import View
    from repl.render.theme import Glyphs

WIDTH = 80
"""Columns where there is no terminal."""


class Terminal(NamedTuple):
    """How to write to standard output. `plain`: sentences, no boxes, no columns."""

    out: TextIO
    colour: bool
    plain: bool
    glyphs: "Glyphs"

    def console(self) -> "Console":
        """Return a console as wide as the terminal is now."""
        from rich.console import Console

        return Console(
            file=self.out,
            width=width(self.out),
            color_system="standard" if self.colour else None,
            force_terminal=self.colour,
            no_color=not self.colour,
            markup=False,
            emoji=False,
            highlight=False,
            legacy_windows=False,
        )

    def show(self, view: "View") -> None:
        """Print a view."""
        if self.plain:
            said = view.plain()
            print(said, end="\n" if said else "", file=self.out, flush=True)
        else:
            from repl.render.draw import AsTyped

            self.console().print(AsTyped(view.draw(self.glyphs)))


def look(out: TextIO, *, colour: bool | None, plain: bool | None) -> Terminal:
    """Decide how to write to `out`, given what the command line says (None: nothing).

    Where colour is asked for, it is drawn also into a pipe.
    """
    from repl.render.theme import UNICODE, Glyphs

    if plain is None:
        dumb = os.environ.get("TERM") == "dumb" or not out.isatty()
        plain = dumb and not coloured(os.environ, colour, terminal=False)
    drawn = not plain and _can_write(out, "→│·")
    glyphs = UNICODE if drawn else Glyphs(ascii=True, encoding=_encoding(out))
    return Terminal(out, coloured(os.environ, colour, out.isatty()), plain, glyphs)


def coloured(environment: Mapping[str, str], flag: bool | None, terminal: bool) -> bool:  # noqa: FBT001 - facts, not switches
    """Decide whether to use colour."""
    if flag is not None:
        return flag
    if environment.get("NO_COLOR"):
        return False
    forced = environment.get("FORCE_COLOR")
    if forced is not None and forced != "":
        return forced != "0"
    return terminal and environment.get("TERM") != "dumb"


def width(out: TextIO) -> int:
    """Return the terminal's columns, or `WIDTH`."""
    try:
        return os.get_terminal_size(out.fileno()).columns or WIDTH
    except (OSError, ValueError):
        return WIDTH


def both_ends() -> bool:
    """Whether a person sits at both ends: keys come from a terminal and go to one."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _can_write(out: TextIO, text: str) -> bool:
    try:
        text.encode(_encoding(out))
    except UnicodeEncodeError:
        return False
    return True


def _encoding(out: TextIO) -> str:
    """Return what a stream is written in, by Python's own name for it."""
    try:
        return codecs.lookup(out.encoding or "ascii").name
    except LookupError:
        return "ascii"
