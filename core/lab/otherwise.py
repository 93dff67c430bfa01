"""What an event would have come to without each mechanism: the counterfactuals of `why`.

They are worked out, not argued: the same commands are carried out in a laboratory in which
the mechanism was never on, and that run is then brought to its end like any other.
"""

from collections.abc import Iterable
from typing import NamedTuple

from core.errors import Refused
from core.lab import commands as c
from core.lab.history import History
from core.lab.ids import sent
from core.lab.judge import Judgement, clean, recover, send_due
from core.lab.lab import Lab, Step
from core.mechanisms import SWITCHES
from core.outputs import EventId

LONGEST = 20_000
"""Deliveries beyond which a session is not carried out again five times for one question."""


class Effect(NamedTuple):
    """What there is of an event: its word's count, and its outputs in pending and sink."""

    word_count: int
    pending: int
    sink: int


class Otherwise(NamedTuple):
    """What the same commands come to where one mechanism was never on.

    `mechanism` is spelled as typed. `now` is the effect at the present moment, `end` that
    after the run was brought to its end (up, replay, commit), and `judgement` what `end`
    means, against a clean run (nothing, where the event was never sent there). All three
    are None where the session is too long to carry out again. `differs` is whether `now`
    or `end` differ from what there really is, and will be. `refused` counts the commands
    that are not possible there.
    """

    mechanism: str
    now: Effect | None
    end: Effect | None
    judgement: Judgement | None
    differs: bool
    refused: int


def otherwise(history: History, event_id: EventId) -> tuple[Otherwise, ...]:
    """Tell what the event would have come to without each of the five mechanisms.

    Raises Refused for an id that was never sent.
    """
    lab = history.lab
    event_id = sent(lab, event_id)
    word = lab.source.log[lab.source.positions[event_id]][1]
    if _deliveries(history.steps) > LONGEST:
        return tuple(
            Otherwise(name, None, None, None, differs=False, refused=0) for name in SWITCHES
        )
    here = _both(lab.copy(), event_id, word)
    wanted = clean(lab).counts.get(word, 0)
    found = []
    for name, field in SWITCHES.items():
        without, impossible = _without(history, field)
        now, end = _both(without, event_id, word)
        sent_there = event_id in without.source.positions
        judgement = _judge(end, wanted) if sent_there else Judgement.NOTHING
        found.append(Otherwise(name, now, end, judgement, (now, end) != here, impossible))
    return tuple(found)


def _deliveries(steps: Iterable[Step]) -> int:
    return sum(
        len(step.command.words) if isinstance(step.command, c.Feed) else len(step.facts)
        for step in steps
    )


def _without(history: History, field: str) -> tuple[Lab, int]:
    """Carry out a history without a mechanism; return the lab and how much was refused.

    A new event that cannot be sent because another one is due there has that one sent
    first, as any source does.
    """
    lab = history.at(0)
    off = {field: False}
    lab.processor.switch(lab.processor.mechanisms._replace(**off))
    impossible = 0
    for step in history.steps:
        if isinstance(step.command, c.Process | c.Feed) and _is_new(lab, step.command):
            send_due(lab)
        try:
            lab.apply(step.command)
        except Refused:
            impossible += 1
        if isinstance(step.command, c.Switch | c.Guarantee):
            lab.processor.switch(lab.processor.mechanisms._replace(**off))
    return lab, impossible


def _is_new(lab: Lab, command: c.Process | c.Feed) -> bool:
    """Whether a command sends events that the log does not have yet, from the prompt."""
    if isinstance(command, c.Feed):
        return True
    return not command.raw and command.event_id not in lab.source.positions


def _both(lab: Lab, event_id: EventId, word: str) -> tuple[Effect, Effect]:
    """Return the effect in a laboratory now, and after its run was brought to its end."""
    now = _effect(lab, event_id, word)
    recover(lab)
    return now, _effect(lab, event_id, word)


def _effect(lab: Lab, event_id: EventId, word: str) -> Effect:
    outputs = lab.held.outputs
    sink = outputs.ids[: outputs.line].count(event_id)
    return Effect(lab.held.counts.get(word, 0), outputs.pending_ids().count(event_id), sink)


def _judge(end: Effect, clean_count: int) -> Judgement:
    """Compare what a run came to with a clean one, which puts each event out once."""
    if end.word_count > clean_count or end.sink > 1:
        return Judgement.DOUBLED
    if end.word_count < clean_count or end.sink < 1:
        return Judgement.LOST
    return Judgement.EXACTLY_ONCE
