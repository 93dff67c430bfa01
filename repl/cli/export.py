"""`oncelab export`: a saved session, a script or a grader's file, to a file of another kind."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace

USAGE = 2


def run(options: "Namespace") -> int:
    """Do what the options ask; return the exit status."""
    from pathlib import Path

    from core.errors import Mistyped
    from core.lab.lab import Lab
    from repl import script
    from repl.export import chosen, write

    try:
        chosen(options.output)  # before a long session is carried out
        write(script.load(Path(options.session), Lab), options.output)
    except Mistyped as fault:
        sys.stderr.write(f"oncelab export: {fault.text}\n")
        return USAGE
    return 0
