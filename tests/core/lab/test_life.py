"""The life of an event, as `why` tells it, and what it would have been otherwise."""

from collections import Counter

import pytest
from core.lab.life import Effect, Moment, What, life, otherwise
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.lab import commands as c
from core.lab.history import History
from core.lab.judge import Judgement
from core.lab.otherwise import LONGEST
from core.mechanisms import SWITCHES
from tests.core.lab.scenes import anything, history, read, whole

W = What


def told(made: History, event_id: str) -> list[tuple[int, What]]:
    """Return what happened to an event, and in which step."""
    return [(moment.step, moment.what) for moment in life(made, event_id).moments]


def later(event_id: str, *lines: str) -> list[tuple[int, What]]:
    """Return what the last of these lines did to an event."""
    made = history(*lines)
    return [moment for moment in told(made, event_id) if moment[0] == len(lines)]


def test_the_whole_life_of_an_event() -> None:
    made = history(
        *("process e1 hello", "checkpoint cp1", "process e1 hello", "process e2 hello", "crash"),
        *("restore cp1", "replay", "commit", "restore", "replay", "rollback"),
    )
    assert told(made, "e1") == [
        (1, W.SENT),
        (1, W.APPLIED),
        (1, W.STAGED),
        (2, W.SAVED),
        (3, W.SKIPPED),
        (5, W.LOST),
        (5, W.OUTPUT_LOST),
        (6, W.BROUGHT_BACK),
        (6, W.OUTPUT_BACK),
        (8, W.COMMITTED),
        (9, W.OUTPUT_DROPPED),
    ]
    assert told(made, "e2") == [
        (4, W.SENT),
        (4, W.APPLIED),
        (4, W.STAGED),
        (5, W.LOST),
        (5, W.OUTPUT_LOST),
        (7, W.APPLIED),
        (7, W.STAGED),
        (8, W.COMMITTED),
        (9, W.UNDONE_BY_RESTORE),
        (10, W.APPLIED),
        (10, W.HELD),
    ]


def test_where_an_event_is_now() -> None:
    made = history("process e1 a", "checkpoint", "process e2 b", "checkpoint", "lose ack")
    assert life(made, "e1").now == (True, 1, 1, 0, ("cp1", "cp2"))
    told = life(made, "e2")
    assert told.now == (True, 1, 1, 0, ("cp2",))
    assert (told.word, told.position, told.due) == ("b", 1, True)


BOTH = ("process e1 a", "process e2 b")
DIRECT = "mechanism transactional-output off"
CASES = [
    ("e2", (*BOTH, "rollback"), [W.OUTPUT_DISCARDED, W.UNDONE_BY_ROLLBACK]),
    ("e1", ("process e1 a", "commit", "process e2 b", "rollback"), []),
    ("e2", ("process e1 a", "checkpoint", "process e2 b", "restore"), None),
    ("e1", ("process e1 a", "lose ack"), [W.ACK_LOST]),
    ("e1", (*BOTH, "lose ack"), []),
    ("e1", ("process e1 a", "process e1 b"), [W.REUSED, W.SKIPPED]),
    ("e1", ("crash before-apply", "process e1 a"), [W.SENT, W.NOT_APPLIED]),
    ("e1", ("crash before-apply", "feed a b"), [W.SENT, W.NOT_APPLIED]),
    ("e1", ("process e1 a", "crash before-apply", "retry"), [W.NOT_APPLIED, W.LOST, W.OUTPUT_LOST]),
    (
        "e1",
        ("crash before-ack", "process a"),
        [W.SENT, W.APPLIED, W.STAGED, W.NOT_HEARD, W.LOST, W.OUTPUT_LOST],
    ),
    (
        "e1",
        ("guarantee at-most-once", "crash before-ack", "process a"),
        [W.SENT, W.APPLIED, W.STAGED, W.LOST, W.OUTPUT_LOST],
    ),
    (
        "e2",
        (*BOTH, "crash", "restart", "retry e1", "crash before-apply", "replay"),
        [W.NOT_APPLIED],
    ),
    ("e2", (*BOTH, "crash", "restart", "crash before-apply", "replay"), []),
    ("e2", ("feed a b a", "rollback"), [W.OUTPUT_DISCARDED, W.UNDONE_BY_ROLLBACK]),
    ("e3", ("process a", "feed b a"), [W.SENT, W.APPLIED, W.STAGED]),
    ("e1", (DIRECT, "process e1 a"), [W.SENT, W.APPLIED, W.EMITTED]),
    ("e1", (DIRECT, "feed a"), [W.SENT, W.APPLIED, W.EMITTED]),
    (
        "e1",
        ("mechanism dedup off", "process e1 a", "retry"),
        [W.APPLIED_AGAIN, W.STAGED],
    ),
    ("e1", ("process e1 a", "checkpoint cp", "crash", "restart", "checkpoint cp"), [W.UNSAVED]),
    ("e1", ("process e1 a", "crash after-commit", "commit"), [W.COMMITTED, W.LOST]),
    ("e1", ("process e1 a", "crash in-checkpoint", "checkpoint"), [W.LOST, W.OUTPUT_LOST]),
    (
        "e2",
        (
            *("mechanism seen-in-checkpoints off", "process e1 a", "checkpoint"),
            *("process e2 a", "commit", "restore"),
        ),
        [W.UNCOUNTED],
    ),
    (
        "e1",
        (
            "mechanism seen-in-checkpoints off",
            *("process e1 a", "checkpoint", "commit", "crash", "restore"),
        ),
        [W.COUNTED, W.OUTPUT_DROPPED],
    ),
]


