"""Keep: save the session as a script, load one, show the wire."""

from collections.abc import Sequence
from shlex import quote

from core.errors import Mistyped
from core.lab.declaration import Argument
from repl import script
from repl.commands import arguments
from repl.commands.travel import travels
from repl.registry import command
from repl.render import View, notes
from repl.session import Session

_FILE = Argument("FILE", "a path", required=True)


@command("save", group="keep", arguments=(_FILE,), example="save crash.lab")
def save(session: Session, file: str) -> View:
    """Write the session to a file, as a script of its steps, one a line.

    `load` and `oncelab run` read it. A step that cannot be typed stands there as its raw
    JSON line.
    """
    steps = session.history.steps
    path = arguments.path(file, "save crash.lab")
    if path.is_dir():
        raise Mistyped(f"{file!r} is a folder", "save crash.lab")
    try:
        script.write(path, steps)
    except OSError as fault:
        raise Mistyped(f"cannot write {file!r}: {fault.strerror}", "save crash.lab") from None
    return notes.saved(file, len(steps), again=session.takes(f"load {quote(file)}"))


def _there(file: str) -> bool:
    try:
        return arguments.path(file, "load crash.lab").exists()
    except OSError:  # a name that no file can have
        return False


def _loads(session: Session, words: Sequence[str]) -> None:
    """Bar a file that is not there. Raises Refused, Mistyped."""
    travels(session, words)
    if words and not _there(words[0]):
        text = f"cannot read {words[0]!r}: there is no such file"
        raise Mistyped(f"{text}; nothing was loaded", "help load")


@command("load", group="keep", arguments=(_FILE,), example="load crash.lab", guard=_loads)
def load(session: Session, file: str) -> View:
    """Load a session, a script, or a grader's file of JSON lines.

    Then `undo`, `redo` and `goto` step through it.
    If a line fails, nothing is loaded, and you are told which. `undo` at the first step
    brings the present session back.
    """
    loaded = script.load(arguments.path(file, "load crash.lab"), session.start, session.on_progress)
    session.begin(loaded)
    return notes.loaded(file, len(loaded.steps))


@command(
    "wire",
    group="keep",
    arguments=(arguments.ON_OFF,),
    example="wire on",
)
def wire(session: Session, on: str | None = None) -> View:
    """Show the JSON behind every command, request and reply, or hide it again."""
    session.wire = not session.wire if on is None else on == "on"
    return notes.wire(on=session.wire)
