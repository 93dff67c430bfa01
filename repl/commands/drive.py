"""Drive: send events, save, go back, commit."""

from pathlib import Path

from core.errors import Mistyped
from core.lab import commands as c
from core.lab.ids import meant
from repl.commands import arguments
from repl.commands.arguments import CHECKPOINT, EVENT
from repl.registry import Argument, command
from repl.session import Session


@command(
    "process",
    "p",
    group="drive",
    arguments=(
        Argument("ID", "the event's id; left out, the next of e1, e2, ...", choices=arguments.ids),
        Argument("WORD", "the word it carries", choices=arguments.words, required=True),
    ),
    example="process e1 hello",
)
def process(_: Session, *words: str) -> c.Command:
    """Send an event to the processor.

    One word alone is the event's word, and its id the next free one of e1, e2, ...
    The id is the identity: the same id is the same event, whatever word comes with it.
    """
    *event_id, word = words
    return c.Process(event_id[0] if event_id else None, word)


@command("retry", "r", group="drive", arguments=(EVENT,), example="retry e1")
def retry(_: Session, event_id: str | None = None) -> c.Command:
    """Send an event again, as a source does that heard no ack.

    Without an id, the event that was sent last.
    """
    return c.Retry(event_id)


@command(
    "feed",
    "f",
    group="drive",
    arguments=(Argument("TEXT|FILE", "words, or a file of them", required=True, many=True),),
    example="feed to be or not to be",
)
def feed(_: Session, *text: str) -> c.Command:
    """Send many new events, one a word, as one step.

    A single argument with a `/` or a `.` in it, or that names a file, is read as a file.
    """
    if len(text) == 1 and (set("/.") & set(text[0]) or _is_file(text[0])):
        return c.Feed(tuple(_read(arguments.path(text[0], _FEED)).split()))
    return c.Feed(tuple(word for each in text for word in each.split()))


@command("checkpoint", "ck", group="drive", arguments=(CHECKPOINT,), example="checkpoint cp1")
def checkpoint(_: Session, name: str | None = None) -> c.Command:
    """Save counts, seen and pending under a name.

    The source's offset is saved beside them.
    Without a name, cp1, cp2, ... A name used before is replaced.
    """
    return c.Checkpoint(name)


@command("restore", "rs", group="drive", arguments=(CHECKPOINT,), example="restore cp1")
def restore(session: Session, name: str | None = None) -> c.Command:
    """Bring the state of a checkpoint back, after a crash or at any time.

    Without a name, the checkpoint saved last. The sink keeps what it holds, and the
    source goes back to the checkpoint's offset: `replay` sends what is due from there.
    """
    return c.Restore(None if name is None else meant(name, session.lab.saved))


@command("commit", "ci", group="drive", example="commit")
def commit(_: Session) -> c.Command:
    """Move every pending output to the sink, all or none.

    What is in the sink is visible to everybody, and nothing takes it back.
    """
    return c.Commit()


@command("rollback", "rb", group="drive", example="rollback")
def rollback(_: Session) -> c.Command:
    """Discard every pending output, and undo the events behind them.

    The source goes back to the first event undone, so that `replay` processes them again.
    """
    return c.Rollback()


_FEED = "feed to be or not to be"


def _is_file(typed: str) -> bool:
    try:
        return Path(typed).is_file()
    except (OSError, ValueError):  # a word that no path can be
        return False


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        reason = getattr(fault, "strerror", None) or "it is not UTF-8 text"
        raise Mistyped(f"cannot read {str(path)!r}: {reason}", _FEED) from None
