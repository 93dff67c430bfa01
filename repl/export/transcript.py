"""`.txt`: the session as it reads at the prompt: each command, and what came of it."""

from core.lab.commands import typed
from core.lab.history import History
from core.lab.lab import Step
from repl.export.moments import moments, takes
from repl.export.screen import shown
from repl.render import notes
from repl.render.theme import safe

_MOST = 2000
"""Characters of a command that are shown."""


def export(history: History) -> str:
    """Return the transcript of a session."""
    parts = []
    up = history.at(0).up
    for step, lab in moments(history):
        told = shown(notes.step(step, history, takes(lab)), colour=False)
        parts.append(f"{prompt(step, up=up)}{command(step)}\n{told}")
        up = lab.up
    return "\n".join(parts) or "no steps yet\n"


def prompt(step: Step, *, up: bool) -> str:
    """Return the prompt before a step; `up` is whether the processor was up then."""
    return f"[{step.number}] > " if up else f"[{step.number} down] > "


def command(step: Step) -> str:
    """Return the command of a step as it was typed."""
    return safe(typed(step.command), _MOST)
