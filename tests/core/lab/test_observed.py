"""What a step reports was seen: also with a mechanism off, and of a processor that is wrong."""

import pytest

from core.lab.changes import difference, expanded, picture
from core.lab.crash_points import CrashPoint
from core.lab.facts import (
    Applied,
    Committed,
    Crashed,
    Fact,
    Fed,
    Restarted,
    Restored,
    Reused,
    RolledBack,
    Saved,
    Skipped,
    Summary,
    Undelivered,
)
from core.lab.history import History
from core.lab.language import read
from core.mutants import MUTANTS
from core.outputs import Output
from tests.core.lab.scenes import history, lab

ONE = Summary((("a", 1),), words=1, seen=1, pending=1)
BARE = ("mechanism seen-in-checkpoints off", "process e1 a", "checkpoint cp1")
OUT = Output("e1", "a", 1)


def wrong(mutant: str, *lines: str) -> History:
    """Carry out these lines in a wrong laboratory."""
    made = History(MUTANTS[mutant].start)
    for line in lines:
        made.do(read(line))
    return made


def last(made: History) -> tuple[Fact, ...]:
    """Return the facts of the last step."""
    return made.steps[-1].facts


def crashed(made: History) -> Crashed:
    """Return the crash that ended the last step."""
    fact = last(made)[-1]
    assert isinstance(fact, Crashed)
    return fact


@pytest.mark.parametrize("later", [(), ("mechanism seen-in-checkpoints on",)])
def test_a_checkpoint_without_seen_says_so_as_long_as_it_is_there(later: tuple[str, ...]) -> None:
    made = history(*BARE, *later, "crash")
    saved = Saved("cp1", ONE._replace(seen=None), 1, replaced=False, sink=0)
    assert made.steps[2].facts == (saved,)
    assert made.lab.checkpoints == (saved,)
    assert crashed(made).checkpoints == (saved,)
    made.do(read("restore"))
    assert last(made) == (
        Restored("cp1", saved.summary, ONE._replace(seen=0), 0, 0, (1, 1), None, 0),
    )


def test_a_checkpoint_with_seen_goes_back_also_when_the_mechanism_is_off() -> None:
    made = history(
        *("process e1 a", "checkpoint cp1", "process e2 b", "process e3 c"),
        *("mechanism seen-in-checkpoints off", "restore cp1"),
    )
    assert last(made) == (Restored("cp1", ONE, ONE, 0, 0, (3, 1), "e2", 1),)
    assert made.steps[-1].changes.seen_removed == ("e2", "e3")


def test_a_restart_says_what_waits_behind_what_is_due() -> None:
    made = history("feed a b c d", "crash", "restart")
    assert last(made) == (Restarted((4, 0), "e1", waiting=3),)


def test_a_crash_in_a_commit_tells_what_this_commit_put_out_and_not_what_others_did() -> None:
    made = history("process e1 a", "commit", "process e2 b", "crash in-commit", "commit")
    assert (crashed(made).out, crashed(made).sink) == (0, 1)


def test_an_output_that_went_straight_out_before_a_crash_is_out() -> None:
    lines = ("mechanism transactional-output off", "crash before-ack", "process e1 a")
    assert (crashed(history(*lines)).out, crashed(history(*lines)).sink) == (1, 1)


def test_what_is_sent_once_is_acknowledged_though_it_was_not_applied() -> None:
    made = history("mechanism source-replay off", "crash before-apply", "process e7 x")
    undelivered, crash = last(made)
    assert undelivered == Undelivered("e7", "x")
    assert isinstance(crash, Crashed)
    assert (crash.point, crash.acknowledged) == (CrashPoint.BEFORE_APPLY, True)


def test_a_switched_mechanism_and_a_checkpoint_saved_anew_are_changes() -> None:
    before = lab("process e1 a", "checkpoint cp1", "process e2 b")
    after = before.copy()
    after.step(read("checkpoint cp1"))
    after.step(read("mechanism dedup off"))
    changes = difference(picture(before), picture(after))
    assert changes.checkpoints_changed == ("cp1",)
    assert [each.dedup for each in changes.mechanisms] == [True, False]


def test_a_feed_tells_every_id_and_output_when_asked() -> None:
    made = history("process e1 a", "feed a b")
    (fed,) = last(made)
    assert isinstance(fed, Fed)
    changes = expanded(made.steps[-1].changes, fed, made.lab)
    assert changes.seen_added == ("e2", "e3")
    assert changes.pending_added == (Output("e2", "a", 2), Output("e3", "b", 1))


