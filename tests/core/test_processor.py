"""What each operation of the processor does, and what each mechanism is for."""

from collections.abc import Callable

import pytest

from core.errors import UnknownCheckpoint
from core.mechanisms import AT_LEAST_ONCE, AT_MOST_ONCE, EXACTLY_ONCE, Mechanisms
from core.processor import Processor
from tests.invariants import broken


def processor_of(
    *events: tuple[str | int, str], mechanisms: Mechanisms = EXACTLY_ONCE
) -> Processor:
    """Make a processor that has taken these events."""
    processor = Processor(mechanisms)
    for event_id, word in events:
        processor.process(event_id, word)
    return processor


A, B, C = ("e1", "a"), ("e2", "b"), ("e3", "c")


# process


def test_a_fresh_processor_holds_nothing() -> None:
    processor = Processor()
    assert processor.counts == {}
    assert processor.seen == {}
    assert list(processor.pending) == []
    assert list(processor.sink) == []
    assert list(processor.checkpoints) == []


def test_an_event_is_counted_remembered_and_staged() -> None:
    processor = Processor()
    assert processor.process("e1", "hello") == (1, False)
    assert processor.counts == {"hello": 1}
    assert processor.seen == {"e1": "hello"}
    assert list(processor.pending) == [("e1", "hello", 1)]
    assert list(processor.sink) == []


def test_an_output_tells_id_word_and_count_by_name() -> None:
    output = processor_of(A).pending[0]
    assert (output.event_id, output.word, output.count) == ("e1", "a", 1)


def test_a_known_id_changes_nothing() -> None:
    processor = processor_of(A)
    before = processor.freeze()
    assert processor.process("e1", "a") == (1, True)
    assert processor.freeze() == before


def test_a_known_id_with_another_word_is_the_same_event() -> None:
    processor = processor_of(A)
    before = processor.freeze()
    assert processor.process("e1", "b") == (0, True)
    assert processor.freeze() == before


def test_a_duplicate_answers_the_current_count_of_the_word_it_carries() -> None:
    processor = processor_of(A, B, ("e3", "b"))
    assert processor.process("e1", "b") == (2, True)


@pytest.mark.parametrize(
    ("one", "other"), [(1, "1"), ("e1", "E1"), ("e1", "e1 "), ("", " "), (0, ""), (10**20, "1e20")]
)
def test_ids_that_differ_are_different_events(one: str | int, other: str | int) -> None:
    processor = processor_of((one, "a"))
    assert processor.process(other, "a") == (2, False)
    assert list(processor.seen) == [one, other]


def test_each_event_has_one_output_however_often_its_word_comes() -> None:
    processor = processor_of(A, ("e2", "a"), ("e3", "a"))
    assert list(processor.pending) == [("e1", "a", 1), ("e2", "a", 2), ("e3", "a", 3)]


def test_what_comes_after_a_commit_waits_for_the_next() -> None:
    processor = processor_of(A)
    processor.commit()
    processor.process(*B)
    assert list(processor.pending) == [("e2", "b", 1)]


# checkpoint and restore


def test_a_restore_brings_counts_seen_and_pending_back() -> None:
    processor = processor_of(A)
    processor.checkpoint("cp")
    processor.process(*B)
    processor.process("e3", "a")
    processor.restore("cp")
    assert processor.counts == {"a": 1}
    assert processor.seen == {"e1": "a"}
    assert list(processor.pending) == [("e1", "a", 1)]


def test_a_restore_of_the_state_in_hand_changes_nothing() -> None:
    processor = processor_of(A, B)
    processor.checkpoint("cp")
    before = processor.freeze()
    processor.restore("cp")
    assert processor.freeze() == before


def test_an_event_undone_by_a_restore_is_processed_again() -> None:
    processor = Processor()
    processor.checkpoint("cp")
    processor.process(*A)
    processor.restore("cp")
    assert processor.process(*A) == (1, False)


def test_a_restore_goes_forward_to_a_later_checkpoint() -> None:
    processor = processor_of(A)
    processor.checkpoint("early")
    processor.process(*B)
    processor.checkpoint("late")
    processor.restore("early")
    processor.restore("late")
    assert processor.seen == {"e1": "a", "e2": "b"}
    assert list(processor.pending) == [("e1", "a", 1), ("e2", "b", 1)]


