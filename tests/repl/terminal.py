"""A real terminal to test in: pexpect runs the program, pyte is the screen."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import pexpect
import pyte

ROOT = Path(__file__).parents[2]
_PATIENCE = 20.0


class Screen:
    """The program in a terminal of a given size; a context that ends it."""

    def __init__(
        self,
        home: Path,
        *arguments: str,
        columns: int = 80,
        rows: int = 24,
        environment: dict[str, str] | None = None,
        folder: Path = ROOT,
    ) -> None:
        """Start `oncelab` with these arguments in a folder; `home` is where it keeps its state."""
        self.screen = pyte.HistoryScreen(columns, rows, history=2000)
        self._stream = pyte.ByteStream(self.screen)
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in {"NO_COLOR", "FORCE_COLOR", "CI", "LC_ALL"}
        }
        self.raw = b""
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "repl", *arguments],
            cwd=str(folder),
            env={
                **inherited,
                "TERM": "xterm-256color",
                "LANG": "C.UTF-8",
                "XDG_STATE_HOME": str(home),
                **(environment or {}),
            },
            dimensions=(rows, columns),
            timeout=_PATIENCE,
        )
        # Asked where the cursor is, a terminal answers: the toolbar waits for that.
        self.screen.write_process_input = self.child.send  # type: ignore[method-assign]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.child.close(force=True)

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def type(self, keys: str) -> None:
        """Press keys."""
        self.child.send(keys)

    def enter(self, line: str, then: str) -> str:
        """Type a line and Enter, and wait until the screen shows `then`."""
        self.type(f"{line}\r")
        return self.until(then)

    def until(self, shown: str | Callable[[str], bool]) -> str:
        """Wait until the screen shows something; return the screen."""
        seen = shown if callable(shown) else lambda text: shown in text
        deadline = time.monotonic() + _PATIENCE
        while not seen(self.text):
            if time.monotonic() > deadline:
                message = f"never showed {shown!r}:\n{self.text}"
                raise AssertionError(message)
            self._take()
        return self.text

    def resize(self, rows: int, columns: int) -> None:
        """Change the size of the terminal."""
        self.screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    def wait(self) -> int:
        """Wait for the program to end; return its exit status."""
        deadline = time.monotonic() + _PATIENCE
        while self.child.isalive() and time.monotonic() < deadline:
            self._take()
        self._take()
        self.child.close()
        return int(self.child.exitstatus if self.child.exitstatus is not None else -1)

    def _take(self) -> None:
        try:
            data = self.child.read_nonblocking(65536, timeout=0.1)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return
        self.raw += data
        self._stream.feed(data)
