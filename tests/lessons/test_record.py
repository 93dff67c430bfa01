"""Submissions: re-executed, never believed."""

import pytest

from lessons import lines, record
from lessons.record import RecordError
from tests.lessons.samples import GOOD, runner

WALK = ["next", "next", "2", "hint", "a", "next", "hint", "solution", "checkpoint"]
WALK += ["process e3 again", "commit", "next", "next", "skip", "next", "next"]


def test_a_walk_with_mistakes_is_counted_as_it_was() -> None:
    verdict = record.verify(WALK, runner())
    assert verdict == record.Recorded(
        lesson="sample",
        steps=6,
        of=6,
        met=2,
        tasks=3,
        mistaken=1,
        over=1,
        hints=1,
        solutions=1,
        skips=1,
        stopped=None,
    )
    assert not verdict.complete


def test_of_a_walk_that_went_back_the_steps_up_to_where_it_stands_are_counted() -> None:
    verdict = record.verify([*WALK, "back", "back", "back"], runner())
    assert (verdict.steps, verdict.of, verdict.complete) == (4, 6, False)


SECOND = """
```try
goal = "count late == 1"
hints = ["A nudge.", "More."]
solution = ["process e4 late"]
par = 3
```
"""


def test_a_way_shorter_than_the_shortest_known_makes_up_for_no_detour() -> None:
    walk = ["next", "next", "a", "next", "checkpoint", "process e3 again", "commit"]
    walk += ["next", "next", "skip", "next", "next", "process e4 late"]
    verdict = record.verify(walk, runner(GOOD + SECOND))
    assert (verdict.met, verdict.stopped) == (3, None)
    assert verdict.over == 1


def test_a_record_holds_the_walk_and_reads_back() -> None:
    walk = runner()
    typed = lines.model_answer(walk)
    key, read = record.read(record.text("sample", lines.script(walk)))
    assert key == "sample"
    assert record.verify(read, runner()) == record.verify(typed, runner())
    assert record.verify(read, runner()).complete


def test_scores_written_into_a_record_count_for_nothing() -> None:
    text = record.text("sample", ["# goals met 3/3", "# complete", "next"])
    verdict = record.verify(record.read(text)[1], runner())
    assert (verdict.met, verdict.steps, verdict.complete) == (0, 1, False)


@pytest.mark.parametrize(
    "line", ["save /tmp/x", "load /etc/passwd", "feed /etc/passwd", "quit", "export x", "!ls"]
)
def test_a_strangers_lines_touch_no_file(line: str) -> None:
    verdict = record.verify([line, "next"], runner())
    if line.startswith("feed"):
        assert verdict.stopped is None, "the word itself was fed"
    else:
        assert verdict.stopped is not None
        assert verdict.stopped.startswith("line 2: ")


@pytest.mark.parametrize("text", ["", "process hello\n", "# oncelab lesson record 1: \nnext\n"])
def test_what_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(RecordError) as fault:
        record.read(text)
    assert fault.value.line == 1


def test_a_record_without_end_is_refused() -> None:
    with pytest.raises(RecordError):
        record.read(record.text("sample", ["hint"] * 20_001))
