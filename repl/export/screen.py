"""What a terminal of a fixed width shows of a view, as text."""

from io import StringIO

from repl.render import View
from repl.render.theme import UNICODE

WIDTH = 80


def shown(view: View, *, colour: bool) -> str:
    """Return a view as a terminal of 80 columns shows it, in colour or without."""
    from rich.console import Console

    out = StringIO()
    console = Console(
        file=out,
        width=WIDTH,
        color_system="standard" if colour else None,
        force_terminal=colour,
        no_color=not colour,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )
    console.print(view.draw(UNICODE))
    return out.getvalue()
