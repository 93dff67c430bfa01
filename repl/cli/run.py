"""`oncelab run`: a script from a file or a pipe, each step drawn, told, or as JSON.

Results go to standard output, what went wrong to standard error as `FILE:LINE: ...`.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import Refused
from repl import files
from repl.export import data
from repl.render import View, notes
from repl.render.terminal import Terminal
from repl.session import Outcome, Session

if TYPE_CHECKING:
    from collections.abc import Iterable

FAILED = 1
UNREADABLE = 2


def run(name: str, terminal: Terminal, *, as_json: bool, keep_going: bool) -> int:
    """Run the script of this name (`-`: standard input); return the exit status.

    The script stops at the first line that fails, or with `keep_going` at its end; it
    has failed all the same.
    """
    try:
        lines: Iterable[str] = sys.stdin if name == "-" else files.read(Path(name)).split("\n")
    except files.Unreadable as fault:
        sys.stderr.write(f"oncelab run: {fault}\n")
        return UNREADABLE
    where = "standard input" if name == "-" else name
    session = Session()
    status = 0
    for number, line in enumerate(lines, 1):
        try:
            outcome = session.run(line.rstrip("\n"))
        except Refused as fault:
            sys.stderr.write(f"{where}:{number}: {fault.text}; try: {fault.hint}\n")
            status = FAILED
        else:
            _show(outcome, line.strip(), session, terminal, as_json=as_json)
            if outcome.leave:
                break
            if outcome.failed:
                what = "not met" if outcome.view is not None else "refused"
                sys.stderr.write(f"{where}:{number}: {what}: {line.strip()}\n")
                status = FAILED
        if status and not keep_going:
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
    views: list[View] = []
    if outcome.step is not None:
        if not terminal.plain:
            views.append(notes.typed(outcome.step))
        views.append(notes.step(outcome.step, session.history, session.takes))
    elif outcome.view is not None:
        views.append(outcome.view)
    if outcome.wire:
        views.append(notes.wire_lines(outcome.wire))
    if outcome.beside is not None:
        views.append(outcome.beside)
    for view in views:
        terminal.show(view)
