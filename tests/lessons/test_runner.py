"""The walk: predictions, goals, hints, skips, free play; and its lines, which do it again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Refused
from core.lab.commands import Commit
from core.rules import broken
from lessons import breaks, lines
from lessons import events as e
from lessons.lines import enter_line
from lessons.runner import Runner
from tests.lessons.samples import BREAK, GOOD, PREDICT, RUN, SHOW, TRY, runner


def _at(step: int, text: str = GOOD) -> Runner:
    """Return a walk that stands at a step, with what came before it skipped."""
    walk = runner(text)
    walk.jump(step)
    walk.enter()
    return walk


def _kinds(told: list[e.Event]) -> list[type]:
    return [type(event) for event in told]


def test_a_run_is_announced_and_enter_carries_it_out_without_its_expectations() -> None:
    walk = runner()
    told = walk.enter()
    assert told[-1] == e.Ready(("process e1 hello", "retry e1"))
    assert _kinds(walk.go_on()) == [e.Did, e.Did, e.Paused]
    assert walk.history.lab.processor.counts == {"hello": 2}


def test_the_commands_of_start_are_done_before_the_first_step() -> None:
    assert not runner().history.lab.processor.mechanisms.dedup


def test_the_answer_and_the_wrong_choices_are_worked_out() -> None:
    walk = _at(PREDICT)
    assert [(each.text, each.right) for each in walk.choices] == [("1", True), ("2", False)]
    assert walk.choices[1].mistakes[0].name == "no-dedup"


def test_a_wrong_choice_says_whose_mistake_it_is_shows_both_runs_and_asks_again() -> None:
    walk = _at(PREDICT)
    answered, again = walk.answer("2") or []
    assert isinstance(answered, e.Answered)
    assert answered.choice.mistakes[0].belief == "Exactly-once means the code runs once."
    last = answered.compared[-1]
    assert last.right is not None
    assert last.wrong is not None
    assert dict(last.right.counts)["world"] == 1
    assert dict(last.wrong.counts)["world"] == 2
    assert isinstance(again, e.Asked)
    assert again.tried == ("2",)
    assert not walk.work.done


@pytest.mark.parametrize("typed", ["a", "A", "a)", "1"])
def test_a_choice_is_made_by_its_letter_or_by_its_own_text(typed: str) -> None:
    walk = _at(PREDICT)
    told = walk.answer(typed) or []
    assert _kinds(told) == [e.Answered, e.Did, e.Did, e.Did, e.Paused]
    assert walk.work.answers == ["1"]


def test_what_is_no_choice_is_no_answer() -> None:
    assert _at(PREDICT).answer("process") is None
    assert _at(TRY).answer("a") is None


def test_a_goal_is_met_at_the_first_moment_all_conditions_hold() -> None:
    walk = _at(TRY)
    (_, marked) = enter_line(walk, "process e3 again")
    assert isinstance(marked, e.Marked)
    assert [mark.met for mark in marked.marks] == [True, False]
    assert marked.marks[1].found == "sink does not hold e3"
    (_, met, paused) = enter_line(walk, "commit")
    assert met == e.Met(met.marks, 2, 2) if isinstance(met, e.Met) else False
    assert isinstance(paused, e.Paused)


def test_another_way_to_the_goal_is_accepted_and_what_is_over_par_is_counted() -> None:
    walk = _at(TRY)
    for line in ("checkpoint", "crash", "restore", "process e3 again", "commit"):
        told = enter_line(walk, line)
    met = told[1]
    assert isinstance(met, e.Met)
    assert (met.commands, met.par) == (5, 2)


def test_what_was_undone_does_not_count() -> None:
    walk = _at(TRY)
    for line in ("process stray", "undo 1", "process e3 again", "commit"):
        enter_line(walk, line)
    assert walk.work.taken == 2


def test_undoing_into_the_lessons_own_past_is_written_down_too() -> None:
    walk = _at(TRY)
    enter_line(walk, "undo 2")
    assert walk.work.commands == ("undo 2",)


def test_the_next_step_goes_on_from_the_lessons_own_state_and_says_so() -> None:
    walk = _at(TRY)
    for line in ("process e3 again", "commit"):
        enter_line(walk, line)
    enter_line(walk, "process beyond")
    told = walk.go_on()
    assert isinstance(told[0], e.Replaced)
    assert "beyond" not in walk.history.lab.processor.counts
    walk.back()
    assert walk.history.lab.processor.counts["beyond"] == 1


def test_a_step_that_was_done_as_the_lesson_does_it_replaces_nothing() -> None:
    walk = _at(TRY)
    for line in ("process e3 again", "commit"):
        enter_line(walk, line)
    assert isinstance(walk.go_on()[0], e.Said)


def test_going_back_shows_a_step_as_it_was_left_and_replaces_nothing() -> None:
    walk = _at(TRY)
    for line in ("process e9 stray", "process e3 again", "commit"):
        enter_line(walk, line)
    assert walk.go_on()[0] == e.Replaced()
    enter_line(walk, "crash")
    told = walk.back()
    assert told[0] == e.Said("", TRY + 1, len(walk.lesson.steps))
    assert walk.history.lab.processor.counts["stray"] == 1
    assert walk.go_on()[0] == e.Replaced()
    assert not walk.history.lab.up


def test_going_back_to_commands_that_were_carried_out_shows_what_was_done_behind_them() -> None:
    walk = _at(RUN)
    for line in ("next", "process e9 stray", "next"):
        enter_line(walk, line)
    assert "stray" not in walk.history.lab.processor.counts
    walk.back()
    assert walk.history.lab.processor.counts == {"hello": 2, "stray": 1}


def test_an_open_step_cannot_be_passed_but_skipped_with_its_answer_shown() -> None:
    walk = _at(TRY)
    assert isinstance(walk.go_on()[0], e.Declined)
    told = walk.skip()
    assert told[:2] == [e.Passed(), e.Solution(("process e3 again", "commit"), answer=False)]
    assert walk.work.skipped
    assert walk.history.lab.processor.counts["again"] == 1


def test_hints_rise_are_counted_and_begin_again_behind_the_last() -> None:
    walk = _at(TRY)
    texts = [hint.text for _ in range(3) for hint in walk.hint() if isinstance(hint, e.Hint)]
    assert texts == ["A nudge.", "Nearly the answer.", "A nudge."]
    assert walk.work.hints == 3
    assert _at(SHOW).hint() == [e.Hint("", 0, 0)]


def test_help_that_is_asked_for_when_the_step_is_done_is_given_and_not_counted() -> None:
    walk = _at(TRY)
    for line in ("hint", "process e3 again", "commit"):
        enter_line(walk, line)
    assert walk.work.done
    texts = [hint.text for _ in range(2) for hint in walk.hint() if isinstance(hint, e.Hint)]
    assert texts == ["Nearly the answer.", "A nudge."]
    assert isinstance(walk.solution()[0], e.Solution)
    assert (walk.work.hints, walk.work.solution) == (1, False)


def test_the_solution_is_shown_and_the_step_stays_open() -> None:
    walk = _at(TRY)
    assert isinstance(walk.solution()[0], e.Solution)
    assert not walk.work.done
    assert walk.work.solution


def test_only_the_commands_an_exercise_allows_may_be_used_and_looking_always() -> None:
    text = GOOD.replace('again", "commit"]\n', 'again", "commit"]\nallow = ["process", "commit"]\n')
    walk = _at(TRY, text)
    assert enter_line(walk, "crash") == [
        e.Declined("not with crash this time, only with process, commit", "hint")
    ]
    assert walk.refuses(Commit()) is None
    enter_line(walk, "process e3 again")
    enter_line(walk, "commit")
    assert isinstance(enter_line(walk, "crash")[0], e.Did), (
        "once it is done, everything may be used"
    )


def test_a_wrong_engine_is_exposed_by_a_rule_the_right_one_keeps() -> None:
    walk = _at(BREAK)
    for line in ("process stray", "process e2 other", "lose ack"):
        assert isinstance(enter_line(walk, line)[1], e.Marked)
    exposed = enter_line(walk, "retry")[1]
    assert isinstance(exposed, e.Exposed)
    assert exposed.rule == "counts-match"
    compared = breaks.compare(exposed)
    assert len(compared.minimal) == 2
    assert compared.shortest is not None


ANOTHER_WORD = (
    '{"type":"process","event_id":"e1","word":"a"}',
    "crash",
    "restart",
    '{"type":"process","event_id":"e1","word":"b"}',
    "commit",
)
"""No processor can know which word to count: under this, every one breaks a rule."""


def test_a_rule_that_the_right_engine_breaks_too_exposes_nothing() -> None:
    walk = _at(BREAK)
    for line in ANOTHER_WORD:
        told = enter_line(walk, line)[-1]
        assert isinstance(told, e.Marked)
    assert broken(walk.history.lab)
    assert not walk.work.done


def test_an_engine_is_exposed_though_the_right_one_breaks_another_rule() -> None:
    walk = _at(BREAK)
    for line in ANOTHER_WORD:
        enter_line(walk, line)
    exposed = enter_line(walk, "retry")[1]
    assert isinstance(exposed, e.Exposed)
    assert exposed.rule == "counts-match"


def test_where_one_rule_is_to_be_broken_no_other_one_counts() -> None:
    walk = _at(BREAK, GOOD.replace('"no-dedup"', '"no-dedup"\nrule = "sink-once"'))
    for line in ("process e1 a", "lose ack"):
        enter_line(walk, line)
    assert isinstance(enter_line(walk, "retry")[1], e.Marked)
    exposed = enter_line(walk, "commit")[1]
    assert isinstance(exposed, e.Exposed)
    assert exposed.rule == "sink-once"


def test_switching_a_mechanism_does_not_count_as_exposing() -> None:
    assert isinstance(enter_line(_at(BREAK), "mechanism dedup off")[0], e.Declined)


def test_a_wrong_engine_leaves_the_lessons_own_laboratory_as_it_was() -> None:
    walk = _at(BREAK)
    for line in ("process e1 hello", "retry"):
        enter_line(walk, line)
    assert isinstance(walk.go_on()[0], e.Said)
    assert walk.history.lab.processor.counts["again"] == 1


def test_reset_brings_the_laboratory_back_to_where_the_step_began() -> None:
    walk = _at(TRY)
    before = walk.history.lab.freeze()
    enter_line(walk, "process stray")
    told = walk.reset()
    assert walk.history.lab.freeze() == before
    assert isinstance(told[-1], e.Tasked)


def test_back_from_the_first_step_and_on_from_the_end_are_declined() -> None:
    walk = runner()
    walk.enter()
    assert isinstance(walk.back()[0], e.Declined)
    lines.model_answer(walk)
    assert walk.finished
    assert isinstance(walk.go_on()[0], e.Declined)
    assert walk.solution() == [e.Declined("there is nothing to solve in this step", "next")]


def test_a_command_that_makes_no_sense_is_refused_and_changes_nothing() -> None:
    walk = _at(RUN)
    with pytest.raises(Refused):
        enter_line(walk, "save /etc/passwd")
    with pytest.raises(Refused):
        enter_line(walk, "nonsense")
    assert not walk.history.steps


_LINES = st.sampled_from(
    [
        *("next", "back", "hint", "solution", "skip", "reset", "a", "b", "1", "2", "undo 1"),
        *("undo 9", "process x", "process e3 again", "retry", "commit", "crash", "restart"),
        *("checkpoint", "restore", "replay", "lose ack", "mechanism dedup on", "rollback"),
        *("mechanism dedup off", "feed a b", '{"type":"process","event_id":7,"word":"w"}'),
        *("show", "load x", "crash in-commit", "guarantee at-most-once", "next", "skip"),
    ]
)


@settings(max_examples=150)
@given(st.lists(_LINES, max_size=40))
def test_the_lines_of_any_walk_lead_to_the_same_place_with_the_same_work(typed: list[str]) -> None:
    walk = runner()
    walk.enter()
    for line in typed:
        try:
            enter_line(walk, line)
        except Refused:
            continue
    script = lines.script(walk)
    again = runner()
    assert lines.walk(again, script) is None
    assert lines.script(again) == script
    assert again.position == walk.position
    assert [work.done for work in again.works[: walk.position]] == [
        work.done for work in walk.works[: walk.position]
    ]
