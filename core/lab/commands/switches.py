"""The commands that switch the mechanisms."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from core.lab.commands.base import LabCommand, expect
from core.lab.facts import Fact, Switched
from core.lab.world import Watch, World
from core.mechanisms import PRESETS, SWITCHES, Mechanisms


@dataclass(frozen=True)
class Switch(LabCommand):
    """Switch one mechanism, named as in `Mechanisms`, on or off."""

    mechanism: str
    on: bool

    verb: ClassVar[str] = "mechanism"

    def __post_init__(self) -> None:
        """Check the mechanism. Raises Mistyped."""
        good = self.mechanism in Mechanisms._fields and isinstance(self.on, bool)
        expect(good, self.mechanism, "a mechanism to switch", "mechanism dedup off")

    @property
    def typed(self) -> str:
        """The command as one types it."""
        return f"mechanism {self.mechanism.replace('_', '-')} {'on' if self.on else 'off'}"

    @classmethod
    def offers(cls, world: World, _words: Sequence[str]) -> Iterator[Self]:
        """Yield a switch for each mechanism."""
        now = world.processor.mechanisms
        return (cls(field, not getattr(now, field)) for field in SWITCHES.values())

    def chosen(self, world: World) -> Self:
        """Return it as it is. Raises Refused where the mechanisms cannot be switched."""
        world.durability.can_switch()
        return self

    def do(self, world: World, facts: list[Fact], _watch: Watch) -> Self:
        """Switch one mechanism."""
        now = world.processor.mechanisms._replace(**{self.mechanism: self.on})
        _set_mechanisms(world, now, facts)
        return self


@dataclass(frozen=True)
class Guarantee(LabCommand):
    """Set all five mechanisms to a preset."""

    preset: str

    verb: ClassVar[str] = "guarantee"

    def __post_init__(self) -> None:
        """Check the preset. Raises Mistyped."""
        expect(self.preset in PRESETS, self.preset, "a guarantee", "guarantee at-least-once")

    @classmethod
    def offers(cls, _world: World, _words: Sequence[str]) -> Iterator[Self]:
        """Yield every preset."""
        return map(cls, PRESETS)

    def chosen(self, world: World) -> Self:
        """Return it as it is. Raises Refused where the mechanisms cannot be switched."""
        world.durability.can_switch()
        return self

    def do(self, world: World, facts: list[Fact], _watch: Watch) -> Self:
        """Set all mechanisms to a preset."""
        _set_mechanisms(world, PRESETS[self.preset], facts)
        return self


def _set_mechanisms(world: World, mechanisms: Mechanisms, facts: list[Fact]) -> None:
    facts.append(Switched(world.processor.mechanisms, mechanisms))
    world.processor.switch(mechanisms)
