"""What is said of what is kept and taken back: checkpoints, restores, commits, rollbacks."""

from collections.abc import Callable
from itertools import islice

from core.checkpoints import CheckpointId
from core.lab.changes import Changes
from core.lab.facts import Committed, Restored, RolledBack, Saved, Summary
from core.lab.history import History
from core.lab.lab import Step
from core.mechanisms import SWITCHES
from core.outputs import EventId, Output
from repl.render import wording
from repl.render.report import Report, Row, change, try_row
from repl.render.wording import name, number

_OUTPUTS = 4
"""Outputs that are shown one by one."""
_POWER = {True: "UP", False: "DOWN"}


def saved(fact: Saved, _step: Step, _history: History) -> Report:
    """Report a checkpoint: what is in it."""
    headline = f"{wording.summary(fact.summary)} · offset {fact.offset}"
    rows: list[Row] = []
    if fact.replaced:
        rows.append(Row("replaced", f"the {name(fact.name)} saved before"))
    if fact.summary.seen is None:
        rows.append(Row("without", "seen: seen-in-checkpoints is off", "wrong"))
    return Report("SAVED", headline, tuple(rows), name(fact.name))


def restored(fact: Restored, step: Step, _history: History) -> Report:
    """Report a restore: what there is now, what of the checkpoint is not, and what is due."""
    changes, rows = step.changes, []
    if changes.up[0]:
        rows += undone(changes)
    rows += _left_behind(fact, changes)
    rows.append(source_row(fact.offset, fact.due, fact.waiting, step))
    rows += try_row(next_delivery(fact.due, step))
    return Report("RESTORED", wording.summary(fact.summary), tuple(rows), name(fact.name))


def committed(fact: Committed, step: Step, _history: History) -> Report:
    """Report a commit."""
    if not fact.moved:
        return _nothing("COMMITTED", "commit", step)
    left = number(fact.left, "output") if fact.left else "empty"
    rows = [*listed("sink", "+", fact.outputs, "visible, and for good"), Row("pending", left)]
    outputs = number(fact.moved, "output")
    return Report("COMMITTED", f"the sink holds {fact.sink}", tuple(rows), outputs)


def rolled_back(fact: RolledBack, step: Step, history: History) -> Report:
    """Report a rollback: which outputs and applications it really took back."""
    if not (fact.discarded or fact.outputs or fact.left):
        return _nothing("ROLLED BACK", "rollback", step)
    outputs = number(len(fact.outputs), "output")
    headline = _taken_back(fact, step.changes, history.record.taken_back(step.number))
    rows = undone(step.changes)
    if fact.left:
        rows.append(Row("pending", f"{number(fact.left, 'output')} still there", "wrong"))
    rows.append(source_row(fact.offset, fact.due, fact.waiting, step))
    rows += try_row(next_delivery(fact.due, step))
    return Report("ROLLED BACK", headline, tuple(rows), outputs)


def _taken_back(fact: RolledBack, changes: Changes, applications: int) -> str:
    """Say what became of the events: how many applications are out of the counts."""
    gone, removed = {each.event_id for each in fact.outputs}, set(changes.seen_removed)
    if applications == len(fact.outputs) == len(gone) and removed == gone and gone:
        each = "its event is" if applications == 1 else "their events are"
        return f"{each} undone as well"
    if applications:
        return f"{number(applications, 'application')} undone"
    if removed:
        return f"{number(len(removed), 'id')} out of seen, and nothing out of the counts"
    if changes.counts:
        return "nothing is undone, and the counts are others"
    return "counts and seen stay as they are" if gone else "nothing is undone"


def undone(changes: Changes) -> list[Row]:
    """Return what differs in counts, seen and pending, a few lines at most."""
    rows = []
    pairs = [wording.rise(each, *pair) for each, pair in islice(changes.counts.items(), _OUTPUTS)]
    if pairs:
        shown = wording.some(pairs, _OUTPUTS, len(changes.counts), " · ")
        rows.append(change("counts", "", shown))
    for sign, ids in (("−", changes.seen_removed), ("+", changes.seen_added)):
        if ids:
            rows.append(change("seen", sign, wording.ids(ids)))
    for sign, outputs in (("−", changes.pending_removed), ("+", changes.pending_added)):
        rows += listed("pending", sign, outputs)
    return rows


