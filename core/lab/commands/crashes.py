"""The commands that crash the processor, and the one that starts it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from core.errors import refused
from core.lab.commands.base import LabCommand, expect
from core.lab.crash_points import STRIKES, CrashPoint
from core.lab.declaration import Argument
from core.lab.facts import Armed, Disarmed, Fact, Restarted
from core.lab.world import OnProgress, World

_OFF = "off"
_POINTS = {str(point): text for point, text in STRIKES.items()}
_POINTS[_OFF] = "call off the crash that waits"
_PROCESSING = ("processing", "process", "apply", "applying", "event")
"""What people call the applying of an event."""


@dataclass(frozen=True)
class Crash(LabCommand):
    """Kill the processor: its memory is gone, what is durable stays.

    With a point the crash waits until a command reaches it; `crash off` calls it off.
    The processor is down until `restore` or `restart`.
    """

    point: CrashPoint | None = None

    verb = "crash"
    aliases = ("x",)
    synonyms = ("kill",)
    group = "break"
    arguments = (
        Argument(
            "POINT",
            "one of the crash points; without one, now",
            closed=lambda: _POINTS,
            alike=dict.fromkeys(("now", "atonce", "immediately"), "")
            | dict.fromkeys(("cancel", "none", "no", "never", "stop", "disarm", "abort"), _OFF)
            | {f"before{each}": str(CrashPoint.BEFORE_APPLY) for each in _PROCESSING}
            | {f"after{each}": str(CrashPoint.BEFORE_ACK) for each in _PROCESSING},
        ),
    )
    example = "crash before-ack"
    fault = True
    sweeping = True

    def __post_init__(self) -> None:
        """Check the point. Raises Mistyped."""
        good = self.point is None or isinstance(self.point, CrashPoint)
        expect(good, self.point, "a crash point", "crash before-ack")

    @classmethod
    def read(cls, *words: str) -> "Crash | Disarm":
        """Return the crash at this point (now, without one), or the `Disarm` of `crash off`."""
        return Disarm() if words == (_OFF,) else cls(*map(CrashPoint, words))

    @classmethod
    def offers(cls, _world: World, _words: Sequence[str]) -> list[Self]:
        """Return a crash now, and one at each point."""
        return [cls(), *map(cls, CrashPoint)]

    def do(self, world: World, facts: list[Fact], _on_progress: OnProgress) -> Self:
        """Crash now, or arm a point."""
        if self.point is None:
            world.die(None, facts)
        else:
            facts.append(Armed(self.point, world.armed))
            world.armed = self.point
        return self


@dataclass(frozen=True)
class Disarm(LabCommand):
    """Call off the crash that waits at a point: it is read by `Crash`, whose verb it has."""

    verb = Crash.verb
    group = Crash.group
    example = "crash off"
    fault = True

    @property
    def typed(self) -> str:
        """The command as one types it."""
        return self.example

    @classmethod
    def offers(cls, _world: World, _words: Sequence[str]) -> tuple[Self, ...]:
        """Return none: a shortest way to a goal never needs it."""
        return ()

    def do(self, world: World, facts: list[Fact], _on_progress: OnProgress) -> Self:
        """Call off the crash that waits."""
        facts.append(Disarmed(world.armed))
        world.armed = None
        return self


@dataclass(frozen=True)
class Restart(LabCommand):
    """Start the processor again: with empty memory, or with what a store kept.

    The source goes back to its beginning: `replay` sends everything again. On a durable
    store (`oncelab --store FILE`) all that was acknowledged is back, and the offset stays.
    """

    verb = "restart"
    synonyms = ("start",)
    group = "break"
    example = "restart"
    sweeping = True
    while_down = True

    def chosen(self, world: World) -> Self:
        """Return it as it is. Raises Refused while the processor is up."""
        if world.up:
            raise refused("the processor is up", "crash")
        return self

    def do(self, world: World, facts: list[Fact], _on_progress: OnProgress) -> Self:
        """Start again with empty memory, and the source at its beginning; a store keeps both.

        Raises Refused if a store cannot be used.
        """
        durability = world.durability
        kept = world.start()
        moved = world.rewind(durability.restart_offset(world.source))
        unused = next(reversed(world.saved), None) if kept is None else None
        foreign = durability.foreign(world)
        facts.append(Restarted(moved, *world.source.standing, unused, kept, foreign))
        return self
