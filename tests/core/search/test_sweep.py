"""A sweep puts a fault at every place of a session, and tells what became of it."""

from functools import partial

import pytest

from core.errors import Refused
from core.lab import commands as c
from core.lab.commands import typed
from core.lab.lab import Lab
from core.mechanisms import AT_LEAST_ONCE, AT_MOST_ONCE, EXACTLY_ONCE, PRESETS
from core.search.mutants import MUTANTS
from core.search.properties import broken
from core.search.sweep import sweep

SESSION = (
    c.Process(None, "hello"),
    c.Process(None, "world"),
    c.Checkpoint(),
    c.Process(None, "hello"),
    c.Commit(),
)


def test_with_every_mechanism_on_every_fault_is_survived() -> None:
    """Nothing lost, nothing doubled, no rule broken."""
    swept = sweep(SESSION)
    assert swept.totals == {"ok": len(swept.cases), "lost": 0, "doubled": 0, "broken": 0}
    assert (swept.worst, swept.witness, swept.complete) == (None, None, True)


def test_there_is_a_case_for_every_place_a_fault_can_have() -> None:
    """The session itself, each boundary, each crash point, and each ack as long as it can go."""
    cases = sweep(SESSION).cases
    faults = [typed(case.fault) for case in cases[1:] if case.fault is not None]
    assert cases[0].fault is None
    assert len(faults) == len(cases) - 1
    assert faults.count("crash") == len(SESSION) + 1
    assert faults.count("crash before-apply") == faults.count("crash before-ack") == 3
    assert faults.count("crash in-checkpoint") == 1
    assert faults.count("crash before-commit") == faults.count("crash after-commit") == 1
    assert faults.count("lose ack") == len(SESSION)


@pytest.mark.parametrize(
    ("mechanisms", "outcome"), [(AT_LEAST_ONCE, "doubled"), (AT_MOST_ONCE, "lost")]
)
def test_a_weaker_guarantee_fails_as_its_name_says(mechanisms: object, outcome: str) -> None:
    """At-least-once doubles and never loses; at-most-once loses and never doubles."""
    totals = sweep(SESSION, partial(Lab, mechanisms)).totals  # type: ignore[arg-type]
    assert totals[outcome] > 0
    assert {each for each, number in totals.items() if number} <= {"ok", outcome}


@pytest.mark.parametrize("preset", ["at-least-once", "at-most-once"])
def test_the_witness_fails_when_it_is_carried_out_and_needs_every_command(preset: str) -> None:
    """It can be typed as it stands."""
    start = partial(Lab, PRESETS[preset])
    witness = sweep(SESSION, start).witness
    assert witness is not None
    assert fails(start(), witness)
    for left_out in range(len(witness)):
        assert not fails(start(), witness[:left_out] + witness[left_out + 1 :])


def fails(lab: Lab, commands: tuple[c.Command, ...]) -> bool:
    """Whether commands are all accepted and break a rule in the end."""
    try:
        for command in commands:
            lab.apply(command)
    except Refused:
        return False
    return bool(broken(lab))


def test_the_schedule_of_a_case_leads_to_its_outcome() -> None:
    """Fault and recovery included, from the beginning."""
    start = partial(Lab, EXACTLY_ONCE._replace(dedup=False))
    for case in sweep(SESSION, start).cases:
        lab = start()
        for command in case.schedule:
            lab.apply(command)
        assert broken(lab) == case.rules


def test_a_commit_that_can_be_torn_is_found_out() -> None:
    """Nothing is lost or doubled in the end, but the sink held half a commit."""
    swept = sweep(SESSION, MUTANTS["torn-commit"].start)
    assert swept.totals["broken"] > 0
    assert swept.worst is not None
    assert "commit-whole" in swept.worst.rules


def test_a_session_with_faults_of_its_own_is_swept_too() -> None:
    """And what is refused in it is left out."""
    session = (*SESSION, c.Restart(), c.Crash(), c.Restore(), c.Replay(), c.Rollback())
    swept = sweep(session)
    assert swept.totals["ok"] == len(swept.cases) > len(sweep(SESSION).cases)


def test_a_sweep_can_be_stopped() -> None:
    """With the cases it has."""
    swept = sweep(SESSION, watch=lambda cases: cases < 5)
    assert not swept.complete
    assert 5 <= len(swept.cases) < len(sweep(SESSION).cases)
