"""What must hold in every moment, and what must happen at some moment.

A *rule* is asked about a laboratory and answers with a verdict: whether it holds, and a
sentence with the evidence. The *sometimes* properties are asked about a step, and say
that a search came by the places where things go wrong: "no rule was broken" means little
of a search that never saw a duplicate.

Nothing here changes a laboratory.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from core.journal import Event
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
from core.lab.faults import CrashPoint
from core.lab.lab import Lab
from core.outputs import Output
from core.processor import Processor


class Verdict(NamedTuple):
    """Whether a property holds, and one sentence with the evidence."""

    holds: bool
    message: str


class Clean(NamedTuple):
    """What a run of a log comes to with every mechanism on and no fault, all committed."""

    counts: tuple[tuple[str, int], ...]
    sink: tuple[Output, ...]


def clean(lab: Lab) -> Clean:
    """Return what the laboratory's log so far comes to in a run without a fault."""
    return _clean(tuple(lab.source.log))


@lru_cache(maxsize=32)
def _clean(log: tuple[Event, ...]) -> Clean:
    processor = Processor()
    for event_id, word in log:
        processor.process(event_id, word)
    processor.commit()
    return Clean(tuple(processor.counts.items()), tuple(processor.sink))


def settled(lab: Lab) -> bool:
    """Whether the processor is up, nothing is due and nothing is pending."""
    outputs, source = lab.processor.outputs, lab.source
    return lab.up and source.offset == len(source.log) and outputs.line == len(outputs.ids)


def _holds(message: str) -> Verdict:
    return Verdict(holds=True, message=message)


def _broken(message: str) -> Verdict:
    return Verdict(holds=False, message=message)


# The rules: what always holds.


def sink_once(lab: Lab) -> Verdict:
    """No event id is in the sink twice."""
    outputs = lab.processor.outputs
    ids = outputs.ids[: outputs.line]
    if len(set(ids)) == len(ids):
        return _holds("no id is in the sink twice" if ids else "the sink is empty")
    event_id, times = Counter(ids).most_common(1)[0]
    return _broken(f"{event_id} is in the sink {times} times")


def counts_match(lab: Lab) -> Verdict:
    """The count of each word is the number of distinct seen ids whose word it is."""
    counts, seen = lab.processor.counts, lab.processor.seen
    by_seen: dict[str, int] = {}
    for word in seen.values():
        by_seen[word] = by_seen.get(word, 0) + 1
    wrong = counts != by_seen and [
        word for word in (*counts, *by_seen) if counts.get(word, 0) != by_seen.get(word, 0)
    ]
    if not wrong:
        return _holds("every count is the number of seen ids with the word")
    word = wrong[0]
    ids = ", ".join(str(event_id) for event_id, of in seen.items() if of == word) or "none"
    return _broken(f"the count of {word} is {counts.get(word, 0)}, its seen ids are: {ids}")


def pending_sound(lab: Lab) -> Verdict:
    """An id in pending is in seen, and not in the sink."""
    processor = lab.processor
    outputs = processor.outputs
    if outputs.line == len(outputs.ids):
        return _holds("nothing is pending")
    out = set(outputs.ids[: outputs.line])
    for event_id in outputs.ids[outputs.line :]:
        if event_id not in processor.seen:
            return _broken(f"{event_id} is pending, but not in seen")
        if event_id in out:
            return _broken(f"{event_id} is pending, and in the sink already")
    return _holds("what is pending is in seen and not in the sink")


def same_as_clean(lab: Lab) -> Verdict:
    """When all is done: counts and sink, contents and order, are those of a clean run."""
    if not settled(lab):
        return _holds("not all is done yet: a clean run is compared at rest alone")
    expected, processor = clean(lab), lab.processor
    counts = tuple(processor.counts.items())
    if counts != expected.counts:
        return _broken(f"counts are {_told(counts)}; a clean run has {_told(expected.counts)}")
    sink = tuple(processor.sink)
    if sink != expected.sink:
        return _broken(f"the sink is {_told(sink)}; a clean run has {_told(expected.sink)}")
    return _holds("counts and sink are those of a clean run")


def commit_whole(lab: Lab) -> Verdict:
    """The sink is a sequence of whole commits."""
    length = lab.processor.outputs.line
    if length == lab.sink_length:
        return _holds("no commit is in the sink in part")
    return _broken(f"the sink holds {length} outputs, the whole commits make {lab.sink_length}")


