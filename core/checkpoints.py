"""Two ways to keep a checkpoint: a place in the journal of applied events, or a whole copy.

`Places` saves in constant time, and restores by undoing and redoing the events between the
two places. It needs every mechanism on: then counts and pending can be computed from seen
and the sink (`core/processor.py` says why). `Copies` always works, and each save and restore
takes time in proportion to the state. Both have the same methods.

The journal is a tree, as after a restore the processor may continue differently than before.
Its nodes are marks; each mark stands for the events from its parent to itself. The events of
marks on the current branch are in `seen`; a mark on another branch keeps its events itself,
from the moment they were undone. (Undoing handles each event anyway, so keeping them there
adds only a constant time for each.)

The events that a mark stands for never change. So copies of a processor can share marks.
"""

from itertools import islice
from typing import NamedTuple, Protocol, Self

from core.mechanisms import Mechanisms
from core.outputs import EventId, Output, OutputLog

CheckpointId = str | int
Event = tuple[EventId, str]


class State(Protocol):
    """The state that is saved and restored: a processor (`core/processor.py`)."""

    mechanisms: Mechanisms
    counts: dict[str, int]
    seen: dict[EventId, str]
    outputs: OutputLog
    in_sink: set[EventId]

    def process(self, event_id: EventId, word: str) -> tuple[int, bool]:
        """Process one delivery of an event."""


class Copy(NamedTuple):
    """The content of a checkpoint. `seen` is None if it was saved without seen."""

    counts: dict[str, int]
    seen: dict[EventId, str] | None
    pending: list[Output]


class Mark:
    """One place in the journal.

    `parent` is the mark before it (None for the empty journal), `length` how many events lead
    here from the empty state, and `events` those of them after the parent; this is empty as
    long as they were not undone.
    """

    __slots__ = ("events", "length", "parent")

    def __init__(self, parent: "Mark | None", length: int) -> None:
        """Mark the place `length` events after the empty state; `parent` is the mark before."""
        self.parent = parent
        self.length = length
        self.events: list[Event] = []

    def cut(self, length: int) -> "Mark":
        """Insert a mark between the parent and this one, at `length` events; return it."""
        assert self.parent is not None
        assert self.parent.length < length < self.length
        middle = Mark(self.parent, length)
        if self.events:
            here = length - self.parent.length
            middle.events, self.events = self.events[:here], self.events[here:]
        self.parent = middle
        return middle


class SavedMark(NamedTuple):
    """A checkpoint as a place: the mark, and how many outputs the sink had when it was saved."""

    mark: Mark
    sink_length: int


class Places:
    """Checkpoints as places in the journal.

    `saved` is name → place, the one saved last at the end. `tip` is the last mark on the
    current branch; events applied after it have no mark yet.
    """

    __slots__ = ("saved", "tip")

    def __init__(self) -> None:
        """Begin with none."""
        self.saved: dict[CheckpointId, SavedMark] = {}
        self.tip = Mark(None, 0)

    def save(self, name: CheckpointId, state: State) -> None:
        """Save the present place in the journal under a name. Takes constant time."""
        if self.tip.length < len(state.seen):
            self.tip = Mark(self.tip, len(state.seen))
        self.saved[name] = SavedMark(self.tip, state.outputs.committed)

    def load(self, name: CheckpointId, state: State) -> None:
        """Restore: undo events back to where the two branches part, and redo the other branch.

        Takes time in proportion to the events undone and redone. KeyError for an unknown name.
        """
        target = self.saved[name].mark
        shared, behind = self.fork(target)
        self.unwind(shared.length, state)
        for mark in behind:
            for event_id, word in mark.events:
                state.process(event_id, word)
        self.tip = target

    def read(self, name: CheckpointId, state: State) -> Copy:
        """Return what a checkpoint holds, computed from its events.

        Takes time in proportion to the state. KeyError for an unknown name.
        """
        mark, sink_length = self.saved[name]
        counts: dict[str, int] = {}
        pending = []
        seen = dict(self._events_to(mark, state))
        committed = set(state.outputs.ids[:sink_length])
        for event_id, word in seen.items():
            counts[word] = counts.get(word, 0) + 1
            if event_id not in committed:
                pending.append(Output(event_id, word, counts[word]))
        return Copy(counts, seen, pending)

    def undo_pending(self, state: State) -> None:
        """Undo the events with a pending output; later events without one are redone.

        `state` must have a pending output.
        """
        pending = set(state.outputs.pending_ids())
        first = state.outputs.ids[state.outputs.committed]
        tail: list[Event] = []
        for event in reversed(state.seen.items()):
            tail.append(event)
            if event[0] == first:
                break
        self.unwind(len(state.seen) - len(tail), state)
        for event_id, word in reversed(tail):
            if event_id not in pending:
                state.process(event_id, word)

    def forget(self, state: State) -> None:
        """Lose the memory: undo every event at once."""
        events, mark = list(state.seen.items()), self.tip
        while mark.parent is not None:
            if not mark.events:
                mark.events = events[mark.parent.length : mark.length]
            mark = mark.parent
        self.tip = mark
        state.in_sink.update(state.seen.keys() - set(state.outputs.pending_ids()))
        state.counts, state.seen = {}, {}
        state.outputs.discard_pending()

    def copy(self, _state: State, _twin: State) -> Self:
        """Return the checkpoints for a copy of the state. Marks are shared."""
        twin = type(self).__new__(type(self))  # both are set here
        twin.saved, twin.tip = self.saved.copy(), self.tip
        return twin

    def fork(self, target: Mark) -> tuple[Mark, list[Mark]]:
        """Return the last mark shared with the branch of `target`, and those from there to it.

        Each mark passed has at least one event of its own, so this takes no longer than undoing
        and redoing these events.
        """
        tip, behind = self.tip, list[Mark]()
        while tip is not target:
            if tip.length >= target.length:
                assert tip.parent is not None
                tip = tip.parent
            else:
                assert target.parent is not None
                behind.append(target)
                target = target.parent
        behind.reverse()
        return tip, behind

    def unwind(self, length: int, state: State) -> None:
        """Undo the last events until `length` are left, and move `tip` back with them."""
        while len(state.seen) > length:
            tip = self.tip
            if len(state.seen) > tip.length:
                _undo_to(max(length, tip.length), state)
                continue
            assert tip.parent is not None
            self.tip = tip.cut(length) if length > tip.parent.length else tip.parent
            tip.events = _undo_to(self.tip.length, state)

    def _events_to(self, mark: Mark, state: State) -> list[Event]:
        """Return the events from the empty state to a mark, in order."""
        shared, behind = self.fork(mark)
        events = list(islice(state.seen.items(), shared.length))
        for each in behind:
            events += each.events
        return events


