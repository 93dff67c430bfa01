"""The facts: what happened in a step, as typed values.

A fact about state is read from the state before and after the command, never derived from
the purpose of a command. Questions about the past (since when, for the first time) are
asked of the record (`core/lab/record.py`). Views, lessons and grading read these values;
no program has to parse a sentence.
"""

from collections.abc import Mapping
from itertools import islice
from typing import Literal, NamedTuple

from core.checkpoints import CheckpointId, Copy
from core.lab.crash_points import CrashPoint
from core.mechanisms import Mechanisms
from core.outputs import EventId, Output
from core.processor import Processor

SAMPLE = 6
"""How many words, ids or outputs are listed at most; the totals are given beside them."""


class Summary(NamedTuple):
    """A state in one line: its first words with their counts, and three totals.

    `words` is how many words have a count, `seen` how many ids are in seen (None for a
    checkpoint saved without seen), `pending` how many outputs are pending.
    """

    counts: tuple[tuple[str, int], ...]
    words: int
    seen: int | None
    pending: int

    @classmethod
    def of(cls, processor: Processor) -> "Summary":
        """Return the summary of a processor."""
        counts, outputs = processor.counts, processor.outputs
        some = tuple(islice(counts.items(), SAMPLE))
        return cls(some, len(counts), len(processor.seen), len(outputs.ids) - outputs.committed)

    @classmethod
    def of_copy(cls, saved: Copy) -> "Summary":
        """Return the summary of a checkpoint, given its content."""
        counts, seen, pending = saved
        some = tuple(islice(counts.items(), SAMPLE))
        return cls(some, len(counts), None if seen is None else len(seen), len(pending))


class Saved(NamedTuple):
    """A checkpoint was saved: what it holds, with the source's offset.

    `replaced`: it took the place of one of the same name. `sink` is how many outputs the sink
    had then; None if that is not known.
    """

    name: CheckpointId
    summary: Summary
    offset: int
    replaced: bool
    sink: int | None = 0


class Applied(NamedTuple):
    """A delivery changed the state.

    `before` and `after` are the word's count. `again`: the id was already in seen. `output`
    says where its output went: staged, straight to the sink, or nowhere ("held") because the
    sink already has one. `seen` is how many ids are in seen now. `dropped` are other ids that
    left seen in this delivery, as only mutants let them.
    """

    event_id: EventId
    word: str
    before: int
    after: int
    again: bool
    output: Literal["pending", "sink", "held"]
    seen: int
    dropped: tuple[EventId, ...] = ()


class Skipped(NamedTuple):
    """A delivery was taken for a duplicate, and the event was not applied.

    `count` is the count of `word`. `first_word` is the word that seen has for the id; None if
    the id is not in seen (a mutant). `dropped` as in `Applied`.
    """

    event_id: EventId
    word: str
    count: int  # type: ignore[assignment]  # hides a method of tuple nobody calls here
    first_word: str | None
    dropped: tuple[EventId, ...] = ()


class Undelivered(NamedTuple):
    """The source sent an event, and the processor crashed before it was applied."""

    event_id: EventId
    word: str


Sent = Applied | Skipped | Undelivered
"""What can become of one event that the source sends."""


class Unsent(NamedTuple):
    """Words of a feed that were not sent, as it ended early: the first ones, and how many."""

    words: tuple[str, ...]
    total: int


class Reused(NamedTuple):
    """An id came with another word (`given`) than the log has for it: it is the same event."""

    event_id: EventId
    given: str
    logged: str


class Fed(NamedTuple):
    """Many new events were sent: how many, the first and the last id.

    If all were applied in the same way, `counts` is word → (count before, count after), and
    `output` says where the outputs went. Else `counts` is None, and a fact for each delivery
    follows. `seen` is how many ids are in seen after it.
    """

    events: int
    first: EventId
    last: EventId
    counts: dict[str, tuple[int, int]] | None
    output: Literal["pending", "sink"]
    seen: int


