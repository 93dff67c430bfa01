"""The result of a check as a JSON value: what `--json` prints."""

from core.examiner.conformance import Conformance, Difference
from core.misconceptions import Misconception

Json = dict[str, object]


def of_check(report: Conformance) -> Json:
    """Return the JSON object of a check. Requests and replies are lines, as they were sent."""
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
