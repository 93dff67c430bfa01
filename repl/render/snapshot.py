"""The parts of the machine at one moment, and each of them in a line."""

from typing import NamedTuple

from core.lab.faults import STRIKES, CrashPoint
from core.mechanisms import SWITCHES, Mechanisms, guarantee, meaning
from core.outputs import Output
from repl.render.words import phrases
from repl.render.words.phrases import number


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


def power(shown: Snapshot, gone: str = "") -> str:
    """Whether the processor is up, and what it promises."""
    return f"{'UP' if shown.up else f'DOWN{gone}'} · {guarantee(shown.mechanisms)}"


def source(shown: Snapshot) -> str:
    """The source in a line."""
    due = "nothing is due" if shown.due is None else f"{shown.due} is due"
    return f"{number(shown.log, 'event')} · offset {shown.offset} · {due}"


def seen(shown: Snapshot) -> str:
    """What is in seen, in a line."""
    return _entries(number(shown.seen_total, "id"), shown.seen, shown.seen_total, " ")


def counts(shown: Snapshot) -> str:
    """The counts in a line."""
    return _entries(number(shown.words, "word"), shown.counts, shown.words, ", ")


def pending(shown: Snapshot) -> str:
    """What is pending, in a line."""
    outputs = tuple(phrases.output(each) for each in shown.pending[:4])
    return _entries(number(shown.pending_total, "output"), outputs, shown.pending_total, " ")


def sink(shown: Snapshot) -> str:
    """The sink in a line; of a long one the latest outputs."""
    outputs = tuple(phrases.output(each) for each in shown.sink[-4:])
    total = number(shown.sink_total, "output")
    if not outputs:
        return total
    before = "… " if shown.sink_total > len(outputs) else ""
    return f"{total}: {before}{' '.join(outputs)}"


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


def _entries(total: str, entries: tuple[str, ...], of: int, between: str) -> str:
    if not entries:
        return total
    more = f"{between}…" if of > len(entries) else ""
    return f"{total}: {between.join(entries)}{more}"
