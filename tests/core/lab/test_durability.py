"""What a crash leaves is an object in the world, so any processor can be put on a store.

The stores here are pretended; that a real one does the same is in `test_durable.py`.
"""

from functools import partial

import pytest

from core.lab import commands as c
from core.lab.commands import typed
from core.lab.crash_points import CrashPoint
from core.lab.durability import Pretended
from core.lab.facts import Crashed, Restarted, Summary
from core.mutants import BEATEN_WITHIN, MUTANTS
from core.search.explore import explore
from tests.core.lab.scenes import pretended

EXPOSED = {
    "no-dedup": ("counts-match", ["process e1 hello", "lose ack", "retry e1"]),
    "seen-lost": ("counts-match", ["process e1 hello", "checkpoint cp1", "restore cp1"]),
    "seen-kept": ("counts-match", ["checkpoint cp1", "process e1 hello", "restore cp1"]),
    "offset-first": ("same-as-clean", ["checkpoint cp1", "process e1 hello", "restore cp1"]),
    "direct-output": (
        "sink-once",
        ["checkpoint cp1", "process e1 hello", "restore cp1", "retry e1"],
    ),
    "pending-lost": ("same-as-clean", ["process e1 hello", "checkpoint cp1", "restore cp1"]),
    "rollback-leaves-seen": ("same-as-clean", ["process e1 hello", "rollback", "retry e1"]),
    "sink-repeats": (
        "pending-sound",
        ["process e1 hello", "checkpoint cp1", "commit", "restore cp1"],
    ),
    "short-memory": ("counts-match", ["process e1 hello", "process e2 world"]),
    "dedup-by-word": (
        "same-as-clean",
        ["process e1 hello", "process e2 world", "process e3 hello", "commit"],
    ),
    "dedup-by-id-and-word": None,
    "rollback-keeps-outputs": ("pending-sound", ["process e1 hello", "rollback"]),
    "aliased-checkpoint": (
        "counts-match",
        ["process e1 hello", "checkpoint cp1", "rollback", "restore cp1"],
    ),
    "torn-commit": (
        "commit-whole",
        ["process e1 hello", "process e2 world", "crash in-commit", "commit"],
    ),
}
"""Mutant → the rule it breaks on a store, and a shortest schedule.

Output that goes out at once takes a restore there: a crash alone does not repeat it.
"""


@pytest.mark.parametrize("name", MUTANTS)
def test_a_wrong_engine_on_a_store_is_exposed_by_a_search(name: str) -> None:
    start = partial(MUTANTS[name].start, durability=Pretended)
    violations = explore(BEATEN_WITHIN, start, first=True).violations
    found = [(each.property, list(map(typed, each.counterexample))) for each in violations[:1]]
    expected = EXPOSED[name]
    assert found == ([] if expected is None else [expected])


@pytest.mark.parametrize("name", MUTANTS)
def test_what_a_wrong_engine_held_is_there_after_a_crash_on_a_store(name: str) -> None:
    lab = MUTANTS[name].start(durability=Pretended)
    for command in (c.Process("e1", "hello"), c.Checkpoint("cp1"), c.Process("e2", "world")):
        lab.step(command)
    held, inside = lab.state.freeze(), lab.checkpoints
    (crashed,) = lab.step(c.Crash()).facts
    assert isinstance(crashed, Crashed)
    assert (lab.up, lab.state.freeze(), lab.checkpoints) == (False, held, inside)
    assert not lab.processor.counts
    twin = lab.copy()
    (restarted,) = lab.step(c.Restart()).facts
    assert isinstance(restarted, Restarted)
    assert crashed.kept == restarted.kept == Summary.of(lab.processor)
    assert (lab.up, lab.processor.freeze(), lab.source.offset) == (True, held, 2)
    assert type(lab.processor) is type(MUTANTS[name].start().processor)
    lab.step(c.Process("e3", "hello"))
    assert twin.state.freeze() == held, "a copy has its own store"


def test_half_a_commit_is_on_the_store_where_the_laboratory_leaves_one() -> None:
    lab = MUTANTS["torn-commit"].start(durability=Pretended)
    for word in "ab":
        lab.step(c.Process(None, word))
    for command in (c.Crash(CrashPoint.IN_COMMIT), c.Commit(), c.Restart()):
        lab.step(command)
    assert [each.event_id for each in lab.processor.sink] == ["e1"]


@pytest.mark.parametrize("name", MUTANTS)
def test_an_empty_one_is_of_the_same_kind(name: str) -> None:
    lab = MUTANTS[name].start(durability=Pretended)
    beginning = lab.freeze()
    for command in (c.Process("e1", "hello"), c.Checkpoint("cp1"), c.Crash()):
        lab.step(command)
    empty = lab.empty()
    assert (type(empty), type(empty.processor)) == (type(lab), type(lab.processor))
    assert (empty.freeze(), empty.durability.lasting) == (beginning, True)


def test_two_stores_have_nothing_in_common() -> None:
    one, other = pretended(), pretended()
    one.step(c.Process("e1", "hello"))
    one.step(c.Crash())
    other.step(c.Crash())
    assert one.state.counts
    assert not other.state.counts
