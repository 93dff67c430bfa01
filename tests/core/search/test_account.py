"""The account of what the counts hold comes to the counts, whatever is done."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Refused
from core.lab import commands as c
from core.lab.lab import Lab
from core.lab.language import read
from core.mutants import MUTANTS
from core.search.account import Account, Followed
from tests.core.lab.scenes import anything, pretended, schedules
from tests.strategies import mechanisms


def followed(lab: Lab, *lines: str) -> Followed:
    """Carry out lines, and follow them."""
    run = Followed(lab)
    for line in lines:
        run.apply(read(line))
    return run


@settings(max_examples=300)
@given(st.builds(Lab, mechanisms), st.lists(anything, max_size=30))
def test_the_account_comes_to_the_counts_under_any_mechanisms(
    lab: Lab, commands: list[c.Command]
) -> None:
    run = Followed(lab)
    for command in commands:
        with suppress(Refused):
            run.apply(command)
        assert run.account.times(lab) is not None


@given(st.lists(schedules, max_size=30))
def test_on_a_store_the_account_is_of_what_it_holds(commands: list[c.Command]) -> None:
    run = Followed(pretended())
    for command in commands:
        with suppress(Refused):
            run.apply(command)
        assert run.account.times(run.lab) == dict.fromkeys(run.lab.state.seen, 1)


def test_an_account_can_be_taken_up_in_the_middle() -> None:
    lab = followed(Lab(), "process e1 a", "checkpoint cp1", "process e2 a").lab
    run = Followed(lab)
    assert run.account.times(lab) == {"e1": 1, "e2": 1}
    run.apply(read("restore cp1"))
    assert run.account.times(lab) == {"e1": 1}


def test_two_ids_of_a_word_are_told_apart() -> None:
    """One counted twice and one not at all make a right count."""
    lines = ("process e1 a", "mechanism dedup off", "retry e1")
    run = followed(Lab(), *lines)
    assert run.account.times(run.lab) == {"e1": 2}


def test_of_a_processor_that_counts_in_its_own_way_nothing_is_known() -> None:
    run = followed(MUTANTS["rollback-leaves-seen"].start(), "process e1 a", "rollback")
    assert run.lab.processor.counts == {"a": 1}
    assert run.account.times(run.lab) is None


def test_a_copy_of_what_is_followed_goes_its_own_way() -> None:
    run = followed(Lab(), "process e1 a", "checkpoint cp1")
    before, twin = run.freeze(), run.copy()
    twin.apply(read("process e2 b"))
    twin.apply(read("checkpoint cp1"))
    assert run.freeze() == before != twin.freeze()
    assert Account(run.lab).freeze() == run.account.freeze()
