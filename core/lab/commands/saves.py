"""The commands that save and restore the state, and commit or discard outputs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

from core.checkpoints import CheckpointId
from core.errors import ErrorKind, Refused, UnknownCheckpoint
from core.lab.changes import missing
from core.lab.commands.base import LabCommand, expect_id, line, request
from core.lab.crash_points import CrashPoint
from core.lab.declaration import Argument, Choice
from core.lab.facts import Committed, Fact, Restored, RolledBack, Saved
from core.lab.ids import as_word, meant, resembling, spelled
from core.lab.ids import read as read_id
from core.lab.world import OnProgress, World


def _names(world: World) -> Iterator[Choice]:
    """Return the checkpoints, the one saved last first."""
    return ((as_word(each.name), each) for each in reversed(world.checkpoints))


@dataclass(frozen=True)
class _Named:
    """The part that commands with the name of a checkpoint share."""

    verb: ClassVar[str]

    name: CheckpointId | None = None

    arguments: ClassVar[tuple[Argument, ...]] = (
        Argument("NAME", "the name of a checkpoint, such as cp1", _names, free=True),
    )

    def __post_init__(self) -> None:
        """Check the name. Raises Mistyped."""
        expect_id(self.name, "a name", self.verb)


@dataclass(frozen=True)
class Checkpoint(_Named, LabCommand):
    """Save counts, seen and pending under a name.

    The source's offset is saved beside them.
    Without a name, cp1, cp2, ... A name used before is replaced.
    """

    verb = "checkpoint"
    aliases = ("ck",)
    synonyms = ("snapshot",)
    example = "checkpoint cp1"

    @property
    def typed(self) -> str:
        """The command as one types it; JSON with an integer."""
        if isinstance(self.name, int):
            return request(self.verb, checkpoint_id=self.name)
        return line(self.verb, self.name)

    @classmethod
    def offers(cls, world: World, _words: Sequence[str]) -> list[Self]:
        """Return one under a new name, and one under each that was used."""
        return [cls(), *map(cls, world.saved)]

    def chosen(self, world: World) -> Self:
        """Return it with a name: the next free one, if none was given."""
        return replace(self, name=world.free_name()) if self.name is None else self

    def do(self, world: World, facts: list[Fact], _on_progress: OnProgress) -> Self:
        """Save the state, with the offset beside it."""
        name = self.name
        assert name is not None
        if world.armed is CrashPoint.IN_CHECKPOINT:
            world.interrupt_checkpoint(name)
            world.reached(CrashPoint.IN_CHECKPOINT, facts)
            return self
        replaced = world.saved.pop(name, None) is not None
        world.processor.checkpoint(name)
        offset, out = world.source.offset, world.processor.outputs.committed
        world.saved[name] = Saved(name, world.holding(), offset, replaced, out)
        world.saved[name] = saved = world.checkpoint(name)
        facts.append(saved)
        return self


@dataclass(frozen=True)
class Restore(_Named, LabCommand):
    """Bring the state of a checkpoint back, after a crash or at any time.

    Without a name, the checkpoint saved last. The sink keeps what it holds, and the
    source goes back to the checkpoint's offset: `replay` sends what is due from there.
    """

    raw: bool = field(default=False, compare=False)
    """Whether it came as JSON, where `"5"` never means the integer."""

    verb = "restore"
    aliases = ("rs",)
    synonyms = ("recover",)
    example = "restore cp1"
    sweeping = True
    while_down = True

    @property
    def typed(self) -> str:
        """The command as one types it."""
        return self.verb if self.name is None else f"{self.verb} {spelled(self.name)}"

    @classmethod
    def read(cls, *words: str) -> Self:
        """Return it with its name, if there is one."""
        return cls(read_id(words[0]) if words else None)

    @classmethod
    def offers(cls, world: World, _words: Sequence[str]) -> Iterator[Self]:
        """Yield one for each checkpoint."""
        return map(cls, world.saved)

    def chosen(self, world: World) -> Self:
        """Return it with a name. Raises Refused if nothing was saved under it."""
        last = next(reversed(world.saved), None)
        name = last if self.name is None else self.name
        instead = "checkpoint" if world.up else "restart"
        if name is None:
            raise Refused(ErrorKind.KEY_DOES_NOT_EXIST, "no checkpoint was saved", instead)
        if not self.raw:
            name = meant(name, world.saved)
        if name not in world.saved:
            unknown = UnknownCheckpoint(name)
            found = meant(name, world.saved)
            near = found if found in world.saved else resembling(name, world.saved)
            looks = instead if last is None else "show checkpoints"
            unknown.hint = looks if near is None else Restore(near).typed
            raise unknown
        return type(self)(name)

    def do(self, world: World, facts: list[Fact], _on_progress: OnProgress) -> Self:
        """Bring the state of a checkpoint back, and the source to its offset."""
        name = self.name
        assert name is not None
        if not world.up:
            world.start()
        saved = world.checkpoint(name)
        world.processor.restore(name)
        moved = world.rewind(saved.offset)
        summary = world.summary()
        dropped = max(saved.summary.pending - summary.pending, 0)
        in_sink = world.in_sink(name, saved) if dropped else 0
        facts.append(
            Restored(name, saved.summary, summary, dropped, in_sink, moved, *world.source.standing)
        )
        return self


@dataclass(frozen=True)
class Commit(LabCommand):
    """Move every pending output to the sink, all or none.

    What is in the sink is visible to everybody, and nothing takes it back.
    """

    verb = "commit"
    aliases = ("ci",)
    example = "commit"

    def do(self, world: World, facts: list[Fact], _on_progress: OnProgress) -> Self:
        """Move what is pending to the sink."""
        if world.reached(CrashPoint.BEFORE_COMMIT, facts):
            return self
        if world.armed is CrashPoint.IN_COMMIT:
            world.interrupt_commit()
            world.reached(CrashPoint.IN_COMMIT, facts)
            return self
        outputs = world.processor.outputs
        line_before = outputs.committed
        moved = world.processor.commit()
        world.sink_length += moved
        now = outputs.committed
        out = tuple(outputs.slice(line_before, now))
        facts.append(Committed(moved, out, now, len(outputs) - now))
        world.reached(CrashPoint.AFTER_COMMIT, facts)
        return self


@dataclass(frozen=True)
class Rollback(LabCommand):
    """Discard every pending output, and undo the events behind them.

    The source goes back to the first event undone, so that `replay` processes them again.
    """

    verb = "rollback"
    aliases = ("rb",)
    synonyms = ("abort",)
    example = "rollback"
    sweeping = True

    def do(self, world: World, facts: list[Fact], _on_progress: OnProgress) -> Self:
        """Discard what is pending; the source goes back to the first event undone."""
        pending = world.processor.pending
        discarded = world.processor.rollback()
        positions = world.source.positions
        logged = (positions[each.event_id] for each in pending if each.event_id in positions)
        first = min(logged, default=None)
        moved = world.rewind(world.source.offset if first is None else first)
        left = world.processor.pending
        gone = missing(pending, left)
        facts.append(RolledBack(discarded, gone, len(left), moved, *world.source.standing))
        return self
