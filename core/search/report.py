"""Results as plain data, for whoever reads JSON: the objects behind `--json`."""

from core.lab.commands import typed
from core.search.conformance import Conformance, Difference
from core.search.explore import Found
from core.search.misconceptions import Misconception
from core.search.sweep import Swept

Json = dict[str, object]


def of_search(found: Found) -> Json:
    """Return what a search found; counterexamples as one types them, shortest first."""
    return {
        **found.bounds._asdict(),
        "states": found.states,
        "schedules": found.schedules,
        "depth": found.depth,
        "complete": found.complete,
        "final_sinks": len(found.final_sinks),
        "violations": [
            {
                "property": each.property,
                "message": each.message,
                "counterexample": [typed(command) for command in each.counterexample],
                "shortest": each.shortest,
            }
            for each in found.violations
        ],
        "sometimes": {name: message is not None for name, message in found.sometimes.items()},
    }


def of_sweep(swept: Swept) -> Json:
    """Return what a sweep found: the totals, and each case that is not ok."""
    return {
        "cases": len(swept.cases),
        "complete": swept.complete,
        "own": swept.own,
        **swept.totals,
        "failed": [
            {
                "after": case.after,
                "fault": None if case.fault is None else typed(case.fault),
                "outcome": case.outcome,
                "lost": list(case.lost),
                "doubled": list(case.doubled),
                "uncounted": list(case.uncounted),
                "recounted": list(case.recounted),
                "counts": case.counts,
                "rules": case.rules,
            }
            for case in swept.cases
            if case.outcome != "ok"
        ],
        "witness": swept.witness and [typed(command) for command in swept.witness.commands],
        "shortest": swept.witness and swept.witness.shortest,
    }


def of_check(report: Conformance) -> Json:
    """Return what a check came to. Requests and replies are lines, as they were sent."""
    difference, mutant = report.difference, report.mutant
    return {
        "verdict": report.verdict,
        "case": difference and difference.case,
        "witness": list(difference.witness) if difference else [],
        "expected": difference and difference.expected,
        "got": difference and difference.got,
        "trouble": difference and difference.trouble,
        "message": difference and difference.message,
        "mutant": mutant and mutant.name,
        "mechanism": mutant and mutant.mechanism,
        "misconception": _misconception(mutant and mutant.misconception),
        "advice": [_advice(each) for each in report.advice],
        "complete": report.complete,
        "asked": report.asked,
    }


def _misconception(misconception: Misconception | None) -> Json | None:
    return None if misconception is None else misconception._asdict()


def _advice(advice: Difference) -> Json:
    return {
        "topic": advice.topic,
        "message": advice.message,
        "witness": list(advice.witness),
        "expected": advice.expected,
        "got": advice.got,
    }
