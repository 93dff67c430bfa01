"""What is said of deliveries: applied, skipped, fed, replayed."""

from collections.abc import Sequence

from core.lab.facts import Applied, Fact, Fed, Replayed, Reused, Skipped
from core.lab.lab import Lab, Step
from core.outputs import Output
from repl.views.report import Delivery, Report, Row, change, try_row
from repl.views.words import phrases
from repl.views.words.phrases import BEFORE, name, word

_FIRST, _LAST = 8, 4
"""Deliveries of a replay that are shown of its beginning and of its end."""
_WORDS = 4
"""Words of a feed that are shown."""
_COMPARED = 2
"""Words whose counts are set against those before a setback."""


def delivered(step: Step, lab: Lab | None) -> Report:
    """Report one delivery, with a word on its id if it came with another word before."""
    reused = step.facts[0] if isinstance(step.facts[0], Reused) else None
    fact = step.facts[1] if reused else step.facts[0]
    assert isinstance(fact, Applied | Skipped)
    told = _applied(fact) if isinstance(fact, Applied) else _skipped(fact, step, lab)
    return told if reused is None else _reused(told, reused, fact)


def fed(fact: Fed, _step: Step, _lab: Lab | None) -> Report:
    """Report a feed by its totals."""
    events = phrases.number(fact.events, "event")
    shown = list(fact.counts.items())[:_WORDS] if len(fact.counts) <= _WORDS else _risen(fact)
    rows = [
        change("counts" if not place else "", "" if before else "+", _count(each, before, after))
        for place, (each, (before, after)) in enumerate(shown)
    ]
    if len(fact.counts) > len(shown):
        more = f"and {phrases.number(len(fact.counts) - len(shown), 'word')} more"
        rows.append(change("", "", more)._replace(style="note"))
    ends = name(fact.first) if fact.events == 1 else f"{name(fact.first)} to {name(fact.last)}"
    rows.append(change("seen", "+", ends, phrases.number(fact.seen, "id")))
    rows.append(_outputs_row(fact.output, phrases.number(fact.events, "output")))
    words = phrases.number(len(fact.counts), "word")
    return Report(
        "FED",
        f"{words}, every id new",
        tuple(rows),
        subject=events,
        said=(events, ends, words, f"{fact.seen} seen"),
    )


def replayed(fact: Replayed, step: Step, lab: Lab | None) -> Report:
    """Report a replay: whether all is as before what set it back, and a line a delivery."""
    events = phrases.number(fact.events, "event")
    lines = deliveries(step.facts[1:])
    if fact.differs is None:
        headline = f"from offset {fact.offset}"
    elif not fact.differs:
        headline = f"same as before the {fact.setback}"
    else:
        headline = f"not the same as before the {fact.setback}"
    rows: tuple[Row, ...] = ()
    if fact.differs:
        new = _explained(lab)
        if new is not None:
            headline = f"{'more than' if new else 'same counts as'} before the {fact.setback}"
        rows = _differences(fact.differs, step, lab, "" if new is not None else "wrong")
    said = (events, headline, *(f"{row.label} {row.text}" for row in rows), *map(_spoken, lines))
    return Report("REPLAYED", headline, rows, events, lines, said)


def deliveries(facts: Sequence[Fact]) -> tuple[Delivery, ...]:
    """Return a line a delivery: the first ones, the last ones, and a sum of those between."""
    made = [fact for fact in facts if isinstance(fact, Applied | Skipped)]
    if len(made) <= _FIRST + _LAST + 1:
        return tuple(_line(fact) for fact in made)
    between = made[_FIRST:-_LAST]
    applied = sum(isinstance(fact, Applied) for fact in between)
    remark = f"{len(between)} more: {applied} applied · {len(between) - applied} skipped"
    return (
        *(_line(fact) for fact in made[:_FIRST]),
        Delivery("…", "", remark),
        *(_line(fact) for fact in made[-_LAST:]),
    )


def _explained(lab: Lab | None) -> int | None:
    """Return how many ids came after the setback, if they alone make the counts differ."""
    if lab is None or lab.before_setback is None:
        return None
    before, counts = lab.before_setback["seen"], lab.before_setback["counts"]
    assert isinstance(before, dict)
    assert isinstance(counts, dict)
    seen = lab.processor.seen
    new = seen.keys() - before.keys()
    expected = dict(counts)
    for event_id in new:
        expected[seen[event_id]] = expected.get(seen[event_id], 0) + 1
    same = len(seen) == len(before) + len(new) and expected == lab.processor.counts
    return len(new) if same else None


def _differences(parts: tuple[str, ...], step: Step, lab: Lab | None, look: str) -> tuple[Row, ...]:
    """Return a row for each part of the state that is not as it was before the last setback."""
    if lab is None or lab.before_setback is None:
        return (Row("differs", ", ".join(parts), look),)
    out = sum(isinstance(fact, Applied) and fact.output == "sink" for fact in step.facts)
    rows = [Row(part, _against(part, lab.before_setback[part], lab), look) for part in parts]
    if out and "sink" in parts:
        text = f"{rows[-1].text}, {out} of them by this replay"
        rows[-1] = rows[-1]._replace(text=text, style="wrong")
    return tuple(rows)


def _against(part: str, before: object, lab: Lab) -> str:
    """Return what a part was before and what it is now."""
    processor, summary = lab.processor, lab.summary()
    if part == "counts" and isinstance(before, dict):
        now = processor.counts
        words = [each for each in {**before, **now} if before.get(each, 0) != now.get(each, 0)]
        told = [
            f"{word(each)} {before.get(each, 0)} before, {now.get(each, 0)} now"
            for each in words[:_COMPARED]
        ]
        same = "the words came in another order"
        return phrases.some(told, _COMPARED, len(words), " · ") if told else same
    then = len(before) if isinstance(before, dict | list) else before
    there = {"seen": summary.seen, "pending": summary.pending}.get(part, processor.outputs.line)
    more = ", but other ones or in another order" if then == there else ""
    return f"{then} before, {there} now{more}"


