"""Undo, redo, goto: any moment of a session is exactly the one that was."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.lab import commands as c
from core.lab.changes import difference, expanded, picture
from core.lab.facts import Fact, Fed, Unsent
from core.lab.history import History
from core.lab.lab import Lab, Step
from core.lab.language import read
from core.mutants import MUTANTS
from tests.core.lab.scenes import anything, history, refuse, schedules, whole
from tests.effort import effort

STORY = (
    "process e1 hello",
    "checkpoint cp1",
    "process e1 hello",
    "process e2 hello",
    "crash",
    "restore cp1",
    "replay",
    "commit",
)


def moments(*lines: str) -> tuple[History, list[object]]:
    """Carry out these lines; return the history and the state after each number of steps."""
    made = History()
    states: list[object] = [made.lab.freeze()]
    for line in lines:
        made.do(read(line))
        states.append(made.lab.freeze())
    return made, states


@pytest.mark.parametrize("step", range(len(STORY) + 1))
def test_goto_returns_to_the_moment_after_a_step(step: int) -> None:
    made, states = moments(*STORY)
    made.goto(step)
    assert made.lab.freeze() == states[step]
    assert [each.number for each in made.steps] == list(range(1, step + 1))
    made.goto(len(STORY))
    assert made.lab.freeze() == states[-1]


def test_undo_takes_back_a_crash() -> None:
    made, states = moments(*STORY[:5])
    made.undo()
    assert made.lab.up
    assert made.lab.freeze() == states[4]


def test_undo_and_redo_return_the_steps_they_pass() -> None:
    made, _ = moments(*STORY)
    steps = list(made.steps)
    assert made.undo(3) == steps[:4:-1]
    assert made.redo(2) == steps[5:7]
    assert made.steps == steps[:7]
    assert made.redo(len(steps) - 7) == steps[7:]


def test_an_undo_of_all_goes_to_the_beginning() -> None:
    made, states = moments(*STORY)
    assert len(made.undo(len(STORY))) == len(STORY)
    assert made.lab.freeze() == states[0]


def test_a_new_command_ends_what_could_be_redone() -> None:
    made, _ = moments(*STORY)
    made.undo(2)
    made.do(read("commit"))
    assert made.undone == []


def test_a_refused_command_leaves_what_can_be_redone() -> None:
    made, _ = moments(*STORY)
    made.undo()
    with pytest.raises(Refused):
        made.do(read("restart"))
    assert len(made.undone) == 1


def test_looking_at_an_earlier_moment_leaves_the_present() -> None:
    made, states = moments(*STORY)
    present = made.lab
    assert made.at(4).freeze() == states[4]
    assert made.lab is present
    made.at(4).step(read("process e9 x"))
    assert made.at(4).freeze() == states[4]


@pytest.mark.parametrize(
    ("lines", "move", "hint"),
    [
        ((), lambda made: made.undo(), "process hello"),
        ((), lambda made: made.redo(), "process hello"),
        (("process hello",), lambda made: made.redo(), "history"),
        (("process hello",), lambda made: made.undo(2), "undo 1"),
        (("process hello",), lambda made: made.undo(999), "undo 1"),
        (("process hello",), lambda made: made.goto(2), "goto 1"),
        (("process hello",), lambda made: made.goto(-1), "goto 1"),
    ],
)
def test_there_is_no_way_beyond_the_first_step_or_the_last(lines, move, hint) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - a row of the table
    made = history(*lines)
    with pytest.raises(Refused) as refusal:
        move(made)
    assert refusal.value.hint == hint
    assert len(made.steps) == len(lines)


def test_a_redo_of_more_than_was_undone_changes_nothing() -> None:
    made, states = moments(*STORY)
    made.undo(2)
    with pytest.raises(Refused, match="3 steps cannot be redone: there are 2") as refusal:
        made.redo(3)
    assert refusal.value.hint == "redo 2"
    assert made.lab.freeze() == states[-3]


def test_a_session_can_be_wandered_about_after_many_steps() -> None:
    made, states = moments(*[line for number in range(300) for line in _round(number)])
    for step in (3, 900, 299, 1199, 1200, 0, 1200, 600):
        made.goto(step)
        assert made.lab.freeze() == states[step]


def _round(number: int) -> tuple[str, ...]:
    return (f"process w{number % 7}", "checkpoint cp", "retry", "commit")


@given(st.lists(anything, max_size=30), st.lists(st.integers(0, 30), max_size=6))
def test_any_moment_of_any_session_is_the_one_that_was(
    commands: list[c.Command], visits: list[int]
) -> None:
    made = History()
    states = [made.lab.freeze()]
    for command in commands:
        try:
            made.do(command)
        except Refused:
            continue
        states.append(made.lab.freeze())
    for visit in visits:
        step = visit % len(states)
        assert made.at(min(step, len(made.steps))).freeze() == states[min(step, len(made.steps))]
        made.goto(step)
        assert made.lab.freeze() == states[step]


@given(st.lists(anything, max_size=30))
def test_the_same_commands_give_the_same_steps(commands: list[c.Command]) -> None:
    first, second = History(), History()
    for command in commands:
        assert (refuse_in(first, command)) == refuse_in(second, command)
    assert first.steps == second.steps
    assert whole(first.lab) == whole(second.lab)


@given(st.lists(anything, max_size=30))
def test_the_commands_of_the_steps_give_the_same_session(commands: list[c.Command]) -> None:
    first, second = History(), History()
    for command in commands:
        refuse_in(first, command)
    for step in first.steps:
        second.do(read(c.typed(step.command)))
    assert [_told(step) for step in first.steps] == [_told(step) for step in second.steps]
    assert first.lab.freeze() == second.lab.freeze()
    for step in second.steps:
        assert not any(isinstance(fact, Unsent) for fact in step.facts)


def _told(step: Step) -> list[Fact]:
    """Return the facts of a step but for words that were not sent: its command has them not."""
    return [fact for fact in step.facts if not isinstance(fact, Unsent)]


def test_a_feed_cut_short_is_carried_out_again_as_far_as_it_came() -> None:
    made = history("crash before-apply", "feed a b")
    again = history(*(c.typed(step.command) for step in made.steps))
    assert _told(made.steps[1]) == list(again.steps[1].facts)
    assert made.lab.freeze() == again.lab.freeze()


def refuse_in(made: History, command: c.Command) -> str | None:
    """Return the text of a refusal, or None where the command was carried out."""
    try:
        made.do(command)
    except Refused as refusal:
        return refusal.text
    return None


@given(st.lists(anything, max_size=20), st.lists(anything, max_size=20))
def test_a_copy_goes_its_own_way(before: list[c.Command], after: list[c.Command]) -> None:
    made = Lab()
    for command in before:
        refuse(made, command)
    twin, was = made.copy(), whole(made)
    assert whole(twin) == was
    for command in after:
        refuse(twin, command)
    assert whole(made) == was
    for command in after:
        refuse(made, command)
    assert whole(made) == whole(twin)


@given(st.lists(anything | schedules, max_size=30))
def test_a_step_tells_exactly_what_differs_between_before_and_after(
    commands: list[c.Command],
) -> None:
    made = Lab()
    for command in commands:
        _tells_what_differs(made, command)


@pytest.mark.parametrize("wrong", MUTANTS)
@given(st.lists(anything | schedules, max_size=15))
def test_so_does_a_step_of_each_wrong_laboratory(wrong: str, commands: list[c.Command]) -> None:
    made = MUTANTS[wrong].start()
    for command in commands:
        _tells_what_differs(made, command)


def _tells_what_differs(made: Lab, command: c.Command) -> None:
    """Carry out a command, and hold what its step tells against two whole pictures."""
    before = picture(made)
    try:
        step = made.step(command)
    except Refused:
        return
    changes, done = step.changes, step.command
    name = done.name if isinstance(done, c.Checkpoint) and made.up else None
    expected = difference(before, picture(made), (name,) if name in before.checkpoints else ())
    if made.faithful:  # it cannot touch what a checkpoint holds, save by saving it anew
        assert set(expected.checkpoints_changed) <= set(expected.checkpoints_replaced)
        assert (expected.counts_followed, expected.seen_followed) == ((), ())
        expected = expected._replace(checkpoints_changed=())
    if isinstance(step.facts[0], Fed):
        fed = step.facts[0]
        assert (changes.counts, changes.offset) == (expected.counts, expected.offset)
        assert (changes.sent, changes.mechanisms) == (expected.sent, expected.mechanisms)
        assert len(changes.sent) == fed.events
        changes = expanded(changes, fed, made)
    assert changes == expected


def fed(events: int) -> History:
    """Return a session that was fed this many events, and then had one more."""
    made = history("process hello", "checkpoint")
    made.do(c.Feed(tuple(f"w{number % 1000}" for number in range(events))))
    made.do(read("process last"))
    return made


def there_and_back(made: History) -> None:
    """Undo a step, and do it again."""
    made.undo()
    made.redo()


def test_undo_in_a_session_of_100_000_events_does_no_more_than_in_a_short_one() -> None:
    long, short = (effort(partial(there_and_back, fed(events))) for events in (100_000, 10))
    assert long.lines < 2 * short.lines, (long, short)


def test_undo_in_a_session_of_100_000_events_is_exact() -> None:
    made = fed(100_000)
    made.undo()
    assert len(made.lab.source.log) == 100_001
    assert made.lab.processor.counts["w7"] == 100
    made.undo()
    assert made.lab.source.log == [("e1", "hello")]
    made.redo(2)
    assert len(made.lab.source.log) == 100_002


@pytest.mark.long
def test_each_of_100_000_steps_can_be_undone() -> None:
    made = History()
    for number in range(100_000):
        made.do(c.Process(None, f"w{number % 100}"))
    for step in (99_999, 99_998, 50_000, 12, 100_000, 3, 0):
        made.goto(step)
        assert len(made.lab.source.log) == step
