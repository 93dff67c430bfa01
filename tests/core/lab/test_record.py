"""The record: the life of each event, as `why` tells it, and since when it is in seen."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.lab import commands as c
from core.lab.history import History
from core.lab.ids import sent
from core.lab.lab import Lab
from core.lab.language import read
from core.lab.record import EventTrace, Moment, MomentKind
from core.mutants import MUTANTS
from core.outputs import EventId
from tests.core.lab.scenes import anything, history, whole

W = MomentKind


def where(made: History, event_id: EventId) -> tuple[object, ...]:
    """Tell where an event is now: in seen, counted by, pending, in the sink, in checkpoints."""
    told = life(made, event_id)
    now = told.now
    return now.seen, now.counted, len(now.pending), now.sink, told.checkpoints


def life(made: History, event_id: EventId) -> EventTrace:
    """Tell the life of an event, up to the present."""
    return made.record.trace(made.lab, sent(made.lab, event_id))


def wrong(mutant: str, *lines: str) -> History:
    """Carry out these lines in a wrong laboratory."""
    made = History(MUTANTS[mutant].start)
    for line in lines:
        made.do(read(line))
    return made


def told(made: History, event_id: EventId) -> list[tuple[int, MomentKind]]:
    """Return what happened to an event, and in which step."""
    return [(moment.step, moment.what) for moment in life(made, event_id).moments]


def later(made: History, event_id: EventId) -> list[Moment]:
    """Return what the last step did to an event."""
    return [each for each in life(made, event_id).moments if each.step == len(made.steps)]


def test_the_whole_life_of_an_event() -> None:
    made = history(
        *("process e1 hello", "checkpoint cp1", "process e1 hello", "process e2 hello", "crash"),
        *("restore cp1", "replay", "commit", "restore", "replay", "rollback"),
    )
    assert told(made, "e1") == [
        (1, W.SENT),
        (1, W.APPLIED),
        (1, W.STAGED),
        (2, W.SAVED),
        (3, W.SKIPPED),
        (5, W.LOST),
        (5, W.OUTPUT_LOST),
        (6, W.BROUGHT_BACK),
        (6, W.OUTPUT_BACK),
        (8, W.COMMITTED),
        (9, W.OUTPUT_DROPPED),
    ]
    assert told(made, "e2") == [
        (4, W.SENT),
        (4, W.APPLIED),
        (4, W.STAGED),
        (5, W.LOST),
        (5, W.OUTPUT_LOST),
        (7, W.APPLIED),
        (7, W.STAGED),
        (8, W.COMMITTED),
        (9, W.UNDONE_BY_RESTORE),
        (10, W.APPLIED),
        (10, W.HELD),
    ]


def test_where_an_event_is_now() -> None:
    made = history("process e1 a", "checkpoint", "process e2 b", "checkpoint", "lose ack")
    assert where(made, "e1") == (True, (1,), 1, 0, ("cp1", "cp2"))
    told = life(made, "e2")
    assert where(made, "e2") == (True, (3,), 1, 0, ("cp2",))
    assert (told.word, told.position, told.due) == ("b", 1, True)


BOTH = ("process e1 a", "process e2 b")
DIRECT = "mechanism transactional-output off"
CASES = [
    ("e2", (*BOTH, "rollback"), [W.OUTPUT_DISCARDED, W.UNDONE_BY_ROLLBACK]),
    ("e1", ("process e1 a", "commit", "process e2 b", "rollback"), []),
    (
        "e2",
        ("process e1 a", "checkpoint", "process e2 b", "restore"),
        [W.UNDONE_BY_RESTORE, W.OUTPUT_UNDONE],
    ),
    (
        "e1",
        ("process e1 a", "checkpoint cp", "rollback", "restore cp"),
        [W.BROUGHT_BACK, W.OUTPUT_BACK],
    ),
    ("e1", ("process e1 a", "lose ack"), [W.ACK_LOST]),
    ("e1", (*BOTH, "lose ack"), []),
    ("e1", ("lose event a",), [W.SENT, W.NEVER_ARRIVED]),
    ("e1", ("process e1 a", "process e1 b"), [W.REUSED, W.SKIPPED]),
    ("e1", ("crash before-apply", "process e1 a"), [W.SENT, W.NOT_APPLIED]),
    ("e1", ("crash before-apply", "feed a b"), [W.SENT, W.NOT_APPLIED]),
    ("e1", ("process e1 a", "crash before-apply", "retry"), [W.NOT_APPLIED, W.LOST, W.OUTPUT_LOST]),
    (
        "e1",
        ("crash before-ack", "process a"),
        [W.SENT, W.APPLIED, W.STAGED, W.NOT_HEARD, W.LOST, W.OUTPUT_LOST],
    ),
    (
        "e1",
        ("guarantee at-most-once", "crash before-ack", "process a"),
        [W.SENT, W.APPLIED, W.STAGED, W.NOT_HEARD, W.LOST, W.OUTPUT_LOST],
    ),
    (
        "e2",
        (*BOTH, "crash", "restart", "retry e1", "crash before-apply", "replay"),
        [W.NOT_APPLIED],
    ),
    ("e2", (*BOTH, "crash", "restart", "crash before-apply", "replay"), []),
    (
        "e1",
        ("process e1 a", "lose ack", "crash before-ack", "retry e1"),
        [W.SKIPPED, W.NOT_HEARD, W.LOST, W.OUTPUT_LOST],
    ),
    (
        "e1",
        ("process e1 a", "crash before-ack", "retry e1"),
        [W.SKIPPED, W.LOST, W.OUTPUT_LOST],
    ),
    ("e2", ("feed a b a", "rollback"), [W.OUTPUT_DISCARDED, W.UNDONE_BY_ROLLBACK]),
    ("e3", ("process a", "feed b a"), [W.SENT, W.APPLIED, W.STAGED]),
    ("e1", (DIRECT, "process e1 a"), [W.SENT, W.APPLIED, W.EMITTED]),
    ("e1", (DIRECT, "feed a"), [W.SENT, W.APPLIED, W.EMITTED]),
    (
        "e1",
        ("mechanism dedup off", "process e1 a", "retry"),
        [W.APPLIED_AGAIN, W.STAGED],
    ),
    ("e1", ("process e1 a", "checkpoint cp", "crash", "restart", "checkpoint cp"), [W.UNSAVED]),
    ("e1", ("process e1 a", "crash after-commit", "commit"), [W.COMMITTED, W.LOST]),
    ("e1", ("process e1 a", "crash in-commit", "commit"), [W.LOST, W.OUTPUT_LOST]),
    (
        "e1",
        ("process e1 a", "checkpoint", "commit", "process e2 b", "restore"),
        [W.OUTPUT_DROPPED],
    ),
    ("e1", ("process e1 a", "crash in-checkpoint", "checkpoint"), [W.LOST, W.OUTPUT_LOST]),
    (
        "e2",
        (
            *("mechanism seen-in-checkpoints off", "process e1 a", "checkpoint"),
            *("process e2 a", "commit", "restore"),
        ),
        [W.UNCOUNTED],
    ),
    (
        "e1",
        (
            "mechanism seen-in-checkpoints off",
            *("process e1 a", "checkpoint", "commit", "crash", "restore"),
        ),
        [W.COUNTED, W.OUTPUT_DROPPED],
    ),
]


@pytest.mark.parametrize(("event_id", "lines", "expected"), CASES)
def test_what_the_last_step_did_to_an_event(
    event_id: str, lines: tuple[str, ...], expected: list[MomentKind]
) -> None:
    assert [each.what for each in later(history(*lines), event_id)] == expected


WRONG = [
    ("short-memory", "e1", BOTH, [W.FORGOTTEN]),
    ("short-memory", "e2", BOTH, [W.SENT, W.APPLIED, W.STAGED]),
    ("dedup-by-word", "e2", ("process e1 a", "process e2 a"), [W.SENT, W.SKIPPED]),
    (
        "dedup-by-id-and-word",
        "e1",
        ("process e1 apple", "process e1 pear"),
        [W.REUSED, W.APPLIED_AGAIN, W.STAGED],
    ),
    ("rollback-keeps-outputs", "e1", ("process e1 a", "rollback"), [W.UNDONE_BY_ROLLBACK]),
    ("rollback-leaves-seen", "e1", ("process e1 a", "rollback"), [W.OUTPUT_DISCARDED]),
    (
        "pending-lost",
        "e1",
        ("process e1 a", "checkpoint", "restore"),
        [W.OUTPUT_DROPPED, W.OUTPUT_UNDONE],
    ),
    (
        "pending-lost",
        "e1",
        ("process e1 a", "checkpoint", "crash", "restore"),
        [W.BROUGHT_BACK, W.OUTPUT_DROPPED],
    ),
    ("seen-lost", "e1", ("process e1 a", "checkpoint", "restore"), [W.FORGOTTEN]),
    ("seen-lost", "e1", ("process e1 a", "checkpoint", "crash", "restore"), None),
    ("torn-commit", "e1", (*BOTH, "crash in-commit", "commit"), [W.TORN, W.LOST]),
    ("torn-commit", "e2", (*BOTH, "crash in-commit", "commit"), [W.LOST, W.OUTPUT_LOST]),
    (
        "aliased-checkpoint",
        "e2",
        ("process e1 a", "checkpoint", "process e2 b", "restore"),
        [W.OUTPUT_UNDONE],
    ),
]


@pytest.mark.parametrize(("mutant", "event_id", "lines", "expected"), WRONG)
def test_what_the_last_step_did_to_an_event_in_a_wrong_laboratory(
    mutant: str, event_id: str, lines: tuple[str, ...], expected: list[MomentKind] | None
) -> None:
    if expected is None:
        expected = [W.COUNTED, W.OUTPUT_BACK]
    assert [each.what for each in later(wrong(mutant, *lines), event_id)] == expected


ANEW = (
    *("mechanism seen-in-checkpoints off", "process e1 a", "checkpoint cp1"),
    *("process e2 b", "checkpoint cp2", "process e3 c", "restore cp1", "replay", "restore cp2"),
)


def test_an_event_whose_application_comes_back_while_it_is_in_seen_was_there_all_along() -> None:
    made = history(*ANEW)
    assert [(each.what, each.of) for each in later(made, "e2")] == [
        (W.COUNTED, (4,)),
        (W.OUTPUT_BACK, ()),
    ]
    assert where(made, "e2") == (True, (4,), 1, 0, ("cp2",))
    since = made.record.since("e2")
    assert since is not None
    assert (since.step, since.restored) == (4, None)


def test_seen_comes_back_and_the_counts_had_it_all_along() -> None:
    made = history(
        *("process e1 a", "checkpoint whole", "mechanism seen-in-checkpoints off"),
        *("checkpoint bare", "crash", "restore bare", "restore whole"),
    )
    assert [(each.what, each.name, each.of) for each in later(made, "e1")] == [
        (W.IN_SEEN, "whole", ())
    ]
    since = made.record.since("e1")
    assert since is not None
    assert (since.step, since.restored, since.by) == (7, "whole", None)


def test_a_restore_drops_an_output_also_of_an_event_that_was_left_alone_since_the_checkpoint() -> (
    None
):
    made = history(
        *("mechanism dedup off", "process e1 a", "mechanism transactional-output off"),
        *("process e1 a", "checkpoint cp1", "restore cp1"),
    )
    assert [each.what for each in later(made, "e1")] == [W.OUTPUT_DROPPED, W.OUTPUT_UNDONE]
    assert where(made, "e1") == (True, (2, 4), 0, 1, ("cp1",))


def test_a_rollback_that_takes_an_event_out_of_the_counts_alone_leaves_it_in_seen() -> None:
    made = wrong(
        "rollback-keeps-outputs",
        *("process e2 b", "commit", "feed a b", "rollback", "rollback"),
    )
    assert made.lab.processor.seen == {"e2": "b"}
    assert made.lab.processor.counts == {}
    assert later(made, "e2") == [Moment(5, W.UNCOUNTED, of=(1,))]
    assert where(made, "e2") == (True, (), 0, 1, ())


def test_everything_that_can_happen_is_in_a_test() -> None:
    found = {what for *_, expected in [*CASES, *WRONG] for what in expected or ()}
    of_the_story = {W.SAVED, W.HELD, W.UNDONE_BY_RESTORE}
    of_a_disk = {W.ELSEWHERE, W.TAKEN_BACK, W.OUTPUT_GONE}  # in test_durable.py
    assert found | of_the_story | of_a_disk | {W.COUNTED, W.IN_SEEN} == set(W)


def test_a_delivery_in_a_feed_has_its_own_count() -> None:
    made = history("process a", "feed a b a a")
    assert life(made, "e4").moments[1] == Moment(2, W.APPLIED, word="a", before=2, after=3)


def test_outputs_that_go_together_are_told_once_with_their_number() -> None:
    made = history("mechanism dedup off", "process e1 a", "retry", "commit")
    assert life(made, "e1").moments[-1] == Moment(4, W.COMMITTED, times=2)


def test_steps_that_were_undone_have_no_part_in_a_life() -> None:
    made = history(*BOTH, "commit")
    made.undo()
    assert (3, W.COMMITTED) not in told(made, "e1")


def test_an_id_that_was_never_sent_is_refused_with_one_like_it_or_the_log() -> None:
    with pytest.raises(Refused) as refusal:
        life(history("process 'my id' a"), "e9")
    assert (refusal.value.text, refusal.value.hint) == ("e9 was never sent", "show source")
    with pytest.raises(Refused) as refusal:
        life(history("process 'my id' a"), "My")
    assert refusal.value.hint == "why 'my id'"
    with pytest.raises(Refused) as refusal:
        life(History(), "e9")
    assert refusal.value.hint == "process hello"


def test_an_integer_id_is_found_by_its_digits() -> None:
    made = history('{"type": "process", "event_id": 1, "word": "a"}')
    assert life(made, "1").event_id == 1


def test_a_moment_says_which_applications_it_took_or_gave() -> None:
    made = history(
        *("mechanism dedup off", "process e1 a", "checkpoint cp1", "retry e1", "restore cp1")
    )
    assert later(made, "e1")[0] == Moment(5, W.UNCOUNTED, "cp1", of=(4,))
    made.do(read("crash"))
    assert later(made, "e1")[0] == Moment(6, W.LOST, of=(2,))
    made.do(read("restore"))
    assert later(made, "e1")[0] == Moment(7, W.BROUGHT_BACK, "cp1", of=(2,))
    made.do(read("rollback"))
    assert later(made, "e1") == [
        Moment(8, W.OUTPUT_DISCARDED),
        Moment(8, W.UNDONE_BY_ROLLBACK, of=(2,)),
    ]


# Since when an id is in seen, and which steps worked for nothing.

THRICE = ("process e1 a", "process e2 b", "process e3 c", "checkpoint", "crash", "restart")
SINCE = [
    ("e1", ("process e1 a", "process e2 b", "retry e1"), (1, None)),
    ("e1", ("checkpoint cp0", "process e1 a", "checkpoint cp1", "restore cp0"), None),
    (
        "e1",
        ("checkpoint cp0", "process e1 a", "checkpoint cp1", "restore cp0", "restore cp1"),
        (5, "cp1"),
    ),
    (
        "e1",
        ("checkpoint cp0", "process e1 a", "checkpoint cp1", "rollback", "restore cp1"),
        (5, "cp1"),
    ),
    (
        "e1",
        (
            *("process e1 a", "checkpoint cp1", "crash", "restore cp1", "process e2 b"),
            *("checkpoint cp2", "process e3 c", "restore cp2"),
        ),
        (4, "cp1"),
    ),
    ("e1", (*THRICE, "crash before-ack", "replay", "restore", "replay"), (9, "cp1")),
    ("e2", (*THRICE, "crash before-ack", "replay", "restore", "replay"), (9, "cp1")),
    ("e3", (*THRICE, "crash before-ack", "replay", "restore", "replay"), (9, "cp1")),
    (
        "e1",
        ("process e1 a", "mechanism dedup off", "retry e1", "mechanism dedup on", "retry e1"),
        (1, None),
    ),
    ("e1", ("process e1 a", "crash", "restart", "replay"), (4, None)),
    ("e1", ("process e1 a", "crash"), None),
    ("e9", ("process e1 a",), None),
    ("e2", ("feed a b c", "retry e2"), (1, None)),
    ("e2", ("feed a b c", "rollback", "replay"), (3, None)),
]


@pytest.mark.parametrize(("event_id", "lines", "expected"), SINCE)
def test_since_when_an_id_is_in_seen(
    event_id: str, lines: tuple[str, ...], expected: tuple[int, str | None] | None
) -> None:
    since = history(*lines).record.since(event_id)
    assert (since and (since.step, since.restored)) == expected


def test_since_when_an_id_was_in_seen_right_before_a_step() -> None:
    made = history("process e1 a", "checkpoint", "crash", "restore", "retry e1")
    found = [made.record.since("e1", step) for step in range(1, 6)]
    assert [since and since[:2] for since in found] == [
        None,
        (1, None),
        (1, None),
        None,
        (4, "cp1"),
    ]


def test_a_right_word_counted_by_a_wrong_processor_was_never_in_seen() -> None:
    made = wrong("dedup-by-word", "process e1 a", "process e2 a")
    assert made.record.since("e2") is None
    assert where(made, "e2") == (False, (), 0, 0, ())


UNDONE: list[tuple[tuple[str, ...], set[int]]] = [
    (("process e1 a", "process e2 b", "process e3 c", "crash"), {1, 2, 3}),
    (("feed a b c", "crash"), {1}),
    (("process e1 a", "checkpoint", "process e2 b", "crash", "restore", "replay"), {3}),
    (
        (
            *("mechanism seen-in-checkpoints off", "process e1 a", "checkpoint cp1"),
            *("process e2 b", "restore cp1", "replay"),
        ),
        {4},
    ),
    (
        ("mechanism dedup off", "process e1 a", "checkpoint cp1", "retry e1", "restore cp1"),
        {4},
    ),
    (("process e1 a", "rollback", "replay"), {1}),
    (("process e1 a", "crash before-ack", "process e2 b"), {1, 3}),
    (("process e1 a", "retry e1", "commit"), set()),
]


@pytest.mark.parametrize(("lines", "expected"), UNDONE)
def test_which_steps_applied_what_is_not_in_the_counts_any_more(
    lines: tuple[str, ...], expected: set[int]
) -> None:
    assert history(*lines).record.undone() == expected


def test_which_steps_applied_an_event() -> None:
    made = history("process e1 a", "crash", "restart", "replay", "rollback", "replay")
    assert made.record.applications("e1") == (1, 4, 6)
    assert made.record.applications("e1", 6) == (1, 4)


def test_what_a_checkpoint_holds_of_an_event() -> None:
    made = history(
        *("process e1 a", "checkpoint whole", "process e2 b", "commit"),
        *("mechanism seen-in-checkpoints off", "checkpoint bare"),
    )
    record = made.record
    assert record.saved("e1", "whole")[:3] == (True, (1,), (1,))
    assert record.saved("e2", "whole")[:3] == (False, (), ())
    assert record.saved("e2", "bare")[:3] == (False, (3,), ())
    assert record.checkpoints("e1") == ("whole", "bare")
    assert record.checkpoints("e2") == ("bare",)


def test_what_there_was_of_an_event_after_a_step() -> None:
    made = history("process e1 a", "commit", "crash", "restart")
    found = [made.record.state("e1", step)[:4] for step in range(4)]
    assert found == [
        (False, (), (), 0),
        (True, (1,), (1,), 0),
        (True, (1,), (), 1),
        (False, (), (), 1),
    ]


# Whatever is done, the record says what is so.


@given(st.lists(anything, max_size=30))
def test_a_life_ends_where_the_event_is(commands: list[c.Command]) -> None:
    _lives_end_where_the_events_are(History(), commands)


@pytest.mark.parametrize("mutant", MUTANTS)
@given(st.lists(anything, max_size=20))
def test_so_it_does_in_a_wrong_laboratory(mutant: str, commands: list[c.Command]) -> None:
    _lives_end_where_the_events_are(History(MUTANTS[mutant].start), commands)


def _lives_end_where_the_events_are(made: History, commands: Sequence[c.Command]) -> None:
    """Carry out commands, and hold each life against the laboratory."""
    for command in commands:
        try:
            made.do(command)
        except Refused:
            continue
    before = whole(made.lab)
    processor, counted = made.lab.processor, Counter[str]()
    pending, sink = _ids(made.lab)
    saved = {name: processor.saved(name) for name in processor.checkpoints}
    for event_id, word in made.lab.source.log:
        told = life(made, event_id)
        now = told.now
        assert (now.seen, len(now.pending), now.sink) == (
            event_id in processor.seen,
            pending[event_id],
            sink[event_id],
        )
        words = {each.step: each.word for each in told.moments if each.what in _APPLIED}
        counted.update(words[step] or word for step in now.counted)
        for name, held in saved.items():
            assert name in told.checkpoints or event_id not in (held.seen or ())
            assert name in told.checkpoints or event_id not in {each[0] for each in held.pending}
            inside = made.record.saved(event_id, name)
            assert inside.seen is (event_id in (held.seen or ()))
        assert _walked(told.moments) == (now.seen, set(now.counted), len(now.pending), now.sink)
    assert counted == Counter(processor.counts)
    assert whole(made.lab) == before


def _ids(lab: Lab) -> tuple[Counter[EventId], Counter[EventId]]:
    """Count the ids of what is pending, and of what the sink holds."""
    outputs = lab.processor.pending, lab.processor.sink
    pending, sink = (Counter(each.event_id for each in some) for some in outputs)
    return pending, sink


def _walked(moments: Sequence[Moment]) -> tuple[bool, set[int], int, int]:
    """Return where the moments of a life leave its event: seen, counted, pending, sink."""
    there: Counter[str] = Counter()
    counted: set[int] = set()
    for moment in moments:
        for name, change in _MOVES.get(moment.what, {}).items():
            there[name] = there[name] + change * moment.times if change else 0
            assert there[name] >= 0
        if moment.what in _APPLIED | {W.BROUGHT_BACK, W.IN_SEEN}:
            there["seen"] = 1
        if moment.what in _APPLIED:
            counted.add(moment.step)
        elif moment.what in {W.BROUGHT_BACK, W.COUNTED}:
            assert not counted & {*moment.of}
            counted |= {*moment.of}
        else:
            assert counted >= {*moment.of}
            counted -= {*moment.of}
    return bool(there["seen"]), counted, there["pending"], there["sink"]


_APPLIED = {W.APPLIED, W.APPLIED_AGAIN}
_MOVES: dict[MomentKind, dict[str, int]] = {
    W.LOST: {"seen": 0},
    W.UNDONE_BY_RESTORE: {"seen": 0},
    W.UNDONE_BY_ROLLBACK: {"seen": 0},
    W.FORGOTTEN: {"seen": 0},
    W.STAGED: {"pending": 1},
    W.EMITTED: {"sink": 1},
    W.COMMITTED: {"pending": -1, "sink": 1},
    W.TORN: {"pending": -1, "sink": 1},
    W.OUTPUT_LOST: {"pending": -1},
    W.OUTPUT_DISCARDED: {"pending": -1},
    W.OUTPUT_UNDONE: {"pending": -1},
    W.OUTPUT_BACK: {"pending": 1},
}
