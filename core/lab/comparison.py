"""What a replay brought back: the state after it, beside that right before it was set back.

A crash sets back, and so does a rollback that undid something. The moment before is made
again from the history, and with it what the command in hand had done before it died.
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
    """The state after a replay and right before what set it back last, in the step `at`.

    `recovering`: since then came nothing but what recovers. `differs` names the parts that
    are not the same. Where no id is missing, and those that came since explain all that the
    counts differ by, `explained` is how many they are; else it is None.
    """

    cause: LossCause
    at: int
    recovering: bool
    differs: tuple[str, ...]
    explained: int | None
    before: Lab
    after: Lab


def compare(history: History, step: Step) -> Comparison | None:
    """Compare the state after a replay with that before the last setback; None if none was.

    Costs the state, and the way there from a copy that the history keeps, the first time.
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
    """Return how many there are in a part."""
    processor = lab.state
    outputs = processor.outputs
    waiting = len(outputs) - outputs.committed
    sizes = {"counts": len(processor.counts), "seen": len(processor.seen), "pending": waiting}
    return sizes.get(part, outputs.committed)


def _how(step: Step) -> LossCause | None:
    """Return how a step set back, if it did."""
    last, changes = step.facts[-1], step.changes
    if isinstance(last, Crashed):
        return "crash"
    undid = changes.counts or changes.seen_removed or changes.pending_removed
    return "rollback" if isinstance(last, RolledBack) and undid else None


def _before(history: History, step: Step, how: LossCause) -> Lab:
    """Return the laboratory right before a step set it back: with what it did before that."""
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
    """Return how many ids came since, if they alone make the counts differ."""
    old, now = before.state, after.state
    new = now.seen.keys() - old.seen.keys()
    expected = dict(old.counts)
    for event_id in new:
        expected[now.seen[event_id]] = expected.get(now.seen[event_id], 0) + 1
    same = len(now.seen) == len(old.seen) + len(new) and expected == now.counts
    return len(new) if same else None
