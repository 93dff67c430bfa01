"""`oncelab run`: a script from a file or a pipe, each step drawn, told, or as JSON.

Results go to standard output, what went wrong to standard error as `FILE:LINE: ...`.
"""

import json
import sys
from argparse import ArgumentParser, Namespace

from core.errors import Refused
from repl import files, registry
from repl.cli import output
from repl.cli.exits import STOPPED, Exit, complain, tell_line
from repl.export import data
from repl.prompt.progress import Progressing
from repl.render import notes
from repl.render.terminal import Terminal
from repl.session import Outcome, Session


def add(parser: ArgumentParser) -> None:
    """Add its arguments."""
    parser.add_argument("script", metavar="SCRIPT", help="a file, or - for standard input")
    parser.add_argument("--json", action="store_true", help="print one JSON object a step")
    parser.add_argument("--keep-going", action="store_true", help="go on behind a failed line")


def run(options: Namespace) -> Exit:
    """Run a script (`-`: standard input).

    It stops at the first line that fails, or with `--keep-going` at its end; it has failed
    all the same. Ctrl-C ends it, and a search or a feed tells then what it has done.
    """
    name, terminal = options.script, output.terminal(options)
    try:
        lines = sys.stdin if name == "-" else files.read(name).split("\n")
    except files.UnreadableFile as fault:
        return complain(str(fault), Exit.MISUSED, "run")
    where = "standard input" if name == "-" else name
    session = Session(needed=output.reading(name))
    status = Exit.OK
    for number, line in enumerate(lines, 1):
        work = Progressing(terminal, session, heeds=registry.stops(line))
        try:
            with work:
                outcome = session.run(line.rstrip("\n"))
        except Refused as fault:
            tell_line(where, number, fault.text, fault.hint)
            status = Exit.FAILED
        else:
            _show(outcome, line.strip(), session, terminal, as_json=options.json)
            if outcome.leave:
                break
            if work.interrupted:
                tell_line(where, number, STOPPED)
            elif outcome.failed:
                tell_line(where, number, f"{outcome.why or 'refused'}: {line.strip()}")
                status = Exit.FAILED
        if work.interrupted:
            return Exit.INTERRUPTED
        if status and not options.keep_going:
            break
    return status


def _show(
    outcome: Outcome, line: str, session: Session, terminal: Terminal, *, as_json: bool
) -> None:
    """Write one line's outcome."""
    if as_json:
        shown = data.as_json(outcome, line, session.history)
        if shown is not None:
            print(json.dumps(shown), file=terminal.out)
        return
    if outcome.step is not None:
        output.step(terminal, outcome.step, session)
    elif outcome.view is not None:
        terminal.show(outcome.view)
    if outcome.wire:
        terminal.show(notes.wire_lines(outcome.wire))
    if outcome.guidance is not None:
        terminal.show(outcome.guidance)
