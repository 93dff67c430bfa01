"""Make a failing list short: leave out what it fails without.

Delta debugging (Zeller and Hildebrandt, 2002): leave out large pieces first, then smaller
ones, down to single items, as long as the same predicate still says that the rest fails.
What is left fails, and does not fail with any one item less.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def shrink(items: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> tuple[T, ...]:
    """Return a part of `items`, in order, that still fails and of which nothing can be spared.

    `fails` is asked about shorter and shorter parts; of `items` itself it must be true.
    """
    left = tuple(items)
    size = len(left)
    while size := min(size, len(left)):
        shorter = _without_a_piece(left, size, fails)
        if shorter is not None:
            left = shorter
        else:
            size //= 2
    return left


def _without_a_piece(
    items: tuple[T, ...], size: int, fails: Callable[[Sequence[T]], bool]
) -> tuple[T, ...] | None:
    """Leave out a piece of this size; the last first, as what a failure needs comes early."""
    for end in range(len(items), 0, -size):
        rest = items[: max(end - size, 0)] + items[end:]
        if fails(rest):
            return rest
    return None
