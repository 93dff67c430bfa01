"""The four boundaries, the clean run, and how a run is brought to its end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.lab import commands as c
from core.lab.changes import Changes, difference, picture
from core.lab.history import History
from core.lab.judge import (
    Evidence,
    Group,
    Judgement,
    Place,
    clean,
    judged,
    recovery,
    score,
    verdict,
)
from core.lab.language import read
from core.mutants import MUTANTS
from core.rules import settled
from tests.core.lab.scenes import (
    anything,
    history,
    ids,
    lab,
    outputs,
    recover,
    schedules,
    whole,
)

ONCE, DOUBLED, LOST = Judgement.ONCE, Judgement.DOUBLED, Judgement.LOST
WAITING = Judgement.WAITING


def worst(*lines: str) -> list[Judgement | None]:
    """Return the worst judgements after these lines: state, committed, reader, outside."""
    return [boundary.worst for boundary in score(history(*lines))]


def groups(place: Place, made: History) -> tuple[Group, ...]:
    """Return what happened at one boundary."""
    return next(each.groups for each in score(made) if each.place is place)


def carried_out(made: History, commands: list[c.Command]) -> History:
    """Carry out the commands that can be."""
    for command in commands:
        try:
            made.do(command)
        except Refused:
            continue
    return made


CASES = [
    ((), [None, None, None, None]),
    (("checkpoint",), [None, None, None, None]),
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
        [LOST, LOST, ONCE, ONCE],
    ),
    (
        ("mechanism source-replay off", "process e1 a", "checkpoint", "crash"),
        [WAITING, WAITING, ONCE, ONCE],
    ),
    (
        (
            *("mechanism source-replay off", "process e1 a", "checkpoint", "commit"),
            *("crash", "restart"),
        ),
        [WAITING, ONCE, ONCE, ONCE],
    ),
    (
        (
            *("mechanism source-replay off", "process e1 a", "checkpoint cp", "crash"),
            *("restart", "checkpoint cp"),
        ),
        [LOST, LOST, ONCE, ONCE],
    ),
    (
        ("mechanism source-replay off", "crash before-apply", "process e1 a"),
        [LOST, LOST, LOST, LOST],
    ),
    (("mechanism source-replay off", "process e1 a", "rollback"), [LOST, LOST, ONCE, ONCE]),
    (("process e1 a", "checkpoint", "crash", "restore"), [ONCE, WAITING, DOUBLED, ONCE]),
    (("process e1 a", "checkpoint", "restore"), [ONCE, WAITING, ONCE, ONCE]),
    (
        ("checkpoint cp0", "process e1 a", "checkpoint cp1", "restore cp0", "restore cp1"),
        [ONCE, WAITING, DOUBLED, ONCE],
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
        [ONCE, ONCE, DOUBLED, ONCE],
    ),
    (
        (
            *("mechanism idempotent-sink off", "process e1 a", "checkpoint"),
            *("commit", "restore", "commit"),
        ),
        [ONCE, DOUBLED, DOUBLED, ONCE],
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
def test_each_boundary_is_judged(lines: tuple[str, ...], expected: list[Judgement | None]) -> None:
    assert worst(*lines) == expected


def test_the_boundaries_are_always_four_and_in_order() -> None:
    assert [each.place for each in score(History())] == list(Place)


def test_where_nothing_was_sent_there_is_nothing_to_judge() -> None:
    for each in score(history("checkpoint", "commit")):
        assert (each.groups, each.worst) == ((), None)


def test_the_state_is_judged_by_ids_with_how_often_each_is_counted() -> None:
    made = history("mechanism dedup off", "process e1 a", "retry", "process b")
    assert groups(Place.STATE, made) == (
        Group(DOUBLED, 1, (Evidence("e1", 2),)),
        Group(ONCE, 1, (Evidence("e2", 1),)),
    )


def test_the_output_is_judged_by_ids_with_how_often_each_is_there() -> None:
    made = history("process e1 a", "commit", "process e2 b")
    assert groups(Place.COMMITTED, made) == (
        Group(WAITING, 1, (Evidence("e2", 0),)),
        Group(ONCE, 1, (Evidence("e1", 1),)),
    )


def test_of_many_the_first_are_named_and_all_are_counted() -> None:
    made = history("feed a b c d e f g h i")
    (group,) = groups(Place.COMMITTED, made)
    assert (group.judgement, group.total) == (WAITING, 9)
    assert [each.event_id for each in group.evidence] == ["e1", "e2", "e3", "e4", "e5", "e6"]


def test_two_errors_of_a_word_do_not_cancel() -> None:
    made = history(
        *("mechanism dedup off", "process e1 a", "retry e1", "checkpoint cp1"),
        *("mechanism source-replay off", "process e2 a", "crash", "restore cp1"),
    )
    assert made.lab.processor.counts == {"a": 2}
    assert groups(Place.STATE, made) == (
        Group(DOUBLED, 1, (Evidence("e1", 2),)),
        Group(LOST, 1, (Evidence("e2", 0),)),
    )


def test_the_groups_stand_in_order_the_worst_first() -> None:
    made = history(
        *("mechanism dedup off", "process e1 a", "retry e1", "process e2 b", "commit"),
        *("mechanism source-replay off", "process e3 c", "crash", "restart", "process e4 d"),
    )
    assert groups(Place.COMMITTED, made) == (
        Group(DOUBLED, 1, (Evidence("e1", 2),)),
        Group(LOST, 1, (Evidence("e3", 0),)),
        Group(WAITING, 1, (Evidence("e4", 0),)),
        Group(ONCE, 1, (Evidence("e2", 1),)),
    )


def test_an_event_counted_twice_shows_even_while_another_one_of_its_word_is_still_to_come() -> None:
    lines = ("mechanism dedup off", "process e1 a", "retry", "crash before-apply", "process e2 a")
    assert worst(*lines)[0] is WAITING  # down: both are sent again
    made = history("mechanism dedup off", "process e1 a", "retry", "checkpoint", *lines[3:])
    made.do(read("restore"))
    assert made.lab.processor.counts == {"a": 2}
    assert groups(Place.STATE, made) == (
        Group(DOUBLED, 1, (Evidence("e1", 2),)),
        Group(WAITING, 1, (Evidence("e2", 0),)),
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("process e1 a", "retry e1"), ONCE),
        (("mechanism dedup off", "process e1 a", "retry e1"), DOUBLED),
        (
            (
                *("mechanism transactional-output off", "process e1 a", "crash", "restart"),
                "replay",
            ),
            DOUBLED,
        ),
        (("mechanism source-replay off", "process e1 a", "crash"), LOST),
        (("process e1 a", "crash"), WAITING),
        (("crash before-apply", "process e1 a"), WAITING),
    ],
)
def test_one_word_for_an_event_is_the_worst_of_state_and_sink(
    lines: tuple[str, ...], expected: Judgement
) -> None:
    assert verdict(history(*lines), "e1") is expected


def test_an_uncommitted_reader_sees_at_least_what_a_committed_one_sees() -> None:
    made = history(
        *("mechanism transactional-output off", "process e1 a", "crash", "restart", "replay")
    )
    found = judged(made, "e1")
    assert found[Place.COMMITTED] == found[Place.READER] == (DOUBLED, 2)


@given(st.lists(anything, max_size=30))
def test_the_judgements_are_those_of_each_id_and_make_up_the_log(
    commands: list[c.Command],
) -> None:
    _judges_each_id(carried_out(History(), commands))


@pytest.mark.parametrize("mutant", MUTANTS)
@given(st.lists(anything, max_size=20))
def test_so_they_are_in_a_wrong_laboratory(mutant: str, commands: list[c.Command]) -> None:
    _judges_each_id(carried_out(History(MUTANTS[mutant].start), commands))


def _judges_each_id(made: History) -> None:
    """Hold the score against what the sink and the steps have of each id."""
    log = made.lab.source.log
    boundaries = score(made)
    found = {event_id: judged(made, event_id) for event_id, _ in log}
    for place, _, some in boundaries:
        assert sum(group.total for group in some) == len(log)
        for group in some:
            alike = [(e, n[place][1]) for e, n in found.items() if n[place][0] is group.judgement]
            assert group.evidence == tuple(Evidence(*each) for each in alike[:6])
            assert group.total == len(alike)
            for _, times in alike:
                expected = {DOUBLED: times > 1, ONCE: times == 1}.get(group.judgement, times == 0)
                assert expected
    sink = ids(made.lab.processor.sink)
    for event_id, places in found.items():
        assert places[Place.COMMITTED][1] == sink.count(event_id)
        assert places[Place.READER][1] >= sink.count(event_id)
        assert places[Place.OUTSIDE][1] == len(made.record.applications(event_id))


@given(st.lists(schedules, max_size=30))
def test_with_every_mechanism_on_state_and_committed_output_are_never_doubled_or_lost(
    commands: list[c.Command],
) -> None:
    made = carried_out(History(), commands)
    for found in score(made)[:2]:
        assert found.worst not in {DOUBLED, LOST}
        assert {each.judgement for each in found.groups} <= {ONCE, WAITING}
    for command in recovery(made.lab):
        made.do(command)
    expected = ONCE if made.lab.source.log else None
    assert [found.worst for found in score(made)[:2]] == [expected, expected]


@given(st.lists(anything, max_size=30))
def test_looking_changes_nothing_and_recovery_always_comes_to_an_end(
    commands: list[c.Command],
) -> None:
    made = carried_out(History(), commands)
    before = whole(made.lab)
    score(made)
    clean(made.lab)
    assert whole(made.lab) == before
    recover(made.lab)
    assert settled(made.lab)


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
    assert clean(made) == picture(made, deep=False)


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
    twin, done = made.copy(), []
    for command in recovery(twin):
        twin.apply(command)
        done.append(command)
    assert done == [c.Restore(), c.Disarm(), c.Retry("e2"), c.Commit()]
    recover(made)
    assert made.freeze() == twin.freeze()
    assert ids(outputs(made)[1]) == ["e1", "e2"]


def test_recovery_without_a_checkpoint_starts_again_with_an_armed_crash_called_off() -> None:
    made = lab("process e1 a", "rollback", "crash before-ack")
    recover(made)
    assert (made.up, made.armed) == (True, None)
    assert ids(outputs(made)[1]) == ["e1"]
