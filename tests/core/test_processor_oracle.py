"""The processor against the naive oracle: every operation, in every order that can be drawn."""

import random
from collections.abc import Callable, Hashable

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.errors import UnknownCheckpoint
from core.mechanisms import EXACTLY_ONCE, Mechanisms
from core.processor import Processor
from tests import strategies as draw
from tests.invariants import broken
from tests.oracle import Id, Oracle, UnknownName

FEW_IDS: tuple[Id, ...] = ("e1", "e2", "e3", "e4", "e5", 1, "1")
FEW_WORDS = ("a", "b", "c")
FEW_NAMES: tuple[Id, ...] = ("cp1", "cp2", "cp3")

events = st.tuples(st.sampled_from(FEW_IDS), st.sampled_from(FEW_WORDS))
few_names = st.sampled_from(FEW_NAMES)
which = st.integers(0, 2)


class Twins:
    """A processor and an oracle to which the same things happen."""

    def __init__(self, processor: Processor | None = None, oracle: Oracle | None = None) -> None:
        """Start both empty, or take these."""
        self.processor = processor or Processor()
        self.oracle = oracle or Oracle()

    def process(self, event_id: Id, word: str) -> None:
        """Deliver an event to both."""
        assert self.processor.process(event_id, word) == self.oracle.process(event_id, word)

    def checkpoint(self, name: Id) -> None:
        """Let both save."""
        self.processor.checkpoint(name)
        self.oracle.checkpoint(name)

    def restore(self, name: Id) -> None:
        """Let both restore, or both refuse."""
        try:
            self.oracle.restore(name)
        except UnknownName:
            with pytest.raises(UnknownCheckpoint):
                self.processor.restore(name)
        else:
            self.processor.restore(name)

    def commit(self) -> None:
        """Let both commit."""
        assert self.processor.commit() == self.oracle.commit()

    def rollback(self) -> None:
        """Let both roll back."""
        assert self.processor.rollback() == self.oracle.rollback()

    def crash(self) -> None:
        """Let both crash."""
        self.processor.crash()
        self.oracle.crash()

    def switch(self, mechanisms: Mechanisms) -> None:
        """Give both other mechanisms."""
        self.processor.switch(mechanisms)
        self.oracle.switch(mechanisms)

    def copy(self) -> "Twins":
        """Make another pair with the same state."""
        return Twins(self.processor.copy(), self.oracle.copy())

    def agree(self, *, order_of_counts: bool = True) -> None:
        """Assert that both hold the same, in the same order."""
        processor, oracle = self.processor, self.oracle
        if order_of_counts:
            assert list(processor.counts.items()) == list(oracle.counts.items())
        else:
            assert processor.counts == oracle.counts
        assert list(processor.seen.items()) == list(oracle.seen.items())
        assert list(processor.pending) == oracle.pending
        assert list(processor.sink) == oracle.sink
        assert list(processor.checkpoints) == oracle.checkpoints


class ExactlyOnce(RuleBasedStateMachine):
    """Every mechanism on: the two agree in everything, and the rules hold."""

    def __init__(self) -> None:
        """Begin with one empty pair."""
        super().__init__()
        self.twins = [Twins()]
        self.frozen: dict[Hashable, Hashable] = {}
        self.thawed: dict[Hashable, Hashable] = {}

    def pick(self, which: int) -> Twins:
        """Pick one of the pairs there are."""
        return self.twins[which % len(self.twins)]

    @rule(which=which, batch=st.lists(events, min_size=1, max_size=4))
    def process(self, which: int, batch: list[tuple[Id, str]]) -> None:
        """Deliver a few events."""
        for event in batch:
            self.pick(which).process(*event)

    @rule(which=which, name=few_names)
    def checkpoint(self, which: int, name: Id) -> None:
        """Save."""
        self.pick(which).checkpoint(name)

    @rule(which=which, name=few_names)
    def restore(self, which: int, name: Id) -> None:
        """Go to where a checkpoint was taken: back, forwards, to another branch."""
        self.pick(which).restore(name)

    @rule(which=which)
    def commit(self, which: int) -> None:
        """Commit."""
        self.pick(which).commit()

    @rule(which=which)
    def rollback(self, which: int) -> None:
        """Roll back."""
        self.pick(which).rollback()

    @rule(which=which)
    def crash(self, which: int) -> None:
        """Crash."""
        self.pick(which).crash()

    @rule(which=which)
    @precondition(lambda self: len(self.twins) < 3)
    def copy(self, which: int) -> None:
        """Let a pair part in two."""
        self.twins.append(self.pick(which).copy())

    @rule(which=which, onto=which)
    @precondition(lambda self: len(self.twins) == 3)
    def copy_onto(self, which: int, onto: int) -> None:
        """Let a pair part in two and drop another."""
        self.twins[onto] = self.pick(which).copy()

    @invariant()
    def both_hold_the_same(self) -> None:
        """Compare state and order, of the pairs left alone in this step too."""
        for twins in self.twins:
            twins.agree()

    @invariant()
    def the_rules_hold(self) -> None:
        """Check sink-once, counts-match, pending-sound on both."""
        for twins in self.twins:
            assert not broken(twins.processor)
            assert not broken(twins.oracle)

    @invariant()
    def a_state_freezes_to_its_own_value(self) -> None:
        """Check that equal states freeze to equal values, and states that differ do not."""
        for twins in self.twins:
            frozen, oracle = twins.processor.freeze(), twins.oracle
            assert self.frozen.setdefault(oracle.freeze(), frozen) == frozen
            matters = oracle.freeze_what_matters()
            assert self.thawed.setdefault(frozen, matters) == matters


