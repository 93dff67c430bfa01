"""`show`: the machine, drawn with what is in it now.

Where there is room the parts stand side by side, as in every picture of the pipeline;
where there is not, below each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from core.errors import Unusable
from core.lab.lab import Lab
from repl.render import View, wording
from repl.render import snapshot as parts
from repl.render.theme import Glyphs, safe
from repl.render.wording import name, word

if TYPE_CHECKING:
    from rich.console import RenderableType

_PATH = 80
"""Characters of a file's name."""
_SAMPLE = 12
"""Entries of a part that may be drawn."""


def show(lab: Lab) -> View:
    """Draw the machine as it is now."""
    processor, source = lab.processor, lab.source
    outputs = processor.outputs
    names = list(islice(reversed(lab.saved), _SAMPLE))
    saved = [lab.checkpoint(each) for each in names[:3]]
    return Machine(
        parts.Snapshot(
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
            tuple(outputs.slice(outputs.committed, min(len(outputs), outputs.committed + _SAMPLE))),
            len(outputs) - outputs.committed,
            tuple(outputs.slice(max(outputs.committed - _SAMPLE, 0), outputs.committed)),
            outputs.committed,
            tuple(map(name, names)) + (("…",) if len(lab.saved) > len(names) else ()),
            tuple(map(wording.saved, saved))
            + ((f"{len(lab.saved) - 3} older",) if len(lab.saved) > len(saved) else ()),
            disk(lab),
            wording.state(lab.kept) if lab.kept is not None else "",
        )
    )


@dataclass(frozen=True, slots=True)
class Machine(View):
    """The machine with live values."""

    shown: parts.Snapshot

    def draw(self, glyphs: Glyphs) -> "RenderableType":
        """Draw it as wide as there is room."""
        from repl.render.pipeline import Pipeline

        return Pipeline(self.shown, glyphs)

    def sentences(self) -> Iterable[str]:
        """Return a sentence for each part."""
        told = (*parts.lines(self.shown).items(), *parts.remarks(self.shown))
        return (f"{label}: {text}" for label, text in told)


def disk(lab: Lab) -> str:
    """The store in a line, and who runs on it; nothing where there is none."""
    store = lab.durability.disk
    if store is None:
        return ""
    lives = f"process {store.worker}" if lab.alive else "no process"
    told = f"{safe(store.path, _PATH)} · {lives} · epoch {store.epoch}"
    try:
        taken = store.taken()
    except Unusable as fault:
        return f"{told} · cannot be read: {safe(fault, _PATH)}"
    return f"{told} · taken over by another node: epoch {taken}" if taken else told
