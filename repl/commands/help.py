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


def _declared(name: str, words: Sequence[str] = ()) -> PromptCommand:
    """Return the command to explain, with these words behind it. Raises Mistyped."""
    try:
        declared = registry.find(name, prefixes=True)
        declared.check_choices(words)
    except Mistyped as fault:
        hint = _owner(name) or fault.hint.removesuffix(" ?")
        raise Mistyped(fault.text, hint if hint == "help" else f"help {hint}") from None
    return declared


def _owner(word: str) -> str:
    """Return a command with a word that is one of its choices behind it, or nothing."""
    for each in registry.COMMANDS.values():
        if each.chooses(1) and word in each.choices(0):
            return f"{each.name} {word}"
    return ""


def _explains(_: Session, words: Sequence[str]) -> None:
    """Bar a command that there is not. Raises Mistyped."""
    if words:
        _declared(words[0], words[1:])


@command(
    "help",
    "h",
    group="help",
    arguments=(
        Argument("COMMAND", "a command to explain", _names),
        Argument("WORD", "one that can stand behind it", many=True),
    ),
    example="help crash",
    guard=_explains,
)
def show_help(session: Session, name: str | None = None, *words: str) -> View:
    r"""List the commands, or explain one. `?` is the same, and so is `COMMAND ?`.

    A word with blanks stands in quotes, one with control characters in $'...': `'two words'`,
    `$'two\nlines'`. So does one that would mean something else: `'?'`, `'#1'`, `'int:5'`.
    """
    if name is None:
        return notes.commands(registry.COMMANDS.values(), registry.GROUPS)
    declared = _declared(name, words)
    return notes.command(declared, words, here=not session.lacks(declared))


@command("quit", "q", "exit", group="help", example="quit")
def leave(_: Session) -> None:
    """Leave. The session is kept in a file, and you are told which."""
    raise SessionEnded
