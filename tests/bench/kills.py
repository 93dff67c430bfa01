"""Kill the durable node thousands of times and say what came of it.

    python tests/bench/kills.py [--kills 10000] [--seed 1]

In rounds of 200 kills, each on a new store. A difference to the model ends the program.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.core.store import kill_loop

ROUND = 200


def main() -> None:
    """Kill, and print a line a round."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=10_000, help="how often (default 10,000)")
    parser.add_argument("--seed", type=int, default=1, help="another order of what happens")
    options = parser.parse_args()
    began = time.perf_counter()
    kills = outputs = resent = lost = doubled = 0
    while kills < options.kills:
        with tempfile.TemporaryDirectory() as folder:
            wanted = min(ROUND, options.kills - kills)
            outcome = kill_loop.run(Path(folder, "store"), wanted, options.seed + kills)
        kills += outcome.kills
        outputs += outcome.outputs
        resent += outcome.resent
        lost += outcome.lost
        doubled += outcome.doubled
        print(
            f"kills survived {kills:,}, lost {lost}, doubled {doubled}   "
            f"({outputs:,} outputs, {resent:,} requests sent again, "
            f"{time.perf_counter() - began:.0f} s)",
            flush=True,
        )


if __name__ == "__main__":
    main()
