"""Which commands a search tries in a state, and which of them are faults.

The source is honest: it sends what is due, or else the next new event. A delivery comes
twice because an ack was lost, or because the source was moved back; so every duplicate in
a counterexample has a cause.

A crash waits at its point for the very next command. One that waits longer does the same:
the commands between arming and meeting it are those of a schedule that arms later.
"""

from collections.abc import Iterator
from typing import NamedTuple

from core.lab import commands as c
from core.lab.faults import CrashPoint
from core.lab.lab import Lab

WORDS = ("hello", "world")
"""The words of the events, in turn: two of them, so that counts can be told apart."""


class Bounds(NamedTuple):
    """How far a search goes: new events, faults, and names of checkpoints.

    A fault is a crash, a lost ack, or the restore of a processor that is up.
    """

    events: int = 3
    faults: int = 2
    checkpoints: int = 1


DEFAULT = Bounds()


class Move(NamedTuple):
    """One command a search tries."""

    command: c.Command
    fault: bool


_COMMIT, _ROLLBACK, _RESTART = (
    Move(command, fault=False) for command in (c.Commit(), c.Rollback(), c.Restart())
)
_CRASH, _LOSE_ACK = Move(c.Crash(), fault=True), Move(c.LoseAck(), fault=True)


def checkpoint_names(bounds: Bounds) -> tuple[str, ...]:
    """Return the names a search saves checkpoints under."""
    return tuple(f"cp{number}" for number in range(1, bounds.checkpoints + 1))


def moves(lab: Lab, bounds: Bounds, faults: int) -> Iterator[Move]:
    """Yield the commands to try in this state, with this many faults left to commit."""
    restores = [c.Restore(name) for name in lab.saved]
    if not lab.up:
        yield _RESTART
        yield from (Move(restore, fault=False) for restore in restores)
        return
    deliver = delivery(lab, bounds)
    if deliver is not None:
        yield Move(deliver, fault=False)
    yield from (Move(save, fault=False) for save in _saves(lab, bounds))
    yield _COMMIT
    yield _ROLLBACK
    if faults:
        yield _CRASH
        if _can_lose_ack(lab):
            yield _LOSE_ACK
        yield from (Move(restore, fault=True) for restore in restores)


def interrupted(lab: Lab, bounds: Bounds) -> Iterator[tuple[c.Crash, c.Command]]:
    """Yield each crash that can be armed in this state, with the command that meets it."""
    deliver = delivery(lab, bounds)
    if deliver is not None:
        yield _BEFORE_APPLY, deliver
        yield _BEFORE_ACK, deliver
    for save in _saves(lab, bounds):
        yield _IN_CHECKPOINT, save
    for crash in _IN_A_COMMIT:
        yield crash, _COMMIT.command


_BEFORE_APPLY = c.Crash(CrashPoint.BEFORE_APPLY)
_BEFORE_ACK = c.Crash(CrashPoint.BEFORE_ACK)
_IN_CHECKPOINT = c.Crash(CrashPoint.IN_CHECKPOINT)
_IN_A_COMMIT = tuple(
    c.Crash(point)
    for point in (CrashPoint.BEFORE_COMMIT, CrashPoint.IN_COMMIT, CrashPoint.AFTER_COMMIT)
)


def delivery(lab: Lab, bounds: Bounds) -> c.Command | None:
    """Return the delivery that comes next: what is due, or else a new event, if one is left."""
    due = lab.source.due
    if due is not None:
        return c.Retry(due[0])
    sent = len(lab.source.log)
    if sent < bounds.events:
        return c.Process(f"e{sent + 1}", WORDS[sent % len(WORDS)])
    return None


def _saves(lab: Lab, bounds: Bounds) -> list[c.Checkpoint]:
    """Return the checkpoints to try: over each saved one, and under the first free name."""
    return [c.Checkpoint(name) for name in checkpoint_names(bounds)[: len(lab.saved) + 1]]


def _can_lose_ack(lab: Lab) -> bool:
    """Whether there is an ack to lose, and a source that would send again."""
    source = lab.source
    again = lab.processor.mechanisms.source_replay
    return again and source.last is not None and source.last < source.offset
