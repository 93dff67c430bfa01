"""The ledger behind the record: reads the steps, one after the other, into trails.

The facts of a step say what was delivered. What a crash, a restore or a rollback did is read
from the changes, which compare the state before and after. So the ledger is right for
mutants as well. If a mutant's count of a word is smaller than the applications of it, the
newest of these are taken to be gone.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from core.checkpoints import CheckpointId
from core.lab.crash_points import CrashPoint
from core.lab.facts import (
    AckLost,
    Applied,
    Committed,
    Crashed,
    EventLost,
    Fed,
    Restarted,
    Restored,
    Reused,
    RolledBack,
    Saved,
    Skipped,
    Undelivered,
)
from core.lab.lab import Step
from core.lab.moments import EventState, MomentKind
from core.lab.trails import Content, Key, Save, Together, Trails, stored
from core.outputs import EventId


class Ledger(Trails):
    """Trails that are made from steps by `note`. Each handler notes one kind of fact."""

    def note(self, step: Step) -> None:
        """Note what the next step did."""
        facts, changes = step.facts, step.changes
        first = facts[0]
        if isinstance(first, Fed) and first.counts is not None:
            self._take_together(Together(self._logged, step, first))
        else:
            for event_id, _ in changes.sent:
                self._add(step, event_id, MomentKind.SENT)
        self._logged += len(changes.sent)
        for fact in facts:
            handler = _HANDLERS.get(type(fact))
            if handler is not None:
                handler(self, fact, step)
        crashed = isinstance(facts[-1], Crashed)
        self._follow(step, crashed=crashed)
        self._close(2 * step.number)
        self._counts.update((word, after) for word, (_, after) in changes.counts.items())

    def applied(self, fact: Applied, step: Step) -> None:
        """Note an application."""
        event_id, number = fact.event_id, step.number
        held = self._now(event_id)
        out = fact.output
        what = MomentKind.APPLIED_AGAIN if fact.again else MomentKind.APPLIED
        said = {"word": fact.word, "before": fact.before, "after": fact.after}
        self._add(step, event_id, what, **said)
        self._add(step, event_id, _OUTPUT[out])
        self._set(
            event_id,
            EventState(
                seen=True,
                counted=(*held.counted, number),
                pending=(*held.pending, number) if out == "pending" else held.pending,
                sink=held.sink + (out == "sink"),
                fired=_more(held.fired, 1),
                shown=_more(held.shown, int(out != "held")),
            ),
        )

        self._forget(fact.dropped, step)

    def skipped(self, fact: Skipped, step: Step) -> None:
        """Note a delivery that was taken for a duplicate."""
        said = {"word": fact.word, "before": fact.count, "after": fact.count}
        self._add(step, fact.event_id, MomentKind.SKIPPED, **said)
        self._forget(fact.dropped, step)

    def undelivered(self, fact: Undelivered, step: Step) -> None:
        """Note an event that was sent and not applied."""
        self._add(step, fact.event_id, MomentKind.NOT_APPLIED, word=fact.word)

    def reused(self, fact: Reused, step: Step) -> None:
        """Note an id that came with another word."""
        self._add(step, fact.event_id, MomentKind.REUSED, word=fact.given)

    def ack_lost(self, fact: AckLost, step: Step) -> None:
        """Note a lost ack."""
        self._add(step, fact.event_id, MomentKind.ACK_LOST)

    def event_lost(self, fact: EventLost, step: Step) -> None:
        """Note an event that was sent and never arrived."""
        self._add(step, fact.event_id, MomentKind.NEVER_ARRIVED, word=fact.word)

    def committed(self, fact: Committed, step: Step) -> None:
        """Note the outputs that a commit moved."""
        self._move_out([each.event_id for each in fact.outputs], MomentKind.COMMITTED, step)

    def saved(self, fact: Saved, step: Step) -> None:
        """Note a checkpoint."""
        at = 2 * step.number
        place = Content(at, None if fact.summary.seen is None else at, at)
        older = self.checkpoints.pop(fact.name, None)
        self.checkpoints[fact.name] = place
        self.saves.append(Save(step.number, fact.name, place, older))

    def crashed(self, fact: Crashed, step: Step) -> None:
        """Note what a crash took, and outputs that half a commit put into the sink before it."""
        self._unheard(fact, step)
        if fact.owner:
            self._elsewhere(step)
        elif fact.cause:
            self._found(fact, step)
        if fact.owner or fact.cause:
            return
        out = Counter(each.event_id for each in step.changes.sink_added)
        for before in step.facts:
            if isinstance(before, Committed):
                out.subtract(each.event_id for each in before.outputs)
            elif isinstance(before, Applied) and before.output == "sink":
                out[before.event_id] -= 1
        self._move_out([*out.elements()], MomentKind.TORN, step)
        self._close(2 * step.number - 1)
        if fact.kept is not None:
            return  # the disk has it
        self._list_stored()
        for key in tuple(self._alive):
            held = self._now(key)
            if held.seen or held.counted:
                self._add(step, key, MomentKind.LOST, of=held.counted)
            self._add(step, key, MomentKind.OUTPUT_LOST, times=len(held.pending))
            self._set(key, held._replace(seen=False, counted=(), pending=()))

    def restored(self, fact: Restored, step: Step) -> None:
        """Note what a restore brought back, and what it undid."""
        place, changes = self.checkpoints[fact.name], step.changes
        came, went = set(changes.seen_added), set(changes.seen_removed)
        moved = Counter(each.event_id for each in changes.pending_added)
        moved.subtract(each.event_id for each in changes.pending_removed)
        after: dict[Key, EventState] = {}
        for key in self._changed(place, step):
            old, there, event_id = self._now(key), self.inside(key, place), self._one(key)
            number = len(old.pending) + moved[event_id]
            after[key] = EventState(
                (old.seen or event_id in came) and event_id not in went,
                there.counted,
                (*there.pending, *old.pending)[:number],
                old.sink,
                old.fired,
                _more(old.shown, max(moved[event_id], 0)),
            )
        self._reconcile(after, step)
        for key, held in after.items():
            self._tell_restored(key, held, fact.name, step)

    def rolled_back(self, fact: RolledBack, step: Step) -> None:
        """Note what a rollback undid."""
        gone = Counter(each.event_id for each in fact.outputs)
        went = set(step.changes.seen_removed)
        some = map(self.key, (*gone, *went)) if self._faithful else self._all()
        after: dict[Key, EventState] = {}
        for key in dict.fromkeys(some):
            old, event_id = self._now(key), self._one(key)
            after[key] = old._replace(
                seen=old.seen and event_id not in went,
                counted=_less(old.counted, old.pending),
                pending=old.pending[gone[event_id] :],
            )
        self._reconcile(after, step)
        taken = 0
        for key, held in after.items():
            old = self._now(key)
            undone = _less(old.counted, held.counted)
            taken += len(undone) * self._events(key)
            discarded = len(old.pending) - len(held.pending)
            self._add(step, key, MomentKind.OUTPUT_DISCARDED, times=discarded)
            if undone:
                what = MomentKind.UNCOUNTED if held.seen else MomentKind.UNDONE_BY_ROLLBACK
                self._add(step, key, what, of=undone)
            elif old.seen and not held.seen:
                self._add(step, key, MomentKind.FORGOTTEN)
            self._set(key, held)
        self.taken_back[step.number] = taken

    # Helpers of the handlers.

    def _changed(self, place: Content, step: Step) -> Iterable[Key]:
        """Return the keys that a restore may have changed.

        These are the events to which something happened since the checkpoint was saved, and
        those whose outputs the restore moved; for a mutant, all.
        """
        if place.stored is not None or not self._faithful:
            return [*dict.fromkeys((*self._all(), *(place.stored or ())))]
        self._list_stored()
        first = min(place.counts, place.seen or place.counts) // 2
        some: dict[Key, None] = {}
        for number in range(first + 1, step.number + 1):
            some |= self._touched.get(number, {})
        changes = step.changes
        outputs = (each.event_id for each in (*changes.pending_added, *changes.pending_removed))
        some |= dict.fromkeys(map(self.key, outputs))
        return [key for key in some if key in self.trails]

    def _move_out(self, ids: list[EventId], what: MomentKind, step: Step) -> None:
        """Note that outputs of these events (an id for each output) went to the sink."""
        together = Counter(map(self.key, ids))
        for key, number in together.items():
            held = self._now(key)
            times = len(held.pending) if isinstance(key, Together) else number
            self._add(step, key, what, times=times)
            pending = held.pending[times:]
            self._set(key, held._replace(pending=pending, sink=held.sink + times))

    def _unheard(self, fact: Crashed, step: Step) -> None:
        """Note the delivery whose ack the source did not get, as a crash came before it."""
        if fact.point is CrashPoint.BEFORE_ACK:
            hand = next(f for f in reversed(step.facts) if isinstance(f, Applied | Skipped))
            new = self._places()[hand.event_id] >= step.changes.offset[0]
            if new or not fact.acknowledged:
                self._add(step, hand.event_id, MomentKind.NOT_HEARD)

    def _found(self, fact: Crashed, step: Step) -> None:
        """Note what a disk holds after the store's process died by itself."""
        changes, number = step.changes, step.number
        for event_id, held in self._observed(step).items():
            old = self._now(event_id)
            came, went = held.seen and not old.seen, old.seen and not held.seen
            out = held.sink - old.sink
            waits = max(len(held.pending) - len(old.pending) + out, 0)
            gone = max(len(old.pending) - out - len(held.pending), 0)
            applied = came and fact.delivering
            self._add(step, event_id, MomentKind.APPLIED, times=int(applied))
            self._add(step, event_id, MomentKind.BROUGHT_BACK, times=int(came and not applied))
            self._add(step, event_id, MomentKind.STAGED, times=waits if applied else 0)
            self._add(step, event_id, MomentKind.OUTPUT_BACK, times=0 if applied else waits)
            self._add(step, event_id, MomentKind.TAKEN_BACK, times=int(went), of=old.counted)
            self._add(step, event_id, MomentKind.OUTPUT_GONE, times=gone)
            self._add(step, event_id, MomentKind.COMMITTED, times=out)
            fired, shown = _more(old.fired, int(applied)), _more(old.shown, waits)
            last = number if applied else self._last(event_id)
            counted = (last,) if came else () if went else old.counted
            pending = held.pending and (last,) * len(held.pending)
            after = held._replace(counted=counted, pending=pending, fired=fired, shown=shown)
            self._set(event_id, after)
        for name in (*changes.checkpoints_added, *changes.checkpoints_changed):
            place = Content(2 * number, 2 * number, 2 * number)
            older = self.checkpoints.pop(name, None)
            self.checkpoints[name] = place
            self.saves.append(Save(number, name, place, older))

    def restarted(self, fact: Restarted, step: Step) -> None:
        """Note what another node did to the store while the processor was down."""
        if fact.foreign is not None:
            self._elsewhere(step)
            self.checkpoints = {name: stored(held) for name, held in fact.foreign.items()}

    def _elsewhere(self, step: Step) -> None:
        """Note what another node changed; how often it applied an event is not known."""
        self._split_feeds()
        for event_id, held in self._observed(step).items():
            self._add(step, event_id, MomentKind.ELSEWHERE)
            counted = (step.number,) if held.seen else ()
            pending = (step.number,) * len(held.pending)
            self._set(event_id, held._replace(counted=counted, pending=pending))
        for key in dict.fromkeys((*self._all(), *self._open)):
            self._set(key, self._now(key)._replace(fired=None, shown=None))

    def _observed(self, step: Step) -> dict[EventId, EventState]:
        """Return the state of the events that a step changed, as its changes show it.

        Which applications these are is not known: `counted` is as before, `pending` all 0.
        """
        changes = step.changes
        out = Counter(each.event_id for each in changes.sink_added)
        waits = Counter(each.event_id for each in changes.pending_added)
        waits.subtract(each.event_id for each in changes.pending_removed)
        came, went = set(changes.seen_added), set(changes.seen_removed)
        found = {}
        for event_id in dict.fromkeys((*changes.seen_added, *changes.seen_removed, *out, *waits)):
            old = self._now(event_id)
            found[event_id] = old._replace(
                seen=event_id in came or (old.seen and event_id not in went),
                pending=(0,) * max(len(old.pending) + waits[event_id], 0),
                sink=old.sink + out[event_id],
            )
        return found

    def _tell_restored(self, key: Key, held: EventState, name: CheckpointId, step: Step) -> None:
        """Note what a restore did to one event."""
        old, there = self._now(key), self.inside(key, self.checkpoints[name])
        back, gone = _less(held.counted, old.counted), _less(old.counted, held.counted)
        what = []
        if held.seen and not old.seen:
            what = [(MomentKind.BROUGHT_BACK if back else MomentKind.IN_SEEN, back)]
        elif old.seen and not held.seen:
            undone = gone or not held.counted
            what = [(MomentKind.UNDONE_BY_RESTORE if undone else MomentKind.FORGOTTEN, gone)]
        if not (held.seen and not old.seen):
            what += [(MomentKind.COUNTED, back)] if back else []
        if not (old.seen and not held.seen):
            what += [(MomentKind.UNCOUNTED, gone)] if gone else []
        for each, of in what:
            self._add(step, key, each, name=name, of=of)
        moved = len(held.pending) - len(old.pending)
        dropped = len(there.pending) - len(held.pending)
        self._add(step, key, MomentKind.OUTPUT_DROPPED, name=name, times=max(dropped, 0))
        self._add(step, key, MomentKind.OUTPUT_BACK, name=name, times=max(moved, 0))
        self._add(step, key, MomentKind.OUTPUT_UNDONE, name=name, times=max(-moved, 0))
        self._set(key, held)

    def _forget(self, ids: Iterable[EventId], step: Step) -> None:
        """Note ids that left seen in a delivery of another event, as only mutants let them."""
        for event_id in ids:
            self._add(step, event_id, MomentKind.FORGOTTEN)
            self._set(event_id, self._now(event_id)._replace(seen=False))

    def _follow(self, step: Step, *, crashed: bool) -> None:
        """Note checkpoints that changed with the state after they were saved (mutants only)."""
        at = 2 * step.number - crashed
        for name in step.changes.counts_followed:
            self.checkpoints[name] = self.checkpoints[name]._replace(counts=at)
        for name in step.changes.seen_followed:
            self.checkpoints[name] = self.checkpoints[name]._replace(seen=at)

    def _reconcile(self, after: dict[Key, EventState], step: Step) -> None:
        """Make the states `after` a mutant's step agree with its counts, word by word.

        If a count is smaller than the applications of its word, the newest of these are taken
        to be gone. If it is larger, applications that were there before the step have stayed.
        """
        if self._faithful:
            return
        counts = self._counts | {word: pair[1] for word, pair in step.changes.counts.items()}
        labelled: defaultdict[str, list[tuple[int, Key]]] = defaultdict(list)
        spare: defaultdict[str, list[tuple[int, Key]]] = defaultdict(list)
        for key in dict.fromkeys((*self._all(), *after)):
            now = after.get(key, self._now(key)).counted
            for number in now:
                labelled[self._word(key, number)].append((number, key))
            for number in _less(self._now(key).counted, now):
                spare[self._word(key, number)].append((number, key))
        for word in dict.fromkeys((*labelled, *spare)):
            there, due = sorted(labelled[word], key=_number), counts.get(word, 0)
            for number, key in there[due:]:
                held = after.get(key, self._now(key))
                after[key] = held._replace(counted=_less(held.counted, (number,)))
            for number, key in sorted(spare[word], key=_number)[: max(due - len(there), 0)]:
                held = after.get(key, self._now(key))
                after[key] = held._replace(counted=tuple(sorted((*held.counted, number))))


def _more(number: int | None, by: int) -> int | None:
    return None if number is None else number + by


def _less(some: tuple[int, ...], others: tuple[int, ...]) -> tuple[int, ...]:
    """Return the applications that are not among the others."""
    return tuple(number for number in some if number not in others)


def _number(labelled: tuple[int, Key]) -> int:
    return labelled[0]


_OUTPUT = {"pending": MomentKind.STAGED, "sink": MomentKind.EMITTED, "held": MomentKind.HELD}

_HANDLERS: dict[type, Callable[[Ledger, Any, Step], None]] = {
    Applied: Ledger.applied,
    Skipped: Ledger.skipped,
    Undelivered: Ledger.undelivered,
    Reused: Ledger.reused,
    AckLost: Ledger.ack_lost,
    EventLost: Ledger.event_lost,
    Committed: Ledger.committed,
    Saved: Ledger.saved,
    Crashed: Ledger.crashed,
    Restored: Ledger.restored,
    RolledBack: Ledger.rolled_back,
    Restarted: Ledger.restarted,
}
