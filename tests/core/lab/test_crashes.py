"""The commands that break the laboratory and bring it back; every crash point there is."""

from typing import NamedTuple

import pytest

from core.lab import commands as c
from core.lab.comparison import PARTS, compare, size
from core.lab.crash_points import CrashPoint
from core.lab.facts import (
    AckLost,
    Applied,
    Armed,
    Committed,
    Crashed,
    Disarmed,
    EventLost,
    Fact,
    Fed,
    Replayed,
    Restarted,
    Saved,
    Skipped,
    Undelivered,
    Unsent,
)
from core.lab.language import read
from tests.core.lab.scenes import history, ids, lab, outputs, recover

BEFORE = ("process e1 a", "process e2 b")


def test_a_crash_loses_counts_seen_and_pending_and_keeps_the_rest() -> None:
    made = history("process e1 a", "commit", "checkpoint", "process e2 b", "crash").lab
    processor = made.processor
    assert not made.up
    assert (processor.counts, processor.seen, processor.pending) == ({}, {}, [])
    assert ids(processor.sink) == ["e1"]
    assert processor.checkpoints == ["cp1"]
    assert (made.source.log, made.source.offset) == ([("e1", "a"), ("e2", "b")], 2)


def test_a_crash_tells_what_was_lost_and_what_was_kept() -> None:
    (fact,) = history(*BEFORE, "commit", "checkpoint", "process e3 a", "crash").steps[-1].facts
    assert isinstance(fact, Crashed)
    assert fact.point is None
    assert fact.lost == ((("a", 2), ("b", 1)), 2, 3, 1)
    assert [(saved.name, saved.sink) for saved in fact.checkpoints] == [("cp1", 2)]
    assert (fact.sink, fact.log, fact.logged) == (2, ("e1", "e2", "e3"), 3)
    assert (fact.out, fact.acknowledged) == (0, None)


def test_restart_begins_empty_with_the_source_at_its_beginning() -> None:
    made = history(*BEFORE, "crash", "restart")
    assert made.lab.up
    assert made.lab.processor.seen == {}
    assert made.steps[-1].facts == (Restarted((2, 0), "e1", waiting=1, unused=None),)


def test_a_restart_beside_a_checkpoint_names_the_one_saved_last() -> None:
    lines = ("process e1 a", "checkpoint cp1", "checkpoint cp2", "crash", "restart")
    made = history(*lines)
    assert made.steps[-1].facts == (Restarted((1, 0), "e1", waiting=0, unused="cp2"),)


def test_losing_the_ack_makes_the_event_due_and_the_processor_knows_it() -> None:
    made = history(*BEFORE, "lose ack", "replay")
    assert made.steps[-2].facts == (AckLost("e2", (2, 1), waiting=0),)
    replayed, skipped = made.steps[-1].facts
    assert replayed == Replayed(1, 1)
    assert isinstance(skipped, Skipped)
    assert made.lab.source.offset == 2


def test_losing_the_ack_of_a_duplicate_moves_the_source_back_to_it() -> None:
    made = history(*BEFORE, "retry e1", "lose ack")
    assert made.lab.source.offset == 0
    assert made.steps[-1].facts == (AckLost("e1", (2, 0), waiting=1),)


def test_replay_delivers_from_an_offset_to_the_end_and_acknowledges_what_was_due() -> None:
    made = history("process e1 a", "checkpoint", "process e2 b", "crash", "restore", "replay 0")
    kinds = [type(fact) for fact in made.steps[-1].facts]
    assert kinds == [Replayed, Skipped, Applied]
    assert made.lab.source.offset == 2


def test_replay_of_what_was_acknowledged_leaves_the_offset() -> None:
    assert lab(*BEFORE, "replay 0").source.offset == 2


