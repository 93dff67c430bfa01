"""`oncelab lesson`: its options, and which part does what they ask.

Nothing of the lessons is imported before one of them is asked for.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from repl.render.terminal import Terminal

SUMMARY = "walk through a lesson; without a name, the list of them"
EXAMPLE = "oncelab lesson 1"
USAGE = 2


def add(parser: "ArgumentParser") -> None:
    """Give the parser of `oncelab lesson` its arguments."""
    from argparse import SUPPRESS

    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME|N|PATH",
        help="a lesson by number, name or file; with --check and --verify, files",
    )
    parser.add_argument("--script", metavar="FILE", help="walk by the lines of a file (-: stdin)")
    parser.add_argument("--record", metavar="FILE", help="write what you do, to be handed in")
    parser.add_argument("--read", action="store_true", help="print a finished lesson, all of it")
    parser.add_argument("--vi", action="store_true", default=SUPPRESS, help="edit with vi's keys")
    tools = parser.add_mutually_exclusive_group()
    tools.add_argument("--check", action="store_true", help="check lessons: these, or the course")
    tools.add_argument("--new", metavar="FILE", help="write a lesson to fill in")
    tools.add_argument("--verify", action="store_true", help="carry out records, print a table")
    tools.add_argument("--export", metavar="FILE", help="write your progress to a file")
    tools.add_argument("--import", dest="take", metavar="FILE", help="add progress from a file")
    parser.set_defaults(run=run)


def run(options: "Namespace") -> int:
    """Do what the options ask; return the exit status."""
    from repl.render.terminal import look

    wrong = _misuse(options)
    if wrong is not None:
        sys.stderr.write(f"oncelab lesson: {wrong}\n")
        return USAGE
    terminal = look(sys.stdout, colour=options.colour, plain=options.plain)
    if _tools(options):
        return _tool(options, terminal)
    return _walk(options, terminal)


def _walk(options: "Namespace", terminal: "Terminal") -> int:
    from repl.cli import walking

    if not options.names:
        return walking.catalog(terminal)
    name = options.names[0]
    if options.read:
        return walking.read(name, terminal)
    if options.script:
        return walking.script(name, options.script, options.record, terminal)
    return walking.walk(name, options.record, terminal, vi=options.vi, debug=options.debug)


def _tool(options: "Namespace", terminal: "Terminal") -> int:
    from repl.cli import lessonfiles

    if options.check:
        return lessonfiles.check(options.names, terminal)
    if options.verify:
        return lessonfiles.verify(options.names, terminal)
    if options.new:
        return lessonfiles.new(options.new, terminal)
    if options.export:
        return lessonfiles.export(options.export, terminal)
    return lessonfiles.take(options.take, terminal)


def _tools(options: "Namespace") -> bool:
    """Whether no lesson is to be walked."""
    many = options.check or options.verify
    return bool(many or options.new or options.export or options.take)


def _misuse(options: "Namespace") -> str | None:
    """Say what does not go together, if anything."""
    names: list[str] = options.names
    walks = options.script or options.record or options.read
    if _tools(options) and walks:
        return "--script, --record and --read go with a lesson to walk"
    if options.verify and not names:
        return "which records? for example: oncelab lesson --verify anna.txt"
    if not (options.check or options.verify) and len(names) > (not _tools(options)):
        return f"{names[-1]!r} is one word too many"
    if walks and not names:
        return "which lesson? for example: oncelab lesson 1"
    return None