class Replayed(NamedTuple):
    """The source sent `events` entries of its log from `offset` on; each has a fact behind this."""

    offset: int
    events: int


class Restored(NamedTuple):
    """A checkpoint was restored.

    `held` is what it held, `summary` the state now. `dropped` is how many of its pending
    outputs are not pending now, `in_sink` how many of these the sink holds. `offset` is the
    source's, before and after; `due` is the id that the source sends next (None: nothing), and
    `waiting` how many entries of the log come after that.
    """

    name: CheckpointId
    held: Summary
    summary: Summary
    dropped: int
    in_sink: int
    offset: tuple[int, int]
    due: EventId | None
    waiting: int


class Committed(NamedTuple):
    """Outputs moved to the sink: how many, and which.

    `sink` is how many it has now, and `left` how many are still pending.
    """

    moved: int
    outputs: tuple[Output, ...]
    sink: int
    left: int


class RolledBack(NamedTuple):
    """A rollback was carried out.

    `discarded` is how many outputs the processor says it discarded, `outputs` are those that
    left pending, and `left` is how many are still pending. `offset`, `due` and `waiting` as in
    `Restored`.
    """

    discarded: int
    outputs: tuple[Output, ...]
    left: int
    offset: tuple[int, int]
    due: EventId | None
    waiting: int


class Crashed(NamedTuple):
    """The processor crashed, at a `point` or between two commands (None).

    `lost` was in memory. What survived: the `checkpoints`, `sink` outputs in the sink, and the
    source's log, of `logged` entries (`log`: the first ids). `out` is how many outputs reached
    the sink in this step before the crash. `acknowledged` is whether the event that was being
    delivered is acknowledged; None if none was.

    With a store, `kept` is what it holds of counts, seen and pending. `cause` says how the
    process died by itself; it is empty for a crash that was asked for. Then `unanswered` is
    whether a command was being carried out, of which the store has all or nothing, and
    `delivering` whether that command delivers events. `owner` is the epoch of another node
    that took the store over, 0 if none did.
    """

    point: CrashPoint | None
    lost: Summary
    checkpoints: tuple[Saved, ...]
    sink: int
    log: tuple[EventId, ...]
    logged: int
    out: int = 0
    acknowledged: bool | None = None
    kept: Summary | None = None
    cause: str = ""
    unanswered: bool = False
    delivering: bool = False
    owner: int = 0


class Armed(NamedTuple):
    """A crash now waits at `point`; `replaced` is where one waited before, if one did."""

    point: CrashPoint
    replaced: CrashPoint | None


class Disarmed(NamedTuple):
    """No crash waits any more; `point` is where one did, None if none."""

    point: CrashPoint | None


class Restarted(NamedTuple):
    """The processor is up again: with empty memory, or with what a durable store `kept`.

    `unused` is the checkpoint saved last, if memory is empty and there is one. `foreign` is
    what each checkpoint holds if another node had the store meanwhile, else None. `offset`,
    `due` and `waiting` as in `Restored`.
    """

    offset: tuple[int, int]
    due: EventId | None
    waiting: int
    unused: CheckpointId | None = None
    kept: Summary | None = None
    foreign: Mapping[CheckpointId, Copy] | None = None


class AckLost(NamedTuple):
    """The ack of a delivery was lost: the event is due again. `offset` as in `Restored`."""

    event_id: EventId
    offset: tuple[int, int]
    waiting: int


class EventLost(NamedTuple):
    """The source sent an event, and it never arrived; where the source sends again, it is due."""

    event_id: EventId
    word: str
    offset: tuple[int, int]
    waiting: int


class Switched(NamedTuple):
    """The mechanisms were changed."""

    before: Mechanisms
    after: Mechanisms


Fact = (
    Saved
    | Applied
    | Skipped
    | Undelivered
    | Unsent
    | Reused
    | Fed
    | Replayed
    | Restored
    | Committed
    | RolledBack
    | Crashed
    | Armed
    | Disarmed
    | Restarted
    | AckLost
    | EventLost
    | Switched
)
