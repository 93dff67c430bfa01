"""`oncelab` and its subcommands: from the command line to the part that does the work.

A subcommand is a row of SUBCOMMANDS and a module of its name. Only the module that was asked
for is imported, and argparse where there is something to read: neither the raw mode nor a prompt
without options waits for what it does not use, and `oncelab --help` loads no rich.
"""

import sys
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple, NoReturn, cast

from core import __version__
from repl.cli.exits import Exit, complain

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
    if arguments[:1] == ["node"] or (not arguments and not sys.stdin.isatty()):
        from repl.cli.node import serve

        return serve(arguments[1:])
    try:
        return _run(parser(arguments).parse_args(arguments) if arguments else no_options())
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone: nothing left to say
        return Exit.OK


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
            from repl.render.theme import escaped

            super().error(escaped(message))

    parser = Parser(
        prog="oncelab",
        description="An interactive laboratory for exactly-once stream processing.",
        epilog="example:\n  oncelab\n\nWithout a command: the prompt; raw JSON lines "
        "when standard input is not a terminal.",
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
        "--plain", action="store_true", default=SUPPRESS, help="sentences, no boxes"
    )
    colour = parser.add_mutually_exclusive_group()
    colour.add_argument(
        "--color", dest="colour", action="store_true", default=SUPPRESS, help="always colour"
    )
    colour.add_argument(
        "--no-color", dest="colour", action="store_false", default=SUPPRESS, help="never colour"
    )
    parser.add_argument("--debug", action="store_true", default=SUPPRESS, help="show tracebacks")


def _run(options: "Namespace") -> int:
    """Run a subcommand; a fault of ours costs one line."""
    try:
        return int(_module(options.subcommand).run(options))
    except BrokenPipeError:
        raise
    except Exception as fault:
        if options.debug:
            raise
        return complain(f"{type(fault).__name__}: {fault}; {REPORT}", Exit.OUR_FAULT)


def _module(name: str) -> ModuleType:
    """Return the module of a subcommand, or of the prompt."""
    return import_module(f"repl.cli.{name}")


if __name__ == "__main__":
    sys.exit(main())
