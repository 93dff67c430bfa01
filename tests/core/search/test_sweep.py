"""A sweep puts a fault at every place of a session, and tells what became of it."""

from functools import partial

import pytest

from core.errors import Refused
from core.lab import commands as c
from core.lab.commands import typed
from core.lab.crash_points import CrashPoint
from core.lab.lab import Lab
from core.lab.language import read
from core.mechanisms import AT_LEAST_ONCE, AT_MOST_ONCE, EXACTLY_ONCE, PRESETS, Mechanisms
from core.mutants import MUTANTS
from core.rules import broken
from core.search.sweep import sweep
from tests.core.lab.test_commands import EXAMPLES

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
    found = sweep(SESSION, start).witness
    assert found is not None
    witness = found.commands
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


@pytest.mark.parametrize("mechanisms", [EXACTLY_ONCE, AT_LEAST_ONCE])
def test_after_every_fault_the_session_goes_on_behind_the_command_in_hand(
    mechanisms: Mechanisms,
) -> None:
    """What a crash met half way is not given a second time, and nothing is left out."""
    swept = sweep(SESSION, partial(Lab, mechanisms))
    own = [each for each in swept.cases[0].schedule if isinstance(each, c.Process | c.Checkpoint)]
    assert len(own) == 4
    for case in swept.cases:
        assert [each for each in case.schedule if each in own] == own, typed(
            case.fault or c.Crash()
        )


BADNESS = ("ok", "broken", "lost", "doubled")


