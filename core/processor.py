"""The mechanism: how an event that is delivered many times takes effect once.

Theory of operation
===================

The delivery of events is only *at-least-once*: a source sends an event again if it got no
acknowledgement for it, and after a crash it sends a part of its log again. Three things
turn this into *exactly-once*:

1. Processing is **idempotent**. Every event has an id; `seen` holds the ids that were
   processed. An event whose id is in seen changes nothing.
2. State is saved as one piece. A **checkpoint** holds the counts *and* seen *and* the
   pending outputs. If a restore brought back the counts and an empty seen, a replay would
   count twice; if it brought back the counts and left seen as it is, a replay would be
   skipped, and the events be lost.
3. Output is **transactional**. The output of an event waits in *pending* and moves to the
   sink in a commit, all or none. The sink is durable: no restore takes anything out of it.
   So after a restore to a point before a commit, what the sink already holds must not be
   staged again: the sink is idempotent, too.

A **rollback** discards what is pending and undoes the events behind it. If it discarded
only the outputs, the ids would stay in seen, a second delivery would be skipped, and the
outputs would be lost.

(Flink's checkpoints with a two-phase-commit sink, and Kafka's idempotent producer with
transactions, KIP-98, are based on the same three things.)

What it costs
=============

Every operation takes time in proportion to what it changes, not to the size of the state:

* process, commit, checkpoint: constant;
* restore: the events undone and redone;
* rollback: the events from the first one undone to the last.

This is possible because of three observations. While every mechanism is on, counts and
pending *follow* from seen and the sink: `counts[w]` is how many ids in seen have the word
`w`, and pending is what is in seen and not in the sink. A dict keeps its order, so seen is
also the **journal** of the applied events: the last one is undone by `popitem`, and done
again by `process`. So a checkpoint need not be a copy; it is a place in the journal, and a
restore goes there event by event (`core/checkpoints.py`).

With a mechanism off this does not hold. Once a mechanism of the processor was off, its
checkpoints are copies, and saving and restoring them costs the size of the state.
"""

from sys import intern
from typing import ClassVar, Self

from core.checkpoints import CheckpointId, Copies, Copy, Places
from core.errors import UnknownCheckpoint
from core.mechanisms import EXACTLY_ONCE, Mechanisms
from core.outputs import EventId, Output, OutputLog


