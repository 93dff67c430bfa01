"""What a crash leaves: of memory nothing; with a store, all that was answered.

A world has one of these, and asks it whatever depends on it: what is kept, where the source
stands at a restart, whether mechanisms can be switched, whether there is a way back. That on
a real disk is in `core/lab/on_disk.py`.
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
    """What a crash left, summed up.

    `kept` is what a store holds of the processor, None where there is none or nobody knows;
    `owner` the epoch of another node that took the store over, 0 where none did.
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
    """What of the changes of a step a store asks for."""

    @property
    def seen_removed(self) -> tuple[EventId, ...]:
        """The ids that left seen."""

    @property
    def pending_added(self) -> tuple[Output, ...]:
        """The outputs that came into pending."""


class Durability:
    """Memory alone, and its answers: a crash leaves the checkpoints and the sink."""

    lasting = False
    """Whether what was answered outlasts a crash, and the session: it is on a store."""
    unsent = "was never sent"
    """What is so of an id that is not in the log."""
    final = False
    """Whether nothing can be taken back: it is on a real disk."""
    disk: "Disk | None" = None
    """The store, where it is a real one."""
    kept: Processor | None = None
    """What a store holds while the processor is down; None while it is up."""

    def __repr__(self) -> str:
        """Say which it is, and what is kept."""
        return f"<{type(self).__name__}: {self.kept!r}>"

    def copy(self) -> "Durability":
        """Return one for a copy of the world, in memory: this one, as nothing in it changes."""
        return self

    def empty(self) -> "Durability":
        """Return one of this kind for an empty world, in memory."""
        return Durability()

    def open(self, parts: Parts) -> None:
        """Begin with what there is. Raises Unusable."""

    def lose(self, parts: Parts, facts: Sequence[Fact]) -> Survived:
        """Lose the processor's memory; `facts` are those of the step in hand so far."""
        del facts
        parts.processor.crash()
        return Survived()

    def start(self, parts: Parts) -> Summary | None:
        """Start the processor again; return what it came up with, None for empty memory.

        Raises Refused where it cannot be started.
        """
        del parts
        return None

    def restart_offset(self, _source: Source) -> int:
        """Return from which entry on the source sends after a restart."""
        return 0

    def can_switch(self) -> None:
        """Raise Refused where the mechanisms cannot be switched."""

    def can_travel(self) -> None:
        """Raise Refused where the present cannot be taken back."""

    def effects(self, parts: Parts, event_id: EventId) -> tuple[int | None, int | None]:
        """Return how often an event was applied, and shown to a reader, before the first step.

        None is for what a store does not know.
        """
        processor = parts.processor
        known = event_id in processor.seen or event_id in processor.outputs.ids
        return int(known), int(known)

    # What a real disk alone has to do with.

    @property
    def ended(self) -> str:
        """How the process ended that writes to the store; nothing while it lives."""
        return ""

    def write(self, parts: Parts, facts: Sequence[Fact], changes: Moved | None = None) -> None:
        """Write down what a step did, source included; on return it is durable. Raises WorkerEnded.

        `changes` are what it came to; None is for one that a crash has cut short.
        """

    def interrupt_checkpoint(self, processor: Processor, name: CheckpointId) -> None:
        """Be killed while a checkpoint is written. Raises WorkerEnded."""

    def interrupt_commit(self, processor: Processor) -> None:
        """Be killed while a commit is written. Raises WorkerEnded."""

    def recover(self, parts: Parts) -> str:
        """Take over what is on disk, where the process has ended; return why that cannot be."""
        del parts
        return ""

    def foreign(self, _parts: Parts) -> Mapping[CheckpointId, Copy] | None:
        """Return what each checkpoint holds, where another node had the store meanwhile."""
        return None


class Pretended(Durability):
    """A store that is none: as quick to copy as memory, and good for a search, or the past."""

    lasting = True
    unsent = "was not sent in this session"

    def __init__(self, effects: dict[EventId, Times] | None = None) -> None:
        """Begin empty, or with these effects of events before the first step."""
        self._effects: dict[EventId, Times] | None = effects
        """How often events were applied, and shown, if not once each; None: not known."""

    def copy(self) -> "Pretended":
        """Return one for a copy of the world: its store is pretended, too."""
        twin = Pretended(self._effects)
        twin.kept = None if self.kept is None else self.kept.copy()
        return twin

    def empty(self) -> "Pretended":
        """Return an empty store, pretended."""
        return Pretended()

    def lose(self, parts: Parts, facts: Sequence[Fact]) -> Survived:
        """Lose the processor's memory, and keep what was in it."""
        self.kept = parts.processor.copy()
        super().lose(parts, facts)
        return Survived(Summary.of(self.kept))

    def start(self, parts: Parts) -> Summary | None:
        """Start the processor again with what the store holds; return that, summed up."""
        assert self.kept is not None
        parts.processor, self.kept = self.kept, None
        return Summary.of(parts.processor)

    def restart_offset(self, source: Source) -> int:
        """Return that where the source stands: the store keeps what was acknowledged."""
        return source.offset

    def can_switch(self) -> None:
        """Raise Refused: a store keeps every mechanism on."""
        text = "a store keeps every mechanism on: a session without --store can switch them"
        raise refused(text, "show mechanisms")

    def effects(self, parts: Parts, event_id: EventId) -> tuple[int | None, int | None]:
        """Return how often an event was applied, and shown to a reader, before the first step."""
        known, once = super().effects(parts, event_id)
        if self._effects is None:
            logged = event_id in parts.source.positions
            return (None, None) if known or logged else (0, 0)
        return self._effects.get(event_id, (known, once))
