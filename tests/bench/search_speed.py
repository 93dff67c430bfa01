"""How fast the search, the sweep and the check are: `python tests/bench/search_speed.py`.

Of the search and the sweep it is CPU time, the best of several runs, as other programs on
the machine make one slow; of the check, which is mostly other processes, wall time.
"""

import sys
from collections.abc import Callable
from time import perf_counter, process_time

from core.examiner.conformance import Terms, check
from core.lab import commands as c
from core.search.explore import explore
from core.search.moves import Bounds
from core.search.sweep import sweep

ROUND: list[c.Command] = [
    c.Process(None, "hello"),
    c.Process(None, "world"),
    c.Checkpoint("cp1"),
    c.Process(None, "hello"),
    c.Commit(),
]
SESSION = ROUND * 10


def best(runs: int, work: Callable[[], object]) -> float:
    """Return the CPU seconds of the fastest of some runs."""
    seconds = []
    for _ in range(runs):
        started = process_time()
        work()
        seconds.append(process_time() - started)
    return min(seconds)


def search(bounds: Bounds, runs: int, limit: float) -> None:
    """Print the figures of one configuration."""
    found = explore(bounds)
    seconds = best(runs, lambda: explore(bounds))
    print(
        f"search, {bounds.events} events / {bounds.faults} faults: {found.states:,} states, "
        f"{found.schedules:,} transitions in {seconds:.2f} s (at most {limit} s), "
        f"{found.schedules / seconds:,.0f} transitions/s (at least 50,000)"
    )


def main() -> None:
    """Print every figure of the issue, with what it should be."""
    search(Bounds(3, 2, 1), 5, 0.5)
    search(Bounds(6, 3, 1), 2, 6)
    seconds = best(3, lambda: sweep(SESSION))
    cases = len(sweep(SESSION).cases)
    print(f"sweep, {len(SESSION)} steps: {cases} cases in {seconds:.2f} s (at most 2 s)")
    node = [sys.executable, "-m", "core"]
    started = perf_counter()
    check(node, Terms(cases=1000))
    print(f"check of a good node, 1,000 cases: {perf_counter() - started:.1f} s (at most 20 s)")


if __name__ == "__main__":
    main()
