"""A session carried out again: each step with the laboratory as it was right after it.

What a view says of a step may need the state at that moment, and a history keeps only the
commands. A laboratory is deterministic, so carrying them out again is no guess.
"""

from collections.abc import Iterator
from functools import partial

from core.errors import Refused
from core.lab.history import History
from core.lab.lab import Lab, Step
from repl import registry
from repl.render.report import Takes


def moments(history: History) -> Iterator[tuple[Step, Lab]]:
    """Yield each step behind the present, with the laboratory right after it.

    It is one laboratory that moves on: look at it before you ask for the next.
    """
    lab = history.at(0)
    for step in history.steps:
        lab.apply(step.command)
        yield step, lab


def takes(lab: Lab) -> Takes:
    """Return what says whether a command is accepted in a laboratory as it is now."""
    return partial(_accepted, lab)


def _accepted(lab: Lab, line: str) -> bool:
    try:
        command = registry.read(line)
    except Refused:
        return False
    return command is None or lab.refusal(command) is None
