"""How `oncelab` ends: the exit status of every subcommand, and the line that says why."""

import sys
from enum import IntEnum


class Exit(IntEnum):
    """The exit status. README says them too, and the raw mode ends with the same.

    A signal that ended it in order makes it 128 and the signal's number.
    """

    OK = 0
    """It was done; a simulated crash is a success."""
    FAILED = 1
    """It was tried: a command, an expectation or a rule failed, or it is not complete. Or
    standard output could not be written, or standard input not be read."""
    MISUSED = 2
    """Nothing was done: wrong use, or a file that cannot be read or written."""
    OUR_FAULT = 70
    """A bug of ours."""
    INTERRUPTED = 130
    """Ctrl-C."""


def complain(text: str, status: Exit, command: str = "") -> Exit:
    """Say on standard error what is wrong, and with which subcommand; return the status."""
    tell(f"oncelab {command}".rstrip() + f": {text}")
    return status


def tell(text: str) -> None:
    """Say a line on standard error; in it may stand what a user typed, or a file holds."""
    from core.lab.letters import escaped  # the raw mode starts without

    sys.stderr.write(f"{escaped(text)}\n")


def tell_line(where: str, number: int, text: str, hint: str = "") -> None:
    """Say what is wrong with a line of a script: cut, as it may be as long as the file."""
    hint = f"; try: {_cut(hint)}" if hint else ""
    tell(f"{where}:{number}: {_cut(text)}{hint}")


def _cut(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[:_MOST]}...({len(text)} characters)"


_MOST = 500
"""Characters of a complaint about a line."""
STOPPED = "stopped by Ctrl-C"
"""What is said of the line of a script that is the last one for that."""
