"""The rules hold where all is well, and each breaks where it should, with evidence."""

from collections.abc import Sequence

import pytest

from core.lab import commands as c
from core.lab.crash_points import CrashPoint
from core.lab.facts import Fact
from core.lab.lab import Lab
from core.mechanisms import EXACTLY_ONCE
from core.rules import RULES, broken, clean
from core.search.sometimes import SOMETIMES

HELLO = c.Process("e1", "hello")


def run(commands: Sequence[c.Command], lab: Lab | None = None) -> tuple[Lab, list[Fact]]:
    """Carry out commands; return the laboratory and the facts of the last one."""
    lab = Lab() if lab is None else lab
    facts: list[Fact] = []
    for command in commands:
        facts = lab.apply(command)[1]
    return lab, facts


def without(mechanism: str) -> Lab:
    """Return a laboratory with one mechanism off."""
    return Lab(EXACTLY_ONCE._replace(**{mechanism: False}))


def test_every_rule_holds_in_an_empty_laboratory() -> None:
    """Nothing happened, so nothing went wrong."""
    assert broken(Lab()) == {}


def test_every_rule_holds_through_a_crash_and_its_recovery() -> None:
    """A checkpoint, a crash, a restore, a replay and a commit, looked at after each."""
    lab = Lab()
    before: list[c.Command] = [HELLO, c.Checkpoint("cp1"), c.Process("e2", "world"), c.Crash()]
    for command in (*before, c.Restore("cp1"), c.Replay(), c.Commit()):
        lab.apply(command)
        assert broken(lab) == {}


@pytest.mark.parametrize(
    ("rule", "mechanism", "commands", "message"),
    [
        ("counts-match", "dedup", [HELLO, c.Retry()], "the count of hello is 2, its seen ids"),
        ("sink-once", "dedup", [HELLO, c.Retry(), c.Commit()], "e1 is in the sink 2 times"),
        (
            "pending-sound",
            "idempotent_sink",
            [HELLO, c.Checkpoint("a"), c.Commit(), c.Restore("a")],
            "e1 is pending, and in the sink already",
        ),
        (
            "pending-sound",
            "seen_in_checkpoints",
            [HELLO, c.Checkpoint("a"), c.Rollback(), c.Restore("a")],
            "e1 is pending, but not in seen",
        ),
        (
            "same-as-clean",
            "source_replay",
            [HELLO, c.Crash(), c.Restart()],
            "counts are empty; a clean run has hello 1",
        ),
    ],
)
def test_a_rule_breaks_where_its_mechanism_is_missing(
    rule: str, mechanism: str, commands: list[c.Command], message: str
) -> None:
    """The verdict names the evidence."""
    lab, _ = run(commands, without(mechanism))
    verdict = RULES[rule](lab)
    assert not verdict.holds
    assert message in verdict.message


def test_a_commit_that_is_not_whole_is_noticed() -> None:
    """The sink is longer than the whole commits account for."""
    lab, _ = run([HELLO, c.Process("e2", "world"), c.Commit()])
    lab.sink_length = 1
    assert broken(lab) == {
        "commit-whole": "the sink holds 2 outputs, the whole commits make 1",
    }


def test_a_clean_run_is_not_asked_for_before_all_is_at_rest() -> None:
    """Something pending, something due, or a processor that is down: not yet."""
    schedules: list[list[c.Command]]
    schedules = [[HELLO], [HELLO, c.Commit(), c.LoseAck()], [HELLO, c.Crash()]]
    for commands in schedules:
        lab, _ = run(commands)
        verdict = RULES["same-as-clean"](lab)
        assert verdict.holds
        assert "not all is done" in verdict.message


def test_a_clean_run_counts_each_entry_of_the_log_once() -> None:
    """Whatever happened to the laboratory itself."""
    lab, _ = run([HELLO, c.Retry(), c.Retry()], without("dedup"))
    assert clean(lab).counts == (("hello", 1),)
    assert clean(lab).sink == (("e1", "hello", 1),)


@pytest.mark.parametrize(
    ("name", "commands"),
    [
        ("duplicate-delivered", [HELLO, c.Retry()]),
        ("ack-lost", [HELLO, c.LoseAck()]),
        ("crash-in-commit", [HELLO, c.Crash(CrashPoint.IN_COMMIT), c.Commit()]),
        (
            "crash-in-checkpoint",
            [c.Checkpoint("a"), c.Crash(CrashPoint.IN_CHECKPOINT), c.Checkpoint("a")],
        ),
        ("checkpoint-ahead-of-acks", [HELLO, c.LoseAck(), c.Checkpoint("a")]),
        ("restore-behind-commit", [c.Checkpoint("a"), HELLO, c.Commit(), c.Restore("a")]),
        ("output-held-back", [HELLO, c.Commit(), c.Crash(), c.Restart(), c.Replay()]),
        ("rollback-undid-events", [HELLO, c.Rollback()]),
        ("commit-repeated", [HELLO, c.Commit(), c.Commit()]),
    ],
)
def test_what_happens_sometimes_is_seen_when_it_happens(
    name: str, commands: list[c.Command]
) -> None:
    """The last of the commands shows it, and a first event does not."""
    assert SOMETIMES[name](*run(commands)).holds
    assert not SOMETIMES[name](*run([HELLO])).holds


def test_every_sometimes_property_is_tested_above() -> None:
    """A property added without a test would go unnoticed."""
    marks = test_what_happens_sometimes_is_seen_when_it_happens.pytestmark  # type: ignore[attr-defined]
    assert {name for name, _ in marks[0].args[1]} == set(SOMETIMES)


def test_the_rules_are_those_of_the_specification() -> None:
    """By their names, in their order."""
    assert list(RULES) == [
        "sink-once",
        "counts-match",
        "pending-sound",
        "same-as-clean",
        "commit-whole",
    ]
