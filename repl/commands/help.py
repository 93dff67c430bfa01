"""Help, and the way out."""

from collections.abc import Sequence

from core.errors import Mistyped
from core.lab.declaration import Argument, Choice
from repl import registry
from repl.registry import PromptCommand, command
from repl.render import View, notes
from repl.session import Session, SessionEnded


def _names(_: Session) -> list[Choice]:
    return [(name, declared.summary) for name, declared in registry.COMMANDS.items()]


def _declared(name: str) -> PromptCommand:
    """Return the command to explain. Raises Mistyped."""
    try:
        return registry.find(name, prefixes=True)
    except Mistyped as fault:
        hint = fault.hint if fault.hint == "help" else f"help {fault.hint}"
        raise Mistyped(fault.text, hint) from None


def _explains(_: Session, words: Sequence[str]) -> None:
    """Bar a command that there is not. Raises Mistyped."""
    if words:
        _declared(words[0])


@command(
    "help",
    "h",
    group="help",
    arguments=(Argument("COMMAND", "a command to explain", _names),),
    example="help crash",
    guard=_explains,
)
def show_help(session: Session, name: str | None = None) -> View:
    """List the commands, or explain one. `?` is the same, and so is `COMMAND ?`."""
    if name is None:
        return notes.commands(registry.COMMANDS.values(), registry.GROUPS)
    declared = _declared(name)
    return notes.command(declared, here=not session.lacks(declared))


@command("quit", "q", "exit", group="help", example="quit")
def leave(_: Session) -> None:
    """Leave. The session is kept in a file, and you are told which."""
    raise SessionEnded
