"""Learn: lessons that run and explain, with the whole prompt at hand."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from core.errors import Mistyped, refused
from core.lab.declaration import Argument, Choice
from repl.registry import command
from repl.render import View
from repl.session import Session

if TYPE_CHECKING:
    from repl.lesson.guide import Guide


def _lessons(_: Session) -> Iterable[Choice]:
    from lessons.catalog import course

    named = [(str(each.number), each.name.replace("-", " ")) for each in course()]
    return [*named, ("off", "leave the lesson")]


def _learns(session: Session, _words: Sequence[str]) -> None:
    """Bar what needs a lesson, where the session is on a store. Raises Refused."""
    if session.lab.durability.final:
        raise refused("a lesson goes on in a session without --store", "show disk")


def _begins(session: Session, words: Sequence[str]) -> None:
    """Bar a lesson where the session is on a store, or none. Raises Refused, Mistyped."""
    if words == ["off"]:
        _guide(session)
    elif words:
        _learns(session, words)
        _found(words[0])


def _found(wanted: str) -> None:
    """Look for a lesson. Raises Mistyped."""
    from lessons.catalog import UnknownLesson, find

    try:
        find(wanted)
    except UnknownLesson as fault:
        raise Mistyped(fault.text, fault.hint) from None


def _lesson(session: Session, words: Sequence[str]) -> None:
    """Bar what needs a lesson where none is going on. Raises Refused."""
    _learns(session, words)
    _guide(session)


def _has_answer(session: Session, words: Sequence[str]) -> None:
    """Bar the solution where there is nothing to solve. Raises Refused."""
    _lesson(session, words)
    _not_finished(session)
    if not _guide(session).solvable:
        raise refused("there is nothing to solve in this step", "next")


def _has_before(session: Session, words: Sequence[str]) -> None:
    """Bar the way back from the first step. Raises Refused."""
    _lesson(session, words)
    if not _guide(session).runner.position:
        raise refused("this is the first step", "next")


def _goes_on(session: Session, words: Sequence[str]) -> None:
    """Bar the way on from a lesson that is finished. Raises Refused."""
    _lesson(session, words)
    _not_finished(session)


def _waits(session: Session, words: Sequence[str]) -> None:
    """Bar the next step where the present one is not done. Raises Refused."""
    _goes_on(session, words)
    wanted = _guide(session).runner.wants
    if wanted is not None:
        raise refused(f"this step waits for {wanted}", "hint")


def _not_finished(session: Session) -> None:
    runner = _guide(session).runner
    if runner.finished:
        raise refused("the lesson is finished", runner.onwards)


def _guide(session: Session) -> "Guide":
    """Return the lesson that is going on. Raises Refused if there is none."""
    if session.guide is None:
        raise refused("no lesson is going on", "lesson 1")
    from repl.lesson.guide import Guide

    assert isinstance(session.guide, Guide)
    return session.guide


@command("lessons", group="learn", example="lessons")
def lessons(session: Session) -> View:
    """List the lessons, and how far you are."""
    from repl.lesson import entry

    begin = "lesson 1" if session.takes("lesson 1") else "oncelab lesson 1, in a shell,"
    return entry.catalog(entry.kept(), begin)


@command(
    "lesson",
    group="learn",
    arguments=(Argument("N", "its number, its name, or a file", _lessons),),
    example="lesson 1",
    guard=_begins,
)
def lesson(session: Session, wanted: str | None = None) -> View:
    """Begin a lesson, or go on with it; alone: show the present step once more.

    Every command works inside a lesson. `reset` brings its laboratory back to where the
    step began, `hint` helps, and Enter goes on when a step is done. `lesson off` leaves it
    and brings your session back.
    """
    from repl.lesson import entry

    if wanted == "off":
        return _guide(session).close()

    if wanted is None:
        return lessons(session) if session.guide is None else session.guide.here()
    return entry.begin(session, wanted, entry.kept())


@command("hint", group="learn", example="hint", guard=_lesson)
def hint(session: Session) -> View:
    """Give a hint to the present step of the lesson; again, the next one."""
    return _guide(session).hint()


@command("solution", group="learn", example="solution", guard=_has_answer)
def solution(session: Session) -> View:
    """Show the answer to the present step, and leave doing it to you."""
    return _guide(session).solution()


@command("skip", group="learn", example="skip", guard=_goes_on)
def skip(session: Session) -> View:
    """Show the answer to the present step, and take it as done."""
    return _guide(session).skip()


@command("next", group="learn", example="next", guard=_waits)
def go_on(session: Session) -> View:
    """Go to the next step of the lesson, as Enter does."""
    return _guide(session).go_on()


@command("back", group="learn", example="back", guard=_has_before)
def back(session: Session) -> View:
    """Go to the step before, with what you did there."""
    return _guide(session).back()
