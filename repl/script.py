"""Scripts: a session as lines of text, and back.

A saved session is a script that a person can read and change: one command a line. A
grader's file of JSON lines is a script as well, every line a raw request.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from core.errors import Mistyped, Refused
from core.lab import language
from core.lab.commands import typed
from core.lab.history import History
from core.lab.lab import Lab, Step
from core.lab.words import split
from core.lab.world import OnProgress, to_the_end
from repl import files, registry
from repl.session import Session

HEADER = "# oncelab session: load it at the prompt, or `oncelab run` it"
SAVED = files.Kind("session", HEADER)

_EACH = 100
"""A long script asks whether to go on each time so many lines were read."""


def text(steps: Iterable[Step]) -> str:
    """Return steps as a script."""
    return "\n".join([HEADER, *(typed(step.command) for step in steps)]) + "\n"


def write(
    path: str | Path,
    steps: Iterable[Step],
    *,
    over: files.Over = SAVED,
    spare: files.Spared | None = None,
) -> None:
    """Write steps to a file, as `files.write`; by default also over a saved session."""
    files.write(path, text(steps), over=over, spare=spare)


def load(
    path: str | Path, start: Callable[[], Lab], on_progress: OnProgress = to_the_end
) -> History:
    """Carry out a script in a fresh laboratory; return its history.

    Raises Mistyped naming the file and the line if one of them fails, where no step is in it,
    unless `save` wrote that, or if `on_progress`, which is called now and then with the number
    of lines read, returns False.
    """
    session = Session(start)
    try:
        lines = files.read(path, lambda: on_progress(0)).split("\n")
    except files.UnreadableFile as fault:
        raise Mistyped(str(fault), "load crash.lab") from None
    for number, line in enumerate(lines, 1):
        if not number % _EACH and not on_progress(number - 1):
            raise Mistyped(f"{path}:{number}: stopped here; nothing was loaded", "help load")
        try:
            if _makes_steps(line) and session.run(line).leave:
                break
        except Refused as fault:
            raise Mistyped(
                f"{path}:{number}: {fault.text}; nothing was loaded", fault.hint
            ) from None
    found = session.history.steps or session.history.undone
    if not found and lines[0].rstrip() != HEADER:
        raise Mistyped(f"no step is in {str(path)!r}; nothing was loaded", "help load")
    return session.history


def _makes_steps(line: str) -> bool:
    """Whether a line has a part in the session, rather than only in what was shown of it.

    So has the one that ends it.
    """
    if line.lstrip().startswith("{"):
        return True
    words = registry.asked(split(line), prefixes=False)
    if not words:
        return False
    declared = registry.find(words[0], prefixes=False)
    return declared.name in language.COMMANDS or (
        declared.group == "travel" or declared.name == "quit"
    )
