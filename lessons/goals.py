"""Goals: which of their conditions are met, and the shortest commands that meet all of them.

The search is breadth first over the commands that a person may type in a step. (`core/search`
tries other things: what an honest source sends, with faults at every place.)
"""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import NamedTuple, get_args

from core.errors import Refused
from core.lab import commands as c
from core.lab.conditions import Compared, Condition, Holds
from core.lab.lab import Lab
from lessons.events import GoalMark

_MOST = 4000
"""The most commands that a search carries out; then it gives up."""


def marks(goal: Sequence[Condition], lab: Lab) -> tuple[GoalMark, ...]:
    """Return for each condition whether it is met, and what was found."""
    return tuple(GoalMark(str(condition), *condition.check(lab)) for condition in goal)


def met(goal: Sequence[Condition], lab: Lab) -> bool:
    """Whether all conditions hold."""
    return all(condition.check(lab).met for condition in goal)


class _Attempt(NamedTuple):
    lab: Lab
    commands: tuple[c.Command, ...]


def shorter(
    goal: Sequence[Condition], lab: Lab, names: Container[str], length: int
) -> tuple[c.Command, ...] | None:
    """Return the shortest way to a goal, of fewer than `length` commands with these `names`.

    None if there is none, or none was found before the search gave up.
    """
    words = _words(goal, lab)
    kinds = [kind for kind in get_args(c.Command) if kind.verb in names]
    return find(lab, lambda twin: met(goal, twin), lambda twin: moves(twin, kinds, words), length)


def find(
    lab: Lab,
    good: Callable[[Lab], bool],
    tries: Callable[[Lab], Iterator[c.Command]],
    length: int,
    most: int = _MOST,
) -> tuple[c.Command, ...] | None:
    """Return the shortest way to a laboratory for which `good` holds.

    It has fewer than `length` commands, each one that `tries` returned for the laboratory
    before it. None if there is none, or after `most` commands were carried out.
    """
    known, spent = {lab.freeze()}, 0
    ways = [_Attempt(lab, ())]
    for _ in range(length - 1):
        longer = []
        for way in ways:
            for command in tries(way.lab):
                twin = way.lab.copy()
                try:
                    made, _ = twin.apply(command)
                except Refused:
                    continue
                commands = (*way.commands, made)
                if good(twin):
                    return commands
                spent += 1
                if spent > most:
                    return None
                key = twin.freeze()
                if key not in known:
                    known.add(key)
                    longer.append(_Attempt(twin, commands))
        ways = longer
    return None


def moves(lab: Lab, kinds: Iterable[type[c.Command]], words: Sequence[str]) -> Iterator[c.Command]:
    """Yield the commands of these classes worth trying in this state; some will be refused."""
    for kind in kinds:
        yield from kind.offers(lab, words)


def _words(goal: Sequence[Condition], lab: Lab) -> list[str]:
    """Return words for new events: those that the goal names, or whose ids it names, or `hello`."""
    asked = [
        each.quantity.word
        for each in goal
        if isinstance(each, Compared) and each.quantity.word is not None
    ]
    named = [word for event_id, word in lab.source.log if _is_held(goal, str(event_id))]
    return list(dict.fromkeys([*asked, *named])) or ["hello"]


def _is_held(goal: Sequence[Condition], event_id: str) -> bool:
    return any(isinstance(each, Holds) and each.event_id == event_id for each in goal)
