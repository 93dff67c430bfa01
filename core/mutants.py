"""The mutants: wrong engines, each of which is the right one with one decision taken wrongly.

A mutant has a misconception if somebody who believes that would build such an engine. It is
the right processor with a mechanism switched off, or a subclass of the processor or of the
laboratory that overrides one method. Whatever is not overridden is the right code.
"""

from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple, Self

from core.checkpoints import CheckpointId, Copies, Copy, State
from core.lab.facts import Fact
from core.lab.lab import Lab
from core.mechanisms import EXACTLY_ONCE, SWITCHES
from core.misconceptions import MISCONCEPTIONS, Misconception
from core.outputs import EventId
from core.processor import Processor
from core.search.explore import Violation, explore
from core.search.moves import Bounds

Shows = Literal["wire", "wire-strict", "lab"]
"""Where a mutant can be exposed: on the wire by the four basic messages; on the wire by these
and rollback; or only in the laboratory, as it needs a crash."""


class Mutant(NamedTuple):
    """A wrong engine.

    `wrong` says in a sentence what it does; `mechanism` is the one it lacks, as typed, or
    None. `start` makes a laboratory with it (in memory, or with the `durability` given), and
    `processor` makes its processor, for a node.
    """

    name: str
    wrong: str
    misconception: Misconception | None
    mechanism: str | None
    shows: Shows
    start: Callable[..., Lab]
    processor: Callable[[], Processor]


class _Copying(Processor):
    """The right processor with copies as checkpoints: the base class of wrong processors."""

    keeps = Copies


class _SeenLeftOut(Copies):
    def load(self, name: CheckpointId, state: State) -> None:
        super().load(name, state)
        state.seen = {}


class SeenLost(_Copying):
    """A restore brings back counts and pending, and makes seen empty."""

    keeps = _SeenLeftOut


class _PendingLeftOut(Copies):
    def load(self, name: CheckpointId, state: State) -> None:
        super().load(name, state)
        state.outputs.discard_pending()


class PendingLost(_Copying):
    """A restore brings back counts and seen, and drops the pending outputs of the checkpoint."""

    keeps = _PendingLeftOut


class _Aliases(Copies):
    def save(self, name: CheckpointId, state: State) -> None:
        self.saved[name] = Copy(state.counts, state.seen, state.outputs.pending)

    def copy(self, state: State, twin: State) -> Self:
        """Return checkpoints that share counts and seen with the twin where these do."""
        copied = super().copy(state, twin)
        for name, saved in self.saved.items():
            counts = twin.counts if saved.counts is state.counts else saved.counts
            seen = twin.seen if saved.seen is state.seen else saved.seen
            copied.saved[name] = Copy(counts, seen, saved.pending)
        return copied


class Aliased(_Copying):
    """A checkpoint holds counts and seen themselves, not copies: later events change it."""

    keeps = _Aliases


class SeenLeft(_Copying):
    """Rolls back the outputs alone: the events behind them stay processed."""

    def rollback(self) -> int:
        """Discard what is pending, and undo no event."""
        discarded = len(self.pending)
        self.outputs.discard_pending()
        return discarded


class OutputsKept(_Copying):
    """Rolls back the events alone: their outputs stay pending."""

    def rollback(self) -> int:
        """Undo the events behind the pending outputs, and keep the outputs pending."""
        pending = self.pending
        discarded = super().rollback()
        for output in pending:
            self.outputs.stage(*output)
        return discarded


class DedupByWord(_Copying):
    """Takes an event for a duplicate if its word has a count already."""

    def process(self, event_id: EventId, word: str) -> tuple[int, bool]:
        """Process one delivery, but skip a word that has a count."""
        if word in self.counts:
            return self.counts[word], True
        return super().process(event_id, word)


class DedupByIdAndWord(_Copying):
    """Takes a known id for a new event if it comes with another word."""

    def process(self, event_id: EventId, word: str) -> tuple[int, bool]:
        """Process one delivery, but forget an id whose word differs."""
        if self.seen.get(event_id, word) != word:
            del self.seen[event_id]
        return super().process(event_id, word)


class Forgetful(_Copying):
    """Keeps only the last id in seen, and all counts."""

    def process(self, event_id: EventId, word: str) -> tuple[int, bool]:
        """Process one delivery, and forget every other id."""
        answer = super().process(event_id, word)
        self.seen = {event_id: self.seen[event_id]}
        return answer


