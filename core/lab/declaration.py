"""The declaration of a command (name, arguments, help), and how a typed word finds it.

The commands of the laboratory are declared in `core/lab/commands/`, those of the prompt
where they are handled. This module has no list of them.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from core.errors import Mistyped
from core.lab.words import joined

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
    these are accepted, in any world: it returns word → meaning, and `alike` maps words that people
    write by mistake to one of them, or to nothing. An argument with `many` takes all words that are
    left. One that is `free` can be any text: in a hint, it takes the words that are too many.
    """

    name: str
    meaning: str
    choices: Choices | None = None
    required: bool = False
    closed: Callable[[], Mapping[str, str]] | None = None
    many: bool = False
    alike: Mapping[str, str] = field(default_factory=dict)
    free: bool = False

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


class Near(NamedTuple):
    """A choice that was probably meant, and by how many words."""

    name: str
    words: int


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """How a command is typed, and its help: a summary in the first line, then the details.

    An alias runs the command, too. A synonym is another word that people try for it: it is
    only suggested, never run. Where a session would be lost by it, a command is not even
    `suggested` to somebody who has typed something like it.
    """

    name: str
    group: str
    example: str
    help: str
    arguments: tuple[Argument, ...] = ()
    aliases: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    suggested: bool = True

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

    def chooses(self, many: int) -> bool:
        """Whether there is a choice of words at each of the first `many` places."""
        return many <= len(self.arguments) and all(map(self.choices, range(many)))

    def choices(self, place: int) -> Mapping[str, str]:
        """Return the words that can stand at a place, each with its meaning; none if any can."""
        closed = self.arguments[place].closed
        return {} if closed is None else closed()

    def check(self, words: Sequence[str]) -> None:
        """Raise Mistyped if these are not valid arguments: too few, too many, or not offered."""
        needed = sum(argument.required for argument in self.arguments)
        unbounded = any(argument.many for argument in self.arguments)
        if len(words) < needed:
            missing = [each for each in self.arguments if each.required][len(words)]
            raise Mistyped(f"{self.name} needs {missing.name}: {missing.meaning}", self.example)
        self.check_choices(words)
        if len(words) > len(self.arguments) and not unbounded:
            extra = words[len(self.arguments)]
            raise Mistyped(f"{extra!r} is one word too many: {self.usage}", self._meant(words))

    def check_choices(self, words: Sequence[str]) -> None:
        """Raise Mistyped if a word stands where there is a choice, and is none of it."""
        for place in range(min(len(words), len(self.arguments))):
            names = tuple(self.choices(place))
            if names and words[place] not in names:
                found = self._near(place, words[place:])
                said = " ".join(words[place : place + (found.words if found else 1)])
                raise Mistyped(f"expected {either(names)}, not {said!r}", self._meant(words))

    def _meant(self, words: Sequence[str]) -> str:
        """Return the line that was probably meant: what is right of it is kept.

        Where that is not clear, it asks for help.
        """
        if not (self.suggested and self.arguments):
            return f"help {self.name}"
        mended = self.mended(words)
        return joined([self.name, *filter(None, mended)]) if mended else f"{self.name} ?"

    def mended(self, words: Sequence[str]) -> list[str]:
        """Return the arguments with the nearest choices, up to the first that is like none.

        An empty one stands for nothing. There are none where words are left that may say
        something else.
        """
        turned = [self._exactly(place, word) for place, word in enumerate(words[::-1])]
        if len(words) > 1 and all(turned):
            return [each for each in turned if each]  # `mechanism off dedup`
        left, mended = list(words), list[str]()
        for place in range(len(self.arguments)):
            found = self._near(place, left)
            if found is None:
                break
            mended.append(found.name)
            del left[: found.words]
        else:
            return mended if _IDLE.issuperset(map(str.lower, left)) else []
        return mended

    def _near(self, place: int, words: Sequence[str]) -> Near | None:
        """Return what the first of these words were probably meant to be at a place, if any."""
        argument, names = self.arguments[place], tuple(self.choices(place))
        if names or not words:
            return nearest(words, names, argument.alike)
        return Near(" ".join(words), len(words)) if argument.free else Near(words[0], 1)

    def _exactly(self, place: int, word: str) -> str | None:
        """Return the choice at a place that a word is, or is another word for."""
        names = self.choices(place) if place < len(self.arguments) else {}
        return word if word in names else self.arguments[place].alike.get(word) if names else None


_ALIKE = 0.5
"""How like a choice a word must be to be taken for it; 1 is letter by letter the same."""
_BEGINS, _PART = 0.9, 0.8
"""How like it is that begins no other, or is a part of no other."""


