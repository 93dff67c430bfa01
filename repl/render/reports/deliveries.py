"""What is said of deliveries: applied, skipped, fed, replayed."""

from collections.abc import Iterable, Sequence

from core.lab.comparison import Comparison, compare, size
from core.lab.facts import (
    Applied,
    Fact,
    Fed,
    Replayed,
    Reused,
    Sent,
    Skipped,
    Undelivered,
    Unsent,
)
from core.lab.history import History
from core.lab.lab import Step
from core.lab.otherwise import effect, too_long, without
from core.lab.record import Since
from core.mechanisms import Mechanisms
from core.outputs import Output
from repl.render import wording
from repl.render.report import Delivery, Report, Row, change, try_row
from repl.render.wording import name, number, word

_FIRST, _LAST = 8, 4
"""Deliveries of a replay that are shown of its beginning and of its end."""
_WORDS = 4
"""Words of a feed that are shown."""
_COMPARED = 2
"""Words whose counts are set against those before a setback."""


def delivered(fact: Applied | Skipped, step: Step, history: History) -> Report:
    """Report one delivery."""
    if isinstance(fact, Applied):
        return _applied(fact, step, history)
    return _skipped(fact, step, history)


def reused(fact: Reused, step: Step, history: History) -> Report:
    """Report a delivery whose id came with a word that is not its own."""
    came = step.facts[1]
    assert isinstance(came, Applied | Skipped)
    report = delivered(came, step, history)
    event_id, given, logged = name(fact.event_id), word(fact.given), word(fact.logged)
    text = f"{given} came, but {event_id} is {logged}: the id is the identity"
    if isinstance(came, Applied):
        what = "the log's word" if came.word == fact.logged else "the word that came"
        text += f"; {what} was applied"
    return report._replace(rows=(Row("word", text, "wrong"), *report.rows))


def fed(fact: Fed, step: Step, history: History) -> Report:
    """Report a feed by its totals."""
    events = number(fact.events, "event")
    rows: list[Row] = []
    lines: tuple[Delivery, ...] = ()
    headline = "every id new"
    if fact.counts is None:  # not all went alike
        lines, headline = deliveries(step, history), "one after the other"
    else:
        headline = f"{number(len(fact.counts), 'word')}, every id new"
        rows = _fed_rows(fact, fact.counts)
    rows += unsent(step.facts)
    return Report("FED", headline, tuple(rows), events, lines)


def replayed(fact: Replayed, step: Step, history: History) -> Report:
    """Report a replay: whether all is as before what set it back, and a line a delivery."""
    events, lines = number(fact.events, "event"), deliveries(step, history)
    found = compare(history, step)
    if found is None:
        return Report("REPLAYED", f"from offset {fact.offset}", (), events, lines)
    before = f"before the {found.cause}{'' if found.recovering else f' of step {found.at}'}"
    if not found.differs:
        return Report("REPLAYED", f"same as {before}", (), events, lines)
    headline, look = f"not the same as {before}", "wrong"
    if found.explained is not None:
        more = "more than" if found.explained else "same counts as"
        headline, look = f"{more} {before}", ""
    rows = [Row(part, _against(part, found), look) for part in found.differs]
    out = sum(isinstance(each, Applied) and each.output == "sink" for each in step.facts)
    if out and "sink" in found.differs:
        text = f"{rows[-1].text}, {out} of them by this replay"
        rows[-1] = rows[-1]._replace(text=text, style="wrong")
    return Report("REPLAYED", headline, tuple(rows), events, lines)


def deliveries(step: Step, history: History) -> tuple[Delivery, ...]:
    """Return a line a delivery: the first ones, the last ones, and a sum of those between."""
    made = [fact for fact in step.facts if isinstance(fact, Sent)]
    if len(made) <= _FIRST + _LAST + 1:
        return _lines(made, step, history)
    between = made[_FIRST:-_LAST]
    applied = sum(isinstance(fact, Applied) for fact in between)
    remark = f"{len(between)} more: {applied} applied · {len(between) - applied} skipped"
    return (
        *_lines(made[:_FIRST], step, history),
        Delivery("…", "", remark),
        *_lines(made[-_LAST:], step, history),
    )


