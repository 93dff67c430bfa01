"""Random commands with every mechanism on: the rules hold, and the naive oracle agrees."""

import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.checkpoints import Event
from core.errors import Refused
from core.lab import commands as c
from core.lab.facts import (
    Applied,
    Committed,
    Crashed,
    Fact,
    Fed,
    Restored,
    RolledBack,
    Saved,
    Skipped,
)
from core.lab.history import History
from core.rules import broken, settled
from tests.core.lab.scenes import recover, schedules
from tests.oracle import Oracle


class Faults(RuleBasedStateMachine):
    """A person at the prompt who does anything but touch a mechanism."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.history = History()
        self.oracles = [Oracle()]

    @rule(command=schedules)
    def do(self, command: c.Command) -> None:
        """Carry out a command, or be refused."""
        self._do(command)

    @precondition(lambda self: not self.history.lab.up)
    @rule()
    def come_back(self) -> None:
        """Come up again, so that schedules do not end in the dark."""
        self._do(c.Restore() if self.history.lab.saved else c.Restart())

    @precondition(lambda self: self.history.lab.up and self.history.lab.source.due)
    @rule()
    def catch_up(self) -> None:
        """Send what is due."""
        self._do(c.Replay())

    @precondition(lambda self: len(self.oracles) > 1)
    @rule()
    def undo(self) -> None:
        """Take the last step back."""
        self.history.undo()
        self.oracles.pop()

    @invariant()
    def every_rule_holds(self) -> None:
        """Ask the five rules."""
        assert not broken(self.history.lab)

    @invariant()
    def the_processor_holds_what_the_oracle_holds(self) -> None:
        """Compare contents and order."""
        processor, oracle = self.history.lab.processor, self.oracles[-1]
        assert list(processor.counts.items()) == list(oracle.counts.items())
        assert list(processor.seen.items()) == list(oracle.seen.items())
        assert (processor.pending, processor.sink) == (oracle.pending, oracle.sink)
        assert processor.checkpoints == oracle.checkpoints

    @invariant()
    def recovery_ends_as_a_clean_run(self) -> None:
        """Bring a copy to its end."""
        lab = self.history.lab.copy()
        recover(lab)
        assert settled(lab)
        assert not broken(lab)

    def _do(self, command: c.Command) -> None:
        try:
            step = self.history.do(command)
        except Refused:
            return
        oracle = self.oracles[-1].copy()
        for fact in step.facts:
            _follow(oracle, fact, self.history.lab.source.log)
        self.oracles.append(oracle)


def _follow(oracle: Oracle, fact: Fact, log: list[Event]) -> None:
    """Do to the oracle what a step says was done, and see that it says right."""
    match fact:
        case Applied():
            assert oracle.process(fact.event_id, fact.word) == (fact.after, False)
        case Skipped():
            assert oracle.process(fact.event_id, fact.word) == (fact.count, True)
        case Fed() if fact.counts is not None:  # else each delivery is a fact of its own
            for event_id, word in log[-fact.events :]:
                oracle.process(event_id, word)
        case Saved():
            oracle.checkpoint(fact.name)
        case Restored():
            oracle.restore(fact.name)
        case Committed():
            assert oracle.commit() == fact.moved
        case RolledBack():
            assert oracle.rollback() == fact.discarded
        case Crashed():
            oracle.crash()


def test_with_every_mechanism_on_no_schedule_breaks_a_rule() -> None:
    run_state_machine_as_test(Faults, settings=settings(max_examples=60, stateful_step_count=40))


@pytest.mark.long
def test_with_every_mechanism_on_no_long_schedule_breaks_a_rule() -> None:
    run_state_machine_as_test(Faults, settings=settings(max_examples=600, stateful_step_count=80))
