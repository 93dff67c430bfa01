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


AFTERMATH = {
    None: "no command was in hand",
    CrashPoint.BEFORE_APPLY: "the event was not applied, and nothing was acknowledged",
    CrashPoint.BEFORE_ACK: "the event was applied, but the source heard nothing",
    CrashPoint.IN_CHECKPOINT: "the checkpoint was not saved; an old one of that name stands",
    CrashPoint.BEFORE_COMMIT: "the commit had not begun: no output is out",
    CrashPoint.IN_COMMIT: "the commit's record was not written: no output is out",
    CrashPoint.AFTER_COMMIT: "the commit is done and every output is out; the reply is not",
}
"""What a crash at each point did to the command in hand; None: a crash between commands."""
