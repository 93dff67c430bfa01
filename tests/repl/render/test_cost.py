"""What a view costs: the drawing of one step does not depend on the session behind it."""

import subprocess
import sys
import time

import pytest

from core.lab import commands as c
from core.lab.history import History
from repl.export.moments import takes
from repl.render import machine, notes
from tests.repl.render.sessions import drawn, played

MUCH = 100_000


@pytest.fixture(scope="module")
def small() -> History:
    """A session with ten events."""
    return played(c.Feed(("a", "b") * 5), c.Checkpoint())


@pytest.fixture(scope="module")
def large() -> History:
    """A session with 100,000 events."""
    words = tuple(f"w{number}" for number in range(MUCH))
    return played(c.Feed(words), c.Checkpoint())


def best(session: History, command: c.Command) -> float:
    """Return the shortest time that drawing the step of a command took."""
    step = session.do(command)
    times = []
    for _ in range(15):
        start = time.perf_counter()
        drawn(notes.step(step, session, takes(session.lab)))
        times.append(time.perf_counter() - start)
    return min(times)


@pytest.mark.parametrize(
    "command", [c.Process(None, "a"), c.Retry("e1"), c.Checkpoint(), c.Commit(), c.Crash()]
)
def test_drawing_a_step_costs_the_same_in_a_long_session(
    command: c.Command, small: History, large: History
) -> None:
    """With 100,000 events behind it a step is drawn as quickly as with ten."""
    assert best(large, command) < 3 * best(small, command)


def test_drawing_the_machine_costs_the_same_in_a_long_session(
    small: History, large: History
) -> None:
    """`show` looks at totals and at the first few entries."""

    def shortest(session: History) -> float:
        times = []
        for _ in range(15):
            start = time.perf_counter()
            drawn(machine.show(session.lab))
            times.append(time.perf_counter() - start)
        return min(times)

    assert shortest(large) < 3 * shortest(small)


def test_rich_is_not_loaded_before_something_is_drawn() -> None:
    """Importing the views, and telling a step in plain words, needs no rich."""
    program = (
        "import sys; from repl.render import changes, event_trace, history, machine, notes;"
        "from repl.render import score, tables;"
        "from repl.render import timeline; from core.lab.history import History;"
        "from core.lab import commands;"
        "of = History(); notes.step(of.do(commands.Process('e1', 'a')), of).plain();"
        "machine.show(of.lab).plain(); sys.exit('rich' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
