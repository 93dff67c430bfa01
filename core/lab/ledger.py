"""The ledger behind the record: for each event, what each step did to it.

It is a fold of the steps, one after the other. Facts say what was delivered; what a crash, a
restore or a rollback did is read off the changes, which were seen from outside. So it is
right for a wrong processor as well: where its counts are not what its applications make,
the newest of them are taken to be gone.

The events of a feed are one to the ledger: a crash, a restore, a commit and a rollback do
the same to all of them. One that is delivered again goes on by itself. A checkpoint is one
entry as well: what it holds of an event is what the state held when it was saved.

An *application* of an event is named by the number of the step that applied it: no step
applies an event twice.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from core.journal import Copy
from core.lab.facts import (
    AckLost,
    Applied,
    Committed,
    Crashed,
    Fed,
    Restarted,
    Restored,
    Reused,
    RolledBack,
    Saved,
    Skipped,
    Undelivered,
)
from core.lab.faults import CrashPoint
from core.lab.lab import Lab, Step
from core.lab.moments import APPLICATIONS, Held, Moment, What
from core.outputs import EventId
from core.processor import CheckpointId


class Entry(NamedTuple):
    """What a step did to an event, and what there is of it then.

    `at` is twice the number of the step, or one less for what came before its crash.
    """

    at: int
    moments: tuple[Moment, ...]
    held: Held


class Content(NamedTuple):
    """A checkpoint: the moments whose counts, seen (None: not saved) and pending it holds."""

    counts: int
    seen: int | None
    pending: int
    stored: Mapping[EventId, Held] | None = None
    """What it holds, where it was saved before the first step."""


class Save(NamedTuple):
    """A checkpoint was saved; `older` is the one of the same name that it replaced."""

    step: int
    name: CheckpointId
    place: Content
    older: Content | None


class Together:
    """The events of a feed all of which were applied alike, and to which the same happened since.

    `first` is the position of the first one in the log, `apart` how many go on by themselves.
    """

    __slots__ = ("apart", "events", "fed", "first", "step")

    def __init__(self, first: int, step: Step, fed: Fed) -> None:
        """Take all of them together."""
        self.first, self.step, self.fed = first, step, fed
        self.events, self.apart = fed.events, 0


Key = EventId | Together
"""What the ledger keeps a trail of: an event, or a feed's events."""


