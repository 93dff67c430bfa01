"""`oncelab search`: every schedule of a few events, or every fault in a script."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

from core.errors import Mistyped
from core.lab.lab import Lab
from core.mechanisms import EXACTLY_ONCE, SWITCHES
from core.search import report
from core.search.explore import explore
from core.search.moves import Bounds
from core.search.sweep import sweep
from repl import script
from repl.cli import output
from repl.cli.exits import Exit, complain
from repl.prompt.progress import Progressing
from repl.render import searching
from repl.render.terminal import Terminal
from repl.session import Session


def add(parser: ArgumentParser) -> None:
    """Add its arguments."""
    parser.add_argument(
        "script",
        nargs="?",
        metavar="SCRIPT",
        help="a crash at every boundary of this script, and every lost ack",
    )
    for bound, number in (("events", 3), ("faults", 2), ("checkpoints", 1)):
        parser.add_argument(
            f"--{bound}",
            type=int,
            default=number,
            metavar="N",
            help=f"how many {bound} (default {number})",
        )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="MECHANISM",
        help="switch a mechanism off; may be repeated",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: Namespace) -> Exit:
    """Search every schedule, or sweep a script; it has failed where a rule is broken."""
    unknown = [name for name in options.without if name not in SWITCHES]
    if unknown:
        return _misused(f"no mechanism {unknown[0]!r}: {', '.join(SWITCHES)}")
    bounds = Bounds(options.events, options.faults, options.checkpoints)
    if min(bounds) < 0:
        return _misused("a number of events, faults or checkpoints is 0 or more")
    mechanisms = EXACTLY_ONCE._replace(**{SWITCHES[name]: False for name in options.without})
    session, to = Session(lambda: Lab(mechanisms)), output.terminal(options)
    if options.script is not None:
        return _sweep(options, session, to)
    with Progressing(to, session) as work:
        found = explore(bounds, session.start, on_progress=work)
    shown = json.dumps(report.of_search(found)) if options.json else searching.found(found)
    output.show(to, shown)
    if work.stopped:
        return Exit.INTERRUPTED
    return Exit.FAILED if found.violations else Exit.OK


def _sweep(options: Namespace, session: Session, to: Terminal) -> Exit:
    try:
        history = script.load(Path(options.script), session.start)
    except Mistyped as fault:
        return _misused(fault.text)
    commands = [step.command for step in history.steps]
    with Progressing(to, session) as work:
        swept = sweep(commands, lambda: history.at(0), work)
    shown = json.dumps(report.of_sweep(swept)) if options.json else searching.swept(swept)
    output.show(to, shown)
    if work.stopped:
        return Exit.INTERRUPTED
    return Exit.OK if swept.witness is None else Exit.FAILED


def _misused(text: str) -> Exit:
    return complain(text, Exit.MISUSED, "search")