def test_a_restore_goes_sideways_to_a_checkpoint_of_another_branch() -> None:
    processor = processor_of(A)
    processor.checkpoint("root")
    processor.process(*B)
    processor.checkpoint("left")
    processor.restore("root")
    processor.process(*C)
    processor.process("e2", "z")
    processor.checkpoint("right")
    processor.restore("left")
    assert processor.seen == {"e1": "a", "e2": "b"}
    assert processor.counts == {"a": 1, "b": 1}
    processor.restore("right")
    assert processor.seen == {"e1": "a", "e3": "c", "e2": "z"}
    assert processor.counts == {"a": 1, "c": 1, "z": 1}


def test_a_checkpoint_outlives_the_branch_it_was_taken_on() -> None:
    processor = processor_of(A, B)
    processor.checkpoint("cp")
    processor.rollback()
    processor.process(*C)
    processor.restore("cp")
    assert processor.seen == {"e1": "a", "e2": "b"}
    assert list(processor.pending) == [("e1", "a", 1), ("e2", "b", 1)]


def test_a_name_used_before_is_replaced() -> None:
    processor = processor_of(A)
    processor.checkpoint("cp")
    processor.process(*B)
    processor.checkpoint("cp")
    processor.process(*C)
    processor.restore("cp")
    assert processor.counts == {"a": 1, "b": 1}


def test_checkpoints_are_named_in_the_order_saved() -> None:
    processor = Processor()
    for name in ("cp2", "cp1", 1, "1"):
        processor.checkpoint(name)
    assert list(processor.checkpoints) == ["cp2", "cp1", 1, "1"]


def test_a_name_used_again_counts_as_saved_last() -> None:
    """`restore` without a name takes the checkpoint saved last, in the lab."""
    processor = Processor()
    for name in ("cp1", "cp2", "cp1"):
        processor.checkpoint(name)
    assert list(processor.checkpoints) == ["cp2", "cp1"]


def test_a_checkpoint_can_be_restored_more_than_once() -> None:
    processor = processor_of(A)
    processor.checkpoint("cp")
    for _ in range(3):
        processor.process(*B)
        processor.restore("cp")
        assert processor.seen == {"e1": "a"}


def test_an_integer_and_a_string_name_different_checkpoints() -> None:
    processor = Processor()
    processor.checkpoint(1)
    processor.process(*A)
    processor.checkpoint("1")
    processor.restore(1)
    assert processor.counts == {}


def test_an_unknown_checkpoint_is_refused_and_nothing_changes() -> None:
    processor = processor_of(A)
    processor.checkpoint("1")
    before = processor.freeze()
    for name in ("cp", 1, ""):
        with pytest.raises(UnknownCheckpoint):
            processor.restore(name)
    assert processor.freeze() == before


def test_a_restore_leaves_the_sink_alone() -> None:
    processor = Processor()
    processor.checkpoint("cp")
    processor.process(*A)
    processor.commit()
    processor.restore("cp")
    assert list(processor.sink) == [("e1", "a", 1)]


def test_a_restore_drops_from_pending_what_the_sink_holds() -> None:
    processor = processor_of(A)
    processor.checkpoint("cp")
    processor.process(*B)
    processor.commit()
    processor.restore("cp")
    assert processor.seen == {"e1": "a"}
    assert list(processor.pending) == []


def test_a_replay_of_what_the_sink_holds_counts_and_stages_nothing() -> None:
    processor = Processor()
    processor.checkpoint("cp")
    processor.process(*A)
    processor.commit()
    processor.restore("cp")
    assert processor.process(*A) == (1, False)
    assert processor.counts == {"a": 1}
    assert processor.commit() == 0


def test_words_are_listed_by_their_first_id_in_seen_after_a_restore() -> None:
    """The word met on the branch undone does not keep its place."""
    processor = Processor()
    processor.checkpoint("cp")
    for event in (A, B):
        processor.process(*event)
    processor.restore("cp")
    for event in (B, A):
        processor.process(*event)
    assert list(processor.counts.items()) == [("b", 1), ("a", 1)]


def test_words_are_listed_by_the_order_of_the_branch_restored() -> None:
    processor = processor_of(A, B)
    processor.checkpoint("cp")
    processor.rollback()
    for event in (B, A):
        processor.process(*event)
    processor.restore("cp")
    assert list(processor.counts) == ["a", "b"]


# commit and rollback


def test_a_commit_moves_all_pending_outputs_in_order() -> None:
    processor = processor_of(A, B)
    assert processor.commit() == 2
    assert list(processor.sink) == [("e1", "a", 1), ("e2", "b", 1)]
    assert list(processor.pending) == []


def test_a_commit_leaves_counts_and_seen_alone() -> None:
    processor = processor_of(A, B)
    processor.commit()
    assert processor.counts == {"a": 1, "b": 1}
    assert processor.seen == {"e1": "a", "e2": "b"}