class AnyMechanisms(RuleBasedStateMachine):
    """Mechanisms switched at random: the two still agree; the rules may break.

    The order of counts is left out: the contract gives it by the ids in seen, and without a
    mechanism a word may be counted that no seen id carries.
    """

    def __init__(self) -> None:
        """Begin with one empty pair."""
        super().__init__()
        self.twins = Twins()

    @initialize(mechanisms=draw.mechanisms)
    def begin(self, mechanisms: Mechanisms) -> None:
        """Begin with some of the mechanisms."""
        self.twins = Twins(Processor(mechanisms), Oracle(mechanisms))

    @rule(batch=st.lists(events, min_size=1, max_size=4))
    def process(self, batch: list[tuple[Id, str]]) -> None:
        """Deliver a few events."""
        for event in batch:
            self.twins.process(*event)

    @rule(name=few_names)
    def checkpoint(self, name: Id) -> None:
        """Save."""
        self.twins.checkpoint(name)

    @rule(name=few_names)
    def restore(self, name: Id) -> None:
        """Restore."""
        self.twins.restore(name)

    @rule()
    def commit(self) -> None:
        """Commit."""
        self.twins.commit()

    @rule()
    def rollback(self) -> None:
        """Roll back."""
        self.twins.rollback()

    @rule()
    def crash(self) -> None:
        """Crash."""
        self.twins.crash()

    @rule(mechanisms=draw.mechanisms | st.just(EXACTLY_ONCE))
    def switch(self, mechanisms: Mechanisms) -> None:
        """Go on with other mechanisms."""
        self.twins.switch(mechanisms)

    @rule()
    def copy(self) -> None:
        """Go on with a copy."""
        self.twins = self.twins.copy()

    @invariant()
    def both_hold_the_same(self) -> None:
        """Compare all but the order of the counts."""
        self.twins.agree(order_of_counts=False)


MACHINES = pytest.mark.parametrize("machine", [ExactlyOnce, AnyMechanisms])


@MACHINES
def test_a_drawn_session_agrees_with_the_oracle(
    machine: type[RuleBasedStateMachine],
) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=80, stateful_step_count=40))


@pytest.mark.long
@MACHINES
def test_many_long_drawn_sessions_agree_with_the_oracle(
    machine: type[RuleBasedStateMachine],
) -> None:
    run_state_machine_as_test(
        machine, settings=settings(max_examples=1000, stateful_step_count=100)
    )


def walk(seed: int, steps: int, *, switching: bool) -> None:
    """Walk at random, and compare after each step."""
    rng = random.Random(seed)  # noqa: S311 - the same walk every time
    ids = FEW_IDS if seed % 2 else tuple(range(60))
    twins = Twins()
    moves: list[Callable[[Twins], None]] = [
        *[lambda twins: twins.process(rng.choice(ids), rng.choice(FEW_WORDS))] * 12,
        *[lambda twins: twins.checkpoint(rng.choice(FEW_NAMES))] * 2,
        *[lambda twins: twins.restore(rng.choice(FEW_NAMES))] * 3,
        *[Twins.commit] * 2,
        *[Twins.rollback] * 2,
        Twins.crash,
    ]
    for _ in range(steps):
        if switching and rng.random() < 0.1:
            twins.switch(Mechanisms(*(rng.random() < 0.7 for _ in range(5))))
        rng.choice(moves)(twins)
        if rng.random() < (0.02 if seed % 2 else 0.005):
            # The sink only grows: begin anew before it takes every id and the rest is quiet.
            twins = Twins()
        if rng.random() < 0.1:
            twins = twins.copy()
        twins.agree(order_of_counts=not switching)


@pytest.mark.parametrize("switching", [False, True], ids=["all on", "switching"])
@pytest.mark.parametrize("seed", range(6))
def test_a_random_walk_agrees_with_the_oracle(seed: int, *, switching: bool) -> None:
    walk(seed, 8000, switching=switching)


@pytest.mark.long
@pytest.mark.parametrize("switching", [False, True], ids=["all on", "switching"])
@pytest.mark.parametrize("seed", range(100, 120))
def test_a_long_random_walk_agrees_with_the_oracle(seed: int, *, switching: bool) -> None:
    walk(seed, 50_000, switching=switching)


EVERY_MOVE: tuple[Callable[[Twins], None], ...] = (
    lambda twins: twins.process("e1", "a"),
    lambda twins: twins.process("e2", "b"),
    lambda twins: twins.checkpoint("cp1"),
    lambda twins: twins.checkpoint("cp2"),
    lambda twins: twins.restore("cp1"),
    lambda twins: twins.restore("cp2"),
    Twins.commit,
    Twins.rollback,
    Twins.crash,
)


def walk_everywhere(twins: Twins, depth: int) -> int:
    """Take every sequence of moves of this length; how many steps that were."""
    if depth == 0:
        return 0
    steps = 0
    for move in EVERY_MOVE:
        moved = twins.copy()
        move(moved)
        moved.agree()
        assert not broken(moved.processor)
        steps += 1 + walk_everywhere(moved, depth - 1)
    return steps


def test_every_sequence_of_four_operations_agrees_with_the_oracle() -> None:
    assert walk_everywhere(Twins(), 4) == sum(9**n for n in range(1, 5))


@pytest.mark.long
def test_every_sequence_of_six_operations_agrees_with_the_oracle() -> None:
    assert walk_everywhere(Twins(), 6) == sum(9**n for n in range(1, 7))
