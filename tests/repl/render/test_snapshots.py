"""Every view as it looks: plain, in ASCII, at 60, 80 and 120 columns, and in colour."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from core.lab import commands as c
from core.lab.crash_points import CrashPoint
from repl.render import View, history, notes
from repl.render.theme import ASCII
from tests.repl.render.sessions import (
    STORY,
    TROUBLE,
    WIDTHS,
    drawn,
    each_step,
    every_view,
    played,
)

LONG: tuple[c.Command, ...] = (
    c.Feed(tuple("abcdefghijklmnopqrstuvwxyz" * 8)),
    *(c.Checkpoint() for _ in range(20)),
    c.Commit(),
    *(c.Process(None, "more") for _ in range(20)),
)

REACHING: dict[CrashPoint, c.Command] = {
    CrashPoint.BEFORE_APPLY: c.Process(None, "x"),
    CrashPoint.BEFORE_ACK: c.Process(None, "x"),
    CrashPoint.IN_CHECKPOINT: c.Checkpoint("cp2"),
    CrashPoint.BEFORE_COMMIT: c.Commit(),
    CrashPoint.IN_COMMIT: c.Commit(),
    CrashPoint.AFTER_COMMIT: c.Commit(),
}

FAULTS: tuple[c.Command, ...] = tuple(
    each
    for point, reaching in REACHING.items()
    for each in (c.Crash(point), reaching, c.Restart(), c.Replay())
)

REST: tuple[c.Command, ...] = (
    c.Commit(),
    c.Rollback(),
    c.Crash(),
    c.Restart(),
    c.Disarm(),
    c.Crash(CrashPoint.IN_COMMIT),
    c.Disarm(),
    c.Process("e1", "hello"),
    c.Rollback(),
    c.Replay(),
    c.Checkpoint("cp1"),
    c.Checkpoint("cp1"),
    c.Process("e2", "hello"),
    c.Restore("cp1"),
    c.Process("e2", "hi"),
    c.Process("e2", "hi"),
    c.Commit(),
    c.Restore("cp1"),
    c.Replay(),
    c.Switch("seen_in_checkpoints", on=False),
    c.Switch("seen_in_checkpoints", on=False),
    c.Checkpoint("cp2"),
    c.Restore("cp2"),
    c.Switch("transactional_output", on=False),
    c.Process("e3", "out"),
    c.Commit(),
    c.Rollback(),
    c.Feed(("in", "and", "out")),
    c.Guarantee("at-most-once"),
    c.Process("e7", "gone"),
    c.LoseEvent("lost"),
    c.Crash(),
    c.Restart(),
    c.Guarantee("exactly-once"),
    c.Replay(0),
    c.Process(7, "number", raw=True),
    c.Retry(7),
    c.LoseEvent("late"),
    c.LoseEvent(),
    c.Replay(),
)


def looks(view: View) -> str:
    """Return all looks of a view, one below the other."""
    parts = [("plain", view.plain() + "\n"), ("ASCII, 80 columns", drawn(view, 80, ASCII))]
    parts += [(f"{width} columns", drawn(view, width)) for width in WIDTHS]
    coloured = drawn(view, 80, colour=True).replace("\x1b", "ESC")
    parts.append(("80 columns in colour", coloured))
    return "".join(f"=== {name}\n{_stripped(text)}" for name, text in parts)


def _stripped(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def steps(commands: Iterable[c.Command], width: int) -> str:
    """Return the steps of a session, each drawn and told."""
    made = each_step(*commands)
    return "\n".join(f"{typed}\n{drawn(view, width)}{view.plain()}\n" for typed, view in made)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "commands",
    [
        pytest.param(STORY, id="story"),
        pytest.param(TROUBLE, id="trouble"),
        pytest.param(FAULTS, id="faults"),
        pytest.param(REST, id="rest"),
    ],
)
def test_steps_look_as_they_did(
    commands: tuple[c.Command, ...], width: int, snapshot: SnapshotAssertion
) -> None:
    """Each kind of step is drawn and told as the snapshot has it."""
    assert steps(commands, width) == snapshot


@pytest.mark.parametrize(
    "commands",
    [
        pytest.param(STORY, id="story"),
        pytest.param(TROUBLE, id="trouble"),
        pytest.param(LONG, id="long"),
        pytest.param((c.Guarantee("exactly-once"), c.Process("e1", "a")), id="young"),
    ],
)
def test_views_look_as_they_did(
    commands: tuple[c.Command, ...], snapshot: SnapshotAssertion
) -> None:
    """Each view of a session is drawn and told as the snapshots have it."""
    for name, view in every_view(played(*commands), "e1"):
        assert looks(view) == snapshot(name=name)


def test_notes_look_as_they_did(snapshot: SnapshotAssertion) -> None:
    """What is said around the steps is drawn and told as the snapshot has it."""
    told = played(*STORY)
    folder = Path("/home/student/sessions")
    shown = [
        notes.welcome(),
        notes.goodbye(None, 0),
        notes.goodbye(folder / "one.lab", 7),
        notes.refused("e1 is an id", "retry e1"),
        notes.dropped(3),
        notes.stopped(),
        notes.warning("the session is not saved by itself"),
        notes.fault(KeyError("x")),
        notes.in_full("process"),
        notes.wire(on=True),
        notes.wire(on=False),
        notes.wire_lines(['{"type": "commit"}']),
        notes.saved("crash.lab", 1),
        notes.loaded("crash.lab", 7, 0),
        notes.expected("count hello == 1", met=False, found="count hello is 2"),
        notes.expected("up", met=True, found="the processor is up"),
        notes.typed(told.steps[0]),
        history.arrived("RESET", (), played()),
        history.arrived("BACK", (), told),
        history.arrived("AT", told.undo(5), told),
        history.steps(told),
    ]
    assert "\n".join(map(looks, shown)) == snapshot
