"""The commands that make the source send events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Self

from core.errors import refused
from core.lab.commands.base import LabCommand, expect, expect_id, line, request
from core.lab.crash_points import DELIVERING
from core.lab.declaration import Argument, Choice, whole_number
from core.lab.facts import (
    SAMPLE,
    Applied,
    Fact,
    Fed,
    Replayed,
    Reused,
    Unsent,
)
from core.lab.ids import as_word, called, known, resembling, spelled, unknown
from core.lab.ids import read as read_id
from core.lab.world import OnProgress, World
from core.outputs import EventId

DELIVERIES = 4096
"""A long command tells `on_progress` how far it is each time so many events were sent."""
_MOST = 200
"""The most choices offered at once; a session may hold a million ids."""


def _ids(world: World) -> Iterator[Choice]:
    """Return the ids in the log, the last one first, at most `_MOST`."""
    log = world.source.log
    return ((as_word(event_id), word) for event_id, word in islice(reversed(log), _MOST))


def counted_words(world: World) -> Iterator[Choice]:
    """Return the words in the counts, at most `_MOST`."""
    counts = world.state.counts
    return ((word, f"count {count}") for word, count in islice(counts.items(), _MOST))


@dataclass(frozen=True)
class Process(LabCommand):
    """Send an event to the processor.

    One word alone is the event's word, and its id the next free one of e1, e2, ...
    The id is the identity: the same id is the same event, whatever word comes with it.
    A word with blanks stands in quotes, one with control characters in $'...'.
    """

    event_id: EventId | None
    word: str
    raw: bool = False
    """Whether it came as JSON: then its sender is the source, and may send events in any order
    and with another word than before."""

    verb = "process"
    aliases = ("p",)
    synonyms = ("send",)
    arguments = (
        Argument("ID", "the event's id; left out, the next of e1, e2, ...", _ids),
        Argument("WORD", "the word it carries", counted_words, required=True, free=True),
    )
    example = "process e1 hello"
    delivers = True

    def __post_init__(self) -> None:
        """Check the id and the word. Raises Mistyped."""
        expect_id(self.event_id, "an id", "process e1 hello")
        expect(isinstance(self.word, str), self.word, "a word", "process e1 hello")

    @property
    def typed(self) -> str:
        """The command as one types it; JSON where it came as that, or with an integer."""
        event_id, word = self.event_id, self.word
        if self.raw or isinstance(event_id, int):
            return request("process", event_id=event_id, word=word)
        return line("process", event_id, word)

    @classmethod
    def read(cls, *words: str) -> Self:
        """Return it with the last word as its word, and the one before it, if any, as its id."""
        *event_id, word = map(str, words)
        return cls(event_id[0] if event_id else None, word)

    @classmethod
    def offers(cls, world: World, words: Sequence[str]) -> Iterator[Self]:
        """Yield new events, and known ids with another word."""
        yield from (cls(None, word) for word in words)
        for event_id, logged in world.source.log:
            yield from (cls(event_id, word) for word in words if word != logged)

    def adds(self, world: World) -> bool:
        """Whether the log does not have its id."""
        return not self.raw and self.event_id not in world.source.positions

    def chosen(self, world: World) -> Self:
        """Return it with an id. Raises Refused if another event is due, or the word is an id."""
        event_id, word, raw = self.event_id, self.word, self.raw
        source = world.source
        if event_id is None:
            if source.positions.get(word, source.offset + 1) <= source.offset:
                raise refused(f"{word} is an id", Retry(word).typed)
            nothing_due(world)
            event_id = world.free_id()
        position = source.positions.get(event_id)
        if not raw and (position is None or position > source.offset):
            nothing_due(world)
        return replace(self, event_id=event_id)

    def do(self, world: World, facts: list[Fact], _on_progress: OnProgress) -> Self:
        """Send one event: a new one, the one that is due, or an earlier one again."""
        event_id, word, raw = self.event_id, self.word, self.raw
        assert event_id is not None
        source = world.source
        position = source.positions.get(event_id)
        if position is None:
            position = source.append(event_id, word)
        logged = source.log[position][1]
        delivered = word
        if logged != word:
            facts.append(Reused(event_id, word, logged))
            if position == source.offset and not raw:
                delivered = logged
        world.deliver(position, delivered, facts)
        return self


@dataclass(frozen=True)
class Retry(LabCommand):
    """Send an event again, as a source does that heard no ack.

    Without an id, the event that was sent last.
    """

    event_id: EventId | None = None

    verb = "retry"
    aliases = ("r",)
    synonyms = ("resend",)
    arguments = (Argument("ID", "an id that was sent, such as e1", _ids),)
    example = "retry e1"
    delivers = True

    def __post_init__(self) -> None:
        """Check the id. Raises Mistyped."""
        expect_id(self.event_id, "an id", "retry")

    @property
    def typed(self) -> str:
        """The command as one types it."""
        return "retry" if self.event_id is None else f"retry {spelled(self.event_id)}"

    @classmethod
    def read(cls, *words: str) -> Self:
        """Return it with its id, if there is one."""
        return cls(read_id(words[0]) if words else None)

    @classmethod
    def offers(cls, world: World, _words: Sequence[str]) -> Iterator[Self]:
        """Yield one for each event in the log."""
        return (cls(event_id) for event_id, _ in world.source.log)

    def chosen(self, world: World) -> Self:
        """Return it with an id. Raises Refused if that was not sent, or another is due first."""
        source = world.source
        if self.event_id is None:
            position = last_sent(world)
        else:
            event_id = known(world, self.event_id)
            if event_id not in source.positions:
                near = resembling(event_id, source.positions)
                hint = "show source" if near is None else Retry(near).typed
                text = f"{called(event_id)} {unknown(world)}"
                raise refused(text, hint if source.log else "process hello")
            position = source.positions[event_id]
        if position > source.offset:
            nothing_due(world)
        return replace(self, event_id=source.log[position][0])

    def do(self, world: World, facts: list[Fact], _on_progress: OnProgress) -> Self:
        """Send an entry of the log again."""
        assert self.event_id is not None
        position = world.source.positions[self.event_id]
        world.deliver(position, world.source.log[position][1], facts)
        return self


@dataclass(frozen=True)
class Feed(LabCommand):
    """Send many new events, one a word, as one step.

    A single argument with a `/` or a `.` in it, or that names a file, is read as a file;
    behind `''` it is a word.
    """

    words: tuple[str, ...]

    verb = "feed"
    aliases = ("f",)
    arguments = (Argument("TEXT|FILE", "words, or a file of them", required=True, many=True),)
    example = "feed to be or not to be"
    delivers = True

    def __post_init__(self) -> None:
        """Check the words. Raises Mistyped."""
        good = isinstance(self.words, tuple) and all(isinstance(word, str) for word in self.words)
        expect(good, self.words, "a tuple of words", "feed to be or not to be")

    @property
    def typed(self) -> str:
        """The command as one types it; a single word stands behind `''`, or it may be a file."""
        return line("feed", "" if len(self.words) == 1 else None, *self.words)

    @classmethod
    def read(cls, *words: str) -> Self:
        """Return it with the words of a text: the prompt has read the file, if it was one."""
        return cls(tuple(word for text in words for word in text.split()))

    @classmethod
    def offers(cls, _world: World, _words: Sequence[str]) -> tuple[Self, ...]:
        """Return none: `process` sends the same events, one by one."""
        return ()

    @property
    def size(self) -> int:
        """How many words it sends."""
        return len(self.words)

    def adds(self, _world: World) -> bool:
        """Every event of it is new."""
        return True

    def chosen(self, world: World) -> Self:
        """Return it as it is. Raises Refused without a word, or while an event is due."""
        nothing_due(world)
        if not self.words:
            raise refused("there is no word to feed", "feed to be or not to be")
        return self

    def do(self, world: World, facts: list[Fact], on_progress: OnProgress) -> Self:
        """Send the words as `process` does, with one fact for all if all are applied alike.

        Returns it with the words that were sent before a crash or `on_progress` ended it.
        """
        first = len(world.source.log)
        if world.faithful and world.armed not in DELIVERING:
            _feed_alike(world, self.words, facts, on_progress)
        else:
            _feed_each(world, self.words, facts, on_progress)
        sent = len(world.source.log) - first
        left = self.words[sent:]
        if left:
            facts.insert(1, Unsent(left[:SAMPLE], len(left)))
        return replace(self, words=self.words[:sent])


@dataclass(frozen=True)
class Replay(LabCommand):
    """Let the source send its log again, from an offset to the end.

    Without an offset, from the first event that is due. Acknowledged events are sent
    again too where the offset lies before them: they are duplicates.
    """

    offset: int | None = None

    verb = "replay"
    aliases = ("rp",)
    synonyms = ("rewind",)
    group = "break"
    arguments = (Argument("OFFSET", "where in the log to begin"),)
    example = "replay 0"
    delivers = True

    def __post_init__(self) -> None:
        """Check the offset. Raises Mistyped."""
        good = self.offset is None or type(self.offset) is int
        expect(good, self.offset, "an offset, an integer", "replay 0")

    @classmethod
    def read(cls, *words: str) -> Self:
        """Return it with its offset. Raises Mistyped where that is no number."""
        return cls(*(whole_number(word, "OFFSET", cls.example) for word in words))

    @classmethod
    def offers(cls, _world: World, _words: Sequence[str]) -> tuple[Self, ...]:
        """Return the replay from what is due, and the replay from the beginning."""
        return cls(), cls(0)

    def chosen(self, world: World) -> Self:
        """Return it with an offset. Raises Refused if nothing would be sent from there."""
        source = world.source
        sends_again(world, "replay")
        start = source.offset if self.offset is None else self.offset
        hint = "replay" if source.due else "replay 0" if source.log else "process hello"
        if not 0 <= start <= source.offset:
            text = f"offset {start} is beyond what was acknowledged, {source.offset}"
            raise refused(text, hint)
        if start == len(source.log):
            raise refused("nothing is due", hint)
        return replace(self, offset=start)

    def do(self, world: World, facts: list[Fact], on_progress: OnProgress) -> Self:
        """Send the log again, from an offset to its end, or until a crash.

        It tells `on_progress` how far it is, and does not end early: `replay` means all.
        """
        start, source = self.offset, world.source
        assert start is not None
        for position, (_, word) in enumerate(source.log[start:], start):
            world.deliver(position, word, facts)
            if not world.up:
                break
            if not (position + 1 - start) % DELIVERIES:
                on_progress(position + 1 - start)
        facts.insert(0, Replayed(start, (source.last or 0) + 1 - start))
        return self


def _feed_alike(
    world: World, words: tuple[str, ...], facts: list[Fact], on_progress: OnProgress
) -> None:
    """Feed a right processor: every id is new, so it applies all events in the same way."""
    source, processor = world.source, world.processor
    counts: dict[str, tuple[int, int]] = {}
    first = position = len(source.log)
    for word in words:
        fed = position - first
        if fed and not fed % DELIVERIES and not on_progress(fed):
            break
        event_id = world.next_id()
        position = source.append(event_id, word) + 1
        after, was_duplicate = processor.process(event_id, word)
        assert not was_duplicate
        counts[word] = (counts[word][0] if word in counts else after - 1, after)
    source.offset, source.last = position, position - 1
    (first_id, _), (last_id, _) = source.log[first], source.log[-1]
    world.sink_length += processor.outputs.committed - world.sink_before
    seen = len(processor.seen)
    facts.append(Fed(position - first, first_id, last_id, counts, world.output, seen))


def _feed_each(
    world: World, words: tuple[str, ...], facts: list[Fact], on_progress: OnProgress
) -> None:
    """Feed one word after the other, until a crash or `on_progress` ends it."""
    source, processor = world.source, world.processor
    first, seen = len(source.log), len(processor.seen)
    made: list[Fact] = []
    for word in words:
        if not world.up or (made and not on_progress(len(source.log) - first)):
            break
        world.deliver(source.append(world.next_id(), word), word, made)
        applied = next((fact for fact in reversed(made[-2:]) if isinstance(fact, Applied)), None)
        seen = len(processor.seen) if world.up else applied.seen if applied else seen
    (first_id, _), (last_id, _) = source.log[first], source.log[-1]
    events = len(source.log) - first
    facts += [Fed(events, first_id, last_id, None, world.output, seen), *made]


def last_sent(world: World) -> int:
    """Return the position of the entry sent last. Raises Refused if nothing was sent."""
    source = world.source
    if source.last is None:
        when = "in this session" if source.log else "yet"
        raise refused(f"nothing was sent {when}", _next_delivery(world))
    return source.last


def sends_again(world: World, what: str) -> None:
    """Raise Refused if source-replay is off; `what` is the command that needs it."""
    if not world.processor.mechanisms.source_replay:
        text = f"source-replay is off: each event is sent once, so no {what}"
        raise refused(text, "mechanism source-replay on")


def nothing_due(world: World) -> None:
    """Raise Refused while an event is due: no new one can be sent before it."""
    due = world.source.due
    if due is not None:
        raise refused(f"{called(due[0])} is due first", _next_delivery(world))


def _next_delivery(world: World) -> str:
    """Return a command that delivers something now: what is due, or the last event of the log."""
    log, due = world.source.log, world.source.due
    if due is not None and world.processor.mechanisms.source_replay:
        return "replay"
    return Retry((due or log[-1])[0]).typed if log else "process hello"
