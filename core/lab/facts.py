"""What happened in a step and why, as typed values with their evidence.

Views, lessons and graders read these; nobody takes a sentence apart.
"""

from typing import Literal, NamedTuple

from core.lab.faults import CrashPoint
from core.mechanisms import Mechanisms
from core.outputs import EventId, Output
from core.processor import CheckpointId

SAMPLE = 6
"""How many words, ids or outputs a summary names; the totals stand beside them."""


Setback = Literal["crash", "rollback"]
"""What can undo events that a replay brings back."""


class Summary(NamedTuple):
    """A state in one line: its first words with their counts, and three totals."""

    counts: tuple[tuple[str, int], ...]
    words: int
    seen: int
    pending: int


class Saved(NamedTuple):
    """A checkpoint was saved."""

    name: CheckpointId
    summary: Summary
    offset: int
    replaced: bool


class Applied(NamedTuple):
    """A delivery changed the state.

    `again`: the id was known, and dedup is off. `output` says where its output went:
    staged, straight to the sink, or nowhere because the sink already held one. `anew`: it
    was applied before, and that was lost or undone.
    """

    event_id: EventId
    word: str
    before: int
    after: int
    again: bool
    output: Literal["pending", "sink", "held"]
    seen: int
    anew: bool = False


class Skipped(NamedTuple):
    """A delivery was a duplicate: its id is in seen.

    `first_step` is the step that applied it; `restored` names the checkpoint that
    brought it back since, and `restored_step` the step, or both are None.
    """

    event_id: EventId
    word: str
    count: int  # type: ignore[assignment]  # hides a method of tuple nobody calls here
    first_word: str
    first_step: int
    restored: CheckpointId | None
    restored_step: int | None


class Reused(NamedTuple):
    """An id came with another word than the log has for it. The id is the identity."""

    event_id: EventId
    given: str
    logged: str


class Fed(NamedTuple):
    """Many new events were sent: how many, the first and the last id, and each word's count."""

    events: int
    first: EventId
    last: EventId
    counts: dict[str, tuple[int, int]]
    output: Literal["pending", "sink"]
    seen: int


class Replayed(NamedTuple):
    """The source sent its log again from `offset`; the deliveries follow as facts.

    `differs` names what is not as it was before the last `setback`: none of counts, seen,
    pending and sink where all is the same; None where there was no setback.
    """

    offset: int
    events: int
    differs: tuple[str, ...] | None
    setback: Setback = "crash"


class Restored(NamedTuple):
    """The state is a checkpoint's again; `dropped` outputs were in the sink already."""

    name: CheckpointId
    summary: Summary
    dropped: int
    offset: tuple[int, int]
    due: EventId | None


class Committed(NamedTuple):
    """Outputs moved to the sink: how many, which, and how many are there now."""

    moved: int
    outputs: tuple[Output, ...]
    sink: int


class RolledBack(NamedTuple):
    """Outputs were discarded and the events behind them undone."""

    discarded: int
    outputs: tuple[Output, ...]
    offset: tuple[int, int]


class Crashed(NamedTuple):
    """The memory is gone. `lost` was in it; what follows survived.

    With a durable store `kept` is what the disk holds of counts, seen and pending, and
    `cause` says what befell the process where nobody asked for it. Then `unanswered` is
    whether a command was in hand: the disk has all of it, or nothing. `owner` is the epoch
    of another node that took the store over, 0 where none did.
    """

    point: CrashPoint | None
    lost: Summary
    checkpoints: tuple[Saved, ...]
    sink: int
    log: tuple[EventId, ...]
    logged: int
    kept: Summary | None = None
    cause: str = ""
    unanswered: bool = False
    owner: int = 0


class Armed(NamedTuple):
    """A crash waits at a point."""

    point: CrashPoint


class Disarmed(NamedTuple):
    """No crash waits any more; None: none did."""

    point: CrashPoint | None


class Restarted(NamedTuple):
    """The processor is up again: with empty memory, or with what a durable store `kept`."""

    offset: tuple[int, int]
    due: EventId | None
    kept: Summary | None = None


class AckLost(NamedTuple):
    """The source did not hear of a delivery; the entry is due again."""

    event_id: EventId
    offset: tuple[int, int]


class Switched(NamedTuple):
    """The mechanisms were changed."""

    before: Mechanisms
    after: Mechanisms


Fact = (
    Saved
    | Applied
    | Skipped
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
    | Switched
)