@pytest.mark.parametrize("operation", [Processor.commit, Processor.rollback])
def test_with_nothing_pending_the_answer_is_0(operation: Callable[[Processor], int]) -> None:
    processor = processor_of(A)
    processor.commit()
    before = processor.freeze()
    assert operation(processor) == 0
    assert processor.freeze() == before


def test_a_commit_counts_only_what_it_moved() -> None:
    processor = processor_of(A, B)
    processor.commit()
    processor.process(*C)
    assert processor.commit() == 1


def test_a_rollback_discards_the_outputs_and_undoes_their_events() -> None:
    processor = processor_of(A)
    processor.commit()
    processor.process(*B)
    processor.process("e3", "a")
    assert processor.rollback() == 2
    assert processor.counts == {"a": 1}
    assert processor.seen == {"e1": "a"}
    assert list(processor.pending) == []
    assert list(processor.sink) == [("e1", "a", 1)]


def test_an_event_rolled_back_is_processed_again_when_it_comes_again() -> None:
    processor = processor_of(A)
    processor.rollback()
    assert processor.process(*A) == (1, False)
    assert list(processor.pending) == [("e1", "a", 1)]


def test_a_rollback_undoes_events_from_between_others() -> None:
    """After a restore, events that the sink holds come again and stage nothing."""
    processor = Processor()
    processor.checkpoint("cp")
    processor.process(*A)
    processor.commit()
    processor.restore("cp")
    processor.process(*B)
    processor.process(*A)
    processor.process(*C)
    assert processor.rollback() == 2
    assert processor.seen == {"e1": "a"}
    assert processor.counts == {"a": 1}


def test_words_are_listed_as_if_events_rolled_back_had_never_come() -> None:
    processor = Processor()
    processor.checkpoint("cp")
    for event in (("e1", "a"), ("e2", "b")):
        processor.process(*event)
    processor.commit()
    processor.restore("cp")
    for event in (("e3", "b"), ("e1", "a"), ("e2", "b")):
        processor.process(*event)
    assert list(processor.counts.items()) == [("b", 2), ("a", 1)]
    processor.rollback()
    assert list(processor.counts.items()) == [("a", 1), ("b", 1)]


def test_a_rollback_undoes_pending_outputs_that_a_restore_brought_back() -> None:
    processor = processor_of(A)
    processor.checkpoint("cp")
    processor.crash()
    processor.restore("cp")
    assert processor.rollback() == 1
    assert processor.counts == {}
    assert processor.seen == {}


def test_a_checkpoint_taken_before_a_rollback_still_holds_what_was_undone() -> None:
    processor = processor_of(A)
    processor.checkpoint("cp")
    processor.rollback()
    processor.restore("cp")
    assert list(processor.pending) == [("e1", "a", 1)]


# crash


def test_a_crash_takes_the_memory_and_leaves_checkpoints_and_sink() -> None:
    processor = processor_of(A)
    processor.commit()
    processor.checkpoint("cp")
    processor.process(*B)
    processor.crash()
    assert processor.counts == {}
    assert processor.seen == {}
    assert list(processor.pending) == []
    assert list(processor.sink) == [("e1", "a", 1)]
    assert list(processor.checkpoints) == ["cp"]


def test_a_checkpoint_survives_a_crash_whole() -> None:
    processor = processor_of(A, B)
    processor.checkpoint("cp")
    before = processor.freeze()
    processor.crash()
    processor.restore("cp")
    assert processor.freeze() == before


def test_checkpoint_crash_restore_replay_and_commit_end_as_a_run_without_fault() -> None:
    clean = processor_of(A, B, C)
    clean.commit()
    processor = processor_of(A)
    processor.checkpoint("cp")
    processor.process(*B)
    processor.commit()
    processor.crash()
    processor.restore("cp")
    for event in (A, B, C):
        processor.process(*event)
    processor.commit()
    assert list(processor.counts.items()) == list(clean.counts.items())
    assert list(processor.sink) == list(clean.sink)


def test_a_replay_from_the_start_after_a_crash_without_checkpoint_counts_once() -> None:
    processor = processor_of(A, B)
    processor.commit()
    processor.crash()
    for event in (A, B, C):
        processor.process(*event)
    assert processor.counts == {"a": 1, "b": 1, "c": 1}
    assert list(processor.pending) == [("e3", "c", 1)]


# mechanisms


