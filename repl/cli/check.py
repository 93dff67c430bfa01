"""`oncelab check`: somebody else's node, put to the test."""

import json
from argparse import ArgumentParser, Namespace

from core.examiner import conformance
from core.examiner.report import of_check
from repl.cli import output
from repl.cli.exits import Exit, complain
from repl.prompt.progress import Progressing
from repl.render import searching
from repl.session import Session

_EXITS = {"pass": Exit.OK, "fail": Exit.FAILED, "broken": Exit.MISUSED}


def add(parser: ArgumentParser) -> None:
    """Add its arguments."""
    parser.add_argument(
        "--cases",
        type=int,
        default=200,
        metavar="N",
        help="how many random schedules (default 200)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="draw other schedules")
    parser.add_argument(
        "--limit",
        type=float,
        default=5.0,
        metavar="SECONDS",
        help="how long a reply may take (default 5)",
    )
    parser.add_argument(
        "--strict", action="store_true", help="what goes beyond the four basic messages counts too"
    )
    parser.add_argument("--exact", action="store_true", help="compare replies byte for byte")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("node", nargs="+", metavar="COMMAND", help="the command, behind --")


def run(options: Namespace) -> Exit:
    """Test a node: it has passed, it differs, or it could not be tested."""
    if options.cases < 0 or options.limit <= 0:
        text = "--cases is 0 or more, and --limit more than 0 seconds"
        return complain(text, Exit.MISUSED, "check")
    to = output.terminal(options)
    terms = conformance.Terms(
        options.cases, options.seed, options.strict, options.exact, options.limit
    )
    with Progressing(to, Session()) as work:
        checked = conformance.check(options.node, terms, work)
    output.show(to, json.dumps(of_check(checked)) if options.json else searching.checked(checked))
    return Exit.INTERRUPTED if work.interrupted else _EXITS[checked.verdict]
