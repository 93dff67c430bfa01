"""What subcommands put out: results on standard output, and files that were asked for."""

import sys
from shlex import quote
from typing import TYPE_CHECKING

from core.lab.lab import Step
from repl import files
from repl.cli.exits import Exit, complain
from repl.render import View, notes
from repl.render.terminal import Terminal, look
from repl.session import Session

if TYPE_CHECKING:
    from argparse import Namespace  # a prompt without options starts without


def terminal(options: "Namespace") -> Terminal:
    """Return standard output, looking as the options ask."""
    return look(sys.stdout, colour=options.colour, plain=options.plain)


def show(to: Terminal, result: View | str) -> None:
    """Print a result: a view, or JSON as it stands."""
    if isinstance(result, str):
        print(result, file=to.out)
    else:
        to.show(result)


def step(to: Terminal, made: Step, session: Session) -> None:
    """Print a step of a script that was just carried out, and its command if it is drawn."""
    if not to.plain:
        to.show(notes.typed(made))
    to.show(notes.step(made, session.history, session.takes))


def write(
    file: str,
    text: str,
    command: str,
    *,
    over: files.Over = False,
    spare: files.Spared | None = None,
) -> Exit:
    """Write a file, whole or not at all, as `files.write`; complain if that cannot be."""
    try:
        files.write(file, text, over=over, spare=spare)
    except OSError as fault:
        return unwritten(file, fault, command)
    return Exit.OK


def unwritten(file: str, fault: OSError, command: str) -> Exit:
    """Complain of a file that cannot be written, and say how to force it where that helps."""
    force = "; --force writes over it" if isinstance(fault, files.Occupied) else ""
    return complain(f"cannot write {file!r}: {fault.strerror}{force}", Exit.MISUSED, command)


def word(file: str) -> str:
    """Return a file's name as a shell takes it for one; nothing if there is none to type."""
    if not (file.isprintable() and files.is_file(file)):
        return ""
    return quote(f"./{file}" if file.startswith("-") else file)


def reading(script: str) -> dict[str, str]:
    """Return the file of a script (`-`: standard input), over which no command may write."""
    return {"/dev/stdin" if script == "-" else script: "it is the script that is read"}
