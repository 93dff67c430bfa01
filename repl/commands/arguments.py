"""What can stand behind a command right now: the live choices of its arguments."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from core.errors import Mistyped
from core.lab.commands import Retry, Switch, typed
from core.lab.declaration import Argument, Choice
from core.lab.facts import Saved
from repl.render import wording
from repl.session import Session

_MOST = 200
"""Steps offered at once."""


def at_prompt(argument: Argument) -> Argument:
    """Return an argument of a laboratory's command as one of the prompt: for a session."""
    choices = argument.choices
    if choices is None:
        return argument

    def shown(session: Session) -> Iterable[Choice]:
        for word, meant in choices(session.lab):
            yield word, wording.holding(meant) if isinstance(meant, Saved) else meant

    return replace(argument, choices=shown)


def steps(session: Session) -> Iterable[Choice]:
    """The last steps, by number."""
    last = session.history.steps[-_MOST:]
    return [(str(step.number), typed(step.command)) for step in reversed(last)]


def moments(session: Session) -> Iterable[Choice]:
    """The steps to go to: the undone ones next, the last ones, and the start."""
    undone = session.history.undone[: -_MOST - 1 : -1]
    yield from ((str(step.number), f"{typed(step.command)}, undone") for step in undone)
    yield from steps(session)
    if session.history.steps:
        yield "0", "the start"


def path(named: str, example: str) -> Path:
    """Return the path that was named, `~` being the home folder. Raises Mistyped if it is none."""
    if not named or "\0" in named:
        raise Mistyped(f"expected a path, not {named!r}", example)
    try:
        return Path(named).expanduser()
    except RuntimeError:  # no such user, or nobody's home
        return Path(named)


EVENT = at_prompt(Retry.arguments[0])
ON_OFF = Switch.arguments[1]
