"""Sessions to look at, every view of one, and a console of a fixed width to draw them on."""

import random
from collections.abc import Iterator
from io import StringIO

from rich.console import Console

from core.errors import Refused
from core.lab import commands as c
from core.lab import judge
from core.lab.changes import picture
from core.lab.crash_points import CrashPoint
from core.lab.history import History
from core.lab.otherwise import otherwise
from core.mechanisms import PRESETS, SWITCHES
from core.outputs import EventId
from repl.export.moments import takes
from repl.render import View, changes, history, machine, notes, score, tables, timeline
from repl.render import event_trace as lives
from repl.render.draw import AsTyped
from repl.render.theme import UNICODE, Glyphs

WIDTHS = (60, 80, 120)

STORY: tuple[c.Command, ...] = (
    c.Process("e1", "hello"),
    c.Checkpoint("cp1"),
    c.Process("e1", "hello"),
    c.Process("e2", "hello"),
    c.Crash(),
    c.Restore("cp1"),
    c.Replay(),
)
"""The seven steps that every view must show well."""

TROUBLE: tuple[c.Command, ...] = (
    *STORY,
    c.Commit(),
    c.Restore("cp1"),
    c.Replay(),
    c.LoseAck(),
    c.Retry(),
    c.Switch("dedup", on=False),
    c.LoseAck(),
    c.Retry(),
    c.Process("e1", "[/b]"),
    c.Feed(("to", "be", "or", "not", "to", "be")),
    c.Commit(),
    c.Process(None, "late"),
    c.Rollback(),
    c.Replay(),
    c.Guarantee("at-least-once"),
    c.Crash(CrashPoint.BEFORE_ACK),
    c.Process(None, "last"),
)
"""A session in which nearly everything happens; it ends down."""


def played(*played: c.Command) -> History:
    """Return the history of these commands."""
    made = History()
    for command in played:
        made.do(command)
    return made


def wild(seed: int, length: int = 25) -> History:
    """Return a session of commands drawn by a seed; those that were refused are left out."""
    draw = random.Random(seed)  # noqa: S311 - nothing here is secret
    made = History()
    for _ in range(length):
        try:
            made.do(_drawn(draw))
        except Refused:
            continue
    return made


def _drawn(draw: random.Random) -> c.Command:
    ids = [None, "e1", "e2", "e3"]
    likely: list[c.Command] = [
        c.Process(draw.choice(ids), draw.choice(["a", "b"]), draw.random() < 0.1),
        c.Process(None, draw.choice(["a", "b"])),
        c.Restore(draw.choice([None, "cp1"])),
        c.Restart(),
        c.Replay(draw.choice([None, 0])),
    ]
    other: list[c.Command] = [
        c.Retry(draw.choice(ids)),
        c.Feed(tuple("abcab"[: draw.randint(1, 5)])),
        c.Checkpoint(draw.choice([None, "cp1"])),
        c.Commit(),
        c.Rollback(),
        c.Crash(draw.choice([None, *CrashPoint])),
        c.Disarm(),
        c.LoseAck(),
        c.LoseEvent(draw.choice([None, "a"])),
        c.Switch(draw.choice(list(SWITCHES.values())), draw.random() < 0.7),
        c.Guarantee(draw.choice(list(PRESETS))),
    ]
    return draw.choice(likely if draw.random() < 0.5 else other)


def every_view(of: History, event_id: EventId) -> Iterator[tuple[str, View]]:
    """Yield each view of a session, by name; the session needs a step at least."""
    lab, middle = of.lab, len(of.steps) // 2
    yield "machine", machine.show(lab)
    for what in tables.WHAT:
        yield f"table-{what}", tables.table(of, what)
    yield "everything", tables.everything(of)
    names = (f"after step {middle}", "now")
    yield "diff", changes.between(picture(of.at(middle)), picture(lab), names)
    yield "diff-clean", changes.against_clean(picture(lab), judge.clean(lab))
    yield "timeline", timeline.timeline(of)
    yield "history", history.steps(of)
    yield "arrived", history.arrived("UNDONE", of.steps[-2:], of)
    yield "why", lives.why(of, event_id, otherwise(of, event_id))
    yield "score", score.score(judge.score(of))


def each_step(*played: c.Command) -> Iterator[tuple[str, View]]:
    """Yield the view of each step of a session, with its command, as it is made."""
    made = History()
    for command in played:
        step = made.do(command)
        yield f"[{step.number}] > {c.typed(command)}", notes.step(step, made, takes(made.lab))


def drawn(view: View, width: int = 80, glyphs: Glyphs = UNICODE, *, colour: bool = False) -> str:
    """Return a view as a console of this width prints it."""
    console = Console(
        file=StringIO(),
        width=width,
        color_system="standard" if colour else None,
        force_terminal=colour,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
    console.print(AsTyped(view.draw(glyphs)))
    file = console.file
    assert isinstance(file, StringIO)
    return file.getvalue()
