"""The seven steps that every newcomer is shown, with every fact they come with."""

import pytest

from core.lab import commands as c
from core.lab.changes import Changes
from core.lab.comparison import compare
from core.lab.facts import Applied, Crashed, Fact, Replayed, Restored, Saved, Skipped, Summary
from core.lab.history import History
from core.lab.record import Moment, MomentKind
from core.outputs import Output
from tests.core.lab.scenes import history

LINES = (
    "process e1 hello",
    "checkpoint cp1",
    "process e1 hello",
    "process e2 hello",
    "crash",
    "restore cp1",
    "replay",
)
ONE = Summary((("hello", 1),), 1, 1, 1)
TWO = Summary((("hello", 2),), 1, 2, 2)
CP1 = Saved("cp1", ONE, 1, replaced=False, sink=0)
FACTS: list[tuple[Fact, ...]] = [
    (Applied("e1", "hello", 0, 1, again=False, output="pending", seen=1),),
    (CP1,),
    (Skipped("e1", "hello", 1, first_word="hello"),),
    (Applied("e2", "hello", 1, 2, again=False, output="pending", seen=2),),
    (Crashed(None, TWO, (CP1,), sink=0, log=("e1", "e2"), logged=2, out=0, acknowledged=None),),
    (Restored("cp1", ONE, ONE, dropped=0, in_sink=0, offset=(2, 1), due="e2", waiting=0),),
    (
        Replayed(1, 1),
        Applied("e2", "hello", 1, 2, again=False, output="pending", seen=2),
    ),
]
FIRST, SECOND = Output("e1", "hello", 1), Output("e2", "hello", 2)
CHANGES = [
    Changes(
        {"hello": (0, 1)},
        seen_added=("e1",),
        pending_added=(FIRST,),
        sent=(("e1", "hello"),),
        offset=(0, 1),
    ),
    Changes({}, checkpoints_added=("cp1",), offset=(1, 1)),
    Changes({}, offset=(1, 1)),
    Changes(
        {"hello": (1, 2)},
        seen_added=("e2",),
        pending_added=(SECOND,),
        sent=(("e2", "hello"),),
        offset=(1, 2),
    ),
    Changes(
        {"hello": (2, 0)},
        seen_removed=("e1", "e2"),
        pending_removed=(FIRST, SECOND),
        offset=(2, 2),
        up=(True, False),
    ),
    Changes(
        {"hello": (0, 1)},
        seen_added=("e1",),
        pending_added=(FIRST,),
        offset=(2, 1),
        up=(False, True),
    ),
    Changes({"hello": (1, 2)}, seen_added=("e2",), pending_added=(SECOND,), offset=(1, 2)),
]


@pytest.fixture(scope="module")
def story() -> History:
    """Carry out the story."""
    return history(*LINES)


@pytest.mark.parametrize("number", range(1, 8))
def test_each_step_has_its_number_command_facts_and_changes(story: History, number: int) -> None:
    step = story.steps[number - 1]
    assert step.number == number
    assert c.typed(step.command) == (LINES[number - 1] if number < 7 else "replay 1")
    assert step.facts == FACTS[number - 1]
    assert step.changes == CHANGES[number - 1]


def test_the_record_says_since_when_what_was_skipped_in_the_story_was_there(
    story: History,
) -> None:
    record = story.record
    applied = Moment(1, MomentKind.APPLIED, word="hello", before=0, after=1)
    assert record.since("e1", 3) == (1, None, applied, applied)
    assert record.since("e1") == (6, "cp1", None, applied)
    assert record.applications("e2", 7) == (4,), "so its replay in step 7 applied it anew"
    assert record.undone() == {4}
    compared = compare(story, story.steps[6])
    assert compared is not None
    assert (compared.cause, compared.differs, compared.explained) == ("crash", (), 0)


def test_the_story_ends_where_it_was_before_the_crash(story: History) -> None:
    made = story.at(7)
    before = story.at(4)
    assert made.processor.counts == before.processor.counts == {"hello": 2}
    assert made.processor.pending == before.processor.pending == [FIRST, SECOND]
    assert made.source.offset == 2
