"""`oncelab export`: a saved session, a script or a grader's file, to a file of another kind."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from core.errors import Mistyped
from core.lab.lab import Lab
from repl import script
from repl.cli.exits import Exit, complain
from repl.export import chosen, write


def add(parser: ArgumentParser) -> None:
    """Add its arguments."""
    parser.add_argument("session", metavar="SESSION", help="a file that `save` wrote, or a script")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        required=True,
        help="what to write, by the ending: .html .svg .txt .cast .mmd .jsonl .lesson.md",
    )


def run(options: Namespace) -> Exit:
    """Carry the session out, and write it."""
    try:
        chosen(options.output)  # before a long session is carried out
        write(script.load(Path(options.session), Lab), options.output)
    except Mistyped as fault:
        return complain(fault.text, Exit.MISUSED, "export")
    return Exit.OK
