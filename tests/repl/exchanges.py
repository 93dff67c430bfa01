"""What goes over the wire, and what a sweep finds, beside what a node and a witness say."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

from core.errors import Refused
from core.lab import commands as c
from core.lab.lab import Lab
from core.node import Node
from core.search.sweep import FaultCase, Own, sweep
from repl.session import Session
from tests.core.lab.claims import Claims, rules
from tests.core.lab.test_truth import Dice
from tests.repl.claims import clean_run
from tests.witness import Eyes, Witness, witnessed

_CRASH_FREE = (
    *(c.Process, c.Retry, c.Feed, c.Replay),
    *(c.Checkpoint, c.Restore, c.Commit, c.Rollback),
)


def check_wire(claims: Claims, random: Random, length: int, *, crash_free: bool) -> None:
    """Check the requests and replies of a random session."""
    session, dice = Session(), Dice(random)
    session.run("wire on")
    made: list[str] = []
    for _ in range(length):
        command = dice.command(session.lab)
        line = c.typed(command)
        if line.startswith("{") or (crash_free and not isinstance(command, _CRASH_FREE)):
            line = random.choice(("undo", "redo")) if not crash_free else "process a"
        try:
            made += session.run(line).wire
        except Refused:
            continue
    read = [json.loads(line) for line in made]
    numbers = [each["msg_id"] for each in read if "msg_id" in each]
    claims.claim("wire: numbers", numbers, list(range(1, len(numbers) + 1)))
    last = 0
    for each in read:
        last = each.get("msg_id", last)
        claims.claim("wire: reply to", each.get("in_reply_to", last), last)
    if crash_free:
        node = Node()
        replies = [line for line, each in zip(made, read, strict=True) if "msg_id" not in each]
        asked = [line for line, each in zip(made, read, strict=True) if "msg_id" in each]
        claims.claim("wire: a reply each", len(replies), len(asked))
        for request, reply in zip(asked, replies, strict=True):
            claims.claim("wire: what a node says", reply, node.answer(request), request)
        claims.claim("wire: counts of a node", session.lab.state.counts, node.processor.counts)


# A sweep.


def check_sweep(
    claims: Claims, start: Callable[[], Lab], random: Random, eyes: Eyes, *, right: bool
) -> None:
    """Check what a sweep of a small session finds, by carrying out each of its schedules."""
    commands = _small(start(), random)
    swept = sweep(commands, start)
    cases = swept.cases
    claims.claim("sweep: complete", swept.complete, so=True)
    own: Counter[Own] = Counter()
    _carried_out(claims, start, commands, eyes, own)
    for case in cases:
        last = _carried_out(claims, start, case.schedule, eyes)
        claims.claim("sweep: at rest", _at_rest(last), so=True, about=case)
        if not _at_rest(last):
            return
        _case(claims, case, last, right=right)
    claims.claim("sweep: own", swept.own, dict(own), commands)
    claims.claim("sweep: faults", sum(case.fault is None for case in cases), 1)
    totals = Counter(case.outcome for case in cases)
    claims.claim("sweep: totals", +Counter(swept.totals), totals)
    ranks = ("ok", "broken", "lost", "doubled")
    worst = max((case.outcome for case in cases), key=ranks.index)
    claims.claim(
        "sweep: worst", swept.worst and swept.worst.outcome, None if worst == "ok" else worst
    )
    claims.claim("sweep: witness", swept.witness is None, worst == "ok")
    if swept.witness is not None:
        schedule = swept.witness.commands
        last = _carried_out(claims, start, schedule, eyes)
        claims.claim("sweep: witness at rest", _at_rest(last), so=True, about=schedule)
        raw = any(isinstance(each, c.Process) and each.raw for each in commands)
        claims.claim("sweep: witness outcome", _outcome(last, raw=raw), worst, schedule)


def _small(lab: Lab, random: Random) -> list[c.Command]:
    """Make up a session of a few commands that are accepted."""
    dice, commands = Dice(random), list[c.Command]()
    for _ in range(random.choice((3, 5, 7))):
        command = dice.command(lab)
        if isinstance(command, c.Feed) and len(command.words) > 2:
            command = c.Feed(command.words[:2])
        if lab.refusal(command) is None:
            commands.append(command)
            lab.step(command)
    return commands


def _carried_out(
    claims: Claims,
    start: Callable[[], Lab],
    schedule: Sequence[c.Command],
    eyes: Eyes,
    own: Counter[Own] | None = None,
) -> Witness:
    """Carry out a schedule under the eyes of a witness; count the faults of its own."""
    lab = start()
    witness = Witness(lab)
    for command in schedule:
        try:
            _, witness = witnessed(eyes, witness, lab, lambda step=command: lab.step(step))  # type: ignore[misc]
        except Refused as fault:
            claims.claim("sweep: accepted", (command, fault.text), None, schedule)
        if own is not None:
            own.update(_own(command, witness))
    return witness


def _own(command: c.Command, witness: Witness) -> list[Own]:
    found: list[Own] = []
    before = witness.before
    for delivery in witness.deliveries:
        logged = delivery.event_id in [each for each, _ in before.log]
        if logged and not delivery.died and before.place(delivery.event_id) < before.offset:
            found.append("repeated delivery")
    if witness.death is not None:
        found.append("crash")
    if isinstance(command, c.LoseAck):
        found.append("lost ack")
    if isinstance(command, c.LoseEvent):
        found.append("lost event")
    if isinstance(command, c.Restore) and before.up:
        found.append("restore")
    return found


def _at_rest(last: Witness) -> bool:
    now = last.now
    return now.up and now.offset == len(now.log) and not now.state.pending


def _out(last: Witness) -> Counter[object]:
    return Counter(each.event_id for each in last.now.state.sink)


def _counted(last: Witness) -> Counter[object]:
    return Counter(each.event_id for each in last.labels.counted)


def _wrong(last: Witness) -> dict[str, tuple[int, int]]:
    expected, counts = clean_run(last.now)[0], last.now.state.counts
    pairs = {w: (counts.get(w, 0), expected.get(w, 0)) for w in {*expected, *counts}}
    return {word: pair for word, pair in pairs.items() if pair[0] != pair[1]}


def _broken(last: Witness, *, raw: bool) -> set[str]:
    held = rules(last)
    return {
        name for name, so in held.items() if so is False and not (raw and name == "same-as-clean")
    }


def _outcome(last: Witness, *, raw: bool) -> str:
    ids = [each for each, _ in last.now.log]
    out, counted = _out(last), _counted(last)
    times = [number[each] for each in ids for number in (out, counted)]
    if any(number > 1 for number in times):
        return "doubled"
    if 0 in times:
        return "lost"
    return "broken" if _broken(last, raw=raw) or _wrong(last) else "ok"


def _case(claims: Claims, case: FaultCase, last: Witness, *, right: bool) -> None:
    ids = [each for each, _ in last.now.log]
    out, counted = _out(last), _counted(last)
    raw = any(isinstance(each, c.Process) and each.raw for each in case.schedule)
    about = (list(map(c.typed, case.schedule)), case)
    claim = claims.claim
    claim("sweep: lost", list(case.lost), [i for i in ids if not out[i]], about)
    claim("sweep: doubled", list(case.doubled), [i for i in ids if out[i] > 1], about)
    claim("sweep: counts", case.counts, _wrong(last), about)
    claim("sweep: rules", set(case.rules), _broken(last, raw=raw), about)
    never, often = [i for i in ids if not counted[i]], [i for i in ids if counted[i] > 1]
    said = list(case.uncounted), list(case.recounted)
    whose = "" if right else " of a wrong one"
    if right or any(said):  # of a wrong one it need not be known
        claim(f"sweep: uncounted{whose}", said[0], never, about)
        claim(f"sweep: recounted{whose}", said[1], often, about)
        claim(f"sweep: outcome{whose}", case.outcome, _outcome(last, raw=raw), about)
