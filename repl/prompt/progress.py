"""Long work: a progress bar on a terminal, and Ctrl-C that stops it with what it has.

While a command runs, Ctrl-C raises nothing: it would leave the laboratory half way. It is
noted, and the work is asked to stop at the next place where it can. Whether it left something
undone then, only what came of it says: a key that comes when all is done stops nothing. In a
script, which ends there, it is so for what can stop alone: the rest need not be waited for.
"""

import gc
import signal
import time
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Self

from repl.render.terminal import Terminal
from repl.session import Session

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_SOON = 0.4
"""Seconds after which a bar appears."""


class Progressing:
    """One command at work, as a context; called with what is done, it says whether to go on."""

    def __init__(self, terminal: Terminal, session: Session, *, heeds: bool = True) -> None:
        """Watch the work of this session, and draw on this terminal if it draws.

        Work that does not heed what it is told is left alone, and Ctrl-C ends it.
        """
        self._session = session
        self._heeds = heeds
        self.interrupted = False
        """Whether Ctrl-C was pressed."""
        self._terminal = terminal
        self._began = time.monotonic()
        self._bar: tuple[Progress, TaskID] | None = None

    def __call__(self, done: int) -> bool:
        """Take note of what is done; return False where the work should stop."""
        if self._bar is not None:
            self._bar[0].update(self._bar[1], completed=done)
        elif self._draws() and time.monotonic() - self._began > _SOON:
            self._bar = self._made()
            self._bar[0].start()
        return not self.interrupted

    def __enter__(self) -> Self:
        """Take Ctrl-C over.

        No cycles are collected meanwhile: with much in hand that takes up to a second in which
        no Ctrl-C is heard, and long work makes none.
        """
        if not self._heeds:
            return self
        self._asked, self._session.on_progress = self._session.on_progress, self
        self._before = signal.getsignal(signal.SIGINT)
        if self._before is not signal.SIG_IGN:  # it stays so in the background
            signal.signal(signal.SIGINT, self._stop)
        self._collects = gc.isenabled()
        gc.disable()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give Ctrl-C back, and clear the bar away."""
        if not self._heeds:
            return
        self._session.on_progress = self._asked
        if self._collects:
            gc.enable()
        signal.signal(signal.SIGINT, self._before)
        if self._bar is not None:
            self._bar[0].stop()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.interrupted = True

    def _draws(self) -> bool:
        return not self._terminal.plain and self._terminal.out.isatty()

    def _made(self) -> "tuple[Progress, TaskID]":
        # A prompt starts, and a short command ends, without them.
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        bar = Progress(
            TextColumn("working"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("Ctrl-C stops"),
            console=self._terminal.console(),
            transient=True,
        )
        return bar, bar.add_task("", total=self._session.total)
