"""`oncelab` and its subcommands: from the command line to the part that does the work.

Imports come late: `oncelab --help` loads neither rich nor prompt-toolkit, and `oncelab
node` loads nothing that the raw mode has no use for.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from repl.render.terminal import Terminal

USAGE = 2
OUR_FAULT = 70
INTERRUPTED = 130
DEFAULTS = {
    "plain": None,
    "colour": None,
    "debug": False,
    "vi": False,
    "store": None,
    "take_over": False,
}
"""What the options of the prompt are where the command line does not say."""
REPORT = "this is a bug in Oncelab: please report it, with what --debug prints"


def main() -> int:
    """Run `oncelab` with the arguments of the process; return the exit status."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["node"] or (not arguments and not sys.stdin.isatty()):
        from core.__main__ import main as node

        return node(arguments[1:], "oncelab node")
    options = parser().parse_args(arguments) if arguments else no_options()
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone: nothing left to say
        return 0
    except Exception as fault:
        if options.debug:
            raise
        sys.stderr.write(f"oncelab: {type(fault).__name__}: {fault}; {REPORT}\n")
        return OUR_FAULT


def no_options() -> "Namespace":
    """Return what the parser says of an empty command line; making it takes a while."""
    from types import SimpleNamespace

    return cast("Namespace", SimpleNamespace(run=_prompt, **DEFAULTS))


def parser() -> "ArgumentParser":
    """Return the reader of the command line: every subcommand with its options."""
    from argparse import ArgumentParser, RawDescriptionHelpFormatter

    from core import __version__
    from repl.cli import lesson as teach

    parser = ArgumentParser(
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
    parser.set_defaults(run=_prompt, **DEFAULTS)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def add(name: str, summary: str, example: str) -> "ArgumentParser":
        sub = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=f"example:\n  {example}",
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        _add_looks(sub)
        return sub

    add(
        "node",
        "raw JSON lines: one request a line in, one reply a line out",
        "oncelab node < requests.jsonl",
    )
    run = add("run", "run a script of commands, one a line", "oncelab run story.lab")
    run.add_argument("script", metavar="SCRIPT", help="a file, or - for standard input")
    run.add_argument("--json", action="store_true", help="print one JSON object a step")
    run.add_argument("--keep-going", action="store_true", help="go on behind a failed line")
    run.set_defaults(run=_run)
    teach.add(add("lesson", teach.SUMMARY, teach.EXAMPLE))
    demo = add(
        "demo", "ninety seconds to look at, with nothing to read first", "oncelab demo --fast"
    )
    demo.add_argument("--fast", action="store_true", help="without pauses")
    demo.set_defaults(run=_demo)
    export = add(
        "export",
        "write a saved session as a page to play, a picture, a recording, ...",
        "oncelab export crash.lab -o run.html",
    )
    export.add_argument("session", metavar="SESSION", help="a file that `save` wrote, or a script")
    export.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        required=True,
        help="what to write, by the ending: .html .svg .txt .cast .mmd .jsonl .lesson.md",
    )
    export.set_defaults(run=_export)
    search = add(
        "search",
        "try every schedule of a few events, or every fault in a script",
        "oncelab search --without dedup",
    )
    search.add_argument(
        "script",
        nargs="?",
        metavar="SCRIPT",
        help="a crash at every boundary of this script, and every lost ack",
    )
    for bound, number in (("events", 3), ("faults", 2), ("checkpoints", 1)):
        search.add_argument(
            f"--{bound}",
            type=int,
            default=number,
            metavar="N",
            help=f"how many {bound} (default {number})",
        )
    search.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="MECHANISM",
        help="switch a mechanism off; may be repeated",
    )
    search.add_argument("--json", action="store_true", help="print one JSON object")
    search.set_defaults(run=_search)
    check = add(
        "check",
        "test your own node, and explain the first difference",
        "oncelab check -- python3 my_node.py",
    )
    check.add_argument(
        "--cases",
        type=int,
        default=200,
        metavar="N",
        help="how many random schedules (default 200)",
    )
    check.add_argument("--seed", type=int, default=0, metavar="N", help="draw other schedules")
    check.add_argument(
        "--limit",
        type=float,
        default=5.0,
        metavar="SECONDS",
        help="how long a reply may take (default 5)",
    )
    check.add_argument(
        "--strict", action="store_true", help="what goes beyond the four basic messages counts too"
    )
    check.add_argument("--exact", action="store_true", help="compare replies byte for byte")
    check.add_argument("--json", action="store_true", help="print one JSON object")
    check.add_argument("node", nargs="+", metavar="COMMAND", help="the command, behind --")
    check.set_defaults(run=_check)
    store = add("store", "check a durable store", "oncelab store verify lab.db")
    store.add_argument("verb", choices=["verify"], metavar="verify", help="read it all, and judge")
    store.add_argument("file", metavar="FILE", help="the store; it is not changed")
    store.set_defaults(run=_verify)
    return parser


