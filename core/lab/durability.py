"""What survives a crash: nothing of the memory; with a store, the effect of every reply.

A world has one `Durability`, and asks it everything that depends on this: what is kept, the
source's offset after a restart, whether mechanisms can be switched, whether steps can be
undone. The one for a real disk is in `core/lab/on_disk.py`.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from core.checkpoints import CheckpointId, Copy
from core.errors import refused
from core.lab.facts import Fact, Saved, Summary
from core.lab.source import Source
from core.outputs import EventId, Output
from core.processor import Processor

if TYPE_CHECKING:
    from core.lab.disk import Disk

Times = tuple[int, int]
"""How often an event was applied, and how often shown to a reader."""


class Survived(NamedTuple):
    """What survived a crash.

    `kept` is what a store holds of the processor, None if there is no store or it cannot be
    read; `owner` is the epoch of another node that took the store over, 0 if none did.
    """

    kept: Summary | None = None
    owner: int = 0


class Parts(Protocol):
    """The parts of a world that a crash, a start or a look at the disk changes."""

    processor: Processor
    source: Source
    saved: dict[CheckpointId, Saved]
    sink_length: int


class Moved(Protocol):
    """The part of a step's changes that a store needs."""

    @property
    def seen_removed(self) -> tuple[EventId, ...]:
        """The ids that left seen."""

    @property
    def pending_added(self) -> tuple[Output, ...]:
        """The outputs that came into pending."""


class Durability:
    """No store: a crash takes the memory, and leaves the checkpoints and the sink."""

    lasting = False
    """Whether the effect of a reply survives a crash: there is a store, real or pretended."""
    unsent = "was never sent"
    """What to say of an id that is not in the log."""
    final = False
    """Whether steps cannot be undone: the store is on a real disk."""
    disk: "Disk | None" = None
    """The store on a real disk; None without one."""
    kept: Processor | None = None
    """What a store holds while the processor is down; None while it is up."""

    def __repr__(self) -> str:
        """Return its class, and what is kept."""
        return f"<{type(self).__name__}: {self.kept!r}>"

    def copy(self) -> "Durability":
        """Return the durability for a copy of the world: this one, as it never changes."""
        return self

    def empty(self) -> "Durability":
        """Return the durability for an empty world in memory."""
        return Durability()

    def open(self, parts: Parts) -> None:
        """Put what the store holds into a new world; without a store, nothing. Raises Unusable."""

    def lose(self, parts: Parts, facts: Sequence[Fact]) -> Survived:
        """Crash the processor; return what survived. `facts` are those of this step so far."""
        del facts
        parts.processor.crash()
        return Survived()

    def start(self, parts: Parts) -> Summary | None:
        """Start the processor again; return what a store gave back, None for empty memory.

        Raises Refused where it cannot be started.
        """
        del parts
        return None

    def restart_offset(self, _source: Source) -> int:
        """Return the source's offset after a restart: the first entry it sends then."""
        return 0

    def can_switch(self) -> None:
        """Raise Refused where the mechanisms cannot be switched."""

    def can_travel(self) -> None:
        """Raise Refused where steps cannot be undone."""

    def effects(self, parts: Parts, event_id: EventId) -> tuple[int | None, int | None]:
        """Return how often an event was applied, and shown to a reader, before the first step.

        A number is None where a store does not know it.
        """
        processor = parts.processor
        known = event_id in processor.seen or event_id in processor.outputs.ids
        return int(known), int(known)

    # What only a real disk does; here it is nothing.

    @property
    def ended(self) -> str:
        """How the process that writes to the store ended, in words; empty while it runs."""
        return ""

    def write(self, parts: Parts, facts: Sequence[Fact], changes: Moved | None = None) -> None:
        """Write what a step did, source included; on return it is durable. Raises WorkerEnded.

        `changes` are those of the finished step; None for one that a crash cuts short.
        """

    def interrupt_checkpoint(self, processor: Processor, name: CheckpointId) -> None:
        """Kill the store's process while it writes a checkpoint. Raises WorkerEnded."""

    def interrupt_commit(self, processor: Processor) -> None:
        """Kill the store's process while it writes a commit. Raises WorkerEnded."""

    def recover(self, parts: Parts) -> str:
        """Read the store after its process ended by itself; return why not, or empty text."""
        del parts
        return ""

    def foreign(self, _parts: Parts) -> Mapping[CheckpointId, Copy] | None:
        """Return what each checkpoint holds if another node had the store meanwhile, else None."""
        return None


class Pretended(Durability):
    """A store that is kept in memory only: quick to copy, for a search or for the history."""

    lasting = True
    unsent = "was not sent in this session"

    def __init__(self, effects: dict[EventId, Times] | None = None) -> None:
        """Begin with `effects`: for the events before the first step, how often they took effect.

        Events not in it took effect once each; with None, nothing is known of them.
        """
        self._effects: dict[EventId, Times] | None = effects
        """Id → how often it was applied, and shown, if not once each; None: not known."""

    def copy(self) -> "Pretended":
        """Return the durability for a copy of the world: a pretended store that holds the same."""
        twin = Pretended(self._effects)
        twin.kept = None if self.kept is None else self.kept.copy()
        return twin

    def empty(self) -> "Pretended":
        """Return an empty pretended store."""
        return Pretended()

    def lose(self, parts: Parts, facts: Sequence[Fact]) -> Survived:
        """Lose the processor's memory, and keep what was in it."""
        self.kept = parts.processor.copy()
        super().lose(parts, facts)
        return Survived(Summary.of(self.kept))

    def start(self, parts: Parts) -> Summary | None:
        """Start the processor again with what the store holds; return a summary of that."""
        assert self.kept is not None
        parts.processor, self.kept = self.kept, None
        return Summary.of(parts.processor)

    def restart_offset(self, source: Source) -> int:
        """Return the present offset: the store keeps what was acknowledged."""
        return source.offset

    def can_switch(self) -> None:
        """Raise Refused: a store keeps every mechanism on."""
        text = "a store keeps every mechanism on: a session without --store can switch them"
        raise refused(text, "show mechanisms")

    def effects(self, parts: Parts, event_id: EventId) -> tuple[int | None, int | None]:
        """Return how often an event was applied, and shown, as `Durability.effects` does."""
        known, once = super().effects(parts, event_id)
        if self._effects is None:
            logged = event_id in parts.source.positions
            return (None, None) if known or logged else (0, 0)
        return self._effects.get(event_id, (known, once))
