"""A wrong engine to expose: whether it is, by how little, and what the shortest way known is.

A schedule exposes a wrong engine when it breaks a rule that the right engine keeps under
the same schedule. So a switch thrown or an unheard-of request proves nothing.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, get_args

from core.errors import Refused
from core.lab.commands import Command, typed
from core.lab.lab import Lab
from core.mutants import BEATEN_WITHIN, MUTANTS
from core.rules import RULES, Rule, broken
from core.search.explore import explore
from core.search.moves import WORDS
from core.search.shrink import shrink
from lessons import goals
from lessons.events import Exposed
from lessons.model import Break

_LONGEST = 9
_KINDS = [kind for kind in get_args(Command) if not (kind.fault or kind.switches)]
"""Commands that break no right engine: what a source and a person do."""


class Minimal(NamedTuple):
    """An exposing schedule made minimal, and the shortest that the search found, if it did."""

    minimal: tuple[Command, ...]
    shortest: tuple[Command, ...] | None


def exposed(step: Break, lab: Lab, commands: Sequence[Command]) -> Exposed | None:
    """Return how these commands, which led to this laboratory, expose its engine, if they do."""
    rules = _rules(step.rule)
    verdicts = broken(lab, rules)
    if not verdicts:
        return None
    kept = broken(_carried_out(Lab(), commands), rules)
    for name, message in verdicts.items():
        if name not in kept:
            return Exposed(step.mutant, name, message, tuple(commands))
    return None


def compare(found: Exposed) -> Minimal:
    """Make an exposing schedule minimal, and look for a shortest one. May take a second."""
    step = Break(text="", line=0, mutant=found.mutant, hints=(), task="", rule=found.rule)
    start = MUTANTS[found.mutant].start

    def fails(commands: Sequence[Command]) -> bool:
        return exposed(step, _carried_out(start(), commands), commands) is not None

    return Minimal(shrink(found.commands, fails), shortest(found.mutant, None))


def shortest(mutant: str, rule: str | None) -> tuple[Command, ...] | None:
    """Return the shortest schedule found under which a mutant breaks a rule, or None.

    First under an honest source, then with ids that come again with another word.
    """
    rules, start = _rules(rule), MUTANTS[mutant].start
    violations = explore(BEATEN_WITHIN, start, rules=rules, first=True).violations
    if violations:
        return violations[0].counterexample
    return goals.find(
        start(),
        lambda lab: bool(broken(lab, rules)),
        lambda lab: goals.moves(lab, _KINDS, WORDS),
        _LONGEST,
    )


def solution(step: Break) -> tuple[str, ...]:
    """Return a shortest schedule as it is typed."""
    return tuple(typed(command) for command in shortest(step.mutant, step.rule) or ())


def _rules(rule: str | None) -> dict[str, Rule]:
    return {rule: RULES[rule]} if rule else RULES


def _carried_out(lab: Lab, commands: Iterable[Command]) -> Lab:
    """Carry out what is not refused."""
    for command in commands:
        try:
            lab.apply(command)
        except Refused:
            continue
    return lab
