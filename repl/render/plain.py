"""A report as one sentence in ASCII, for screen readers and for grep: no boxes, no columns."""

from repl.render.report import Report, Row
from repl.render.theme import ASCII


def sentence(report: Report, about: str = "") -> str:
    """Return a report as one line; `about` says what it is a report of.

    Example: `step 3: process e1 hello: SKIPPED (e1; duplicate; because e1 is in seen ...)`.
    """
    clauses = "; ".join(report.said or spoken(report))
    reason = f" ({clauses})" if clauses else ""
    before = f"{about}: " if about else ""
    return ASCII.write(f"{before}{report.verdict}{reason}").replace("\n", " ")


def spoken(report: Report) -> tuple[str, ...]:
    """Return all that a report says as clauses: one for each delivery, and for each row."""
    clauses = [each for each in (report.subject, report.headline) if each]
    clauses += [" ".join(part for part in each if part) for each in report.deliveries]
    for place, row in enumerate(report.rows):
        if row.label or not place:
            clauses.append(f"{row.label} {_words(row)}".strip())
        else:
            clauses[-1] += f", {_words(row)}"  # it goes on under the row before
    return tuple(clauses)


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


def _words(row: Row) -> str:
    """Return a row without its columns; user text keeps its blanks."""
    text = row.text.replace("  ", " ") if row.signed else row.text
    words = " ".join(part for part in (row.sign.strip(), text) if part)
    return ", ".join(part for part in (words, row.note) if part)
