"""Scripts: a session as lines of text, and back.

A saved session is a script that a person can read and change: one command a line. A
grader's file of JSON lines is a script as well, every line a raw request.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from core.errors import Mistyped, Refused
from core.lab import language
from core.lab.commands import typed
from core.lab.history import History
from core.lab.lab import Lab, Step
from repl import registry
from repl.session import Session

HEADER = "# oncelab session: load it at the prompt, or `oncelab run` it"


class Unreadable(Exception):  # noqa: N818 - an answer, not a fault
    """A script that cannot be read at all."""


def text(steps: Iterable[Step]) -> str:
    """Return steps as a script."""
    return "\n".join([HEADER, *(typed(step.command) for step in steps)]) + "\n"


def write(path: Path, steps: Iterable[Step]) -> None:
    """Write steps to a file, whole or not at all. Raises OSError."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(text(steps), encoding="utf-8", errors="surrogatepass")
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise


def read(path: Path) -> list[str]:
    """Return the lines of a script. Raises Unreadable."""
    try:
        return path.read_text(encoding="utf-8").split("\n")
    except OSError as fault:
        raise Unreadable(f"cannot read {str(path)!r}: {fault.strerror}") from None
    except UnicodeDecodeError as fault:
        raise Unreadable(f"{str(path)!r} is not UTF-8 text (byte {fault.start + 1})") from None


def load(path: Path, start: Callable[[], Lab]) -> History:
    """Carry out a script in a fresh laboratory; return its history.

    Raises Mistyped naming the file and the line if one of them fails.
    """
    session = Session(start)
    try:
        lines = read(path)
    except Unreadable as fault:
        raise Mistyped(str(fault), "load crash.lab") from None
    for number, line in enumerate(lines, 1):
        try:
            if _makes_steps(line):
                session.run(line)
        except Refused as fault:
            raise Mistyped(
                f"{path}:{number}: {fault.text}; nothing was loaded", fault.hint
            ) from None
    return session.history


def _makes_steps(line: str) -> bool:
    """Whether a line has a part in the session, rather than only in what was shown of it."""
    if line.lstrip().startswith("{"):
        return True
    words = language.split(line)
    if not words:
        return False
    declared = registry.find(words[0], prefixes=False)
    return declared.name in language.COMMANDS or declared.group == "travel"
