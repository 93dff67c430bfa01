"""What can stand behind a command right now: the live choices of its arguments."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from core.errors import Mistyped
from core.lab.commands import Retry, Switch, typed
from core.lab.declaration import Argument, Choice
from core.lab.facts import Saved
from core.lab.words import written
from repl import files
from repl.render import wording
from repl.render.theme import as_typed
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
            yield word, as_typed(wording.holding(meant)) if isinstance(meant, Saved) else meant

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


@contextmanager
def writing(verb: str, file: str, example: str) -> Iterator[None]:
    """Have a command write a file. Raises Mistyped where it cannot, with how to force it."""
    try:
        yield
    except files.Occupied as fault:
        hint = f"{verb}! {written(file)}"
        raise Mistyped(f"cannot write {file!r}: {fault.strerror}", hint) from None
    except OSError as fault:
        raise Mistyped(f"cannot write {file!r}: {fault.strerror}", example) from None


def spared(session: Session) -> files.Spared:
    """Return the files that a session lives on, which no command may write to."""
    disk = session.lab.durability.disk
    stored = () if disk is None else disk.files
    return session.needed | dict.fromkeys(stored, "the store of this session is in it")


EVENT = at_prompt(Retry.arguments[0])
ON_OFF = Switch.arguments[1]
