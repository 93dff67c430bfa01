"""The tape: played from its start, it comes to the engine's state after every step."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.lab.changes import Picture, picture
from core.lab.history import History
from core.lab.judge import clean
from core.lab.lab import Lab
from core.mechanisms import SWITCHES
from core.outputs import Output
from repl.export.captions import caption
from repl.export.html import data
from repl.export.moments import moments
from repl.export.names import Names
from repl.export.tape import Tape
from tests.repl.export.golden import GOLDEN, hostile, long
from tests.repl.export.played import Played
from tests.repl.render.sessions import TROUBLE, played, wild


def outputs(names: Names, wanted: list[Output]) -> list[list[int]]:
    """Return outputs as the tape has them."""
    return [[names.name(each), names.word(word), count] for each, word, count in wanted]


def same(played: Played, lab: Lab, names: Names) -> None:
    """Fail where a state played is not the engine's."""
    now, off = (
        picture(lab),
        [s for s, f in SWITCHES.items() if not getattr(lab.processor.mechanisms, f)],
    )
    single = {"up": now.up, "offset": now.offset, "armed": lab.armed or "", "off": off}
    assert played.single == single
    assert played.lists["log"] == [[names.name(e), names.word(w)] for e, w in lab.source.log]
    assert played.lists["seen"] == [names.name(each) for each in now.seen]
    assert played.lists["pending"] == outputs(names, now.pending)
    assert played.lists["sink"] == outputs(names, now.sink)
    assert list(played.counts.items()) == _counts(now, names)
    assert list(played.saved) == [names.name(each) for each in lab.saved]
    there = clean(lab)
    assert list(played.clean[0].items()) == _counts(there, names)
    assert played.clean[1][: played.line] == outputs(names, there.sink)
    assert played.clean[1][played.line :] == outputs(names, there.pending)


def _counts(now: Picture, names: Names) -> list[tuple[int, int]]:
    return [(names.word(word), count) for word, count in now.counts.items()]


def follow(history: History) -> None:
    """Play a session beside the engine."""
    tape = data(history)
    names = Names()
    played = Played(tape["start"])
    _name_all(names, tape, history)
    for told, (_, lab) in zip(tape["steps"], moments(history), strict=True):
        played.apply(told["change"])
        same(played, lab, names)


def _name_all(names: Names, tape: dict[str, Any], history: History) -> None:
    """Give the names the places they have on the tape: a second reading gives the same."""
    again = Tape(history.at(0))
    for step, lab in moments(history):
        caption(step, history, lab, again.names)
        again.change(step, lab)
    assert again.names.texts == tape["names"]
    vars(names).update(vars(again.names))


@pytest.mark.parametrize(
    "history", [played(*GOLDEN), played(*TROUBLE), hostile(), long(300), History()]
)
def test_the_tape_comes_to_the_engines_state_after_every_step(history: History) -> None:
    follow(history)


@given(st.integers(0, 10_000))
def test_so_it_does_of_any_session(seed: int) -> None:
    follow(wild(seed))


def test_two_ids_that_look_alike_stay_two() -> None:
    names = Names()
    assert len({names.name("\x1b"), names.name("\\x1b"), names.name(1), names.name("1")}) == 4


def test_a_session_that_begins_in_the_middle_is_played_from_there() -> None:
    begun = played(*TROUBLE[:7]).lab
    begun.number = 1  # as on a store: what was before is no step of the session
    history = History(begun.copy)
    for command in TROUBLE[7:]:
        history.do(command)
    follow(history)


def test_a_step_in_a_long_session_takes_no_more_room_than_in_a_short_one() -> None:
    changes = [
        str(step["change"]) for step in data(long(400))["steps"] if step["verdict"] == "APPLIED"
    ]
    assert max(map(len, changes)) < 400
