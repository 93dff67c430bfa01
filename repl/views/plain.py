"""A report as one sentence in ASCII, for screen readers and for grep: no boxes, no columns."""

from repl.theme import ASCII
from repl.views.report import Report


def sentence(report: Report, about: str = "") -> str:
    """Return a report as one line; `about` says what it is a report of.

    Example: `step 3: process e1 hello: SKIPPED (duplicate; e1 in seen since step 1)`.
    """
    clauses = "; ".join(report.said or ((report.headline,) if report.headline else ()))
    reason = f" ({clauses})" if clauses else ""
    before = f"{about}: " if about else ""
    return ASCII.write(f"{before}{report.verdict}{reason}").replace("\n", " ")


def listed(report: Report) -> str:
    """Return a report as several lines: the first one, and one for each of its rows."""
    subject = f" {report.subject}" if report.subject else ""
    label, sentences = "", [f"{report.verdict}{subject}: {report.headline}"]
    for row in report.rows:
        label = row.label or label
        sentences.append(f"{label}: {row.text}")
    return lines(*sentences)


def lines(*sentences: str) -> str:
    """Return several lines of ASCII."""
    return "\n".join(ASCII.write(each) for each in sentences)
