"""A witness: somebody who looks at a laboratory before and after all it does, and writes it down.

It looks with its own eyes: it copies the whole state before and after each step, around
each delivery, and right before a crash. It believes no fact and asks no record. It works
with labels alone: an *application* is an event, the step that applied it, and the word it
counted; and the witness knows of each application whether the counts hold it, whether its
output is pending, and which checkpoint has it. After each thing that happens the labels
must agree with the copy: as many applications of a word as its count says, and one for
each pending output.

Only of a wrong processor can the counts be others than the labels make. Then the newest
applications of the word are taken to be gone, and the oldest of those that were there to
have stayed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import NamedTuple, TypeVar
from unittest.mock import patch

from core.checkpoints import CheckpointId
from core.errors import Refused
from core.lab import commands as c
from core.lab.crash_points import CrashPoint
from core.lab.facts import Fact
from core.lab.lab import Lab, Step
from core.lab.record import Moment, MomentKind
from core.mechanisms import Mechanisms
from core.outputs import EventId, Output
from core.processor import Processor

T = TypeVar("T")


class State(NamedTuple):
    """A copy of what a processor holds."""

    counts: dict[str, int]
    seen: dict[EventId, str]
    pending: list[Output]
    sink: list[Output]


class Content(NamedTuple):
    """A copy of what a checkpoint holds, and of the offset beside it."""

    counts: dict[str, int]
    seen: dict[EventId, str] | None
    pending: list[Output]
    offset: int


class Copy(NamedTuple):
    """A copy of everything in a laboratory."""

    state: State
    saved: dict[CheckpointId, Content]
    log: list[tuple[EventId, str]]
    offset: int
    last: int | None
    up: bool
    armed: CrashPoint | None
    mechanisms: Mechanisms

    @property
    def standing(self) -> tuple[EventId | None, int]:
        """What is due, and how many entries wait behind that."""
        waiting = self.log[self.offset :]
        return (waiting[0][0], len(waiting) - 1) if waiting else (None, 0)

    def place(self, event_id: EventId) -> int:
        """Return the position of an id in the log."""
        return [each for each, _ in self.log].index(event_id)


def look(processor: Processor) -> State:
    """Copy what a processor holds."""
    return State(
        dict(processor.counts), dict(processor.seen), list(processor.pending), list(processor.sink)
    )


def whole(lab: Lab) -> Copy:
    """Copy everything in a laboratory."""
    held, source = lab.state, lab.source
    saved = {}
    for name in held.checkpoints:
        counts, seen, pending = held.saved(name)
        inside = None if seen is None else dict(seen)
        saved[name] = Content(dict(counts), inside, list(pending), lab.saved[name].offset)
    return Copy(
        look(held),
        saved,
        list(source.log),
        source.offset,
        source.last,
        lab.up,
        lab.armed,
        held.mechanisms,
    )


class Delivery(NamedTuple):
    """A delivery, and the state before and after it; `died` is whether it was not applied."""

    event_id: EventId
    word: str
    before: State
    after: State
    died: bool


class Death(NamedTuple):
    """A crash at a point, and the state right before it."""

    point: CrashPoint | None
    state: State


class Eyes:
    """They look at one laboratory inside a step: around each delivery, and before a crash."""

    def __init__(self) -> None:
        """Look at nothing yet."""
        self._lab: Lab | None = None
        self.deliveries: list[Delivery] = []
        self.death: Death | None = None

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Be there while the laboratories do what they do."""
        deliver, die = Lab.deliver, Lab.die

        def seen_delivering(lab: Lab, position: int, word: str, facts: list[Fact]) -> None:
            if lab is not self._lab:
                deliver(lab, position, word, facts)
                return
            event_id, before = lab.source.log[position][0], look(lab.processor)
            deliver(lab, position, word, facts)
            death = self.death
            after = look(lab.processor) if death is None else death.state
            died = death is not None and death.point is CrashPoint.BEFORE_APPLY
            self.deliveries.append(Delivery(event_id, word, before, after, died))

        def seen_dying(lab: Lab, point: CrashPoint | None, facts: list[Fact]) -> None:
            if lab is self._lab:
                self.death = Death(point, look(lab.processor))
            die(lab, point, facts)

        with patch.object(Lab, "deliver", seen_delivering), patch.object(Lab, "die", seen_dying):
            yield

    @contextmanager
    def on(self, lab: Lab) -> Iterator[None]:
        """Look at this laboratory, and forget what was seen before."""
        self._lab, self.deliveries, self.death = lab, [], None
        try:
            yield
        finally:
            self._lab = None


