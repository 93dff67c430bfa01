"""Every lesson of the course: sound, solvable, and walked to its end."""

import pytest

from core.mutants import MUTANTS
from lessons import catalog, goals, lines, lint, record
from lessons import model as m
from lessons.baseline import Baseline, BaselineRun
from lessons.catalog import LessonFile
from lessons.predict import choices
from lessons.runner import Runner
from repl import registry
from repl.lesson import entry

COURSE = catalog.course()
each_lesson = pytest.mark.parametrize("source", COURSE, ids=[each.name for each in COURSE])


def test_the_course_is_numbered_from_one_without_a_gap() -> None:
    assert [source.number for source in COURSE] == list(range(1, len(COURSE) + 1))
    assert COURSE


def test_the_check_finds_nothing_wrong_with_the_course() -> None:
    assert lint.check(COURSE, registry.load(), course=True) == []


@each_lesson
def test_every_solution_meets_its_goal(source: LessonFile) -> None:
    lesson = source.read()
    way = Baseline(lesson)
    for place, step in enumerate(lesson.steps):
        if isinstance(step, m.Try):
            walk = BaselineRun(way.start(place))
            assert not goals.met(step.goal, walk.history.lab)
            walk.carry_out(step.solution)
            assert goals.met(step.goal, walk.history.lab)


@each_lesson
def test_every_wrong_choice_differs_from_the_right_one(source: LessonFile) -> None:
    lesson = source.read()
    way = Baseline(lesson)
    for place, step in enumerate(lesson.steps):
        if isinstance(step, m.Predict):
            offered = choices(step, way.start(place))
            assert len({each.text for each in offered}) == len(offered) > 1
            assert sum(each.right for each in offered) == 1


@each_lesson
def test_a_walk_without_a_mistake_ends_complete_and_verifies(source: LessonFile) -> None:
    runner = entry.runner(source)
    typed = lines.model_answer(runner)
    assert runner.finished
    verdict = record.verify(typed, entry.runner(source))
    assert verdict.complete
    assert verdict.met == verdict.tasks
    assert verdict.over == verdict.hints == verdict.mistaken == 0


@each_lesson
def test_a_walk_that_skips_everything_comes_to_the_end_as_well(source: LessonFile) -> None:
    runner = entry.runner(source)
    runner.enter()
    while not runner.finished:
        if not runner.work.done:
            runner.skip()
        runner.go_on()
    verdict = record.verify(lines.script(runner), entry.runner(source))
    assert verdict.stopped is None
    assert verdict.skips == verdict.tasks
    assert not verdict.complete or not verdict.tasks


def test_every_misconception_a_wrong_engine_stands_for_is_met_in_the_course() -> None:
    met: set[int] = set()
    for source in COURSE:
        runner = entry.runner(source)
        for place, step in enumerate(runner.lesson.steps):
            names = {step.mutant} if isinstance(step, m.Break) else _mistakes(runner, place)
            thoughts = (MUTANTS[name].misconception for name in names if name in MUTANTS)
            met |= {thought.number for thought in thoughts if thought is not None}
    expressed = {each.misconception.number for each in MUTANTS.values() if each.misconception}
    assert expressed <= met


def _mistakes(runner: Runner, place: int) -> set[str]:
    """Name the wrong engines behind the choices of a step."""
    step = runner.lesson.steps[place]
    if not isinstance(step, m.Predict):
        return set()
    offered = choices(step, runner.way.start(place))
    return {mistake.name for choice in offered for mistake in choice.mistakes}