def beyond(changes: Changes, held: Callable[[CheckpointId], str]) -> list[Row]:
    """Return the changes of what is durable, of the source, and of the processor itself.

    `held` says what a checkpoint holds now.
    """
    rows = []
    if changes.up[0] != changes.up[1]:
        rows.append(change("power", "", f"{_POWER[changes.up[0]]} → {_POWER[changes.up[1]]}"))
    rows += listed("sink", "+", changes.sink_added)
    rows += listed("sink", "−", changes.sink_removed)
    if changes.checkpoints_added:
        rows.append(change("saved", "+", wording.ids(changes.checkpoints_added)))
    anew = changes.checkpoints_replaced
    rows += [change("saved", "", f"{name(each)} anew: {held(each)}") for each in anew]
    other = [each for each in changes.checkpoints_changed if each not in anew]
    rows += [
        change("saved", "", f"{name(each)} holds another state: {held(each)}")
        for each in other[:_OUTPUTS]
    ]
    if len(other) > _OUTPUTS:
        rows.append(change("", "", f"{len(other) - _OUTPUTS} more hold another state"))
    if changes.sent:
        rows.append(change("sent", "+", wording.ids([each for each, _ in changes.sent])))
    then, now = changes.mechanisms
    switched = [
        f"{switch} {'on' if getattr(now, field) else 'off'}"
        for switch, field in SWITCHES.items()
        if getattr(then, field) != getattr(now, field)
    ]
    if switched:
        rows.append(change("switched", "", " · ".join(switched)))
    if changes.armed[0] is not changes.armed[1]:
        waits = (
            "no crash waits" if changes.armed[1] is None else f"a crash waits at {changes.armed[1]}"
        )
        rows.append(change("armed", "", waits))
    if changes.offset[0] != changes.offset[1]:
        rows.append(change("source", "", f"offset {changes.offset[0]} → {changes.offset[1]}"))
    return rows


def listed(label: str, sign: str, outputs: tuple[Output, ...], note: str = "") -> list[Row]:
    """Return a row an output: the first ones, and how many more there are."""
    most = _OUTPUTS if len(outputs) > _OUTPUTS + 1 else len(outputs)
    rows = [
        change("" if place else label, sign, wording.output(each), "" if place else note)
        for place, each in enumerate(outputs[:most])
    ]
    if len(outputs) > most:
        rows.append(change("", sign, f"{len(outputs) - most} more"))
    return rows


def source_row(offset: tuple[int, int], due: EventId | None, waiting: int, step: Step) -> Row:
    """Return where the source stands now, what it sends next, and how much waits behind that."""
    before, after = offset
    moved = f"offset {before} → {after}" if before != after else f"offset {after}"
    if not step.changes.mechanisms[1].source_replay:
        return Row(
            "source", f"{moved}: source-replay is off, nothing is sent again by itself", "wrong"
        )
    if due is None:
        return Row("source", f"{moved}: nothing is due")
    again = " again" if before != after else ""
    behind = f", and {waiting} more {'waits' if waiting == 1 else 'wait'} behind it"
    return Row("source", f"{moved}: {name(due)} is due{again}{behind if waiting else ''}")


def next_delivery(due: EventId | None, step: Step) -> str:
    """Return the command that sends what is due; nothing where nothing is."""
    if due is None:
        return ""
    again = step.changes.mechanisms[1].source_replay
    return "replay" if again else wording.command("retry", due)


def _left_behind(fact: Restored, changes: Changes) -> list[Row]:
    """Return what the checkpoint holds and the state does not, and what it never held."""
    rows, held, now = [], fact.held, fact.summary
    if held.seen is None and not (changes.seen_added or changes.seen_removed):
        stays = f"not in the checkpoint: it stays as it is, {number(now.seen or 0, 'id')}"
        rows.append(Row("seen", stays, "wrong"))
    elif held.seen is None:
        rows.append(Row("seen", "not in the checkpoint, and changed all the same", "wrong"))
    elif held.seen != now.seen:
        text = f"{now.seen} now: the restore did not bring back the {held.seen} of the checkpoint"
        rows.append(Row("seen", text, "wrong"))
    if held[:2] != now[:2]:
        rows.append(Row("counts", f"not those of the checkpoint: {_counts(held)}", "wrong"))
    if fact.in_sink:
        text = f"without {number(fact.in_sink, 'output')} that the sink holds already"
        rows.append(Row("pending", text))
    dropped = fact.dropped - fact.in_sink
    if dropped > 0:
        text = f"without {number(dropped, 'output')} that the checkpoint holds"
        rows.append(Row("pending", text, "wrong"))
    return rows


def _counts(held: Summary) -> str:
    return wording.counts(held.counts, held.words)


def _nothing(verdict: str, verb: str, step: Step) -> Report:
    """Report a commit or a rollback that had nothing to do."""
    rows: tuple[Row, ...] = (Row("unchanged", "counts, seen, sink"),)
    headline = "none was pending"
    if not step.changes.mechanisms[1].transactional_output:
        text = f"transactional-output is off: nothing waits for a {verb}"
        rows = (Row("because", text, "wrong"), *rows)
        headline = "outputs go out at once"
    return Report(verdict, headline, rows, "nothing")
