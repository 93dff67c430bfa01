"""`oncelab export`: a saved session, a script or a grader's file, to a file of another kind."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "write a saved session as a page to play, a picture, a recording, ..."
EXAMPLE = "oncelab export crash.lab -o run.html"
USAGE = 2


def add(parser: "ArgumentParser") -> None:
    """Give the parser of `oncelab export` its arguments."""
    parser.add_argument("session", metavar="SESSION", help="a file that `save` wrote, or a script")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        required=True,
        help="what to write, by the ending: .html .svg .txt .cast .mmd .jsonl .lesson.md",
    )
    parser.set_defaults(run=run)


def run(options: "Namespace") -> int:
    """Do what the options ask; return the exit status."""
    from pathlib import Path

    from core.lab.lab import Lab
    from repl import script
    from repl.export import chosen, write
    from repl.registry import Mistyped

    try:
        chosen(options.output)  # before a long session is carried out
        write(script.load(Path(options.session), Lab), options.output)
    except Mistyped as fault:
        sys.stderr.write(f"oncelab export: {fault.text}\n")
        return USAGE
    return 0