@pytest.mark.parametrize(
    "between",
    [
        ("crash", "restore"),
        ("crash", "restart"),
        ("commit", "crash", "restart"),
        ("crash", "restore", "process e2 b", "process e3 c", "crash", "restore"),
    ],
)
def test_all_is_the_same_as_before_the_crash_once_everything_was_replayed(
    between: tuple[str, ...],
) -> None:
    made = history("process e1 a", "checkpoint", "process e2 b", *between, "replay")
    compared = compare(made, made.steps[-1])
    assert compared is not None
    assert (compared.cause, compared.differs, compared.explained) == ("crash", (), 0)


def test_a_replay_names_what_is_not_as_it_was_before_the_crash() -> None:
    made = history("process e1 a", "crash", "restart", "replay", "commit", "replay 0")
    compared = compare(made, made.steps[-1])
    assert compared is not None
    assert compared.differs == ("pending", "sink")
    assert [size(compared.before, part) for part in PARTS] == [1, 1, 1, 0]
    assert [size(compared.after, part) for part in PARTS] == [1, 1, 0, 1]


def test_a_replay_says_how_many_events_came_since_the_crash_where_they_alone_make_it_differ() -> (
    None
):
    lines = ("process e1 a", "crash", "restart", "retry e1", "process e2 b", "replay 0")
    made = history(*lines)
    compared = compare(made, made.steps[-1])
    assert compared is not None
    assert (compared.differs, compared.explained) == (("counts", "seen", "pending"), 1)


def test_a_replay_names_what_is_not_as_it_was_before_a_rollback() -> None:
    made = history(*BEFORE, "rollback", "replay", "commit", "replay 0")
    again, later = (compare(made, made.steps[number]) for number in (3, 5))
    assert again is not None
    assert (again.cause, again.differs) == ("rollback", ())
    assert later is not None
    assert (later.cause, later.differs) == ("rollback", ("pending", "sink"))


def test_a_replay_without_a_crash_before_compares_nothing() -> None:
    made = history(*BEFORE, "lose ack", "replay")
    assert compare(made, made.steps[-1]) is None
    assert compare(made, made.steps[0]) is None, "no replay at all"


def test_a_replay_that_crashes_itself_compares_nothing() -> None:
    made = history(*BEFORE, "crash", "restart", "crash before-ack", "replay")
    assert compare(made, made.steps[-1]) is None


def test_an_armed_crash_waits_and_can_be_called_off() -> None:
    made = history("crash in-commit", "process e1 a", "crash off", "commit")
    assert made.steps[0].facts == (Armed(CrashPoint.IN_COMMIT, replaced=None),)
    assert made.steps[2].facts == (Disarmed(CrashPoint.IN_COMMIT),)
    assert made.lab.up
    assert ids(outputs(made.lab)[1]) == ["e1"]


def test_arming_another_point_replaces_the_first() -> None:
    made = history("crash in-commit", "crash before-ack", "process e1 a")
    assert made.steps[1].facts == (Armed(CrashPoint.BEFORE_ACK, replaced=CrashPoint.IN_COMMIT),)
    assert not made.lab.up
    assert made.lab.armed is None


def test_calling_off_nothing_says_so() -> None:
    assert history("crash off").steps[-1].facts == (Disarmed(None),)


class Reached(NamedTuple):
    """A point reached from a line: what the step tells, and what is there afterwards.

    `acknowledged` is whether the event in hand is, if one was.
    """

    point: str
    before: tuple[str, ...]
    line: str
    facts: list[type[Fact]]
    offset: int
    acknowledged: bool | None
    sink: int
    checkpoints: list[str]


def test_a_lost_event_is_sent_again_where_the_source_sends_again() -> None:
    made = history("lose event a", "lose event", "replay", "commit")
    assert [step.facts for step in made.steps[:2]] == 2 * [(EventLost("e1", "a", (0, 0), 0),)]
    assert made.lab.processor.counts == {"a": 1}
    assert ids(made.lab.processor.sink) == ["e1"]


