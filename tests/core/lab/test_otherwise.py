"""What would have become of an event without each mechanism: the counterfactuals of `why`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.lab import commands as c
from core.lab.history import History
from core.lab.judge import Judgement
from core.lab.language import read
from core.lab.otherwise import LONGEST, Effect, Otherwise, otherwise, without
from core.mechanisms import SWITCHES
from tests.core.lab.scenes import anything, history, whole


def by_mechanism(made: History, event_id: str) -> dict[str, tuple[Effect | None, Judgement | None]]:
    """Return for each mechanism what there would be now, and how that would end."""
    return {each.mechanism: (each.now, each.judgement) for each in otherwise(made, event_id)}


def asked(made: History, event_id: str, mechanism: str) -> Otherwise:
    """Return what the event would have come to without one mechanism."""
    return next(each for each in otherwise(made, event_id) if each.mechanism == mechanism)


def test_every_mechanism_is_asked_about_in_the_order_of_the_switches() -> None:
    assert [each.mechanism for each in otherwise(history("process a"), "e1")] == list(SWITCHES)


def test_without_dedup_a_duplicate_would_count_twice() -> None:
    found = by_mechanism(history("process e1 a", "retry"), "e1")
    assert found["dedup"] == (Effect(2, 2, 2, 0), Judgement.DOUBLED)
    assert found["idempotent-sink"] == (Effect(1, 1, 1, 0), Judgement.ONCE)


def test_without_direct_output_nothing_is_out_before_a_commit() -> None:
    made = history("process e1 a")
    direct = otherwise(made, "e1")[2]
    assert (direct.now, direct.judgement) == (Effect(1, 1, 0, 1), Judgement.ONCE)
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


def test_the_counterfactuals_are_about_this_id_and_not_about_its_word() -> None:
    made = history("process e1 a", "process e2 a", "retry e2")
    first, second = asked(made, "e1", "dedup"), asked(made, "e2", "dedup")
    assert (first.now, first.judgement) == (Effect(1, 3, 1, 0), Judgement.ONCE)
    assert not first.differs
    assert (second.now, second.judgement) == (Effect(2, 3, 2, 0), Judgement.DOUBLED)
    assert second.differs


def test_what_became_of_another_event_of_the_word_is_no_matter() -> None:
    made = history(
        *("process e1 a", "checkpoint cp1", "commit", "process e2 a", "crash", "restore cp1")
    )
    first, second = asked(made, "e1", "source-replay"), asked(made, "e2", "source-replay")
    assert (first.judgement, first.differs) == (Judgement.ONCE, False)
    assert (second.judgement, second.differs) == (Judgement.LOST, True)


def test_two_errors_of_a_word_do_not_cancel() -> None:
    made = history(
        *("process e1 a", "retry e1", "checkpoint", "process e2 a", "crash before-apply"),
        *("retry e2", "restore", "mechanism source-replay off"),
    )
    assert asked(made, "e1", "dedup").judgement is Judgement.DOUBLED
    assert asked(made, "e2", "source-replay").judgement is Judgement.LOST


@pytest.mark.parametrize(
    ("lines", "counted", "total"),
    [
        (("process e1 hello", "retry e1", "retry e1"), 3, 3),
        (("process e1 a", "retry e1", "process e2 a", "retry e2"), 2, 4),
    ],
)
def test_beside_how_often_an_id_would_count_stands_what_its_word_would_come_to(
    lines: tuple[str, ...], counted: int, total: int
) -> None:
    now = asked(history(*lines), "e1", "dedup").now
    assert now is not None
    assert (now.counted, now.word_count) == (counted, total)


def test_an_event_that_would_never_have_been_sent_is_not_judged() -> None:
    made = history(
        *("process e1 a", "lose ack", "crash before-ack", "replay", "restart", "replay"),
        *("process e2 b", "process e3 c"),
    )
    found = asked(made, "e3", "source-replay")
    assert (found.now, found.judgement, found.differs) == (Effect(0, 0, 0, 0), None, True)


UNDONE_THERE = ("process e1 a", "checkpoint", "commit", "restore", "rollback")
"""Without an idempotent sink e1 is pending again, so that the rollback undoes it: it is due."""


@pytest.mark.parametrize("line", ["process e2 b", "feed b"])
def test_what_is_due_there_alone_is_sent_before_a_new_event(line: str) -> None:
    made = history(*UNDONE_THERE, line)
    first, second = (asked(made, event_id, "idempotent-sink") for event_id in ("e1", "e2"))
    assert (first.now, first.refused) == (Effect(1, 1, 1, 1), 0)
    assert (second.now, second.judgement) == (Effect(1, 1, 1, 0), Judgement.ONCE)


def test_an_event_that_is_due_and_comes_again_is_not_sent_once_more_before() -> None:
    made = history("process e1 a", "lose ack", "process e1 a")
    assert asked(made, "e1", "dedup").now == Effect(2, 2, 2, 0)


def test_before_a_raw_request_nothing_is_sent_that_is_due() -> None:
    """Whoever sends those is the source."""
    made = history("process e1 a", "rollback", '{"type":"process","event_id":"x","word":"b"}')
    assert asked(made, "e1", "dedup").now == Effect(0, 0, 0, 0)


def test_after_an_undo_and_another_command_it_is_asked_of_that_one() -> None:
    made = history("process e1 a", "retry")
    assert without(made, "dedup", 2).lab.processor.counts == {"a": 2}
    made.undo()
    made.do(read("process e2 b"))
    assert without(made, "dedup", 2).lab.processor.counts == {"a": 1, "b": 1}
    assert without(made, "dedup", 1).lab.processor.counts == {"a": 1}


def test_an_id_that_was_never_sent_is_refused() -> None:
    with pytest.raises(Refused, match="e9 was never sent"):
        otherwise(history("process 'my id' a"), "e9")


def test_what_is_not_possible_without_a_mechanism_is_left_out_and_counted() -> None:
    made = history("process e1 a", "lose ack", "replay")
    assert [each.refused for each in otherwise(made, "e1")] == [0, 0, 0, 0, 2]


def test_a_mechanism_that_was_never_on_makes_no_difference() -> None:
    made = history("mechanism dedup off", "process e1 a", "retry")
    assert not otherwise(made, "e1")[0].differs


def test_a_counterfactual_keeps_its_mechanism_off_whatever_is_switched() -> None:
    made = history("guarantee exactly-once", "mechanism dedup on", "process e1 a", "retry")
    assert by_mechanism(made, "e1")["dedup"][0] == Effect(2, 2, 2, 0)


def test_a_session_too_long_to_carry_out_again_says_so() -> None:
    made = History()
    made.do(c.Feed(("a",) * LONGEST))
    assert otherwise(made, "e1")[0].now == Effect(1, LONGEST, 1, 0)
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
