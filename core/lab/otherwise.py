"""What would have become of an event without each mechanism: the counterfactuals.

The answer is found by doing it: the same commands are carried out in a second laboratory in
which the mechanism is never on. What that did to the event is read from its own record.
"""

from contextlib import suppress
from typing import NamedTuple

from core.errors import Refused
from core.lab import commands as c
from core.lab.history import History
from core.lab.ids import sent
from core.lab.judge import Judgement, deliveries, recovery
from core.lab.lab import Step
from core.mechanisms import SWITCHES
from core.outputs import EventId

LONGEST = 20_000
"""A session with more deliveries than this is not carried out again to answer a question."""


class Effect(NamedTuple):
    """How often the parts of the state hold an event.

    `counted` is how often the counts hold it, `word_count` the whole count of its word (other
    events included), `pending` and `sink` how many of its outputs are in each.
    """

    counted: int
    word_count: int
    pending: int
    sink: int


class Otherwise(NamedTuple):
    """What the same commands do to an event in a run in which one mechanism is never on.

    `mechanism` is spelled as typed. `now` is the effect at the present moment, `end` that
    after that run is finished (processor up, replay, commit), and `judgement` what `end`
    means for the event; None where the event was never sent in that run. `differs` is whether
    the event's own part of `now` or `end` is not that of the real run, and `same` whether the
    real run, finished in the same way, has the same judgement. `refused` counts the commands
    that were refused in that run. Where the session is too long to carry out again, `now`,
    `end` and `judgement` are None, and the rest is False or 0.
    """

    mechanism: str
    now: Effect | None
    end: Effect | None
    judgement: Judgement | None
    differs: bool
    same: bool
    refused: int


class Without:
    """A history carried out again with one mechanism always off, kept up to date as it grows."""

    def __init__(self, history: History, field: str) -> None:
        """Follow this history with the mechanism `field` (a field of `Mechanisms`) off."""
        self._history, self._field = history, field
        self._done = self.refused = 0
        self._last: Step | None = None
        self._begin()

    def at(self, step: int) -> History:
        """Return the other history, right after it carried out this many steps of the real one."""
        steps = self._history.steps
        if self._done > step or (self._done and steps[self._done - 1] is not self._last):
            self._begin()
        for each in steps[self._done : step]:
            self._follow(each)
            self._done, self._last = self._done + 1, each
        return self.other

    def _begin(self) -> None:
        lab = self._history.at(0)
        lab.processor.switch(lab.processor.mechanisms._replace(**{self._field: False}))
        self.other = History(lambda: lab)
        self._done = self.refused = 0

    def _follow(self, step: Step) -> None:
        """Carry out one step, and count it if it is refused.

        Before a new event, the events that are due in the other history are sent, as any
        source would do: else the new one would be refused.
        """
        other = self.other
        if step.command.adds(other.lab):
            for command in deliveries(other.lab):
                other.do(command)
        try:
            other.do(step.command)
        except Refused:
            self.refused += 1
        if getattr(other.lab.processor.mechanisms, self._field):
            other.do(c.Switch(self._field, on=False))


def without(history: History, field: str, step: int) -> History:
    """Return this history carried out up to `step` without the mechanism `field`."""
    key = f"without {field}"
    kept: Without | None = history.answers.get(key)
    if kept is None:
        kept = history.answers[key] = Without(history, field)
    return kept.at(step)


def otherwise(history: History, event_id: EventId) -> tuple[Otherwise, ...]:
    """Return what would have become of an event without each mechanism, one answer for each.

    Raises Refused for an id that was never sent.
    """
    event_id = sent(history.lab, event_id)
    if too_long(history):
        return tuple(
            Otherwise(name, None, None, None, differs=False, same=False, refused=0)
            for name in SWITCHES
        )
    here = _both(_twin(history), event_id)
    found = []
    for name, field in SWITCHES.items():
        without = Without(history, field)
        other = without.at(len(history.steps))
        now, end = _both(other, event_id)
        judgement = _judge(end) if event_id in other.lab.source.positions else None
        differs = any(_own(a) != _own(b) for a, b in zip((now, end), here, strict=True))
        same = judgement is _judge(here[1])
        found.append(Otherwise(name, now, end, judgement, differs, same, without.refused))
    return tuple(found)


def too_long(history: History) -> bool:
    """Whether a session has more than `LONGEST` deliveries."""
    steps = history.steps
    done, deliveries, last = history.answers.get("deliveries", (0, 0, None))
    if done > len(steps) or (done and steps[done - 1] is not last):
        done = deliveries = 0
    for step in steps[done:]:
        deliveries += max(len(step.changes.sent), len(step.facts))
    if steps:
        history.answers["deliveries"] = len(steps), deliveries, steps[-1]
    return bool(deliveries > LONGEST)


def effect(history: History, event_id: EventId) -> Effect:
    """Return the effect of an event now."""
    lab, held = history.lab, history.record.state(event_id)
    position = lab.source.positions.get(event_id)
    word = None if position is None else lab.source.log[position][1]
    count = lab.state.counts.get(word, 0) if word is not None else 0
    return Effect(len(held.counted), count, len(held.pending), held.sink)


def _twin(history: History) -> History:
    """Return a new history with the same commands carried out."""
    twin = History(lambda: history.at(0))
    for step in history.steps:
        with suppress(Refused):
            twin.do(step.command)
    return twin


def _both(history: History, event_id: EventId) -> tuple[Effect, Effect]:
    """Return the effect now, and that after finishing the run; changes the history."""
    now = effect(history, event_id)
    for command in recovery(history.lab):
        history.do(command)
    return now, effect(history, event_id)


def _own(effect: Effect) -> tuple[int, int, int]:
    """Return the effect without the count of its word, which other events change, too."""
    return effect.counted, effect.pending, effect.sink


def _judge(end: Effect) -> Judgement:
    """Judge a finished run: a clean one counts an event once and has one output of it."""
    if end.counted > 1 or end.sink > 1:
        return Judgement.DOUBLED
    if end.counted < 1 or end.sink < 1:
        return Judgement.LOST
    return Judgement.ONCE
