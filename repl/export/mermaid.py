"""`.mmd`: a sequence diagram for Mermaid: who said what to whom.

Every character of the user's that could mean something to Mermaid is written by its
number, so a word is text there whatever it is.
"""

from collections.abc import Callable, Iterator
from typing import Any

from core.lab import facts as f
from core.lab.faults import CrashPoint
from core.lab.history import History
from core.lab.lab import Step
from repl.export.moments import moments
from repl.render.marks import mark
from repl.render.words import phrases
from repl.render.words.phrases import name, word

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
    return "".join(each if each in _SAFE else f"#{ord(each)};" for each in text)


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
        for line in _TELLERS.get(type(fact), _marked)(fact):
            if not (last and line.startswith("P-->>")):  # the ack never left
                yield line


def _marked(fact: f.Fact) -> Iterator[str]:
    """Tell a fact by its mark, lane by lane."""
    marked = mark(fact)
    for lane, text in (("S", marked.source), ("P", marked.processor), ("D", marked.disk)):
        if text:
            yield _note(lane, text)


def _message(sender: str, arrow: str, receiver: str, text: str) -> str:
    return f"{sender}{arrow}{receiver}: {escaped(text)}"


def _note(over: str, text: str) -> str:
    return f"Note over {over}: {escaped(text)}"


def _applied(fact: f.Applied) -> Iterator[str]:
    yield _message("S", "->>", "P", f"{name(fact.event_id)} {word(fact.word)}")
    again = " again" if fact.again else ""
    yield _note("P", f"{phrases.rise(fact.word, fact.before, fact.after)}{again}")
    if fact.output == "sink":
        yield _message("P", "->>", "O", f"({name(fact.event_id)}, {word(fact.word)}, {fact.after})")
    yield _message("P", "-->>", "S", "ack")


def _skipped(fact: f.Skipped) -> Iterator[str]:
    yield _message("S", "->>", "P", f"{name(fact.event_id)} {word(fact.word)}")
    yield _note("P", "skipped, a duplicate")
    yield _message("P", "-->>", "S", "ack")


def _fed(fact: f.Fed) -> Iterator[str]:
    if fact.counts is None:
        return  # each delivery follows by itself
    ends = f"{name(fact.first)} to {name(fact.last)}"
    yield _message("S", "->>", "P", ends if fact.events > 1 else name(fact.first))
    yield _note("P", f"{phrases.number(fact.events, 'event')} counted")
    if fact.output == "sink":
        yield _message("P", "->>", "O", phrases.number(fact.events, "output"))
    yield _message("P", "-->>", "S", "ack")


def _undelivered(fact: f.Undelivered) -> Iterator[str]:
    yield _message("S", "-x", "P", f"{name(fact.event_id)} {word(fact.word)}")


def _saved(fact: f.Saved) -> Iterator[str]:
    yield _message("P", "->>", "D", f"checkpoint {name(fact.name)}")


def _restored(fact: f.Restored) -> Iterator[str]:
    yield _message("D", "->>", "P", f"restore {name(fact.name)}")
    if fact.offset[0] != fact.offset[1]:
        yield _note("S", f"offset {fact.offset[0]} → {fact.offset[1]}")


def _committed(fact: f.Committed) -> Iterator[str]:
    yield _message("P", "->>", "O", f"commit {phrases.number(fact.moved, 'output')}")


def _rolled_back(fact: f.RolledBack) -> Iterator[str]:
    yield _note("P", f"rollback of {phrases.number(len(fact.outputs), 'output')}")


def _crashed(fact: f.Crashed) -> Iterator[str]:
    if fact.point is CrashPoint.IN_COMMIT and fact.out:
        yield _message("P", "->>", "O", f"half a commit: {phrases.number(fact.out, 'output')}")
    where = f" at {fact.point}" if fact.point else ""
    if fact.kept is None:
        yield _note("P", f"CRASH{where}. Lost {phrases.summary(fact.lost, ', ')}")
    else:
        yield _note("P", f"CRASH{where}. On disk {phrases.summary(fact.kept, ', ')}")


def _restarted(fact: f.Restarted) -> Iterator[str]:
    if fact.kept is None:
        yield _note("P", "restart, memory is empty")
    else:
        yield _message("D", "->>", "P", f"restart with {phrases.summary(fact.kept, ', ')}")


def _ack_lost(fact: f.AckLost) -> Iterator[str]:
    yield _message("P", "--x", "S", f"ack of {name(fact.event_id)} lost")


def _switched(fact: f.Switched) -> Iterator[str]:
    before, after = fact.before._asdict(), fact.after._asdict()
    for field, on in after.items():
        if before[field] != on:
            yield _note("P", f"{field.replace('_', ' ')} {'on' if on else 'off'}")


_TELLERS: dict[type, Callable[[Any], Iterator[str]]] = {
    f.Applied: _applied,
    f.Skipped: _skipped,
    f.Undelivered: _undelivered,
    f.Fed: _fed,
    f.Saved: _saved,
    f.Restored: _restored,
    f.Committed: _committed,
    f.RolledBack: _rolled_back,
    f.Crashed: _crashed,
    f.AckLost: _ack_lost,
    f.Switched: _switched,
    f.Replayed: lambda fact: iter([_note("S", f"replay from offset {fact.offset}")]),
    f.Restarted: _restarted,
    f.Armed: lambda fact: iter([_note("P", f"a crash waits: {fact.point}")]),
}
