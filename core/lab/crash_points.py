"""The crash points: the moments inside a command at which the processor can crash."""

from enum import StrEnum


class CrashPoint(StrEnum):
    """Where an armed crash strikes. A member's value is what one types after `crash`."""

    BEFORE_APPLY = "before-apply"
    BEFORE_ACK = "before-ack"
    IN_CHECKPOINT = "in-checkpoint"
    BEFORE_COMMIT = "before-commit"
    IN_COMMIT = "in-commit"
    AFTER_COMMIT = "after-commit"


STRIKES = {
    CrashPoint.BEFORE_APPLY: "after an event arrives, before it is applied",
    CrashPoint.BEFORE_ACK: "after an event is processed, before the source hears",
    CrashPoint.IN_CHECKPOINT: "while a checkpoint is written",
    CrashPoint.BEFORE_COMMIT: "before a commit is written",
    CrashPoint.IN_COMMIT: "while a commit is written",
    CrashPoint.AFTER_COMMIT: "after a commit, before the reply",
}
"""Crash point → when it strikes, in words."""

DELIVERING = frozenset({CrashPoint.BEFORE_APPLY, CrashPoint.BEFORE_ACK})
"""The points inside a delivery."""

COMMITTING = (CrashPoint.BEFORE_COMMIT, CrashPoint.IN_COMMIT, CrashPoint.AFTER_COMMIT)
"""The points before, inside and after a commit, in this order."""
