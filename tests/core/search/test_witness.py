"""A witness is as short as it is said to be."""

from collections.abc import Iterator, Sequence
from functools import partial

import pytest

from core.errors import Refused
from core.lab import commands as c
from core.lab.commands import typed
from core.lab.crash_points import CrashPoint
from core.lab.lab import Lab
from core.lab.language import read
from core.mechanisms import EXACTLY_ONCE, PRESETS, SWITCHES, Mechanisms
from core.rules import settled
from core.search import witness as witnesses
from core.search.account import Followed
from core.search.sweep import Swept, sweep

SESSION = ("process e1 a", "checkpoint cp1", "process e2 b", "commit")
LATE = (*SESSION, "mechanism idempotent-sink off")


def swept(*lines: str, mechanisms: Mechanisms = EXACTLY_ONCE) -> Swept:
    """Sweep a session."""
    return sweep([read(line) for line in lines], partial(Lab, mechanisms))


def outcome(lab: Lab, commands: Sequence[c.Command]) -> str | None:
    """Return what a schedule comes to: ok, lost or doubled; None if it does not come to rest."""
    run = Followed(lab)
    try:
        for command in commands:
            run.apply(command)
    except Refused:
        return None
    if not settled(lab):
        return None
    counted, sink = run.account.times(lab), lab.processor.outputs.ids
    assert counted is not None
    ids = [event_id for event_id, _ in lab.source.log]
    each = [*(counted[one] for one in ids), *(sink.count(one) for one in ids)]
    return "doubled" if max(each, default=1) > 1 else "ok" if all(each) else "lost"


def test_what_an_event_needs_to_be_sent_again_is_left_out_with_it() -> None:
    """Leaving out one command at a time would keep `process e2 b` and the replay."""
    found = swept(*LATE).witness
    assert found is not None
    assert found.shortest
    assert [typed(command) for command in found.commands] == [
        "process e1 a",
        "checkpoint cp1",
        "commit",
        "mechanism idempotent-sink off",
        "restore cp1",
        "commit",
    ]


WRONG = [EXACTLY_ONCE._replace(**{SWITCHES[off]: False}) for off in ("dedup", "source-replay")]


@pytest.mark.parametrize("mechanisms", [*WRONG, PRESETS["at-least-once"]])
def test_no_schedule_of_the_kind_is_shorter_than_a_shortest(mechanisms: Mechanisms) -> None:
    """Each one is tried, without any of the economies of the search."""
    result = swept(*SESSION, mechanisms=mechanisms)
    assert result.witness is not None
    assert result.worst is not None
    assert result.witness.shortest
    start, session = partial(Lab, mechanisms), [read(line) for line in SESSION]
    found = [outcome(start(), each) for each in kind(session, len(result.witness.commands) - 1)]
    assert result.worst.outcome not in found
    assert outcome(start(), result.witness.commands) == result.worst.outcome


def kind(
    session: Sequence[c.Command], length: int, *, fault: bool = False
) -> Iterator[tuple[c.Command, ...]]:
    """Yield the session's commands in order, some left out, with a fault and what recovers."""
    yield ()
    if not length:
        return
    for place, command in enumerate(session):
        yield from after(command, kind(session[place + 1 :], length - 1, fault=fault))
    recovery: list[c.Command] = [c.Restart(), c.Restore("cp1"), c.Replay(), c.Commit()]
    for command in recovery:
        yield from after(command, kind(session, length - 1, fault=fault))
    faults: list[c.Command] = [c.LoseAck(), c.Crash(), *(c.Crash(point) for point in CrashPoint)]
    for command in [] if fault else faults:
        yield from after(command, kind(session, length - 1, fault=True))


def after(
    command: c.Command, schedules: Iterator[tuple[c.Command, ...]]
) -> Iterator[tuple[c.Command, ...]]:
    """Put a command before each schedule."""
    return ((command, *each) for each in schedules)


@pytest.mark.parametrize("most", [0, 300, 3000])
@pytest.mark.parametrize("preset", ["at-least-once", "at-most-once"])
def test_where_a_search_is_too_long_no_command_can_be_left_out(
    monkeypatch: pytest.MonkeyPatch, preset: str, most: int
) -> None:
    """And if it is not called a shortest one, that is all that is said."""
    monkeypatch.setattr(witnesses, "_MOST", most)
    lines = [f"process e{number} {'ab'[number % 2]}" for number in range(9)]
    result = swept(*lines[:5], "checkpoint cp1", "commit", *lines[5:], mechanisms=PRESETS[preset])
    assert result.witness is not None
    assert result.worst is not None
    start, commands = partial(Lab, PRESETS[preset]), result.witness.commands
    assert outcome(start(), commands) == result.worst.outcome
    for place in range(len(commands)):
        rest = commands[:place] + commands[place + 1 :]
        assert outcome(start(), rest) != result.worst.outcome


def test_a_search_that_was_given_up_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witnesses, "_MOST", 0)
    found = swept(*LATE).witness
    assert found is not None
    assert not found.shortest
    assert len(found.commands) == 7


def test_commands_of_the_same_fields_are_told_apart() -> None:
    """A commit and a rollback are both without any."""
    found = swept("process e1 a", "rollback", "commit", mechanisms=PRESETS["at-most-once"]).witness
    assert found is not None
    assert [typed(command) for command in found.commands] == ["process e1 a", "rollback"]