def test_a_lost_event_that_is_sent_once_is_lost_for_ever_without_a_crash() -> None:
    made = history("guarantee at-most-once", "lose event a", "process b")
    assert made.steps[1].facts == (EventLost("e1", "a", (0, 1), 0),)
    assert made.lab.processor.counts == {"b": 1}
    assert made.lab.source.due is None


REDELIVER = (*BEFORE, "lose ack")
FALLEN = (*BEFORE, "crash", "restart")
NAMED = (*BEFORE, "checkpoint old")
HEARD, UNHEARD = True, False
POINTS = [
    Reached("before-apply", BEFORE, "process e3 c", [Undelivered, Crashed], 2, UNHEARD, 0, []),
    Reached("before-apply", BEFORE, "process c", [Undelivered, Crashed], 2, UNHEARD, 0, []),
    Reached("before-apply", BEFORE, "process e1 a", [Undelivered, Crashed], 2, HEARD, 0, []),
    Reached("before-apply", REDELIVER, "retry", [Undelivered, Crashed], 1, UNHEARD, 0, []),
    Reached("before-apply", BEFORE, "retry e1", [Undelivered, Crashed], 2, HEARD, 0, []),
    Reached(
        "before-apply", BEFORE, "feed x y z", [Fed, Unsent, Undelivered, Crashed], 2, UNHEARD, 0, []
    ),
    Reached("before-apply", BEFORE, "feed x", [Fed, Undelivered, Crashed], 2, UNHEARD, 0, []),
    Reached("before-apply", FALLEN, "replay", [Replayed, Undelivered, Crashed], 0, UNHEARD, 0, []),
    Reached("before-ack", BEFORE, "process e3 c", [Applied, Crashed], 2, UNHEARD, 0, []),
    Reached("before-ack", BEFORE, "process e1 a", [Skipped, Crashed], 2, HEARD, 0, []),
    Reached("before-ack", REDELIVER, "retry", [Skipped, Crashed], 1, UNHEARD, 0, []),
    Reached("before-ack", BEFORE, "feed x y z", [Fed, Unsent, Applied, Crashed], 2, UNHEARD, 0, []),
    Reached("before-ack", BEFORE, "feed x", [Fed, Applied, Crashed], 2, UNHEARD, 0, []),
    Reached("before-ack", FALLEN, "replay", [Replayed, Applied, Crashed], 0, UNHEARD, 0, []),
    Reached("before-ack", BEFORE, "replay 0", [Replayed, Skipped, Crashed], 2, HEARD, 0, []),
    Reached("in-checkpoint", BEFORE, "checkpoint new", [Crashed], 2, None, 0, []),
    Reached("in-checkpoint", NAMED, "checkpoint new", [Crashed], 2, None, 0, ["old"]),
    Reached("in-checkpoint", NAMED, "checkpoint old", [Crashed], 2, None, 0, ["old"]),
    Reached("before-commit", BEFORE, "commit", [Crashed], 2, None, 0, []),
    Reached("in-commit", BEFORE, "commit", [Crashed], 2, None, 0, []),
    Reached("after-commit", BEFORE, "commit", [Committed, Crashed], 2, None, 2, []),
]


@pytest.mark.parametrize("case", POINTS, ids=lambda case: f"{case.point} by {case.line}")
def test_a_crash_point_is_reached(case: Reached) -> None:
    made = history(*case.before, f"crash {case.point}", case.line)
    crashed = made.steps[-1].facts[-1]
    assert isinstance(crashed, Crashed)
    assert crashed.point == case.point
    assert [type(fact) for fact in made.steps[-1].facts] == case.facts
    assert crashed.acknowledged is case.acknowledged
    assert (crashed.sink, crashed.out) == (case.sink, case.sink), "before the step it was empty"
    assert [saved.name for saved in crashed.checkpoints] == case.checkpoints
    assert (made.lab.up, made.lab.armed) == (False, None)
    assert made.lab.source.offset == case.offset
    assert len(made.lab.processor.sink) == case.sink
    assert made.lab.processor.checkpoints == case.checkpoints
    assert not made.lab.processor.seen


