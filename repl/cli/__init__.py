"""`oncelab` and its subcommands: from the command line to the part that does the work.

A subcommand is a row of SUBCOMMANDS and a module of its name. Only the module that was asked
for is imported, and argparse where there is something to read: neither the raw mode nor a prompt
without options waits for what it does not use, and `oncelab --help` loads no rich.
"""

import os
import sys
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple, NoReturn, cast

from core import __version__
from repl.cli.exits import STOPPED, Exit, complain

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Collection

DEFAULTS = {
    "subcommand": "prompt",
    "plain": None,
    "colour": None,
    "debug": False,
    "vi": False,
    "store": None,
    "take_over": False,
}
"""What an empty command line means."""
_NO_STORE = "--store goes with no command; try: oncelab --store FILE"
REPORT = "this is a bug in Oncelab: please report it, with what --debug prints"


class Subcommand(NamedTuple):
    """A word behind `oncelab`. The module of this name here has its `add` and its `run`.

    `add` gives a parser the arguments; `run` does what the options ask, and returns the exit
    status.
    """

    name: str
    summary: str
    example: str


SUBCOMMANDS = (
    Subcommand(
        "node",
        "raw JSON lines: one request a line in, one reply a line out",
        "oncelab node < requests.jsonl",
    ),
    Subcommand("run", "run a script of commands, one a line", "oncelab run story.lab"),
    Subcommand(
        "lesson", "walk through a lesson; without a name, the list of them", "oncelab lesson 1"
    ),
    Subcommand(
        "demo", "ninety seconds to look at, with nothing to read first", "oncelab demo --fast"
    ),
    Subcommand(
        "export",
        "write a saved session as a page to play, a picture, a recording, ...",
        "oncelab export crash.lab -o run.html",
    ),
    Subcommand(
        "search",
        "try every schedule of a few events, or every fault in a script",
        "oncelab search --without dedup",
    ),
    Subcommand(
        "check",
        "test your own node, and explain the first difference",
        "oncelab check -- python3 my_node.py",
    ),
    Subcommand("store", "check a durable store", "oncelab store verify lab.db"),
)


def main() -> int:
    """Run `oncelab` with the arguments of the process; return the exit status."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["node"] or not (arguments or os.isatty(0)):
        from repl.cli.node import serve

        return serve(arguments[1:])
    from repl.streams import Standard  # neither does the raw mode wait for them

    streams = Standard()
    try:
        status = _status(arguments)
        fault = streams.finish()
        if fault is not None:
            complain(f"cannot write to standard output: {fault}", Exit.FAILED)
            return status or Exit.FAILED
        return status
    finally:
        streams.leave()


def _status(arguments: list[str]) -> int:
    """Do what the arguments ask; return the exit status."""
    try:
        options = parser(arguments).parse_args(arguments) if arguments else no_options()
    except SystemExit as ended:  # argparse has said what there is to say
        return int(ended.code or 0)
    if options.subcommand == "prompt" and not os.isatty(0):
        options.subcommand = "node"
    command = "" if options.subcommand == "prompt" else options.subcommand
    if command not in {"", "node"} and (options.store or options.take_over):
        return complain(_NO_STORE, Exit.MISUSED, command)
    return _run(options, command)


def _run(options: "Namespace", command: str) -> int:
    """Run a subcommand; return its exit status, also where something comes between."""
    from repl.signals import Terminated, told
    from repl.streams import NoText, UnreadableInput

    try:
        run = _module(options.subcommand).run
        with told():
            return int(run(options))
    except KeyboardInterrupt:
        return complain(STOPPED, Exit.INTERRUPTED, command)
    except Terminated as ended:
        return 128 + ended.number
    except UnreadableInput as fault:
        status = Exit.MISUSED if isinstance(fault, NoText) else Exit.FAILED
        return complain(f"cannot read standard input: {fault}", status, command)
    except Exception as fault:  # noqa: BLE001 - a fault of ours costs one line
        if options.debug:
            from traceback import print_exception

            print_exception(fault)
        return complain(f"{type(fault).__name__}: {fault}; {REPORT}", Exit.OUR_FAULT)


def no_options() -> "Namespace":
    """Return what the parser says of an empty command line; making it takes a while."""
    return cast("Namespace", SimpleNamespace(**DEFAULTS))


def parser(words: "Collection[str]") -> "ArgumentParser":
    """Return the reader of a command line of these words.

    It knows every subcommand, and the options of those that are named among the words.
    """
    from argparse import ArgumentParser, RawDescriptionHelpFormatter

    class Parser(ArgumentParser):
        """A parser whose complaints hold nothing that a terminal would obey."""

        def error(self, message: str) -> NoReturn:
            from core.lab.letters import escaped

            super().error(escaped(message))

    parser = Parser(
        prog="oncelab",
        description="An interactive laboratory for exactly-once stream processing.",
        epilog="example:\n  oncelab\n\nWithout a command: the prompt. Where standard input is "
        "no terminal it is raw JSON\nlines instead, as in `oncelab node`: --store and "
        "--take-over are the same there, and\nthe other options change nothing.",
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"oncelab {__version__}")
    parser.add_argument(
        "--store", metavar="FILE", help="keep the session on disk: crashes are real"
    )
    parser.add_argument(
        "--take-over", action="store_true", help="take the store over from whoever has it"
    )
    parser.add_argument("--vi", action="store_true", help="edit the line with vi's keys")
    _add_looks(parser)
    parser.set_defaults(**DEFAULTS)
    _add_subcommands(parser, words)
    return parser


def _add_subcommands(parser: "ArgumentParser", words: "Collection[str]") -> None:
    """Add every subcommand, and the options of those that are named among the words."""
    from argparse import RawDescriptionHelpFormatter

    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, summary, example in SUBCOMMANDS:
        sub = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=f"example:\n  {example}",
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        _add_looks(sub)
        sub.set_defaults(subcommand=name)
        if name in words:
            _module(name).add(sub)


def _add_looks(parser: "ArgumentParser") -> None:
    """Add the options on how things look, and `--debug`."""
    from argparse import SUPPRESS

    parser.add_argument(
        "--plain",
        action="store_true",
        default=SUPPRESS,
        help="sentences, no boxes; so it is where the output is no terminal, "
        "unless colour is asked for",
    )
    colour = parser.add_mutually_exclusive_group()
    colour.add_argument(
        "--color",
        dest="colour",
        action="store_true",
        default=SUPPRESS,
        help="draw with colour, also into a pipe",
    )
    colour.add_argument(
        "--no-color", dest="colour", action="store_false", default=SUPPRESS, help="never colour"
    )
    parser.add_argument("--debug", action="store_true", default=SUPPRESS, help="show tracebacks")


def _module(name: str) -> ModuleType:
    """Return the module of a subcommand, or of the prompt."""
    return import_module(f"repl.cli.{name}")


if __name__ == "__main__":
    sys.exit(main())
