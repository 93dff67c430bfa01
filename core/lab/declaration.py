"""The declaration of a command (name, arguments, help), and how a typed word finds it.

The commands of the laboratory are declared in `core/lab/commands/`, those of the prompt
where they are handled. This module has no list of them.
"""

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from core.errors import Mistyped

Choice = tuple[str, Any]
"""A word that can be typed, and its meaning: a text, or a value that a view puts in words."""

Choices = Callable[[Any], Iterable[Choice]]
"""Takes the world (for a command of the prompt: the session), and returns what can be typed."""

_DIGITS = 18
"""The longest number that is read; no number of steps or events has more digits."""
_SHOWN = 24
"""A longer word that is not a number is shortened in the message."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a command.

    `choices` gives the words to offer now, for completion. With `closed`, no other words than
    these are accepted, in any world: it returns word → meaning. An argument with `many` takes
    all words that are left.
    """

    name: str
    meaning: str
    choices: Choices | None = None
    required: bool = False
    closed: Callable[[], Mapping[str, str]] | None = None
    many: bool = False

    @property
    def usage(self) -> str:
        """How the argument stands in a usage line: `ID`, `[ID]`, `WORD...`."""
        shown = f"{self.name}..." if self.many else self.name
        return shown if self.required else f"[{shown}]"

    def offered(self, where: object) -> Iterable[Choice]:
        """Return what can be typed here now, given the world or the session."""
        if self.choices is not None:
            return self.choices(where)
        return () if self.closed is None else self.closed().items()


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """How a command is typed, and its help: a summary in the first line, then the details.

    An alias runs the command, too. A synonym is another word that people try for it: it is
    only suggested, never run.
    """

    name: str
    group: str
    example: str
    help: str
    arguments: tuple[Argument, ...] = ()
    aliases: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """What the command does, in one line."""
        return self.help.partition("\n")[0].strip().rstrip(".")

    @property
    def details(self) -> str:
        """The help after the summary."""
        lines = self.help.partition("\n")[2].splitlines()
        return "\n".join(line.strip() for line in lines).strip()

    @property
    def usage(self) -> str:
        """The command with its arguments, as help shows it."""
        return " ".join([self.name, *(argument.usage for argument in self.arguments)])

    def check(self, words: Sequence[str]) -> None:
        """Raise Mistyped if these are not valid arguments: too few, too many, or not offered."""
        needed = sum(argument.required for argument in self.arguments)
        unbounded = any(argument.many for argument in self.arguments)
        if len(words) < needed:
            missing = [each for each in self.arguments if each.required][len(words)]
            raise Mistyped(f"{self.name} needs {missing.name}: {missing.meaning}", self.example)
        if len(words) > len(self.arguments) and not unbounded:
            extra = words[len(self.arguments)]
            raise Mistyped(f"{extra!r} is one word too many: {self.usage}", self.example)
        for place, argument in enumerate(self.arguments[: len(words)]):
            if argument.closed is not None:
                self._check_choice(words, place, list(argument.closed()))

    def _check_choice(self, words: Sequence[str], place: int, names: Sequence[str]) -> None:
        """Raise Mistyped if the word at a place is not one of `names`."""
        word = words[place]
        if word in names:
            return
        import difflib  # noqa: PLC0415 - the prompt starts without

        close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
        meant = [self.name, *words[:place], *close, *words[place + 1 :]]
        hint = shlex.join(meant) if close else self.example
        raise Mistyped(f"expected {either(names)}, not {word!r}", hint)


D = TypeVar("D", bound=Declaration)


def find(word: str, among: Mapping[str, D], *, prefixes: bool = False) -> D:
    """Return the command of this name, alias or (with `prefixes`) unique beginning.

    Raises Mistyped with one suggestion, which is never run instead.
    """
    for declared in among.values():
        if word == declared.name or word in declared.aliases:
            return declared
    begun = [name for name in among if name.startswith(word)] if prefixes else []
    if len(begun) == 1:
        return among[begun[0]]
    if begun:
        raise Mistyped(f"{word!r} can be {either(begun)}", begun[0])
    raise Mistyped(f"there is no command {word!r}", _nearest(word, among) or "help")


def _nearest(word: str, among: Mapping[str, Declaration]) -> str | None:
    """Return the name of the command that was probably meant; None if none is close."""
    import difflib  # noqa: PLC0415 - the prompt starts without

    known = {
        said: each.name
        for each in among.values()
        for said in (*each.synonyms, *each.aliases, each.name)
    }
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return known[close[0]] if close else None


def whole_number(word: str, meaning: str, example: str, *, least: int = 0) -> int:
    """Read a whole number. Raises Mistyped if the word is not one, or less than `least`.

    `meaning` names the number in the message; `example` becomes the hint.
    """
    if not (word.isascii() and word.isdigit() and len(word) <= _DIGITS and int(word) >= least):
        shown = word if len(word) <= _SHOWN else f"{word[: _SHOWN // 2]}…({len(word)} characters)"
        text = f"expected {meaning}: a whole number from {least} on, not {shown!r}"
        raise Mistyped(text, example)
    return int(word)


def either(names: Sequence[str]) -> str:
    """Return `a`, `a or b`, `a, b or c`."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
