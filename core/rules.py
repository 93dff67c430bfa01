"""The rules: what must hold at every moment.

A *rule* takes a processor and the log of its source, and returns a verdict: whether it holds,
and a sentence with the evidence. The laboratory, the search, `store verify` and the tests use
the same rules. Nothing here changes anything.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

from core.checkpoints import Event
from core.outputs import Output
from core.processor import Processor


class Verdict(NamedTuple):
    """Whether a rule or property holds, and one sentence with the evidence."""

    holds: bool
    message: str


class Log(Protocol):
    """What the rules need of a source."""

    @property
    def log(self) -> list[Event]:
        """Each event once, in the order in which the events were first sent."""

    @property
    def offset(self) -> int:
        """How many entries of the log are acknowledged; the entry at the offset is due."""


class Judged(Protocol):
    """What the rules take: the world of a laboratory, or a store that is verified."""

    @property
    def processor(self) -> Processor:
        """The processor in its present state."""

    @property
    def source(self) -> Log:
        """The source in front of it."""

    @property
    def up(self) -> bool:
        """Whether the processor runs."""

    @property
    def sink_length(self) -> int:
        """How many outputs the sink should hold: from finished commits, or sent straight out."""


class Clean(NamedTuple):
    """The counts and the sink after a run with every mechanism on and no fault, all committed."""

    counts: tuple[tuple[str, int], ...]
    sink: tuple[Output, ...]


def clean(judged: Judged) -> Clean:
    """Return the result of a clean run of the log so far. Results of recent logs are cached."""
    return _clean(tuple(judged.source.log))


@lru_cache(maxsize=32)
def _clean(log: tuple[Event, ...]) -> Clean:
    processor = Processor()
    for event_id, word in log:
        processor.process(event_id, word)
    processor.commit()
    return Clean(tuple(processor.counts.items()), tuple(processor.sink))


def settled(judged: Judged) -> bool:
    """Whether the processor is up, nothing is due and nothing is pending."""
    outputs, source = judged.processor.outputs, judged.source
    return judged.up and source.offset == len(source.log) and outputs.committed == len(outputs.ids)


def _holds(message: str) -> Verdict:
    return Verdict(holds=True, message=message)


def _broken(message: str) -> Verdict:
    return Verdict(holds=False, message=message)


# The rules.


def sink_once(judged: Judged) -> Verdict:
    """No event id is in the sink twice."""
    outputs = judged.processor.outputs
    ids = outputs.ids[: outputs.committed]
    if len(set(ids)) == len(ids):
        return _holds("no id is in the sink twice" if ids else "the sink is empty")
    event_id, times = Counter(ids).most_common(1)[0]
    return _broken(f"{event_id} is in the sink {times} times")


def counts_match(judged: Judged) -> Verdict:
    """The count of each word is the number of distinct seen ids whose word it is."""
    counts, seen = judged.processor.counts, judged.processor.seen
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


def pending_sound(judged: Judged) -> Verdict:
    """An id in pending is in seen, and not in the sink."""
    processor = judged.processor
    outputs = processor.outputs
    if outputs.committed == len(outputs.ids):
        return _holds("nothing is pending")
    out = set(outputs.ids[: outputs.committed])
    for event_id in outputs.ids[outputs.committed :]:
        if event_id not in processor.seen:
            return _broken(f"{event_id} is pending, but not in seen")
        if event_id in out:
            return _broken(f"{event_id} is pending, and in the sink already")
    return _holds("what is pending is in seen and not in the sink")


def same_as_clean(judged: Judged) -> Verdict:
    """If settled, counts and sink, contents and order, are those of a clean run."""
    if not settled(judged):
        return _holds("not all is done yet: a clean run is compared at rest alone")
    expected, processor = clean(judged), judged.processor
    counts = tuple(processor.counts.items())
    if counts != expected.counts:
        return _broken(f"counts are {_told(counts)}; a clean run has {_told(expected.counts)}")
    sink = tuple(processor.sink)
    if sink != expected.sink:
        return _broken(f"the sink is {_told(sink)}; a clean run has {_told(expected.sink)}")
    return _holds("counts and sink are those of a clean run")


def commit_whole(judged: Judged) -> Verdict:
    """The sink is a sequence of whole commits."""
    length = judged.processor.outputs.committed
    if length == judged.sink_length:
        return _holds("no commit is in the sink in part")
    return _broken(f"the sink holds {length} outputs, the whole commits make {judged.sink_length}")


Rule = Callable[[Judged], Verdict]

SAME_AS_CLEAN = "same-as-clean"

RULES: dict[str, Rule] = {
    "sink-once": sink_once,
    "counts-match": counts_match,
    "pending-sound": pending_sound,
    SAME_AS_CLEAN: same_as_clean,
    "commit-whole": commit_whole,
}
"""The rules by name, in the order in which they are shown."""


def broken(judged: Judged, rules: Mapping[str, Rule] = RULES) -> dict[str, str]:
    """Return rule → evidence for the rules that do not hold."""
    verdicts = {name: rule(judged) for name, rule in rules.items()}
    return {name: verdict.message for name, verdict in verdicts.items() if not verdict.holds}


_SHOWN = 6


def _told(rows: Sequence[tuple[object, ...]]) -> str:
    """Return counts or outputs in one line; of many, the first `_SHOWN`."""
    words = [" ".join(map(str, row)) for row in rows[:_SHOWN]]
    if len(rows) > _SHOWN:
        words.append(f"and {len(rows) - _SHOWN} more")
    return ", ".join(words) or "empty"
