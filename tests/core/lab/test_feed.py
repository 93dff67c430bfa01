"""A long feed: watched, stopped, interrupted by a crash."""

from core.lab import commands as c
from core.lab.facts import SAMPLE, Applied, Crashed, Fed, Undelivered, Unsent
from core.lab.history import History
from core.lab.lab import Lab
from core.lab.language import read
from core.mechanisms import AT_LEAST_ONCE
from tests.core.lab.scenes import history

WORDS = tuple(f"w{number % 50}" for number in range(10_000))


def test_a_watch_is_told_how_far_the_feed_has_come() -> None:
    told: list[int] = []

    def on_progress(done: int) -> bool:
        told.append(done)
        return True

    History().do(c.Feed(WORDS), on_progress)
    assert told == [4096, 8192]


def test_a_watch_can_stop_a_feed_and_the_step_holds_what_was_fed() -> None:
    made = History()
    step = made.do(c.Feed(WORDS), lambda done: done < 8192)
    assert step.command == c.Feed(WORDS[:8192])
    assert len(made.lab.source.log) == made.lab.source.offset == 8192
    fact, unsent = step.facts
    assert isinstance(fact, Fed)
    assert (fact.events, fact.last) == (8192, "e8192")
    assert unsent == Unsent(WORDS[8192 : 8192 + SAMPLE], 10_000 - 8192)


def test_a_stopped_feed_is_redone_as_far_as_it_came() -> None:
    made = History()
    made.do(c.Feed(WORDS), lambda _: False)
    was = made.lab.freeze()
    made.undo()
    made.redo()
    assert made.lab.freeze() == was


def test_a_feed_that_meets_a_crash_sends_one_word_and_can_go_on_after_recovery() -> None:
    made = history("process a", "crash before-ack", "feed x y z", "restart", "replay", "feed y z")
    fed, unsent, applied, crashed = made.steps[2].facts
    assert fed == Fed(1, "e2", "e2", None, "pending", 2)
    assert unsent == Unsent(("y", "z"), 2)
    assert isinstance(applied, Applied)
    assert isinstance(crashed, Crashed)
    assert made.lab.processor.counts == dict.fromkeys("axyz", 1)


def test_a_feed_that_crashes_before_the_first_word_is_applied_left_it_in_the_log() -> None:
    made = history("crash before-apply", "feed x y z", "restart")
    assert made.lab.source.due == ("e1", "x")
    fed, unsent, undelivered, crashed = made.steps[1].facts
    assert fed == Fed(1, "e1", "e1", None, "pending", 0)
    assert unsent == Unsent(("y", "z"), 2)
    assert undelivered == Undelivered("e1", "x")
    assert isinstance(crashed, Crashed)


def test_a_feed_with_direct_output_puts_everything_out() -> None:
    made = Lab(AT_LEAST_ONCE)
    (fact,) = made.step(read("feed a b a")).facts
    assert isinstance(fact, Fed)
    assert fact.output == "sink"
    assert [each.count for each in made.processor.sink] == [1, 1, 2]
    assert made.sink_length == 3


def test_a_feed_tells_where_each_count_came_from() -> None:
    (fact,) = history("process a", "feed b a b").steps[-1].facts
    assert isinstance(fact, Fed)
    assert fact.counts == {"b": (0, 2), "a": (1, 2)}