class Copies:
    """Checkpoints as copies; `saved` is name → copy, the one saved last at the end."""

    __slots__ = ("saved",)

    def __init__(self, saved: dict[CheckpointId, Copy] | None = None) -> None:
        """Begin with these."""
        self.saved = {} if saved is None else saved

    def save(self, name: CheckpointId, state: State) -> None:
        """Save a copy of the state under a name; of seen only if seen-in-checkpoints is on."""
        seen = state.seen.copy() if state.mechanisms.seen_in_checkpoints else None
        self.saved[name] = Copy(state.counts.copy(), seen, state.outputs.pending)

    def load(self, name: CheckpointId, state: State) -> None:
        """Restore: replace the state with a copy of a checkpoint. KeyError for an unknown name.

        What the sink holds is not staged again if idempotent-sink is on.
        """
        saved = self.saved[name]
        state.counts = saved.counts.copy()
        if saved.seen is not None:
            state.seen = saved.seen.copy()
        state.outputs.discard_pending()
        for output in saved.pending:
            if output.event_id not in state.in_sink or not state.mechanisms.idempotent_sink:
                state.outputs.stage(*output)

    def read(self, name: CheckpointId, _state: State) -> Copy:
        """Return what a checkpoint holds, not copied. KeyError for an unknown name."""
        return self.saved[name]

    def undo_pending(self, state: State) -> None:
        """Discard what is pending; for each output take one application from counts and seen."""
        counts = state.counts.copy()
        for event_id, word, _ in state.outputs.pending:
            counts[word] = counts.get(word, 0) - 1
            state.seen.pop(event_id, None)
        state.outputs.discard_pending()
        in_order = dict.fromkeys(state.seen.values()) | counts
        state.counts = {word: counts[word] for word in in_order if counts.get(word, 0) > 0}

    def forget(self, state: State) -> None:
        """Drop counts, seen and pending."""
        state.counts, state.seen = {}, {}
        state.outputs.discard_pending()

    def copy(self, _state: State, _twin: State) -> Self:
        """Return the checkpoints for a copy of the state. Copies never change, and are shared."""
        return type(self)(self.saved.copy())


def _undo_to(length: int, state: State) -> list[Event]:
    """Undo the last events until `length` are left; return them in the order of application."""
    undone = []
    counts, outputs, pop = state.counts, state.outputs, state.seen.popitem
    ids, line = outputs.ids, outputs.committed
    for _ in range(len(state.seen) - length):
        event_id, word = event = pop()
        undone.append(event)
        if counts[word] == 1:
            del counts[word]
        else:
            counts[word] -= 1
        if len(ids) > line and ids[-1] == event_id:
            outputs.unstage()
        else:
            state.in_sink.add(event_id)
    undone.reverse()
    return undone