def _applied(fact: Applied) -> Report:
    event_id = name(fact.event_id)
    state = _state_rows(fact)
    output = "held" if fact.output == "held" else f"{phrases.output(_staged(fact))} {fact.output}"
    said = (phrases.rise(fact.word, fact.before, fact.after), f"{fact.seen} seen", output)
    if fact.again:
        because = Row("because", f"{event_id} is in seen, but with dedup off nobody looks there")
        rows = (because, *state, *try_row("mechanism dedup on", "undo", "diff clean"))
        headline = "counted again, as dedup is off"
        return Report("APPLIED", headline, rows, event_id, said=(headline, *said))
    headline = "not in seen, though it was applied before" if fact.anew else "a new id"
    return Report("APPLIED", headline, state, event_id, said=(headline, *said))


def _state_rows(fact: Applied) -> tuple[Row, ...]:
    """Return what an application did to counts, seen and the outputs."""
    counted = _count(fact.word, fact.before, fact.after)
    total = phrases.number(fact.seen, "id")
    known = change("seen", "", "unchanged", total)._replace(style="")
    outputs = _outputs_row(fact.output, phrases.output(_staged(fact)))
    return (
        change("counts", "" if fact.before else "+", counted),
        known if fact.again else change("seen", "+", name(fact.event_id), total),
        outputs,
    )


def _outputs_row(where: str, outputs: str) -> Row:
    if where == "held":
        text = "no second output: the sink has one already"
        return change("pending", "", text)._replace(style="")
    if where == "sink":
        return change("sink", "+", outputs, "visible at once")
    return change("pending", "+", outputs, "not visible until commit")


def _skipped(fact: Skipped, step: Step, lab: Lab | None) -> Report:
    event_id = name(fact.event_id)
    since = _since(fact)
    told = f" ({word(fact.first_word)}{_first_count(fact, lab)})"
    if fact.restored is not None:
        told += f"; restore of {name(fact.restored)} brought it back in step {fact.restored_step}"
    twice = "" if fact.word == fact.first_word else f"{event_id} "
    without = f"without dedup {word(fact.word)} would now be {fact.count + 1}: {twice}counted twice"
    fixed = lab is not None and lab.durable  # a store has no switches
    before, after = step.changes.offset
    acked = Row("source", f"offset {before} → {after}: acknowledged now", "changed")
    rows = (
        Row("because", f"{event_id} is {since}{told}"),
        Row("unchanged", "counts, seen, pending"),
        *((acked,) if before != after else ()),
        Row("otherwise", without),
        *try_row(
            phrases.command("why", fact.event_id), "" if fixed else "mechanism dedup off", "retry"
        ),
    )
    return Report("SKIPPED", "duplicate", rows, event_id, said=("duplicate", f"{event_id} {since}"))


def _since(fact: Skipped) -> str:
    """Return since when an id is in seen; one that a store held when it was opened has no step."""
    return f"in seen since {f'step {fact.first_step}' if fact.first_step else BEFORE}"


def _first_count(fact: Skipped, lab: Lab | None) -> str:
    """Return how far the first application counted, where its output is still at hand.

    Outputs stand in the order of the log as long as nobody sends out of order: so this
    looks in one place, and does not search.
    """
    if lab is None or lab.applications.get(fact.event_id, 1) > 1:
        return ""
    place, outputs = lab.source.positions[fact.event_id], lab.processor.outputs
    if place >= len(outputs) or outputs.ids[place] != fact.event_id:
        return ""
    after = outputs.counts[place]
    return f", count {after - 1} → {after}"


def _reused(report: Report, fact: Reused, came: Applied | Skipped) -> Report:
    """Add to a report that an id came with a word that is not its own."""
    event_id, given, logged = name(fact.event_id), word(fact.given), word(fact.logged)
    text = f"{given} came, but {event_id} is {logged}: the id is the identity"
    if isinstance(came, Applied):
        what = "the log's word" if came.word == fact.logged else "the word that came"
        text += f"; {what} was applied"
    row = Row("word", text, "wrong")
    return report._replace(rows=(row, *report.rows), said=(*report.said, text))


def _line(fact: Applied | Skipped) -> Delivery:
    if isinstance(fact, Skipped):
        return Delivery(name(fact.event_id), "SKIPPED", f"duplicate: {_since(fact)}")
    text = phrases.rise(fact.word, fact.before, fact.after)
    if fact.again:
        text += ": counted again, dedup is off"
    elif fact.output == "held":
        text += ": no second output, the sink has one"
    return Delivery(name(fact.event_id), "APPLIED", text)


def _spoken(line: Delivery) -> str:
    return " ".join(part for part in line if part)


def _count(text: str, before: int, after: int) -> str:
    """Return `hello  1 → 2`, or `hello  1` where the word is new."""
    return f"{word(text)}  {before} → {after}" if before else f"{word(text)}  {after}"


def _risen(fact: Fed) -> list[tuple[str, tuple[int, int]]]:
    """Return the words of a feed that rose most."""
    from heapq import nlargest

    return nlargest(_WORDS, fact.counts.items(), key=lambda each: each[1][1] - each[1][0])


def _staged(fact: Applied) -> Output:
    return Output(fact.event_id, fact.word, fact.after)
