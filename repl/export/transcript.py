"""`.txt`: the session as it reads at the prompt: each command, and what came of it."""

from collections.abc import Iterator
from io import StringIO

from core.lab.commands import typed
from core.lab.history import History
from repl.export.moments import moments, takes
from repl.render import View, notes
from repl.render.terminal import Terminal
from repl.render.theme import UNICODE, as_typed, safe

_MOST = 2000
"""Characters of a command that are shown."""


def export(history: History) -> str:
    """Return the transcript of a session."""
    parts = [
        f"{prompt}{command}\n{shown(view, colour=False)}" for prompt, command, view in read(history)
    ]
    return "\n".join(parts) or "no steps yet\n"


def read(history: History) -> Iterator[tuple[str, str, View]]:
    """Yield of each step the prompt before it, its command as it was typed, and what came of it."""
    up = history.at(0).up
    for step, lab in moments(history):
        prompt = f"[{step.number}] > " if up else f"[{step.number} down] > "
        view = notes.step(step, history, takes(lab))
        yield prompt, as_typed(safe(typed(step.command), _MOST)), view
        up = lab.up


def shown(view: View, *, colour: bool) -> str:
    """Return a view as a terminal of 80 columns shows it, in colour or without."""
    out = StringIO()
    Terminal(out, colour=colour, plain=False, glyphs=UNICODE).show(view)
    return out.getvalue()
