"""What something costs, counted and not timed: the same on a busy machine as on an idle one."""

import sys
import tracemalloc
from collections.abc import Callable
from types import FrameType
from typing import Any, NamedTuple


class Effort(NamedTuple):
    """What was done: lines of Python carried out, and bytes of memory held at most.

    A loop in Python shows in the lines, a copy made by C in the bytes.
    """

    lines: int
    memory: int


def effort(do: Callable[[], object]) -> Effort:
    """Return what a call costs when it is made again: what is loaded or kept once is there."""
    do()
    tracemalloc.start()
    do()
    _, memory = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    lines = 0

    def trace(_frame: FrameType, event: str, _arg: object) -> Any:  # noqa: ANN401 - itself
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        do()
    finally:
        sys.settrace(before)
    return Effort(lines, memory)
