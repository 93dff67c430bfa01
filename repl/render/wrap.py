"""Wrapping: a text in lines, none of which ends between a number and what it counts."""

import re
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.containers import Lines

_GLUE = "\ue000"
"""Stands for a space that holds: user text has none of it, as it is shown escaped."""

_HOLDING = (
    re.compile(r"(?<![^\s(])(\d[\d,]*)( )(?=[^\W\d])"),  # 4 seen
    re.compile(r"([^\W\d])( )(?=\d[\d,]*(?:[\s,.;:)]|$))"),  # offset 3
    re.compile(r"(\d)( )(?=→|->)"),
    re.compile(r"(→|->)( )(?=\d)"),  # 0 → 1
)


def wrapped(words: Text, console: "Console", width: int, **how: Any) -> "Lines":  # noqa: ANN401 - what rich takes
    """Return a text in lines of a width; `how` goes to rich."""
    held = words.plain
    for each in _HOLDING:
        held = each.sub(rf"\1{_GLUE}", held)
    if max(map(cell_len, held.split()), default=0) > width:
        return Text.wrap(words, console, width, **how)  # better there than within a word
    glued = words.copy()
    glued.plain = held
    lines = Text.wrap(glued, console, width, **how)
    for line in lines:
        line.plain = line.plain.replace(_GLUE, " ")
    return lines


class Cell(Text):
    """A text that wraps like this wherever rich draws it."""

    def wrap(self, console: "Console", width: int, **how: Any) -> "Lines":  # noqa: ANN401 - the same
        """Return the text in lines."""
        return wrapped(self, console, width, **how)
