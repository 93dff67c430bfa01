"""`oncelab search` and `oncelab check`: the searches, from the command line."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from core.check.conformance import Terms
from core.check.conformance import check as check_node
from core.check.report import of_check
from core.errors import Mistyped
from core.lab.lab import Lab
from core.mechanisms import EXACTLY_ONCE, SWITCHES
from core.search import report
from core.search.explore import explore
from core.search.moves import Bounds
from core.search.sweep import sweep
from repl import script
from repl.prompt.progress import Progressing
from repl.render import View, searching
from repl.render.terminal import Terminal
from repl.session import Session

FAILED = 1
USAGE = 2
_EXITS = {"pass": 0, "fail": 1, "broken": 2}


def search(options: Namespace, terminal: Terminal) -> int:
    """Search every schedule, or sweep a script; 1 where something broke, 2 for bad input."""
    unknown = [name for name in options.without if name not in SWITCHES]
    if unknown:
        return _misused("search", f"no mechanism {unknown[0]!r}: {', '.join(SWITCHES)}")
    bounds = Bounds(options.events, options.faults, options.checkpoints)
    if min(bounds) < 0:
        return _misused("search", "a number of events, faults or checkpoints is 0 or more")
    mechanisms = EXACTLY_ONCE._replace(**{SWITCHES[name]: False for name in options.without})
    session = Session(lambda: Lab(mechanisms))
    if options.script is not None:
        return _sweep(options, session, terminal)
    with Progressing(terminal, session) as work:
        found = explore(bounds, session.start, watch=work)
    _show(terminal, searching.found(found), report.of_search(found) if options.json else None)
    return FAILED if found.violations else 0


def check(options: Namespace, terminal: Terminal) -> int:
    """Test somebody's own node: 0 good, 1 it differs, 2 it could not be tested."""
    if options.cases < 0 or options.limit <= 0:
        return _misused("check", "--cases is 0 or more, and --limit more than 0 seconds")
    terms = Terms(options.cases, options.seed, options.strict, options.exact, options.limit)
    with Progressing(terminal, Session()) as work:
        checked = check_node(options.node, terms, work)
    _show(
        terminal,
        searching.checked(checked),
        of_check(checked) if options.json else None,
    )
    return _EXITS[checked.verdict]


def _sweep(options: Namespace, session: Session, terminal: Terminal) -> int:
    try:
        history = script.load(Path(options.script), session.start)
    except Mistyped as fault:
        return _misused("search", fault.text)
    commands = [step.command for step in history.steps]
    with Progressing(terminal, session) as work:
        swept = sweep(commands, lambda: history.at(0), work)
    _show(terminal, searching.swept(swept), report.of_sweep(swept) if options.json else None)
    return 0 if swept.witness is None else FAILED


def _show(terminal: Terminal, view: View, data: dict[str, Any] | None) -> None:
    if data is not None:
        print(json.dumps(data), file=terminal.out)
    else:
        terminal.show(view)


def _misused(command: str, text: str) -> int:
    sys.stderr.write(f"oncelab {command}: {text}\n")
    return USAGE
