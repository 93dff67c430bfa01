"""Scripts: what is saved is read back as the same session, whatever the words were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from core.errors import Refused
from core.lab import commands as c
from core.lab.ids import spelled
from repl import script
from repl.prompt.completion import CommandCompleter
from repl.session import Session
from tests.core.lab.scenes import ODD

_ids = ODD | st.integers(-9, 9)
_fed = st.lists(ODD.flatmap(lambda text: st.sampled_from(text.split() or ["a"])), max_size=4)
_halves = st.sampled_from(("a", "\ud800", "\udfff", "int:5", "\n"))
"""What JSON can say: it has no way to write two halves that are not one character."""

COMMANDS = st.one_of(
    st.builds(c.Process, st.none() | ODD, ODD),
    st.builds(c.Process, st.none() | ODD, ODD),
    st.builds(c.Process, _halves | st.integers(-9, 9), _halves, st.just(value=True)),
    st.builds(c.Retry, st.none() | _ids),
    st.builds(c.Feed, _fed.map(tuple)),
    st.builds(c.Checkpoint, st.none() | _ids),
    st.builds(c.Restore, st.none() | _ids),
    st.builds(c.LoseEvent, st.none() | ODD),
    st.sampled_from((c.Crash(), c.Restart(), c.Replay(), c.LoseAck(), c.Commit())),
)


def loaded(text: str) -> Session:
    """Return a session in which the lines of a script were run, as a file is read."""
    session = Session()
    for line in text.encode().decode().split("\n"):
        session.run(line.strip())
    return session


def same(session: Session, other: Session) -> None:
    """Compare two sessions step by step, strings that are no integers included."""
    steps, others = session.history.steps, other.history.steps
    assert [repr(vars(each.command)) for each in steps] == [
        repr(vars(each.command)) for each in others
    ]
    assert steps == others
    assert session.lab.freeze() == other.lab.freeze()


@given(st.lists(COMMANDS, max_size=12))
def test_a_session_that_was_saved_is_loaded_as_the_same_whatever_its_words(
    commands: list[c.Command],
) -> None:
    session = Session()
    for command in commands:
        try:
            session.do(command)
        except Refused:
            continue
    text = script.text(session.history.steps)
    assert len(text.split("\n")) == len(session.history.steps) + 2
    same(session, loaded(text))
    assert script.text(loaded(text).history.steps) == text


@given(st.lists(_ids, min_size=1, max_size=5, unique_by=lambda each: (type(each), each)))
def test_every_id_can_be_typed_beside_all_others(ids: list[str | int]) -> None:
    session = Session()
    for event_id in ids:
        session.do(c.Process(event_id, "a", raw=True))
    for event_id in ids:
        step = session.run(f"retry {spelled(event_id)}").step
        assert step is not None
        assert step.command == c.Retry(event_id)
        assert not session.run(f"expect seen holds {spelled(event_id)}").failed
        assert session.run(f"why {spelled(event_id)}").view is not None


@given(ODD, ODD)
def test_a_word_that_was_typed_is_that_word(event_id: str, word: str) -> None:
    session = Session()
    session.run(c.typed(c.Process(event_id, word)))
    assert session.lab.source.log == [(event_id, word)]
    assert {type(each) for each in session.lab.source.log[0]} == {str}
    assert not session.run(f"expect count {spelled(word)} == 1").failed


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (("process '?'", "retry e1"), ["process e1 '?'", "retry e1"]),
        (("process '?' a", "retry '?'"), ["process '?' a", "retry '?'"]),
        ((r"process $'a\nb' x", r"retry $'a\nb'"), [r"process $'a\nb' x", r"retry $'a\nb'"]),
        ((r"feed $'\ud800' b",), [r"feed $'\ud800' b"]),
        (("feed hello",), ["feed '' hello"]),
        (
            ('{"type":"process","event_id":5,"word":"a"}', "process int:5 b", "retry int:5"),
            ['{"type": "process", "event_id": 5, "word": "a"}', "process int:5 b", "retry int:5"],
        ),
        (
            ('{"type":"process","event_id":5,"word":"a"}', "process int:5 b", "retry 'int:5'"),
            ['{"type": "process", "event_id": 5, "word": "a"}', "process int:5 b", "retry 'int:5'"],
        ),
        (("process int:5 b", "retry int:5"), ["process int:5 b", "retry 'int:5'"]),
        (
            ('{"type":"checkpoint","checkpoint_id":5}', "restore 5"),
            ['{"type": "checkpoint", "checkpoint_id": 5}', "restore int:5"],
        ),
        ((r"checkpoint $'\e[0m'", "restore"), [r"checkpoint $'\x1b[0m'", r"restore $'\x1b[0m'"]),
        ((r"lose event $'\r'",), [r"lose event $'\r'"]),
    ],
)
def test_a_step_is_saved_as_one_types_it(lines: tuple[str, ...], kept: list[str]) -> None:
    session = Session()
    for line in lines:
        session.run(line)
    text = script.text(session.history.steps)
    assert text.split("\n")[1:-1] == kept
    same(session, loaded(text))


@given(st.lists(_ids, min_size=1, max_size=5, unique_by=lambda each: (type(each), each)))
def test_what_completion_inserts_means_what_it_shows(ids: list[str | int]) -> None:
    session = Session()
    for event_id in ids:
        session.do(c.Process(event_id, "a", raw=True))
    offered = CommandCompleter(session).get_completions(Document("retry "), CompleteEvent())
    for event_id, completion in zip(reversed(ids), offered, strict=True):
        step = session.run(f"retry {completion.text}").step
        assert step is not None
        assert step.command == c.Retry(event_id)
