"""`show`: the machine, drawn with what is in it now.

Where there is room the parts stand side by side, as in every picture of the pipeline;
where there is not, below each other.
"""

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from core.errors import Unusable
from core.lab.faults import STRIKES, CrashPoint
from core.lab.lab import Lab
from core.mechanisms import SWITCHES, Mechanisms, guarantee
from core.outputs import Output
from repl.theme import Glyphs, safe
from repl.views import View
from repl.views.plain import lines
from repl.views.words import phrases
from repl.views.words.faults import meaning
from repl.views.words.phrases import name, number, word

if TYPE_CHECKING:
    from rich.console import RenderableType

_PATH = 80
"""Characters of a file's name."""
_SAMPLE = 12
"""Entries of a part that may be drawn."""


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


def show(lab: Lab) -> View:
    """Draw the machine as it is now."""
    processor, source = lab.processor, lab.source
    outputs = processor.outputs
    names = list(islice(reversed(lab.saved), _SAMPLE))
    saved = [lab.checkpoint(each) for each in names[:3]]
    return Machine(
        Snapshot(
            lab.up,
            processor.mechanisms,
            lab.armed,
            len(source.log),
            source.offset,
            name(source.due[0]) if source.due is not None else None,
            tuple(name(each) for each in islice(processor.seen, _SAMPLE)),
            len(processor.seen),
            tuple(f"{word(w)} {n}" for w, n in islice(processor.counts.items(), _SAMPLE)),
            len(processor.counts),
            tuple(outputs.slice(outputs.line, min(len(outputs), outputs.line + _SAMPLE))),
            len(outputs) - outputs.line,
            tuple(outputs.slice(max(outputs.line - _SAMPLE, 0), outputs.line)),
            outputs.line,
            tuple(map(name, names)) + (("…",) if len(lab.saved) > len(names) else ()),
            tuple(map(phrases.saved, saved))
            + ((f"{len(lab.saved) - 3} older",) if len(lab.saved) > len(saved) else ()),
            disk(lab),
            phrases.state(lab.summary()) if lab.durable and not lab.up else "",
        )
    )


@dataclass(frozen=True, slots=True)
class Machine(View):
    """The machine with live values."""

    shown: Snapshot

    def draw(self, glyphs: Glyphs) -> "RenderableType":
        """Draw it as wide as there is room."""
        from repl.views.pipeline import Pipeline

        return Pipeline(self.shown, glyphs)

    def plain(self) -> str:
        """Return a sentence for each part."""
        shown = self.shown
        return lines(
            f"processor: {power(shown, '' if shown.kept else ', its memory is gone')}",
            f"source: {source(shown)}",
            f"seen: {seen(shown)}",
            f"counts: {counts(shown)}",
            f"pending: {pending(shown)}",
            f"sink: {sink(shown)}",
            f"checkpoints: {'; '.join(shown.saved) or 'none'}",
            *(": ".join(note) for note in remarks(shown)),
        )


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


def disk(lab: Lab) -> str:
    """The store in a line, and who runs on it; nothing where there is none."""
    store = lab.disk
    if store is None:
        return ""
    lives = f"process {store.worker}" if lab.alive else "no process"
    told = f"{safe(store.path, _PATH)} · {lives} · epoch {store.epoch}"
    try:
        taken = store.taken()
    except Unusable as fault:
        return f"{told} · cannot be read: {safe(fault, _PATH)}"
    return f"{told} · taken over by another node: epoch {taken}" if taken else told


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
