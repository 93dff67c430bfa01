"""What is said of crashes: those that wait, those that come, and the restart after one."""

from core.lab.crash_points import DELIVERING, STRIKES, CrashPoint
from core.lab.facts import (
    Applied,
    Armed,
    Committed,
    Crashed,
    Disarmed,
    Replayed,
    Restarted,
    Sent,
    Skipped,
)
from core.lab.history import History
from core.lab.lab import Step
from repl.render import wording
from repl.render.report import Report, Row, try_row
from repl.render.reports.deliveries import deliveries, unsent
from repl.render.reports.saves import next_delivery, source_row
from repl.render.theme import safe
from repl.render.wording import name, number

_CAUSE = 200
"""Characters of what befell a process."""
_CHECKPOINTS = 3
"""Checkpoints that a crash lists; the ones saved last."""


def crashed(fact: Crashed, step: Step, history: History) -> Report:
    """Report a crash: what was in hand, what is lost, what is kept."""
    subject = "" if fact.point is None else f"at {fact.point}"
    rows = [*_done_before(step), *_in_hand(fact, step), *unsent(step.facts)]
    if fact.cause:
        rows.append(Row("cause", safe(fact.cause, _CAUSE)))
    rows.append(Row("LOST", _lost(fact), "lost"))
    rows += [Row("" if place else "KEPT", text, "kept") for place, text in enumerate(_kept(fact))]
    before = deliveries(step, history) if isinstance(step.facts[0], Replayed) else ()
    rows += _way_up(fact, history)
    return Report("CRASHED", _fate(fact), tuple(rows), subject, before)


def restarted(fact: Restarted, step: Step, _history: History) -> Report:
    """Report a restart."""
    source = source_row(fact.offset, fact.due, fact.waiting, step)
    again = next_delivery(fact.due, step)
    if fact.kept is not None:
        met = () if fact.foreign is None else (Row("meanwhile", "another node had the store"),)
        rows = (Row("KEPT", wording.state(fact.kept), "kept"), *met, source)
        headline = "what the disk holds is back"
        return Report("RESTARTED", headline, (*rows, *try_row(again or "show disk")))
    last = fact.unused
    some = [source]
    if last is not None:
        some.append(Row("unused", f"{name(last)}: a restart takes no checkpoint"))
    back = wording.command("restore", last) if last is not None else ""
    return Report("RESTARTED", "memory is empty", (*some, *try_row(again, back)))


def armed(fact: Armed, _step: Step, _history: History) -> Report:
    """Report a crash that waits."""
    rows: tuple[Row, ...] = ()
    if fact.replaced is not None:
        same = fact.replaced is fact.point
        other = Row("replaced", f"the crash that waited at {fact.replaced}")
        rows = (Row("unchanged", "it waited there already") if same else other,)
    tries = try_row(*_reaching(fact.point), "crash off")
    headline = f"it strikes {STRIKES[fact.point]}"
    return Report("ARMED", headline, (*rows, *tries), str(fact.point))


def disarmed(fact: Disarmed, _step: Step, _history: History) -> Report:
    """Report that no crash waits any more."""
    if fact.point is None:
        return Report("DISARMED", "no crash was waiting")
    return Report("DISARMED", "no crash waits any more", subject=str(fact.point))


def _done_before(step: Step) -> list[Row]:
    """Return what the command in hand had done before it died."""
    first = step.facts[0]
    if not isinstance(first, Committed):
        return []
    outputs = wording.some([wording.output(each) for each in first.outputs[:3]], 3, first.moved)
    return [Row("out", outputs or "nothing was pending")]


def _in_hand(fact: Crashed, step: Step) -> list[Row]:
    """Return what became of the command in hand."""
    if fact.point is None:
        return []
    return [Row("in hand", _hand(fact, step))]


