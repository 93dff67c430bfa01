"""How fast the exported page is: `python tests/bench/player_speed.py`.

Five thousand steps in headless Chromium. Nothing is asserted.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from repl.export import write  # noqa: E402
from tests.repl.export.browser import Browser, missing  # noqa: E402
from tests.repl.export.golden import long  # noqa: E402

STEPS = 5000
TIMES = """(() => {
  const spent = [];
  const keys = ["ArrowRight", "End", "ArrowLeft", "ArrowLeft", "Home", "ArrowRight"];
  for (let turn = 0; turn < 60; turn += 1) {
    const begun = performance.now();
    const key = keys[turn % keys.length];
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    document.body.getBoundingClientRect();
    spent.push(performance.now() - begun);
  }
  return spent;
})()"""
LOADED = "performance.getEntriesByType('navigation')[0].domComplete"


def main() -> None:
    """Print how long the page takes to load, and a step to change."""
    reason = missing()
    if reason is not None:
        sys.exit(reason)
    browser = Browser()
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "run.html"
        write(long(STEPS), str(page))
        loads, changes = [], []
        for _ in range(5):
            browser.open(page)
            loads.append(browser("evaluate", LOADED))
            changes += browser("evaluate", TIMES)
    browser.close()
    print(f"load of {STEPS:,} steps: {median(loads):.0f} ms (reach: 2000 ms)")
    print(f"change of a step: {median(changes):.0f} ms, worst {max(changes):.0f} ms (reach: 50 ms)")


if __name__ == "__main__":
    main()