class Application(NamedTuple):
    """An event was applied by this step, and counted this word."""

    event_id: EventId
    step: int
    word: str


class Labels(NamedTuple):
    """The applications that counts hold, and those whose outputs are pending, in their order."""

    counted: tuple[Application, ...] = ()
    pending: tuple[Application, ...] = ()

    def of(self, event_id: EventId) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the steps that applied this event: those counted, and those pending."""
        counted = sorted(each.step for each in self.counted if each.event_id == event_id)
        pending = sorted(each.step for each in self.pending if each.event_id == event_id)
        return tuple(counted), tuple(pending)


class Came(NamedTuple):
    """In which step an id came into seen, and which checkpoint's restore brought it, if one did."""

    step: int
    restored: CheckpointId | None


class LossCause(NamedTuple):
    """What set the state back, in which step, and the state right before that."""

    how: str
    step: int
    state: State


class Witness:
    """All that a witness knows at one moment. Nothing in it is changed: `next` makes a new one.

    `now` is the whole copy, `labels` are the state's, `kept` those of each checkpoint. `since`
    says of each id in seen how it came there, `fired` how often each event was applied,
    `shown` how often an output of it was put where a reader can see it. `applied` are all
    applications, `firsts` those that came first. `lives` is what happened to each event.
    `commits` is how long the sink is by whole commits alone, and `lengths` how long it was
    when each checkpoint was saved.
    """

    def __init__(self, lab: Lab, earlier: "Witness | None" = None) -> None:
        """Look at a laboratory for the first time; on a store, somebody knows what was earlier."""
        self.number = 0
        self.durable = lab.durability.lasting
        self.now = now = whole(lab)
        labels = _from_before(now.state.seen, now.state.pending)
        self.labels = labels
        self.kept = {
            n: _from_before(each.seen or {}, each.pending) for n, each in now.saved.items()
        }
        self.since = {event_id: Came(0, None) for event_id in now.state.seen}
        self.fired: Counter[EventId] = Counter() if earlier is None else earlier.fired.copy()
        self.shown: Counter[EventId] = Counter() if earlier is None else earlier.shown.copy()
        self.strangers = {each for each, _ in now.log} | set(now.state.seen)
        """The events that came before this witness did."""
        self.before_us = (
            self.strangers if earlier is None else {i for i, n in self.fired.items() if n}
        )
        """The events that were applied before."""
        self.applied: tuple[Application, ...] = ()
        self.firsts: dict[EventId, Moment] = {}
        self.lives: dict[EventId, tuple[Moment, ...]] = {}
        self.forgotten: tuple[tuple[int, EventId], ...] = ()
        self.commits = len(now.state.sink)
        self.lengths: dict[CheckpointId, int | None] = {}
        if earlier is not None:
            self.lengths |= earlier.lengths
        self.setback: LossCause | None = None
        self.deliveries: tuple[Delivery, ...] = ()
        self.death: Death | None = None
        self.before = now
        self._check()

    def next(self, command: c.Command, after: Copy, eyes: Eyes) -> "Witness":
        """Return what is known after one more step, which did this command."""
        twin = copy(self)
        for name in ("kept", "since", "fired", "shown", "firsts", "lives", "lengths"):
            setattr(twin, name, getattr(self, name).copy())
        twin._go_on(command, after, eyes)  # noqa: SLF001 - its own kind
        return twin

    # One thing after the other, as it happens in a step.

    def _go_on(self, command: c.Command, after: Copy, eyes: Eyes) -> None:  # noqa: C901 - one case a command
        before = self.before = self.now
        self.number += 1
        self.now, self.death = after, eyes.death
        self.deliveries = tuple(eyes.deliveries)
        if isinstance(command, c.Feed) and not self.deliveries:
            self.deliveries = tuple(_fed(before, after))
        for event_id, _ in after.log[len(before.log) :]:
            self._note(event_id, MomentKind.SENT)
        if isinstance(command, c.Process) and command.event_id is not None:
            self._sent_with(command.event_id, command.word)
        for delivery in self.deliveries:
            self._delivered(delivery)
        state = after.state if self.death is None else self.death.state
        if isinstance(command, c.Commit):
            self._moved_out(before.state, state)
        elif isinstance(command, c.Rollback):
            self._rolled_back(before.state, state)
        elif isinstance(command, c.Restore):
            assert command.name is not None
            self._restored(command.name, before, state)
        elif isinstance(command, c.LoseAck):
            assert before.last is not None
            self._note(before.log[before.last][0], MomentKind.ACK_LOST)
        elif isinstance(command, c.LoseEvent):
            event_id, word = after.log[-1 if command.word is not None else before.offset]
            self._note(event_id, MomentKind.NEVER_ARRIVED, word=word)
        self._agrees(state)
        labels = self.labels
        if self.death is not None:
            self._crashed(self.death)
        self._look_into_checkpoints(command, labels)
        self._check()

    def _sent_with(self, event_id: EventId, word: str) -> None:
        logged = self.now.log[self.now.place(event_id)][1]
        if logged != word:
            self._note(event_id, MomentKind.REUSED, word=word)

    def _delivered(self, delivery: Delivery) -> None:
        """The word's count rose by one, or nothing changed."""
        event_id, word, before, after, died = delivery
        if died:
            self._note(event_id, MomentKind.NOT_APPLIED, word=word)
            return
        old, new = before.counts.get(word, 0), after.counts.get(word, 0)
        if new == old:
            self._note(event_id, MomentKind.SKIPPED, word=word, before=old, after=new)
            assert before == after
            return
        assert new == old + 1
        assert event_id in after.seen
        what = MomentKind.APPLIED_AGAIN if event_id in before.seen else MomentKind.APPLIED
        self._note(event_id, what, word=word, before=old, after=new)
        self.firsts.setdefault(event_id, self.lives[event_id][-1])
        application = Application(event_id, self.number, word)
        self.applied += (application,)
        self.fired[event_id] += 1
        counted, pending = self.labels
        if len(after.pending) > len(before.pending):
            assert after.pending == [*before.pending, Output(event_id, word, new)]
            self._note(event_id, MomentKind.STAGED)
            self.shown[event_id] += 1
            pending += (application,)
        elif len(after.sink) > len(before.sink):
            assert after.sink == [*before.sink, Output(event_id, word, new)]
            self._note(event_id, MomentKind.EMITTED)
            self.shown[event_id] += 1
            self.commits += 1
        else:
            self._note(event_id, MomentKind.HELD)
        self.labels = Labels((*counted, application), pending)
        self._seen_from(before, after, None)
        gone = [each for each in before.seen if each not in after.seen]
        self.forgotten += tuple((self.number, each) for each in gone)

    def _moved_out(self, before: State, after: State) -> None:
        """The first of the pending outputs are in the sink, as many as that grew by."""
        moved = after.sink[len(before.sink) :]
        assert before.pending == [*moved, *after.pending]
        torn = self.death is not None and self.death.point is CrashPoint.IN_COMMIT
        for event_id, times in _numbers(moved).items():
            self._note(event_id, MomentKind.TORN if torn else MomentKind.COMMITTED, times=times)
        self.commits += 0 if torn else len(moved)
        self.labels = self.labels._replace(pending=self.labels.pending[len(moved) :])

    def _rolled_back(self, before: State, after: State) -> None:
        """The applications whose outputs were pending are out of the counts."""
        old = self.labels
        counted = tuple(each for each in old.counted if each not in old.pending)
        counted = _as_counted(counted, old.counted, after.counts)
        self.labels = Labels(counted, _still(zip(before.pending, old.pending, strict=True), after))
        for event_id, times in (_numbers(before.pending) - _numbers(after.pending)).items():
            self._note(event_id, MomentKind.OUTPUT_DISCARDED, times=times)
        gone = set(old.counted) - set(counted)
        for event_id in {each.event_id for each in gone}:
            what = MomentKind.UNCOUNTED if event_id in after.seen else MomentKind.UNDONE_BY_ROLLBACK
            self._note(event_id, what, of=_steps(gone, event_id))
        self._seen_from(before, after, None)
        left = [each for each in before.seen if each not in after.seen]
        some = {each.event_id for each in gone}
        self.forgotten += tuple((self.number, each) for each in left if each not in some)
        if (before.counts, before.seen, before.pending) != after[:3]:
            self.setback = LossCause("rollback", self.number, before)

    def _restored(self, name: CheckpointId, before: Copy, after: State) -> None:
        """What the checkpoint held is there now, so far as the copies agree."""
        content, inside, old = before.saved[name], self.kept[name], self.labels
        counted = _as_counted(inside.counted, old.counted, after.counts)
        self.labels = Labels(
            counted, _still(zip(content.pending, inside.pending, strict=True), after)
        )
        back, gone = set(counted) - set(old.counted), set(old.counted) - set(counted)
        was, held = before.state, _numbers(content.pending)
        waited, waits = _numbers(was.pending), _numbers(after.pending)
        ids = {each.event_id for each in (*old.counted, *counted)}
        for event_id in sorted(ids | {*was.seen, *after.seen, *held, *waited}, key=repr):
            came = event_id in after.seen and event_id not in was.seen
            went = event_id in was.seen and event_id not in after.seen
            new, lost = _steps(back, event_id), _steps(gone, event_id)
            there = any(each.event_id == event_id for each in counted)
            told = [
                (MomentKind.BROUGHT_BACK, came and new, new),
                (MomentKind.IN_SEEN, came and not new, ()),
                (MomentKind.COUNTED, new and not came, new),
                (MomentKind.UNDONE_BY_RESTORE, went and (lost or not there), lost),
                (MomentKind.FORGOTTEN, went and there and not lost, ()),
                (MomentKind.UNCOUNTED, lost and not went, lost),
            ]
            for what, so, of in told:
                if so:
                    self._note(event_id, what, name=name, of=of)
            more = waits[event_id] - waited[event_id]
            numbers = {
                MomentKind.OUTPUT_BACK: more,
                MomentKind.OUTPUT_UNDONE: -more,
                MomentKind.OUTPUT_DROPPED: held[event_id] - waits[event_id],
            }
            for what, times in numbers.items():
                if times > 0:
                    self._note(event_id, what, name=name, times=times)
            self.shown[event_id] += max(more, 0)
        self._seen_from(was, after, name)

    def _crashed(self, death: Death) -> None:
        """The memory is gone, unless a store has it."""
        if death.point is CrashPoint.BEFORE_ACK:
            hand = self.deliveries[-1].event_id
            if self.now.place(hand) >= min(self.before.offset, self.now.offset):
                self._note(hand, MomentKind.NOT_HEARD)
        self.setback = LossCause("crash", self.number, death.state)
        if self.durable:
            return
        ids = {each.event_id for each in self.labels.counted}
        for event_id in sorted(ids | set(death.state.seen), key=repr):
            self._note(event_id, MomentKind.LOST, of=_steps(self.labels.counted, event_id))
        for event_id, times in _numbers(death.state.pending).items():
            self._note(event_id, MomentKind.OUTPUT_LOST, times=times)
        self.labels = Labels()
        self.since = {}

    def _look_into_checkpoints(self, command: c.Command, labels: Labels) -> None:
        """A checkpoint holds what the state held; a wrong one may have changed with the state."""
        before, after = self.before.saved, self.now.saved
        saved = command.name if isinstance(command, c.Checkpoint) and self.death is None else None
        for name, content in after.items():
            if name == saved:
                old = self.kept.get(name)
                was = before[name].seen or {} if name in before else {}
                self.kept[name] = labels
                self._note_saved(name, content, was, old)
                self.lengths[name] = len(self.now.state.sink)
            elif content.counts != before[name].counts:
                self.kept[name] = self.kept[name]._replace(counted=labels.counted)

    def _note_saved(
        self, name: CheckpointId, content: Content, was: dict[EventId, str], old: Labels | None
    ) -> None:
        new = _alive(self.kept[name], content.seen or {})
        for event_id in sorted(new, key=repr):
            self._note(event_id, MomentKind.SAVED, name=name)
        if old is not None:
            for event_id in sorted(_alive(old, was) - new, key=repr):
                self._note(event_id, MomentKind.UNSAVED, name=name)

    # How it is done.

    def _seen_from(self, before: State, after: State, name: CheckpointId | None) -> None:
        for event_id in before.seen:
            if event_id not in after.seen:
                del self.since[event_id]
        for event_id in after.seen:
            if event_id not in before.seen:
                self.since[event_id] = Came(self.number, name)

    def _note(  # noqa: PLR0913 - the fields of a moment
        self,
        event_id: EventId,
        what: MomentKind,
        *,
        name: CheckpointId | None = None,
        word: str | None = None,
        before: int = 0,
        after: int = 0,
        times: int = 1,
        of: tuple[int, ...] = (),
    ) -> None:
        moment = Moment(self.number, what, name, word, before, after, times, of)
        self.lives[event_id] = (*self.lives.get(event_id, ()), moment)

    def _agrees(self, state: State) -> None:
        """The labels are what the state shows."""
        _same(self.labels, state.counts, state.pending)
        assert set(self.since) == set(state.seen)

    def _check(self) -> None:
        """The labels are what the copy shows."""
        self._agrees(self.now.state)
        assert set(self.kept) == set(self.now.saved)
        for name, content in self.now.saved.items():
            _same(self.kept[name], content.counts, content.pending)


