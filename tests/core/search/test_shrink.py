"""Shrinking keeps what a failure needs and nothing else."""

import string
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from core.search.shrink import shrink


@given(st.sets(st.integers(0, 40), min_size=1), st.integers(41, 60))
def test_what_is_needed_is_what_is_left(needed: set[int], size: int) -> None:
    """In order, whatever stood around it."""
    left = shrink(range(size), lambda items: needed <= set(items))
    assert left == tuple(sorted(needed))


def test_nothing_can_be_spared_of_what_is_left() -> None:
    """Even where any three of the items would do."""

    def fails(items: Sequence[str]) -> bool:
        return len(items) >= 3

    assert len(shrink(string.ascii_letters, fails)) == 3


def test_what_fails_empty_shrinks_to_nothing() -> None:
    """The failure never needed any of it."""
    assert shrink("abc", lambda _: True) == ()
