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
journal (`core/checkpoints.py`), and a restore walks there.

With a mechanism off none of this holds: that is what the switch is for. From the first
time a mechanism is off, a processor saves its checkpoints as copies.
"""

from itertools import islice
from sys import intern
from typing import Self

from core.checkpoints import Copy, Event, Mark, SavedMark, fork
from core.errors import UnknownCheckpoint
from core.mechanisms import EXACTLY_ONCE, Mechanisms
from core.outputs import EventId, Output, OutputLog

CheckpointId = str | int


class Processor:
    """Counts words, each event once.

    `counts` is `word → number of events`, in the order in which the words first came;
    `seen` is `event id → word`, in the order of first processing; `outputs` holds the
    pending outputs and the sink. They are there to be read. A method changes all of
    them or, if it raises, nothing.
    """

    journaled = True
    """Whether checkpoints may be places in the journal; False in a processor that breaks
    what the journal rests on (`core/mutants.py`)."""

    def __init__(self, mechanisms: Mechanisms = EXACTLY_ONCE) -> None:
        """Start empty, with these mechanisms."""
        self._set(mechanisms)
        self.counts: dict[str, int] = {}
        self.seen: dict[EventId, str] = {}
        self.outputs = OutputLog()
        self._checkpoints: dict[CheckpointId, SavedMark | Copy] = {}
        self._held: set[EventId] = set()
        """Ids the sink holds. While journaling, those in seen may be missing here:
        they are skipped before anyone asks."""
        self._journaling = self.journaled and mechanisms.exact
        self._tip = Mark(None, 0)
        """The last mark on the current branch: the events behind it bear no mark yet."""

    def __repr__(self) -> str:
        """Say in a line what it holds."""
        held = f"{len(self.seen)} seen, {len(self.outputs) - self.outputs.line} pending"
        saved = ", ".join(map(str, self.checkpoints)) or "none"
        return f"<{type(self).__name__}: {held}, {self.outputs.line} out, checkpoints: {saved}>"

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
            self._held.add(event_id)
        elif event_id not in self._held or not self.mechanisms.idempotent_sink:
            outputs = self.outputs  # its stage(), spelled out: a tenth of all the node's time
            outputs.ids.append(event_id)
            outputs.words.append(word)
            outputs.counts.append(count)
        return count, False

    def checkpoint(self, name: CheckpointId) -> None:
        """Save counts, seen and pending under a name; one of this name is replaced."""
        self._checkpoints.pop(name, None)  # so that the names stand in the order of saving
        self._checkpoints[name] = self._place() if self._journaling else self._copy_state()

    def restore(self, name: CheckpointId) -> None:
        """Go back (or forward) to a checkpoint; what the sink holds is not staged again.

        Raises UnknownCheckpoint if nothing was saved under this name.
        """
        saved = self._checkpoints.get(name)
        if saved is None:
            raise UnknownCheckpoint(name)
        if isinstance(saved, Copy):
            self._load(saved)
        else:
            self._move(saved.mark)

    def commit(self) -> int:
        """Move every pending output to the sink, all or none; return how many."""
        if not self._journaling:
            self._held.update(self.outputs.pending_ids())
        return self.outputs.commit()

    def rollback(self) -> int:
        """Discard every pending output, and undo the events behind them.

        Returns how many outputs were discarded. The source has to deliver the events
        again: to this processor they are new.
        """
        discarded = len(self.outputs) - self.outputs.line
        if discarded and self._journaling:
            self._undo_pending()
        elif discarded:
            self._subtract_pending()
        return discarded

    # Around them: what fails, and what is looked at.

    def crash(self) -> None:
        """Lose the memory: counts, seen and pending. Checkpoints and the sink stay."""
        if self._journaling:
            self._unwind(0)
        else:
            self.counts, self.seen = {}, {}
            self.outputs.discard_pending()

    def switch(self, mechanisms: Mechanisms) -> None:
        """Change the mechanisms from now on. What a checkpoint holds stays as it is."""
        if self._journaling and not mechanisms.exact:
            self._checkpoints = {name: self.saved(name) for name in self._checkpoints}
            self._held.update(self.outputs.ids[: self.outputs.line])
            self._journaling = False
        self._set(mechanisms)

    @property
    def journaling(self) -> bool:
        """Whether every mechanism was on all the time, so that checkpoints are places."""
        return self._journaling

    @property
    def pending(self) -> list[Output]:
        """The outputs produced since the last commit, in order."""
        return self.outputs.slice(self.outputs.line, len(self.outputs))

    @property
    def sink(self) -> list[Output]:
        """The committed outputs, in order."""
        return self.outputs.slice(0, self.outputs.line)

    @property
    def checkpoints(self) -> list[CheckpointId]:
        """The names of the checkpoints, the one saved last at the end."""
        return list(self._checkpoints)

    def saved(self, name: CheckpointId) -> Copy:
        """Return what a checkpoint holds, as a copy. Costs the state, not the change.

        Raises UnknownCheckpoint if nothing was saved under this name.
        """
        saved = self._checkpoints.get(name)
        if saved is None:
            raise UnknownCheckpoint(name)
        if isinstance(saved, Copy):
            return saved
        counts: dict[str, int] = {}
        pending = []
        seen = dict(self._events_to(saved.mark))
        committed = set(self.outputs.ids[: saved.sink_length])
        for event_id, word in seen.items():
            counts[word] = counts.get(word, 0) + 1
            if event_id not in committed:
                pending.append(Output(event_id, word, counts[word]))
        return Copy(counts, seen, pending)

    def copy(self) -> Self:
        """Return an independent processor in the same state."""
        twin = type(self).__new__(type(self))  # a search copies a million times: no __init__
        vars(twin).update(vars(self))
        twin.counts, twin.seen = self.counts.copy(), self.seen.copy()
        twin.outputs = self.outputs.copy()
        twin._checkpoints, twin._held = self._checkpoints.copy(), self._held.copy()  # noqa: SLF001 - its own kind
        return twin

    def freeze(self) -> tuple[object, ...]:
        """Return the whole state as one hashable value: equal values, equal futures."""
        return (
            self.mechanisms,
            tuple(self.seen.items()),
            tuple(self.counts.items()),
            self.outputs.freeze(),
            tuple((name, self._freeze(saved)) for name, saved in self._checkpoints.items()),
        )

    def _set(self, mechanisms: Mechanisms) -> None:
        self.mechanisms = mechanisms
        self._dedup = mechanisms.dedup  # these two are asked at every event
        self._direct = not mechanisms.transactional_output

    # Checkpoints as places in the journal.

    def _place(self) -> SavedMark:
        """Mark where the journal stands now."""
        if self._tip.length < len(self.seen):
            self._tip = Mark(self._tip, len(self.seen))
        return SavedMark(self._tip, self.outputs.line)

    def _move(self, target: Mark) -> None:
        """Undo events back to where the two branches part, and redo those of the other."""
        shared, behind = fork(self._tip, target)
        self._unwind(shared.length)
        for mark in behind:
            for event_id, word in mark.events:
                self.process(event_id, word)
        self._tip = target

    def _unwind(self, length: int) -> None:
        """Undo events until `length` of them are left."""
        while len(self.seen) > length:
            tip = self._tip
            if len(self.seen) > tip.length:
                self._undo_to(max(length, tip.length))
                continue
            assert tip.parent is not None
            self._tip = tip.cut(length) if length > tip.parent.length else tip.parent
            tip.events = self._undo_to(self._tip.length)

    def _undo_to(self, length: int) -> list[Event]:
        """Undo the last events, down to `length`; return them in the order applied."""
        undone = []
        counts, outputs, pop = self.counts, self.outputs, self.seen.popitem
        ids, line = outputs.ids, outputs.line
        for _ in range(len(self.seen) - length):
            event_id, word = event = pop()
            undone.append(event)
            if counts[word] == 1:
                del counts[word]
            else:
                counts[word] -= 1
            if len(ids) > line and ids[-1] == event_id:
                outputs.unstage()
            else:
                self._held.add(event_id)
        undone.reverse()
        return undone

    def _undo_pending(self) -> None:
        """Undo back to the first pending event; redo those whose output the sink holds."""
        pending = set(self.outputs.pending_ids())
        first = self.outputs.ids[self.outputs.line]
        tail: list[Event] = []
        for event in reversed(self.seen.items()):
            tail.append(event)
            if event[0] == first:
                break
        self._unwind(len(self.seen) - len(tail))
        for event_id, word in reversed(tail):
            if event_id not in pending:
                self.process(event_id, word)

    def _events_to(self, mark: Mark) -> list[Event]:
        """Return the events from the empty state to a mark, in order."""
        shared, behind = fork(self._tip, mark)
        events = list(islice(self.seen.items(), shared.length))
        for each in behind:
            events += each.events
        return events

    # Checkpoints as copies.

    def _copy_state(self) -> Copy:
        """Copy what a checkpoint holds under the present mechanisms."""
        seen = self.seen.copy() if self.mechanisms.seen_in_checkpoints else None
        return Copy(self.counts.copy(), seen, self.pending)

    def _load(self, saved: Copy) -> None:
        """Put a copy in the place of the state."""
        self.counts = saved.counts.copy()
        if saved.seen is not None:
            self.seen = saved.seen.copy()
        self.outputs.discard_pending()
        for output in saved.pending:
            if output.event_id not in self._held or not self.mechanisms.idempotent_sink:
                self.outputs.stage(*output)

    def _subtract_pending(self) -> None:
        """Take what is pending out of counts and seen, one application an output."""
        counts = self.counts.copy()
        for event_id, word, _ in self.pending:
            counts[word] = counts.get(word, 0) - 1
            self.seen.pop(event_id, None)
        self.outputs.discard_pending()
        in_order = dict.fromkeys(self.seen.values()) | counts
        self.counts = {word: counts[word] for word in in_order if counts.get(word, 0) > 0}

    def _freeze(self, saved: SavedMark | Copy) -> tuple[object, ...]:
        """Return what a checkpoint holds as one hashable value."""
        if isinstance(saved, SavedMark):
            events = self._events_to(saved.mark)
            committed = set(self.outputs.ids[: saved.sink_length])
            return (tuple(events), tuple([each for each, _ in events if each not in committed]))
        seen = None if saved.seen is None else tuple(saved.seen.items())
        return (tuple(saved.counts.items()), seen, tuple(saved.pending))
