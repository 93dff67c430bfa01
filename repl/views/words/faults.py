"""What is said of what breaks: crashes, restarts, lost acks, switches."""

from core.lab.facts import (
    AckLost,
    Applied,
    Armed,
    Committed,
    Crashed,
    Disarmed,
    Replayed,
    Restarted,
    Skipped,
    Summary,
    Switched,
)
from core.lab.faults import AFTERMATH, CrashPoint
from core.lab.lab import Lab, Step
from core.mechanisms import SWITCHES, guarantee
from repl.theme import safe
from repl.views.report import Report, Row, try_row
from repl.views.words import phrases
from repl.views.words.deliveries import deliveries
from repl.views.words.phrases import name, number
from repl.views.words.saves import next_delivery, source_row

_CAUSE = 200
"""Characters of what befell a process."""
_CHECKPOINTS = 3
"""Checkpoints that a crash lists; the ones saved last."""

REACHES = {
    CrashPoint.BEFORE_APPLY: "an event is delivered",
    CrashPoint.BEFORE_ACK: "an event is applied",
    CrashPoint.IN_CHECKPOINT: "a checkpoint is saved",
    CrashPoint.BEFORE_COMMIT: "a commit begins",
    CrashPoint.IN_COMMIT: "a commit is written",
    CrashPoint.AFTER_COMMIT: "a commit is done",
}
"""When an armed crash strikes."""

GOES_WRONG = {
    "dedup": "a lost ack or a replay counts an event twice",
    "seen-in-checkpoints": "a restore leaves seen as it is: ahead of the counts, or empty",
    "transactional-output": "outputs go out at once: crash and replay emit them again",
    "idempotent-sink": "a restore to before a commit emits its outputs again",
    "source-replay": "nothing is sent again: what was in memory is lost",
}
"""What goes wrong without each mechanism."""

DOES = {
    "dedup": "an id in seen is skipped",
    "seen-in-checkpoints": "a checkpoint holds seen with the counts",
    "transactional-output": "outputs wait in pending until a commit",
    "idempotent-sink": "what the sink holds is not staged again",
    "source-replay": "the source sends again what was not acknowledged",
}
"""What each mechanism does."""


NOT_ACKNOWLEDGED = {
    None: "nothing: all was acknowledged, so it is on disk",
    CrashPoint.BEFORE_APPLY: "the delivery alone: it was not acknowledged",
    CrashPoint.BEFORE_ACK: "the ack alone: what was applied is on disk",
    CrashPoint.IN_CHECKPOINT: "the checkpoint alone: it was not acknowledged",
    CrashPoint.BEFORE_COMMIT: "the commit alone: it was not acknowledged",
    CrashPoint.IN_COMMIT: "the commit alone: it was not acknowledged",
    CrashPoint.AFTER_COMMIT: "the reply alone: the commit is on disk",
}
"""What a crash takes of a durable store: what was not acknowledged."""


def crashed(fact: Crashed, step: Step, lab: Lab | None) -> Report:
    """Report a crash: what was in hand, what is lost, what is kept."""
    subject = "" if fact.point is None else f"at {fact.point}"
    rows = [] if fact.point is None else [Row("in hand", AFTERMATH[fact.point])]
    lost = phrases.state(fact.lost)
    kept = []
    if fact.cause:
        rows.append(Row("cause", safe(fact.cause, _CAUSE)))
    if fact.unanswered:
        doubt = ": it is not done" if fact.owner else ", unless KEPT shows it: nobody answered"
        lost = f"the command in hand{doubt}"
    elif fact.kept is not None:
        lost = NOT_ACKNOWLEDGED[fact.point]
    if fact.kept is not None:
        kept.append(f"on disk: {phrases.state(fact.kept)}")
    kept += [phrases.saved(each) for each in reversed(fact.checkpoints[-_CHECKPOINTS:])]
    if len(fact.checkpoints) > _CHECKPOINTS:
        kept.append(number(len(fact.checkpoints) - _CHECKPOINTS, "older checkpoint"))
    elif not fact.checkpoints:
        kept.append("no checkpoint")
    source = phrases.some([name(each) for each in fact.log], len(fact.log), fact.logged)
    kept.append(f"sink {fact.sink} · source {source or 'empty'}")
    rows.append(Row("LOST", lost, "lost"))
    rows += [Row("" if place else "KEPT", text, "kept") for place, text in enumerate(kept)]
    up_again = _way_up(fact, lab)
    said = [f"{row.label.lower()} {row.text}".strip() for row in rows]
    headline = _fate(fact)
    before = deliveries(step.facts) if isinstance(step.facts[0], Replayed) else ()
    return Report(
        "CRASHED",
        headline,
        (*_done_before(step), *rows, *try_row(up_again)),
        subject,
        deliveries=before,
        said=(f"{subject}: {headline}" if subject else headline, *said, f"try {up_again}"),
    )


def restarted(fact: Restarted, _step: Step, lab: Lab | None) -> Report:
    """Report a restart."""
    if fact.kept is not None:
        return _came_back(fact, fact.kept, lab)
    rows = [source_row(fact.offset, fact.due, lab)]
    last = next(reversed(lab.saved), None) if lab is not None else None
    if last is not None:
        rows.append(Row("unused", f"{name(last)}: a restart takes no checkpoint"))
    again = next_delivery(fact.due, lab)
    said = ("memory is empty", *(f"{row.label} {row.text}" for row in rows))
    said += (f"try {again}",) if again else ()
    commands = (again, phrases.command("restore", last) if last is not None else "")
    return Report("RESTARTED", "memory is empty", (*rows, *try_row(*commands)), said=said)


