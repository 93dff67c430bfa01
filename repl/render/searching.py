"""What a search found: its verdict, short counterexamples, and what was covered."""

from collections.abc import Sequence

from core.examiner import conformance as checks
from core.lab.commands import Command
from core.rules import RULES
from core.search.explore import Found, Violation
from core.search.sweep import FaultCase, Outcome, Swept
from core.search.witness import Witness
from repl.render import View, wording
from repl.render.report import Report, Row, numbered, try_row
from repl.render.report_view import ReportView
from repl.render.theme import safe

_MOST = 12
"""Faults of a sweep that are named."""
_READ = 40
"""Commands of a schedule that are shown."""
_LINE = 2000
"""Characters of a request or a reply that are shown."""
TOO_MUCH = "not complete: there is too much to try all of it"
_INTERRUPTED = "not complete: it was interrupted"


def found(result: Found, *hints: str) -> View:
    """Tell what came of a search; `hints` are what might be typed next."""
    broken = result.violations
    if broken:
        verdict, headline = "BROKEN", f"{wording.number(len(broken), 'rule')} of {len(RULES)}"
    else:
        verdict = "HOLDS" if result.complete else "STOPPED"
        headline = "no schedule breaks a rule"
        headline += "" if result.complete else ", as far as the search came"
    rows = [row for violation in broken for row in _violation(violation)]
    rows += [*_left(result), *_covered(result), *try_row(*hints)]
    return ReportView(Report(verdict, headline, tuple(rows)))


def _left(result: Found) -> list[Row]:
    """Say what a search left untried, and how far it is whole."""
    if result.complete:
        return []
    if result.ended == "a rule broke":
        return [Row("stopped", "what takes more commands was not tried")]
    so = "" if result.violations else ": none breaks a rule"
    covered = f"every schedule of up to {wording.number(result.covered, 'command')} was tried{so}"
    if not result.covered:
        covered = "not every command was tried, even as the first"
    why = _INTERRUPTED if result.ended == "stopped" else TOO_MUCH
    return [Row("stopped", why), Row("covered", covered)]


def loaded(what: str, steps: int) -> View:
    """Say that a counterexample stands ready to be stepped through, and what it shows."""
    rows = (
        Row("shows", safe(what, None)),
        *try_row("redo", f"goto {steps}", "diff clean", "timeline"),
    )
    headline = f"{wording.number(steps, 'step')}, none done yet: redo goes one on"
    return ReportView(Report("WITNESS", headline, rows))


def swept(result: Swept, *hints: str) -> View:
    """Tell what became of a session under every fault; `hints` as in `found`."""
    totals = result.totals
    counts = " · ".join(f"{number} {outcome}" for outcome, number in totals.items() if number)
    runs = f"{len(result.cases)}, one of them without a fault: {counts}"
    rows = [Row("runs", runs if result.cases else "none was finished")]
    if not result.complete:
        why = _INTERRUPTED if result.ended == "stopped" else TOO_MUCH
        upto = result.covered - 1
        covered = f"every fault up to step {upto} of {result.steps} was tried, the rest was not"
        if not result.covered:
            covered = f"not every fault before step 1 of {result.steps} was tried"
        rows += [Row("stopped", why), Row("covered", covered)]
    bad = [case for case in result.cases if case.outcome != "ok"]
    harmful = [case for case in bad if case.fault is not None]
    rows += [Row("no fault", _harm(case), "wrong") for case in bad if case.fault is None]
    rows += [
        Row("" if place else "faults", _case(case), "wrong")
        for place, case in enumerate(harmful[:_MOST])
    ]
    if len(harmful) > _MOST:
        rows.append(Row("", f"… ({len(harmful)} in all)"))
    if result.witness is None or result.worst is None:
        headline = "no single fault loses or doubles a count, or an output in the sink"
        headline += "" if result.complete else ", as far as it came"
        rows += try_row(*hints)
        verdict = "HOLDS" if result.complete else "STOPPED"
        return ReportView(Report(verdict, headline, tuple(rows)))
    rows += _witness(result.witness, result.worst.outcome)
    rows += try_row(*hints)
    headline = _ends(result, len(harmful), itself=len(harmful) < len(bad))
    return ReportView(Report("BROKEN", headline, tuple(rows)))


