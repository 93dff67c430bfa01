"""The base class of the laboratory's commands, and how arguments are checked and written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from core.errors import Mistyped
from core.lab.declaration import Argument
from core.lab.facts import Fact
from core.lab.words import joined
from core.lab.world import OnProgress, World
from core.outputs import EventId


@dataclass(frozen=True)
class LabCommand:
    """A command of the laboratory, as an immutable value.

    The docstring of a subclass is the help of its verb.
    """

    verb: ClassVar[str]
    """The first word when one types it."""
    aliases: ClassVar[tuple[str, ...]] = ()
    synonyms: ClassVar[tuple[str, ...]] = ()
    """Words that people try for it: it is suggested then, not run."""
    group: ClassVar[str] = "drive"
    """Where help lists it."""
    arguments: ClassVar[tuple[Argument, ...]] = ()
    """The arguments behind the verb."""
    example: ClassVar[str]
    fault: ClassVar[bool] = False
    """Whether it makes a fault (a crash, a lost ack), or calls one off."""
    switches: ClassVar[bool] = False
    """Whether it switches the mechanisms."""
    delivers: ClassVar[bool] = False
    """Whether what it sends can reach the processor."""
    sweeping: ClassVar[bool] = False
    """Whether it may change any part of the state, so that a step compares all of it."""
    while_down: ClassVar[bool] = False
    """Whether it can be carried out while the processor is down."""

    @classmethod
    def read(cls, *words: str) -> "LabCommand":
        """Return the command with these arguments, which `Declaration.check` has accepted.

        Raises Mistyped where one of them is still not valid.
        """
        return cls(*map(str, words))  # whether they stood in quotes no longer matters

    @classmethod
    def looks(cls, _words: Sequence[str]) -> bool:
        """Whether these arguments only ask what there is, and make no command."""
        return False

    @classmethod
    def offers(cls, _world: World, _words: Sequence[str]) -> Iterable[Self]:
        """Return the commands of this class worth trying in this world; some will be refused.

        `words` are the words for new events. By default: one command, with all its choices left
        open.
        """
        return (cls(),)

    @property
    def typed(self) -> str:
        """The command as one types it, on one line; a raw request as its JSON."""
        return line(self.verb, *vars(self).values())

    @property
    def size(self) -> int:
        """About how many events it sends: what it costs to carry out."""
        return 1

    def adds(self, _world: World) -> bool:
        """Whether it sends an event that is not in the source's log yet (not if it was raw)."""
        return False

    def chosen(self, _world: World) -> Self:
        """Return it with the choices filled in that were left open, such as an id.

        Raises Refused, with a hint what to type, if it is not possible now. Changes nothing.
        """
        return self

    def do(self, world: World, facts: list[Fact], on_progress: OnProgress) -> Self:
        """Carry it out in the world, and add its facts to `facts`. It comes from `chosen`.

        Returns it, or the part of it that was done before `on_progress` returned False.
        """
        raise NotImplementedError


def expect(holds: object, value: object, wanted: str, hint: str) -> None:
    """Raise Mistyped, saying that `value` is not what was `wanted`, unless `holds` is true."""
    if not holds:
        raise Mistyped(f"{value!r} is not {wanted}", hint)


def expect_id(value: object, what: str, hint: str) -> None:
    """Raise Mistyped unless a value is None, a string or an integer, as ids and names are."""
    good = value is None or (isinstance(value, str | int) and not isinstance(value, bool))
    expect(good, value, f"{what}, a string or an integer", hint)


def line(verb: str, *arguments: object) -> str:
    """Return a command line: the verb and the arguments that are not None, quoted if needed."""
    return joined([verb, *(str(each) for each in arguments if each is not None)])


def request(kind: str, **fields: EventId | None) -> str:
    """Return a command as a raw request. json is imported here, as the prompt starts without."""
    import json  # noqa: PLC0415

    return json.dumps({"type": kind, **fields})
