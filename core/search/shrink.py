"""Make a failing list shorter: leave out what is not needed for the failure.

Delta debugging (Zeller and Hildebrandt, 2002): leave out large pieces first, then smaller
ones, down to single items, as long as the rest still fails. What is left fails, and with
any one item less it does not fail.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def shrink(items: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> tuple[T, ...]:
    """Return a part of `items`, in order, that still fails, and not with any one item less.

    `fails` says whether a list fails; it must be true of `items` itself.
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
    """Return `items` without a piece of this size, if that still fails; else None.

    Later pieces are left out first, as what a failure needs mostly comes early.
    """
    for end in range(len(items), 0, -size):
        rest = items[: max(end - size, 0)] + items[end:]
        if fails(rest):
            return rest
    return None
