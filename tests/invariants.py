"""The rules that must hold after every step, each a function over a processor's state.

A rule answers None where it holds and a sentence about the first offence where it does not.
They are stated for the state with every mechanism on; switch one off and they may break,
which is what the mechanism is for.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

Id = str | int


class State(Protocol):
    """What a rule reads: `core`'s processor has it, and the oracle too."""

    @property
    def counts(self) -> Mapping[str, int]:
        """Word to number of events."""

    @property
    def seen(self) -> Mapping[Id, str]:
        """Id to word, in order of first processing."""

    @property
    def pending(self) -> Sequence[tuple[Id, str, int]]:
        """Outputs that wait."""

    @property
    def sink(self) -> Sequence[tuple[Id, str, int]]:
        """Outputs that are out."""


def sink_once(state: State) -> str | None:
    """No event id is in the sink twice."""
    times = Counter(output[0] for output in state.sink)
    return next((f"{i!r} is in the sink {n} times" for i, n in times.items() if n > 1), None)


def counts_match(state: State) -> str | None:
    """The count of a word is the number of seen ids whose word it is."""
    by_seen = Counter(state.seen.values())
    if dict(state.counts) == dict(by_seen):
        return None
    return f"counts are {dict(state.counts)}, the seen ids make {dict(by_seen)}"


def pending_sound(state: State) -> str | None:
    """An id in pending is in seen, and not in the sink."""
    out = {output[0] for output in state.sink}
    for event_id, *_ in state.pending:
        if event_id not in state.seen:
            return f"{event_id!r} is pending and not seen"
        if event_id in out:
            return f"{event_id!r} is pending and in the sink"
    return None


RULES: Mapping[str, Callable[[State], str | None]] = {
    "sink-once": sink_once,
    "counts-match": counts_match,
    "pending-sound": pending_sound,
}


def broken(state: State) -> dict[str, str]:
    """Name the rules that do not hold, each with its message."""
    verdicts = {name: rule(state) for name, rule in RULES.items()}
    return {name: message for name, message in verdicts.items() if message is not None}
