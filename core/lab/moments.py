"""The values of the record: what can happen to an event, and its state at a moment.

An *application* of an event is identified by the number of the step that applied it: no step
applies an event twice. 0 stands for one before the first step of this session.
"""

from enum import StrEnum
from typing import NamedTuple, Self

from core.checkpoints import CheckpointId


class MomentKind(StrEnum):
    """What can happen to an event, to its output, and to what a checkpoint holds of it.

    `harmful` is whether something went wrong: an effect or an ack was lost, or the event may
    be counted, or put out, otherwise than once.
    """

    harmful: bool

    def __new__(cls, text: str, harmful: bool = False) -> Self:  # noqa: FBT001, FBT002 - as members are written
        """Make a member from its text."""
        made = str.__new__(cls, text)
        made._value_ = text
        made.harmful = harmful
        return made

    SENT = "sent for the first time"
    REUSED = "sent with another word"
    NOT_APPLIED = "not applied: a crash came before", True
    NEVER_ARRIVED = "sent, and lost on its way", True
    APPLIED = "applied"
    APPLIED_AGAIN = "applied although it was in seen", True
    SKIPPED = "skipped"
    NOT_HEARD = "the source heard nothing: a crash came before the ack", True
    ACK_LOST = "its ack was lost", True
    LOST = "lost in a crash", True
    ELSEWHERE = "changed by another node that had the store"
    TAKEN_BACK = "undone: the command in hand at the crash was done"
    OUTPUT_GONE = "pending output gone: the command in hand at the crash was done"
    BROUGHT_BACK = "brought back by a restore"
    UNDONE_BY_RESTORE = "undone by a restore"
    UNDONE_BY_ROLLBACK = "undone by a rollback"
    COUNTED = "in the counts again", True
    UNCOUNTED = "out of the counts", True
    IN_SEEN = "in seen again, and no more often in the counts", True
    FORGOTTEN = "dropped out of seen", True
    STAGED = "output staged"
    EMITTED = "output sent straight out"
    HELD = "output not staged: the sink holds it"
    COMMITTED = "output committed"
    TORN = "output out, though its commit was not done", True
    OUTPUT_LOST = "pending output lost in a crash", True
    OUTPUT_DISCARDED = "pending output discarded by a rollback"
    OUTPUT_UNDONE = "pending output undone by a restore"
    OUTPUT_BACK = "output pending again by a restore"
    OUTPUT_DROPPED = "output of the checkpoint not pending after its restore"
    SAVED = "in a checkpoint"
    UNSAVED = "no more in a checkpoint: one of the same name was saved without it"


APPLICATIONS = frozenset({MomentKind.APPLIED, MomentKind.APPLIED_AGAIN})


class Moment(NamedTuple):
    """Something that happened to an event in step number `step` (0: before the first step).

    `name` is the checkpoint concerned, if there is one. `word`, `before` and `after` belong to
    a delivery: its word, and that word's count before and after. `times` is how many outputs
    it happened to, if any. `of` are the applications that were lost, undone or brought back.
    """

    step: int
    what: MomentKind
    name: CheckpointId | None = None
    word: str | None = None
    before: int = 0
    after: int = 0
    times: int = 1
    of: tuple[int, ...] = ()


class EventState(NamedTuple):
    """The state of an event at a moment: how often each part of the laboratory holds it.

    `counted` are the applications that the counts hold, `pending` those whose outputs are
    pending, `sink` is how many of its outputs the sink holds. `fired` is how often it was
    applied so far, and `shown` how often an output of it was newly put into pending, or
    straight into the sink; both are None if a store does not know it.
    """

    seen: bool = False
    counted: tuple[int, ...] = ()
    pending: tuple[int, ...] = ()
    sink: int = 0
    fired: int | None = 0
    shown: int | None = 0

    @property
    def alive(self) -> bool:
        """Whether counts, seen or pending hold the event."""
        return self.seen or bool(self.counted or self.pending)
