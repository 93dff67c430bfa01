"""What can stand behind a command right now: the live choices of its arguments."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from core.errors import Mistyped
from core.lab.faults import STRIKES, CrashPoint
from core.lab.ids import called
from core.mechanisms import PRESETS, SWITCHES
from repl.registry import Argument, Choice
from repl.render.theme import safe
from repl.render.words import phrases
from repl.session import Session

_DIGITS = 18
"""More than any number of steps or events has."""
_MOST = 200
"""Choices offered at once; a session may hold a million ids."""


def ids(session: Session) -> Iterable[Choice]:
    """Every id that was sent, the last one first."""
    log = session.lab.source.log
    return [(called(event_id), word) for event_id, word in islice(reversed(log), _MOST)]


def words(session: Session) -> Iterable[Choice]:
    """Every word counted so far."""
    counts = session.lab.held.counts
    return [(word, f"count {count}") for word, count in islice(counts.items(), _MOST)]


def checkpoints(session: Session) -> Iterable[Choice]:
    """Every checkpoint, the one saved last first."""
    return [
        (called(each.name), f"{phrases.summary(each.summary, ', ')}, offset {each.offset}")
        for each in reversed(session.lab.checkpoints)
    ]


def points(_: Session) -> Iterable[Choice]:
    """Every crash point, and `off`."""
    named = [(str(point), STRIKES[point]) for point in CrashPoint]
    return [*named, ("off", "call off the crash that waits")]


def mechanisms(session: Session) -> Iterable[Choice]:
    """Every mechanism, with whether it is on."""
    now = session.lab.processor.mechanisms
    return [(name, "on" if getattr(now, field) else "off") for name, field in SWITCHES.items()]


def presets(_: Session) -> Iterable[Choice]:
    """Every guarantee there is a preset for."""
    return [(name, _switched_off(name)) for name in PRESETS]


def steps(session: Session) -> Iterable[Choice]:
    """The last steps, by number."""
    from core.lab.commands import typed

    last = session.history.steps[-_MOST:]
    return [(str(step.number), typed(step.command)) for step in reversed(last)]


def number(word: str, meaning: str, example: str, *, least: int = 0) -> int:
    """Read a whole number. Raises Mistyped if a word is none, or too small."""
    if not (word.isascii() and word.isdigit() and len(word) <= _DIGITS and int(word) >= least):
        text = f"expected {meaning}: a whole number from {least} on, not '{safe(word)}'"
        raise Mistyped(text, example)
    return int(word)


def path(typed: str, example: str) -> Path:
    """Return the path that was typed, `~` being the home folder. Raises Mistyped if it is none."""
    if not typed or "\0" in typed:
        raise Mistyped(f"expected a path, not {typed!r}", example)
    try:
        return Path(typed).expanduser()
    except RuntimeError:  # no such user, or nobody's home
        return Path(typed)


def _switched_off(preset: str) -> str:
    off = [name for name, field in SWITCHES.items() if not getattr(PRESETS[preset], field)]
    return f"without {' and '.join(off)}" if off else "every mechanism on"


EVENT = Argument("ID", "an id that was sent, such as e1", choices=ids)
ON_OFF = Argument(
    "on|off", "what to switch it to", lambda _: [("on", ""), ("off", "")], closed=True
)
CHECKPOINT = Argument("NAME", "the name of a checkpoint, such as cp1", choices=checkpoints)
