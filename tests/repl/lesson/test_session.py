"""A lesson beside a session: every command works, nothing of one's own is lost."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from core.errors import Refused
from lessons import catalog, lines
from lessons.progress import Bookmark, Progress
from repl.lesson import entry
from repl.lesson.guide import Guide
from repl.render import View
from repl.render.theme import ASCII, UNICODE
from repl.session import Outcome, Session
from tests.lessons.samples import BREAK, GOOD, PREDICT, TRY


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A teacher's lesson on disk."""
    path = tmp_path / "sample.md"
    path.write_text(GOOD, encoding="utf-8")
    return path


def _begun(path: Path, step: int = 0, progress: Progress | None = None) -> tuple[Session, Guide]:
    """Return a session with a lesson beside it, at a step."""
    session = Session()
    guide = entry.guide(session, catalog.at(path)[0], progress or Progress(None))
    guide.runner.jump(step)
    guide.begin()
    return session, guide


def _said(outcome: Outcome) -> str:
    """Return what a line's outcome says, in plain words."""
    return "\n".join(view.plain() for view in (outcome.view, outcome.guidance) if view is not None)


def test_after_each_command_the_goal_says_what_is_met(sample: Path) -> None:
    session, _ = _begun(sample, TRY)
    said = _said(session.run("process e3 again"))
    assert "met count again == 1" in said
    assert "not yet sink holds e3 once, sink does not hold e3" in said
    assert "MET (the goal, in 2 commands: the lesson knows no shorter way" in _said(
        session.run("commit")
    )


def test_a_step_says_of_which_lesson_and_which_step_it_is() -> None:
    session = Session()
    first = next(source for source in catalog.course() if source.number == 1).read()
    said = [entry.begin(session, "1", Progress(None)).plain()]
    said += [_said(session.run(line)) for line in ("lesson", "next", "next")]
    assert [said[place].splitlines()[0] for place in (0, 1, 3)] == [
        f"Lesson 1, {first.title}, {number} of {len(first.steps)}" for number in (1, 1, 2)
    ]


def test_a_look_and_a_stray_command_never_stand_in_the_way(sample: Path) -> None:
    session, guide = _begun(sample, TRY)
    assert session.run("show").guidance is None
    session.run("checkpoint")
    session.run("crash")
    session.run("restore")
    for line in ("process e3 again", "checkpoint x", "commit"):
        session.run(line)
    assert guide.runner.work.done


def test_the_beginning_of_a_command_that_may_not_be_used_is_declined_too(sample: Path) -> None:
    session, _ = _begun(sample, BREAK)
    assert "REFUSED" in _said(session.run("mech dedup off", prefixes=True))
    assert session.lab.processor.mechanisms.dedup is False, "the mutant of this step"


def test_what_only_looks_is_never_declined(sample: Path) -> None:
    session, _ = _begun(sample, BREAK)
    for line in ("mechanism", "guarantee"):
        assert "MECHANISMS" in _said(session.run(line))


def test_a_hint_where_there_is_none_names_what_works_there(sample: Path) -> None:
    session, _ = _begun(sample, 0)
    assert "HINT (there is none in this step; try next)" in _said(session.run("hint"))
    assert session.takes("next")
    assert not session.takes("solution")


def test_undo_and_redo_count_for_the_goal_as_well(sample: Path) -> None:
    session, guide = _begun(sample, TRY)
    session.run("process e3 again")
    session.run("undo")
    session.run("redo")
    session.run("commit")
    assert guide.runner.work.taken == 2


def test_reset_begins_the_step_again_and_undo_takes_that_back(sample: Path) -> None:
    session, _ = _begun(sample, TRY)
    session.run("process stray")
    assert "the step begins again" in _said(session.run("reset"))
    assert "stray" not in session.lab.processor.counts
    assert session.lab.processor.counts["world"] == 1
    for _ in range(len(session.history.steps) + 1):
        session.run("undo")
    assert session.lab.processor.counts["stray"] == 1


