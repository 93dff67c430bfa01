"""Every command of the prompt, declared once.

A command is a function with `@command(...)` on it. Its declaration holds the name, the
aliases, the arguments with what can stand there right now, and an example; its docstring
is the help: the first line the summary, the rest the details. The parser, `help`, the
completion, did-you-mean, the usage errors, README's table and the tests over all commands
are made from that and from nothing else.

A handler takes the session and the words after the command, as many as declared. It
returns a command of the laboratory, which the session then carries out as a step, or a
view to look at. It prints nothing.
"""

import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from core.errors import Mistyped

Choice = tuple[str, str]
"""What can be typed, and what it means."""

Choices = Callable[[Any], Iterable[Choice]]
"""Given the session, which is only handed on here: what can stand at a place in it."""

Bar = Callable[[Any, Sequence[str]], None]
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


STEPPING = ("drive", "break")
"""The groups whose commands make steps: their handlers are pure, and return a command."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One place behind a command.

    `choices` gives what can stand here now, for completion; where `closed`, nothing else
    may. `many` takes all the words that are left.
    """

    name: str
    meaning: str
    choices: Choices = field(default=lambda _: ())
    required: bool = False
    closed: bool = False
    many: bool = False

    @property
    def usage(self) -> str:
        """How the argument stands in a usage line: `ID`, `[ID]`, `WORD...`."""
        shown = f"{self.name}..." if self.many else self.name
        return shown if self.required else f"[{shown}]"


@dataclass(frozen=True, slots=True)
class Declaration:
    """One command. `handler` is called with the session and the arguments.

    `bar` is asked before anything else: a session on a store does not travel, say.
    """

    name: str
    aliases: tuple[str, ...]
    group: str
    arguments: tuple[Argument, ...]
    example: str
    handler: Callable[..., Any]
    bar: Bar = lambda _session, _words: None

    @property
    def summary(self) -> str:
        """What the command does, in one line."""
        return self._documentation()[0]

    @property
    def details(self) -> str:
        """The rest of what is to be said of it."""
        return self._documentation()[1]

    @property
    def usage(self) -> str:
        """The command with its arguments, as help shows it."""
        return " ".join([self.name, *(argument.usage for argument in self.arguments)])

    def check(self, session: object, words: Sequence[str]) -> None:
        """Raise Mistyped if these words cannot stand behind the command."""
        needed = sum(argument.required for argument in self.arguments)
        unbounded = any(argument.many for argument in self.arguments)
        if len(words) < needed:
            missing = [each for each in self.arguments if each.required][len(words)]
            raise Mistyped(f"{self.name} needs {missing.name}: {missing.meaning}", self.example)
        if len(words) > len(self.arguments) and not unbounded:
            extra = words[len(self.arguments)]
            raise Mistyped(f"{extra!r} is one word too many: {self.usage}", self.example)
        for place, argument in enumerate(self.arguments[: len(words)]):
            if argument.closed:
                names = [name for name, _ in argument.choices(session)]
                _check_choice(self, words, place, names)

    def _documentation(self) -> tuple[str, str]:
        first, _, rest = (self.handler.__doc__ or "").partition("\n")
        lines = [line.strip() for line in rest.splitlines()]
        return first.strip().rstrip("."), "\n".join(lines).strip()


COMMANDS: dict[str, Declaration] = {}
"""Every command by its name, in the order of help."""

_MODULES = ("drive", "faults", "inspect", "travel", "search", "learn", "keep", "share", "help")
"""The modules that declare commands, in the order of help."""

SYNONYMS = {
    "abort": "rollback",
    "clear": "reset",
    "explain": "why",
    "kill": "crash",
    "recover": "restore",
    "resend": "retry",
    "revert": "undo",
    "rewind": "replay",
    "send": "process",
    "snapshot": "checkpoint",
    "start": "restart",
    "state": "show",
    "status": "show",
    "switch": "mechanism",
}
"""What people type for a command that goes by another name. It is suggested, never run."""


def command(
    name: str,
    *aliases: str,
    group: str,
    arguments: tuple[Argument, ...] = (),
    example: str,
    bar: Bar = lambda _session, _words: None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare the command that a function handles."""

    def declare(handler: Callable[..., Any]) -> Callable[..., Any]:
        COMMANDS[name] = Declaration(name, aliases, group, arguments, example, handler, bar)
        return handler

    return declare


def load() -> dict[str, Declaration]:
    """Import the modules that declare commands; return all commands, in the order of help."""
    modules = [import_module(f"repl.commands.{name}") for name in _MODULES]
    places = {module.__name__: place for place, module in enumerate(modules)}
    declared = sorted(COMMANDS.items(), key=lambda item: places.get(item[1].handler.__module__, 0))
    COMMANDS.clear()
    COMMANDS.update(declared)
    return COMMANDS


def find(word: str, *, prefixes: bool) -> Declaration:
    """Return the command of this name, alias or (with `prefixes`) unique beginning.

    Raises Mistyped with one suggestion; a suggestion is never run in its stead.
    """
    for declaration in COMMANDS.values():
        if word == declaration.name or word in declaration.aliases:
            return declaration
    begun = [each for each in COMMANDS.values() if each.name.startswith(word)] if prefixes else []
    if len(begun) == 1:
        return begun[0]
    if begun:
        names = either([each.name for each in begun])
        raise Mistyped(f"{word!r} can be {names}", begun[0].name)
    raise Mistyped(f"there is no command {word!r}", _nearest(word) or "help")


def _nearest(word: str) -> str | None:
    """Return the command that was probably meant."""
    import difflib  # the prompt starts without

    names = {each.name: each.name for each in COMMANDS.values()}
    aliases = {alias: each.name for each in COMMANDS.values() for alias in each.aliases}
    meant = {synonym: name for synonym, name in SYNONYMS.items() if name in COMMANDS}
    known = {**meant, **aliases, **names}
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return known[close[0]] if close else None


def _check_choice(
    declared: Declaration, words: Sequence[str], place: int, names: Sequence[str]
) -> None:
    """Raise Mistyped where the word at a place is none of those that may stand there."""
    word = words[place]
    if word in names:
        return
    import difflib  # the prompt starts without

    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    meant = [declared.name, *words[:place], *close, *words[place + 1 :]]
    hint = shlex.join(meant) if close else declared.example
    raise Mistyped(f"expected {either(names)}, not {word!r}", hint)


def either(names: Sequence[str]) -> str:
    """Return `a`, `a or b`, `a, b or c`."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
