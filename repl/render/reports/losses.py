"""What is said of an event, or its ack, that is lost on its way."""

from core.lab.facts import AckLost, EventLost
from core.lab.history import History
from core.lab.lab import Step
from repl.render import wording
from repl.render.report import Report, Row, try_row
from repl.render.reports.saves import source_row
from repl.render.wording import name


def ack_lost(fact: AckLost, step: Step, _history: History) -> Report:
    """Report a lost ack."""
    source = source_row(fact.offset, fact.event_id, fact.waiting, step)
    rows = (source, Row("unchanged", "counts, seen, pending"), *try_row("replay", "retry"))
    headline = "the source believes it was not processed"
    return Report("ACK LOST", headline, rows, name(fact.event_id))


def event_lost(fact: EventLost, step: Step, _history: History) -> Report:
    """Report an event that never arrived."""
    before, after = fact.offset
    rows = (
        source_row(fact.offset, fact.event_id, fact.waiting, step),
        Row("unchanged", "counts, seen, pending"),
        *try_row("replay", wording.command("retry", fact.event_id)),
    )
    headline = "sent, and never arrived" if before == after else "sent once, and never arrived"
    return Report("EVENT LOST", headline, rows, name(fact.event_id))