def nearest(
    words: Sequence[str], names: Sequence[str], others: Mapping[str, str] = MappingProxyType({})
) -> Near | None:
    """Return the name that the first of these words were probably meant to be; None if none is.

    It may be several words, have another separator, be in capitals, misspelt, or only begun.
    `others` maps what people say for a name to that. What denies, asks, or begins several names
    is none of them.
    """
    firsts = [first for first, *behind in map(_parts, names) if behind]
    best, found = _ALIKE, None
    for count in range(1, min(len(words), _LONGEST) + 1):
        parts = _parts(" ".join(words[:count])[:_LETTERS])
        said = "".join(parts)
        if said in others:
            return Near(others[said], count)
        if said in _HELPS or said.endswith("?") or not _DENIES.isdisjoint(parts):
            break
        parts = _parted(parts, firsts)
        begun = [name for name in names if said and "".join(_parts(name)).startswith(said)]
        within = [name for name in names if said in _parts(name)]
        for name in names:
            alike = _likeness(parts, _parts(name))
            if len(name) <= _SHORT and said[:1] != name[:1]:
                continue  # `none` is not `on`
            if said == "".join(_parts(name)):
                pass
            elif name in begun:
                alike = max(alike, _BEGINS) if len(begun) == 1 else 0
            elif name in within:
                alike = max(alike, _PART) if len(within) == 1 else 0
            if alike > best:
                best, found = alike, Near(name, count)
    return found


def _likeness(said: Sequence[str], name: Sequence[str]) -> float:
    """Return how like the parts of a name those of a text are, from 0 to 1.

    Of a name with several parts, neither the first nor the others alone can make it alike.
    """
    first, *behind = name
    whole = _ratio("".join(said), "".join(name))
    if not behind or len(said) <= 1:
        return whole
    pairs = (said[0], first), ("".join(said[1:]), "".join(behind))
    begun = (len(one) > 0 and other.startswith(one) for one, other in pairs)
    alike = [
        _BEGINS if begins else _ratio(*pair) for begins, pair in zip(begun, pairs, strict=True)
    ]
    return max(whole, _ALIKE_PART) if min(alike) >= _ALIKE_PART else 0


def _parted(parts: list[str], firsts: Sequence[str]) -> list[str]:
    """Return the parts of a text; where it is one, and begins like a name, it is two of them."""
    for first in firsts:
        if len(parts) == 1 and parts[0].startswith(first) and parts[0] != first:
            return [first, parts[0].removeprefix(first)]  # `beforecommit`
    return parts


def _ratio(one: str, other: str) -> float:
    from difflib import SequenceMatcher  # noqa: PLC0415 - the prompt starts without

    return SequenceMatcher(None, one, other).ratio()


_ALIKE_PART = 0.6
"""How like each part of a name must be, where it has several."""
_LONGEST, _LETTERS, _SHORT = 5, 99, 2
"""The most words that are taken for one, the most letters that are compared, and how many letters
are so few that they are in many a word."""
_HELPS = {"help", "h", "?"}
"""What asks for help in other places: it is no misspelt choice."""
_DENIES = {"not", "no", "non", "never", "without", "except"}
"""What turns the meaning of the words around it: they are no choice any more."""
_ARTICLES = {"the", "a", "an"}
_IDLE = {"now", "please", "immediately"}
"""What people write behind a command, and changes nothing about what it means."""


def _parts(text: str) -> list[str]:
    """Return the parts of a name, or of words that may be one, in small letters."""
    parts = [each for each in re.split(r"[-_\s]+", text.lower()) if each]
    return [each for each in parts if each not in _ARTICLES] or parts


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
    if word.endswith("?"):
        about = word.rstrip("?")
        known = [each.name for each in among.values() if about in (each.name, *each.aliases)]
        asked = known[0] if known else _nearest(about, among)
        raise Mistyped(f"there is no command {word!r}", f"help {asked}" if asked else "help")
    raise Mistyped(f"there is no command {word!r}", _nearest(word, among) or "help")


def _nearest(word: str, among: Mapping[str, Declaration]) -> str | None:
    """Return the name of the command that was probably meant; None if none is close.

    Nor if it is one that is never suggested, or was denied: `no-crash`.
    """
    import difflib  # noqa: PLC0415 - the prompt starts without

    if not _DENIES.isdisjoint(_parts(word)):
        return None
    known = {
        said: each for each in among.values() for said in (*each.synonyms, *each.aliases, each.name)
    }
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.7)
    return known[close[0]].name if close and known[close[0]].suggested else None


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
