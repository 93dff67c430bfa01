"""Every command of the prompt, in one list: those of the laboratory, and those it has beside.

A command of the laboratory is declared in its class (`core/lab/commands/`). One of the prompt
alone is a function with `@command(...)` on it, whose docstring is the help: the first line
the summary, the rest the details. The parser, `help`, the completion, did-you-mean, the usage
errors, README's table and the tests over all commands are made from that and from nothing
else.

A handler takes the session and the words after the command, as many as declared. It
returns a command of the laboratory, which the session then carries out as a step, or a
view to look at. It prints nothing.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib import import_module
from typing import Any

from core.errors import Mistyped
from core.lab import declaration, language
from core.lab.commands import Command
from core.lab.declaration import Argument, Declaration
from core.lab.words import Quoted, split

Guard = Callable[[Any, Sequence[str]], None]
"""Given the session, and the words behind a command: raises Refused where it cannot be had."""

GROUPS = {
    "drive": "send events, save, go back, commit",
    "break": "make things go wrong",
    "look": "see what there is, and why",
    "travel": "go back and forth in the session",
    "search": "try every schedule of a few events and faults",
    "learn": "walk through a lesson",
    "keep": "save the session, show the wire",
    "help": "find your way",
}


def free(_session: object, _words: Sequence[str]) -> None:
    """Bar nothing."""


@dataclass(frozen=True, kw_only=True)
class PromptCommand(Declaration):
    """One command at the prompt. `handler` is called with the session and the arguments.

    `guard` is asked before anything else: a session on a store does not travel, say. One that
    `forces` can be typed as `NAME!`, too: it then writes over whatever is there. One that `stops`
    asks the session's `on_progress` whether to go on, and ends early with what it has.
    """

    handler: Callable[..., Any]
    guard: Guard = free
    forces: bool = False
    stops: bool = False

    @property
    def forced(self) -> "PromptCommand":
        """What `NAME!` is."""
        return replace(self, name=f"{self.name}!", handler=partial(self.handler, force=True))


COMMANDS: dict[str, PromptCommand] = {}
"""Every command by its name, in the order of help."""

_MODULES = ("laboratory", "inspect", "travel", "search", "learn", "keep", "share", "help")
"""The modules that declare commands, in the order of help."""


def command(  # noqa: PLR0913 - what a declaration is made of
    name: str,
    *aliases: str,
    group: str,
    arguments: tuple[Argument, ...] = (),
    example: str,
    guard: Guard = free,
    forces: bool = False,
    stops: bool = False,
    synonyms: tuple[str, ...] = (),
    suggested: bool = True,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare the command that a function handles."""

    def declare(handler: Callable[..., Any]) -> Callable[..., Any]:
        COMMANDS[name] = PromptCommand(
            name=name,
            group=group,
            example=example,
            help=handler.__doc__ or "",
            arguments=arguments,
            aliases=aliases,
            synonyms=synonyms,
            suggested=suggested,
            handler=handler,
            guard=guard,
            forces=forces,
            stops=stops,
        )
        return handler

    return declare


@cache
def load() -> dict[str, PromptCommand]:
    """Import the modules that declare commands; return all commands, in the order of help."""
    modules = [import_module(f"repl.commands.{name}").__name__ for name in _MODULES]
    declared = sorted(COMMANDS.items(), key=lambda item: modules.index(item[1].handler.__module__))
    COMMANDS.clear()
    COMMANDS.update(declared)
    return COMMANDS


def read(line: str, *, prefixes: bool = False) -> Command | None:
    """Return the command of the laboratory that a line means; None for what only looks.

    Raises Refused. No file is read: of one to feed, its name is the word.
    """
    if line.lstrip().startswith("{"):
        return language.read(line)
    words = asked(split(line), prefixes=prefixes)
    if not words:
        return None
    declared = find(words[0], prefixes=prefixes)
    if declared.name not in language.COMMANDS:
        return None
    declared.check(words[1:])
    return language.made(declared.name, words[1:])


def asked(words: list[str], *, prefixes: bool) -> list[str]:
    """Return the words of a line, with `? ...` and `COMMAND ?` as the `help` they ask for.

    In quotes, or behind an argument that can be any word, a `?` is a word like any other.
    """
    if not words:
        return words
    if _asks(words[0]):
        return ["help", *words[1:]]
    if not _asks(words[-1]):
        return words
    try:
        chosen = find(words[0], prefixes=prefixes).chooses(len(words) - 2)
    except Mistyped:
        chosen = True
    return ["help", *words[:-1]] if chosen else words


def _asks(word: str) -> bool:
    return word == "?" and not isinstance(word, Quoted)


def find(word: str, *, prefixes: bool) -> PromptCommand:
    """Return the command of this name, alias or (with `prefixes`) unique beginning.

    Raises Mistyped with one suggestion.
    """
    if word.lower() in _CLEARS:
        raise Mistyped(f"there is no command {word!r}: Ctrl-L clears the screen", "help")
    if word.lower() in _DESTROYS:
        raise Mistyped(f"there is no command {word!r}", "help")
    if word.endswith("!"):
        forcing = {name: each for name, each in load().items() if each.forces}
        with suppress(Mistyped):
            return declaration.find(word[:-1], forcing, prefixes=prefixes).forced
    try:
        return declaration.find(word, load(), prefixes=prefixes)
    except Mistyped as fault:
        if word.lower() in load()["show"].choices(0):
            fault.hint = f"show {word.lower()}"
        raise


def stops(line: str) -> bool:
    """Whether a line, with its command in full, is of one that `stops`."""
    try:
        return find(split(line)[0], prefixes=False).stops
    except (Mistyped, IndexError):
        return False


_CLEARS = ("clear", "cls")
"""What clears the screen elsewhere. It must not be taken for what clears a session."""
_DESTROYS = ("wipe", "erase", "delete", "del", "remove", "rm", "drop", "destroy", "purge")
"""What destroys something elsewhere: no command is anything like it."""
