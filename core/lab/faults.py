"""The crash points: every boundary at which the processor can die inside a command."""

from enum import StrEnum


class CrashPoint(StrEnum):
    """Where an armed crash waits. A member's value is what one types after `crash`."""

    BEFORE_APPLY = "before-apply"
    BEFORE_ACK = "before-ack"
    IN_CHECKPOINT = "in-checkpoint"
    BEFORE_COMMIT = "before-commit"
    IN_COMMIT = "in-commit"
    AFTER_COMMIT = "after-commit"


STRIKES = {
    CrashPoint.BEFORE_APPLY: "an event was sent, before it is applied",
    CrashPoint.BEFORE_ACK: "the processor took an event, before the source hears of it",
    CrashPoint.IN_CHECKPOINT: "a checkpoint is half written",
    CrashPoint.BEFORE_COMMIT: "a commit was asked for, before anything is written",
    CrashPoint.IN_COMMIT: "a commit is half written",
    CrashPoint.AFTER_COMMIT: "a commit is done, before the reply",
}
"""The moment at which a crash at each point strikes: when ..."""