@pytest.mark.parametrize("off", [(), ("dedup",), ("source_replay",), ("idempotent_sink",)])
@pytest.mark.parametrize("replays", [True, False])
def test_the_worst_case_is_that_of_the_worst_outcome_for_the_most_ids(
    off: tuple[str, ...],
    replays: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Of several such the first; where all is ok there is none."""
    mechanisms = EXACTLY_ONCE._replace(source_replay=replays, seen_in_checkpoints=replays)
    swept = sweep(SESSION, partial(Lab, mechanisms._replace(**dict.fromkeys(off, False))))
    bad = [case for case in swept.cases if case.outcome != "ok"]
    rank = max((BADNESS.index(case.outcome) for case in bad), default=0)
    found = [case for case in bad if BADNESS.index(case.outcome) == rank]
    ids = [len(case.doubled if rank == BADNESS.index("doubled") else case.lost) for case in found]
    assert swept.worst == (found[ids.index(max(ids))] if found else None)


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


@pytest.mark.parametrize(
    ("lines", "own"),
    [
        (("process e1 a", "commit", "rollback"), {}),
        (("process e1 a", "crash", "restart", "replay"), {"crash": 1}),
        (("process e1 a", "crash before-ack", "process e2 a", "restart"), {"crash": 1}),
        (("process e1 a", "lose ack", "retry", "lose ack", "retry"), {"lost ack": 2}),
        (("lose event a", "replay"), {"lost event": 1}),
        (("process e1 a", "checkpoint", "restore"), {"restore": 1}),
        (("process e1 a", "checkpoint", "crash", "restore"), {"crash": 1}),
        (("process e1 a", "retry", "process e1 a"), {"repeated delivery": 2}),
        (("process e1 a", "process e2 b", "replay 0"), {"repeated delivery": 2}),
    ],
)
def test_a_sweep_names_the_faults_that_a_session_has_of_its_own(
    lines: tuple[str, ...], own: dict[str, int]
) -> None:
    """What is sent again because an ack was lost, or after a crash, is none by itself."""
    assert sweep([read(line) for line in lines]).own == own


def test_while_a_crash_of_the_session_waits_no_other_one_takes_its_place() -> None:
    lines = ("process e1 a", "crash before-ack", "checkpoint", "process e2 b", "restart")
    cases = sweep([read(line) for line in lines]).cases
    points = [
        (case.after, case.fault.point)
        for case in cases
        if isinstance(case.fault, c.Crash) and case.fault.point is not None
    ]
    assert points == [(0, CrashPoint.BEFORE_APPLY), (0, CrashPoint.BEFORE_ACK)]


@pytest.mark.parametrize("command", EXAMPLES, ids=typed)
def test_a_command_that_is_bad_luck_is_a_fault_of_the_session_and_no_other_is(
    command: c.Command,
) -> None:
    own = set(sweep([read("process e1 a"), command]).own)
    unlucky = own - {"restore", "repeated delivery"}  # which a person and a source may want
    assert bool(unlucky) == (command.fault and not isinstance(command, c.Disarm))


CANCELLED = (
    "checkpoint cp1",
    "process e1 a",
    "restore cp1",  # e1 is gone from the counts, and stays in seen
    "replay",
    "process e2 a",
    "lose ack",
    "checkpoint cp2",  # e2 is in the counts, and comes again
    "crash",
    "restore cp2",
    "replay",
)


def test_a_loss_and_a_doubling_of_one_word_do_not_cancel() -> None:
    """The count is right, and wrong of both ids."""
    start = partial(Lab, EXACTLY_ONCE._replace(seen_in_checkpoints=False))
    case = sweep([read(line) for line in CANCELLED], start).cases[0]
    assert case.counts == {}
    assert (case.uncounted, case.recounted) == (("e1",), ("e2",))
    assert case.outcome == "doubled"


def test_an_id_that_only_the_counts_have_lost_is_lost() -> None:
    """Its output is out."""
    lines = ("process e1 a", "commit", "crash", "restart")
    case = sweep([read(line) for line in lines], partial(Lab, AT_MOST_ONCE)).cases[0]
    assert (case.lost, case.uncounted, case.counts) == ((), ("e1",), {"a": (0, 1)})
    assert case.outcome == "lost"


def test_where_it_is_not_known_which_ids_a_count_holds_none_is_named() -> None:
    """A wrong processor counts in a way of its own; that the count is wrong is known."""
    lines = ("process e1 a", "rollback", "replay")
    case = sweep([read(line) for line in lines], MUTANTS["rollback-leaves-seen"].start).cases[0]
    assert (case.uncounted, case.recounted) == ((), ())
    assert (case.lost, case.outcome) == (("e1",), "lost")


def test_a_count_that_is_wrong_of_no_id_is_broken_and_not_lost() -> None:
    """An event that comes again with another word is one event all the same."""
    session = (
        c.Process("e1", "a", raw=True),
        c.Crash(),
        c.Restart(),
        c.Process("e1", "b", raw=True),
    )
    case = sweep(session).cases[0]
    assert case.counts == {"a": (0, 1), "b": (1, 0)}
    assert (case.lost, case.doubled, case.uncounted, case.recounted) == ((), (), (), ())
    assert case.outcome == "broken"


def test_a_sweep_can_be_stopped() -> None:
    """With the cases it has."""
    swept = sweep(SESSION, on_progress=lambda cases: cases < 5)
    assert not swept.complete
    assert 5 <= len(swept.cases) < len(sweep(SESSION).cases)


LONG = SESSION * 3


@pytest.mark.parametrize("effort", [1, 100, 600, 1500, 4000, 100_000])
@pytest.mark.parametrize("mechanisms", [EXACTLY_ONCE, AT_LEAST_ONCE])
def test_a_sweep_that_ends_after_an_effort_says_truly_how_far_it_came(
    mechanisms: Mechanisms, effort: int
) -> None:
    """At the places that are covered it has the cases that a whole one has."""
    start = partial(Lab, mechanisms)
    whole, part = sweep(LONG, start), sweep(LONG, start, most=effort)
    assert part == sweep(LONG, start, most=effort)
    assert part.cases == whole.cases[: len(part.cases)]
    assert part.complete is (part.covered == len(LONG) + 1)
    assert (part.ended == "too long") is not part.complete
    left = whole.cases[len(part.cases) :]
    assert all(case.after >= part.covered for case in left)
    assert part.steps == len(LONG)


def test_a_sweep_can_be_stopped_in_the_middle_of_a_case() -> None:
    """A replay of many events asks, too."""
    words = tuple("ab" * 5000)
    asked: list[int] = []

    def on_progress(cases: int) -> bool:
        asked.append(cases)
        return len(asked) < 3

    swept = sweep([c.Feed(words)], on_progress=on_progress)
    assert (swept.ended, swept.cases, swept.covered, swept.worst) == ("stopped", (), 0, None)
    assert len(asked) == 3


def test_the_witness_of_a_sweep_that_was_stopped_comes_to_the_outcome_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is as it was found, and is called neither shortest nor minimal."""
    monkeypatch.setattr("core.search.account.Effort._EACH", 1)
    start = partial(Lab, EXACTLY_ONCE._replace(dedup=False))
    swept = sweep(LONG, start, on_progress=lambda cases: cases < 9)
    assert swept.witness is not None
    assert not swept.witness.shortest
    assert not swept.witness.minimal
    assert fails(start(), swept.witness.commands)