def _same(labels: Labels, counts: dict[str, int], pending: list[Output]) -> None:
    assert Counter(each.word for each in labels.counted) == Counter(counts)
    labelled = [(each.event_id, each.word) for each in labels.pending]
    assert labelled == [(each.event_id, each.word) for each in pending]


def _from_before(seen: dict[EventId, str], pending: list[Output]) -> Labels:
    """Label what was there before the first step: each event in seen was applied once."""
    return Labels(
        tuple(Application(event_id, 0, word) for event_id, word in seen.items()),
        tuple(Application(each.event_id, 0, each.word) for each in pending),
    )


def _fed(before: Copy, after: Copy) -> Iterator[Delivery]:
    """Take a feed apart: each of its events was applied, and its output went one way."""
    new = after.log[len(before.log) :]
    direct = len(after.state.sink) - len(before.state.sink) == len(new)
    state = before.state
    for event_id, word in new:
        count = state.counts.get(word, 0) + 1
        output = Output(event_id, word, count)
        then = State(
            {**state.counts, word: count},
            {**state.seen, event_id: word},
            state.pending if direct else [*state.pending, output],
            [*state.sink, output] if direct else state.sink,
        )
        yield Delivery(event_id, word, state, then, died=False)
        state = then
    assert state == after.state


def _as_counted(
    new: Iterable[Application], old: Iterable[Application], counts: dict[str, int]
) -> tuple[Application, ...]:
    """Make labels agree with counts: too many, the newest are gone; too few, the oldest stayed."""
    labels = list(new)
    for word in {each.word for each in (*labels, *old)}:
        of_word = sorted((each for each in labels if each.word == word), key=_step)
        for each in of_word[counts.get(word, 0) :]:
            labels.remove(each)
        spare = [each for each in old if each.word == word and each not in of_word]
        labels += sorted(spare, key=_step)[: max(counts.get(word, 0) - len(of_word), 0)]
    return tuple(sorted(labels, key=_step))


