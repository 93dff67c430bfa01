"""`oncelab demo`: ninety seconds to look at, with nothing to read first.

Everything in it happens: the commands go through a session like anybody's, and what they
answer is worked out there and then. Only the remarks, and the pauses to read them in, are
made up beforehand.
"""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from typing import NamedTuple

from repl.cli import lesson, output
from repl.cli.exits import Exit
from repl.render import View, notes
from repl.render.report import Report, try_row
from repl.render.report_view import Lines, ReportView
from repl.render.terminal import Terminal, both_ends
from repl.session import Session

LESSON = "1"


class Scene(NamedTuple):
    """A remark, and the commands that show what it says."""

    remark: str
    commands: tuple[str, ...]


SCENES = (
    Scene(
        "One event. Its ack gets lost on the way back, so the source sends it again.",
        ("mechanism dedup off", "process e1 hello", "lose ack", "retry"),
    ),
    Scene(
        "There was one hello, and the count says 2. Now with all mechanisms on.",
        ("reset", "process e1 hello", "checkpoint cp1", "lose ack", "retry"),
    ),
    Scene(
        "Skipped: its id was known. And if the processor itself dies?",
        ("process e2 hello", "crash", "restore cp1", "replay"),
    ),
    Scene(
        "As if nothing had happened. Was that luck? Try every schedule of two events.",
        ("search 2 1",),
    ),
    Scene(
        "Now without one of the mechanisms: the same search.",
        ("mechanism dedup off", "search 2 1"),
    ),
    Scene("No schedule of an honest source is shorter. That is what this is for.", ()),
)

_KEY = 0.045
_REMARK = 4.0
_LINE = 0.42
_STEP = 1.4
"""Seconds for a key, to read a remark, for each line of an answer, and for an answer at all."""

Wait = Callable[[float], None]


def add(parser: ArgumentParser) -> None:
    """Add its argument."""
    parser.add_argument("--fast", action="store_true", help="without pauses")


def run(options: Namespace) -> Exit:
    """Show the demo as the options ask."""
    terminal = output.terminal(options)
    paced = terminal.out.isatty() and not options.fast
    asked = both_ends() and not options.fast
    return show(terminal, time.sleep if paced else _at_once, _asked if asked else None)


def show(terminal: Terminal, wait: Wait, ask: Callable[[], bool] | None) -> Exit:
    """Show the demo on a terminal; `ask` asks whether to go on with the first lesson.

    Ctrl-C ends it at once, in good order.
    """
    try:
        play(terminal, wait, SCENES)
        terminal.show(_offer())
        wanted = ask is not None and ask()
    except (KeyboardInterrupt, EOFError):
        print(file=terminal.out)
        terminal.show(_left())
        return Exit.INTERRUPTED
    if not wanted:
        return Exit.OK
    return lesson.walk(LESSON, None, terminal, vi=False, debug=False)


def play(terminal: Terminal, wait: Wait, scenes: Sequence[Scene]) -> None:
    """Play scenes: each remark, then its commands as if somebody typed them."""
    session = Session()
    for remark, commands in scenes:
        terminal.show(Lines((f"# {remark}",), "try"))
        wait(_REMARK)
        for line in commands:
            _type(session, line, terminal, wait)
            view = _answer(session, line)
            terminal.show(view)
            wait(_STEP + _LINE * _rows(view))
        if not terminal.plain:
            print(file=terminal.out)


def _rows(view: View) -> int:
    """Return how many lines an answer has below its first."""
    report = getattr(view, "report", None)
    return view.plain().count("\n") if report is None else len(report.rows + report.deliveries)


def _answer(session: Session, line: str) -> View:
    """Carry out a line; return what is to be seen of it."""
    outcome = session.run(line)
    if outcome.step is not None:
        return notes.step(outcome.step, session.history, session.takes)
    assert outcome.view is not None, line
    return outcome.view


def _type(session: Session, line: str, terminal: Terminal, wait: Wait) -> None:
    """Write a command behind the prompt, key by key; in plain sentences, all at once."""
    out = terminal.out
    if terminal.plain:
        print(f"> {line}", file=out, flush=True)
        return
    down = "" if session.lab.up else " down"
    print(f"\n[{session.lab.number}{down}] > ", end="", file=out, flush=True)
    wait(_STEP / 2)
    for key in line:
        print(key, end="", file=out, flush=True)
        wait(_KEY)
    print(file=out)


def _offer() -> View:
    headline = "lesson 1 begins where this began: with a count that is wrong"
    rows = try_row(f"oncelab lesson {LESSON}", "oncelab")
    return ReportView(Report("NEXT", headline, rows))


def _left() -> View:
    headline = "the demo ends here"
    return ReportView(
        Report(
            "BYE",
            headline,
            try_row(f"oncelab lesson {LESSON}", "oncelab demo --fast"),
        )
    )


def _asked() -> bool:
    """Ask whether to begin with the first lesson; Enter says yes."""
    return input("Begin with it now? [Enter: yes, n: no] ").strip().lower() in {"", "y", "yes"}


def _at_once(_seconds: float) -> None:
    """Wait for nothing."""
