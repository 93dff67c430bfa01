"""What the views say, taken as data before it is words, beside what the witness saw.

Everything here takes the witness (`tests/witness.py`) for the truth, as
`tests/core/lab/claims.py` does one layer below.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from random import Random

from core.lab import commands as c
from core.lab.changes import Picture, difference, picture
from core.lab.history import History
from core.lab.judge import clean
from core.mechanisms import EXACTLY_ONCE, SWITCHES, Mechanisms
from core.outputs import EventId, Output
from repl.export.html import data
from repl.render import changes, machine, tables, wording
from repl.render import lane_steps as lanes
from repl.render.report_view import ReportView
from repl.render.table_view import TableView
from tests.core.lab.claims import Claims, more, summary
from tests.repl.export.played import Played
from tests.witness import Content, Copy, State, Witness


def spelled(value: EventId) -> str:
    """Return an id, a word or a name as one reads it."""
    if isinstance(value, int):
        return f"int:{value}"
    return f"'{value}'" if " " in value else value


def _in_order(content: Content) -> tuple[object, ...]:
    seen = None if content.seen is None else list(content.seen.items())
    return list(content.counts.items()), seen, content.pending, content.offset


# The timeline.


def check_beats(claims: Claims, history: History, frames: Sequence[Witness]) -> None:
    """Check what stands in the lanes for each step."""
    lane_steps = lanes.lane_steps(history)
    claims.claim("lane_steps", len(lane_steps), len(frames) - 1)
    for each, step, (before, now) in zip(lane_steps, history.steps, pairwise(frames), strict=True):
        about = (each, c.typed(step.command))
        source, processor, disk, sink = each.cells
        claims.claim("lane step: number", each.number, now.number, about)
        claims.claim("lane step: up", each.up, now.now.up, about)
        claims.claim("lane step: crash", each.crash, now.death is not None, about)
        claims.claim("lane step: lost", each.lost, _lost(now.number, frames[-1]), about)
        claims.claim("lane step: repeats", each.repeats, _repeats(before, now), about)
        claims.claim("lane step: source", source, _sent(step.command, now), about)
        what = {c.Feed: " (feed)", c.Rollback: " (rollback)"}.get(type(step.command), "")
        did = _did(step.command, before, now)
        claims.claim(f"lane step: processor{what}", processor in did, so=True, about=(did, about))
        claims.claim("lane step: disk", disk, _stored(step.command, now), about)
        out = len(now.now.state.sink) - len(now.before.state.sink)
        claims.claim("lane step: sink", sink, f"+{out}" if out else "", about)
    _check_folded(claims, lane_steps)


def _check_folded(claims: Claims, lane_steps: Sequence[lanes.LaneStep]) -> None:
    folded = lanes.folded(lane_steps)
    numbers = [
        number for each in folded for number in range(each.number, (each.last or each.number) + 1)
    ]
    claims.claim("folded: steps", numbers, [each.number for each in lane_steps])
    again = {number for each in lane_steps for number in each.repeats}
    for each in folded:
        if each.last:
            run = lane_steps[each.number - 1 : each.last]
            ends = f"{run[0].cells[0]}..{run[-1].cells[0]}"
            claims.claim("folded: cells", each.cells, (ends, f"+{len(run)}", "", ""))
            for inner in run:
                plain = (inner.cells[0], f"+{inner.cells[0]}", "", "")
                quiet = inner.up and not (inner.lost or inner.crash or inner.repeats)
                claims.claim("folded: quiet", (inner.cells, quiet), (plain, True), inner)
                claims.claim("folded: not sent again", inner.number in again, so=False, about=inner)


def _lost(number: int, last: Witness) -> bool:
    return any(each.step == number and each not in last.labels.counted for each in last.applied)


def _repeats(before: Witness, now: Witness) -> tuple[int, ...]:
    found = set()
    for delivery in now.deliveries:
        steps = [each.step for each in before.applied if each.event_id == delivery.event_id]
        if steps and not delivery.died:
            found.add(steps[-1])
    return tuple(sorted(found))


def _sent(command: c.Command, now: Witness) -> str:
    if isinstance(command, c.LoseAck):
        return "no ack"
    if isinstance(command, c.LoseEvent):
        return f"lost {spelled(now.now.log[now.before.offset][0])}"
    if now.deliveries:
        first, last = (spelled(now.deliveries[place].event_id) for place in (0, -1))
        return first if len(now.deliveries) == 1 else f"{first}..{last}"
    moved = now.now.offset
    return f"◄ {moved}" if moved < now.before.offset else ""


def _did(command: c.Command, before: Witness, now: Witness) -> tuple[str, ...]:  # noqa: PLR0911 - one a kind
    """Return what may be said of the processor."""
    if now.death is not None:
        return ("CRASH",)
    if isinstance(command, c.Rollback):
        old, new = now.before.state, now.now.state
        gone = len(set(before.labels.counted) - set(now.labels.counted))
        out = len(more(old.pending, new.pending))
        if not gone and out:
            return (f"discard {out}",)
        return (f"−{gone}" if gone else "nothing" if old == new else "back",)
    said = {c.Restore: "back", c.Restart: "back" if now.durable else "empty"}
    switched = "switched" if now.before.mechanisms != now.now.mechanisms else ""
    said |= {c.Switch: switched, c.Guarantee: switched}
    said[c.Disarm] = "" if now.before.armed is None else "disarmed"
    said[c.Crash] = "armed"
    if type(command) in said:
        return (said[type(command)],)
    if not now.deliveries:
        return ("",)
    did = [
        (each, each.before.counts.get(each.word, 0) < each.after.counts.get(each.word, 0))
        for each in now.deliveries
    ]
    applied = sum(risen for _, risen in did)
    skipped = len(did) - applied
    if len(did) == 1:
        delivery, risen = did[0]
        again = delivery.event_id in delivery.before.seen
        one = f"{'again ' if again else '+'}{spelled(delivery.event_id)}" if risen else "skip"
        return (one, "+1") if risen and isinstance(command, c.Feed) else (one,)
    if not skipped:
        return (f"+{applied}",)
    return (f"+{applied} skip {skipped}" if applied else f"skip {skipped}",)


def _stored(command: c.Command, now: Witness) -> str:
    if now.death is not None:
        return f"{len(now.now.state.seen)} seen" if now.durable else ""
    match command:
        case c.Checkpoint(name):
            assert name is not None
            sign, content = "▼", now.now.saved[name]
        case c.Restore(name):
            assert name is not None
            sign, content = "▲", now.before.saved[name]
        case c.Restart():
            return f"▲ {len(now.now.state.seen)} seen" if now.durable else ""
        case _:
            return ""
    return f"{sign} {spelled(name)}{' −seen' if content.seen is None else ''}"


# Differences.


def check_diff(claims: Claims, history: History, frames: Sequence[Witness], random: Random) -> None:
    """Check what differs between two moments, and between now and a clean run."""
    one, other = sorted(random.randrange(len(frames)) for _ in range(2))
    before, after = frames[one].now, frames[other].now
    first, second = (picture(history.at(each)) for each in (one, other))
    check_difference(claims, first, second, before, after)
    view = changes.between(first, second, ("one", "other"))
    assert isinstance(view, ReportView)
    unchanged = view.report.verdict == "UNCHANGED"
    same = _comparable(before) == _comparable(after)
    claims.claim("diff: UNCHANGED", unchanged, same, (one, other, before, after))
    told = {row.label for row in view.report.rows if row.text == "the same, in another order"}
    claims.claim("diff: in another order", told, _moved(before.state, after.state), view)
    _check_beside(claims, history, frames[-1].now)


def _moved(old: State, new: State) -> set[str]:
    """Return the parts that hold the same in another order."""
    parts = {
        "counts": (old.counts == new.counts, list(old.counts), list(new.counts)),
        "seen": (
            old.seen == new.seen,
            list(old.seen.items()),
            list(new.seen.items()),
        ),
        "pending": (Counter(old.pending) == Counter(new.pending), old.pending, new.pending),
    }
    return {part for part, (same, then, now) in parts.items() if same and then != now}


def _comparable(copy: Copy) -> tuple[object, ...]:
    """Return all that a comparison may be about, contents and order."""
    state = copy.state
    saved = {name: _in_order(content) for name, content in copy.saved.items()}
    parts = (list(state.counts.items()), list(state.seen.items()), state.pending, state.sink)
    single = (copy.offset, copy.up, copy.mechanisms, copy.armed)
    return (*parts, saved, list(saved), copy.log, *single)


def check_difference(
    claims: Claims, first: Picture, second: Picture, before: Copy, after: Copy
) -> None:
    """Check what has to change for one copy to become the other."""
    said = difference(first, second)
    old, new = before.state, after.state
    pairs = {w: (old.counts.get(w, 0), new.counts.get(w, 0)) for w in {*old.counts, *new.counts}}
    both = [name for name in before.saved if name in after.saved]
    kinds: dict[str, tuple[object, object]] = {
        "counts": (said.counts, {w: pair for w, pair in pairs.items() if pair[0] != pair[1]}),
        "seen added": (said.seen_added, more(new.seen, old.seen)),
        "seen removed": (said.seen_removed, more(old.seen, new.seen)),
        "pending added": (said.pending_added, more(new.pending, old.pending)),
        "pending removed": (said.pending_removed, more(old.pending, new.pending)),
        "sink added": (said.sink_added, more(new.sink, old.sink)),
        "sink removed": (said.sink_removed, more(old.sink, new.sink)),
        "checkpoints added": (said.checkpoints_added, more(after.saved, before.saved)),
        "checkpoints changed": (
            list(said.checkpoints_changed),
            [n for n in both if _in_order(before.saved[n]) != _in_order(after.saved[n])],
        ),
        "sent": (list(said.sent), after.log[len(before.log) :]),
        "offset": (said.offset, (before.offset, after.offset)),
        "up": (said.up, (before.up, after.up)),
        "mechanisms": (said.mechanisms, (before.mechanisms, after.mechanisms)),
        "armed": (said.armed, (before.armed, after.armed)),
    }
    for kind, (told, so) in kinds.items():
        claims.claim(f"diff: {kind}", told, so, (before, after))


def clean_run(copy: Copy) -> tuple[dict[str, int], list[Output]]:
    """Count the log, and make its outputs."""
    counts: dict[str, int] = {}
    made = []
    for event_id, word in copy.log:
        counts[word] = counts.get(word, 0) + 1
        made.append(Output(event_id, word, counts[word]))
    return counts, made


def _line(copy: Copy) -> int:
    """Return how far into the log the sink has come."""
    out = {each.event_id for each in copy.state.sink}
    return max((place for place, (i, _) in enumerate(copy.log, 1) if i in out), default=0)


def _check_beside(claims: Claims, history: History, now: Copy) -> None:
    counts, made = clean_run(now)
    line = _line(now)
    there = clean(history.lab)
    claims.claim("clean: counts", list(there.counts.items()), list(counts.items()))
    claims.claim("clean: seen", list(there.seen.items()), now.log)
    claims.claim("clean: outputs", (there.sink, there.pending), (made[:line], made[line:]))
    view = changes.against_clean(picture(history.lab), there)
    assert isinstance(view, TableView)
    state = now.state
    alike = {
        "counts": list(state.counts.items()) == list(counts.items()),
        "seen": list(state.seen.items()) == now.log,
        "pending": state.pending == made[line:],
        "sink": state.sink == made[:line],
    }
    claims.claim("clean: SAME", view.title.startswith("SAME"), all(alike.values()), (now, view))
    told: dict[str, list[tuple[str, ...]]] = {part: [] for part in (*alike, "offset")}
    for cells in view.rows:
        told[cells[0].partition(" ")[0]].append(cells)
    for part, same in alike.items():
        said = all(cells[3] == "same" for cells in told[part])
        claims.claim(f"clean: {part} same", said, same, (now, told[part]))
    sizes = {"seen": "id", "pending": "output", "sink": "output"}
    lengths = {"seen": len(now.log), "pending": len(made) - line, "sink": line}
    for part, noun in sizes.items():
        (cells,) = told[part]
        here = len(getattr(state, part))
        so = wording.number(here, noun), wording.number(lengths[part], noun)
        claims.claim(f"clean: {part} sizes", cells[1:3], so)
    claims.claim("clean: offset", told["offset"][0][1:3], (str(now.offset), str(len(now.log))))


# The tables, and the machine.


def check_tables(claims: Claims, history: History, witness: Witness) -> None:
    """Check every listing, and what the machine shows."""
    now, state = witness.now, witness.now.state
    wanted: dict[str, list[tuple[str, ...]]] = {
        "counts": [
            (str(place), spelled(word), str(count))
            for place, (word, count) in enumerate(state.counts.items(), 1)
        ],
        "pending": _output_cells(state.pending),
        "sink": _output_cells(state.sink),
        "source": [
            (str(place), spelled(each), spelled(word), _standing(place, now.offset))
            for place, (each, word) in enumerate(now.log, 1)
        ],
        "checkpoints": [
            (
                spelled(name),
                wording.counts(content.counts.items(), len(content.counts)),
                "not saved" if content.seen is None else str(len(content.seen)),
                str(len(content.pending)),
                str(content.offset),
            )
            for name, content in now.saved.items()
        ],
        "seen": [
            (str(place), spelled(each), spelled(word))
            for place, (each, word) in enumerate(state.seen.items(), 1)
        ],
    }
    for what, rows in wanted.items():
        view = tables.table(history, what, (1, 200))
        assert isinstance(view, TableView)
        said = [cells[:3] for cells in view.rows] if what == "seen" else list(view.rows)
        claims.claim(f"table: {what}", said, rows)
        whole = tables.table(history, what)
        assert isinstance(whole, TableView)
        head = whole.title.split()[1]
        claims.claim(f"table: {what} total", int(head), len(rows), whole.title)
        if what == "seen":
            told = [cells[3] for cells in view.rows]
            claims.claim("table: since", told, [_since(witness, each) for each in state.seen])
    _check_machine(claims, history, witness)


def _output_cells(outputs: Iterable[Output]) -> list[tuple[str, ...]]:
    return [
        (str(place), spelled(each.event_id), spelled(each.word), str(each.count))
        for place, each in enumerate(outputs, 1)
    ]


def _standing(place: int, offset: int) -> str:
    if place <= offset:
        return "acknowledged"
    return "due" if place == offset + 1 else "waits"


def _since(witness: Witness, event_id: EventId) -> str:
    came = witness.since[event_id]
    when = f"step {came.step}" if came.step else "before this session"
    if came.restored is None:
        return when
    first = None if event_id in witness.strangers else witness.firsts.get(event_id)
    told = "before this session" if first is None else f"in step {first.step}"
    return f"{when}: restore of {spelled(came.restored)} brought it back (first applied {told})"


def _check_machine(claims: Claims, history: History, witness: Witness) -> None:
    view = machine.show(history.lab)
    assert isinstance(view, machine.Machine)
    now, shown = witness.now, view.shown
    state = now.state
    down = witness.durable and not now.up
    kept = wording.state(summary(state)) if down else ""
    names = [*now.saved][::-1]
    saved = [
        f"{spelled(name)} ({wording.summary(summary(content), ', ')}, offset {content.offset})"
        for name, content in [*now.saved.items()][:-4:-1]
    ]
    older = len(now.saved) - 3
    due = now.standing[0]
    so: dict[str, object] = {
        "up": now.up,
        "mechanisms": now.mechanisms,
        "armed": now.armed,
        "log": len(now.log),
        "offset": now.offset,
        "due": None if due is None else spelled(due),
        "seen": () if down else tuple(map(spelled, [*state.seen][:12])),
        "seen_total": 0 if down else len(state.seen),
        "counts": ()
        if down
        else tuple(f"{spelled(word)} {count}" for word, count in [*state.counts.items()][:12]),
        "words": 0 if down else len(state.counts),
        "pending": () if down else tuple(state.pending[:12]),
        "pending_total": 0 if down else len(state.pending),
        "sink": tuple(state.sink[-12:]),
        "sink_total": len(state.sink),
        "checkpoints": tuple(map(spelled, names[:12])) + (("…",) if len(names) > 12 else ()),
        "saved": (*saved, *((f"{older} older",) if older > 0 else ())),
        "kept": kept,
    }
    for field, wanted in so.items():
        claims.claim(f"machine: {field}", getattr(shown, field), wanted, shown)


# The player.


def check_player(
    claims: Claims, history: History, frames: Sequence[Witness], *, right: bool
) -> None:
    """Check the state that the player comes to after each step, and what it says of it."""
    tape = data(history)
    texts = tape["names"]
    played = Played(tape["start"])
    _check_played(claims, played, texts, frames[0])
    claims.claim("player: steps", len(tape["steps"]), len(frames) - 1)
    places = [0] if _broken(frames[0].now.mechanisms) or not right else []
    places += [
        now.number
        for step, now in zip(history.steps, frames[1:], strict=True)
        if _faulty(step.command, now)
    ]
    claims.claim("player: fault", tape["fault"], places[0] if places else None)
    for told, step, now in zip(tape["steps"], history.steps, frames[1:], strict=True):
        about = (now.number, c.typed(step.command))
        played.apply(told["change"])
        _check_played(claims, played, texts, now)
        claims.claim("player: lost", told["lost"], _lost(now.number, frames[-1]), about)
        claims.claim("player: number", told["number"], now.number)
        ids = list(dict.fromkeys(spelled(each.event_id) for each in now.deliveries))
        if isinstance(step.command, c.LoseAck):
            assert now.before.last is not None
            ids = [spelled(now.before.log[now.before.last][0])]
        elif isinstance(step.command, c.LoseEvent):
            ids = [spelled(now.now.log[now.before.offset][0])]
        said = [texts[place] for place in told["ids"]]
        if said or not isinstance(step.command, c.Feed):
            claims.claim("player: ids", said, ids, about)
        _check_changed(claims, told["changed"], now, about, step.command)


def _broken(mechanisms: Mechanisms) -> bool:
    return mechanisms != EXACTLY_ONCE


def _faulty(command: c.Command, now: Witness) -> bool:
    """Whether a run without a fault would not have this step."""
    if isinstance(command, c.Process):
        assert command.event_id is not None
        reused = now.now.log[now.now.place(command.event_id)][1] != command.word
    else:
        reused = False
    kinds = c.LoseAck | c.LoseEvent | c.Restore | c.Restart | c.Rollback
    switched = now.before.mechanisms != now.now.mechanisms
    return now.death is not None or isinstance(command, kinds) or reused or switched


def _check_played(claims: Claims, played: Played, texts: Sequence[str], then: Witness) -> None:
    now = then.now
    state = now.state  # of a store that is down, what the disk has
    off = [switch for switch, field in SWITCHES.items() if not getattr(now.mechanisms, field)]
    single = {"up": now.up, "offset": now.offset, "armed": str(now.armed or ""), "off": off}
    claims.claim("player: single", played.single, single)
    log = [[texts[each], texts[word]] for each, word in played.lists["log"]]
    claims.claim("player: log", log, [[spelled(each), spelled(word)] for each, word in now.log])
    seen = [texts[each] for each in played.lists["seen"]]
    claims.claim("player: seen", seen, list(map(spelled, state.seen)))
    for part, outputs in (("pending", state.pending), ("sink", state.sink)):
        said = [(texts[i], texts[word], count) for i, word, count in played.lists[part]]
        claims.claim(f"player: {part}", said, _spelled(outputs))
    counts = [(texts[word], count) for word, count in played.counts.items()]
    claims.claim("player: counts", counts, _counted(state.counts))
    saved = [(texts[name], held) for name, held in played.saved.items()]
    claims.claim(
        "player: checkpoints",
        saved,
        [
            (spelled(name), f"{wording.summary(summary(held), ', ')}, offset {held.offset}")
            for name, held in now.saved.items()
        ],
    )
    clean_counts, made = clean_run(now)
    there = [(texts[word], count) for word, count in played.clean[0].items()]
    claims.claim("player: clean counts", there, _counted(clean_counts))
    outs = [(texts[each[0]], texts[each[1]], each[2]) for each in played.clean[1]]
    claims.claim("player: clean outputs", outs, _spelled(made))
    claims.claim("player: clean line", played.line, _line(now))


def _spelled(outputs: Iterable[Output]) -> list[tuple[str, str, int]]:
    return [(spelled(each.event_id), spelled(each.word), each.count) for each in outputs]


def _counted(counts: dict[str, int]) -> list[tuple[str, int]]:
    return [(spelled(word), count) for word, count in counts.items()]


def _check_changed(
    claims: Claims, said: list[list[str]], now: Witness, about: object, command: c.Command
) -> None:
    """Check the rows that say what changed: each is so, and none is missing."""
    old, new = now.before.state, now.now.state
    summed = " (feed)" if isinstance(command, c.Feed) else ""
    rows: dict[tuple[str, str], list[str]] = {}
    label = ""
    for row in said:
        label = row[0] or label
        rows.setdefault((label, row[1]), []).append(row[2])
    pairs = {w: (old.counts.get(w, 0), new.counts.get(w, 0)) for w in (*old.counts, *new.counts)}
    rises = [
        f"{spelled(w)} {before} → {after}"
        for w, (before, after) in pairs.items()
        if before != after
    ]
    told = [each for text in rows.pop(("counts", ""), []) for each in text.split(" · ")]
    _some(claims, "counts", told, rises, about)
    for sign, ids in (("+", more(new.seen, old.seen)), ("−", more(old.seen, new.seen))):
        texts = rows.pop(("seen", sign), [])
        named = [spelled(each) for each in ids if isinstance(each, str | int)]
        ends = f"{named[0]} to {named[-1]}" if len(named) > 1 else "".join(named)
        if texts == [ends]:
            claims.claim("player changed: seen", texts, [ends])
        else:
            _some(claims, f"seen{summed}", _words(" ".join(texts)), named, about)
    for part in ("pending", "sink"):
        was, there = getattr(old, part), getattr(new, part)
        for sign, outputs in (("+", more(there, was)), ("−", more(was, there))):
            texts = rows.pop((part, sign), [])
            triples = [f"({i}, {word}, {n})" for i, word, n in _spelled(outputs)]  # type: ignore[arg-type]
            if texts == [wording.number(len(triples), "output")]:
                claims.claim("player changed: outputs", bool(triples), so=True, about=about)
            else:
                _some(claims, f"{part}{summed}", texts, triples, about)
    added = [spelled(each) for each in now.now.saved if each not in now.before.saved]
    _some(claims, "saved", _words("".join(rows.pop(("saved", "+"), []))), added, about)
    moved = (now.before.offset, now.now.offset)
    so = [f"offset {moved[0]} → {moved[1]}"] if moved[0] != moved[1] else []
    claims.claim("player changed: source", rows.pop(("source", ""), []), so, about)
    powers = {(True, False): ["UP → DOWN"], (False, True): ["DOWN → UP"]}
    power = powers.get((now.before.up, now.now.up), [])
    claims.claim("player changed: power", rows.pop(("power", ""), []), power, about)
    sent = [spelled(event_id) for event_id, _ in now.now.log[len(now.before.log) :]]
    _some(claims, "sent", _words(" ".join(rows.pop(("sent", "+"), []))), sent, about)
    _check_saved(claims, rows.pop(("saved", ""), []), now, command)
    off = [
        f"{switch} {'on' if getattr(now.now.mechanisms, field) else 'off'}"
        for switch, field in SWITCHES.items()
        if getattr(now.now.mechanisms, field) != getattr(now.before.mechanisms, field)
    ]
    switched = [" · ".join(off)] if off else []
    claims.claim("player changed: switched", rows.pop(("switched", ""), []), switched, about)
    waits = "no crash waits" if now.now.armed is None else f"a crash waits at {now.now.armed}"
    armed = [waits] if now.before.armed is not now.now.armed else []
    claims.claim("player changed: armed", rows.pop(("armed", ""), []), armed, about)
    claims.claim("player changed: nothing else", rows, {}, about)


_TOLD = 4
"""Checkpoints that hold another state, of which each is told; of more, how many there are."""


def _check_saved(claims: Claims, texts: list[str], now: Witness, command: c.Command) -> None:
    """Check what is said of checkpoints that were there before."""
    old, new = now.before.saved, now.now.saved
    replaced = (
        [command.name]
        if isinstance(command, c.Checkpoint) and now.death is None and command.name in old
        else []
    )
    other = [
        name
        for name, content in new.items()
        if name in old and name not in replaced and _in_order(old[name]) != _in_order(content)
    ]
    held = {
        name: f"{wording.summary(summary(content), ', ')}, offset {content.offset}"
        for name, content in new.items()
    }
    so = [f"{spelled(name)} anew: {held[name]}" for name in replaced if name is not None]
    so += [f"{spelled(name)} holds another state: {held[name]}" for name in other[:_TOLD]]
    so += [f"{len(other) - _TOLD} more hold another state"] if len(other) > _TOLD else []
    claims.claim("player changed: saved over", texts, so, command)


def _words(text: str) -> list[str]:
    """Take names that stand side by side apart; one in quotes is one."""
    found: list[str] = []
    for each in text.split(" "):
        if found and found[-1].startswith("'") and not found[-1].endswith("'"):
            found[-1] += f" {each}"
        elif each:
            found.append(each)
    return found


def _some(claims: Claims, kind: str, told: list[str], so: list[str], about: object) -> None:
    """Check a list of which the first are told, and how many there are in all or left."""
    kind = f"player changed: {kind}"
    text = " ".join(told)
    first = [each for each in told if each in so]
    if len(so) <= 4:
        claims.claim(kind, sorted(told), sorted(so), about)
        return
    claims.claim(kind, bool(first), so=True, about=(told, so, about))
    claims.claim(kind, first, so[: len(first)], about)
    more = f"{len(so)} in all" in text or f"{len(so) - len(first)} more" in text
    claims.claim(kind, more or len(first) == len(so), so=True, about=(told, so, about))