def unsent(facts: Sequence[Fact]) -> list[Row]:
    """Return what was not sent any more of a feed."""
    fact = next((fact for fact in facts if isinstance(fact, Unsent)), None)
    if fact is None:
        return []
    words = wording.some([word(each) for each in fact.words], len(fact.words), fact.total)
    return [Row("not sent", words, "wrong")]


def since(found: Since) -> str:
    """Return since when an id is in seen, and how it came there."""
    when = f"step {found.step}" if found.step else wording.BEFORE
    if found.restored is None:
        return when
    first = f"in step {found.first.step}" if found.first and found.first.step else wording.BEFORE
    return f"{when}: restore of {name(found.restored)} brought it back (first applied {first})"


def outputs_row(where: str, outputs: str) -> Row:
    """Return where an output went."""
    if where == "held":
        text = "no second output: the sink has one already"
        return change("pending", "", text)._replace(style="")
    if where == "sink":
        return change("sink", "+", outputs, "visible at once")
    return change("pending", "+", outputs, "not visible until commit")


def _fed_rows(fact: Fed, counts: dict[str, tuple[int, int]]) -> list[Row]:
    """Return what a feed did whose events were all applied alike."""
    shown = list(counts.items())[:_WORDS] if len(counts) <= _WORDS else _risen(counts)
    rows = [
        change("counts" if not place else "", "" if before else "+", _count(each, before, after))
        for place, (each, (before, after)) in enumerate(shown)
    ]
    if len(counts) > len(shown):
        more = f"and {number(len(counts) - len(shown), 'word')} more"
        rows.append(change("", "", more)._replace(style="note"))
    ends = name(fact.first) if fact.events == 1 else f"{name(fact.first)} to {name(fact.last)}"
    rows.append(change("seen", "+", ends, number(fact.seen, "id")))
    return [*rows, outputs_row(fact.output, number(fact.events, "output"))]


def _against(part: str, found: Comparison) -> str:
    """Return what a part was before and what it is now."""
    before, after = found.before.state.counts, found.after.state.counts
    if part == "counts":
        words = [each for each in {**before, **after} if before.get(each, 0) != after.get(each, 0)]
        told = [
            f"{word(each)} {before.get(each, 0)} before, {after.get(each, 0)} now"
            for each in words[:_COMPARED]
        ]
        same = "the words came in another order"
        return wording.some(told, _COMPARED, len(words), " · ") if told else same
    then, there = size(found.before, part), size(found.after, part)
    more = ", but other ones or in another order" if then == there else ""
    return f"{then} before, {there} now{more}"


def _applied(fact: Applied, step: Step, history: History) -> Report:
    event_id = name(fact.event_id)
    rows = _state_rows(fact)
    if fact.again:
        off = not _now(step).dedup
        why = "but with dedup off nobody looks there" if off else "and was applied all the same"
        because = Row("because", f"{event_id} is in seen, {why}", "" if off else "wrong")
        tries = try_row("mechanism dedup on" if off else "", "undo", "diff clean")
        headline = "counted again, as dedup is off" if off else "counted again, with dedup on"
        return Report("APPLIED", headline, (because, *rows, *tries), event_id)
    before = history.record.applications(fact.event_id, step.number)
    headline = "not in seen, though it was applied before" if before else "a new id"
    return Report("APPLIED", headline, tuple(rows), event_id)


def _state_rows(fact: Applied) -> list[Row]:
    """Return what an application did to counts, seen and the outputs."""
    total = number(fact.seen, "id")
    known = change("seen", "", "unchanged", total)._replace(style="")
    rows = [
        change("counts", "" if fact.before else "+", _count(fact.word, fact.before, fact.after)),
        known if fact.again else change("seen", "+", name(fact.event_id), total),
    ]
    if fact.dropped:
        rows.append(change("", "−", wording.ids(fact.dropped), "dropped out of seen"))
    output = wording.output(Output(fact.event_id, fact.word, fact.after))
    return [*rows, outputs_row(fact.output, output)]