def _add_looks(parser: "ArgumentParser") -> None:
    """Add the options on how things look, and `--debug`."""
    from argparse import SUPPRESS

    parser.add_argument(
        "--plain", action="store_true", default=SUPPRESS, help="plain ASCII sentences"
    )
    colour = parser.add_mutually_exclusive_group()
    colour.add_argument(
        "--color", dest="colour", action="store_true", default=SUPPRESS, help="always colour"
    )
    colour.add_argument(
        "--no-color", dest="colour", action="store_false", default=SUPPRESS, help="never colour"
    )
    parser.add_argument("--debug", action="store_true", default=SUPPRESS, help="show tracebacks")


def _terminal(options: "Namespace") -> "Terminal":
    from repl.render.terminal import look

    return look(sys.stdout, colour=options.colour, plain=options.plain)


def _prompt(options: "Namespace") -> int:
    from repl.prompt.shell import Shell, bare, person
    from repl.render.terminal import both_ends
    from repl.session import Session

    terminal = _terminal(options)
    if options.take_over and not options.store:
        return _complain("--take-over needs --store FILE", USAGE)
    session = Session()
    if options.store is not None:
        from core.errors import Unusable
        from repl.session import on_disk

        try:
            session = on_disk(options.store, take_over=options.take_over)
        except Unusable as fault:
            return _complain(f"cannot use the store {options.store}: {fault}", 1)
    store = session.lab.durability.disk
    try:
        shell = Shell(session, terminal, debug=options.debug)
        able = both_ends() and not terminal.plain
        return shell.loop(person(shell, vi=options.vi) if able else bare(shell))
    finally:
        if store is not None:
            store.close()


def _verify(options: "Namespace") -> int:
    from core.store.verify import verify

    if not Path(options.file).exists():
        return _complain(f"{options.file}: there is no such file", USAGE)
    report = verify(options.file)
    for rule, text in report.findings:
        sys.stdout.write(f"{options.file}: {rule}: {text}\n")
    if report.findings:
        return 1
    saved = f"{report.checkpoints} checkpoint{'' if report.checkpoints == 1 else 's'}"
    sound = f"sound: {report.events} seen, {report.outputs} committed, {saved}"
    sys.stdout.write(f"{options.file}: {sound}\n")
    return 0


def _complain(text: str, status: int) -> int:
    sys.stderr.write(f"oncelab: {text}\n")
    return status


def _run(options: "Namespace") -> int:
    from repl.cli import run as batch

    return batch.run(
        options.script, _terminal(options), as_json=options.json, keep_going=options.keep_going
    )


def _demo(options: "Namespace") -> int:
    from repl.cli import demo

    return demo.run(options)


def _export(options: "Namespace") -> int:
    from repl.cli import export as cli

    return cli.run(options)


def _search(options: "Namespace") -> int:
    from repl.cli import search as searches

    return searches.search(options, _terminal(options))


def _check(options: "Namespace") -> int:
    from repl.cli import search as searches

    return searches.check(options, _terminal(options))


if __name__ == "__main__":
    sys.exit(main())
