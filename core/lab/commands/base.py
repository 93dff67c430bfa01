"""What every command says of itself, and how one is written and read."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from core.errors import Mistyped
from core.lab.declaration import Argument
from core.lab.facts import Fact
from core.lab.world import OnProgress, World
from core.outputs import EventId


@dataclass(frozen=True)
class LabCommand:
    """A command of the laboratory: a value, which never changes.

    The docstring of a class is the help of its verb.
    """

    verb: ClassVar[str]
    """The word with which one types it."""
    aliases: ClassVar[tuple[str, ...]] = ()
    synonyms: ClassVar[tuple[str, ...]] = ()
    """What people type who mean it: it is suggested to them."""
    group: ClassVar[str] = "drive"
    """Where help lists it."""
    arguments: ClassVar[tuple[Argument, ...]] = ()
    """What can stand behind the verb, given a world."""
    example: ClassVar[str]
    fault: ClassVar[bool] = False
    """Whether it is bad luck, which neither a source nor a person wants."""
    switches: ClassVar[bool] = False
    """Whether it switches the mechanisms."""
    delivers: ClassVar[bool] = False
    """Whether what it sends can reach the processor."""
    sweeping: ClassVar[bool] = False
    """Whether it may change anything, so that a step looks at all of it before and after."""
    while_down: ClassVar[bool] = False
    """Whether it is for a processor that is down."""

    @classmethod
    def read(cls, *words: str) -> "LabCommand":
        """Return the command that these words behind the verb mean; they were checked already."""
        return cls(*words)

    @classmethod
    def offers(cls, _world: World, _words: Sequence[str]) -> Iterable[Self]:
        """Return those of its kind that one may type in this world; some will be refused.

        `words` are what events may carry. Unless a kind says more, there is one of it, with
        all that can be chosen left open.
        """
        return (cls(),)

    @property
    def typed(self) -> str:
        """The command as one types it; as its raw JSON line where it cannot be typed."""
        return line(self.verb, *vars(self).values())

    @property
    def size(self) -> int:
        """How many events it names: what it costs."""
        return 1

    def adds(self, _world: World) -> bool:
        """Whether it is a person's wish to send an event that the log does not have yet."""
        return False

    def chosen(self, _world: World) -> Self:
        """Return it with what was left to choose filled in.

        Raises Refused where it means nothing, with a hint what to type; changes nothing.
        """
        return self

    def do(self, world: World, facts: list[Fact], on_progress: OnProgress) -> Self:
        """Do it to the world, with nothing left to choose; add the facts of it.

        Returns it, or what of it was done before `on_progress` said no.
        """
        raise NotImplementedError


def expect(holds: object, value: object, wanted: str, hint: str) -> None:
    """Raise Mistyped unless this holds of a value that a command is made with."""
    if not holds:
        raise Mistyped(f"{value!r} is not {wanted}", hint)


def expect_id(value: object, what: str, hint: str) -> None:
    """Raise Mistyped unless a value can be an event id or a checkpoint's name, or is left out."""
    good = value is None or (isinstance(value, str | int) and not isinstance(value, bool))
    expect(good, value, f"{what}, a string or an integer", hint)


def line(verb: str, *arguments: object) -> str:
    """Return a verb with its arguments behind it, in quotes where they need them."""
    given = [shlex.quote(str(each)) for each in arguments if each is not None]
    return " ".join([verb, *given])


def request(kind: str, **fields: EventId | None) -> str:
    """Write a command as its raw request. Imported here: the prompt starts without json."""
    import json  # noqa: PLC0415

    return json.dumps({"type": kind, **fields})


def typeable(text: EventId | None) -> bool:
    """Whether an id or a word comes back from the prompt as it went in."""
    return text is None or (isinstance(text, str) and text.isprintable() and text != "?")