def _still(pending: Iterable[tuple[Output, Application]], after: State) -> tuple[Application, ...]:
    """Return the labels of the outputs that are pending now, in their order."""
    there = list(pending)
    found = []
    for output in after.pending:
        pair = next(each for each in there if each[0] == output)
        there.remove(pair)
        found.append(pair[1])
    return tuple(found)


def _alive(labels: Labels, seen: dict[EventId, str]) -> set[EventId]:
    """Return the events of which there is anything."""
    return {each.event_id for each in (*labels.counted, *labels.pending)} | set(seen)


def _step(application: Application) -> int:
    return application.step


def _steps(applications: Iterable[Application], event_id: EventId) -> tuple[int, ...]:
    return tuple(sorted(each.step for each in applications if each.event_id == event_id))


def _numbers(outputs: Iterable[Output]) -> Counter[EventId]:
    return Counter(each.event_id for each in outputs)


def witnessed(
    eyes: Eyes, witness: Witness, lab: Lab, act: Callable[[], Step]
) -> tuple[Step, Witness]:
    """Carry out one step of a laboratory under the eyes of a witness. Raises Refused."""
    with eyes.on(lab):
        try:
            step = act()
        except Refused:
            assert whole(lab) == witness.now, "a refused command changed something"
            raise
    return step, witness.next(step.command, whole(lab), eyes)
