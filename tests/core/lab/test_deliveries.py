"""The commands that drive the laboratory, against the contract."""

import pytest

from core.lab import commands as c
from core.lab.facts import (
    Applied,
    Committed,
    Fact,
    Fed,
    Restored,
    Reused,
    RolledBack,
    Saved,
    Skipped,
    Summary,
)
from core.lab.lab import Lab
from core.lab.language import read
from core.lab.record import Moment, MomentKind
from tests.core.lab.scenes import history, ids, lab, outputs


def facts(*lines: str) -> tuple[Fact, ...]:
    """Return the facts of the last of these lines."""
    return history(*lines).steps[-1].facts


def test_a_new_id_is_logged_applied_staged_and_acknowledged() -> None:
    made = lab("process e1 hello")
    assert made.source.log == [("e1", "hello")]
    assert made.source.offset == 1
    assert made.processor.counts == {"hello": 1}
    assert made.processor.seen == {"e1": "hello"}
    assert outputs(made) == ([("e1", "hello", 1)], [])


def test_a_known_id_is_skipped_and_moves_neither_log_nor_offset() -> None:
    made = lab("process e1 hello", "process e2 b", "process e1 hello")
    assert made.source.log == [("e1", "hello"), ("e2", "b")]
    assert made.source.offset == 2
    assert made.processor.counts == {"hello": 1, "b": 1}


def test_of_a_skip_the_record_names_the_step_that_applied_the_event() -> None:
    made = history("process e1 hello", "process e2 b", "process e1 hello")
    assert made.steps[-1].facts == (Skipped("e1", "hello", 1, "hello"),)
    applied = Moment(1, MomentKind.APPLIED, word="hello", before=0, after=1)
    assert made.record.since("e1", 3) == (1, None, applied, applied)


def test_of_a_skip_after_a_restore_it_names_the_checkpoint_that_brought_the_event_back() -> None:
    made = history("process e1 a", "checkpoint cp1", "crash", "restore", "process e1 a")
    assert made.steps[-1].facts == (Skipped("e1", "a", 1, "a"),)
    applied = Moment(1, MomentKind.APPLIED, word="a", before=0, after=1)
    assert made.record.since("e1", 5) == (4, "cp1", None, applied)


def test_another_word_under_a_known_id_is_reported_and_the_log_keeps_its_own() -> None:
    steps = history("process e1 hello", "process e1 world").steps
    assert steps[-1].facts == (
        Reused("e1", "world", "hello"),
        Skipped("e1", "world", 0, "hello"),
    )
    assert lab("process e1 hello", "process e1 world").source.log == [("e1", "hello")]


def test_another_word_under_the_id_that_is_due_delivers_the_logs_word() -> None:
    made = history("process e1 hello", "crash", "restart", "process e1 world")
    reused, applied = made.steps[-1].facts
    assert reused == Reused("e1", "world", "hello")
    assert isinstance(applied, Applied)
    assert applied.word == "hello"
    assert made.lab.processor.counts == {"hello": 1}


def test_events_without_an_id_take_the_next_free_number() -> None:
    made = lab("process a", "process e3 b", "process c", "process d", "feed x y")
    assert [event_id for event_id, _ in made.source.log] == ["e1", "e3", "e2", "e4", "e5", "e6"]


def test_the_step_holds_the_id_that_was_given() -> None:
    assert history("process hello").steps[0].command == c.Process("e1", "hello")


def test_an_id_once_lost_in_a_crash_is_not_given_again() -> None:
    made = lab("process a", "crash", "restart", "replay", "process b")
    assert [event_id for event_id, _ in made.source.log] == ["e1", "e2"]


def test_retry_sends_the_last_event_again_or_the_one_named() -> None:
    start = ("process e1 a", "process e2 b")
    assert history(*start, "retry").steps[-1].command == c.Retry("e2")
    (fact,) = facts(*start, "retry e1")
    assert isinstance(fact, Skipped)
    assert fact.event_id == "e1"


def test_retry_of_the_event_that_is_due_acknowledges_it() -> None:
    made = lab("process e1 a", "process e2 b", "crash", "restart", "retry e1")
    assert made.source.offset == 1
    assert list(made.processor.seen) == ["e1"]


def test_feed_sends_one_new_event_a_word() -> None:
    made = history("process e2 be", "feed to be or not to be")
    assert made.lab.source.log[1:] == [
        ("e1", "to"),
        ("e3", "be"),
        ("e4", "or"),
        ("e5", "not"),
        ("e6", "to"),
        ("e7", "be"),
    ]
    assert made.lab.source.offset == 7
    counts = {"to": (0, 2), "be": (1, 3), "or": (0, 1), "not": (0, 1)}
    assert made.steps[-1].facts == (Fed(6, "e1", "e7", counts, "pending", 7),)


def test_feed_comes_to_what_the_same_words_come_to_one_by_one() -> None:
    words = ("to", "be", "or", "not", "to", "be")
    fed = lab("feed " + " ".join(words))
    assert fed.freeze() == lab(*(f"process {word}" for word in words)).freeze()


def test_a_checkpoint_without_a_name_takes_the_next_free_one() -> None:
    made = lab("checkpoint", "checkpoint cp3", "checkpoint", "checkpoint")
    assert list(made.saved) == ["cp1", "cp3", "cp2", "cp4"]