def _hand(fact: Crashed, step: Step) -> str:
    """Return what was done of the command in hand, by what was seen."""
    if fact.point in DELIVERING:
        return _event_in_hand(fact, step)
    if fact.point is CrashPoint.IN_CHECKPOINT:
        wanted = getattr(step.command, "name", None)
        older = any(each.name == wanted for each in fact.checkpoints)
        named = name(wanted) if wanted is not None else "the checkpoint"
        stands = f"the older {named} stands" if older else "there is none of that name"
        return f"the checkpoint was not saved; {stands}"
    if fact.point is CrashPoint.AFTER_COMMIT:
        return "the commit is done; the reply is not out"
    if not fact.out:
        return "no output of this commit is out"
    are = "is" if fact.out == 1 else "are"
    return f"the commit is not done, and {number(fact.out, 'output')} of it {are} out"


def _event_in_hand(fact: Crashed, step: Step) -> str:
    hand = next(each for each in reversed(step.facts) if isinstance(each, Sent))
    what = f"{name(hand.event_id)} was not applied"
    if isinstance(hand, Applied):
        rise = wording.rise(hand.word, hand.before, hand.after)
        what = f"{name(hand.event_id)} was applied ({rise})"
    elif isinstance(hand, Skipped):
        what = f"{name(hand.event_id)} was skipped as a duplicate"
    if not fact.acknowledged:
        return f"{what}; the source heard nothing, so {name(hand.event_id)} is due"
    if not step.changes.mechanisms[1].source_replay:
        return f"{what}; the source does not send it again by itself"
    return f"{what}; it stays acknowledged"


def _lost(fact: Crashed) -> str:
    if fact.unanswered:
        doubt = ": it is not done" if fact.owner else ", unless KEPT shows it: nobody answered"
        return f"the command in hand{doubt}"
    if fact.kept is None or fact.kept != fact.lost:
        return wording.state(fact.lost)
    return {
        None: "nothing: the disk has all of it",
        CrashPoint.AFTER_COMMIT: "the reply alone: the commit is on disk",
        CrashPoint.BEFORE_ACK: "the ack alone: what was applied is on disk",
    }.get(fact.point, "the command in hand alone: it was not acknowledged")


def _kept(fact: Crashed) -> list[str]:
    kept = [] if fact.kept is None else [f"on disk: {wording.state(fact.kept)}"]
    kept += [wording.saved(each) for each in reversed(fact.checkpoints[-_CHECKPOINTS:])]
    if len(fact.checkpoints) > _CHECKPOINTS:
        kept.append(number(len(fact.checkpoints) - _CHECKPOINTS, "older checkpoint"))
    elif not fact.checkpoints:
        kept.append("no checkpoint")
    source = wording.some([name(each) for each in fact.log], len(fact.log), fact.logged)
    return [*kept, f"sink {fact.sink} · source {source or 'empty'}"]


def _fate(fact: Crashed) -> str:
    """Return what became of the memory, or of the process."""
    if fact.owner and fact.unanswered:
        return "fenced off by another node"
    if fact.owner:
        return "the process is killed, and another node has the store"
    return "memory is gone" if fact.kept is None else "the process is killed, the disk is not"


def _way_up(fact: Crashed, history: History) -> tuple[Row, ...]:
    """Return what brings the processor up again: a command, or one in a shell."""
    disk = history.lab.durability.disk
    if fact.owner and disk is not None:
        from core.lab.on_disk import take_over  # the prompt starts without

        again = f"in a shell: {safe(take_over(disk.path), None)}"
        return (Row("again", again, "path"), *try_row("quit"))
    if not fact.checkpoints or fact.kept is not None:
        return try_row("restart")
    return try_row(wording.command("restore", fact.checkpoints[-1].name) or "restore")


def _reaching(point: CrashPoint) -> tuple[str, ...]:
    """Return the commands that may reach a point."""
    if point is CrashPoint.IN_CHECKPOINT:
        return ("checkpoint",)
    return ("process hello", "replay") if point in DELIVERING else ("commit",)
