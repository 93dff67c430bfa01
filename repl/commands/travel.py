"""Travel: go back and forth in the session. Everything can be undone, crashes included."""

from collections.abc import Sequence

from core.errors import Mistyped, refused
from core.lab.declaration import Argument, whole_number
from repl.commands import arguments
from repl.registry import command
from repl.render import View
from repl.session import Session

_COUNT = Argument("N", "how many steps")


def travels(session: Session, _words: Sequence[str]) -> None:
    """Bar a command that leaves the present, where it is on a disk. Raises Refused."""
    session.history.can_travel()


def _undoes(session: Session, words: Sequence[str]) -> None:
    """Bar an undo where there is nothing, or not so much, to take back. Raises Refused."""
    travels(session, words)
    number = _number(words, "undo")
    if not (session.history.steps or session.earlier):
        raise refused("there is no step to undo", "process hello")
    if session.history.steps:
        session.history.can_undo(number)
    elif number > 1:
        raise Mistyped("the session begins here: undo alone goes to the one before it", "undo")


def _redoes(session: Session, words: Sequence[str]) -> None:
    """Bar a redo where nothing, or not so much, was undone. Raises Refused."""
    travels(session, words)
    number = _number(words, "redo")
    session.history.can_redo(number)


def _goes(session: Session, words: Sequence[str]) -> None:
    """Bar a step that there is not. Raises Refused, Mistyped."""
    travels(session, words)
    if words:
        step = whole_number(words[0], "STEP", _hint("goto", words))
        session.history.can_go(step)


def _number(words: Sequence[str], verb: str) -> int:
    """Read how many steps. Raises Mistyped."""
    return whole_number(words[0], "N", _hint(verb, words), least=1) if words else 1


def _hint(verb: str, words: Sequence[str]) -> str:
    """Return what was probably meant by words that begin with no number: `step 2` is 2."""
    first, *behind = words
    named = first.lower() in ("step", "steps") and len(behind) == 1 and behind[0].isdigit()
    return f"{verb} {behind[0]}" if named else f"help {verb}"


@command(
    "undo",
    "u",
    group="travel",
    arguments=(_COUNT,),
    example="undo 3",
    guard=_undoes,
    synonyms=("revert",),
)
def undo(session: Session, steps: str = "1") -> View:
    """Take back the last step, or the last N.

    Also what no machine could take back: a crash, a commit. At the first step it takes
    back `reset` and `load`.
    """
    from repl.render import history

    number = _number([steps], "undo")
    if not session.history.steps:
        session.return_to_earlier()
        return history.arrived("BACK", (), session.history)
    return history.arrived("UNDONE", session.history.undo(number), session.history)


@command("redo", group="travel", arguments=(_COUNT,), example="redo", guard=_redoes)
def redo(session: Session, steps: str = "1") -> View:
    """Do again what was undone: the next step, or the next N."""
    from repl.render import history

    number = _number([steps], "redo")
    return history.arrived("REDONE", session.history.redo(number), session.history)


@command(
    "goto",
    group="travel",
    arguments=(
        Argument("STEP", "a step's number; 0 is the start", arguments.moments, required=True),
    ),
    example="goto 3",
    guard=_goes,
)
def goto(session: Session, step: str) -> View:
    """Go to the moment right after a step; 0 is the start.

    The steps behind it are not lost: `redo` or `goto` brings them back.
    """
    from repl.render import history

    number = whole_number(step, "STEP", "help goto")
    return history.arrived("AT", session.history.goto(number), session.history)


@command("reset", group="travel", example="reset", guard=travels, suggested=False)
def reset(session: Session) -> View:
    """Begin a new, empty session. `undo` brings the old one back.

    Inside a lesson: its present step, from the beginning.
    """
    from repl.render import history

    session.begin_anew()
    if session.guide is not None:
        return session.guide.restarted()
    return history.arrived("RESET", (), session.history)
