"""What happened in a step, as typed values: what the laboratory saw at that instant.

A fact about state is read from the state before and after, never from what a command is
for. What needs the past (since when, for the first time, brought back by what) is asked of
the record of the history (`core/lab/record.py`). Views, lessons and graders read these;
nobody takes a sentence apart.
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
"""How many words, ids or outputs a summary names; the totals stand beside them."""


class Summary(NamedTuple):
    """A state in one line: its first words with their counts, and three totals.

    `seen` is None for a checkpoint that was saved without.
    """

    counts: tuple[tuple[str, int], ...]
    words: int
    seen: int | None
    pending: int

    @classmethod
    def of(cls, processor: Processor) -> "Summary":
        """Return what a processor holds."""
        counts, outputs = processor.counts, processor.outputs
        some = tuple(islice(counts.items(), SAMPLE))
        return cls(some, len(counts), len(processor.seen), len(outputs.ids) - outputs.committed)

    @classmethod
    def of_copy(cls, saved: Copy) -> "Summary":
        """Return what a checkpoint holds, read off its copy."""
        counts, seen, pending = saved
        some = tuple(islice(counts.items(), SAMPLE))
        return cls(some, len(counts), None if seen is None else len(seen), len(pending))


class Saved(NamedTuple):
    """A checkpoint was saved: what it holds, and how long the sink was then (None: unknown)."""

    name: CheckpointId
    summary: Summary
    offset: int
    replaced: bool
    sink: int | None = 0


class Applied(NamedTuple):
    """A delivery changed the state.

    `again`: the id was in seen all the same. `output` says where its output went: staged,
    straight to the sink, or nowhere because the sink already held one. `dropped` are other
    ids that left seen by it, as only a wrong processor lets them.
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
    """A delivery was taken for a duplicate: it changed nothing.

    `first_word` is the word that seen has for the id, None where the id is not in seen.
    `dropped` as in `Applied`.
    """

    event_id: EventId
    word: str
    count: int  # type: ignore[assignment]  # hides a method of tuple nobody calls here
    first_word: str | None
    dropped: tuple[EventId, ...] = ()


class Undelivered(NamedTuple):
    """The source sent an event, and the processor died before it was applied."""

    event_id: EventId
    word: str


Sent = Applied | Skipped | Undelivered
"""What becomes of one event that the source sends."""


class Unsent(NamedTuple):
    """Words of a feed that were not sent any more: the first ones, and how many in all."""

    words: tuple[str, ...]
    total: int


class Reused(NamedTuple):
    """An id came with another word than the log has for it. The id is the identity."""

    event_id: EventId
    given: str
    logged: str


class Fed(NamedTuple):
    """Many new events were sent: how many, the first and the last id.

    Where each of them was applied alike, `counts` has each word's count before and after,
    `output` says where the outputs went, and `seen` how many ids are in seen now. Else
    `counts` is None, and a fact for each delivery follows.
    """

    events: int
    first: EventId
    last: EventId
    counts: dict[str, tuple[int, int]] | None
    output: Literal["pending", "sink"]
    seen: int


class Replayed(NamedTuple):
    """The source sent its log again from `offset`; the deliveries follow as facts."""

    offset: int
    events: int


class Restored(NamedTuple):
    """A checkpoint was gone back to.

    `saved` is what it held, `summary` what there is now. `dropped` is how many of its
    outputs are not pending now, `in_sink` how many of these the sink holds. `due` is what
    the source sends next, and `waiting` how many entries of the log stand behind that.
    """

    name: CheckpointId
    saved: Summary
    summary: Summary
    dropped: int
    in_sink: int
    offset: tuple[int, int]
    due: EventId | None
    waiting: int


class Committed(NamedTuple):
    """Outputs moved to the sink: how many, which, how many are there now, and what is left."""

    moved: int
    outputs: tuple[Output, ...]
    sink: int
    left: int


class RolledBack(NamedTuple):
    """A rollback was carried out.

    `discarded` is how many outputs the processor says it discarded, `outputs` are those that
    left pending, and `left` is how many are still there.
    """

    discarded: int
    outputs: tuple[Output, ...]
    left: int
    offset: tuple[int, int]
    due: EventId | None
    waiting: int


class Crashed(NamedTuple):
    """The memory is gone. `lost` was in it; what follows survived.

    `out` is how many outputs reached the sink in this step before it. `acknowledged` is
    whether the event in hand, if one was, is acknowledged now.

    With a durable store `kept` is what the disk holds of counts, seen and pending, and
    `cause` says what befell the process where nobody asked for it. Then `unanswered` is
    whether a command was in hand: the disk has all of it, or nothing; `delivering` is whether
    that would deliver events. `owner` is the epoch of another node that took the store over,
    0 where none did.
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
    """A crash waits at a point, in the place of one that waited at another."""

    point: CrashPoint
    replaced: CrashPoint | None


class Disarmed(NamedTuple):
    """No crash waits any more; None: none did."""

    point: CrashPoint | None


class Restarted(NamedTuple):
    """The processor is up again: with empty memory, or with what a durable store `kept`.

    `unused` is the checkpoint saved last, where memory is empty and there is one. `foreign` is
    what each checkpoint holds, where another node had the store meanwhile; else None.
    """

    offset: tuple[int, int]
    due: EventId | None
    waiting: int
    unused: CheckpointId | None = None
    kept: Summary | None = None
    foreign: Mapping[CheckpointId, Copy] | None = None


class AckLost(NamedTuple):
    """The source did not hear of a delivery; the entry is due again."""

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
