"""A headless Chromium for the tests of the player, or the reason why there is none."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

_DRIVER = Path(__file__).with_name("driver.mjs")
_PACKAGES = ("playwright-core", "axe-core", "mermaid")


def folder() -> Path:
    """Return where `browser-setup` puts the packages of npm."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("ONCELAB_BROWSER") or cache / "oncelab-browser")


def missing() -> str | None:
    """Say what is not there that a browser needs, or None."""
    for program in ("node", "chromium"):
        if shutil.which(program) is None:
            return f"{program} is not installed: see tests/repl/export/browser-setup"
    for package in _PACKAGES:
        if not (folder() / "node_modules" / package).is_dir():
            return f"npm's {package} is not installed: see tests/repl/export/browser-setup"
    return None


class Browser:
    """One browser with one page; each verb is one of `driver.mjs`."""

    def __init__(self) -> None:
        """Start it. `quiet`: the test expects no complaint."""
        self.quiet = True
        chromium = shutil.which("chromium")
        self._driver = subprocess.Popen(
            ["node", _DRIVER, folder(), chromium or ""],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __call__(self, verb: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever the page answers
        """Do something with the page; return what came of it."""
        pipes = self._driver.stdin, self._driver.stdout
        assert pipes[0] is not None
        assert pipes[1] is not None
        pipes[0].write(json.dumps([verb, *arguments]) + "\n")
        pipes[0].flush()
        answer = json.loads(pipes[1].readline())
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["value"]

    def check(self) -> None:
        """Fail where the page fetched anything but itself, or complained of anything."""
        traffic = self("traffic")
        assert [each for each in traffic["requests"] if not each.startswith("file:")] == []
        assert len(traffic["requests"]) <= 1
        assert traffic["complaints"] == []

    def open(self, file: Path | str, step: int | None = None, **options: object) -> None:
        """Open a file, at a step, in a fresh context with these options."""
        size = {"viewport": {"width": 1280, "height": 800}}
        self("open", f"{file}" + (f"#step-{step}" if step is not None else ""), size | options)

    def close(self) -> None:
        """End it."""
        if self._driver.stdin is not None:
            self._driver.stdin.close()
        self._driver.wait(20)
