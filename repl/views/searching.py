"""What a search found: its verdict, the shortest counterexamples, and what was covered."""

from core.lab.commands import Command
from core.search.explore import Found, Violation
from repl.views import View
from repl.views.report import Report, Row, try_row
from repl.views.told import Told
from repl.views.words import phrases


def found(result: Found) -> View:
    """Tell what came of a search."""
    broken = result.violations
    if broken:
        verdict, headline = "BROKEN", f"{phrases.number(len(broken), 'rule')} of 5"
        hints = try_row("witness", "redo", "diff clean")
    else:
        verdict = "HOLDS" if result.complete else "STOPPED"
        headline = "no schedule breaks a rule"
        headline += "" if result.complete else ", as far as the search came"
        hints = try_row("mechanism dedup off", "search")
    rows = [row for violation in broken for row in _violation(violation)]
    rows += [*_covered(result), *hints]
    said = tuple(f"{row.label} {row.text}".strip() for row in rows)
    return Told(Report(verdict, headline, tuple(rows), said=said))


def loaded(violation: Violation, steps: int) -> View:
    """Say that a counterexample stands ready to be stepped through."""
    rows = (
        Row("breaks", f"{violation.property}: {violation.message}"),
        *try_row("redo", "diff clean", "goto 0", "timeline"),
    )
    headline = f"{phrases.number(steps, 'step')}, none done yet: redo goes one on"
    return Told(Report("WITNESS", headline, rows, said=(headline, rows[0].text)))


def _violation(violation: Violation) -> list[Row]:
    steps = enumerate(violation.counterexample, 1)
    return [
        Row(violation.property, violation.message, "wrong"),
        *(Row("", f"{number}  {_typed(command)}") for number, command in steps),
    ]


def _covered(result: Found) -> list[Row]:
    bounds = result.bounds
    reached = [evidence for evidence in result.sometimes.values() if evidence is not None]
    sinks = len(result.final_sinks)
    within = (
        f"{phrases.number(bounds.events, 'event')}, {phrases.number(bounds.faults, 'fault')}, "
        f"{phrases.number(bounds.checkpoints, 'checkpoint name')}"
    )
    return [
        Row("within", within),
        Row("tried", f"{result.schedules:,} commands in {result.states:,} states"),
        Row("met", f"{len(reached)} of {len(result.sometimes)} kinds of trouble"),
        Row("sinks", f"{phrases.number(sinks, 'possible final sink')}"),
    ]


def _typed(command: Command) -> str:
    return phrases.typed(command)
