"""All that the product says after a step, each beside what the witness saw.

Everything here takes the witness (`tests/witness.py`) for the truth. A claim that is not so
raises `Untrue`, or, if it is to be gone on, is noted.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Literal, assert_never

from core.checkpoints import CheckpointId
from core.errors import Refused
from core.lab import commands as c
from core.lab import facts as f
from core.lab.changes import Changes, expanded
from core.lab.comparison import compare
from core.lab.crash_points import CrashPoint
from core.lab.grammar import parse
from core.lab.history import History
from core.lab.ids import spelled
from core.lab.judge import Judgement, Place, judged, score, verdict
from core.lab.lab import Lab, Step
from core.lab.language import COMMANDS, read
from core.lab.otherwise import Effect, otherwise
from core.lab.record import EventState, Moment, MomentKind
from core.mechanisms import SWITCHES
from core.outputs import EventId, Output
from tests.witness import Content, Copy, Eyes, State, Witness, witnessed


class Untrue(AssertionError):  # noqa: N818 - what a claim is, not a fault of ours
    """Something that was claimed is not so."""

    def __init__(self, kind: str, said: object, so: object, about: object = "") -> None:
        """Say what was claimed, and what is so."""
        super().__init__(f"{kind} {about}\n  said: {said}\n  so:   {so}")
        self.kind = kind


class Claims:
    """Counts the claims by their kind. Those of a kind in `passed` may be untrue."""

    def __init__(self, passed: Iterable[str] = ()) -> None:
        """Nothing was claimed yet."""
        self.checked: Counter[str] = Counter()
        self.untrue: Counter[str] = Counter()
        self.passed = frozenset(passed)

    def claim(self, kind: str, said: object, so: object, about: object = "") -> None:
        """Check that what was said is so. Raises Untrue."""
        self.checked[kind] += 1
        if said != so:
            self.untrue[kind] += 1
            if kind not in self.passed:
                raise Untrue(kind, said, so, about)


def check_step(claims: Claims, lab: Lab, asked: c.Command, step: Step, witness: Witness) -> None:
    """Check what a step says of itself, right after it, and whether it is what was asked."""
    _changes(claims, lab, step, witness)
    _chosen(claims, asked, step, witness.before)
    unsent = [fact for fact in step.facts if isinstance(fact, f.Unsent)]
    left: list[f.Fact] = []
    if isinstance(asked, c.Feed) and isinstance(step.command, c.Feed):
        words = asked.words[len(step.command.words) :]
        left = [f.Unsent(words[:6], len(words))] if words else []
        sent = tuple(word for _, word in step.changes.sent)
        claims.claim("command: feed", step.command.words, sent)
    claims.claim("Unsent", unsent, left)
    _facts(claims, step, witness)


def _chosen(claims: Claims, asked: c.Command, step: Step, before: Copy) -> None:
    """Check what was chosen where a command left it open."""
    done = step.command
    match asked, done:
        case c.Process(None, word), c.Process(event_id, same):
            taken = event_id in [each for each, _ in before.log] or event_id in before.state.seen
            claims.claim("command: process", (taken, same, done.raw), (False, word, asked.raw))
        case c.Checkpoint(None), c.Checkpoint(name):
            claims.claim("command: checkpoint", name in before.saved, so=False)
        case c.Restore(None), c.Restore(name):
            claims.claim("command: restore", name, list(before.saved)[-1])
        case c.Restore(str(typed)), c.Restore(name):
            claims.claim("command: restore", name in {typed, *_integer(typed)}, so=True)
        case c.Replay(None), c.Replay(offset):
            claims.claim("command: replay", offset, before.offset)
        case c.Retry(None), c.Retry(event_id):
            assert before.last is not None
            claims.claim("command: retry", event_id, before.log[before.last][0])
        case c.Retry(str(typed)), c.Retry(event_id):
            claims.claim("command: retry", event_id in {typed, *_integer(typed)}, so=True)
        case c.Feed(), _:
            pass  # its words are checked beside it
        case _:
            alone = c.Crash() if done == c.Crash() else asked  # a crash may have come by itself
            claims.claim("command", done, alone)


def _integer(typed: str) -> tuple[int, ...]:
    """Return the integer that an id looks like."""
    return (int(typed),) if typed.lstrip("-").isdigit() else ()


# What changed.


def _changes(claims: Claims, lab: Lab, step: Step, witness: Witness) -> None:
    said, before, after = step.changes, witness.before, witness.now
    first = step.facts[0]
    if isinstance(first, f.Fed) and first.counts is not None:
        said = expanded(said, first, lab)
    old, new = before.state, after.state
    words = {*old.counts, *new.counts}
    pairs = {word: (old.counts.get(word, 0), new.counts.get(word, 0)) for word in words}
    claim = claims.claim
    claim("number", step.number, witness.number)
    claim(
        "changes: counts", said.counts, {w: pair for w, pair in pairs.items() if len({*pair}) > 1}
    )
    claim("changes: seen added", said.seen_added, more(new.seen, old.seen))
    claim("changes: seen removed", said.seen_removed, more(old.seen, new.seen))
    claim("changes: pending added", said.pending_added, more(new.pending, old.pending))
    claim("changes: pending removed", said.pending_removed, more(old.pending, new.pending))
    claim("changes: sink added", said.sink_added, tuple(new.sink[len(old.sink) :]))
    claim("changes: sink removed", said.sink_removed, more(old.sink, new.sink))
    claim("changes: sent", said.sent, tuple(after.log[len(before.log) :]))
    claim("changes: offset", said.offset, (before.offset, after.offset))
    claim("changes: up", said.up, (before.up, after.up))
    claim("changes: mechanisms", said.mechanisms, (before.mechanisms, after.mechanisms))
    _changed_checkpoints(claims, lab, said, step, witness)


def _changed_checkpoints(
    claims: Claims, lab: Lab, said: Changes, step: Step, witness: Witness
) -> None:
    before, after = witness.before.saved, witness.now.saved
    name = step.command.name if isinstance(step.command, c.Checkpoint) else None
    again = witness.death is None and name is not None and name in before
    claim = claims.claim
    claim("changes: checkpoints added", said.checkpoints_added, more(after, before))
    claim("changes: checkpoints replaced", said.checkpoints_replaced, (name,) if again else ())
    both = [each for each in before if each in after]
    changed = [each for each in both if _in_order(before[each]) != _in_order(after[each])]
    if lab.faithful:
        claim("checkpoints of a right one", [each for each in changed if each != name], [])
        changed = []
    alone = [each for each in changed if not (again and each == name)]
    counts = tuple(each for each in alone if before[each].counts != after[each].counts)
    seen = tuple(each for each in alone if before[each].seen != after[each].seen)
    claim(
        "changes: checkpoints changed",
        sorted(said.checkpoints_changed, key=repr),
        sorted(changed, key=repr),
    )
    claim("changes: counts followed", said.counts_followed, counts)
    claim("changes: seen followed", said.seen_followed, seen)


def _in_order(content: Content) -> tuple[object, ...]:
    seen = None if content.seen is None else list(content.seen.items())
    return list(content.counts.items()), seen, content.pending, content.offset


def more(some: Iterable[object], others: Iterable[object]) -> tuple[object, ...]:
    """Return what is not among the others, each as often as it is not."""
    spare = list(others)
    left = []
    for each in some:
        if each in spare:
            spare.remove(each)
        else:
            left.append(each)
    return tuple(left)


# The facts.


def summary(state: State | Content) -> f.Summary:
    """Sum a state up."""
    counts = tuple(state.counts.items())
    seen = None if state.seen is None else len(state.seen)
    return f.Summary(counts[:6], len(counts), seen, len(state.pending))


def _facts(claims: Claims, step: Step, witness: Witness) -> None:
    told = [fact for fact in step.facts if isinstance(fact, _OF_A_DELIVERY)]
    if not (isinstance(step.facts[0], f.Fed) and step.facts[0].counts is not None):
        claims.claim("deliveries", told, _delivered(witness))
    aside = (*_OF_A_DELIVERY, f.Unsent)
    others = [fact for fact in step.facts if not isinstance(fact, aside)]
    kinds = _kinds(step.command, witness)
    claims.claim("facts", [type(fact) for fact in others], kinds, step.facts)
    for fact in others:
        _fact(claims, fact, step, witness)


_OF_A_DELIVERY = (f.Applied, f.Skipped, f.Undelivered)


def _delivered(witness: Witness) -> list[f.Fact]:
    """Tell the deliveries that the witness saw, as facts."""
    facts: list[f.Fact] = []
    for event_id, word, before, after, died in witness.deliveries:
        old, new = before.counts.get(word, 0), after.counts.get(word, 0)
        if died:
            facts.append(f.Undelivered(event_id, word))
        elif old == new:
            dropped = tuple(each for each in before.seen if each not in after.seen)
            facts.append(f.Skipped(event_id, word, new, before.seen.get(event_id), dropped))
        else:
            dropped = tuple(each for each in before.seen if each not in after.seen)
            again, size = event_id in before.seen, len(after.seen)
            where: Literal["pending", "sink", "held"] = "held"
            if len(after.pending) > len(before.pending):
                where = "pending"
            elif len(after.sink) > len(before.sink):
                where = "sink"
            else:
                assert event_id in [each.event_id for each in before.sink]
            facts.append(f.Applied(event_id, word, old, new, again, where, size, dropped))
    return facts


def _kinds(command: c.Command, witness: Witness) -> list[type]:  # noqa: C901, PLR0912 - one case a command
    """Return the kinds of fact that there must be, apart from the deliveries."""
    death, after = witness.death, witness.now
    kinds: list[type] = []
    match command:
        case c.Process(event_id, word):
            assert event_id is not None
            kinds += [f.Reused] if after.log[after.place(event_id)][1] != word else []
        case c.Feed():
            kinds.append(f.Fed)
        case c.Replay():
            kinds.append(f.Replayed)
        case c.Checkpoint():
            kinds += [f.Saved] if death is None else []
        case c.Commit():
            inside = death is not None and death.point is not CrashPoint.AFTER_COMMIT
            kinds += [] if inside else [f.Committed]
        case c.Restore():
            kinds.append(f.Restored)
        case c.Rollback():
            kinds.append(f.RolledBack)
        case c.Restart():
            kinds.append(f.Restarted)
        case c.LoseAck():
            kinds.append(f.AckLost)
        case c.LoseEvent():
            kinds.append(f.EventLost)
        case c.Switch() | c.Guarantee():
            kinds.append(f.Switched)
        case c.Disarm():
            kinds.append(f.Disarmed)
        case c.Crash(point):
            kinds += [f.Armed] if point is not None else []
        case c.Retry():
            pass
        case _:
            assert_never(command)
    return [*kinds, f.Crashed] if death is not None else kinds


def _fact(claims: Claims, fact: f.Fact, step: Step, witness: Witness) -> None:  # noqa: C901, PLR0912, PLR0915 - one case a fact
    before, after, death = witness.before, witness.now, witness.death
    old = before.state
    now = after.state if death is None else death.state
    command = step.command
    said: tuple[object, ...] = fact
    so: tuple[object, ...]
    due, waiting = after.standing
    moved = (before.offset, after.offset)
    match fact:
        case f.Saved(name):
            so = _saved_fact(name, after, witness, replaced=name in before.saved)
        case f.Reused():
            assert isinstance(command, c.Process)
            assert command.event_id is not None
            logged = after.log[after.place(command.event_id)][1]
            so = (command.event_id, command.word, logged)
        case f.Fed():
            said, so = _fed(fact, witness)
        case f.Replayed():
            assert isinstance(command, c.Replay)
            so = (command.offset, len(witness.deliveries))
            assert [each.event_id for each in witness.deliveries] == [
                event_id for event_id, _ in after.log[command.offset :][: len(witness.deliveries)]
            ]
        case f.Restored(name):
            content = before.saved[name]
            dropped = more(content.pending, now.pending)
            sink = {each.event_id for each in now.sink}
            in_sink = sum(isinstance(each, Output) and each.event_id in sink for each in dropped)
            so = (
                *(name, summary(content), summary(now), len(dropped), in_sink),
                *(moved, due, waiting),
            )
        case f.Committed():
            out = now.sink[len(old.sink) :]
            so = (len(out), tuple(out), len(now.sink), len(now.pending))
        case f.RolledBack():
            gone = more(old.pending, now.pending)
            so = (len(old.pending), gone, len(now.pending), moved, due, waiting)
        case f.Crashed():
            so = _crashed(fact, witness)
        case f.Armed():
            assert isinstance(command, c.Crash)
            so = (after.armed, before.armed)
            assert after.armed is command.point
        case f.Disarmed():
            so = (before.armed,)
            assert after.armed is None
        case f.Restarted():
            last = None if witness.durable else next(reversed(after.saved), None)
            so = (moved, due, waiting, last, summary(now) if witness.durable else None, None)
        case f.AckLost():
            assert before.last is not None
            so = (before.log[before.last][0], moved, waiting)
        case f.EventLost():
            so = (*after.log[before.offset], moved, waiting)
        case f.Switched():
            so = (before.mechanisms, after.mechanisms)
        case f.Applied() | f.Skipped() | f.Undelivered() | f.Unsent():
            return  # they are checked beside the deliveries and the words of the feed
        case _:
            assert_never(fact)
    for field, one, other in zip(fact._fields, said, so, strict=True):
        claims.claim(f"{type(fact).__name__}.{field}", one, other, fact)
    _offset(claims, fact, witness)


def _saved_fact(
    name: CheckpointId, copy: Copy, witness: Witness, *, replaced: bool
) -> tuple[object, ...]:
    content = copy.saved[name]
    return (name, summary(content), content.offset, replaced, witness.lengths[name])


def _fed(fact: f.Fed, witness: Witness) -> tuple[tuple[object, ...], tuple[object, ...]]:
    before, after = witness.before, witness.now
    sent = after.log[len(before.log) :]
    last = witness.deliveries[-1].after
    words = {word for _, word in sent}
    counts = {w: (before.state.counts.get(w, 0), last.counts.get(w, 0)) for w in words}
    direct = len(last.sink) > len(before.state.sink)
    so = (
        len(sent),
        sent[0][0],
        sent[-1][0],
        counts,
        "sink" if direct else "pending",
        len(last.seen),
    )
    if fact.counts is None:
        return (*fact[:3], None, "", fact.seen), (*so[:3], None, "", so[-1])
    return fact, so


def _crashed(fact: f.Crashed, witness: Witness) -> tuple[object, ...]:
    before, after, death = witness.before, witness.now, witness.death
    assert death is not None
    checkpoints = tuple(
        f.Saved(*_saved_fact(name, after, witness, replaced=said.replaced))  # type: ignore[arg-type]
        for name, said in zip(after.saved, fact.checkpoints, strict=True)
    )
    acknowledged = None
    if death.point in {CrashPoint.BEFORE_APPLY, CrashPoint.BEFORE_ACK}:
        acknowledged = after.place(witness.deliveries[-1].event_id) < after.offset
    return (
        death.point,
        summary(death.state),
        tuple(
            each._replace(sink=said.sink) if said.sink is None else each
            for each, said in zip(checkpoints, fact.checkpoints, strict=True)
        ),
        len(after.state.sink),
        tuple(event_id for event_id, _ in after.log[:6]),
        len(after.log),
        len(after.state.sink) - len(before.state.sink),
        acknowledged,
        summary(after.state) if witness.durable else None,
        *(fact.cause, fact.unanswered, fact.delivering, fact.owner),
    )


def _offset(claims: Claims, fact: f.Fact, witness: Witness) -> None:
    """Check that the source stands where it should, by the rules of the laboratory."""
    before, after = witness.before, witness.now
    if isinstance(fact, f.RolledBack):
        waited = {each.event_id for each in before.state.pending}
        undone = [place for place, (event_id, _) in enumerate(after.log) if event_id in waited]
        back = min([*undone, before.offset])  # for a right processor, they are the events undone
        kind = "offset after a rollback"
    elif isinstance(fact, f.Restored):
        back, kind = min(before.offset, before.saved[fact.name].offset), "offset after a restore"
    elif isinstance(fact, f.Restarted):
        back, kind = before.offset if witness.durable else 0, "offset after a restart"
    else:
        return
    so = back if before.mechanisms.source_replay else before.offset
    claims.claim(kind, after.offset, so)


# The record.


def check_record(
    claims: Claims, history: History, frames: Sequence[Witness], random: Random
) -> None:
    """Check what the record says of each event, now and right after an earlier step."""
    witness = frames[-1]
    for saved, (name, content) in zip(
        history.lab.checkpoints, witness.now.saved.items(), strict=True
    ):
        said, so = (
            (saved.name, saved.summary, saved.offset),
            (name, summary(content), content.offset),
        )
        claims.claim("lab.checkpoints", said, so)
    ids = _ids(witness)
    for event_id in ids:
        _of_event(claims, history, witness, event_id)
        every = range(1, len(frames) + 1)
        for step in every if len(frames) < 8 else (random.choice(every),):
            then = frames[step - 1]
            said_since = history.record.since(event_id, step)
            _since(claims, "since, earlier", said_since, then, event_id)
            past = history.record.applications(event_id, step)
            applied = _steps(then, event_id)
            claims.claim("applications, earlier", _own(past), applied, (event_id, step))
            if step < len(frames):
                held = history.record.state(event_id, step)
                _held(claims, "held, earlier", held, frames[step], event_id)
    said_undone = {step for step in history.record.undone() if step}
    counted = {(each.event_id, each.step) for each in witness.labels.counted}
    undone = {each.step for each in witness.applied if each[:2] not in counted}
    claims.claim("undone", said_undone, undone)


def _ids(witness: Witness) -> list[EventId]:
    """Return all the ids there are, and one that nobody sent."""
    now = witness.now
    ids: list[EventId] = [event_id for event_id, _ in now.log]
    return list(dict.fromkeys([*ids, *now.state.seen, "nobody"]))


def _own(steps: Iterable[int]) -> tuple[int, ...]:
    """Leave out what was before the first step."""
    return tuple(step for step in steps if step)


def _steps(witness: Witness, event_id: EventId) -> tuple[int, ...]:
    return tuple(each.step for each in witness.applied if each.event_id == event_id)


def _since(claims: Claims, kind: str, said: object, witness: Witness, event_id: EventId) -> None:
    came = witness.since.get(event_id)
    if came is None:
        claims.claim(kind, said, None, (event_id, witness.number))
        return
    first = None if event_id in witness.before_us else witness.firsts.get(event_id)
    did = (
        each
        for each in witness.lives.get(event_id, ())
        if each.step == came[0] > 0 and each.what in {MomentKind.APPLIED, MomentKind.APPLIED_AGAIN}
    )
    claims.claim(kind, said, (*came, next(did, None), first), (event_id, witness.number))


def _held(claims: Claims, kind: str, said: EventState, witness: Witness, event_id: EventId) -> None:
    about = (event_id, witness.number)
    counted, pending = witness.labels.of(event_id)
    seen = event_id in witness.now.state.seen
    claims.claim(f"{kind}: seen", said.seen, seen, about)
    claims.claim(f"{kind}: counted", tuple(sorted(said.counted)), counted, about)
    claims.claim(f"{kind}: pending", tuple(sorted(said.pending)), pending, about)
    claims.claim(f"{kind}: sink", said.sink, _times(witness.now.state.sink, event_id), about)
    for field, one, other in (
        ("fired", said.fired, witness.fired),
        ("shown", said.shown, witness.shown),
    ):
        if one is not None or event_id not in witness.strangers:
            claims.claim(f"{kind}: {field}", one, other[event_id], about)


def _times(outputs: Iterable[Output], event_id: EventId) -> int:
    return sum(each.event_id == event_id for each in outputs)


def _of_event(claims: Claims, history: History, witness: Witness, event_id: EventId) -> None:
    record, now, claim = history.record, witness.now, claims.claim
    _held(claims, "held", record.state(event_id), witness, event_id)
    _since(claims, "since", record.since(event_id), witness, event_id)
    claim("applications", _own(record.applications(event_id)), _steps(witness, event_id), event_id)
    holding = []
    for name, content in now.saved.items():
        counted, pending = witness.kept[name].of(event_id)
        seen = content.seen is not None and event_id in content.seen
        if seen or counted or pending:
            holding.append(name)
        said = record.saved(event_id, name)
        found = (said.seen, tuple(sorted(said.counted)), tuple(sorted(said.pending)))
        claim("what a checkpoint holds", found, (seen, counted, pending), (event_id, name))
    claim("checkpoints with it", record.checkpoints(event_id), tuple(holding), event_id)
    if event_id not in [each for each, _ in now.log]:
        return
    _life(claims, history, witness, event_id, tuple(holding))
    truth = judge(witness, history.lab, event_id)
    unknown = {
        place
        for place, (judgement, _) in judged(history, event_id).items()
        if judgement is Judgement.UNKNOWN and event_id in witness.strangers
    }
    for place, found_there in judged(history, event_id).items():
        if place not in unknown:
            claim(f"judged: {place.name.lower()}", found_there, truth[place], event_id)
    state, out = truth[Place.STATE][0], truth[Place.COMMITTED][0]
    both = {state, out}
    wrong = [each for each in (Judgement.DOUBLED, Judgement.LOST) if each in both]
    claim("verdict", verdict(history, event_id), wrong[0] if wrong else state, event_id)


def _life(
    claims: Claims,
    history: History,
    witness: Witness,
    event_id: EventId,
    holding: tuple[CheckpointId, ...],
) -> None:
    now, claim = witness.now, claims.claim
    life = history.record.trace(history.lab, event_id)
    place = now.place(event_id)
    claim("life: word", (life.event_id, life.word), now.log[place])
    claim("life: due", (life.position, life.due), (place, place >= now.offset))
    counted, pending = witness.labels.of(event_id)
    where = (event_id in now.state.seen, counted, len(pending), _times(now.state.sink, event_id))
    said = life.now
    claim(
        "life: now",
        (said.seen, tuple(sorted(said.counted)), len(said.pending), said.sink, life.checkpoints),
        (*where, holding),
        event_id,
    )
    moments = [each for each in life.moments if each.step and each.what is not MomentKind.FORGOTTEN]
    own = witness.lives.get(event_id, ())
    told = [each for each in own if each.what is not MomentKind.FORGOTTEN]
    claim("life: moments", sorted(moments, key=_key), sorted(told, key=_key), event_id)
    claim("life: order", [each.step for each in life.moments], sorted(e.step for e in life.moments))
    forgotten = {each.step for each in life.moments if each.what is MomentKind.FORGOTTEN}
    steps = {each.step for each in own if each.what is MomentKind.FORGOTTEN}
    steps |= {number for number, each in witness.forgotten if each == event_id}
    claim("life: forgotten", forgotten, steps, event_id)


def _key(moment: Moment) -> tuple[int, str, str]:
    return moment.step, moment.what.name, repr(moment)


# The judgement.


def judge(witness: Witness, lab: Lab, event_id: EventId) -> dict[Place, tuple[Judgement, int]]:
    """Judge an event at each boundary, by counting; whether a restore helps, by trying."""
    now = witness.now
    sink = _times(now.state.sink, event_id)
    times = {
        Place.STATE: len(witness.labels.of(event_id)[0]),
        Place.COMMITTED: sink,
        Place.READER: max(witness.shown[event_id], sink),
        Place.OUTSIDE: witness.fired[event_id],
    }
    comes = now.place(event_id) >= now.offset
    comes |= not now.up and not witness.durable and now.mechanisms.source_replay
    kept = [labels.of(event_id) for labels in witness.kept.values()]
    waits = {
        Place.STATE: any(counted for counted, _ in kept),
        Place.COMMITTED: bool(witness.labels.of(event_id)[1]),
    }
    if any(pending for _, pending in kept) and not (sink or comes):
        waits[Place.COMMITTED] |= any(_pending_after(lab, name, event_id) for name in lab.saved)
    found = {}
    for place, number in times.items():
        if number:
            found[place] = (Judgement.ONCE if number == 1 else Judgement.DOUBLED, number)
        elif comes or waits.get(place):
            found[place] = (Judgement.WAITING, 0)
        else:
            found[place] = (Judgement.LOST, 0)
    return found


def _pending_after(lab: Lab, name: CheckpointId, event_id: EventId) -> bool:
    twin = lab.copy()
    twin.apply(c.Restore(name))
    return event_id in [each.event_id for each in twin.processor.pending]


def check_score(claims: Claims, history: History, witness: Witness) -> None:
    """Check the four boundaries."""
    ids = [event_id for event_id, _ in witness.now.log]
    found = {event_id: judge(witness, history.lab, event_id) for event_id in ids}
    for place, boundary in zip(Place, score(history), strict=True):
        groups = [
            (judgement, len(some), tuple(some[:6]))
            for judgement in (Judgement.DOUBLED, Judgement.LOST, Judgement.WAITING, Judgement.ONCE)
            if (some := [(i, found[i][place][1]) for i in ids if found[i][place][0] is judgement])
        ]
        claims.claim(
            f"score: {place.name.lower()}", (boundary.place, list(boundary.groups)), (place, groups)
        )


# A replay, and what was before.


def check_setback(claims: Claims, history: History, frames: Sequence[Witness]) -> None:
    """Check what a replay says it brought back."""
    witness, step = frames[-1], history.steps[-1]
    replayed = isinstance(step.command, c.Replay) and witness.death is None
    found, setback = compare(history, step), frames[-2].setback
    claims.claim("setback", found is not None, replayed and setback is not None)
    if found is None or setback is None:
        return
    old, now = setback.state, witness.now.state
    differs = tuple(
        part
        for part in State._fields
        if getattr(old, part) != getattr(now, part)
        or list(getattr(old, part)) != list(getattr(now, part))
    )
    claims.claim("setback: how", (found.cause, found.at), (setback.how, setback.step))
    after = [each.command for each in history.steps[setback.step : step.number]]
    recovering = all(isinstance(each, c.Restart | c.Restore | c.Replay) for each in after)
    claims.claim("setback: recovering", found.recovering, recovering, after)
    claims.claim("setback: differs", found.differs, differs, (old, now))
    expected = Counter(old.counts)
    new = [event_id for event_id in now.seen if event_id not in old.seen]
    expected.update(now.seen[event_id] for event_id in new)
    if all(event_id in now.seen for event_id in old.seen):
        explained = len(new) if expected == Counter(now.counts) else None
        claims.claim("setback: explained", found.explained, explained, (old, now))


# Conditions.


def check_conditions(claims: Claims, lab: Lab, witness: Witness, random: Random) -> None:
    """Check some conditions, and every rule."""
    now = witness.now
    state, ids = now.state, _ids(witness)
    places = {
        "seen": list(state.seen),
        "pending": [each.event_id for each in state.pending],
        "sink": [each.event_id for each in state.sink],
    }
    place, event_id = random.choice(list(places)), random.choice(ids)
    if isinstance(event_id, str) or str(event_id) not in [each for each, _ in now.log]:
        times = places[place].count(event_id)
        for text, met in (("", times > 0), (" once", times == 1)):
            line = f"{place} holds {spelled(event_id)}{text}"
            claims.claim("condition: holds", parse(line).check(lab).met, met, line)
    number = random.randint(0, 4)
    words = list(dict.fromkeys([*(word for _, word in now.log), "no word"]))
    word = random.choice(words)
    line = f"count {spelled(word)} == {number}"
    claims.claim(
        "condition: count", parse(line).check(lab).met, state.counts.get(word, 0) == number, line
    )
    line = f"{place} >= {number}"
    claims.claim("condition: size", parse(line).check(lab).met, len(places[place]) >= number, line)
    for power, met in (("up", now.up), ("down", not now.up)):
        claims.claim("condition: power", parse(power).check(lab).met, met, power)
    for name, holds in rules(witness).items():
        for text, met in (("holds", holds is True), ("broken", holds is False)):
            line = f"rule {name} {text}"
            claims.claim(f"condition: {name}", parse(line).check(lab).met, met, line)


def rules(witness: Witness) -> dict[str, bool | None]:
    """Say of each rule whether it holds; None: it is not judged."""
    now = witness.now
    counts, seen, pending, sink = now.state
    out = [each.event_id for each in sink]
    clean: Counter[str] = Counter()
    outputs = []
    for event_id, word in now.log:
        clean[word] += 1
        outputs.append(Output(event_id, word, clean[word]))
    settled = now.offset == len(now.log) and not pending
    same = list(counts.items()) == list(clean.items()) and sink == outputs
    return {
        "sink-once": len(out) == len(set(out)),
        "counts-match": counts == Counter(seen.values()),
        "pending-sound": all(e.event_id in seen and e.event_id not in out for e in pending),
        "same-as-clean": same if now.up and settled else None,
        "commit-whole": len(sink) == witness.commits,
    }


# Hints.


def check_hint(claims: Claims, lab: Lab, command: c.Command | str, fault: Refused) -> None:
    """Check that what a refusal tells to type would be accepted."""
    claims.claim("hint: there", bool(fault.hint), so=True, about=(command, fault.text))
    if not fault.hint.startswith("{") and fault.hint.split()[0] not in COMMANDS:
        return  # a command that only the prompt knows
    again = lab.refusal(read(fault.hint))
    claims.claim(
        "hint", again and (again.text, again.hint), None, (command, fault.text, fault.hint)
    )


# Otherwise.


def check_otherwise(  # noqa: PLR0913, PLR0917 - it carries out sessions of its own
    claims: Claims,
    start: Callable[[], Lab],
    history: History,
    witness: Witness,
    eyes: Eyes,
    event_id: EventId,
) -> None:
    """Carry out the same commands without each mechanism, by hand, and compare."""
    twin = history.lab.copy()
    here = _effect(witness, event_id), _effect(_brought_to_end(twin, witness, eyes), event_id)
    for said, (name, field) in zip(otherwise(history, event_id), SWITCHES.items(), strict=True):
        lab = start()
        lab.processor.switch(lab.processor.mechanisms._replace(**{field: False}))
        other, refused = _without(lab, history.steps, field, eyes)
        now = _effect(other, event_id)
        end = _effect(_brought_to_end(lab, other, eyes), event_id)
        judgement = None
        if event_id in [each for each, _ in other.now.log]:
            judgement = _judged(end)
        differs = any(
            (a.counted, a.pending, a.sink) != (b.counted, b.pending, b.sink)
            for a, b in zip((now, end), here, strict=True)
        )
        same = judgement is not None and judgement is _judged(here[1])
        so = (name, now, end, judgement, differs, same, refused)
        for key, one, two in zip(said._fields, said, so, strict=True):
            claims.claim(f"otherwise: {key}", one, two, (name, event_id))


def _judged(end: Effect) -> Judgement:
    numbers = (end.counted, end.sink)
    if max(numbers) > 1:
        return Judgement.DOUBLED
    return Judgement.LOST if 0 in numbers else Judgement.ONCE


def _effect(witness: Witness, event_id: EventId) -> Effect:
    labels, now = witness.labels.of(event_id), witness.now
    words = dict(now.log)
    word = words.get(event_id)
    count = 0 if word is None else now.state.counts.get(word, 0)
    return Effect(len(labels[0]), count, len(labels[1]), _times(now.state.sink, event_id))


def _do(lab: Lab, witness: Witness, eyes: Eyes, command: c.Command) -> Witness:
    return witnessed(eyes, witness, lab, lambda: lab.step(command))[1]


def _without(lab: Lab, steps: Iterable[Step], field: str, eyes: Eyes) -> tuple[Witness, int]:
    witness, refused = Witness(lab), 0
    for step in steps:
        command = step.command
        new = isinstance(command, c.Feed)
        new |= isinstance(command, c.LoseEvent) and command.word is not None
        new |= (
            isinstance(command, c.Process)
            and not command.raw
            and command.event_id not in [each for each, _ in lab.source.log]
        )
        if new:
            witness = _deliver(lab, witness, eyes)
        try:
            witness = _do(lab, witness, eyes, command)
        except Refused:
            refused += 1
        if getattr(lab.processor.mechanisms, field):
            witness = _do(lab, witness, eyes, c.Switch(field, on=False))
    return witness, refused


def _deliver(lab: Lab, witness: Witness, eyes: Eyes) -> Witness:
    """Have the source send what is due, one after the other."""
    while lab.up and witness.now.standing[0] is not None:
        witness = _do(lab, witness, eyes, c.Retry(witness.now.standing[0]))
    return witness


def _brought_to_end(lab: Lab, witness: Witness, eyes: Eyes) -> Witness:
    """Up (from the last checkpoint, if there is one), send what is due, commit."""
    if not lab.up:
        witness = _do(lab, witness, eyes, c.Restore() if witness.now.saved else c.Restart())
    witness = _do(lab, witness, eyes, c.Disarm())
    return _do(lab, _deliver(lab, witness, eyes), eyes, c.Commit())
