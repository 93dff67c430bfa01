"""The sometimes properties: what must happen in at least one step of a search.

"No rule was broken" means little if the search never saw a duplicate. A *sometimes* property
is asked about a step, and says whether one of the dangerous situations occurred in it.
Nothing here changes a world.
"""

from collections.abc import Callable, Sequence

from core.lab.crash_points import COMMITTING, CrashPoint
from core.lab.facts import (
    AckLost,
    Applied,
    Committed,
    Crashed,
    Fact,
    Restored,
    RolledBack,
    Saved,
    Skipped,
)
from core.lab.world import World
from core.rules import Verdict


def _duplicate(_world: World, fact: Fact) -> str | None:
    if isinstance(fact, Skipped) or (isinstance(fact, Applied) and fact.again):
        return f"{fact.event_id} was delivered again while it was in seen"
    return None


def _ack_lost(_world: World, fact: Fact) -> str | None:
    if isinstance(fact, AckLost):
        return f"the source did not hear of {fact.event_id} and sends it again"
    return None


def _crash_in_commit(_world: World, fact: Fact) -> str | None:
    if isinstance(fact, Crashed) and fact.point in COMMITTING:
        return f"a crash hit a commit: {fact.point}, with {fact.lost.pending} outputs pending"
    return None


def _crash_in_checkpoint(_world: World, fact: Fact) -> str | None:
    if isinstance(fact, Crashed) and fact.point is CrashPoint.IN_CHECKPOINT and fact.checkpoints:
        return f"a crash hit a checkpoint, and {fact.checkpoints[-1].name} stands whole"
    return None


def _unacknowledged(world: World, fact: Fact) -> str | None:
    due = world.source.due
    if isinstance(fact, Saved) and due is not None and due[0] in world.processor.seen:
        return f"{fact.name} holds {due[0]}, which is due and comes again"
    return None


def _behind_commit(world: World, fact: Fact) -> str | None:
    if not isinstance(fact, Restored):
        return None
    processor = world.processor
    outputs = processor.outputs
    pending = outputs.pending_ids()
    for event_id in outputs.ids[: outputs.committed]:
        if fact.dropped or event_id not in processor.seen or event_id in pending:
            return f"{fact.name} is older than a commit: the sink holds {event_id}"
    return None


def _held_back(_world: World, fact: Fact) -> str | None:
    if isinstance(fact, Applied) and fact.output == "held":
        return f"{fact.event_id} was applied again; the sink holds its output already"
    return None


def _rolled_back(_world: World, fact: Fact) -> str | None:
    if isinstance(fact, RolledBack) and fact.discarded:
        return f"a rollback discarded {fact.discarded} outputs"
    return None


def _repeated_commit(_world: World, fact: Fact) -> str | None:
    if isinstance(fact, Committed) and fact.sink and not fact.moved:
        return f"a commit moved nothing: the sink holds all {fact.sink} outputs"
    return None


Sometimes = Callable[[World, Sequence[Fact]], Verdict]


def _of_a_fact(evidence: Callable[[World, Fact], str | None]) -> Sometimes:
    """Return a property of a step; `evidence` returns a sentence for a fact that shows it."""

    def reached(world: World, facts: Sequence[Fact]) -> Verdict:
        for fact in facts:
            message = evidence(world, fact)
            if message is not None:
                return Verdict(holds=True, message=message)
        return _NOT_REACHED

    return reached


_NOT_REACHED = Verdict(holds=False, message="it did not happen")

SOMETIMES: dict[str, Sometimes] = {
    "duplicate-delivered": _of_a_fact(_duplicate),
    "ack-lost": _of_a_fact(_ack_lost),
    "crash-in-commit": _of_a_fact(_crash_in_commit),
    "crash-in-checkpoint": _of_a_fact(_crash_in_checkpoint),
    "checkpoint-ahead-of-acks": _of_a_fact(_unacknowledged),
    "restore-behind-commit": _of_a_fact(_behind_commit),
    "output-held-back": _of_a_fact(_held_back),
    "rollback-undid-events": _of_a_fact(_rolled_back),
    "commit-repeated": _of_a_fact(_repeated_commit),
}
"""The sometimes properties by name."""