def checked(result: checks.Conformance) -> View:
    """Tell what came of testing somebody's node."""
    verdict = {"pass": "PASSED", "fail": "FAILED", "broken": "BROKEN"}[result.verdict]
    requests = "request" if result.asked == 1 else "requests"
    processes = "process" if result.processes == 1 else "processes"
    rows = [Row("asked", f"{result.asked:,} {requests} of {result.processes:,} {processes}")]
    if not result.complete:
        rows.append(Row("stopped", "the rest was not asked"))
    headline = "every reply is right"
    if result.difference is not None:
        headline = safe(result.difference.message, _LINE)
        rows = [*_difference(result.difference), *rows]
    if result.mutant is not None:
        rows.append(Row("acts like", f"{result.mutant.name}: {result.mutant.wrong}"))
        if result.mutant.mechanism is not None:
            rows.append(Row("lacks", result.mutant.mechanism))
        if result.mutant.misconception is not None:
            rows.append(Row("believes", result.mutant.misconception.belief))
    for each in result.advice:
        rows += [Row("advice", safe(f"{each.topic}: {each.message}", _LINE)), *_difference(each)]
    return ReportView(Report(verdict, headline, tuple(rows)))


def _difference(difference: checks.Difference) -> list[Row]:
    lines = [safe(line, _LINE) for line in difference.witness]
    rows = [Row("" if place else "send", line) for place, line in enumerate(lines)]
    if difference.expected is not None:
        rows.append(Row("due", safe(difference.expected, _LINE), "kept"))
    if difference.got is not None:
        rows.append(Row("came", safe(difference.got, _LINE), "lost"))
    return rows


def _case(case: FaultCase) -> str:
    assert case.fault is not None
    return f"after step {case.after}, {wording.typed(case.fault)}: {_harm(case)}"


def _harm(case: FaultCase) -> str:
    """Say what is not as in a clean run."""
    ids = (
        ("lost", case.lost),
        ("doubled", case.doubled),
        ("not counted", case.uncounted),
        ("counted again", case.recounted),
    )
    harm = [f"{what} {' '.join(map(wording.name, which))}" for what, which in ids if which]
    harm += [
        f"count {wording.word(word)} {here}, not {clean}"
        for word, (here, clean) in case.counts.items()
    ]
    harm += [f"{rule} broken" for rule in case.rules] if not harm else []
    return "; ".join(harm)


def _ends(result: Swept, harmful: int, *, itself: bool) -> str:
    """Say how many faults do harm; of a session that ends badly as it is, say that first."""
    of = len(result.cases) - 1
    if not itself:
        does = "does" if harmful == 1 else "do"
        return f"{wording.number(harmful, 'fault')} of {of} {does} harm"
    own = [fault if times == 1 else wording.plural(fault) for fault, times in result.own.items()]
    has = f"with its own {' and '.join(own)}" if own else "without a fault"
    runs = wording.number(of, "run")
    more = "one fault more" if own else "a fault"
    so = f"so {'does' if harmful == 1 else 'do'} {harmful} of {runs} with {more}"
    return f"the session ends badly {has}; {so if harmful else f'no run with {more} does'}"


def _witness(witness: Witness, outcome: Outcome) -> list[Row]:
    """Show a witness, with what it comes to and what is known of its length."""
    if witness.shortest:
        of = f"to end {outcome}: of your commands in order, one fault at most, and what recovers"
        return [Row("shortest", of), *_steps(witness.commands)]
    if not witness.minimal:
        known = f"to end {outcome}, as it was found: there was no time to make it shorter"
        return [Row("found", known), *_steps(witness.commands)]
    known = f"to end {outcome}: none of these can be left out; there may be a shorter way"
    return [Row("minimal", known), *_steps(witness.commands)]


def _steps(commands: Sequence[Command]) -> list[Row]:
    """Return a row a command; of more than are read, the first and how many there are."""
    rows = [
        numbered(number, wording.typed(command))
        for number, command in enumerate(commands[:_READ], 1)
    ]
    if len(commands) > _READ:
        rows.append(Row("", f"… ({len(commands)} in all)"))
    return rows


def _violation(violation: Violation) -> list[Row]:
    return [
        Row(violation.property, safe(violation.message, None), "wrong"),
        *_steps(violation.counterexample),
        *([] if violation.shortest else [Row("", "there may be a shorter way")]),
    ]


def _number(total: int, noun: str) -> str:
    return f"{total:,}{wording.number(total, noun).removeprefix(str(total))}"


def _covered(result: Found) -> list[Row]:
    bounds = result.bounds
    reached = [evidence for evidence in result.sometimes.values() if evidence is not None]
    sinks = wording.number(len(result.final_sinks), "possible final sink")
    every = result.complete and not result.cut
    within = (
        f"{wording.number(bounds.events, 'event')}, {wording.number(bounds.faults, 'fault')}, "
        f"{wording.number(bounds.checkpoints, 'checkpoint name')}"
    )
    return [
        Row("within", within),
        Row(
            "tried", f"{_number(result.schedules, 'command')} in {_number(result.states, 'state')}"
        ),
        Row("met", f"{len(reached)} of {len(result.sometimes)} kinds of trouble"),
        Row("sinks", sinks if every else f"{sinks} found, of those there are"),
    ]
