"""`oncelab export`: a saved session, a script or a grader's file, to a file of another kind."""

from argparse import ArgumentParser, Namespace

from core.errors import Mistyped
from core.lab.lab import Lab
from repl import files, script
from repl.cli import output
from repl.cli.exits import Exit, complain
from repl.export import chosen, over, write


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
    parser.add_argument("--force", action="store_true", help="write over whatever is there")


def run(options: Namespace) -> Exit:
    """Carry the session out, and write it."""
    file, spare = options.output, {options.session: "it is the session to be exported"}
    try:
        may = over(chosen(file), force=options.force)
        files.check(file, over=may, spare=spare)  # before a long session is carried out
        write(script.load(options.session, Lab), file, force=options.force, spare=spare)
    except Mistyped as fault:
        return complain(fault.text, Exit.MISUSED, "export")
    except OSError as fault:
        return output.unwritten(file, fault, "export")
    return Exit.OK