def _skipped(fact: Skipped, step: Step, history: History) -> Report:
    event_id, found = name(fact.event_id), history.record.since(fact.event_id, step.number)
    headline = "duplicate"
    if found is None or fact.first_word is None:
        headline = "taken for a duplicate"
        text = f"{event_id} is not in seen, and was skipped all the same"
        because = Row("because", text, "wrong")
    else:
        because = Row("because", f"{event_id} is in seen since {_entered(found)}")
    changed = step.changes
    rows = [because, Row("unchanged", "counts, seen, pending")]
    if fact.dropped:
        rows[1] = Row("unchanged", "counts, pending")
        rows.append(change("seen", "−", wording.ids(fact.dropped), "dropped out of seen"))
    before, after = changed.offset
    if before != after:
        rows.append(Row("source", f"offset {before} → {after}: acknowledged now", "changed"))
    rows += _otherwise(fact, step, history)
    rows += try_row(wording.command("why", fact.event_id), _switch_off(step), "retry")
    return Report("SKIPPED", headline, tuple(rows), event_id)


def _switch_off(step: Step) -> str:
    return "mechanism dedup off" if _now(step).dedup else ""


def _entered(found: Since) -> str:
    """Return since when an id is in seen, and what the application counted that did it."""
    told, by = since(found), found.by
    if by is None or by.word is None:
        return told
    return f"{told} ({word(by.word)}, count {by.before} → {by.after})"


def _otherwise(fact: Skipped, step: Step, history: History) -> list[Row]:
    """Return what the same commands come to without dedup: for this id, and its word in all."""
    if history.lab.durability.lasting or not _now(step).dedup or too_long(history):
        return []
    other = without(history, "dedup", step.number)
    counted = wording.times(effect(other, fact.event_id).counted)
    total = other.lab.state.counts.get(fact.word, 0)
    text = f"without dedup {word(fact.word)} would now be {total}: "
    return [Row("otherwise", f"{text}{name(fact.event_id)} counted {counted}")]


def _lines(facts: Iterable[Sent], step: Step, history: History) -> tuple[Delivery, ...]:
    return tuple(_line(fact, step, history) for fact in facts)


def _line(fact: Sent, step: Step, history: History) -> Delivery:
    event_id = name(fact.event_id)
    if isinstance(fact, Undelivered):
        return Delivery(event_id, "SENT", "not applied: the crash came before")
    if isinstance(fact, Skipped):
        found = history.record.since(fact.event_id, step.number)
        told = "taken for a duplicate: not in seen"
        if found is not None:
            told = f"duplicate: in seen since {since(found)}"
        return Delivery(event_id, "SKIPPED", told + _dropped(fact))
    text = wording.rise(fact.word, fact.before, fact.after)
    if fact.again:
        off = "dedup is off" if not _now(step).dedup else "though it is in seen"
        text += f": counted again, {off}"
    elif fact.output == "held":
        text += ": no second output, the sink has one"
    return Delivery(event_id, "APPLIED", text + _dropped(fact))


def _dropped(fact: Applied | Skipped) -> str:
    """Return which ids dropped out of seen, as only a wrong processor lets them."""
    return f"; {wording.ids(fact.dropped)} dropped out of seen" if fact.dropped else ""


def _now(step: Step) -> Mechanisms:
    return step.changes.mechanisms[1]


def _count(text: str, before: int, after: int) -> str:
    """Return `hello  1 → 2`, or `hello  1` where the word is new."""
    return f"{word(text)}  {before} → {after}" if before else f"{word(text)}  {after}"


def _risen(counts: dict[str, tuple[int, int]]) -> list[tuple[str, tuple[int, int]]]:
    """Return the words of a feed that rose most."""
    from heapq import nlargest

    return nlargest(_WORDS, counts.items(), key=lambda each: each[1][1] - each[1][0])
