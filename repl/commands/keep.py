"""Keep: save the session as a script, load one, show the wire."""

from collections.abc import Sequence

from core.errors import Mistyped
from core.lab.declaration import Argument
from core.lab.words import written
from repl import files, script
from repl.commands import arguments
from repl.commands.travel import travels
from repl.registry import command
from repl.render import View, notes
from repl.session import Session

_FILE = Argument("FILE", "a path", required=True)


@command("save", group="keep", arguments=(_FILE,), example="save crash.lab", forces=True)
def save(session: Session, file: str, *, force: bool = False) -> View:
    """Write the session to a file, as a script of its steps, one a line.

    `load` and `oncelab run` read it. A raw request stands there as its JSON line.

    A session that `save` wrote is written over, and no other file: `save! FILE` does that.
    """
    steps = session.history.steps
    with arguments.writing("save", file, "save crash.lab"):
        script.write(file, steps, over=force or script.SAVED, spare=arguments.spared(session))
    again = files.is_file(file) and session.takes(f"load {written(file)}")
    return notes.saved(file, len(steps), again=again)


def _loads(session: Session, words: Sequence[str]) -> None:
    """Bar a file that is not there. Raises Refused, Mistyped."""
    travels(session, words)
    if words and not files.exists(words[0]):
        text = f"cannot read {words[0]!r}: there is no such file"
        raise Mistyped(f"{text}; nothing was loaded", "help load")


@command(
    "load", group="keep", arguments=(_FILE,), example="load crash.lab", guard=_loads, stops=True
)
def load(session: Session, file: str) -> View:
    """Load a session, a script, or a grader's file of JSON lines.

    Then `undo`, `redo` and `goto` step through it.
    If a line fails, nothing is loaded, and you are told which. `undo` at the first step
    brings the present session back.
    """
    loaded = script.load(file, session.start, session.on_progress)
    session.begin(loaded)
    return notes.loaded(file, len(loaded.steps), len(loaded.undone))


@command(
    "wire",
    group="keep",
    arguments=(arguments.ON_OFF,),
    example="wire on",
)
def wire(session: Session, on: str | None = None) -> View:
    """Show the JSON behind every command, request and reply, or hide it again.

    Without a word, say which of them it is.
    """
    session.wire = session.wire if on is None else on == "on"
    return notes.wire(on=session.wire)