class Ledger:
    """What the steps noted so far did. `places` gives the positions of the ids in the log."""

    def __init__(self, beginning: Lab, places: Callable[[], Mapping[EventId, int]]) -> None:
        """Begin with the laboratory as it was before the first step."""
        self._beginning, self._places = beginning, places
        self._faithful = beginning.faithful
        self.trails: dict[Key, list[Entry]] = {}
        """All that happened, by event; of a store's, to those alone to which something did."""
        self._alive: dict[Key, None] = {}
        """Of what counts, seen or pending hold anything."""
        self._touched: defaultdict[int, dict[Key, None]] = defaultdict(dict)
        """Step → what has an entry there."""
        self._feeds: list[Together] = []
        self._asleep = True
        self._logged = len(beginning.source.log)
        self._counts = dict(beginning.held.counts)
        self._open: dict[Key, tuple[list[Moment], Held]] = {}
        self._outputs: tuple[Counter[EventId], Counter[EventId]] | None = None
        """How often each event's output was pending, and in the sink, at the beginning."""
        self.checkpoints: dict[CheckpointId, Content] = {}
        self.saves: list[Save] = []
        self._begin()

    # What is asked.

    def key(self, event_id: EventId) -> Key:
        """Return what an event goes by: its feed, until it goes on by itself."""
        if event_id in self.trails:
            return event_id
        return self._feed_of(event_id) or event_id

    def trail(self, key: Key) -> list[Entry]:
        """Return all that happened to an event, in order."""
        trail = self.trails.get(key)
        if trail is not None or isinstance(key, Together):
            return trail or []
        feed = self._feed_of(key)
        return self._stored(key) if feed is None else self.trails[feed]

    def held(self, key: Key, at: int | None = None) -> Held:
        """Return what there is of an event at a moment (as in `Entry`); by default, now."""
        for entry in reversed(self.trail(key)):
            if at is None or entry.at <= at:
                return entry.held
        return _NOTHING

    def inside(self, key: Key, place: Content) -> Held:
        """Return what a checkpoint holds of an event: seen, counted and pending."""
        if place.stored is not None:
            return _NOTHING if isinstance(key, Together) else place.stored.get(key, _NOTHING)
        then = self.held(key, place.counts)
        if place.counts == place.seen == place.pending:
            return Held(then.seen, then.counted, then.pending)
        seen = place.seen is not None and self.held(key, place.seen).seen
        return Held(seen, then.counted, self.held(key, place.pending).pending)

    def fed(self, event_id: EventId) -> Moment | None:
        """Return the application of an event by a feed with what it counted, if one applied it."""
        feed = self._feed_of(event_id)
        if feed is None:
            return None
        assert feed.fed.counts is not None
        place = self._places()[event_id] - feed.first
        words = [word for _, word in feed.step.changes.sent[: place + 1]]
        before = feed.fed.counts[words[-1]][0] + words.count(words[-1]) - 1
        return Moment(feed.step.number, What.APPLIED, None, words[-1], before, before + 1)

    # What is noted.

    def note(self, step: Step) -> None:
        """Note what one step did."""
        facts, changes = step.facts, step.changes
        first = facts[0]
        if isinstance(first, Fed) and first.counts is not None:
            self._take_together(Together(self._logged, step, first))
        else:
            for event_id, _ in changes.sent:
                self._add(step, event_id, What.SENT)
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
        what = What.APPLIED_AGAIN if fact.again else What.APPLIED
        said = {"word": fact.word, "before": fact.before, "after": fact.after}
        self._add(step, event_id, what, **said)
        self._add(step, event_id, _OUTPUT[out])
        self._set(
            event_id,
            Held(
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
        self._add(step, fact.event_id, What.SKIPPED, **said)
        self._forget(fact.dropped, step)

    def undelivered(self, fact: Undelivered, step: Step) -> None:
        """Note an event that was sent and not applied."""
        self._add(step, fact.event_id, What.NOT_APPLIED, word=fact.word)

    def reused(self, fact: Reused, step: Step) -> None:
        """Note an id that came with another word."""
        self._add(step, fact.event_id, What.REUSED, word=fact.given)

    def ack_lost(self, fact: AckLost, step: Step) -> None:
        """Note a lost ack."""
        self._add(step, fact.event_id, What.ACK_LOST)

    def committed(self, fact: Committed, step: Step) -> None:
        """Note the outputs that a commit moved."""
        self._move_out([each.event_id for each in fact.outputs], What.COMMITTED, step)

    def saved(self, fact: Saved, step: Step) -> None:
        """Note a checkpoint."""
        at = 2 * step.number
        place = Content(at, None if fact.summary.seen is None else at, at)
        older = self.checkpoints.pop(fact.name, None)
        self.checkpoints[fact.name] = place
        self.saves.append(Save(step.number, fact.name, place, older))

    def crashed(self, fact: Crashed, step: Step) -> None:
        """Note what a crash took, and what reached the sink before it by half a commit."""
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
        self._move_out([*out.elements()], What.TORN, step)
        self._close(2 * step.number - 1)
        if fact.kept is not None:
            return  # the disk has it
        self._wake()
        for key in tuple(self._alive):
            held = self._now(key)
            if held.seen or held.counted:
                self._add(step, key, What.LOST, of=held.counted)
            self._add(step, key, What.OUTPUT_LOST, times=len(held.pending))
            self._set(key, held._replace(seen=False, counted=(), pending=()))

    def restored(self, fact: Restored, step: Step) -> None:
        """Note what a restore brought back, and what it undid."""
        place, changes = self.checkpoints[fact.name], step.changes
        came, went = set(changes.seen_added), set(changes.seen_removed)
        moved = Counter(each.event_id for each in changes.pending_added)
        moved.subtract(each.event_id for each in changes.pending_removed)
        after: dict[Key, Held] = {}
        for key in self._changed(place, step):
            old, there, event_id = self._now(key), self.inside(key, place), self._one(key)
            number = len(old.pending) + moved[event_id]
            after[key] = Held(
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
        after: dict[Key, Held] = {}
        for key in dict.fromkeys(some):
            old, event_id = self._now(key), self._one(key)
            after[key] = old._replace(
                seen=old.seen and event_id not in went,
                counted=_less(old.counted, old.pending),
                pending=old.pending[gone[event_id] :],
            )
        self._reconcile(after, step)
        for key, held in after.items():
            old = self._now(key)
            undone = _less(old.counted, held.counted)
            discarded = len(old.pending) - len(held.pending)
            self._add(step, key, What.OUTPUT_DISCARDED, times=discarded)
            if undone:
                what = What.UNCOUNTED if held.seen else What.UNDONE_BY_ROLLBACK
                self._add(step, key, what, of=undone)
            elif old.seen and not held.seen:
                self._add(step, key, What.FORGOTTEN)
            self._set(key, held)

    # How it is done.

    def _begin(self) -> None:
        """Take over what a store held."""
        processor = self._beginning.held
        for name in self._beginning.saved:
            place = _stored(processor.saved(name))
            self.checkpoints[name] = place
            self.saves.append(Save(0, name, place, None))

    def _take_together(self, feed: Together) -> None:
        """Note a feed."""
        number, waits = feed.step.number, feed.fed.output == "pending"
        what = (What.SENT, What.APPLIED, What.STAGED if waits else What.EMITTED)
        held = Held(
            seen=True,
            counted=(number,),
            pending=(number,) if waits else (),
            sink=int(not waits),
            fired=1,
            shown=1,
        )
        self._feeds.append(feed)
        self.trails[feed] = [Entry(2 * number, tuple(Moment(number, each) for each in what), held)]
        self._alive[feed] = self._touched[number][feed] = None

    def _feed_of(self, event_id: EventId) -> Together | None:
        """Return the feed that sent an event first, if one did."""
        if not self._feeds:
            return None
        position = self._places().get(event_id, -1)
        n = bisect_right(self._feeds, position, key=_first) - 1
        feed = self._feeds[n]
        return feed if n >= 0 and position < feed.first + feed.events else None

    def _one(self, key: Key) -> EventId:
        """Return an event that goes by this: of a feed, the first that still does."""
        if not isinstance(key, Together):
            return key
        return next(i for i, _ in key.step.changes.sent if i not in self.trails)

    def _stored(self, event_id: EventId) -> list[Entry]:
        beginning = self._beginning
        processor = beginning.held
        seen, outputs = event_id in processor.seen, processor.outputs
        if not outputs.ids and not seen and not beginning.source.log:
            return []
        if self._outputs is None:
            line = outputs.line
            self._outputs = Counter(outputs.ids[line:]), Counter(outputs.ids[:line])
        waits, sunk = (of[event_id] for of in self._outputs)
        fired, shown = beginning.effects(event_id)
        counted = (0,) if seen else ()
        held = Held(seen, counted, (0,) * waits, sunk, fired, shown)
        known = {What.APPLIED: seen or sunk, What.STAGED: waits, What.COMMITTED: sunk}
        return [Entry(0, tuple(Moment(0, what) for what, there in known.items() if there), held)]

    def _now(self, key: Key) -> Held:
        opened = self._open.get(key)
        return self.held(key) if opened is None else opened[1]

    def _add(self, step: Step, key: Key, what: What, **rest: Any) -> None:  # noqa: ANN401 - the fields of Moment
        if rest.get("times", 1):
            moments, _ = self._opened(key)
            moments.append(Moment(step.number, what, **rest))

    def _set(self, key: Key, held: Held) -> None:
        moments, old = self._opened(key)
        if held != old:
            self._open[key] = moments, held

    def _opened(self, key: Key) -> tuple[list[Moment], Held]:
        opened = self._open.get(key)
        if opened is None:
            opened = self._open[key] = [], self.held(key)
        return opened

    def _close(self, at: int) -> None:
        """Write down what was noted, as of this moment."""
        for key, (moments, held) in self._open.items():
            trail = self.trails.get(key)
            if trail is None:
                trail = self._part(key)
            if not moments and trail and trail[-1].held == held:
                continue
            trail.append(Entry(at, tuple(moments), held))
            self._touched[(at + 1) // 2][key] = None
            if held.alive:
                self._alive[key] = None
            else:
                self._alive.pop(key, None)
        self._open.clear()

    def _part(self, key: Key) -> list[Entry]:
        """Have an event go on by itself from now on; return what happened to it so far."""
        assert not isinstance(key, Together)
        trail = list(self.trail(key))
        feed = self._feed_of(key)
        self.trails[key] = trail
        if feed is not None:
            feed.apart += 1
            if feed.apart == feed.events:
                del self.trails[feed]
                self._alive.pop(feed, None)
        return trail

    def _wake(self) -> None:
        """Have each event of a store go on by itself, before something befalls all."""
        if self._asleep:
            self._asleep = False
            for event_id in self._beginning.held.seen:
                if event_id not in self.trails:
                    self._part(event_id)
                    self._alive[event_id] = self._touched[0][event_id] = None

    def _all(self) -> Iterator[Key]:
        """Yield all there is."""
        self._wake()
        yield from dict.fromkeys((*self._beginning.held.seen, *self.trails))

    def _changed(self, place: Content, step: Step) -> Iterable[Key]:
        """Return what a restore changed: what was not as it was when the checkpoint was saved.

        Also what the checkpoint holds and the restore did not bring back.
        """
        if place.stored is not None or not self._faithful:
            return [*dict.fromkeys((*self._all(), *(place.stored or ())))]
        self._wake()
        first = min(place.counts, place.seen or place.counts) // 2
        some: dict[Key, None] = {}
        for number in range(first + 1, step.number + 1):
            some |= self._touched.get(number, {})
        changes = step.changes
        outputs = (each.event_id for each in (*changes.pending_added, *changes.pending_removed))
        some |= dict.fromkeys(map(self.key, outputs))
        return [key for key in some if key in self.trails]

    def _move_out(self, ids: list[EventId], what: What, step: Step) -> None:
        """Note outputs that went to the sink."""
        together = Counter(map(self.key, ids))
        for key, number in together.items():
            held = self._now(key)
            times = len(held.pending) if isinstance(key, Together) else number
            self._add(step, key, what, times=times)
            pending = held.pending[times:]
            self._set(key, held._replace(pending=pending, sink=held.sink + times))

    def _unheard(self, fact: Crashed, step: Step) -> None:
        """Note a delivery of which the source did not hear."""
        if fact.point is CrashPoint.BEFORE_ACK and fact.acknowledged is False:
            hand = next(f for f in reversed(step.facts) if isinstance(f, Applied | Skipped))
            self._add(step, hand.event_id, What.NOT_HEARD)

    def _found(self, fact: Crashed, step: Step) -> None:
        """Note what a disk holds after a crash that nobody asked for."""
        changes, number = step.changes, step.number
        for event_id, held in self._observed(step).items():
            old = self._now(event_id)
            came, went = held.seen and not old.seen, old.seen and not held.seen
            out = held.sink - old.sink
            waits = max(len(held.pending) - len(old.pending) + out, 0)
            gone = max(len(old.pending) - out - len(held.pending), 0)
            applied = came and fact.delivering
            self._add(step, event_id, What.APPLIED, times=int(applied))
            self._add(step, event_id, What.BROUGHT_BACK, times=int(came and not applied))
            self._add(step, event_id, What.STAGED, times=waits if applied else 0)
            self._add(step, event_id, What.OUTPUT_BACK, times=0 if applied else waits)
            self._add(step, event_id, What.TAKEN_BACK, times=int(went), of=old.counted)
            self._add(step, event_id, What.OUTPUT_GONE, times=gone)
            self._add(step, event_id, What.COMMITTED, times=out)
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
            self.checkpoints = {name: _stored(held) for name, held in fact.foreign.items()}

    def _elsewhere(self, step: Step) -> None:
        """Note what another node did; how often it applied what, nobody here knows."""
        self._apart()
        for event_id, held in self._observed(step).items():
            self._add(step, event_id, What.ELSEWHERE)
            counted = (step.number,) if held.seen else ()
            pending = (step.number,) * len(held.pending)
            self._set(event_id, held._replace(counted=counted, pending=pending))
        for key in dict.fromkeys((*self._all(), *self._open)):
            self._set(key, self._now(key)._replace(fired=None, shown=None))

    def _observed(self, step: Step) -> dict[EventId, Held]:
        """Return what there is of the events that a step changed: what was seen, no labels."""
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

    def _last(self, event_id: EventId) -> int:
        """Return the last application of an event so far."""
        moments = (m for entry in self.trail(event_id) for m in entry.moments)
        return max((m.step for m in moments if m.what in APPLICATIONS), default=0)

    def _apart(self) -> None:
        """Have each event of the feeds go on by itself, before their places in the log move."""
        for feed in self._feeds:
            for event_id, _ in feed.step.changes.sent:
                if event_id not in self.trails:
                    alive = feed in self._alive
                    self._part(event_id)
                    if alive:
                        self._alive[event_id] = None
        self._feeds.clear()

    def _tell_restored(self, key: Key, held: Held, name: CheckpointId, step: Step) -> None:
        """Note what a restore did to one event."""
        old, there = self._now(key), self.inside(key, self.checkpoints[name])
        back, gone = _less(held.counted, old.counted), _less(old.counted, held.counted)
        what = []
        if held.seen and not old.seen:
            what = [(What.BROUGHT_BACK if back else What.IN_SEEN, back)]
        elif old.seen and not held.seen:
            undone = gone or not held.counted
            what = [(What.UNDONE_BY_RESTORE if undone else What.FORGOTTEN, gone)]
        if not (held.seen and not old.seen):
            what += [(What.COUNTED, back)] if back else []
        if not (old.seen and not held.seen):
            what += [(What.UNCOUNTED, gone)] if gone else []
        for each, of in what:
            self._add(step, key, each, name=name, of=of)
        moved = len(held.pending) - len(old.pending)
        dropped = len(there.pending) - len(held.pending)
        self._add(step, key, What.OUTPUT_DROPPED, name=name, times=max(dropped, 0))
        self._add(step, key, What.OUTPUT_BACK, name=name, times=max(moved, 0))
        self._add(step, key, What.OUTPUT_UNDONE, name=name, times=max(-moved, 0))
        self._set(key, held)

    def _forget(self, ids: Iterable[EventId], step: Step) -> None:
        """Note which ids dropped out of seen by themselves, as only a wrong processor lets them."""
        for event_id in ids:
            self._add(step, event_id, What.FORGOTTEN)
            self._set(event_id, self._now(event_id)._replace(seen=False))

    def _follow(self, step: Step, *, crashed: bool) -> None:
        """Note which checkpoints went on changing with the state, as only wrong ones do."""
        at = 2 * step.number - crashed
        for name in step.changes.counts_followed:
            self.checkpoints[name] = self.checkpoints[name]._replace(counts=at)
        for name in step.changes.seen_followed:
            self.checkpoints[name] = self.checkpoints[name]._replace(seen=at)

    def _reconcile(self, after: dict[Key, Held], step: Step) -> None:
        """Make what is said of a wrong processor agree with its counts, word by word.

        The newest applications are those taken to be gone, and those that were there before
        the step to have stayed.
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

    def _word(self, key: Key, number: int) -> str:
        """Return the word that an application of a wrong processor counted."""
        moments = (m for entry in self.trail(key) for m in entry.moments)
        word = next(m.word for m in moments if m.step == number and m.what in APPLICATIONS)
        assert word is not None  # it is never fed in bulk
        return word


def _stored(saved: Copy) -> Content:
    """Return a checkpoint of a store that this session did not save."""
    waits = Counter(each.event_id for each in saved.pending)
    held = {
        event_id: Held(seen=True, counted=(0,), pending=(0,) * waits[event_id])
        for event_id in saved.seen or {}
    }
    return Content(0, 0, 0, held)


def _more(number: int | None, by: int) -> int | None:
    return None if number is None else number + by


def _less(some: tuple[int, ...], others: tuple[int, ...]) -> tuple[int, ...]:
    """Return the applications that are not among the others."""
    return tuple(number for number in some if number not in others)


def _number(labelled: tuple[int, Key]) -> int:
    return labelled[0]


def _first(feed: Together) -> int:
    return feed.first


_NOTHING = Held()


_OUTPUT = {"pending": What.STAGED, "sink": What.EMITTED, "held": What.HELD}

_HANDLERS: dict[type, Callable[[Ledger, Any, Step], None]] = {
    Applied: Ledger.applied,
    Skipped: Ledger.skipped,
    Undelivered: Ledger.undelivered,
    Reused: Ledger.reused,
    AckLost: Ledger.ack_lost,
    Committed: Ledger.committed,
    Saved: Ledger.saved,
    Crashed: Ledger.crashed,
    Restored: Ledger.restored,
    RolledBack: Ledger.rolled_back,
    Restarted: Ledger.restarted,
}
