"""Help, and the way out."""

from repl import registry
from repl.registry import Argument, Mistyped, command
from repl.session import Leave, Session
from repl.views import View, notes


def _names(_: Session) -> list[registry.Choice]:
    return [(name, declared.summary) for name, declared in registry.COMMANDS.items()]


@command(
    "help",
    "h",
    group="help",
    arguments=(Argument("COMMAND", "a command to explain", _names),),
    example="help crash",
)
def show_help(session: Session, name: str | None = None) -> View:
    """List the commands, or explain one. `?` is the same, and so is `COMMAND ?`."""
    if name is None:
        return notes.commands(registry.COMMANDS.values(), registry.GROUPS)
    try:
        declared = registry.find(name, prefixes=True)
    except Mistyped as fault:
        hint = fault.hint if fault.hint == "help" else f"help {fault.hint}"
        raise Mistyped(fault.text, hint) from None
    return notes.command(declared, here=session.takes(declared.example))


@command("quit", "q", "exit", group="help", example="quit")
def leave(_: Session) -> None:
    """Leave. The session is kept in a file, and you are told which."""
    raise Leave