def test_a_session_of_ones_own_is_put_aside_and_comes_back(sample: Path) -> None:
    session = Session()
    session.run("process mine")
    for name in ("1", f"'{sample}'"):
        session.run(f"lesson {name}")
        assert "mine" not in session.lab.processor.counts
    session.run("next")
    session.run("next")
    session.run("lesson off")
    assert session.guide is None
    assert session.lab.processor.counts == {"mine": 1}


def test_a_loaded_session_is_not_taken_for_the_lessons(sample: Path, tmp_path: Path) -> None:
    session, guide = _begun(sample, TRY)
    saved = tmp_path / "x.lab"
    saved.write_text("process e3 again\ncommit\n", encoding="utf-8")
    assert "this session is not the lesson's" in _said(session.run(f"load {saved}"))
    assert not guide.runner.work.done
    session.run("reset")
    assert session.lab.processor.counts["world"] == 1


def test_learn_commands_without_a_lesson_say_what_to_type() -> None:
    with pytest.raises(Refused) as fault:
        Session().run("hint")
    assert fault.value.hint == "lesson 1"


def test_a_lesson_is_taken_up_where_it_was_left_with_what_was_typed(sample: Path) -> None:
    progress = Progress(None)
    session, _ = _begun(sample, 0, progress)
    for line in ("next", "next", "b", "a", "next", "hint", "process e3 again"):
        session.run(line)
    again, guide = _begun(sample, 0, progress)
    assert guide.runner.position == TRY
    assert guide.runner.work.hints == 1
    assert again.lab.processor.counts["again"] == 1
    assert guide.runner.works[PREDICT].answers == ["2", "1"]
    again.run("commit")
    assert guide.runner.work.done


def test_a_lesson_whose_text_has_changed_goes_on_near_where_it_was_left(sample: Path) -> None:
    key = str(sample.resolve())
    progress = Progress(None, {key: Bookmark(TRY, 6, ("next", "process e1 other", "retry e7"))})
    session = Session()
    guide = entry.guide(session, catalog.at(sample)[0], progress)
    assert "CHANGED" in guide.begin().plain()
    assert guide.runner.position == TRY


def test_a_finished_lesson_begins_again_and_stays_finished(sample: Path) -> None:
    progress = Progress(None)
    session, guide = _begun(sample, 0, progress)
    walk = entry.runner(guide.source)
    for line in lines.model_answer(walk):
        session.run(line)
    assert guide.runner.finished
    mark = progress.lessons[guide.source.key]
    assert mark.finished
    _, again = _begun(sample, 0, progress)
    assert again.runner.position == 0
    assert progress.lessons[guide.source.key].walked == mark.walked


def test_every_view_of_a_lesson_is_drawn_and_told_in_ascii(sample: Path) -> None:
    session, guide = _begun(sample)
    views: list[View] = [guide.here(), guide.leaving()]
    for line in ("next", "next", "b", "hint", "solution", "skip", "next", "process x", "commit"):
        outcome = session.run(line)
        views += [view for view in (outcome.view, outcome.guidance) if view is not None]
    for line in ("skip", "next", "next", "process e1 a", "retry", "next", "next", "back"):
        outcome = session.run(line)
        views += [view for view in (outcome.view, outcome.guidance) if view is not None]
    assert any("EXPOSED" in view.plain() for view in views)
    for view in views:
        assert view.plain().isascii()
        for width in (60, 80):
            _drawn(view, width)


def _drawn(view: View, width: int) -> None:
    """Draw a view in both tables of glyphs, and see that no line is too long."""
    for glyphs in (UNICODE, ASCII):
        out = io.StringIO()
        console = Console(file=out, width=width, color_system=None, markup=False, emoji=False)
        console.print(view.draw(glyphs))
        assert all(len(line) <= width for line in out.getvalue().splitlines())
        assert glyphs is UNICODE or out.getvalue().isascii()


def test_text_in_square_brackets_and_colons_is_shown_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "odd.md"
    path.write_text(GOOD.replace("The end.", "The [b]end[/b] :smile: [/x]"), encoding="utf-8")
    _, guide = _begun(path, 5)
    assert "The [b]end[/b] :smile: [/x]" in guide.here().plain()
    _drawn(guide.here(), 60)
