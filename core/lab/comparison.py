"""What a replay brought back: the state after it, compared with that before the last loss.

A loss is a crash, or a rollback that undid something. The state right before it is made
again from the history, including what the command did before it crashed.
"""

from typing import Literal, NamedTuple

from core.lab import commands as c
from core.lab.crash_points import CrashPoint
from core.lab.facts import Applied, Crashed, Replayed, RolledBack, Skipped
from core.lab.history import History
from core.lab.lab import Lab, Step

LossCause = Literal["crash", "rollback"]

_RECOVERS = (c.Restart, c.Restore, c.Replay)

PARTS = ("counts", "seen", "pending", "sink")


class Comparison(NamedTuple):
    """The state right `before` the last loss, which was in step `at`, and `after` a replay.

    `recovering`: since then there were only restarts, restores and replays. `differs` names
    the parts (of `PARTS`) that are not the same. If every id seen before is seen now, and the
    new ids explain the whole difference of the counts, `explained` is how many these are; else
    None.
    """

    cause: LossCause
    at: int
    recovering: bool
    differs: tuple[str, ...]
    explained: int | None
    before: Lab
    after: Lab


def compare(history: History, step: Step) -> Comparison | None:
    """Compare the state after a replay with that before the last loss.

    None if `step` is no replay, or one that crashed, or nothing was lost before it. The first
    call copies the state twice and carries out some steps again; the result is kept.
    """
    key = f"setback {step.number}"
    kept: tuple[Step, Comparison | None] | None = history.answers.get(key)
    if kept is None or kept[0] is not step:
        kept = history.answers[key] = step, _compared(history, step)
    return kept[1]


def _compared(history: History, step: Step) -> Comparison | None:
    if not isinstance(step.facts[0], Replayed) or isinstance(step.facts[-1], Crashed):
        return None
    recovering = True
    for past in reversed(history.steps[: step.number - 1]):
        how = _how(past)
        recovering &= how is not None or isinstance(past.command, _RECOVERS)
        if how is not None:
            before = _before(history, past, how)
            after = history.at(step.number)
            differs = tuple(part for part in PARTS if _part(before, part) != _part(after, part))
            explained = _explained(before, after)
            return Comparison(how, past.number, recovering, differs, explained, before, after)
    return None


def size(lab: Lab, part: str) -> int:
    """Return how many entries a part (one of `PARTS`) has."""
    processor = lab.state
    outputs = processor.outputs
    waiting = len(outputs) - outputs.committed
    sizes = {"counts": len(processor.counts), "seen": len(processor.seen), "pending": waiting}
    return sizes.get(part, outputs.committed)


def _how(step: Step) -> LossCause | None:
    """Return how a step lost something, or None if it did not."""
    last, changes = step.facts[-1], step.changes
    if isinstance(last, Crashed):
        return "crash"
    undid = changes.counts or changes.seen_removed or changes.pending_removed
    return "rollback" if isinstance(last, RolledBack) and undid else None


def _before(history: History, step: Step, how: LossCause) -> Lab:
    """Return the laboratory right before the loss in a step, with what the step did before it."""
    lab = history.at(step.number - 1)
    last = step.facts[-1]
    if how == "rollback" or not isinstance(last, Crashed) or last.point is None:
        return lab
    lab.armed = None
    if last.point is CrashPoint.IN_COMMIT:
        lab.interrupt_commit()
    elif last.point in {CrashPoint.BEFORE_ACK, CrashPoint.AFTER_COMMIT}:
        if isinstance(step.command, c.Replay):
            for fact in step.facts:
                if isinstance(fact, Applied | Skipped):
                    lab.deliver(lab.source.positions[fact.event_id], fact.word, [])
        else:
            lab.apply(step.command)
    return lab


def _part(lab: Lab, part: str) -> object:
    processor = lab.state
    return {
        "counts": list(processor.counts.items()),
        "seen": list(processor.seen.items()),
        "pending": processor.pending,
    }.get(part, processor.outputs.committed)


def _explained(before: Lab, after: Lab) -> int | None:
    """Return how many ids are new in seen, if they explain the difference of the counts."""
    old, now = before.state, after.state
    new = now.seen.keys() - old.seen.keys()
    expected = dict(old.counts)
    for event_id in new:
        expected[now.seen[event_id]] = expected.get(now.seen[event_id], 0) + 1
    same = len(now.seen) == len(old.seen) + len(new) and expected == now.counts
    return len(new) if same else None
