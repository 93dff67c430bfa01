"""What goes wrong with each mechanism off, and what a switch in the middle leaves as it was."""

from itertools import pairwise

import pytest

from core.lab.crash_points import STRIKES, CrashPoint
from core.lab.facts import Applied, Crashed, Skipped, Switched
from core.mechanisms import EXACTLY_ONCE, PRESETS, SWITCHES, Mechanisms, meaning
from tests.core.lab.scenes import history, ids, lab, outputs


def off(name: str) -> Mechanisms:
    """Return all mechanisms but one."""
    return EXACTLY_ONCE._replace(**{name: False})


def test_without_dedup_a_lost_ack_counts_an_event_twice() -> None:
    made = history("process e1 a", "lose ack", "replay", mechanisms=off("dedup"))
    assert made.lab.processor.counts == {"a": 2}
    assert made.steps[-1].facts[-1] == Applied(
        "e1", "a", 1, 2, again=True, output="pending", seen=1
    )


def test_without_dedup_seen_keeps_its_first_word() -> None:
    made = lab("process e1 a", "process e1 b", mechanisms=off("dedup"))
    assert made.processor.seen == {"e1": "a"}
    assert made.processor.counts == {"a": 1, "b": 1}


STALE = ("process e1 a", "checkpoint", "process e2 a", "restore", "replay")


def test_without_seen_in_checkpoints_a_live_restore_loses_what_it_undid() -> None:
    made = history(*STALE, mechanisms=off("seen_in_checkpoints"))
    assert isinstance(made.steps[-1].facts[-1], Skipped)
    assert made.lab.processor.counts == {"a": 1}
    assert list(made.lab.processor.seen) == ["e1", "e2"]


def test_without_seen_in_checkpoints_an_unacknowledged_event_counts_twice_after_a_crash() -> None:
    lines = ("process e1 a", "lose ack", "checkpoint", "crash", "restore", "replay")
    assert lab(*lines).processor.counts == {"a": 1}
    assert lab(*lines, mechanisms=off("seen_in_checkpoints")).processor.counts == {"a": 2}


def test_without_transactional_output_an_output_is_out_at_once_and_again_after_a_crash() -> None:
    mechanisms = off("transactional_output")
    made = lab("process e1 a", "crash", "restart", "replay", mechanisms=mechanisms)
    assert ids(outputs(made)[1]) == ["e1", "e1"]
    assert outputs(made)[0] == []


def test_without_transactional_output_commit_and_rollback_find_nothing() -> None:
    mechanisms = off("transactional_output")
    made = lab("process e1 a", "commit", "rollback", mechanisms=mechanisms)
    assert made.processor.counts == {"a": 1}
    assert made.source.offset == 1


def test_without_an_idempotent_sink_a_restore_behind_a_commit_emits_again() -> None:
    lines = ("process e1 a", "checkpoint", "commit", "restore", "commit")
    assert ids(outputs(lab(*lines))[1]) == ["e1"]
    assert ids(outputs(lab(*lines, mechanisms=off("idempotent_sink")))[1]) == ["e1", "e1"]


def test_without_an_idempotent_sink_a_replay_behind_a_commit_emits_again() -> None:
    lines = ("process e1 a", "commit", "crash", "restart", "replay", "commit")
    assert ids(outputs(lab(*lines))[1]) == ["e1"]
    assert ids(outputs(lab(*lines, mechanisms=off("idempotent_sink")))[1]) == ["e1", "e1"]


ONCE = PRESETS["at-most-once"]


@pytest.mark.parametrize("back", ["restart", "restore"])
def test_without_source_replay_what_was_in_memory_is_lost(back: str) -> None:
    made = lab("checkpoint", "process e1 a", "crash", back, mechanisms=ONCE)
    assert made.source.due is None
    assert made.processor.counts == {}


def test_without_source_replay_a_rollback_does_not_move_the_source() -> None:
    assert lab("process e1 a", "rollback", mechanisms=ONCE).source.offset == 1


@pytest.mark.parametrize("point", ["before-apply", "before-ack"])
def test_without_source_replay_what_is_sent_is_done_with(point: str) -> None:
    made = history(f"crash {point}", "process e1 a", "restart", mechanisms=ONCE)
    assert isinstance(made.steps[1].facts[-1], Crashed)
    assert made.lab.source.offset == 1
    assert made.lab.source.due is None


def test_without_source_replay_the_event_that_was_due_can_still_be_sent() -> None:
    made = lab("process e1 a", "crash", "restart", "mechanism source-replay off", "retry e1")
    assert made.processor.counts == {"a": 1}
    assert made.source.due is None


def test_a_switch_tells_what_was_and_what_is() -> None:
    made = history("mechanism dedup off", "guarantee at-most-once", "guarantee exactly-once")
    expected = [EXACTLY_ONCE, off("dedup"), ONCE, EXACTLY_ONCE]
    told = [fact for step in made.steps for fact in step.facts]
    assert told == [Switched(*pair) for pair in pairwise(expected)]


def test_pending_outputs_stay_when_output_becomes_direct() -> None:
    made = lab("process e1 a", "mechanism transactional-output off", "process e2 b")
    assert (ids(outputs(made)[0]), ids(outputs(made)[1])) == (["e1"], ["e2"])
    made = lab("process e1 a", "mechanism transactional-output off", "process e2 b", "commit")
    assert ids(outputs(made)[1]) == ["e2", "e1"]


def test_a_rollback_discards_what_was_pending_before_output_became_direct() -> None:
    lines = ("process e1 a", "mechanism transactional-output off", "process e2 b", "rollback")
    made = lab(*lines)
    assert outputs(made)[0] == []
    assert made.processor.seen == {"e2": "b"}
    assert made.source.due == ("e1", "a")


def test_what_a_checkpoint_holds_is_fixed_when_it_is_written() -> None:
    start = ("process e1 a", "checkpoint", "process e2 a")
    later = ("mechanism seen-in-checkpoints off", "restore")
    assert list(lab(*start, *later).processor.seen) == ["e1"]
    made = lab("mechanism seen-in-checkpoints off", *start, "guarantee exactly-once", "restore")
    assert list(made.processor.seen) == ["e1", "e2"]


def test_all_is_well_again_once_every_mechanism_is_on_again() -> None:
    made = lab(
        *("guarantee at-least-once", "guarantee exactly-once", "process e1 a", "checkpoint"),
        *("process e2 b", "lose ack", "crash", "restore", "replay", "replay 0", "commit"),
    )
    assert made.processor.counts == {"a": 1, "b": 1}
    assert ids(outputs(made)[1]) == ["e1", "e2"]


@pytest.mark.parametrize("switch", SWITCHES)
def test_each_mechanism_says_what_it_does_and_what_goes_wrong_without_it(switch: str) -> None:
    without = meaning(switch, off(SWITCHES[switch]))
    assert meaning(switch, EXACTLY_ONCE) != without


def test_each_crash_point_says_when_it_strikes() -> None:
    assert STRIKES.keys() == set(CrashPoint)
