"""The demo: what it shows is real, it takes ninety seconds, and it can be left at any time."""

import io
from argparse import Namespace

import pytest

from repl.cli import demo
from repl.render.terminal import Terminal
from repl.render.theme import ASCII, UNICODE


def shown(*, plain: bool = False, wait: demo.Wait = lambda _: None) -> str:
    """Return what the demo prints."""
    out = io.StringIO()
    terminal = Terminal(out, colour=False, plain=plain, glyphs=ASCII if plain else UNICODE)
    assert demo.show(terminal, wait, None) == 0
    return out.getvalue()


def test_it_tells_the_whole_story_in_order() -> None:
    told = shown()
    story = [
        "APPLIED e1: counted again, as dedup is off",
        "hello  1 → 2",
        "SKIPPED e1: duplicate",
        "CRASHED: memory is gone",
        "RESTORED cp1",
        "REPLAYED 1 event: same as before the crash",
        "HOLDS: no schedule breaks a rule",
        "BROKEN: 3 rules of 5",
        "lesson 1",
    ]
    places = [told.index(each) for each in story]
    assert places == sorted(places)


def test_it_takes_ninety_seconds_at_its_own_pace() -> None:
    waited: list[float] = []
    shown(wait=waited.append)
    assert 80 <= sum(waited) <= 95


def test_its_plain_form_is_ascii_sentences() -> None:
    told = shown(plain=True)
    assert told.isascii()
    assert (
        "step 4: retry e1: SKIPPED (e1; duplicate; "
        "because e1 is in seen since step 1 (hello, count 0 -> 1); "
    ) in told
    assert not any(line.startswith(" ") for line in told.splitlines())


def test_it_is_no_wider_than_a_terminal() -> None:
    assert max(map(len, shown().splitlines())) <= 80


@pytest.mark.parametrize("fault", [KeyboardInterrupt, EOFError])
def test_it_can_be_left_at_any_time(fault: type[BaseException]) -> None:
    out = io.StringIO()
    calls = iter(range(40))

    def leave(_: float) -> None:
        if next(calls) == 30:
            raise fault

    terminal = Terminal(out, colour=False, plain=False, glyphs=UNICODE)
    assert demo.show(terminal, leave, None) == 130
    assert "\nBYE: the demo ends here\n" in out.getvalue()
    assert "Traceback" not in out.getvalue()


def test_it_begins_the_first_lesson_where_that_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    walked: list[str] = []

    def walk(name: str, *_: object, **__: object) -> int:
        walked.append(name)
        return 0

    monkeypatch.setattr("repl.cli.lesson.walk", walk)
    terminal = Terminal(io.StringIO(), colour=False, plain=True, glyphs=ASCII)
    assert demo.show(terminal, lambda _: None, lambda: True) == 0
    assert walked == ["1"]
    demo.show(terminal, lambda _: None, lambda: False)
    assert walked == ["1"]


@pytest.mark.parametrize(("typed", "meant"), [("", True), ("y", True), ("n", False), ("x", False)])
def test_enter_says_yes(typed: str, meant: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001 - a fact
    monkeypatch.setattr("builtins.input", lambda _: typed)
    assert demo._asked() is meant  # noqa: SLF001 - what the question comes to


def test_off_a_terminal_it_neither_waits_nor_asks(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.run(Namespace(fast=True, colour=None, plain=None)) == 0
    assert "NEXT (lesson 1" in capsys.readouterr().out
