"""The commands that lose an event on its way, or its ack."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from core.errors import refused
from core.lab.commands.base import LabCommand, expect, line
from core.lab.commands.deliveries import counted_words, last_sent, nothing_due, sends_again
from core.lab.declaration import Argument
from core.lab.facts import AckLost, EventLost, Fact
from core.lab.ids import called
from core.lab.world import OnProgress, World

_EVENT = "event"
_LOSABLE = {"ack": "of the last delivery", _EVENT: "on its way: what is due, or a new one"}


@dataclass(frozen=True)
class LoseAck(LabCommand):
    """Lose the ack of the last delivery, or an event on its way to the processor.

    Without its ack the source believes that an event was not processed: it is due again.
    `lose event` loses what is due, with a word a new event: it is sent and never arrives.
    `replay` or `retry` sends either a second time.
    """

    verb = "lose"
    group = "break"
    arguments = (
        Argument("ack|event", "what to lose", required=True, closed=lambda: _LOSABLE),
        Argument("WORD", "the word of a new event to lose", counted_words, free=True),
    )
    example = "lose ack"
    fault = True

    @property
    def typed(self) -> str:
        """The command as one types it."""
        return self.example

    @classmethod
    def read(cls, *words: str) -> "LoseAck | LoseEvent":
        """Return the loss of an ack, or of an event. Raises Mistyped for an ack with a word."""
        what, *word = words
        if what == _EVENT:
            return LoseEvent(*map(str, word))
        expect(not word, " ".join(words), "a thing to lose: an ack has no word", cls.example)
        return cls()

    def chosen(self, world: World) -> Self:
        """Return it as it is. Raises Refused where no ack can be lost."""
        source = world.source
        sends_again(world, "lose ack")
        position = last_sent(world)
        if position < source.offset:
            return self
        last, due = called(source.log[position][0]), called(source.log[source.offset][0])
        waits = "it is due" if last == due else f"{due} is due, and {last} waits behind it"
        raise refused(f"the ack of {last} cannot be lost: {waits}", "replay")

    def do(self, world: World, facts: list[Fact], _on_progress: OnProgress) -> Self:
        """Move the source back to the entry sent last, which is then due again."""
        source = world.source
        assert source.last is not None
        event_id = source.log[source.last][0]
        moved = world.rewind(source.last)
        facts.append(AckLost(event_id, moved, source.standing[1]))
        return self


@dataclass(frozen=True)
class LoseEvent(LabCommand):
    """Lose an event on its way: it is read by `LoseAck`, whose verb it has.

    Without a word, the event that is due; with one, a new event.
    """

    word: str | None = None

    verb = LoseAck.verb
    group = LoseAck.group
    example = "lose event hello"
    fault = True

    def __post_init__(self) -> None:
        """Check the word. Raises Mistyped."""
        expect(self.word is None or isinstance(self.word, str), self.word, "a word", self.example)

    @property
    def typed(self) -> str:
        """The command as one types it."""
        return line(self.verb, _EVENT, self.word)

    @classmethod
    def offers(cls, world: World, words: Sequence[str]) -> Iterator[Self]:
        """Yield the loss of what is due, or of a new event."""
        return (cls(word) for word in ((None,) if world.source.due else words))

    def adds(self, _world: World) -> bool:
        """Whether it has a word: then its event is new."""
        return self.word is not None

    def chosen(self, world: World) -> Self:
        """Return it as it is. Raises Refused where nothing is due, or something is due first."""
        if self.word is not None:
            nothing_due(world)
        elif world.source.due is None:
            raise refused("nothing is due", self.example)
        return self

    def do(self, world: World, facts: list[Fact], _on_progress: OnProgress) -> Self:
        """Send an event that never arrives: it is not applied, and not acknowledged."""
        source, word = world.source, self.word
        position = source.offset if word is None else source.append(world.next_id(), word)
        before = source.offset
        event_id = world.send(position)
        moved = before, source.offset
        facts.append(EventLost(event_id, source.log[position][1], moved, source.standing[1]))
        return self
