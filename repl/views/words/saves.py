"""What is said of what is kept and taken back: checkpoints, restores, commits, rollbacks."""

from itertools import islice

from core.lab.changes import Changes
from core.lab.facts import Committed, Restored, RolledBack, Saved
from core.lab.lab import Lab, Step
from core.outputs import EventId, Output
from repl.views.report import Report, Row, change, try_row
from repl.views.words import phrases
from repl.views.words.phrases import name, number

_OUTPUTS = 4
"""Outputs that are shown one by one."""
_IDS = 6


def saved(fact: Saved, _step: Step, lab: Lab | None) -> Report:
    """Report a checkpoint."""
    headline = f"{phrases.summary(fact.summary)} · offset {fact.offset}"
    rows: list[Row] = []
    if fact.replaced:
        rows.append(Row("replaced", f"the {name(fact.name)} saved before"))
    if lab is not None and not lab.processor.mechanisms.seen_in_checkpoints:
        rows.append(Row("without", "seen: seen-in-checkpoints is off", "wrong"))
    said = (name(fact.name), headline, *(f"{row.label} {row.text}" for row in rows))
    return Report("SAVED", headline, tuple(rows), name(fact.name), said=said)


def restored(fact: Restored, step: Step, lab: Lab | None) -> Report:
    """Report a restore, and what is due again because of it."""
    rows: list[Row] = []
    if step.changes.up[0]:
        rows += undone(step.changes)
    rows.append(source_row(fact.offset, fact.due, lab))
    if lab is not None and _seen_stayed(fact, lab):
        stays = f"not in the checkpoint: it stays as it is, {number(fact.summary.seen, 'id')}"
        rows.append(Row("seen", stays, "wrong"))
    if fact.dropped > 0:
        left = number(fact.dropped, "output")
        rows.append(Row("pending", f"without {left} that the sink holds already"))
    headline = phrases.summary(fact.summary)
    again = next_delivery(fact.due, lab)
    said = (name(fact.name), headline, *_spoken(rows), *_tried(again))
    rows += try_row(again)
    return Report("RESTORED", headline, tuple(rows), name(fact.name), said=said)


def committed(fact: Committed, _step: Step, lab: Lab | None) -> Report:
    """Report a commit."""
    if not fact.moved:
        return _nothing("COMMITTED", "commit", lab)
    rows = [
        *listed("sink", "+", fact.outputs, "visible, and for good"),
        Row("pending", "empty"),
    ]
    headline = f"the sink holds {fact.sink}"
    outputs = number(fact.moved, "output")
    moved = phrases.some(
        [phrases.output(each) for each in fact.outputs[:_OUTPUTS]], _OUTPUTS, fact.moved
    )
    return Report("COMMITTED", headline, tuple(rows), outputs, said=(outputs, moved, headline))


def rolled_back(fact: RolledBack, step: Step, lab: Lab | None) -> Report:
    """Report a rollback: outputs and events."""
    if not fact.discarded:
        return _nothing("ROLLED BACK", "rollback", lab)
    due = None
    if lab is not None and lab.source.due is not None:
        due = lab.source.due[0]
    outputs = number(fact.discarded, "output")
    its = "its event is" if fact.discarded == 1 else "their events are"
    headline = f"{its} undone as well"
    rows = [*undone(step.changes), source_row(fact.offset, due, lab)]
    again = next_delivery(due, lab)
    said = (outputs, headline, *_spoken(rows), *_tried(again))
    return Report("ROLLED BACK", headline, (*rows, *try_row(again)), outputs, said=said)


def undone(changes: Changes) -> list[Row]:
    """Return what differs in counts, seen and pending, a few lines at most."""
    rows = []
    pairs = [phrases.rise(each, *pair) for each, pair in islice(changes.counts.items(), _OUTPUTS)]
    if pairs:
        shown = phrases.some(pairs, _OUTPUTS, len(changes.counts), " · ")
        rows.append(change("counts", "", shown))
    for sign, ids in (("−", changes.seen_removed), ("+", changes.seen_added)):
        if ids:
            rows.append(change("seen", sign, some_ids(ids)))
    for sign, outputs in (("−", changes.pending_removed), ("+", changes.pending_added)):
        rows += listed("pending", sign, outputs)
    return rows


def listed(label: str, sign: str, outputs: tuple[Output, ...], note: str = "") -> list[Row]:
    """Return a row an output: the first ones, and how many more there are."""
    most = _OUTPUTS if len(outputs) > _OUTPUTS + 1 else len(outputs)
    rows = [
        change("" if place else label, sign, phrases.output(each), "" if place else note)
        for place, each in enumerate(outputs[:most])
    ]
    if len(outputs) > most:
        rows.append(change("", sign, f"{len(outputs) - most} more"))
    return rows


def some_ids(ids: tuple[EventId, ...]) -> str:
    """Return the first ids, and how many there are."""
    return phrases.some([name(each) for each in ids[:_IDS]], _IDS, len(ids))


def source_row(offset: tuple[int, int], due: EventId | None, lab: Lab | None) -> Row:
    """Return where the source stands now, and what it sends next."""
    before, after = offset
    moved = f"offset {before} → {after}" if before != after else f"offset {after}"
    if lab is not None and not lab.processor.mechanisms.source_replay:
        return Row("source", f"{moved}: nothing is sent again, source-replay is off", "wrong")
    if due is None:
        return Row("source", f"{moved}: nothing is due")
    again = " again" if before != after else ""
    return Row("source", f"{moved}: {name(due)} is due{again}")


def next_delivery(due: EventId | None, lab: Lab | None) -> str:
    """Return the command that sends what is due; nothing where nothing is, or none would."""
    if due is None:
        return ""
    if lab is not None and not lab.processor.mechanisms.source_replay:
        return phrases.command("retry", due)
    return "replay"


def _seen_stayed(fact: Restored, lab: Lab) -> bool:
    """Whether the restore left seen alone, as the checkpoint holds none."""
    kept = lab.saved.get(fact.name)
    without = not lab.processor.mechanisms.seen_in_checkpoints
    return without or (kept is not None and kept.summary.seen != fact.summary.seen)


def _nothing(verdict: str, verb: str, lab: Lab | None) -> Report:
    """Report a commit or a rollback that had nothing to do."""
    rows: tuple[Row, ...] = (Row("unchanged", "counts, seen, sink"),)
    headline = "none was pending"
    if lab is not None and not lab.processor.mechanisms.transactional_output:
        headline = "outputs go out at once"
        because = Row(
            "because", f"transactional-output is off: nothing waits for a {verb}", "wrong"
        )
        rows = (because, *rows)
    return Report(verdict, headline, rows, "nothing", said=("nothing", headline))


def _spoken(rows: list[Row]) -> list[str]:
    return [" ".join(part for part in (row.label, row.sign, row.text) if part) for row in rows]


def _tried(command: str) -> tuple[str, ...]:
    return (f"try {command}",) if command else ()
