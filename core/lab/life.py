"""The whole life of an event, and what it would have been without each mechanism.

A life is read off the steps of a history, in order: what a step did to an id stands in its
facts, and where a command may change anything at all (a restore, a rollback), in its
changes. Nothing is worked out a second time.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, NamedTuple

from core.lab import commands as c
from core.lab.facts import (
    AckLost,
    Applied,
    Committed,
    Crashed,
    Fed,
    Replayed,
    Restored,
    Reused,
    RolledBack,
    Saved,
    Skipped,
)
from core.lab.faults import CrashPoint
from core.lab.history import History
from core.lab.ids import sent
from core.lab.lab import Lab, Step
from core.lab.otherwise import Effect, Otherwise, otherwise
from core.lab.source import Source
from core.outputs import EventId, Output
from core.processor import CheckpointId

__all__ = [  # what `why` asks: the life, and its counterfactuals
    "Effect",
    "Life",
    "Moment",
    "Otherwise",
    "What",
    "Whereabouts",
    "life",
    "otherwise",
]


class What(StrEnum):
    """What can happen to an event. Those about its output, or a checkpoint, come last."""

    SENT = "sent for the first time"
    REUSED = "sent with another word"
    NOT_APPLIED = "sent, and not applied: a crash came before"
    APPLIED = "applied"
    APPLIED_AGAIN = "applied although it was in seen"
    SKIPPED = "skipped"
    NOT_HEARD = "applied, and the source heard nothing: a crash came before the ack"
    ACK_LOST = "its ack was lost"
    LOST = "lost in a crash"
    BROUGHT_BACK = "brought back by a restore"
    UNDONE_BY_RESTORE = "undone by a restore"
    UNDONE_BY_ROLLBACK = "undone by a rollback"
    COUNTED = "in the counts again by a restore, and not in seen"
    UNCOUNTED = "out of the counts by a restore, and still in seen"
    STAGED = "output staged"
    EMITTED = "output sent straight out"
    HELD = "output not staged: the sink holds it"
    COMMITTED = "output committed"
    OUTPUT_LOST = "pending output lost in a crash"
    OUTPUT_DISCARDED = "pending output discarded by a rollback"
    OUTPUT_UNDONE = "pending output undone by a restore"
    OUTPUT_BACK = "output pending again by a restore"
    OUTPUT_DROPPED = "output dropped by a restore: the sink holds it"
    SAVED = "in a checkpoint"
    UNSAVED = "no more in a checkpoint: one of the same name was saved without it"


class Moment(NamedTuple):
    """Something that happened to the event, in the step of this number.

    0 is what a store held before the first step.
    `name` is the checkpoint concerned, if one is. `word`, `before` and `after` belong to
    a delivery: the word it carried and that word's count. `times` is more than one where
    several outputs or applications of the event went the same way at once.
    """

    step: int
    what: What
    name: CheckpointId | None = None
    word: str | None = None
    before: int = 0
    after: int = 0
    times: int = 1


class Whereabouts(NamedTuple):
    """Where an event is now.

    `counted` is how often the counts hold it, `pending` and `sink` how many outputs of it
    are there, `checkpoints` the names of those that hold it, in seen or in the counts.
    """

    seen: bool
    counted: int
    pending: int
    sink: int
    checkpoints: tuple[CheckpointId, ...]


class Life(NamedTuple):
    """The whole life of an event; `due` is whether the source is going to send it (again)."""

    event_id: EventId
    word: str
    position: int
    due: bool
    moments: tuple[Moment, ...]
    now: Whereabouts


def life(history: History, event_id: EventId) -> Life:
    """Tell the life of an event, up to the present. Costs the steps and what they changed.

    A string of digits also names the integer id, where there is no such string. Raises
    Refused for an id that was never sent.
    """
    lab = history.lab
    event_id = sent(lab, event_id)
    source, outputs = lab.source, lab.held.outputs
    position = source.positions[event_id]
    walk = _Walk(event_id, source)
    if lab.durable:
        walk.begin(history.at(0))  # a store may hold it since long
    for step in history.steps:
        walk.pass_by(step)
    now = Whereabouts(
        seen=event_id in lab.held.seen,
        counted=walk.held.counted,
        pending=outputs.pending_ids().count(event_id),
        sink=outputs.ids[: outputs.line].count(event_id),
        checkpoints=tuple(name for name, held in walk.saved.items() if held.seen or held.counted),
    )
    word, due = source.log[position][1], position >= source.offset
    return Life(event_id, word, position, due, tuple(walk.moments), now)


class _Held(NamedTuple):
    """What a state holds of the event: as in `Whereabouts`."""

    seen: bool = False
    counted: int = 0
    pending: int = 0


class _Walk:
    """One event while the steps go by: what the state holds of it, and what happened so far."""

    def __init__(self, event_id: EventId, source: Source) -> None:
        self.event_id, self.positions = event_id, source.positions
        self.position = source.positions[event_id]
        self.moments: list[Moment] = []
        self.held = _Held()
        self.saved: dict[CheckpointId, _Held] = {}
        self.logged = 0

    def begin(self, lab: Lab) -> None:
        """Begin with what a laboratory holds before its first step."""
        processor, event_id = lab.processor, self.event_id
        self.logged = len(lab.source.log)
        seen, outputs = event_id in processor.seen, processor.outputs
        self.held = _Held(seen, int(seen), outputs.pending_ids().count(event_id))
        sunk = event_id in outputs.ids[: outputs.line]
        known = {What.APPLIED: seen or sunk, What.STAGED: self.held.pending, What.COMMITTED: sunk}
        self.moments += [Moment(0, what) for what, there in known.items() if there]
        for name in lab.saved:
            held = event_id in (processor.saved(name).seen or {})
            self.saved[name] = _Held(held, int(held))
            self.moments += [Moment(0, What.SAVED, name)] if held else []

    def pass_by(self, step: Step) -> None:
        """Note what one step did to the event."""
        self.step = step
        before, self.logged = self.logged, self.logged + self._appended(step.command)
        if before <= self.position < self.logged:
            self._note(What.SENT)
        for fact in step.facts:
            handler = _HANDLERS.get(type(fact))
            if handler is not None and getattr(fact, "event_id", self.event_id) == self.event_id:
                handler(self, fact)

    def _appended(self, command: c.Command) -> int:
        """Return how many entries a command wrote to the log."""
        if isinstance(command, c.Feed):
            return len(command.words)
        return int(isinstance(command, c.Process) and self._place(command) == self.logged)

    def _place(self, command: c.Process | c.Retry) -> int:
        assert command.event_id is not None  # a step's command names what was left to choose
        return self.positions[command.event_id]

    def _note(self, what: What, **rest: Any) -> None:  # noqa: ANN401 - the fields of Moment
        if rest.get("times", 1):
            self.moments.append(Moment(self.step.number, what, **rest))

    def applied(self, fact: Applied) -> None:
        what = What.APPLIED_AGAIN if fact.again else What.APPLIED
        self._apply(what, fact.word, fact.before, fact.after, fact.output)

    def fed(self, fact: Fed) -> None:
        place = self.position - self.positions[fact.first]
        command = self.step.command
        if isinstance(command, c.Feed) and 0 <= place < fact.events:
            word = command.words[place]
            before = fact.counts[word][0] + command.words[:place].count(word)
            self._apply(What.APPLIED, word, before, before + 1, fact.output)

    def _apply(self, what: What, word: str, before: int, after: int, output: str) -> None:
        self._note(what, word=word, before=before, after=after)
        self._note(_OUTPUT[output])
        _, counted, pending = self.held
        self.held = _Held(seen=True, counted=counted + 1, pending=pending + (output == "pending"))

    def skipped(self, fact: Skipped) -> None:
        self._note(What.SKIPPED, word=fact.word, before=fact.count, after=fact.count)

    def reused(self, fact: Reused) -> None:
        self._note(What.REUSED, word=fact.given)

    def ack_lost(self, _: AckLost) -> None:
        self._note(What.ACK_LOST)

    def committed(self, fact: Committed) -> None:
        self._note(What.COMMITTED, times=self._mine(fact.outputs))
        self.held = self.held._replace(pending=0)

    def save(self, fact: Saved) -> None:
        older = self.saved.pop(fact.name, _Held())
        self.saved[fact.name] = self.held
        if self.held.seen or self.held.counted:
            self._note(What.SAVED, name=fact.name)
        elif older.seen or older.counted:
            self._note(What.UNSAVED, name=fact.name)

    def crashed(self, fact: Crashed) -> None:
        if self._in_hand() == self.position:
            if fact.point is CrashPoint.BEFORE_APPLY:
                self._note(What.NOT_APPLIED)
            elif (
                fact.point is CrashPoint.BEFORE_ACK and self.step.changes.offset[1] <= self.position
            ):
                self._note(What.NOT_HEARD)
        if fact.kept is not None:
            return  # the disk has it
        if self.held.seen or self.held.counted:
            self._note(What.LOST)
        self._note(What.OUTPUT_LOST, times=self.held.pending)
        self.held = _Held()

    def _in_hand(self) -> int:
        """Return the position of the entry that was being delivered; -1 for none."""
        command, (fact, *_) = self.step.command, self.step.facts
        if isinstance(fact, Replayed):
            return fact.offset + fact.events - 1
        if isinstance(command, c.Feed):
            return self.logged - 1
        return self._place(command) if isinstance(command, c.Process | c.Retry) else -1

    def restored(self, fact: Restored) -> None:
        changes, name = self.step.changes, fact.name
        there, (was_seen, was_counted, was_pending) = self.saved[name], self.held
        seen = (was_seen or self.event_id in changes.seen_added) and (
            self.event_id not in changes.seen_removed
        )
        pending = was_pending + self._mine(changes.pending_added)
        pending -= self._mine(changes.pending_removed)
        if seen is not was_seen:
            self._note(What.BROUGHT_BACK if seen else What.UNDONE_BY_RESTORE, name=name)
        elif there.counted != was_counted:
            what = What.COUNTED if there.counted > was_counted else What.UNCOUNTED
            self._note(what, name=name, times=abs(there.counted - was_counted))
        dropped = max(there.pending - pending, 0)
        self._note(What.OUTPUT_DROPPED, name=name, times=dropped)
        self._note(What.OUTPUT_BACK, name=name, times=max(pending - was_pending, 0))
        undone = max(was_pending - pending - dropped, 0)
        self._note(What.OUTPUT_UNDONE, name=name, times=undone)
        self.held = _Held(seen, there.counted, pending)

    def rolled_back(self, fact: RolledBack) -> None:
        discarded = self._mine(fact.outputs)
        undone = self.held.seen and self.event_id in self.step.changes.seen_removed
        self._note(What.OUTPUT_DISCARDED, times=discarded)
        self._note(What.UNDONE_BY_ROLLBACK, times=int(undone))
        seen, counted, pending = self.held
        self.held = _Held(seen and not undone, counted - discarded, pending - discarded)

    def _mine(self, outputs: Iterable[Output]) -> int:
        """Count the event's outputs among these."""
        return sum(output.event_id == self.event_id for output in outputs)


_OUTPUT = {"pending": What.STAGED, "sink": What.EMITTED, "held": What.HELD}

_HANDLERS: dict[type, Callable[[_Walk, Any], None]] = {
    Applied: _Walk.applied,
    Fed: _Walk.fed,
    Skipped: _Walk.skipped,
    Reused: _Walk.reused,
    AckLost: _Walk.ack_lost,
    Committed: _Walk.committed,
    Saved: _Walk.save,
    Crashed: _Walk.crashed,
    Restored: _Walk.restored,
    RolledBack: _Walk.rolled_back,
}
