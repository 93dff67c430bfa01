"""Goals: which of their conditions are met, and the shortest way to all of them.

The search goes breadth first over what a person might type, not over what bad luck does
(that is `core/search`): it knows no faults, only commands that may be used.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import NamedTuple, get_args

from core.errors import Refused
from core.lab import commands as c
from core.lab.conditions import Compared, Condition, Holds
from core.lab.lab import Lab
from lessons.events import GoalMark

_MOST = 4000
"""Commands that a search carries out before it gives up."""


def marks(goal: Sequence[Condition], lab: Lab) -> tuple[GoalMark, ...]:
    """Return each condition with whether it is met."""
    return tuple(GoalMark(str(condition), *condition.check(lab)) for condition in goal)


def met(goal: Sequence[Condition], lab: Lab) -> bool:
    """Whether all conditions hold."""
    return all(condition.check(lab).met for condition in goal)


class _Way(NamedTuple):
    lab: Lab
    commands: tuple[c.Command, ...]


def shorter(
    goal: Sequence[Condition], lab: Lab, names: Container[str], length: int
) -> tuple[c.Command, ...] | None:
    """Return a way to a goal with fewer than `length` commands, by those of these names.

    None where there is none, or none was found before the search got too long.
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
    """Return the shortest way to a good laboratory, of fewer than `length` commands."""
    known, spent = {lab.freeze()}, 0
    ways = [_Way(lab, ())]
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
                    longer.append(_Way(twin, commands))
        ways = longer
    return None


def moves(lab: Lab, kinds: Iterable[type[c.Command]], words: Sequence[str]) -> Iterator[c.Command]:
    """Yield what of these kinds one may type in this state; some of it will be refused."""
    for kind in kinds:
        yield from kind.offers(lab, words)


def _words(goal: Sequence[Condition], lab: Lab) -> list[str]:
    """Return the words that events might carry: those of the goal, else of the log, else one."""
    asked = [
        each.quantity.word
        for each in goal
        if isinstance(each, Compared) and each.quantity.word is not None
    ]
    named = [word for event_id, word in lab.source.log if _is_held(goal, str(event_id))]
    return list(dict.fromkeys([*asked, *named])) or ["hello"]


def _is_held(goal: Sequence[Condition], event_id: str) -> bool:
    return any(isinstance(each, Holds) and each.event_id == event_id for each in goal)
