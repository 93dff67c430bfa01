"""SIGINT, SIGTERM and their like: when they end the process at once, and when it ends in order.

A process that starts or stops has nothing to put in order, and dies of them without a word
(`repl/__main__.py`). One that works is told by an exception. A signal that is ignored stays so:
the process was started with `nohup`, or in the background.
"""

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], object] | int | signal.Handlers


ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""The signals that ask a process to end: by itself, as its terminal is gone, from its keys."""


class Terminated(BaseException):
    """One of `ENDING` came, as Ctrl-C comes as KeyboardInterrupt; `number` says which."""

    def __init__(self, number: int) -> None:
        """Set the signal."""
        super().__init__(number)
        self.number = number


def _terminate(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)  # a second one need not wait
    raise Terminated(number)


_TOLD: Mapping[int, Handler] = {
    signal.SIGINT: signal.default_int_handler,
    **dict.fromkeys(ENDING, _terminate),
}
_FATAL: Mapping[int, Handler] = dict.fromkeys(_TOLD, signal.SIG_DFL)


@contextmanager
def told() -> Iterator[None]:
    """Inside, SIGINT raises KeyboardInterrupt, and those of `ENDING` raise Terminated."""
    with _handled(_TOLD):
        yield


@contextmanager
def fatal() -> Iterator[None]:
    """Inside, all of them end the process at once.

    For imports that take long: what a handler raises in the midst of one can get lost.
    """
    with _handled(_FATAL):
        yield


@contextmanager
def _handled(handlers: Mapping[int, Handler]) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in handlers}
    heard = [number for number in handlers if before[number] not in {signal.SIG_IGN, None}]
    try:
        for number in heard:
            signal.signal(number, handlers[number])
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])
