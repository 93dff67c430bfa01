"""The line below the prompt: the state in a few words, or the use of what is being typed."""

from core.errors import Mistyped
from core.mechanisms import guarantee
from repl import registry
from repl.render.draw import cut, text
from repl.render.theme import as_typed
from repl.render.wording import name
from repl.session import Session


def segments(session: Session) -> list[str]:
    """Return the state, the most important first: whole segments drop from the right."""
    lab = session.lab
    summary = lab.summary()
    last = next(reversed(lab.saved), None)
    held = [f"{summary.seen} seen", f"{summary.pending} pending"]
    if lab.durability.lasting:
        held = ["disk", *held] if lab.alive else [f"on disk: {' · '.join(held)}"]
    return [
        "UP" if lab.alive else "DOWN",
        *([f"crash waits {lab.armed}"] if lab.armed else []),
        *held,
        *([name(last)] if last is not None else []),
        guarantee(lab.processor.mechanisms),
        "F1 help",
    ]


def fit(parts: list[str], width: int, separator: str = " │ ") -> str:
    """Join the parts that fit into a width, dropping whole ones from the right."""
    while len(parts) > 1 and text(separator.join(parts)).cell_len > width:
        parts = parts[:-1]
    return as_typed(cut(separator.join(parts), width))


def line(session: Session, typed: str, columns: int) -> str:
    """Return the toolbar's text for so many columns, given what stands on the line."""
    width = columns - 2
    words = typed.split()
    if words and not typed.startswith("{"):
        try:
            declared = registry.find(words[0], prefixes=True)
        except Mistyped:
            pass
        else:
            return f" {fit([declared.usage, declared.summary], width, ': ')}"
    return f" {fit(segments(session), width)}"