@pytest.mark.parametrize(("event_id", "lines", "expected"), CASES)
def test_what_the_last_step_did_to_an_event(
    event_id: str, lines: tuple[str, ...], expected: list[What] | None
) -> None:
    if expected is None:
        expected = [W.UNDONE_BY_RESTORE, W.OUTPUT_UNDONE]
    assert [what for _, what in later(event_id, *lines)] == expected


def test_everything_that_can_happen_is_in_a_test() -> None:
    found = {what for _, _, expected in CASES for what in expected or ()}
    of_the_story = {W.SAVED, W.BROUGHT_BACK, W.OUTPUT_BACK, W.HELD, W.UNDONE_BY_RESTORE}
    assert found | of_the_story | {W.OUTPUT_UNDONE} == set(W)


def test_a_delivery_in_a_feed_has_its_own_count() -> None:
    made = history("process a", "feed a b a a")
    assert life(made, "e4").moments[1] == Moment(2, W.APPLIED, word="a", before=2, after=3)


def test_outputs_that_go_together_are_told_once_with_their_number() -> None:
    made = history("mechanism dedup off", "process e1 a", "retry", "commit")
    assert life(made, "e1").moments[-1] == Moment(4, W.COMMITTED, times=2)


def test_steps_that_were_undone_have_no_part_in_a_life() -> None:
    made = history(*BOTH, "commit")
    made.undo()
    assert (3, W.COMMITTED) not in told(made, "e1")


@pytest.mark.parametrize("ask", [life, otherwise])
def test_an_id_that_was_never_sent_is_refused_with_one_that_was(ask) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - either of two
    with pytest.raises(Refused) as refusal:
        ask(history("process 'my id' a"), "e9")
    assert (refusal.value.text, refusal.value.hint) == ("e9 was never sent", "why 'my id'")
    with pytest.raises(Refused) as refusal:
        ask(History(), "e9")
    assert refusal.value.hint == "process hello"


def test_an_integer_id_is_found_by_its_digits() -> None:
    made = history('{"type": "process", "event_id": 1, "word": "a"}')
    assert life(made, "1").event_id == 1


@given(st.lists(anything, max_size=30))
def test_a_life_ends_where_the_event_is(commands: list[c.Command]) -> None:
    made = History()
    for command in commands:
        try:
            made.do(command)
        except Refused:
            continue
    before = whole(made.lab)
    processor, counted = made.lab.processor, 0
    for event_id, _ in made.lab.source.log:
        now = life(made, event_id).now
        counted += now.counted
        for name in processor.checkpoints:
            assert name in now.checkpoints or event_id not in (processor.saved(name).seen or ())
        assert _walked(made, event_id) == (now.seen, now.pending, now.sink)
    assert counted == sum(processor.counts.values())
    assert whole(made.lab) == before


def _walked(made: History, event_id: str | int) -> tuple[bool, int, int]:
    """Return where the moments of a life leave its event: seen, pending, sink."""
    there: Counter[str] = Counter()
    for moment in life(made, event_id).moments:
        for name, change in _MOVES.get(moment.what, {}).items():
            there[name] = max(there[name] + change * moment.times, 0) if change else 0
        if moment.what in {W.APPLIED_AGAIN, W.APPLIED, W.BROUGHT_BACK}:
            there["seen"] = 1
    return bool(there["seen"]), there["pending"], there["sink"]