class Processor:
    """Counts words, each event once.

    `counts` is `word → number of events`, in the order in which the words first came;
    `seen` is `event id → word`, in the order of first processing; `outputs` holds the
    pending outputs and the sink. Other code only reads them. A method that raises has
    changed nothing.
    """

    keeps: ClassVar[type[Places | Copies]] = Places
    """How checkpoints are kept while every mechanism is on. It is `Copies` in subclasses for
    which the journal is not right (`core/mutants.py`)."""

    def __init__(self, mechanisms: Mechanisms = EXACTLY_ONCE) -> None:
        """Start empty, with these mechanisms."""
        self._set(mechanisms)
        self.counts: dict[str, int] = {}
        self.seen: dict[EventId, str] = {}
        self.outputs = OutputLog()
        self.in_sink: set[EventId] = set()
        """The ids in the sink. While checkpoints are places, those that are also in seen may be
        missing here: a delivery of them is skipped before this set is needed."""
        self._checkpoints = self.keeps() if mechanisms.exact or not self.journaled else Copies()

    def __repr__(self) -> str:
        """Return a summary of the state in one line."""
        held = f"{len(self.seen)} seen, {len(self.outputs) - self.outputs.committed} pending"
        saved = ", ".join(map(str, self.checkpoints)) or "none"
        return (
            f"<{type(self).__name__}: {held}, {self.outputs.committed} out, checkpoints: {saved}>"
        )

    # The five operations.

    def process(self, event_id: EventId, word: str) -> tuple[int, bool]:
        """Process one delivery of an event.

        Returns the count of `word` after it, and whether the event was a duplicate. If it was
        not, its word is counted, its id is added to seen, and an output is staged, unless the
        sink already holds one with this id.
        """
        counts = self.counts
        if event_id not in self.seen:
            self.seen[event_id] = word = intern(word)  # one string a word, however often it comes
        elif self._dedup:
            return counts.get(word, 0), True
        counts[word] = count = counts.get(word, 0) + 1
        if self._direct:
            self.outputs.emit(event_id, word, count)
            self.in_sink.add(event_id)
        elif event_id not in self.in_sink or not self.mechanisms.idempotent_sink:
            outputs = self.outputs  # stage() written out here, as the call would take time
            outputs.ids.append(event_id)
            outputs.words.append(word)
            outputs.counts.append(count)
        return count, False

    def checkpoint(self, name: CheckpointId) -> None:
        """Save counts, seen and pending under a name; a checkpoint of this name is replaced."""
        self._checkpoints.saved.pop(name, None)  # so that they stand in the order of saving
        self._checkpoints.save(name, self)

    def restore(self, name: CheckpointId) -> None:
        """Go back (or forward) to a checkpoint. Outputs that are in the sink are not staged again.

        Raises UnknownCheckpoint if nothing was saved under this name.
        """
        self._check(name)
        self._checkpoints.load(name, self)

    def commit(self) -> int:
        """Move every pending output to the sink, all or none; return how many."""
        if not self.journaling:
            self.in_sink.update(self.outputs.pending_ids())
        return self.outputs.commit()

    def rollback(self) -> int:
        """Discard every pending output, and undo the events behind them.

        Returns how many outputs were discarded. The source must deliver the events again: for
        this processor they are new.
        """
        discarded = len(self.outputs) - self.outputs.committed
        if discarded:
            self._checkpoints.undo_pending(self)
        return discarded

    # A crash, the switches, and what can be read.

    def crash(self) -> None:
        """Lose the memory: counts, seen and pending. Checkpoints and the sink stay."""
        self._checkpoints.forget(self)

    def switch(self, mechanisms: Mechanisms) -> None:
        """Change the mechanisms from now on. What checkpoints hold does not change.

        Once a mechanism of the processor was off, all checkpoints are copies from then on.
        """
        if self.journaling and not mechanisms.exact:
            self._checkpoints = Copies({name: self.saved(name) for name in self.checkpoints})
            self.in_sink.update(self.outputs.ids[: self.outputs.committed])
        self._set(mechanisms)

    @property
    def journaled(self) -> bool:
        """Whether this class keeps checkpoints as places while every mechanism is on."""
        return issubclass(self.keeps, Places)

    @property
    def journaling(self) -> bool:
        """Whether checkpoints are places now: no mechanism of the processor was ever off."""
        return isinstance(self._checkpoints, Places)

    @property
    def pending(self) -> list[Output]:
        """The outputs produced since the last commit, in order."""
        return self.outputs.pending

    @property
    def sink(self) -> list[Output]:
        """The committed outputs, in order."""
        return self.outputs.slice(0, self.outputs.committed)

    @property
    def checkpoints(self) -> list[CheckpointId]:
        """The names of the checkpoints, the one saved last at the end."""
        return list(self._checkpoints.saved)

    def saved(self, name: CheckpointId) -> Copy:
        """Return what a checkpoint holds; not to be changed. Takes time in proportion to the state.

        Raises UnknownCheckpoint if nothing was saved under this name.
        """
        self._check(name)
        return self._checkpoints.read(name, self)

    def copy(self) -> Self:
        """Return an independent processor in the same state."""
        twin = type(self).__new__(type(self))  # a search copies a million times: no __init__
        twin.mechanisms = self.mechanisms
        twin._dedup, twin._direct = self._dedup, self._direct  # noqa: SLF001 - its own kind
        twin.counts, twin.seen = self.counts.copy(), self.seen.copy()
        twin.outputs, twin.in_sink = self.outputs.copy(), self.in_sink.copy()
        twin._checkpoints = self._checkpoints.copy(self, twin)  # noqa: SLF001 - its own kind
        return twin

    def key(self) -> tuple[object, ...]:
        """Return the hashable part of the state that differs in one search: see `World.key`."""
        outputs = self.outputs
        return (
            outputs.committed,
            tuple(outputs.ids),
            outputs.counts.tobytes(),
            tuple(self.seen),
            tuple(self.counts.items()),
        )

    def fixed(self) -> tuple[object, ...]:
        """Return the rest of the state as a hashable value: mechanisms, words and checkpoints."""
        return (
            self.mechanisms,
            tuple(self.seen.values()),
            tuple(self.outputs.words),
            tuple((name, self.inside(name)) for name in self.checkpoints),
        )

    def freeze(self) -> tuple[object, ...]:
        """Return the state as one hashable value: processors with equal values behave alike."""
        return self.key(), self.fixed()

    def inside(self, name: CheckpointId) -> tuple[object, ...]:
        """Return what a checkpoint holds as one hashable value.

        A mutant's checkpoint may share counts or seen with the state, and change with it. The
        value says so, too, as a copy with the same content will behave differently.
        """
        counts, seen, pending = self.saved(name)
        tied = counts is self.counts, seen is self.seen
        held = None if seen is None else tuple(seen.items())
        return tuple(counts.items()), held, tuple(pending), tied

    def _set(self, mechanisms: Mechanisms) -> None:
        self.mechanisms = mechanisms
        self._dedup = mechanisms.dedup  # these two are asked at every event
        self._direct = not mechanisms.transactional_output

    def _check(self, name: CheckpointId) -> None:
        if name not in self._checkpoints.saved:
            raise UnknownCheckpoint(name)