Rule = Callable[[Lab], Verdict]

SAME_AS_CLEAN = "same-as-clean"

RULES: dict[str, Rule] = {
    "sink-once": sink_once,
    "counts-match": counts_match,
    "pending-sound": pending_sound,
    SAME_AS_CLEAN: same_as_clean,
    "commit-whole": commit_whole,
}
"""The rules by name, as a counterexample names them."""


def broken(lab: Lab, rules: Mapping[str, Rule] = RULES) -> dict[str, str]:
    """Name the rules that do not hold, each with its message."""
    verdicts = {name: rule(lab) for name, rule in rules.items()}
    return {name: verdict.message for name, verdict in verdicts.items() if not verdict.holds}


_SHOWN = 6


def _told(rows: Sequence[tuple[object, ...]]) -> str:
    """Write counts or outputs in one line; of many, the first."""
    words = [" ".join(map(str, row)) for row in rows[:_SHOWN]]
    if len(rows) > _SHOWN:
        words.append(f"and {len(rows) - _SHOWN} more")
    return ", ".join(words) or "empty"


# What happens at some moment: asked about a fact and the laboratory right after its step.


def _duplicate(_lab: Lab, fact: Fact) -> str | None:
    if isinstance(fact, Skipped) or (isinstance(fact, Applied) and fact.again):
        return f"{fact.event_id} was delivered again while it was in seen"
    return None


def _ack_lost(_lab: Lab, fact: Fact) -> str | None:
    if isinstance(fact, AckLost):
        return f"the source did not hear of {fact.event_id} and sends it again"
    return None


def _crash_in_commit(_lab: Lab, fact: Fact) -> str | None:
    if isinstance(fact, Crashed) and fact.point in _IN_A_COMMIT:
        return f"a crash hit a commit: {fact.point}, with {fact.lost.pending} outputs pending"
    return None


_IN_A_COMMIT = {CrashPoint.BEFORE_COMMIT, CrashPoint.IN_COMMIT, CrashPoint.AFTER_COMMIT}


def _crash_in_checkpoint(_lab: Lab, fact: Fact) -> str | None:
    if isinstance(fact, Crashed) and fact.point is CrashPoint.IN_CHECKPOINT and fact.checkpoints:
        return f"a crash hit a checkpoint, and {fact.checkpoints[-1].name} stands whole"
    return None


def _unacknowledged(lab: Lab, fact: Fact) -> str | None:
    due = lab.source.due
    if isinstance(fact, Saved) and due is not None and due[0] in lab.processor.seen:
        return f"{fact.name} holds {due[0]}, which is due and comes again"
    return None


def _behind_commit(lab: Lab, fact: Fact) -> str | None:
    if not isinstance(fact, Restored):
        return None
    processor = lab.processor
    outputs = processor.outputs
    pending = outputs.pending_ids()
    for event_id in outputs.ids[: outputs.line]:
        if fact.dropped or event_id not in processor.seen or event_id in pending:
            return f"{fact.name} is older than a commit: the sink holds {event_id}"
    return None


def _held_back(_lab: Lab, fact: Fact) -> str | None:
    if isinstance(fact, Applied) and fact.output == "held":
        return f"{fact.event_id} was applied again; the sink holds its output already"
    return None


def _rolled_back(_lab: Lab, fact: Fact) -> str | None:
    if isinstance(fact, RolledBack) and fact.discarded:
        return f"a rollback discarded {fact.discarded} outputs"
    return None


def _repeated_commit(_lab: Lab, fact: Fact) -> str | None:
    if isinstance(fact, Committed) and fact.sink and not fact.moved:
        return f"a commit moved nothing: the sink holds all {fact.sink} outputs"
    return None


Sometimes = Callable[[Lab, Sequence[Fact]], Verdict]


def _of_a_fact(evidence: Callable[[Lab, Fact], str | None]) -> Sometimes:
    """Make a property of a step from what says so of one of its facts."""

    def reached(lab: Lab, facts: Sequence[Fact]) -> Verdict:
        for fact in facts:
            message = evidence(lab, fact)
            if message is not None:
                return _holds(message)
        return _NOT_REACHED

    return reached


_NOT_REACHED = _broken("it did not happen")

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
"""The sometimes properties by name: did it happen in this step?"""
