"""`oncelab search`: every schedule of a few events, or every fault in a script."""

import gc
import json
from argparse import ArgumentParser, Namespace

from core.errors import Mistyped
from core.lab.lab import Lab
from core.mechanisms import EXACTLY_ONCE, SWITCHES
from core.search import report
from core.search import sweep as sweeps
from core.search.explore import MOST, explore
from core.search.moves import DEFAULT
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
    for bound, number in DEFAULT._asdict().items():
        parser.add_argument(
            f"--{bound}",
            type=int,
            metavar="N",
            help=f"how many {bound} (default {number}); without SCRIPT",
        )
    parser.add_argument(
        "--states",
        type=int,
        default=MOST,
        metavar="N",
        help=f"how many states at most: it is not complete then (default {MOST})",
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
    wrong = _wrong(options)
    if wrong is not None:
        return _misused(wrong)
    bounds = DEFAULT._replace(**_given(options))
    mechanisms = EXACTLY_ONCE._replace(**{SWITCHES[name]: False for name in options.without})
    session, to = Session(lambda: Lab(mechanisms)), output.terminal(options)
    if options.script is not None:
        return _sweep(options, session, to)
    with Progressing(to, session) as work:
        found = explore(
            bounds, session.start, most=options.states, on_progress=work, hold=_until_the_end
        )
    shown = json.dumps(report.of_search(found)) if options.json else searching.found(found)
    output.show(to, shown)
    if found.ended == "stopped":
        return Exit.INTERRUPTED
    if found.ended == "too many states":
        text = f"{searching.TOO_MUCH}; try fewer events or faults, or more --states"
        return complain(text, Exit.FAILED, "search")
    return Exit.FAILED if found.violations else Exit.OK


def _until_the_end(held: object) -> None:
    """Have something left alone when the process ends, and not freed part by part."""
    cycle = [held]
    cycle.append(cycle)  # so no counting of references frees it,
    gc.freeze()  # and no collection looks at it


def _wrong(options: Namespace) -> str | None:
    """Return what is wrong with the options; None if nothing is."""
    unknown = [name for name in options.without if name not in SWITCHES]
    if unknown:
        return f"no mechanism {unknown[0]!r}: {', '.join(SWITCHES)}"
    given = _given(options)
    if options.script is not None and given:
        return f"--{next(iter(given))} goes without SCRIPT, which has its own events"
    if options.script == "-":
        return "SCRIPT is a file here: oncelab run alone reads standard input"
    if min(given.values(), default=0) < 0:
        return "a number of events, faults or checkpoints is 0 or more"
    return "a number of states is 1 or more" if options.states < 1 else None


def _given(options: Namespace) -> dict[str, int]:
    """Return the bounds that the options name."""
    named = {name: getattr(options, name) for name in DEFAULT._fields}
    return {name: number for name, number in named.items() if number is not None}


def _sweep(options: Namespace, session: Session, to: Terminal) -> Exit:
    try:
        history = script.load(options.script, session.start)
    except Mistyped as fault:
        return _misused(fault.text)
    commands = [step.command for step in history.steps]
    with Progressing(to, session) as work:
        swept = sweeps.sweep(commands, lambda: history.at(0), work, most=sweeps.MOST)
    shown = json.dumps(report.of_sweep(swept)) if options.json else searching.swept(swept)
    output.show(to, shown)
    if swept.ended == "stopped":
        return Exit.INTERRUPTED
    if swept.witness is None and swept.ended == "too long":
        text = f"{searching.TOO_MUCH}; try a shorter script"
        return complain(text, Exit.FAILED, "search")
    return Exit.OK if swept.witness is None else Exit.FAILED


def _misused(text: str) -> Exit:
    return complain(text, Exit.MISUSED, "search")
