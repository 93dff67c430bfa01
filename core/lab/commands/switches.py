"""The commands that switch the mechanisms."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from core.lab.commands.base import LabCommand, expect, line
from core.lab.declaration import Argument, Choice
from core.lab.facts import Fact, Switched
from core.lab.world import OnProgress, World
from core.mechanisms import EXACTLY_ONCE, PRESETS, SWITCHES, Mechanisms, meaning


def _states(world: World) -> Iterator[Choice]:
    """Return the mechanisms, each with `on` or `off`."""
    now = world.processor.mechanisms
    return ((name, "on" if getattr(now, field) else "off") for name, field in SWITCHES.items())


def _mechanisms() -> dict[str, str]:
    """Return the mechanisms, each with what it does."""
    return {name: meaning(name, EXACTLY_ONCE) for name in SWITCHES}


def _promise(preset: str) -> tuple[str, str]:
    """Return a preset with a text that says which mechanisms it switches off."""
    off = [name for name, field in SWITCHES.items() if not getattr(PRESETS[preset], field)]
    return preset, f"without {' and '.join(off)}" if off else "every mechanism on"


@dataclass(frozen=True)
class Switch(LabCommand):
    """Switch one of the mechanisms that make exactly-once on or off.

    Without a word, show which are on. With a name alone, show that one.
    """

    mechanism: str
    """Named as in `Mechanisms`."""
    on: bool
    """What to switch it to."""

    verb = "mechanism"
    aliases = ("m",)
    synonyms = ("switch",)
    group = "break"
    arguments = (
        Argument("NAME", "one of the mechanisms", _states, closed=_mechanisms),
        Argument(
            "on|off",
            "what to switch it to",
            closed=lambda: {"on": "", "off": ""},
            alike=dict.fromkeys(("yes", "true", "1", "enable", "enabled", "start"), "on")
            | dict.fromkeys(("no", "false", "0", "disable", "disabled", "stop", "none"), "off"),
        ),
    )
    example = "mechanism dedup off"
    switches = True

    def __post_init__(self) -> None:
        """Check the mechanism. Raises Mistyped."""
        good = self.mechanism in Mechanisms._fields and isinstance(self.on, bool)
        expect(good, self.mechanism, "a mechanism to switch", self.example)

    @property
    def typed(self) -> str:
        """The command as one types it."""
        return line(self.verb, self.mechanism.replace("_", "-"), "on" if self.on else "off")

    @classmethod
    def read(cls, *words: str) -> Self:
        """Return the switch of this mechanism to `on` or `off`."""
        name, to = words
        return cls(SWITCHES[name], to == "on")

    @classmethod
    def looks(cls, words: Sequence[str]) -> bool:
        """Whether there is nothing to switch it to."""
        return len(words) < len(cls.arguments)

    @classmethod
    def offers(cls, world: World, _words: Sequence[str]) -> Iterator[Self]:
        """Yield a switch for each mechanism, to the other state."""
        now = world.processor.mechanisms
        return (cls(field, not getattr(now, field)) for field in SWITCHES.values())

    def chosen(self, world: World) -> Self:
        """Return it as it is. Raises Refused on a store, where no mechanism can be off."""
        world.durability.can_switch()
        return self

    def do(self, world: World, facts: list[Fact], _on_progress: OnProgress) -> Self:
        """Switch one mechanism."""
        now = world.processor.mechanisms._replace(**{self.mechanism: self.on})
        _set_mechanisms(world, now, facts)
        return self


@dataclass(frozen=True)
class Guarantee(LabCommand):
    """Set all mechanisms at once: exactly-once, at-least-once or at-most-once.

    Without a word, show which are on.
    """

    preset: str

    verb = "guarantee"
    aliases = ("g",)
    group = "break"
    arguments = (
        Argument(
            "PRESET",
            "what to promise",
            closed=lambda: dict(map(_promise, PRESETS)),
            alike={"alo": "at-least-once", "amo": "at-most-once", "eo": "exactly-once"},
        ),
    )
    example = "guarantee at-least-once"
    switches = True

    def __post_init__(self) -> None:
        """Check the preset. Raises Mistyped."""
        expect(self.preset in tuple(PRESETS), self.preset, "a guarantee", self.example)

    @classmethod
    def looks(cls, words: Sequence[str]) -> bool:
        """Whether no preset is named."""
        return not words

    @classmethod
    def offers(cls, _world: World, _words: Sequence[str]) -> Iterator[Self]:
        """Yield every preset."""
        return map(cls, PRESETS)

    def chosen(self, world: World) -> Self:
        """Return it as it is. Raises Refused on a store, where no mechanism can be off."""
        world.durability.can_switch()
        return self

    def do(self, world: World, facts: list[Fact], _on_progress: OnProgress) -> Self:
        """Set all mechanisms to a preset."""
        _set_mechanisms(world, PRESETS[self.preset], facts)
        return self


def _set_mechanisms(world: World, mechanisms: Mechanisms, facts: list[Fact]) -> None:
    facts.append(Switched(world.processor.mechanisms, mechanisms))
    world.processor.switch(mechanisms)
