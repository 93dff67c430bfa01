"""The parts of the machine at one moment, and each of them in a line."""

from typing import NamedTuple

from core.lab.crash_points import STRIKES, CrashPoint
from core.mechanisms import SWITCHES, Mechanisms, guarantee, meaning
from core.outputs import Output
from repl.render import wording
from repl.render.wording import number

_OUTPUTS = 4
"""Outputs of a part that its line shows: of pending the first, of the sink the last."""


class Snapshot(NamedTuple):
    """What the drawing shows: totals, and the first (of outputs: the last) few entries."""

    up: bool
    mechanisms: Mechanisms
    armed: CrashPoint | None
    log: int
    offset: int
    due: str | None
    seen: tuple[str, ...]
    seen_total: int
    counts: tuple[str, ...]
    words: int
    pending: tuple[Output, ...]
    pending_total: int
    sink: tuple[Output, ...]
    sink_total: int
    checkpoints: tuple[str, ...]
    saved: tuple[str, ...]
    disk: str = ""
    kept: str = ""


def lines(shown: Snapshot) -> dict[str, str]:
    """Return each part with what is in it, in a line."""
    due = "nothing is due" if shown.due is None else f"{shown.due} is due"
    pending = tuple(map(wording.output, shown.pending[:_OUTPUTS]))
    sink = tuple(map(wording.output, shown.sink[-_OUTPUTS:]))
    if shown.sink_total > len(sink):
        sink = ("…", *sink)
    memory = {
        "seen": _part(shown.seen_total, "id", _first(shown.seen, shown.seen_total)),
        "counts": _part(shown.words, "word", _first(shown.counts, shown.words), ", "),
        "pending": _part(shown.pending_total, "output", _first(pending, shown.pending_total)),
    }
    return {
        "processor": f"{'UP' if shown.up else 'DOWN'} · {guarantee(shown.mechanisms)}",
        "source": f"{number(shown.log, 'event')} · offset {shown.offset} · {due}",
        **(memory if shown.up else dict.fromkeys(memory, "gone")),
        "sink": _part(shown.sink_total, "output", sink),
        "checkpoints": "; ".join(shown.saved) or "none",
    }


def remarks(shown: Snapshot) -> list[tuple[str, str]]:
    """What is out of the ordinary: a disk, a crash that waits, mechanisms that are off."""
    found = [("disk", shown.disk)] if shown.disk else []
    if shown.kept:
        found.append(("KEPT", f"on disk: {shown.kept}"))
    if shown.armed is not None:
        found.append(("armed", f"{shown.armed}: a crash strikes {STRIKES[shown.armed]}"))
    found += [
        ("off", f"{switch}: {meaning(switch, shown.mechanisms)}")
        for switch, field in SWITCHES.items()
        if not getattr(shown.mechanisms, field)
    ]
    return found


def _first(entries: tuple[str, ...], total: int) -> tuple[str, ...]:
    return (*entries, "…") if total > len(entries) else entries


def _part(total: int, noun: str, entries: tuple[str, ...], between: str = " ") -> str:
    return f"{number(total, noun)}: {between.join(entries)}" if entries else number(total, noun)
