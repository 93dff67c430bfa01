"""The trail of each event: what happened to it, step by step, and its state after each step.

The events of a feed share one trail, as a crash, a restore, a commit and a rollback do the
same to all of them. An event that is delivered again gets a trail of its own. A checkpoint is
stored once, not for each event: what it holds of an event is the event's state at its saving.

What a step does to an event is collected first, and written to the trail when the step is
closed. The steps themselves are read by the ledger (`core/lab/ledger.py`), not here.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from core.checkpoints import CheckpointId, Copy
from core.lab.facts import Fed
from core.lab.lab import Lab, Step
from core.lab.moments import APPLICATIONS, EventState, Moment, MomentKind
from core.outputs import EventId


class Entry(NamedTuple):
    """What a step did to an event, and the event's state after that.

    `at` is twice the number of the step, or one less for what it did before it crashed.
    """

    at: int
    moments: tuple[Moment, ...]
    state: EventState


class Content(NamedTuple):
    """What a checkpoint holds: the counts, seen and pending of these moments (as `Entry.at`).

    `seen` is None where seen was not saved.
    """

    counts: int
    seen: int | None
    pending: int
    stored: Mapping[EventId, EventState] | None = None
    """For a checkpoint saved before the first step: id → its state in the checkpoint."""


class Save(NamedTuple):
    """The saving of a checkpoint; `older` is the one of the same name that it replaced, if any."""

    step: int
    name: CheckpointId
    place: Content
    older: Content | None


class Together:
    """The events of one feed, which share a trail: the same happened to all of them.

    `first` is the position of the first one in the log, `events` how many were fed, and
    `apart` how many of these have a trail of their own by now.
    """

    __slots__ = ("apart", "events", "fed", "first", "step")

    def __init__(self, first: int, step: Step, fed: Fed) -> None:
        """Begin with all events of the feed sharing the trail."""
        self.first, self.step, self.fed = first, step, fed
        self.events, self.apart = fed.events, 0


Key = EventId | Together
"""Whose trail it is: that of one event, or of the events of a feed."""


class Trails:
    """The trails of all events so far. `places` returns id → position in the source's log."""

    def __init__(self, beginning: Lab, places: Callable[[], Mapping[EventId, int]]) -> None:
        """Begin with the laboratory as it was before the first step."""
        self._beginning, self._places = beginning, places
        self._faithful = beginning.faithful
        self.trails: dict[Key, list[Entry]] = {}
        """The trails. An event of the store gets one only when something happens to it."""
        self._alive: dict[Key, None] = {}
        """The keys that counts, seen or pending hold (a dict, as its order matters)."""
        self._touched: defaultdict[int, dict[Key, None]] = defaultdict(dict)
        """Step → the keys whose trail has an entry for it."""
        self._feeds: list[Together] = []
        self._unlisted = True
        """Whether events of the store may still be without a trail."""
        self._logged = len(beginning.source.log)
        self._counts = dict(beginning.state.counts)
        self._open: dict[Key, tuple[list[Moment], EventState]] = {}
        self._outputs: tuple[Counter[EventId], Counter[EventId]] | None = None
        """How often each event's output was pending, and in the sink, at the beginning."""
        self.checkpoints: dict[CheckpointId, Content] = {}
        self.saves: list[Save] = []
        self.taken_back: dict[int, int] = {}
        """Step → how many applications its rollback took out of the counts."""
        self._begin()

    # Questions.

    def key(self, event_id: EventId) -> Key:
        """Return the key of an event's trail: its feed while they share one, else the id."""
        if event_id in self.trails:
            return event_id
        return self._feed_of(event_id) or event_id

    def trail(self, key: Key) -> list[Entry]:
        """Return the entries of an event or a feed in order; empty if nothing happened to it."""
        trail = self.trails.get(key)
        if trail is not None or isinstance(key, Together):
            return trail or []
        feed = self._feed_of(key)
        return self._stored(key) if feed is None else self.trails[feed]

    def state(self, key: Key, at: int | None = None) -> EventState:
        """Return the state of an event at a moment (as `Entry.at`); by default, now."""
        for entry in reversed(self.trail(key)):
            if at is None or entry.at <= at:
                return entry.state
        return _NOTHING

    def inside(self, key: Key, place: Content) -> EventState:
        """Return what a checkpoint holds of an event: a state with seen, counted and pending."""
        if place.stored is not None:
            return _NOTHING if isinstance(key, Together) else place.stored.get(key, _NOTHING)
        then = self.state(key, place.counts)
        if place.counts == place.seen == place.pending:
            return EventState(then.seen, then.counted, then.pending)
        seen = place.seen is not None and self.state(key, place.seen).seen
        return EventState(seen, then.counted, self.state(key, place.pending).pending)

    def fed(self, event_id: EventId) -> Moment | None:
        """Return the application of an event that a feed sent, with its word and counts.

        The shared trail does not have these. None if no feed applied the event.
        """
        feed = self._feed_of(event_id)
        if feed is None:
            return None
        assert feed.fed.counts is not None
        place = self._places()[event_id] - feed.first
        words = [word for _, word in feed.step.changes.sent[: place + 1]]
        before = feed.fed.counts[words[-1]][0] + words.count(words[-1]) - 1
        return Moment(feed.step.number, MomentKind.APPLIED, None, words[-1], before, before + 1)

    # Notes.

    def _now(self, key: Key) -> EventState:
        opened = self._open.get(key)
        return self.state(key) if opened is None else opened[1]

    def _add(self, step: Step, key: Key, what: MomentKind, **rest: Any) -> None:  # noqa: ANN401 - the fields of Moment
        if rest.get("times", 1):
            moments, _ = self._opened(key)
            moments.append(Moment(step.number, what, **rest))

    def _set(self, key: Key, held: EventState) -> None:
        moments, old = self._opened(key)
        if held != old:
            self._open[key] = moments, held

    def _opened(self, key: Key) -> tuple[list[Moment], EventState]:
        opened = self._open.get(key)
        if opened is None:
            opened = self._open[key] = [], self.state(key)
        return opened

    def _close(self, at: int) -> None:
        """Write what was collected to the trails, with this `Entry.at`."""
        for key, (moments, held) in self._open.items():
            trail = self.trails.get(key)
            if trail is None:
                trail = self._split_off(key)
            if not moments and trail and trail[-1].state == held:
                continue
            trail.append(Entry(at, tuple(moments), held))
            self._touched[(at + 1) // 2][key] = None
            if held.alive:
                self._alive[key] = None
            else:
                self._alive.pop(key, None)
        self._open.clear()

    def _take_together(self, feed: Together) -> None:
        """Begin the shared trail of a feed."""
        number, waits = feed.step.number, feed.fed.output == "pending"
        what = (
            MomentKind.SENT,
            MomentKind.APPLIED,
            MomentKind.STAGED if waits else MomentKind.EMITTED,
        )
        held = EventState(
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

    def _split_off(self, key: Key) -> list[Entry]:
        """Give an event a trail of its own, a copy of the one it had; return that."""
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

    def _list_stored(self) -> None:
        """Give each event of the store a trail, before something happens to all of them."""
        if self._unlisted:
            self._unlisted = False
            for event_id in self._beginning.state.seen:
                if event_id not in self.trails:
                    self._split_off(event_id)
                    self._alive[event_id] = self._touched[0][event_id] = None

    def _all(self) -> Iterator[Key]:
        """Yield the keys of all trails, those of the store's events included."""
        self._list_stored()
        yield from dict.fromkeys((*self._beginning.state.seen, *self.trails))

    def _split_feeds(self) -> None:
        """Give each event of the feeds its own trail, before their positions in the log change."""
        for feed in self._feeds:
            for event_id, _ in feed.step.changes.sent:
                if event_id not in self.trails:
                    alive = feed in self._alive
                    self._split_off(event_id)
                    if alive:
                        self._alive[event_id] = None
        self._feeds.clear()

    # The beginning, and keys.

    def _begin(self) -> None:
        """Note the checkpoints that the store held before the first step."""
        processor = self._beginning.state
        for name in self._beginning.saved:
            place = stored(processor.saved(name))
            self.checkpoints[name] = place
            self.saves.append(Save(0, name, place, None))

    def _stored(self, event_id: EventId) -> list[Entry]:
        """Return the trail of an event from before the first step; empty if it was not there."""
        beginning = self._beginning
        processor = beginning.state
        seen, outputs = event_id in processor.seen, processor.outputs
        if not outputs.ids and not seen and not beginning.source.log:
            return []
        if self._outputs is None:
            line = outputs.committed
            self._outputs = Counter(outputs.ids[line:]), Counter(outputs.ids[:line])
        waits, sunk = (of[event_id] for of in self._outputs)
        fired, shown = beginning.effects(event_id)
        counted = (0,) if seen else ()
        held = EventState(seen, counted, (0,) * waits, sunk, fired, shown)
        known = {
            MomentKind.APPLIED: fired or seen or sunk,
            MomentKind.STAGED: waits,
            MomentKind.COMMITTED: sunk,
        }
        return [Entry(0, tuple(Moment(0, what) for what, there in known.items() if there), held)]

    def _feed_of(self, event_id: EventId) -> Together | None:
        """Return the feed that sent an event for the first time, or None if no feed did."""
        if not self._feeds:
            return None
        position = self._places().get(event_id, -1)
        n = bisect_right(self._feeds, position, key=_first) - 1
        feed = self._feeds[n]
        return feed if n >= 0 and position < feed.first + feed.events else None

    def _events(self, key: Key) -> int:
        """Return how many events share the trail of this key."""
        return key.events - key.apart if isinstance(key, Together) else 1

    def _one(self, key: Key) -> EventId:
        """Return an event of this key: of a feed, the first that still shares its trail."""
        if not isinstance(key, Together):
            return key
        return next(i for i, _ in key.step.changes.sent if i not in self.trails)

    def _last(self, event_id: EventId) -> int:
        """Return the step that last applied an event; 0 if none did."""
        moments = (m for entry in self.trail(event_id) for m in entry.moments)
        return max((m.step for m in moments if m.what in APPLICATIONS), default=0)

    def _word(self, key: Key, number: int) -> str:
        """Return the word that was counted when this step applied an event (no feed's)."""
        moments = (m for entry in self.trail(key) for m in entry.moments)
        word = next(m.word for m in moments if m.step == number and m.what in APPLICATIONS)
        assert word is not None  # a mutant's feed has a fact for each event
        return word


def stored(saved: Copy) -> Content:
    """Return the content of a checkpoint that was in the store before this session."""
    waits = Counter(each.event_id for each in saved.pending)
    held = {
        event_id: EventState(seen=True, counted=(0,), pending=(0,) * waits[event_id])
        for event_id in saved.seen or {}
    }
    return Content(0, 0, 0, held)


def _first(feed: Together) -> int:
    return feed.first


_NOTHING = EventState()
