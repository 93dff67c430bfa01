"""The results of a search and of a sweep as JSON values: what `--json` prints."""

from core.lab.commands import typed
from core.search.explore import Found
from core.search.sweep import Swept

Json = dict[str, object]


def of_search(found: Found) -> Json:
    """Return the JSON object of a search; counterexamples as one types them, shortest first."""
    return {
        **found.bounds._asdict(),
        "states": found.states,
        "schedules": found.schedules,
        "depth": found.depth,
        "complete": found.complete,
        "covered": found.covered,
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
    """Return the JSON object of a sweep: the totals, and each case that is not ok."""
    return {
        "cases": len(swept.cases),
        "complete": swept.complete,
        "covered": swept.covered,
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
        "minimal": swept.witness and swept.witness.minimal,
    }
