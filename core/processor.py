"""The mechanism: how an event that is delivered many times takes effect once.

Theory of operation
===================

The world outside gives no more than *at-least-once*: a source sends an event again
whenever it did not hear that the event was processed, and after a crash it sends a
whole stretch of its log again. Three things turn this into *exactly-once*:

1. Processing is **idempotent**. Every event has an id; `seen` holds the ids that were
   processed. An id that is in seen changes nothing.
2. State is saved as one piece. A **checkpoint** holds the counts *and* seen *and* the
   outputs that wait. Restore the counts without seen, and a replay counts twice;
   keep a seen that did not go back with the counts, and a replay is skipped: lost.
3. Output is **transactional**. What processing an event puts out waits in *pending*
   and moves to the sink in a commit, all or none. The sink is durable: no restore
   takes anything out of it. So after a restore to a point before a commit, what the
   sink already holds must not be staged again: the sink is idempotent too.

A **rollback** discards what is pending and undoes the events behind it. Discarding
the outputs alone would leave the ids in seen, and a re-delivery would be skipped:
the outputs would be lost for ever.

(The same three carry Flink's checkpoints with a two-phase-commit sink, and Kafka's
idempotent producer with transactions, KIP-98.)

What it costs
=============

Every operation costs what it changes, never what there is:

* process, commit, checkpoint: constant;
* restore: the events undone and redone;
* rollback: the events after the first one undone.

It rests on three observations. While every mechanism is on, the counts and what is
pending *follow* from seen and the sink: `counts[w]` is how many ids in seen carry `w`,
and pending is what seen holds and the sink does not. A dict keeps its order, so seen
is also the **journal** of what was applied: the last event is undone by `popitem`, and
done again by `process`. And so a checkpoint need not be a copy; it is a place in the
journal, and a restore walks there (`core/checkpoints.py`).

With a mechanism off none of this holds: that is what the switch is for. From the first
time a mechanism is off, a processor saves its checkpoints as copies.
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
    pending outputs and the sink. They are there to be read. A method changes all of
    them or, if it raises, nothing.
    """

    keeps: ClassVar[type[Places | Copies]] = Places
    """How checkpoints are kept while every mechanism is on; as copies in a processor that
    breaks what the journal rests on (`core/mutants.py`)."""

    def __init__(self, mechanisms: Mechanisms = EXACTLY_ONCE) -> None:
        """Start empty, with these mechanisms."""
        self._set(mechanisms)
        self.counts: dict[str, int] = {}
        self.seen: dict[EventId, str] = {}
        self.outputs = OutputLog()
        self.in_sink: set[EventId] = set()
        """Ids the sink holds. Where checkpoints are places, those in seen may be missing
        here: they are skipped before anyone asks."""
        self._checkpoints = self.keeps() if mechanisms.exact or not self.journaled else Copies()

    def __repr__(self) -> str:
        """Say in a line what it holds."""
        held = f"{len(self.seen)} seen, {len(self.outputs) - self.outputs.committed} pending"
        saved = ", ".join(map(str, self.checkpoints)) or "none"
        return (
            f"<{type(self).__name__}: {held}, {self.outputs.committed} out, checkpoints: {saved}>"
        )

    # The five operations.

    def process(self, event_id: EventId, word: str) -> tuple[int, bool]:
        """Process one delivery of an event.

        Returns the count of `word` afterwards and whether the event was a duplicate.
        The first time: the word is counted, the id is seen, and an output is staged,
        unless the sink already holds one of this id.
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
            outputs = self.outputs  # its stage(), spelled out: a tenth of all the node's time
            outputs.ids.append(event_id)
            outputs.words.append(word)
            outputs.counts.append(count)
        return count, False

    def checkpoint(self, name: CheckpointId) -> None:
        """Save counts, seen and pending under a name; one of this name is replaced."""
        self._checkpoints.saved.pop(name, None)  # so that they stand in the order of saving
        self._checkpoints.save(name, self)

    def restore(self, name: CheckpointId) -> None:
        """Go back (or forward) to a checkpoint; what the sink holds is not staged again.

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

        Returns how many outputs were discarded. The source has to deliver the events
        again: to this processor they are new.
        """
        discarded = len(self.outputs) - self.outputs.committed
        if discarded:
            self._checkpoints.undo_pending(self)
        return discarded

    # Around them: what fails, and what is looked at.

    def crash(self) -> None:
        """Lose the memory: counts, seen and pending. Checkpoints and the sink stay."""
        self._checkpoints.forget(self)

    def switch(self, mechanisms: Mechanisms) -> None:
        """Change the mechanisms from now on. What a checkpoint holds stays as it is.

        Once a mechanism was off, checkpoints are copies for good.
        """
        if self.journaling and not mechanisms.exact:
            self._checkpoints = Copies({name: self.saved(name) for name in self.checkpoints})
            self.in_sink.update(self.outputs.ids[: self.outputs.committed])
        self._set(mechanisms)

    @property
    def journaled(self) -> bool:
        """Whether checkpoints are places as long as every mechanism is on."""
        return issubclass(self.keeps, Places)

    @property
    def journaling(self) -> bool:
        """Whether checkpoints are places: every mechanism was on all the time."""
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
        """Return what a checkpoint holds, as a copy. Costs the state, not the change.

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
        """Return what tells it from others with the same mechanisms, words and checkpoints."""
        outputs = self.outputs
        return (
            outputs.committed,
            tuple(outputs.ids),
            outputs.counts.tobytes(),
            tuple(self.seen),
            tuple(self.counts.items()),
        )

    def fixed(self) -> tuple[object, ...]:
        """Return the rest of what the future depends on: mechanisms, words and checkpoints."""
        return (
            self.mechanisms,
            tuple(self.seen.values()),
            tuple(self.outputs.words),
            tuple((name, self.inside(name)) for name in self.checkpoints),
        )

    def freeze(self) -> tuple[object, ...]:
        """Return the whole state as one hashable value: equal values, equal futures."""
        return self.key(), self.fixed()

    def inside(self, name: CheckpointId) -> tuple[object, ...]:
        """Return what a checkpoint holds as one hashable value.

        One that is tied to the counts or to seen, and changes with them as no right processor
        lets it, is told from a copy that holds the same just now.
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