def test_every_crash_point_is_in_the_table() -> None:
    assert {case.point for case in POINTS} == set(CrashPoint)


@pytest.mark.parametrize("case", POINTS, ids=lambda case: f"{case.point} by {case.line}")
def test_after_a_crash_anywhere_recovery_ends_as_a_run_without_it(case: Reached) -> None:
    made = history(*case.before, f"crash {case.point}", case.line)
    recover(made.lab)
    log = made.lab.source.log
    clean = lab(*(f"process {event_id} {word}" for event_id, word in log), "commit")
    assert made.lab.processor.counts == clean.processor.counts
    assert made.lab.processor.sink == clean.processor.sink


def test_the_old_checkpoint_of_a_name_stands_whole_after_a_crash_in_its_replacement() -> None:
    made = lab(
        "process e1 a", "checkpoint", "process e2 b", "crash in-checkpoint", "checkpoint cp1"
    )
    made.step(read("restore cp1"))
    assert made.processor.counts == {"a": 1}
    assert made.source.due == ("e2", "b")


def test_a_commit_repeated_after_its_reply_was_lost_moves_only_what_the_sink_lacks() -> None:
    start = ("process e1 a", "checkpoint", "crash after-commit", "commit", "restore")
    made = history(*start, "process e2 b", "commit")
    (fact,) = made.steps[-1].facts
    assert isinstance(fact, Committed)
    assert ids(fact.outputs) == ["e2"]


def test_a_point_that_is_not_reached_waits() -> None:
    made = lab("crash in-checkpoint", "process e1 a", "commit", "rollback", "retry e1")
    assert made.up
    assert made.armed is CrashPoint.IN_CHECKPOINT


def test_an_event_that_was_sent_and_not_applied_is_named() -> None:
    made = history(*BEFORE, "crash before-apply", "process e1 a")
    assert made.steps[-1].facts[0] == Undelivered("e1", "a")


@pytest.mark.parametrize(
    ("point", "what"), [("before-apply", Undelivered), ("before-ack", Applied)]
)
def test_a_feed_cut_short_by_a_crash_says_what_it_did_not_send(
    point: str, what: type[Fact]
) -> None:
    made = history(f"crash {point}", "feed a b c d e f g h i")
    fed, unsent, delivery, crashed = made.steps[-1].facts
    seen = 1 if what is Applied else 0
    assert unsent == Unsent(("b", "c", "d", "e", "f", "g"), 8)
    assert isinstance(delivery, what)
    assert isinstance(crashed, Crashed)
    assert crashed.lost.seen == seen
    assert isinstance(fed, Fed)
    assert (fed.events, fed.first, fed.last, fed.counts, fed.output) == (
        1,
        "e1",
        "e1",
        None,
        "pending",
    )


def test_a_feed_cut_short_by_a_crash_holds_the_word_that_was_sent() -> None:
    made = history("crash before-ack", "feed x y z")
    assert made.lab.source.log == [("e1", "x")]
    assert made.steps[-1].command == c.Feed(("x",))


def test_a_feed_does_not_meet_a_crash_that_waits_elsewhere() -> None:
    made = history("crash in-commit", "feed x y z")
    assert [type(fact) for fact in made.steps[-1].facts] == [Fed]
    assert made.lab.up


def test_a_checkpoint_holds_an_event_that_is_due_and_it_comes_again() -> None:
    made = history("process e1 a", "lose ack", "checkpoint", "crash", "restore", "replay")
    saved = made.steps[2].facts[0]
    assert isinstance(saved, Saved)
    assert (saved.summary.seen, saved.offset) == (1, 0)
    assert isinstance(made.steps[-1].facts[-1], Skipped)