def _came_back(fact: Restarted, kept: Summary, lab: Lab | None) -> Report:
    """Report a restart that found everything on disk."""
    source = source_row(fact.offset, fact.due, lab)
    headline = "all that was acknowledged is back, from the disk"
    rows = (Row("KEPT", phrases.state(kept), "kept"), source)
    again = next_delivery(fact.due, lab)
    tried = (f"try {again}",) if again else ()
    said = (headline, f"kept {rows[0].text}", f"{source.label} {source.text}", *tried)
    return Report("RESTARTED", headline, (*rows, *try_row(again or "show disk")), said=said)


def armed(fact: Armed, _step: Step, lab: Lab | None) -> Report:
    """Report a crash that waits."""
    headline = f"a crash waits until {REACHES[fact.point]}"
    then = Row("then", AFTERMATH[fact.point])
    rows = (then, *try_row(_reaching(fact.point, lab), "crash off"))
    return Report("ARMED", headline, rows, str(fact.point), said=(headline,))


def disarmed(fact: Disarmed, _step: Step, _lab: Lab | None) -> Report:
    """Report that no crash waits any more."""
    if fact.point is None:
        return Report("DISARMED", "no crash was waiting")
    return Report("DISARMED", "no crash waits any more", subject=str(fact.point))


def ack_lost(fact: AckLost, _step: Step, lab: Lab | None) -> Report:
    """Report a lost ack."""
    event_id = name(fact.event_id)
    headline = "the source believes it was not processed"
    source = source_row(fact.offset, fact.event_id, lab)
    rows = (source, Row("unchanged", "counts, seen, pending"))
    return Report(
        "ACK LOST",
        headline,
        (*rows, *try_row("replay", "retry")),
        event_id,
        said=(headline, f"{source.label} {source.text}"),
    )


def switched(fact: Switched, _step: Step, _lab: Lab | None) -> Report:
    """Report a change of mechanisms, and what goes wrong without them."""
    rows = [
        Row("off" if getattr(fact.before, field) else "on", f"{switch}: {_means(switch, fact)}")
        for switch, field in SWITCHES.items()
        if getattr(fact.before, field) != getattr(fact.after, field)
    ]
    rows = [row._replace(style="wrong" if row.label == "off" else "kept") for row in rows]
    off = [switch for switch, field in SWITCHES.items() if not getattr(fact.after, field)]
    promise = guarantee(fact.after)
    without = f"without {', '.join(off)}" if off else "all five are on"
    said = [f"{row.label} {row.text}" for row in rows]
    if not rows:
        return Report("SWITCHED", "it was so already", subject="nothing")
    changed = [
        f"{switch} {'on' if getattr(fact.after, field) else 'off'}"
        for switch, field in SWITCHES.items()
        if getattr(fact.before, field) != getattr(fact.after, field)
    ]
    subject = changed[0] if len(changed) == 1 else promise
    headline = f"the guarantee is {promise}" if len(changed) == 1 else without
    return Report("SWITCHED", headline, tuple(rows), subject, said=(subject, headline, *said))


def _done_before(step: Step) -> tuple[Row, ...]:
    """Return what the command in hand had done before it died."""
    first = step.facts[0]
    if isinstance(first, Committed):
        outputs = phrases.some([phrases.output(each) for each in first.outputs[:3]], 3, first.moved)
        return (Row("out", outputs or "nothing was pending"),)
    rows = []
    for fact in step.facts if not isinstance(first, Replayed) else ():
        if isinstance(fact, Applied):
            rows.append(
                Row(
                    "applied",
                    f"{name(fact.event_id)} · {phrases.rise(fact.word, fact.before, fact.after)}",
                )
            )
        elif isinstance(fact, Skipped):
            rows.append(Row("skipped", f"{name(fact.event_id)} · duplicate"))
    return tuple(rows)


def _fate(fact: Crashed) -> str:
    """Return what became of the memory, or of the process."""
    if fact.owner and fact.unanswered:
        return "fenced off by another node"
    if fact.owner:
        return "the process is killed, and another node has the store"
    return "memory is gone" if fact.kept is None else "the process is killed, the disk is not"


def _way_up(fact: Crashed, lab: Lab | None) -> str:
    """Return the command that brings the processor up again."""
    if fact.owner and lab is not None and lab.disk is not None:
        from core.lab.durable import take_over  # the prompt starts without

        return take_over(lab.disk.path)
    if not fact.checkpoints or fact.kept is not None:
        return "restart"
    return phrases.command("restore", fact.checkpoints[-1].name) or "restore"


def _reaching(point: CrashPoint, lab: Lab | None) -> str:
    """Return a command that reaches a point now."""
    if point is CrashPoint.IN_CHECKPOINT:
        return "checkpoint"
    if point not in {CrashPoint.BEFORE_APPLY, CrashPoint.BEFORE_ACK}:
        return "commit"
    due = lab.source.due if lab is not None else None
    return "process hello" if due is None else next_delivery(due[0], lab)


def _means(switch: str, fact: Switched) -> str:
    off = getattr(fact.before, SWITCHES[switch])
    return GOES_WRONG[switch] if off else DOES[switch]