def test_every_mechanism_is_on_by_default() -> None:
    assert Mechanisms() == EXACTLY_ONCE
    every = Mechanisms(
        dedup=True,
        seen_in_checkpoints=True,
        transactional_output=True,
        idempotent_sink=True,
        source_replay=True,
    )
    assert every == EXACTLY_ONCE


def test_the_presets_differ_from_exactly_once_as_the_contract_says() -> None:
    assert Mechanisms(dedup=False, transactional_output=False) == AT_LEAST_ONCE
    assert Mechanisms(source_replay=False) == AT_MOST_ONCE


NO_DEDUP = Mechanisms(dedup=False)


def test_without_dedup_a_known_id_counts_and_stages_again() -> None:
    processor = processor_of(A, mechanisms=NO_DEDUP)
    assert processor.process("e1", "a") == (2, False)
    assert list(processor.pending) == [("e1", "a", 1), ("e1", "a", 2)]


def test_without_dedup_seen_keeps_the_first_word_of_an_id() -> None:
    processor = processor_of(A, ("e1", "z"), mechanisms=NO_DEDUP)
    assert processor.seen == {"e1": "a"}
    assert processor.counts == {"a": 1, "z": 1}


def test_without_dedup_a_known_id_the_sink_holds_counts_and_is_not_staged() -> None:
    processor = processor_of(A, mechanisms=NO_DEDUP)
    processor.commit()
    assert processor.process("e1", "a") == (2, False)
    assert list(processor.pending) == []


def test_without_dedup_a_commit_puts_an_id_into_the_sink_twice() -> None:
    processor = processor_of(A, A, mechanisms=NO_DEDUP)
    assert processor.commit() == 2
    assert broken(processor).keys() == {"sink-once", "counts-match"}


def test_without_dedup_a_rollback_undoes_every_application() -> None:
    processor = processor_of(A, ("e1", "z"), A, mechanisms=NO_DEDUP)
    assert processor.rollback() == 3
    assert processor.counts == {}
    assert processor.seen == {}


NO_SEEN = Mechanisms(seen_in_checkpoints=False)


def test_without_seen_in_checkpoints_a_restore_leaves_seen_ahead_of_the_counts() -> None:
    processor = Processor(NO_SEEN)
    processor.checkpoint("cp")
    processor.process(*A)
    processor.restore("cp")
    assert processor.counts == {}
    assert processor.seen == {"e1": "a"}
    assert processor.process(*A) == (0, True), "the replay is skipped: the event is lost"


def test_without_seen_in_checkpoints_an_event_counts_twice_after_a_crash() -> None:
    processor = processor_of(A, mechanisms=NO_SEEN)
    processor.checkpoint("cp")
    processor.crash()
    processor.restore("cp")
    assert processor.seen == {}
    assert processor.process(*A) == (2, False)


def test_a_checkpoint_written_with_seen_brings_it_back_whatever_is_on_later() -> None:
    processor = processor_of(A)
    processor.checkpoint("cp")
    processor.switch(NO_SEEN)
    processor.process(*B)
    processor.restore("cp")
    assert processor.seen == {"e1": "a"}


def test_a_checkpoint_written_without_seen_brings_none_back_whatever_is_on_later() -> None:
    processor = processor_of(A, mechanisms=NO_SEEN)
    processor.checkpoint("cp")
    processor.switch(EXACTLY_ONCE)
    processor.process(*B)
    processor.restore("cp")
    assert processor.counts == {"a": 1}
    assert processor.seen == {"e1": "a", "e2": "b"}


DIRECT = Mechanisms(transactional_output=False)


def test_without_transactional_output_each_output_is_out_at_once() -> None:
    processor = processor_of(A, B, mechanisms=DIRECT)
    assert list(processor.sink) == [("e1", "a", 1), ("e2", "b", 1)]
    assert list(processor.pending) == []


@pytest.mark.parametrize("operation", [Processor.commit, Processor.rollback])
def test_without_transactional_output_there_is_nothing_to_commit_or_undo(
    operation: Callable[[Processor], int],
) -> None:
    processor = processor_of(A, mechanisms=DIRECT)
    before = processor.freeze()
    assert operation(processor) == 0
    assert processor.freeze() == before


def test_without_transactional_output_a_replay_after_a_crash_emits_again() -> None:
    """Past the sink's check of ids, though that mechanism is on."""
    processor = processor_of(A, mechanisms=DIRECT)
    processor.crash()
    processor.process(*A)
    assert broken(processor).keys() == {"sink-once"}


