"""A command is a value that is always sound; what every command has, this one has."""

import dataclasses
from collections.abc import Callable
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.lab import commands as c
from core.lab.commands.base import LabCommand
from core.lab.facts import Applied, Fed, Skipped, Undelivered
from core.lab.lab import Lab
from tests.core.lab.scenes import POOL, anything

DELIVERED = (Applied, Skipped, Undelivered, Fed)

EXAMPLES: tuple[c.Command, ...] = (
    c.Process("e1", "hello"),
    c.Retry(),
    c.Feed(("to", "be")),
    c.Checkpoint(),
    c.Restore(),
    c.Commit(),
    c.Rollback(),
    c.Crash(),
    c.Disarm(),
    c.Restart(),
    c.Replay(),
    c.LoseAck(),
    c.LoseEvent("hello"),
    c.Switch("dedup", on=False),
    c.Guarantee("at-least-once"),
)


def test_every_class_of_a_command_stands_in_the_union_and_here() -> None:
    assert {type(each) for each in EXAMPLES} == set(get_args(c.Command))
    assert set(LabCommand.__subclasses__()) == set(get_args(c.Command))


def test_every_command_is_drawn_by_the_property_tests() -> None:
    assert set(POOL) == set(get_args(c.Command))


def test_a_command_with_something_to_choose_says_what_of_it_can_be_typed() -> None:
    kinds = [kind for kind in get_args(c.Command) if dataclasses.fields(kind)]
    assert [kind for kind in kinds if "offers" not in vars(kind)] == []


@given(st.lists(anything, max_size=15))
def test_what_a_command_says_of_itself_is_so(commands: list[c.Command]) -> None:
    lab = Lab()
    for command in commands:
        if lab.refusal(command) is not None:
            continue
        adds, logged, mechanisms = command.adds(lab), len(lab.source.log), lab.processor.mechanisms
        facts = lab.apply(command)[1]
        assert command.switches or lab.processor.mechanisms == mechanisms
        assert command.delivers or not any(isinstance(fact, DELIVERED) for fact in facts)
        raw = isinstance(command, c.Process) and command.raw  # of which `adds` says nothing
        assert raw or adds == (len(lab.source.log) > logged)


@pytest.mark.parametrize("command", EXAMPLES, ids=c.typed)
def test_a_command_can_be_written_and_is_carried_out_or_refused(command: c.Command) -> None:
    lab = Lab()
    refusal = lab.refusal(command)
    assert command.typed
    before = lab.freeze()
    if refusal is None:
        assert lab.step(command).facts
    else:
        with pytest.raises(Refused, match=refusal.text):
            lab.step(command)
        assert lab.freeze() == before


@pytest.mark.parametrize("command", EXAMPLES, ids=c.typed)
def test_commands_of_different_classes_are_never_equal(command: c.Command) -> None:
    assert [each for each in EXAMPLES if each == command] == [command]
    with pytest.raises(dataclasses.FrozenInstanceError):
        command.anything = 1  # type: ignore[union-attr]  # that it cannot be is the point


WRONG: list[Callable[..., Any]] = [
    lambda: c.Process(None, 5),  # type: ignore[arg-type]
    lambda: c.Process(1.5, "a"),  # type: ignore[arg-type]
    lambda: c.Process(True, "a"),  # noqa: FBT003
    lambda: c.Retry(1.5),  # type: ignore[arg-type]
    lambda: c.Feed(("a", 5)),  # type: ignore[arg-type]
    lambda: c.LoseEvent(5),  # type: ignore[arg-type]
    lambda: c.Replay("1"),  # type: ignore[arg-type]
    lambda: c.Checkpoint(1.5),  # type: ignore[arg-type]
    lambda: c.Restore(b"cp1"),  # type: ignore[arg-type]
    lambda: c.Crash("x"),  # type: ignore[arg-type]
    lambda: c.Switch("nothing", on=True),
    lambda: c.Guarantee("x"),
    lambda: c.Guarantee([]),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("make", WRONG)
def test_a_command_of_a_wrong_value_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(Refused, match="is not a") as raised:
        make()
    assert raised.value.hint
