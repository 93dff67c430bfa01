"""The commands that end the processor's memory, and the one that starts it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from core.errors import refused
from core.lab.commands.base import LabCommand, expect
from core.lab.facts import Armed, Disarmed, Fact, Restarted
from core.lab.faults import CrashPoint
from core.lab.world import Watch, World


@dataclass(frozen=True)
class Crash(LabCommand):
    """Lose the processor's memory: now, or when a command reaches `point`."""

    point: CrashPoint | None = None

    verb: ClassVar[str] = "crash"
    sweeping: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the point. Raises Mistyped."""
        good = self.point is None or isinstance(self.point, CrashPoint)
        expect(good, self.point, "a crash point", "crash before-ack")

    @classmethod
    def offers(cls, _world: World, _words: Sequence[str]) -> list[Self]:
        """Return a crash now, and one at each point."""
        return [cls(), *map(cls, CrashPoint)]

    def do(self, world: World, facts: list[Fact], _watch: Watch) -> Self:
        """Crash now, or arm a point."""
        if self.point is None:
            world.die(None, facts)
        else:
            facts.append(Armed(self.point, world.armed))
            world.armed = self.point
        return self


@dataclass(frozen=True)
class Disarm(LabCommand):
    """Call off the crash that waits at a point."""

    verb: ClassVar[str] = "crash"

    @property
    def typed(self) -> str:
        """The command as one types it."""
        return "crash off"

    @classmethod
    def offers(cls, _world: World, _words: Sequence[str]) -> tuple[Self, ...]:
        """Return none: a way to a goal arms no crash that it has to call off."""
        return ()

    def do(self, world: World, facts: list[Fact], _watch: Watch) -> Self:
        """Call off the crash that waits."""
        facts.append(Disarmed(world.armed))
        world.armed = None
        return self


@dataclass(frozen=True)
class Restart(LabCommand):
    """Start the processor again, with empty memory."""

    verb: ClassVar[str] = "restart"
    sweeping: ClassVar[bool] = True
    while_down: ClassVar[bool] = True

    def chosen(self, world: World) -> Self:
        """Return it as it is. Raises Refused while the processor is up."""
        if world.up:
            raise refused("the processor is up", "crash")
        return self

    def do(self, world: World, facts: list[Fact], _watch: Watch) -> Self:
        """Start again with empty memory, and the source at its beginning; a store keeps both."""
        durability = world.durability
        kept = world.start()
        moved = world.rewind(durability.restart_offset(world.source))
        unused = next(reversed(world.saved), None) if kept is None else None
        foreign = durability.foreign(world)
        facts.append(Restarted(moved, *world.source.standing, unused, kept, foreign))
        return self
