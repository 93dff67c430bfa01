"""Whatever the views say of the past and the present is what a witness saw.

The random sessions of `tests/core/lab/test_truth.py`, and what the layer above says of them,
as data before it is words.
"""

import sys
from random import Random

import pytest

from core.errors import Refused
from core.lab import commands as c
from core.lab.lab import Step
from core.search.mutants import MUTANTS
from tests.core.lab import test_truth as sessions
from tests.core.lab.claims import Claims
from tests.repl import claims as told

SHORT, LONG = 900, 40_000
"""Actions in all."""


class Viewed(sessions.Session):
    """A session of which the views are asked."""

    def check_step(self, asked: c.Command, step: Step) -> None:
        """Leave what the step says of itself to the layer below."""

    def check_refusal(self, asked: c.Command | str, fault: Refused) -> None:
        """Leave that as well."""

    def check_now(self, random: Random) -> None:
        """Check the timeline, a difference, the tables and the machine. Raises Untrue."""
        told.check_beats(self.claims, self.history, self.frames)
        told.check_diff(self.claims, self.history, self.frames, random)
        told.check_tables(self.claims, self.history, self.frames[-1])

    def end(self) -> None:
        """Check what is played. Raises Untrue."""
        right = self.start not in MUTANTS
        told.check_player(self.claims, self.history, self.frames, right=right)


@pytest.mark.parametrize("seed", range(3))
def test_all_that_is_shown_is_what_a_witness_saw(seed: int) -> None:
    sessions.run(SHORT // 3, seed, disk=False, claims=Claims(), kind=Viewed)


def test_on_a_disk_all_that_is_shown_is_what_a_witness_saw() -> None:
    sessions.run(60, 2, disk=True, claims=Claims(), kind=Viewed)


@pytest.mark.long
def test_in_many_sessions_all_that_is_shown_is_what_a_witness_saw(
    capsys: pytest.CaptureFixture[str],
) -> None:
    claims = Claims()
    numbers = sessions.run(LONG, 11, disk=False, claims=claims, kind=Viewed)
    numbers += sessions.run(LONG // 50, 12, disk=True, claims=claims, kind=Viewed)
    with capsys.disabled():
        sys.stdout.write(sessions.figures(numbers, claims))
