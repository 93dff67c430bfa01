"""The commands of the laboratory, faults included, as immutable values.

A person, a script, a lesson and the search all use the same ones. `typed` writes one as
it is typed at the prompt; reading that is the prompt's part.
"""

import shlex
from typing import NamedTuple

from core.lab.faults import CrashPoint
from core.lab.ids import called
from core.outputs import EventId
from core.processor import CheckpointId


class Process(NamedTuple):
    """The source sends an event; without an id, under the next free one of e1, e2, and so on.

    `raw` marks a request that came as JSON: its sender is the source, so it may send in
    any order and change its mind about a word.
    """

    event_id: EventId | None
    word: str
    raw: bool = False


class Retry(NamedTuple):
    """The source sends an event again; by default the last one it sent."""

    event_id: EventId | None = None


class Feed(NamedTuple):
    """The source sends many new events, one a word."""

    words: tuple[str, ...]


class Checkpoint(NamedTuple):
    """Save the state under a name; without one, under the next free one of cp1, cp2, and so on."""

    name: CheckpointId | None = None


class Restore(NamedTuple):
    """Go back to a checkpoint; by default the one saved last."""

    name: CheckpointId | None = None


class Commit(NamedTuple):
    """Move every pending output to the sink."""


class Rollback(NamedTuple):
    """Discard every pending output and undo the events behind them."""


class Crash(NamedTuple):
    """Lose the processor's memory: now, or when a command reaches `point`."""

    point: CrashPoint | None = None


class Disarm(NamedTuple):
    """Call off the crash that waits at a point."""


class Restart(NamedTuple):
    """Start the processor again, with empty memory."""


class Replay(NamedTuple):
    """The source sends its log again, from an offset (by default what is due) to the end."""

    offset: int | None = None


class LoseAck(NamedTuple):
    """The source never hears that the last delivery was processed."""


class Switch(NamedTuple):
    """Switch one mechanism, named as in `Mechanisms`, on or off."""

    mechanism: str
    on: bool


class Guarantee(NamedTuple):
    """Set all five mechanisms to a preset."""

    preset: str


Command = (
    Process
    | Retry
    | Feed
    | Checkpoint
    | Restore
    | Commit
    | Rollback
    | Crash
    | Disarm
    | Restart
    | Replay
    | LoseAck
    | Switch
    | Guarantee
)


def typed(command: Command) -> str:  # noqa: C901, PLR0911 - one case for each shape
    """Return a command as one types it; as its raw JSON line where it cannot be typed."""
    match command:
        case Process(event_id, word, raw):
            if raw or not (_typeable(event_id) and _typeable(word)):
                return _raw("process", event_id=event_id, word=word)
            return _line("process", event_id, word)
        case Checkpoint(name) | Restore(name):
            verb = "checkpoint" if isinstance(command, Checkpoint) else "restore"
            if not _typeable(name):
                return _raw(verb, checkpoint_id=name)
            return _line(verb, name)
        case Retry(int(number)):
            return _line("retry", called(number))
        case Feed(words):
            file = len(words) == 1 and set(words[0]) & set("/.?")  # or a cry for help
            return _line("feed", "" if file else None, *words)
        case Switch(mechanism, on):
            return f"mechanism {mechanism.replace('_', '-')} {'on' if on else 'off'}"
        case Guarantee(preset):
            return f"guarantee {preset}"
        case Disarm():
            return "crash off"
        case LoseAck():
            return "lose ack"
        case _:  # a bare verb, with what is not None behind it
            return _line(type(command).__name__.lower(), *command)


def _raw(kind: str, **fields: EventId | None) -> str:
    """Write a command as its raw request. Imported here: the prompt starts without json."""
    import json  # noqa: PLC0415

    return json.dumps({"type": kind, **fields})


def _line(verb: str, *arguments: object) -> str:
    given = [shlex.quote(str(each)) for each in arguments if each is not None]
    return " ".join([verb, *given])


def _typeable(text: EventId | None) -> bool:
    """Whether an id or a word comes back from the prompt as it went in."""
    return text is None or (isinstance(text, str) and text.isprintable() and text != "?")
