"""The task to expose a wrong engine: whether a schedule does, and how short it can be.

A schedule exposes a wrong engine if it breaks a rule that the right engine keeps under the
same schedule. So switching a mechanism off, which breaks any engine, does not count.
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
"""The commands under which no rule breaks with the right engine: no faults, no switches."""


class Minimal(NamedTuple):
    """A student's schedule without needless commands, and a shortest one, if one was found."""

    minimal: tuple[Command, ...]
    shortest: tuple[Command, ...] | None


def exposed(step: Break, lab: Lab, commands: Sequence[Command]) -> Exposed | None:
    """Return how these commands, which led to this laboratory, expose its engine; else None."""
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
    """Make an exposing schedule minimal, and search for a shortest one. May take a second."""
    step = Break(text="", line=0, mutant=found.mutant, hints=(), task="", rule=found.rule)
    start = MUTANTS[found.mutant].start

    def fails(commands: Sequence[Command]) -> bool:
        return exposed(step, _carried_out(start(), commands), commands) is not None

    return Minimal(shrink(found.commands, fails), shortest(found.mutant, None))


def shortest(mutant: str, rule: str | None) -> tuple[Command, ...] | None:
    """Return a shortest schedule found under which a mutant breaks a rule, or None.

    `rule` is the name of the rule, None for any. The search tries an honest source first, and
    then any commands without faults, such as an id that comes again with another word.
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
    """Return a shortest schedule as typed; empty if none was found."""
    return tuple(typed(command) for command in shortest(step.mutant, step.rule) or ())


def _rules(rule: str | None) -> dict[str, Rule]:
    return {rule: RULES[rule]} if rule else RULES


def _carried_out(lab: Lab, commands: Iterable[Command]) -> Lab:
    """Carry out the commands that are not refused; return the laboratory."""
    for command in commands:
        try:
            lab.apply(command)
        except Refused:
            continue
    return lab