_MOVES: dict[What, dict[str, int]] = {
    W.LOST: {"seen": 0},
    W.UNDONE_BY_RESTORE: {"seen": 0},
    W.UNDONE_BY_ROLLBACK: {"seen": 0},
    W.STAGED: {"pending": 1},
    W.EMITTED: {"sink": 1},
    W.COMMITTED: {"pending": -1, "sink": 1},
    W.OUTPUT_LOST: {"pending": 0},
    W.OUTPUT_DISCARDED: {"pending": 0},
    W.OUTPUT_UNDONE: {"pending": -1},
    W.OUTPUT_BACK: {"pending": 1},
}


# The counterfactuals.


def by_mechanism(made: History, event_id: str) -> dict[str, tuple[Effect | None, Judgement | None]]:
    """Return for each mechanism what there would be now, and how that would end."""
    return {each.mechanism: (each.now, each.judgement) for each in otherwise(made, event_id)}


def test_every_mechanism_is_asked_about_in_the_order_of_the_switches() -> None:
    assert [each.mechanism for each in otherwise(history("process a"), "e1")] == list(SWITCHES)


def test_without_dedup_a_duplicate_would_count_twice() -> None:
    found = by_mechanism(history("process e1 a", "retry"), "e1")
    assert found["dedup"] == (Effect(2, 2, 0), Judgement.DOUBLED)
    assert found["idempotent-sink"] == (Effect(1, 1, 0), Judgement.EXACTLY_ONCE)


def test_without_direct_output_nothing_is_out_before_a_commit() -> None:
    made = history("process e1 a")
    direct = otherwise(made, "e1")[2]
    assert (direct.now, direct.judgement) == (Effect(1, 0, 1), Judgement.EXACTLY_ONCE)
    assert direct.differs
    assert not otherwise(made, "e1")[0].differs


def test_each_mechanism_is_needed_somewhere() -> None:
    lines = {
        "dedup": ("process e1 a", "lose ack", "replay"),
        "seen-in-checkpoints": ("checkpoint", "process e1 a", "restore", "replay"),
        "transactional-output": ("process e1 a", "crash", "restart", "replay"),
        "idempotent-sink": ("process e1 a", "checkpoint", "commit", "restore"),
        "source-replay": ("process e1 a", "crash", "restart"),
    }
    wrong = {"seen-in-checkpoints": Judgement.LOST, "source-replay": Judgement.LOST}
    for mechanism, typed in lines.items():
        judged = by_mechanism(history(*typed), "e1")[mechanism][1]
        assert judged is wrong.get(mechanism, Judgement.DOUBLED), mechanism


def test_what_is_not_possible_without_a_mechanism_is_left_out_and_counted() -> None:
    made = history("process e1 a", "lose ack", "replay")
    assert [each.refused for each in otherwise(made, "e1")] == [0, 0, 0, 0, 2]


def test_a_mechanism_that_was_never_on_makes_no_difference() -> None:
    made = history("mechanism dedup off", "process e1 a", "retry")
    assert not otherwise(made, "e1")[0].differs


def test_a_counterfactual_keeps_its_mechanism_off_whatever_is_switched() -> None:
    made = history("guarantee exactly-once", "mechanism dedup on", "process e1 a", "retry")
    assert by_mechanism(made, "e1")["dedup"][0] == Effect(2, 2, 0)


def test_a_session_too_long_to_carry_out_again_says_so() -> None:
    made = History()
    made.do(c.Feed(("a",) * LONGEST))
    assert otherwise(made, "e1")[0].now == Effect(LONGEST, 1, 0)
    made.do(read("process a"))
    assert {(each.now, each.end, each.judgement) for each in otherwise(made, "e1")} == {
        (None, None, None)
    }


@given(st.lists(anything, max_size=20))
def test_asking_what_would_have_been_changes_nothing(commands: list[c.Command]) -> None:
    made = History()
    for command in commands:
        try:
            made.do(command)
        except Refused:
            continue
    before = whole(made.lab)
    for event_id, _ in made.lab.source.log:
        assert len(otherwise(made, event_id)) == len(SWITCHES)
    assert whole(made.lab) == before
