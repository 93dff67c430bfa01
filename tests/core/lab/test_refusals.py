"""What is refused, with a hint that can be typed; a refusal changes nothing at all."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ErrorKind
from core.lab import commands as c
from core.lab.lab import Lab
from core.lab.language import read
from tests.core.lab.scenes import anything, lab, pretended, refuse, whole


class Case(NamedTuple):
    """A line refused after others: the kind of refusal, what its text names, its hint."""

    before: tuple[str, ...]
    line: str
    names: str
    hint: str
    kind: ErrorKind = ErrorKind.PRECONDITION_FAILED


DOWN = ("process e1 a", "crash")
SAVED = ("process e1 a", "checkpoint cp1", "crash")
DUE = ("process e1 a", "process e2 b", "crash", "restart")
ONCE = ("mechanism source-replay off", "process e1 a")
STAYS_DUE = ("process e1 a", "lose ack", "mechanism source-replay off")
INTEGER = ('{"type": "process", "event_id": 1, "word": "a"}', "crash", "restart")
BEHIND = ("process e1 a", "checkpoint cp1", "process e2 b", "process e3 c")
ODD = ('{"type": "checkpoint", "checkpoint_id": 7}',)

CASES = [
    *(
        Case(DOWN, line, "down", "restart", ErrorKind.TEMPORARILY_UNAVAILABLE)
        for line in (
            "process e2 b",
            "process e1 a",
            "retry e1",
            "feed a b",
            "checkpoint",
            "commit",
            "rollback",
            "crash",
            "crash in-commit",
            "crash off",
            "replay",
            "lose ack",
            "lose event",
            "lose event hello",
            "mechanism dedup off",
            "guarantee at-least-once",
        )
    ),
    Case(SAVED, "commit", "down", "restore", ErrorKind.TEMPORARILY_UNAVAILABLE),
    Case(DUE, "process e3 c", "e1 is due first", "replay"),
    Case(DUE, "process e2 b", "e1 is due first", "replay"),
    Case(DUE, "process c", "e1 is due first", "replay"),
    Case(DUE, "process e2", "e1 is due first", "replay"),
    Case(DUE, "retry e2", "e1 is due first", "replay"),
    Case(DUE, "feed x y", "e1 is due first", "replay"),
    Case(STAYS_DUE, "process e3 c", "e1 is due first", "retry e1"),
    Case(("process e1 a",), "process e1", "e1 is an id", "retry e1"),
    Case(("process 'my id' a",), "process 'my id'", "my id is an id", "retry 'my id'"),
    Case(DUE, "process e1", "e1 is an id", "retry e1"),
    Case(("process e1 a",), "retry e9", "e9 was never sent", "show source"),
    Case(("process e1 a",), "retry E1", "E1 was never sent", "retry e1"),
    Case((), "retry", "nothing was sent", "process hello"),
    Case((), "retry e1", "e1 was never sent", "process hello"),
    Case((), "lose ack", "nothing was sent", "process hello"),
    Case(("process 'my id' a",), "retry my", "my was never sent", "retry 'my id'"),
    Case(("process e1 a", "lose ack"), "lose ack", "ack of e1 cannot be lost: it is due", "replay"),
    Case(
        (*BEHIND, "restore cp1"),
        "lose ack",
        "ack of e3 cannot be lost: e2 is due, and e3 waits behind it",
        "replay",
    ),
    Case((), "lose event", "nothing is due", "lose event hello"),
    Case(DUE, "lose event hello", "e1 is due first", "replay"),
    Case((), "feed ''", "no word", "feed to be or not to be"),
    Case(DUE, "feed ''", "e1 is due first", "replay"),
    Case((), "replay", "nothing is due", "process hello"),
    Case((), "replay 0", "nothing is due", "process hello"),
    Case((), "replay 3", "offset 3", "process hello"),
    Case(("process e1 a",), "replay", "nothing is due", "replay 0"),
    Case(("process e1 a",), "replay 1", "nothing is due", "replay 0"),
    Case(("process e1 a",), "replay 2", "offset 2", "replay 0"),
    Case(DUE, "replay 1", "offset 1", "replay"),
    Case(ONCE, "replay", "source-replay is off", "mechanism source-replay on"),
    Case(ONCE, "replay 0", "source-replay is off", "mechanism source-replay on"),
    Case(ONCE, "lose ack", "source-replay is off", "mechanism source-replay on"),
    Case((), "restart", "up", "crash"),
    Case(SAVED[:2], "restart", "up", "crash"),
    Case((), "restore", "no checkpoint", "checkpoint", ErrorKind.KEY_DOES_NOT_EXIST),
    Case((), "restore cp1", "no checkpoint", "checkpoint", ErrorKind.KEY_DOES_NOT_EXIST),
    Case(DOWN, "restore", "no checkpoint", "restart", ErrorKind.KEY_DOES_NOT_EXIST),
    Case(SAVED, "restore cp2", "cp2", "show checkpoints", ErrorKind.KEY_DOES_NOT_EXIST),
    Case(SAVED, "restore CP1", "CP1", "restore cp1", ErrorKind.KEY_DOES_NOT_EXIST),
    Case(("checkpoint 'a b'",), "restore A", "A", "restore 'a b'", ErrorKind.KEY_DOES_NOT_EXIST),
    Case(
        ODD,
        '{"type": "restore", "checkpoint_id": "7"}',
        "'7'",
        "restore int:7",
        ErrorKind.KEY_DOES_NOT_EXIST,
    ),
    Case(INTEGER, "process e2 b", "int:1 is due first", "replay"),
    Case(
        (*INTEGER, "mechanism source-replay off"), "process b", "int:1 is due first", "retry int:1"
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.line} after {len(case.before)}")
def test_what_means_nothing_is_refused_with_what_to_type_instead(case: Case) -> None:
    refusal = refuse(lab(*case.before), read(case.line))
    assert refusal is not None
    assert case.names in refusal.text
    assert refusal.hint == case.hint
    assert refusal.kind is case.kind


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.line} after {len(case.before)}")
def test_a_refusal_changes_nothing(case: Case) -> None:
    made = lab(*case.before)
    before = whole(made)
    refuse(made, read(case.line))
    assert whole(made) == before


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.line} after {len(case.before)}")
def test_the_hint_is_accepted(case: Case) -> None:
    assert accepted(lab(*case.before), case.hint)


def accepted(made: Lab, hint: str) -> bool:
    """Whether a hint only looks, at the prompt, or is a command that is not refused."""
    return hint in ("show source", "show checkpoints") or refuse(made, read(hint)) is None


def test_an_offset_before_the_log_is_refused() -> None:
    refusal = refuse(lab("process e1 a"), c.Replay(-1))
    assert refusal is not None
    assert "offset -1" in refusal.text
    assert refusal.hint == "replay 0"


def test_a_store_that_is_down_says_to_start_it_again_though_it_has_a_checkpoint() -> None:
    """A restart brings back what was answered; a restore would take some of it away."""
    made = pretended()
    for line in (*SAVED[:-1], "process e2 b", "crash"):
        made.step(read(line))
    refusal = refuse(made, read("commit"))
    assert refusal is not None
    assert refusal.hint == "restart"
    made.step(read(refusal.hint))
    assert list(made.processor.seen) == ["e1", "e2"]


@pytest.mark.parametrize("before", [DUE, (*DUE, "mechanism source-replay off"), ONCE, STAYS_DUE])
def test_the_hint_for_an_id_that_was_never_sent_is_accepted_also_while_another_is_due(
    before: tuple[str, ...],
) -> None:
    made = lab(*before)
    refusal = refuse(made, read("retry e9"))
    assert refusal is not None
    assert "e9 was never sent" in refusal.text
    assert accepted(made, refusal.hint)


@given(st.lists(anything, max_size=15))
def test_after_anything_a_refusal_changes_nothing_and_its_hint_is_accepted(
    commands: list[c.Command],
) -> None:
    made = Lab()
    for command in commands:
        before = whole(made)
        refusal = refuse(made, command)
        if refusal is None:
            continue
        assert whole(made) == before
        assert refusal.text
        assert accepted(made, refusal.hint)