@pytest.mark.parametrize(
    ("operation", "sink", "seen"),
    [
        (Processor.commit, [("e2", "b", 1), ("e1", "a", 1)], {"e1": "a", "e2": "b"}),
        (Processor.rollback, [("e2", "b", 1)], {"e2": "b"}),
    ],
)
def test_outputs_pending_when_direct_output_begins_wait_for_commit_or_rollback(
    operation: Callable[[Processor], int],
    sink: list[tuple[str, str, int]],
    seen: dict[str, str],
) -> None:
    processor = processor_of(A)
    processor.switch(DIRECT)
    processor.process(*B)
    assert list(processor.pending) == [("e1", "a", 1)]
    assert operation(processor) == 1
    assert list(processor.sink) == sink
    assert processor.seen == seen


PLAIN_SINK = Mechanisms(idempotent_sink=False)


def test_without_the_idempotent_sink_a_restore_stages_what_is_already_out() -> None:
    processor = processor_of(A, mechanisms=PLAIN_SINK)
    processor.checkpoint("cp")
    processor.commit()
    processor.restore("cp")
    assert list(processor.pending) == [("e1", "a", 1)]
    processor.commit()
    assert broken(processor).keys() == {"sink-once"}


def test_without_the_idempotent_sink_a_replay_stages_what_is_already_out() -> None:
    processor = Processor(PLAIN_SINK)
    processor.checkpoint("cp")
    processor.process(*A)
    processor.commit()
    processor.restore("cp")
    processor.process(*A)
    assert list(processor.pending) == [("e1", "a", 1)]


def test_the_processor_alone_does_the_same_without_source_replay() -> None:
    """Sending again is the source's business."""
    for mechanisms in (EXACTLY_ONCE, AT_MOST_ONCE):
        processor = processor_of(A, A, mechanisms=mechanisms)
        assert processor.counts == {"a": 1}


def test_a_switch_acts_from_the_next_command_on() -> None:
    processor = processor_of(A, A)
    processor.switch(NO_DEDUP)
    assert processor.counts == {"a": 1}
    processor.process(*A)
    processor.switch(EXACTLY_ONCE)
    processor.process(*A)
    assert processor.counts == {"a": 2}


# copies, frozen states


STEPS: dict[str, Callable[[Processor], object]] = {
    "process": lambda p: p.process("e9", "z"),
    "checkpoint": lambda p: p.checkpoint("cp9"),
    "checkpoint under a known name": lambda p: p.checkpoint("cp"),
    "restore": lambda p: p.restore("cp"),
    "commit": lambda p: p.commit(),
    "rollback": lambda p: p.rollback(),
    "crash": lambda p: p.crash(),
}


def well_used() -> Processor:
    """Make a processor whose every part holds something, with a branch behind it."""
    processor = processor_of(A)
    processor.commit()
    processor.checkpoint("cp")
    processor.process(*B)
    processor.checkpoint("side")
    processor.restore("cp")
    processor.process(*C)
    return processor


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_copy_is_independent(step: Callable[[Processor], object]) -> None:
    processor = well_used()
    copy = processor.copy()
    before = processor.freeze()
    assert copy.freeze() == before
    step(copy)
    assert processor.freeze() == before
    step(processor)
    assert processor.freeze() == copy.freeze()


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_frozen_state_tells_every_change(step: Callable[[Processor], object]) -> None:
    processor = well_used()
    before = processor.freeze()
    step(processor)
    assert processor.freeze() != before


@pytest.mark.parametrize(
    "mechanism", ["dedup", "seen_in_checkpoints", "transactional_output", "idempotent_sink"]
)
def test_a_frozen_state_tells_which_mechanisms_are_on(mechanism: str) -> None:
    """Two processors that will answer the same command differently are not in one state."""
    assert Processor(Mechanisms(**{mechanism: False})).freeze() != Processor().freeze()


def test_a_frozen_state_tells_what_a_checkpoint_holds_that_is_out_by_now() -> None:
    """With the idempotent sink off later, a restore of the older one emits it again."""
    older, newer = processor_of(A), processor_of(A)
    older.checkpoint("cp")
    for processor in (older, newer):
        processor.commit()
    newer.checkpoint("cp")
    assert older.freeze() != newer.freeze()


def test_a_frozen_state_can_be_a_key() -> None:
    states = {well_used().freeze(), well_used().freeze(), Processor().freeze()}
    assert len(states) == 2


def test_the_same_state_reached_by_another_way_freezes_to_the_same_value() -> None:
    short = processor_of(B)
    short.checkpoint("cp")
    long = processor_of(A)
    long.checkpoint("cp")
    long.rollback()
    long.process(*B)
    long.checkpoint("cp")
    long.process(*C)
    long.restore("cp")
    assert long.freeze() == short.freeze()