class OffsetFirst(Lab):
    """Moves the offset of its checkpoints forward before an event is processed."""

    right = False

    def deliver(self, position: int, word: str, facts: list[Fact]) -> None:
        """Move the checkpoints' offsets behind the event, then deliver it."""
        for name, saved in self.saved.items():
            self.saved[name] = saved._replace(offset=max(saved.offset, position + 1))
        super().deliver(position, word, facts)


class TornCommit(Lab):
    """Moves outputs to the sink one by one, so a crash can come between two."""

    right = False

    def interrupt_commit(self) -> None:
        """Move half of the pending outputs to the sink."""
        outputs = self.processor.outputs
        outputs.committed += (len(outputs) - outputs.committed) // 2


class _Row(NamedTuple):
    """A row of the table below. `engine` is the wrong class, or the mechanism that is off."""

    name: str
    engine: type[Processor] | type[Lab] | str
    wrong: str
    misconception: int | None
    lacks: str | None = None
    shows: Shows = "wire"


_TABLE = (
    _Row("no-dedup", "dedup", "it counts an event at every delivery", 1),
    _Row(
        "seen-lost",
        SeenLost,
        "a restore brings the counts back, and an empty seen",
        2,
        "seen-in-checkpoints",
    ),
    _Row(
        "seen-kept",
        "seen-in-checkpoints",
        "a restore brings the counts back, and leaves seen as it is",
        2,
    ),
    _Row(
        "offset-first",
        OffsetFirst,
        "it saves the position before it processes the event",
        3,
        shows="lab",
    ),
    _Row("direct-output", "transactional-output", "outputs go out at once, not at commit", 4),
    _Row("pending-lost", PendingLost, "a restore drops the outputs that wait in the checkpoint", 5),
    _Row(
        "rollback-leaves-seen",
        SeenLeft,
        "a rollback leaves its ids in seen",
        6,
        shows="wire-strict",
    ),
    _Row("sink-repeats", "idempotent-sink", "the sink takes an output it already holds", 7),
    _Row("short-memory", Forgetful, "seen holds the last id alone", 9, "dedup"),
    _Row("dedup-by-word", DedupByWord, "a known word makes a duplicate, whatever the id", 10),
    _Row("dedup-by-id-and-word", DedupByIdAndWord, "a known id with another word counts", 10),
    _Row(
        "rollback-keeps-outputs",
        OutputsKept,
        "a rollback undoes the events and leaves their outputs pending",
        None,
        shows="wire-strict",
    ),
    _Row("aliased-checkpoint", Aliased, "a checkpoint goes on changing with the state", None),
    _Row(
        "torn-commit",
        TornCommit,
        "a crash in a commit leaves half of its outputs out",
        None,
        shows="lab",
    ),
)


def _mutant(row: _Row) -> Mutant:
    """Return the mutant of a row."""
    lab: Callable[..., Lab]
    if isinstance(row.engine, str):
        mechanisms = EXACTLY_ONCE._replace(**{SWITCHES[row.engine]: False})
        lab, processor = partial(Lab, mechanisms), partial(Processor, mechanisms)
    elif issubclass(row.engine, Lab):
        lab, processor = row.engine, partial(Processor)
    else:
        lab, processor = partial(Lab, EXACTLY_ONCE, row.engine), partial(row.engine)
    number, lacks = row.misconception, row.lacks
    return Mutant(
        name=row.name,
        wrong=row.wrong,
        misconception=None if number is None else MISCONCEPTIONS[number],
        mechanism=row.engine if isinstance(row.engine, str) else lacks,
        shows=row.shows,
        start=lab,
        processor=processor,
    )


MUTANTS = {row.name: _mutant(row) for row in _TABLE}
"""The wrong engines by name."""

BEATEN_WITHIN = Bounds(events=3, faults=1, checkpoints=1)
"""Bounds of a search within which each mutant is exposed that an honest source can expose."""


def counterexample(mutant: Mutant, bounds: Bounds = BEATEN_WITHIN) -> Violation | None:
    """Search for a shortest schedule under which a mutant breaks a rule.

    None if there is none within the bounds. For example, `dedup-by-id-and-word` needs a source
    that is not honest, and sends an id again with another word.
    """
    violations = explore(bounds, mutant.start, first=True).violations
    return violations[0] if violations else None
