"""What an event would have come to without each mechanism: the counterfactuals.

They are worked out, not argued: the same commands are carried out in a laboratory in which
the mechanism was never on. What such a run did to an event is asked of its own record.
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
"""Deliveries beyond which a session is not carried out again for one question."""


class Effect(NamedTuple):
    """What there is of an event.

    `counted` is how often the counts hold it, `word_count` what its word comes to in all,
    `pending` and `sink` how many outputs of it are there.
    """

    counted: int
    word_count: int
    pending: int
    sink: int


class Otherwise(NamedTuple):
    """What the same commands come to where one mechanism was never on.

    `mechanism` is spelled as typed. `now` is the effect at the present moment, `end` that
    after the run was brought to its end (up, replay, commit), and `judgement` what `end`
    means for this event; it is None where the event was never sent there. `same` is whether
    this run, brought to its end as it is, means the same. All three are None
    where the session is too long to carry out again. `differs` is whether of this event
    something is otherwise, now or in the end. `refused` counts the commands that are not
    possible there.
    """

    mechanism: str
    now: Effect | None
    end: Effect | None
    judgement: Judgement | None
    differs: bool
    same: bool
    refused: int


class Without:
    """A history carried out again with one mechanism off all the time; it goes along with it."""

    def __init__(self, history: History, field: str) -> None:
        """Follow this history without the mechanism of this name, as in `Mechanisms`."""
        self._history, self._field = history, field
        self._done = self.refused = 0
        self._last: Step | None = None
        self._begin()

    def at(self, step: int) -> History:
        """Return the other history as it is after this many steps of the one it follows."""
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
        """Carry out one step.

        A new event that cannot be sent because another one is due there has that one sent
        first, as any source does.
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
    """Return a history without a mechanism (named as in `Mechanisms`) as of a step of this one."""
    key = f"without {field}"
    kept: Without | None = history.answers.get(key)
    if kept is None:
        kept = history.answers[key] = Without(history, field)
    return kept.at(step)


def otherwise(history: History, event_id: EventId) -> tuple[Otherwise, ...]:
    """Tell what the event would have come to without each mechanism.

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
    """Whether a session is too long to be carried out again."""
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
    """Return what there is of an event now."""
    lab, held = history.lab, history.record.state(event_id)
    position = lab.source.positions.get(event_id)
    word = None if position is None else lab.source.log[position][1]
    count = lab.state.counts.get(word, 0) if word is not None else 0
    return Effect(len(held.counted), count, len(held.pending), held.sink)


def _twin(history: History) -> History:
    """Carry out a history once more."""
    twin = History(lambda: history.at(0))
    for step in history.steps:
        with suppress(Refused):
            twin.do(step.command)
    return twin


def _both(history: History, event_id: EventId) -> tuple[Effect, Effect]:
    """Return the effect now, and after the run was brought to its end."""
    now = effect(history, event_id)
    for command in recovery(history.lab):
        history.do(command)
    return now, effect(history, event_id)


def _own(effect: Effect) -> tuple[int, int, int]:
    """Return what is this event's own: not the total of its word, in which others count."""
    return effect.counted, effect.pending, effect.sink


def _judge(end: Effect) -> Judgement:
    """Compare what a run came to with a clean one, which counts and puts out each event once."""
    if end.counted > 1 or end.sink > 1:
        return Judgement.DOUBLED
    if end.counted < 1 or end.sink < 1:
        return Judgement.LOST
    return Judgement.ONCE
