"""Raw requests in the laboratory: whoever pipes is the source, and sends in any order."""

from hypothesis import given
from hypothesis import strategies as st

from core.lab import commands as c
from core.lab.facts import Applied, Reused, Skipped
from core.lab.history import History
from core.lab.lab import Lab
from core.lab.language import read
from core.outputs import EventId
from tests import strategies as draw
from tests.core.lab.scenes import history, refuse, whole
from tests.oracle import Oracle


def sent(*events: tuple[EventId, str]) -> History:
    """Send these as raw requests."""
    done = History()
    for event_id, word in events:
        done.do(c.Process(event_id, word, raw=True))
    return done


def test_a_new_id_is_taken_while_another_event_is_due() -> None:
    made = history("process e1 a", "crash", "restart")
    made.do(c.Process("e2", "b", raw=True))
    assert made.lab.source.log == [("e1", "a"), ("e2", "b")]
    assert list(made.lab.processor.seen) == ["e2"]
    assert made.lab.source.due == ("e1", "a")  # e1 is due still: only it moves the offset


def test_what_was_applied_out_of_order_is_skipped_when_its_turn_comes() -> None:
    made = history("process e1 a", "crash", "restart")
    made.do(c.Process("e2", "b", raw=True))
    step = made.do(c.Replay())
    assert [type(fact) for fact in step.facts[1:]] == [Applied, Skipped]
    assert made.lab.source.due is None
    assert made.lab.processor.counts == {"b": 1, "a": 1}


def test_an_integer_and_a_string_are_different_ids() -> None:
    made = sent((1, "a"), ("1", "a"), (1, "a"))
    assert made.lab.processor.seen == {1: "a", "1": "a"}
    assert made.lab.processor.counts == {"a": 2}


def test_an_integer_id_is_retried_by_its_digits_where_no_string_has_them() -> None:
    made = sent((1, "a"))
    assert made.do(c.Retry("1")).command == c.Retry(1)
    made.do(c.Process("1", "b", raw=True))
    assert made.do(c.Retry("1")).command == c.Retry("1")


def test_another_word_under_a_known_id_is_delivered_as_it_came() -> None:
    made = sent(("e1", "a"), ("e1", "b"))
    assert made.steps[-1].facts == (
        Reused("e1", "b", "a"),
        Skipped("e1", "b", 0, "a"),
    )


def test_a_word_that_is_an_id_is_a_word() -> None:
    made = sent(("e1", "a"), ("e2", "e1"))
    assert made.lab.processor.counts == {"a": 1, "e1": 1}


operations = st.one_of(
    *[st.builds(c.Process, draw.ids, draw.words, st.just(True))] * 4,  # noqa: FBT003 - no keywords
    st.builds(c.Checkpoint, draw.names),
    st.builds(c.Restore, draw.names),
    st.just(c.Commit()),
    st.just(c.Rollback()),
)


@given(st.lists(operations, max_size=25))
def test_raw_requests_come_to_what_the_naive_oracle_says(commands: list[c.Command]) -> None:
    made, oracle = Lab(), Oracle()
    for command in commands:
        match command:
            case c.Process(event_id, word):
                assert event_id is not None
                oracle.process(event_id, word)
            case c.Checkpoint(name):
                assert name is not None
                oracle.checkpoint(name)
            case c.Restore(name):
                if name not in oracle.saved or name is None:
                    continue
                oracle.restore(name)
            case c.Commit():
                oracle.commit()
            case c.Rollback():
                oracle.rollback()
        made.step(command)
        processor = made.processor
        assert list(processor.counts.items()) == list(oracle.counts.items())
        assert list(processor.seen.items()) == list(oracle.seen.items())
        assert (processor.pending, processor.sink) == (oracle.pending, oracle.sink)


@given(st.lists(operations, max_size=25))
def test_the_typed_form_of_raw_requests_gives_the_same_session(commands: list[c.Command]) -> None:
    made, again = Lab(), Lab()
    for command in commands:
        if refuse(made, command) is None:
            again.step(read(c.typed(command)))
    assert whole(made) == whole(again)