def test_a_checkpoint_of_a_name_used_before_replaces_it_and_counts_as_the_last() -> None:
    made = history("checkpoint a", "process e1 x", "checkpoint b", "checkpoint a")
    (fact,) = made.steps[-1].facts
    assert isinstance(fact, Saved)
    assert fact.replaced
    assert fact.summary.seen == 1
    assert list(made.lab.saved) == made.lab.processor.checkpoints == ["b", "a"]


def test_restore_goes_back_and_returns_the_offset() -> None:
    made = history("process e1 a", "checkpoint", "process e2 a", "restore cp1")
    assert made.lab.processor.counts == {"a": 1}
    assert made.lab.source.offset == 1
    held = Summary((("a", 1),), words=1, seen=1, pending=1)
    assert made.steps[-1].facts == (
        Restored("cp1", held, held, 0, 0, offset=(2, 1), due="e2", waiting=0),
    )


def test_restore_without_a_name_takes_the_checkpoint_saved_last() -> None:
    made = history("checkpoint a", "process e1 x", "checkpoint b", "checkpoint a", "restore")
    assert made.steps[-1].command == c.Restore("a")


def test_restore_drops_what_the_sink_already_holds() -> None:
    made = history("process e1 a", "checkpoint", "commit", "crash", "restore")
    assert outputs(made.lab) == ([], [("e1", "a", 1)])
    (fact,) = made.steps[-1].facts
    assert isinstance(fact, Restored)
    assert (fact.dropped, fact.in_sink) == (1, 1)
    assert (fact.held.pending, fact.summary.pending) == (1, 0)


def test_restore_of_a_later_checkpoint_goes_forward_and_leaves_the_offset() -> None:
    made = lab("checkpoint a", "process e1 x", "checkpoint b", "restore a", "restore b")
    assert list(made.processor.seen) == ["e1"]
    assert made.source.offset == 0  # it only ever moves back: e1 comes again, and is skipped


def test_an_event_applied_again_behind_a_commit_is_not_staged() -> None:
    made = history("process e1 a", "commit", "crash", "restart", "replay")
    assert made.steps[-1].facts[1] == Applied("e1", "a", 0, 1, again=False, output="held", seen=1)
    assert made.record.applications("e1", 5) == (1,), "so it was applied anew"
    assert outputs(made.lab) == ([], [("e1", "a", 1)])


def test_commit_moves_everything_pending_in_order() -> None:
    made = history("process e1 a", "process e2 b", "commit", "process e3 a", "commit")
    (fact,) = made.steps[-1].facts
    assert isinstance(fact, Committed)
    assert (fact.moved, ids(fact.outputs), fact.sink, fact.left) == (1, ["e3"], 3, 0)
    assert ids(outputs(made.lab)[1]) == ["e1", "e2", "e3"]


def test_commit_of_nothing_moves_nothing() -> None:
    assert facts("process e1 a", "commit", "commit") == (Committed(0, (), sink=1, left=0),)


def test_rollback_undoes_the_events_and_makes_the_first_of_them_due() -> None:
    made = history("process e1 a", "commit", "process e2 a", "process e3 b", "rollback")
    assert made.lab.processor.counts == {"a": 1}
    assert list(made.lab.processor.seen) == ["e1"]
    assert made.lab.source.due == ("e2", "a")
    (fact,) = made.steps[-1].facts
    assert isinstance(fact, RolledBack)
    assert (fact.discarded, ids(fact.outputs), fact.left) == (2, ["e2", "e3"], 0)
    assert (fact.offset, fact.due, fact.waiting) == ((3, 1), "e2", 1)


def test_rollback_of_nothing_leaves_the_offset() -> None:
    (fact,) = facts("process e1 a", "commit", "rollback")
    assert fact == RolledBack(0, (), left=0, offset=(1, 1), due=None, waiting=0)


def test_a_rollback_then_a_replay_brings_every_event_back() -> None:
    made = lab("process e1 a", "process e2 b", "rollback", "replay", "commit")
    assert ids(outputs(made)[1]) == ["e1", "e2"]


@pytest.mark.parametrize(
    "line",
    [
        "process e1 hello",
        "process e1 'two words'",
        "process '' ''",
        "process '#1' '?!'",
        "retry e1",
        "retry",
        "feed to be 'or#' not",
        "feed '' a.txt",
        "checkpoint",
        "checkpoint 'my cp'",
        "restore cp1",
        "restore",
        "commit",
        "rollback",
        "crash",
        "crash before-apply",
        "crash in-commit",
        "crash off",
        "restart",
        "replay",
        "replay 3",
        "lose ack",
        "mechanism seen-in-checkpoints off",
        "mechanism dedup on",
        "guarantee at-most-once",
        '{"type": "process", "event_id": 1, "word": "a"}',
        '{"type": "checkpoint", "checkpoint_id": 1}',
        r"restore $'\x1b[0m'",
        r"process $'a\nb' '?'",
        "restore int:5",
        "restore 'int:5'",
        "retry '?'",
    ],
)
def test_a_command_comes_back_from_its_typed_form(line: str) -> None:
    assert c.typed(read(line)) == line


@pytest.mark.parametrize("word", ["a.txt", "/etc", "?", "hello"])
def test_a_feed_of_one_word_is_not_typed_as_a_file_or_a_question(word: str) -> None:
    line = c.typed(c.Feed((word,)))
    assert read(line) == c.Feed((word,))
    assert len(line.split()) > 2


def test_a_laboratory_begins_up_and_empty() -> None:
    made = Lab()
    assert (made.up, made.armed, made.number) == (True, None, 1)
    assert made.processor.counts == {}
    assert made.processor.seen == {}
