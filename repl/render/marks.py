"""Each fact in short: what it leaves in each lane, as every picture of a session shows it.

A fact that has no more to say in a timeline, a diagram or the player is told by its mark.
"""

from typing import NamedTuple, assert_never

from core.lab import facts as f
from core.outputs import EventId
from repl.render.wording import name

SEENLESS = " −seen"
"""Marks a checkpoint that was saved without seen."""


class LaneMark(NamedTuple):
    """A fact in short: the events it is about, and what the source, the processor and disk did.

    On disk something was written (▼), read (▲), or is kept in a crash. `out` is how many
    outputs went to the sink, and `faulty` whether a run without a fault would not have it.
    """

    ids: tuple[EventId, ...] = ()
    source: str = ""
    processor: str = ""
    disk: str = ""
    out: int = 0
    faulty: bool = False


def mark(fact: f.Fact) -> LaneMark:  # noqa: C901, PLR0911, PLR0912 - one case a fact
    """Return the mark of a fact."""
    match fact:
        case f.Applied():
            applied = f"{'again ' if fact.again else '+'}{name(fact.event_id)}"
            return LaneMark((fact.event_id,), processor=applied, out=int(fact.output == "sink"))
        case f.Skipped():
            return LaneMark((fact.event_id,), processor="skip")
        case f.Undelivered():
            return LaneMark((fact.event_id,))
        case f.Reused():
            return LaneMark((fact.event_id,), faulty=True)
        case f.AckLost():
            return LaneMark((fact.event_id,), "no ack", faulty=True)
        case f.EventLost():
            return LaneMark((fact.event_id,), f"lost {name(fact.event_id)}", faulty=True)
        case f.Fed():
            sent = between(fact.first, fact.last)
            if fact.counts is None:  # each delivery follows by itself
                return LaneMark(source=sent)
            out = fact.events if fact.output == "sink" else 0
            return LaneMark(source=sent, processor=f"+{fact.events}", out=out)
        case f.Saved():
            return LaneMark(disk=f"▼ {name(fact.name)}{_seenless(fact.summary)}")
        case f.Restored():
            read = f"▲ {name(fact.name)}{_seenless(fact.held)}"
            return LaneMark(processor="back", disk=read, faulty=True)
        case f.Restarted(kept=None):
            return LaneMark(processor="empty", faulty=True)
        case f.Restarted():
            return LaneMark(processor="back", disk=f"▲ {_kept(fact.kept)}", faulty=True)
        case f.Crashed():
            return LaneMark(processor="CRASH", disk=_kept(fact.kept), out=fact.out, faulty=True)
        case f.Committed():
            return LaneMark(out=fact.moved)
        case f.RolledBack():
            discarded = f"discard {len(fact.outputs)}" if fact.outputs else ""
            return LaneMark(processor=discarded, faulty=True)
        case f.Armed():
            return LaneMark(processor="armed")
        case f.Disarmed():
            return LaneMark(processor="" if fact.point is None else "disarmed")
        case f.Switched():
            switched = fact.before != fact.after
            return LaneMark(processor="switched" if switched else "", faulty=switched)
        case f.Replayed() | f.Unsent():
            return LaneMark()
        case _:
            assert_never(fact)


_SAID = {"▼": "writes", "▲": "reads", "◄": "back to offset"}
"""What the sign in front of a word of a lane is called."""


def in_words(shown: str) -> str:
    """Return what stands in a lane as it is read out."""
    sign, _, rest = shown.partition(" ")
    words = f"{_SAID[sign]} {rest}" if rest and sign in _SAID else shown
    bare = words.removesuffix(SEENLESS)
    return words if bare == words else f"{bare} without seen"


def between(first: EventId, last: EventId) -> str:
    """Return the ends of a stretch of the log, in which an id stands once."""
    return name(first) if first == last else f"{name(first)}..{name(last)}"


def _seenless(saved: f.Summary) -> str:
    return SEENLESS if saved.seen is None else ""


def _kept(kept: f.Summary | None) -> str:
    return "" if kept is None else f"{kept.seen} seen"
