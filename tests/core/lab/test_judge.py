"""The four boundaries, the clean run, and how a run is brought to its end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.lab import commands as c
from core.lab.changes import Changes, difference, picture
from core.lab.judge import Boundary, Evidence, Judgement, Place, clean, recover, score
from core.lab.lab import Lab
from core.search.properties import settled
from tests.core.lab.scenes import anything, ids, lab, outputs, refuse, schedules, whole

ONCE, DOUBLED, LOST = Judgement.EXACTLY_ONCE, Judgement.DOUBLED, Judgement.LOST
WAITING, NOTHING = Judgement.WAITING, Judgement.NOTHING


def judged(*lines: str) -> list[Judgement]:
    """Return the judgements after these lines: state, committed, reader, outside."""
    return [boundary.judgement for boundary in score(lab(*lines))]


def boundary(place: Place, *lines: str) -> Boundary:
    """Return one boundary after these lines."""
    return next(each for each in score(lab(*lines)) if each.place is place)


CASES = [
    ((), [NOTHING, NOTHING, NOTHING, NOTHING]),
    (("checkpoint",), [NOTHING, NOTHING, NOTHING, NOTHING]),
    (("process e1 a",), [ONCE, WAITING, ONCE, ONCE]),
    (("process e1 a", "retry", "commit"), [ONCE, ONCE, ONCE, ONCE]),
    (("process e1 a", "crash"), [WAITING, WAITING, ONCE, ONCE]),
    (("crash before-apply", "process e1 a"), [WAITING, WAITING, WAITING, WAITING]),
    (("process e1 a", "crash", "restart"), [WAITING, WAITING, ONCE, ONCE]),
    (("process e1 a", "crash", "restart", "replay"), [ONCE, WAITING, DOUBLED, DOUBLED]),
    (("process e1 a", "commit", "crash", "restart", "replay"), [ONCE, ONCE, ONCE, DOUBLED]),
    (("process e1 a", "rollback", "replay", "commit"), [ONCE, ONCE, DOUBLED, DOUBLED]),
    (("mechanism dedup off", "process e1 a", "retry"), [DOUBLED, WAITING, DOUBLED, DOUBLED]),
    (("mechanism dedup off", "process e1 a", "retry", "commit"), [DOUBLED] * 4),
    (
        ("mechanism source-replay off", "process e1 a", "crash"),
        [WAITING, WAITING, ONCE, ONCE],
    ),
    (
        ("mechanism source-replay off", "process e1 a", "crash", "restart"),
        [LOST, LOST, ONCE, ONCE],
    ),
    (
        ("mechanism source-replay off", "crash before-apply", "process e1 a", "restart"),
        [LOST, LOST, LOST, LOST],
    ),
    (
        ("mechanism transactional-output off", "process e1 a", "crash", "restart", "replay"),
        [ONCE, DOUBLED, DOUBLED, DOUBLED],
    ),
    (
        ("mechanism idempotent-sink off", "process e1 a", "checkpoint", "commit", "restore"),
        [ONCE, ONCE, ONCE, ONCE],
    ),
    (
        (
            *("mechanism idempotent-sink off", "process e1 a", "checkpoint"),
            *("commit", "restore", "commit"),
        ),
        [ONCE, DOUBLED, ONCE, ONCE],
    ),
    (
        (
            *("mechanism seen-in-checkpoints off", "checkpoint", "process e1 a"),
            *("restore", "replay"),
        ),
        [LOST, LOST, ONCE, ONCE],
    ),
]


@pytest.mark.parametrize(("lines", "expected"), CASES)
def test_each_boundary_is_judged(lines: tuple[str, ...], expected: list[Judgement]) -> None:
    assert judged(*lines) == expected


def test_the_boundaries_are_always_four_and_in_order() -> None:
    assert [each.place for each in score(Lab())] == list(Place)


def test_the_state_is_judged_by_words_with_their_counts() -> None:
    found = boundary(Place.STATE, "mechanism dedup off", "process e1 a", "retry", "process b")
    assert found == Boundary(Place.STATE, DOUBLED, (Evidence("a", 2, 1),), 1, 2)


def test_the_output_is_judged_by_ids_with_how_often_each_is_there() -> None:
    found = boundary(Place.COMMITTED, "process e1 a", "commit", "process e2 b")
    assert found == Boundary(Place.COMMITTED, WAITING, (Evidence("e2", 0, 1),), 1, 2)


def test_of_many_the_first_are_named_and_all_are_counted() -> None:
    found = boundary(Place.COMMITTED, "feed a b c d e f g h i")
    assert (len(found.evidence), found.concerned, found.judged) == (6, 9, 9)


def test_a_word_counted_twice_shows_even_while_another_event_with_it_is_still_to_come() -> None:
    lines = ("mechanism dedup off", "process e1 a", "retry", "crash before-apply", "process e2 a")
    assert judged(*lines)[0] is WAITING  # down: a restore may bring anything
    made = lab("mechanism dedup off", "process e1 a", "retry", "checkpoint", *lines[3:], "restore")
    assert made.processor.counts == {"a": 2}
    assert score(made)[0] == Boundary(Place.STATE, DOUBLED, (Evidence("a", 2, 1),), 1, 1)


@given(st.lists(schedules, max_size=30))
def test_with_every_mechanism_on_state_and_committed_output_are_never_doubled_or_lost(
    commands: list[c.Command],
) -> None:
    made = Lab()
    for command in commands:
        refuse(made, command)
    for found in score(made)[:2]:
        assert found.judgement not in {DOUBLED, LOST}
    recover(made)
    expected = ONCE if made.source.log else NOTHING
    assert [found.judgement for found in score(made)[:2]] == [expected, expected]


@given(st.lists(anything, max_size=30))
def test_looking_changes_nothing_and_recovery_always_comes_to_an_end(
    commands: list[c.Command],
) -> None:
    made = Lab()
    for command in commands:
        refuse(made, command)
    before = whole(made)
    score(made)
    clean(made)
    assert whole(made) == before
    recover(made)
    assert settled(made)


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("process e1 a", "process e2 b"),
        ("process e1 a", "commit", "process e2 a"),
        ("process e1 a", "commit", "crash", "restart", "replay"),
        ("process e1 a", "lose ack", "replay", "commit", "checkpoint"),
    ],
)
def test_a_run_in_which_nothing_went_wrong_is_the_clean_run(lines: tuple[str, ...]) -> None:
    made = lab(*lines)
    assert clean(made) == picture(made)


def test_the_clean_run_shows_what_a_fault_took() -> None:
    made = lab("process e1 a", "commit", "process e2 b", "crash")
    missing = difference(picture(made), clean(made))
    assert missing == Changes(
        counts={"a": (0, 1), "b": (0, 1)},
        seen_added=("e1", "e2"),
        pending_added=tuple(lab("process e1 a", "commit", "process e2 b").processor.pending),
        offset=(2, 2),
        up=(False, True),
    )


def test_the_clean_run_shows_what_is_there_twice() -> None:
    made = lab("mechanism dedup off", "process e1 a", "retry", "commit")
    surplus = difference(clean(made), picture(made))
    assert surplus.counts == {"a": (1, 2)}
    assert ids(surplus.sink_added) == ["e1"]


def test_recovery_restores_the_last_checkpoint_replays_and_commits() -> None:
    made = lab("process e1 a", "checkpoint", "process e2 b", "crash before-commit", "commit")
    recover(made)
    assert made.restored_at[1] == "cp1"
    assert ids(outputs(made)[1]) == ["e1", "e2"]


def test_recovery_without_a_checkpoint_starts_again_with_an_armed_crash_called_off() -> None:
    made = lab("process e1 a", "rollback", "crash before-ack")
    recover(made)
    assert (made.up, made.armed) == (True, None)
    assert ids(outputs(made)[1]) == ["e1"]
