"""Predictions: which wrong engines stand behind the choices, in which order, who is left out."""

import pytest
from syrupy.assertion import SnapshotAssertion

from lessons import catalog
from lessons import events as e
from lessons import model as m
from lessons.catalog import LessonFile
from lessons.predict import Choice, StateNumbers
from lessons.runner import Runner
from repl.lesson import entry
from tests.lessons.samples import GOOD, PREDICT, runner

COURSE = catalog.course()


@pytest.mark.parametrize("source", COURSE, ids=[each.name for each in COURSE])
def test_the_choices_of_a_lesson_and_the_runs_behind_them_are_these(
    source: LessonFile, snapshot: SnapshotAssertion
) -> None:
    walk = entry.runner(source)
    asked = [place for place, step in enumerate(walk.lesson.steps) if isinstance(step, m.Predict)]
    assert "\n".join(line for place in asked for line in _told(walk, place)) == snapshot


def _told(walk: Runner, place: int) -> list[str]:
    """Say what a question offers: each choice, the engines behind it, and how their run ends."""
    walk.jump(place)
    step = walk.step
    assert isinstance(step, m.Predict)
    told = [f"step {place + 1}: {step.question}"]
    for choice in walk.choices:
        told.append(f"  {choice.text}: {', '.join(_engines(choice)) or 'right'}")
        if not choice.right:
            told.append(f"    {_end(walk, choice)}")
    return told


def _engines(choice: Choice) -> list[str]:
    return [mistake.name for mistake in choice.mistakes]


def _end(walk: Runner, choice: Choice) -> str:
    """Say how the two runs end that a wrong choice shows, and how many commands are shown."""
    answered = next(each for each in walk.answer(choice.text) or () if isinstance(each, e.Answered))
    last = answered.compared[-1]
    ends = " | ".join(_numbers(each) for each in (last.right, last.wrong))
    return f"{len(answered.compared)} to {last.command}: {ends}"


def _numbers(state: StateNumbers | None) -> str:
    if state is None:
        return "refused"
    counts = " ".join(f"{word}={count}" for word, count in state.counts)
    down = "" if state.up else " down"
    return f"{counts} seen {state.seen} pending {state.pending} sink {state.sink}{down}"


def test_a_mechanism_that_is_off_is_tried_as_on_from_the_question_and_from_the_beginning() -> None:
    """What was counted twice before the question is so if it is on only from then on."""
    asked = 'after = ["process e2 world"]\nask = "count hello"'
    plain = 'after = ["mechanism dedup on", "process e2 world", "retry e2"]\nask = "count world"'
    walk = runner(GOOD.replace(plain, asked))
    walk.jump(PREDICT)
    assert [(each.text, _engines(each)) for each in walk.choices] == [
        ("1", ["with-dedup", "dedup-by-word"]),
        ("2", []),
    ]
