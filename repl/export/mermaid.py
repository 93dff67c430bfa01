"""`.mmd`: a sequence diagram for Mermaid: who said what to whom.

Every character of the user's that could mean something to Mermaid is written by its
number, so a word is text there whatever it is.
"""

from collections.abc import Iterator

from core.lab import facts as f
from core.lab.crash_points import CrashPoint
from core.lab.history import History
from core.lab.lab import Step
from repl.export.moments import moments
from repl.render import wording
from repl.render.marks import mark
from repl.render.theme import as_typed
from repl.render.wording import name, word

_SAFE = set(" abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,_()[]'→·…")
_MOST = 40
"""Deliveries or words of a step that are drawn one by one."""


def export(history: History) -> str:
    """Return the diagram of a session."""
    lines = ["sequenceDiagram", "    participant S as source", "    participant P as processor"]
    lines += ["    participant D as disk", "    participant O as sink"]
    for step, _ in moments(history):
        lines += [f"    {line}" for line in _step(step)]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Return a text as Mermaid shows it: what is not plain goes by its number."""
    typed = as_typed(text)
    return "".join(each if each in _SAFE else f"#{ord(each)};" for each in typed)


def _step(step: Step) -> Iterator[str]:
    """Yield the lines of a step: one a message, and notes for what happens inside."""
    drawn = 0
    crashed = isinstance(step.facts[-1], f.Crashed)
    for fact in step.facts:
        drawn += isinstance(fact, f.Applied | f.Skipped)
        if drawn > _MOST:
            yield _note("P", "and more of the same")
            return
        last = fact is step.facts[-2] if crashed and len(step.facts) > 1 else False
        for line in _told(fact):
            if not (last and line.startswith("P-->>")):  # the ack never left
                yield line


def _told(fact: f.Fact) -> Iterator[str]:  # noqa: C901, PLR0912, PLR0915 - one case a fact
    """Yield the messages of a fact, and notes; one that is no message shows as its mark."""
    match fact:
        case f.Applied():
            event_id, text = name(fact.event_id), word(fact.word)
            yield _message("S", "->>", "P", f"{event_id} {text}")
            again = " again" if fact.again else ""
            yield _note("P", f"{wording.rise(fact.word, fact.before, fact.after)}{again}")
            if fact.output == "sink":
                yield _message("P", "->>", "O", f"({event_id}, {text}, {fact.after})")
            yield _message("P", "-->>", "S", "ack")
        case f.Skipped():
            yield _message("S", "->>", "P", f"{name(fact.event_id)} {word(fact.word)}")
            yield _note("P", "skipped, a duplicate")
            yield _message("P", "-->>", "S", "ack")
        case f.Fed(counts=None):
            return  # each delivery follows by itself
        case f.Fed():
            ends = f"{name(fact.first)} to {name(fact.last)}"
            yield _message("S", "->>", "P", ends if fact.events > 1 else name(fact.first))
            yield _note("P", f"{wording.number(fact.events, 'event')} counted")
            if fact.output == "sink":
                yield _message("P", "->>", "O", wording.number(fact.events, "output"))
            yield _message("P", "-->>", "S", "ack")
        case f.Undelivered() | f.EventLost():
            yield _message("S", "-x", "P", f"{name(fact.event_id)} {word(fact.word)}")
        case f.AckLost():
            yield _message("P", "--x", "S", f"ack of {name(fact.event_id)} lost")
        case f.Saved():
            yield _message("P", "->>", "D", f"checkpoint {name(fact.name)}")
        case f.Restored():
            yield _message("D", "->>", "P", f"restore {name(fact.name)}")
            if fact.offset[0] != fact.offset[1]:
                yield _note("S", f"offset {fact.offset[0]} → {fact.offset[1]}")
        case f.Committed():
            yield _message("P", "->>", "O", f"commit {wording.number(fact.moved, 'output')}")
        case f.RolledBack():
            yield _note("P", f"rollback of {wording.number(len(fact.outputs), 'output')}")
        case f.Replayed():
            yield _note("S", f"replay from offset {fact.offset}")
        case f.Crashed():
            if fact.point is CrashPoint.IN_COMMIT and fact.out:
                half = f"half a commit: {wording.number(fact.out, 'output')}"
                yield _message("P", "->>", "O", half)
            where = f" at {fact.point}" if fact.point else ""
            what, held = ("Lost", fact.lost) if fact.kept is None else ("On disk", fact.kept)
            yield _note("P", f"CRASH{where}. {what} {wording.summary(held, ', ')}")
        case f.Restarted(kept=None):
            yield _note("P", "restart, memory is empty")
        case f.Restarted(kept=kept) if kept is not None:
            yield _message("D", "->>", "P", f"restart with {wording.summary(kept, ', ')}")
        case f.Armed():
            yield _note("P", f"a crash waits: {fact.point}")
        case f.Switched():
            for field, on in fact.after._asdict().items():
                if getattr(fact.before, field) != on:
                    yield _note("P", f"{field.replace('_', ' ')} {'on' if on else 'off'}")
        case _:
            marked = mark(fact)
            for lane, text in (("S", marked.source), ("P", marked.processor), ("D", marked.disk)):
                if text:
                    yield _note(lane, text)


def _message(sender: str, arrow: str, receiver: str, text: str) -> str:
    return f"{sender}{arrow}{receiver}: {escaped(text)}"


def _note(over: str, text: str) -> str:
    return f"Note over {over}: {escaped(text)}"