# Wrong processors.


def test_of_a_rollback_that_keeps_its_outputs_they_are_left() -> None:
    made = wrong("rollback-keeps-outputs", "process e1 a", "rollback")
    assert last(made) == (RolledBack(1, (), left=1, offset=(1, 0), due="e1", waiting=0),)
    changes = made.steps[-1].changes
    assert (changes.seen_removed, changes.pending_removed) == (("e1",), ())


def test_of_a_rollback_that_leaves_seen_nothing_but_the_outputs_went() -> None:
    made = wrong("rollback-leaves-seen", "process e1 a", "rollback")
    assert last(made) == (RolledBack(1, (OUT,), left=0, offset=(1, 0), due="e1", waiting=0),)
    changes = made.steps[-1].changes
    assert (changes.counts, changes.seen_removed, changes.pending_removed) == ({}, (), (OUT,))


def test_an_output_that_a_restore_drops_need_not_be_in_the_sink() -> None:
    made = wrong("pending-lost", "process e1 a", "checkpoint cp1", "restore cp1")
    now = ONE._replace(pending=0)
    assert last(made) == (
        Restored("cp1", ONE, now, 1, in_sink=0, offset=(1, 1), due=None, waiting=0),
    )


def test_a_restore_that_brings_no_seen_says_what_the_checkpoint_held() -> None:
    made = wrong("seen-lost", "process e1 a", "checkpoint cp1", "crash", "restore cp1")
    now = ONE._replace(seen=0)
    assert last(made) == (
        Restored("cp1", ONE, now, 0, in_sink=0, offset=(1, 1), due=None, waiting=0),
    )


def test_a_known_id_with_another_word_is_applied_though_it_was_in_seen() -> None:
    made = wrong("dedup-by-id-and-word", "process e1 apple", "process e1 pear")
    assert last(made) == (
        Reused("e1", "pear", "apple"),
        Applied("e1", "pear", 0, 1, again=True, output="pending", seen=1),
    )


def test_a_word_taken_for_a_duplicate_has_no_first_word_of_its_id() -> None:
    made = wrong("dedup-by-word", "process e1 a", "process e2 a")
    assert last(made) == (Skipped("e2", "a", 1, first_word=None),)


def test_a_commit_torn_by_a_crash_tells_what_is_out() -> None:
    made = wrong("torn-commit", "process e1 a", "process e2 b", "crash in-commit", "commit")
    assert (crashed(made).out, crashed(made).sink) == (1, 1)
    assert made.steps[-1].changes.sink_added == (OUT,)


def test_an_id_that_drops_out_of_seen_is_seen_to_go() -> None:
    made = wrong("short-memory", "process e1 a", "process e2 b")
    changes = made.steps[-1].changes
    assert (changes.seen_added, changes.seen_removed) == (("e2",), ("e1",))
    fed = wrong("short-memory", "process e1 a", "feed b c").steps[-1]
    assert (fed.changes.seen_added, fed.changes.seen_removed) == (("e3",), ("e1",))
    assert [type(fact) for fact in fed.facts] == [Fed, Applied, Applied]


def test_a_checkpoint_that_goes_on_changing_is_said_to_hold_what_it_holds_now() -> None:
    made = wrong("aliased-checkpoint", "process e1 a", "checkpoint cp1", "process e2 b")
    changes = made.steps[-1].changes
    assert changes.checkpoints_changed == ("cp1",)
    assert (changes.counts_followed, changes.seen_followed) == (("cp1",), ("cp1",))
    (saved,) = made.lab.checkpoints
    assert saved.summary == Summary((("a", 1), ("b", 1)), words=2, seen=2, pending=1)
    made.do(read("crash"))
    assert crashed(made).checkpoints == (saved,)


def test_an_offset_written_too_early_is_seen_in_the_checkpoint() -> None:
    made = wrong("offset-first", "checkpoint cp1", "process e1 a")
    changes = made.steps[-1].changes
    assert (changes.checkpoints_changed, changes.counts_followed) == (("cp1",), ())
    assert [saved.offset for saved in made.lab.checkpoints] == [1]


def test_of_a_right_commit_nothing_is_left() -> None:
    (fact,) = last(history("process e1 a", "commit"))
    assert fact == Committed(1, (OUT,), sink=1, left=0)
