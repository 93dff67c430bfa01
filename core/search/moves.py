"""Which commands a search tries in a state, and which of them are faults.

The source is honest: it sends what is due, or else the next new event. An event is delivered
twice only because an ack was lost or the source was moved back; so every duplicate in a
counterexample has a cause.

A crash at a point is armed right before the command that meets it. Arming it earlier would
give nothing new: the same commands with the crash armed later are also tried.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from core.checkpoints import CheckpointId
from core.lab import commands as c
from core.lab.crash_points import COMMITTING, CrashPoint
from core.lab.world import World
from core.outputs import EventId

WORDS = ("hello", "world")
"""The words of the events, in turn: two, so that a wrong word shows in the counts."""


class Bounds(NamedTuple):
    """How far a search goes: the largest number of events, faults, and checkpoint names.

    A fault is a crash, a lost ack, or the restore of a processor that is up.
    """

    events: int = 3
    faults: int = 2
    checkpoints: int = 1


DEFAULT = Bounds()


class Move(NamedTuple):
    """A command that a search tries, and whether it is a fault.

    It has no choice left open, and no state in which it is tried refuses it.
    """

    command: c.Command
    fault: bool


# A command never changes, so one of each is enough for all searches.

_COMMIT, _ROLLBACK, _RESTART = (
    Move(command, fault=False) for command in (c.Commit(), c.Rollback(), c.Restart())
)
_CRASH, _LOSE_ACK = Move(c.Crash(), fault=True), Move(c.LoseAck(), fault=True)


@cache
def _retry(event_id: EventId) -> Move:
    return Move(c.Retry(event_id), fault=False)


@cache
def _new(number: int) -> Move:
    return Move(c.Process(f"e{number}", WORDS[(number - 1) % len(WORDS)]), fault=False)


@cache
def _save(number: int) -> Move:
    return Move(c.Checkpoint(f"cp{number}"), fault=False)


@cache
def _restore(name: CheckpointId, *, fault: bool) -> Move:
    return Move(c.Restore(name), fault)


def moves(world: World, bounds: Bounds, faults: int) -> Iterator[Move]:
    """Yield the commands to try in this state, given how many more `faults` are allowed."""
    if not world.up:
        yield _RESTART
        for name in world.saved:
            yield _restore(name, fault=False)
        return
    yield from _delivery(world, bounds)
    yield from _saves(world, bounds)
    yield _COMMIT
    yield _ROLLBACK
    if faults:
        yield _CRASH
        if _can_lose_ack(world):
            yield _LOSE_ACK
        for name in world.saved:
            yield _restore(name, fault=True)


def interrupted(world: World, bounds: Bounds) -> Iterator[tuple[c.Crash, c.Command]]:
    """Yield each crash that can be armed in this state, with the command that meets it."""
    for deliver in _delivery(world, bounds):
        yield _BEFORE_APPLY, deliver.command
        yield _BEFORE_ACK, deliver.command
    for save in _saves(world, bounds):
        yield _IN_CHECKPOINT, save.command
    for crash in _IN_A_COMMIT:
        yield crash, _COMMIT.command


_BEFORE_APPLY = c.Crash(CrashPoint.BEFORE_APPLY)
_BEFORE_ACK = c.Crash(CrashPoint.BEFORE_ACK)
_IN_CHECKPOINT = c.Crash(CrashPoint.IN_CHECKPOINT)
_IN_A_COMMIT = tuple(map(c.Crash, COMMITTING))


def _delivery(world: World, bounds: Bounds) -> Iterable[Move]:
    """Return the next delivery: what is due, or else a new event within the bounds, or none."""
    source = world.source
    if source.due is not None:
        return (_retry(source.due[0]),)
    sent = len(source.log)
    return (_new(sent + 1),) if sent < bounds.events else ()


def _saves(world: World, bounds: Bounds) -> Iterable[Move]:
    """Return the checkpoints to try: under each name in use, and under the first free one."""
    return map(_save, range(1, min(bounds.checkpoints, len(world.saved) + 1) + 1))


def _can_lose_ack(world: World) -> bool:
    """Whether `lose ack` is possible: the last event is acknowledged, and source-replay is on."""
    source = world.source
    again = world.processor.mechanisms.source_replay
    return again and source.last is not None and source.last < source.offset
