"""What subcommands put out: results on standard output, and files that were asked for."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from repl import files
from repl.cli.exits import Exit, complain
from repl.render import View
from repl.render.terminal import Terminal, look


def terminal(options: Namespace) -> Terminal:
    """Return standard output, looking as the options ask."""
    return look(sys.stdout, colour=options.colour, plain=options.plain)


def show(to: Terminal, view: View, data: dict[str, Any] | None) -> None:
    """Print a result: as one JSON object if there is one, or else as a view."""
    if data is None:
        to.show(view)
    else:
        print(json.dumps(data), file=to.out)


def write(file: str, text: str, command: str, *, new: bool = False) -> Exit:
    """Write a file, whole or not at all; complain if that cannot be. `new`: none may be there."""
    try:
        files.write(Path(file), text, new=new)
    except FileExistsError:
        return complain(f"{file!r} is there already, and stays as it is", Exit.FAILED, command)
    except OSError as fault:
        return complain(f"cannot write {file!r}: {fault.strerror}", Exit.MISUSED, command)
    return Exit.OK
