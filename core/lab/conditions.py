"""The condition language: `count hello == 2`, `sink holds e1 once`, `rule sink-once broken`.

Goals of lessons and the command `expect` are written in it. `str` of a condition is its text
in standard form. Checking one changes nothing, and says what was found, met or not.

How one is read from words is in `core/lab/grammar.py`.
"""

import operator
from collections.abc import Callable
from typing import Literal, NamedTuple

from core.lab.ids import known, spelled
from core.lab.lab import Lab
from core.outputs import EventId
from core.rules import RULES, SAME_AS_CLEAN, settled

COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Place = Literal["seen", "pending", "sink"]
PLACES: tuple[Place, ...] = ("seen", "pending", "sink")


class Observed(NamedTuple):
    """Whether a condition is met, and what was found, in words: `count hello is 1`."""

    met: bool
    found: str


class Quantity(NamedTuple):
    """A number that can be compared: the count of a word, or how many entries a place has."""

    place: Literal["count", "seen", "pending", "sink"]
    word: str | None = None

    def __str__(self) -> str:
        return self.place if self.word is None else f"{self.place} {spelled(self.word)}"

    def value(self, lab: Lab) -> int:
        """Return the number in this laboratory now."""
        processor = lab.state
        if self.word is not None:
            return processor.counts.get(self.word, 0)
        line, total = processor.outputs.committed, len(processor.outputs)
        return {"seen": len(processor.seen), "pending": total - line}.get(self.place, line)


class Compared(NamedTuple):
    """A quantity compared with a number."""

    quantity: Quantity
    comparison: str
    number: int

    def __str__(self) -> str:
        return f"{self.quantity} {self.comparison} {self.number}"

    def check(self, lab: Lab) -> Observed:
        """Compare the quantity as it is now."""
        value = self.quantity.value(lab)
        met = COMPARISONS[self.comparison](value, self.number)
        return Observed(met, f"{self.quantity} is {value}")


class Holds(NamedTuple):
    """An id is in seen, pending or the sink; with `once`, exactly one time."""

    place: Place
    event_id: EventId
    once: bool

    def __str__(self) -> str:
        return f"{self.place} holds {spelled(self.event_id)}{' once' if self.once else ''}"

    def check(self, lab: Lab) -> Observed:
        """Count how often the id is there."""
        event_id, processor = known(lab, self.event_id), lab.state
        outputs = processor.outputs
        if self.place == "seen":
            times = int(event_id in processor.seen)
        elif self.place == "pending":
            times = outputs.pending_ids().count(event_id)
        else:
            times = outputs.ids[: outputs.committed].count(event_id)
        held = _HELD[min(times, 2)].format(spelled(self.event_id), times)
        return Observed(times == 1 if self.once else times > 0, f"{self.place} {held}")


_HELD = ("does not hold {}", "holds {} once", "holds {} {} times")


class Power(NamedTuple):
    """The processor is up, or down."""

    up: bool

    def __str__(self) -> str:
        return POWERS[self.up]

    def check(self, lab: Lab) -> Observed:
        """Check whether the processor is up."""
        return Observed(lab.up is self.up, f"the processor is {POWERS[lab.up]}")


POWERS = ("down", "up")


class Rule(NamedTuple):
    """A rule, by its name, holds or is broken."""

    name: str
    holds: bool

    def __str__(self) -> str:
        return f"rule {self.name} {'holds' if self.holds else 'broken'}"

    def check(self, lab: Lab) -> Observed:
        """Ask the rule; `same-as-clean` is never met before all is sent and committed."""
        if self.name == SAME_AS_CLEAN and not settled(lab):
            return Observed(met=False, found=f"{self.name} is not judged {_unsettled(lab)}")
        verdict = RULES[self.name](lab)
        return Observed(verdict.holds is self.holds, verdict.message)


def _unsettled(lab: Lab) -> str:
    """Say why a laboratory is not settled."""
    outputs, source = lab.processor.outputs, lab.source
    if not lab.up:
        return "while the processor is down"
    due, pending = len(source.log) - source.offset, len(outputs) - outputs.committed
    return f"yet: {due} due" if due else f"yet: {pending} pending"


Condition = Compared | Holds | Power | Rule
