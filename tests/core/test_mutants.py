"""Every mutant is wrong in one way, and the shortest schedule that shows it is known."""

import inspect
import json
from collections.abc import Iterator

import pytest

from core import mutants
from core.examiner.distinguish import behaves_like, conversation, killer
from core.lab.commands import typed
from core.lab.lab import Lab
from core.misconceptions import MISCONCEPTIONS
from core.mutants import BEATEN_WITHIN, MUTANTS, counterexample
from core.processor import Processor
from core.rules import broken
from core.search.moves import interrupted, moves

SHORTEST = {
    "no-dedup": ["process e1 hello", "lose ack", "retry e1"],
    "seen-lost": ["process e1 hello", "checkpoint cp1", "restore cp1"],
    "seen-kept": ["checkpoint cp1", "process e1 hello", "restore cp1"],
    "offset-first": ["checkpoint cp1", "process e1 hello", "restore cp1"],
    "direct-output": ["process e1 hello", "crash", "restart", "retry e1"],
    "pending-lost": ["process e1 hello", "checkpoint cp1", "restore cp1"],
    "rollback-leaves-seen": ["process e1 hello", "rollback", "retry e1"],
    "sink-repeats": ["process e1 hello", "checkpoint cp1", "commit", "restore cp1"],
    "short-memory": ["process e1 hello", "process e2 world"],
    "dedup-by-word": ["process e1 hello", "process e2 world", "process e3 hello", "commit"],
    "dedup-by-id-and-word": None,
    "rollback-keeps-outputs": ["process e1 hello", "rollback"],
    "aliased-checkpoint": ["process e1 hello", "checkpoint cp1", "rollback", "restore cp1"],
    "torn-commit": ["process e1 hello", "process e2 world", "crash in-commit", "commit"],
}
"""The one without needs a word that changes under its id: an honest source sends none."""

ON_THE_WIRE = [name for name, mutant in MUTANTS.items() if mutant.shows != "lab"]


@pytest.mark.parametrize("name", MUTANTS)
def test_the_search_exposes_a_mutant_by_this_schedule(name: str) -> None:
    """Found within three events, one fault and one checkpoint name."""
    violation = counterexample(MUTANTS[name])
    found = violation and [typed(command) for command in violation.counterexample]
    assert found == SHORTEST[name]


@pytest.mark.parametrize("name", [name for name, schedule in SHORTEST.items() if schedule])
def test_no_shorter_schedule_exposes_it(name: str) -> None:
    """Every shorter one is tried, one by one, without any of the search's economies."""
    length = len(SHORTEST[name] or ())
    assert not any(broken(lab) for lab in schedules(MUTANTS[name].start(), length - 1))


def schedules(lab: Lab, length: int, faults: int = BEATEN_WITHIN.faults) -> Iterator[Lab]:
    """Yield what every schedule of at most this length leads to."""
    yield lab
    for command, fault in moves(lab, BEATEN_WITHIN, faults) if length else ():
        twin = lab.copy()
        twin.apply(command)
        yield from schedules(twin, length - 1, faults - fault)
    for both in interrupted(lab, BEATEN_WITHIN) if length > 1 and faults and lab.up else ():
        twin = lab.copy()
        for command in both:
            twin.apply(command)
        yield from schedules(twin, length - 2, faults - 1)


@pytest.mark.parametrize("name", ON_THE_WIRE)
def test_what_gives_a_mutant_away_names_it_and_no_other(name: str) -> None:
    """By at most six messages, the last of which is answered otherwise than it should be."""
    lines = killer(name)
    assert lines is not None
    assert len(lines) <= 6
    wrong, right = conversation(MUTANTS[name].processor(), lines), conversation(Processor(), lines)
    assert wrong[:-1] == right[:-1]
    assert wrong[-1] != right[-1]
    assert wrong[-1] is not None
    cleared = {other for other in ON_THE_WIRE if other != name and shorter(other, name)}
    assert behaves_like(lines, json.loads(wrong[-1]), cleared) is MUTANTS[name]


def shorter(one: str, other: str) -> bool:
    """Whether a check asks what gives one mutant away before it asks for the other."""
    return ON_THE_WIRE.index(one) < ON_THE_WIRE.index(other)


def test_a_mutant_of_the_laboratory_alone_cannot_be_told_on_the_wire() -> None:
    """It takes a crash."""
    assert [name for name in MUTANTS if killer(name) is None] == ["offset-first", "torn-commit"]


def test_a_mutant_overrides_a_single_decision() -> None:
    """One method, beside what keeps its copies apart."""
    written = (each for each in vars(mutants).values() if inspect.isclass(each))
    for each in written:
        if each.__module__ == mutants.__name__ and issubclass(each, Processor | Lab):
            methods = [name for name, value in vars(each).items() if inspect.isfunction(value)]
            assert len([name for name in methods if name != "copy"]) <= 1


def test_every_mutant_says_what_it_does_and_who_would_build_it() -> None:
    """Each misconception that a processor can act on has one at least."""
    numbers = {each.misconception.number for each in MUTANTS.values() if each.misconception}
    assert numbers == {1, 2, 3, 4, 5, 6, 7, 9, 10}
    assert all(mutant.wrong for mutant in MUTANTS.values())
    assert list(MISCONCEPTIONS) == list(range(1, 13))


@pytest.mark.parametrize("name", ["seen-lost", "pending-lost", "rollback-leaves-seen"])
def test_a_mutant_that_fails_on_fewer_lines_comes_second(name: str) -> None:
    """Where no line can be spared, it is the one that needs them all; else the first of all."""
    lines = killer(name)
    assert lines is not None
    got = json.loads(conversation(MUTANTS[name].processor(), lines)[-1] or "")
    assert behaves_like(lines, got) is MUTANTS[name]
    idle = '{"type": "commit", "msg_id": 9}'
    first = behaves_like((idle, *lines), got)
    assert first is not None
    assert ON_THE_WIRE.index(first.name) < ON_THE_WIRE.index(name)


def test_a_reply_that_is_right_is_laid_to_a_mutant_only_if_it_failed_before() -> None:
    lines = killer("no-dedup")
    assert lines is not None
    right = json.loads(conversation(Processor(), lines)[-1] or "")
    assert behaves_like(lines, right) is None


@pytest.mark.parametrize("name", ON_THE_WIRE)
def test_what_a_mutant_does_with_the_basic_messages_is_shown_with_them_alone(name: str) -> None:
    """A node may not know of a rollback."""
    rollback = any('"rollback"' in line for line in killer(name) or ())
    assert rollback == (MUTANTS[name].shows == "wire-strict")
