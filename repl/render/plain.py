"""A report without boxes and columns, for screen readers and for grep: each row is a clause."""

from collections.abc import Iterator

from repl.render.report import Report, Row


def sentence(report: Report, about: str = "") -> str:
    """Return a report as one line; `about` says what it is a report of.

    Example: `step 3: process e1 hello: SKIPPED (e1; duplicate; because e1 is in seen ...)`.
    """
    clauses = [each for each in (report.subject, report.headline) if each]
    clauses += [" ".join(part for part in each if part) for each in report.deliveries]
    for place, row in enumerate(report.rows):
        if row.label or not place:
            clauses.append(f"{row.label} {_words(row)}".strip())
        else:
            clauses[-1] += f", {_words(row)}"  # it goes on under the row before
    before = f"{about}: " if about else ""
    reason = f" ({'; '.join(clauses)})" if clauses else ""
    return f"{before}{report.verdict}{reason}"


def listed(report: Report) -> Iterator[str]:
    """Yield a report as several lines: the first one, and one for each of its rows."""
    subject = f" {report.subject}" if report.subject else ""
    yield f"{report.verdict}{subject}: {report.headline}"
    label = ""
    for row in report.rows:
        label = row.label or label
        yield f"{label}: {_words(row)}"


def _words(row: Row) -> str:
    """Return a row without its columns; user text keeps its blanks."""
    text = row.text.replace("  ", " ") if row.signed else row.text
    words = " ".join(part for part in (row.sign.strip(), text) if part)
    return ", ".join(part for part in (words, row.note) if part)
