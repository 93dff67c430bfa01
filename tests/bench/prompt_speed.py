"""How fast the prompt is, as ratios from one run: `python tests/bench/prompt_speed.py`.

Start-up is measured in a terminal, from the start of the process to the first prompt, and
set against importing prompt-toolkit and rich alone; the rest is measured in this process.
Nothing is asserted.
"""

import io
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pexpect

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402

from core.lab import commands as c  # noqa: E402
from repl.render import notes  # noqa: E402
from repl.render.theme import UNICODE  # noqa: E402
from repl.session import Session  # noqa: E402

EVENTS = 100_000
WORDS = 800_000
ROUNDS = 15


def row(measure: str, figure: str, reach: str) -> None:
    """Print one line of the table."""
    print(f"{measure:<52} {figure:<34} {reach}")


def seconds(work: Callable[[], object]) -> float:
    """Return how long a piece of work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def to_first_prompt(*command: str, shown: str) -> float:
    """Return the seconds from starting a program in a terminal to its first prompt."""

    def start() -> None:
        child = pexpect.spawn(command[0], list(command[1:]), cwd=str(ROOT), timeout=30)
        child.setwinsize(24, 80)
        child.expect_exact(shown)
        child.close(force=True)

    return median(seconds(start) for _ in range(ROUNDS))


def to_end(*command: str) -> float:
    """Return the seconds that a program takes."""

    def run() -> None:
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    return median(seconds(run) for _ in range(ROUNDS))


def start_up() -> None:
    """Measure what happens before one can type."""
    python = sys.executable
    imports = "import prompt_toolkit, prompt_toolkit.shortcuts, rich.console; print('ready')"
    libraries = to_first_prompt(python, "-c", imports, shown="ready")
    prompt = to_first_prompt(python, "-m", "repl", shown="[1] >")
    row("start to first prompt ÷ the libraries alone", f"{prompt / libraries:.2f}", "≤ 1.15")
    try:
        rival = to_first_prompt(python, "-m", "IPython", "--no-banner", shown="In [")
    except pexpect.ExceptionPexpect:
        row("start to first prompt ÷ IPython's", "IPython is not installed here", "< 1")
    else:
        row("start to first prompt ÷ IPython's", f"{prompt / rival:.2f}", "< 1")
    argparse = to_end(python, "-c", "import argparse")
    for option in ("--help", "--version"):
        ratio = to_end(python, "-m", "repl", option) / argparse
        row(f"oncelab {option} ÷ importing argparse", f"{ratio:.2f}", "≤ 2")


def filled(events: int) -> Session:
    """Return a session fed so many events, one step each."""
    session = Session()
    for number in range(events):
        session.do(c.Process(None, f"w{number % 5000}"))
    return session


def drawn_step(session: Session) -> float:
    """Return the seconds of one `process` with its drawn step; the quickest of many."""
    console = Console(file=io.StringIO(), width=80, color_system="standard", force_terminal=True)

    def once() -> None:
        step = session.run("process hello").step
        assert step is not None
        console.print(notes.step(step, session.history).draw(UNICODE))

    return median(seconds(once) for _ in range(200))


def long_session() -> None:
    """Measure a session that was fed much."""
    few, many = filled(10), filled(EVENTS)
    ratio = drawn_step(many) / drawn_step(few)
    row(f"process + drawn step, {EVENTS:,} events ÷ 10", f"{ratio:.2f}", "≤ 1.5")
    undo = median(seconds(lambda: many.run("undo")) for _ in range(9))
    row(f"undo with {EVENTS:,} events", f"{undo * 1000:.0f} ms", "≤ 50 ms")
    first = seconds(lambda: many.run("goto 1"))
    row("goto the first step", f"{first * 1000:.0f} ms", "≤ 2000 ms")


def feed() -> None:
    """Measure feeding a book."""
    session = Session()
    words = tuple(f"w{number % 13000}" for number in range(WORDS))
    rate = WORDS / seconds(lambda: session.do(c.Feed(words)))
    row(f"feed of {WORDS:,} words", f"{rate:,.0f} words/s", "≥ 50,000 words/s")


if __name__ == "__main__":
    row("measure", "figure", "reach")
    start_up()
    long_session()
    feed()
