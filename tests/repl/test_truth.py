"""Whatever the views say of the past and the present is what a witness saw.

The random sessions of `tests/core/lab/test_truth.py`, and what the layer above says of them,
as data before it is words.
"""

import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import pytest

from core.errors import Refused
from core.lab import commands as c
from core.lab.lab import Lab, Step
from core.mutants import MUTANTS
from lessons import catalog, lines
from lessons.catalog import LessonFile
from lessons.progress import Progress
from repl.lesson import entry
from repl.session import Session
from tests.core.lab import test_truth as sessions
from tests.core.lab.claims import Claims
from tests.core.lab.scenes import pretended
from tests.repl import claims as told
from tests.repl import exchanges
from tests.repl import hints as tried
from tests.witness import Eyes

SHORT, LONG = 2_400, 40_000
"""Actions in all."""
LINES, MANY_LINES = 400, 10_000
"""Lines typed in all."""
SWEEPS, MANY_SWEEPS = 150, 4_000

UNTRUE: frozenset[str] = frozenset()
"""Claims that are not always so as yet: to be mended, and taken out here."""
STARTS = list(sessions.STARTS)
REFUSED: frozenset[tuple[str, str]] = frozenset()
"""Hints that are refused as yet: to be mended as well."""


class Viewed(sessions.Session):
    """A session of which the views are asked."""

    def check_step(self, asked: c.Command, step: Step) -> None:
        """Leave what the step says of itself to the layer below."""

    def check_refusal(self, asked: c.Command | str, fault: Refused) -> None:
        """Leave that as well."""

    def check_now(self, random: Random) -> None:
        """Check the timeline, a difference, the tables and the machine. Raises Untrue."""
        told.check_beats(self.claims, self.history, self.frames)
        told.check_diff(self.claims, self.history, self.frames, random)
        told.check_tables(self.claims, self.history, self.frames[-1])

    def end(self) -> None:
        """Check what is played. Raises Untrue."""
        right = self.start not in MUTANTS
        told.check_player(self.claims, self.history, self.frames, right=right)


@pytest.mark.parametrize("seed", range(3))
def test_all_that_is_shown_is_what_a_witness_saw(seed: int) -> None:
    claims = Claims(UNTRUE)
    sessions.run(SHORT // 3, seed, disk=False, claims=claims, kind=Viewed, starts=STARTS)


def test_on_a_disk_all_that_is_shown_is_what_a_witness_saw() -> None:
    sessions.run(60, 2, disk=True, claims=Claims(UNTRUE), kind=Viewed)


@pytest.mark.long
def test_in_many_sessions_all_that_is_shown_is_what_a_witness_saw(
    capsys: pytest.CaptureFixture[str],
) -> None:
    claims = Claims(UNTRUE)
    numbers = sessions.run(LONG, 11, disk=False, claims=claims, kind=Viewed, starts=STARTS)
    numbers += sessions.run(LONG // 50, 12, disk=True, claims=claims, kind=Viewed)
    with capsys.disabled():
        sys.stdout.write(sessions.figures(numbers, claims))


# The hints.


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a session writes out of the way."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


_LABS: list[Callable[[], Lab]] = [
    *[Lab] * 8,
    *[pretended] * 3,
    *(mutant.start for mutant in MUTANTS.values()),
]


def _lesson(source: LessonFile, step: int) -> Session:
    """Begin a lesson at a step."""
    session = Session()
    guide = entry.guide(session, source, Progress(None))
    guide.runner.jump(step)
    guide.begin()
    return session


def _any_lesson(random: Random) -> tried.Start:
    source = random.choice(catalog.course())
    return partial(_lesson, source, random.randint(0, len(source.read().steps)))


def _any_lab(random: Random) -> tried.Start:
    return partial(Session, random.choice(_LABS))


def _type(total: int, seed: int, start: Callable[[Random], tried.Start]) -> Counter[str]:
    """Type lines into sessions until there were so many, and try every hint."""
    random, checked = Random(seed), Counter[str]()  # noqa: S311 - dice
    while checked["lines"] < total:
        begun, typist = start(random), tried.Typist(random)
        length = random.choice((5, 10, 20, 40))
        _, wrong = tried.typed_in(begun, typist.line, length, checked, REFUSED)
        checked["sessions"] += 1
        if wrong is not None:
            raise AssertionError(f"{begun}\n{tried.shortened(begun, wrong, REFUSED)}") from None
    return checked


@pytest.mark.parametrize("start", [_any_lab, _any_lesson])
def test_every_hint_is_accepted_where_it_is_given(start: Callable[[Random], tried.Start]) -> None:
    _type(LINES // 2, 1, start)


def _walked(source: LessonFile, checked: Counter[str]) -> None:
    """Walk a lesson without a mistake, and try every hint on the way."""
    answers = iter(["lesson", *lines.model_answer(entry.runner(source)), "lesson"])
    begun = partial(_lesson, source, 0)
    _, wrong = tried.typed_in(begun, lambda _: next(answers, None), 1000, checked, REFUSED)
    assert wrong is None, f"{source.name}\n{wrong}"


def test_every_hint_on_the_way_through_a_lesson_is_accepted() -> None:
    for source in catalog.course()[::7]:
        _walked(source, Counter())


@pytest.mark.long
def test_every_hint_in_many_sessions_is_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    checked = _type(MANY_LINES, 21, _any_lab)
    checked += _type(MANY_LINES // 2, 22, _any_lesson)
    for source in catalog.course():
        _walked(source, checked)
    with capsys.disabled():
        sys.stdout.write(_figures(checked))


def _figures(checked: Counter[str]) -> str:
    return "\n".join(["", *(f"{n:>12,} {kind}" for kind, n in sorted(checked.items())), ""])


# The wire, and sweeps.


def _exchange(number: int, seed: int, claims: Claims) -> None:
    random = Random(seed)  # noqa: S311 - dice
    for place in range(number):
        length = random.choice((5, 15, 40))
        exchanges.check_wire(claims, random, length, crash_free=bool(place % 2))


def _sweep(number: int, seed: int, claims: Claims) -> None:
    random, eyes = Random(seed), Eyes()  # noqa: S311 - dice
    weights = [sessions.WEIGHTS.get(name, 1) for name in STARTS]
    with eyes.opened():
        for _ in range(number):
            name = random.choices(STARTS, weights)[0]
            right = name not in MUTANTS
            exchanges.check_sweep(claims, sessions.STARTS[name], random, eyes, right=right)


def test_what_is_shown_of_the_wire_is_what_a_node_says() -> None:
    _exchange(100, 3, Claims(UNTRUE))


def test_what_a_sweep_finds_is_so() -> None:
    _sweep(SWEEPS, 4, Claims(UNTRUE))


@pytest.mark.long
def test_what_many_sweeps_find_is_so(capsys: pytest.CaptureFixture[str]) -> None:
    claims = Claims(UNTRUE)
    _exchange(MANY_SWEEPS, 31, claims)
    _sweep(MANY_SWEEPS, 32, claims)
    with capsys.disabled():
        sys.stdout.write(_figures(claims.checked))
