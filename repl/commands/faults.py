"""Break: make things go wrong, and bring them up again."""

from collections.abc import Sequence

from core.lab import commands as c
from core.lab.faults import CrashPoint
from core.mechanisms import SWITCHES
from repl.commands import arguments
from repl.registry import Argument, command
from repl.render import View
from repl.session import Session


@command(
    "crash",
    "x",
    group="break",
    arguments=(
        Argument("POINT", "one of the six points; without one, now", arguments.points, closed=True),
    ),
    example="crash before-ack",
)
def crash(_: Session, point: str | None = None) -> c.Command:
    """Kill the processor: its memory is gone, what is durable stays.

    With a point the crash waits until a command reaches it; `crash off` calls it off.
    The processor is down until `restore` or `restart`.
    """
    if point == "off":
        return c.Disarm()
    return c.Crash(None if point is None else CrashPoint(point))


@command("restart", group="break", example="restart")
def restart(_: Session) -> c.Command:
    """Start the processor again: with empty memory, or with what a store kept.

    The source goes back to its beginning: `replay` sends everything again. On a durable
    store (`oncelab --store FILE`) all that was acknowledged is back, and the offset stays.
    """
    return c.Restart()


@command(
    "replay",
    "rp",
    group="break",
    arguments=(Argument("OFFSET", "where in the log to begin"),),
    example="replay 0",
)
def replay(_: Session, offset: str | None = None) -> c.Command:
    """Let the source send its log again, from an offset to the end.

    Without an offset, from the first event that is due. Acknowledged events are sent
    again too where the offset lies before them: they are duplicates.
    """
    if offset is None:
        return c.Replay()
    return c.Replay(arguments.number(offset, "OFFSET", "replay 0"))


@command(
    "lose",
    group="break",
    arguments=(
        Argument(
            "ack",
            "what to lose",
            lambda _: [("ack", "of the last delivery")],
            required=True,
            closed=True,
        ),
    ),
    example="lose ack",
)
def lose(_: Session, _ack: str) -> c.Command:
    """Lose the ack of the last delivery: the source believes it was not processed.

    The event is due again. `replay` or `retry` sends it a second time.
    """
    return c.LoseAck()


def _switches(session: Session, words: Sequence[str]) -> None:
    """Bar a switch where a store keeps every mechanism on; a look is free. Raises Refused."""
    if words:
        session.lab.durability.can_switch()


@command(
    "mechanism",
    "m",
    group="break",
    arguments=(
        Argument("NAME", "one of the five mechanisms", arguments.mechanisms, closed=True),
        arguments.ON_OFF,
    ),
    example="mechanism dedup off",
    bar=_switches,
)
def mechanism(session: Session, name: str | None = None, on: str | None = None) -> c.Command | View:
    """Switch one of the mechanisms that make exactly-once on or off.

    Without a word, show which are on. With a name alone, flip that one.
    """
    now = session.lab.processor.mechanisms
    if name is None:
        from repl.render import tables

        return tables.mechanisms(session.lab)
    field = SWITCHES[name]
    return c.Switch(field, not getattr(now, field) if on is None else on == "on")


@command(
    "guarantee",
    "g",
    group="break",
    arguments=(Argument("PRESET", "what to promise", arguments.presets, closed=True),),
    example="guarantee at-least-once",
    bar=_switches,
)
def guarantee(session: Session, preset: str | None = None) -> c.Command | View:
    """Set all five mechanisms at once: exactly-once, at-least-once or at-most-once.

    Without a word, show which are on.
    """
    if preset is None:
        from repl.render import tables

        return tables.mechanisms(session.lab)
    return c.Guarantee(preset)
