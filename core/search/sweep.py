"""Put a fault at every place of one's own session, recover, and see what became of it.

The faults: a crash between any two commands, a crash at every crash point a command
reaches, and a lost ack after every delivery. The recovery is the usual one: restore the
checkpoint saved last, or else restart; replay; then the rest of the session; and at its
end what is due is replayed and what is pending committed. The outcome is compared with a
clean run of the same log.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

from core.errors import Refused
from core.lab import commands as c
from core.lab.facts import Crashed
from core.lab.faults import CrashPoint
from core.lab.lab import Lab, Watch
from core.outputs import EventId
from core.search.properties import RULES, Rule, broken, clean
from core.search.shrink import shrink

Outcome = Literal["ok", "lost", "doubled", "broken"]
"""What became of a session: `broken` where nothing is lost or doubled and a rule does not
hold all the same."""


class Case(NamedTuple):
    """One fault and what came of it.

    The fault comes after `after` commands of the session; where `fault` names a crash
    point, the next command met it. `lost` and `doubled` are the ids whose output is in the
    sink never, or more than once; `counts` is word → (count, count of a clean run) where
    they differ. `schedule` is all that was carried out, fault and recovery included.
    """

    after: int
    fault: c.Command | None
    outcome: Outcome
    lost: tuple[EventId, ...]
    doubled: tuple[EventId, ...]
    counts: dict[str, tuple[int, int]]
    rules: dict[str, str]
    schedule: tuple[c.Command, ...]


class Swept(NamedTuple):
    """What a sweep found.

    The first of `cases` is the session without a fault of the sweep's own. `worst` is the
    worst of them and `witness` its schedule made as short as it gets, both None where all
    is ok. `complete` is False where the sweep was stopped.
    """

    cases: tuple[Case, ...]
    worst: Case | None
    witness: tuple[c.Command, ...] | None
    complete: bool

    @property
    def totals(self) -> dict[str, int]:
        """How many cases came to each outcome."""
        return {each: sum(case.outcome == each for case in self.cases) for each in _RANK}


def sweep(
    commands: Sequence[c.Command],
    start: Callable[[], Lab] = Lab,
    watch: Watch = lambda _: True,
) -> Swept:
    """Try every fault in a session that begins with the laboratory that `start` makes.

    A command that is refused, in the session or after a fault, is left out. `watch` hears
    how many cases are done; if it answers False the sweep ends there.
    """
    session, labs = _walk(commands, start())
    cases = [_finish(labs[-1].copy(), len(session), None, list(session))]
    complete = True
    for after, lab in enumerate(labs):
        for fault, faulty, done in _faults(lab, session, after):
            schedule = [*session[:after], *done]
            skipped = len(done) - 1 if isinstance(fault, c.Crash) and fault.point else 0
            _recover(faulty, session[after + skipped :], schedule)
            cases.append(_finish(faulty, after, fault, schedule))
        complete = watch(len(cases))
        if not complete:
            break
    worst = max(cases, key=_badness)
    if worst.outcome == "ok":
        return Swept(tuple(cases), None, None, complete)
    return Swept(tuple(cases), worst, _shortest(worst, start), complete)


def _walk(commands: Iterable[c.Command], lab: Lab) -> tuple[list[c.Command], list[Lab]]:
    """Carry out a session; return its commands, choices made, and the moments between them."""
    session, labs = [], [lab.copy()]
    for command in commands:
        try:
            session.append(lab.apply(command)[0])
        except Refused:
            continue
        labs.append(lab.copy())
    return session, labs


def _faults(
    lab: Lab, session: Sequence[c.Command], after: int
) -> Iterable[tuple[c.Command, Lab, list[c.Command]]]:
    """Yield the faults of one moment, each with the laboratory it leaves and what was done."""
    if not lab.up:
        return
    for fault in (c.Crash(), c.LoseAck()):
        twin = lab.copy()
        if _try(twin, fault) is not None and (twin.up or fault == c.Crash()):
            yield fault, twin, [fault]
    if lab.armed is not None:
        return  # the session's own crash waits; a second one would take its place
    for point in CrashPoint if after < len(session) else ():
        twin, fault = lab.copy(), c.Crash(point)
        twin.apply(fault)
        facts = _try(twin, session[after]) or []
        if any(isinstance(fact, Crashed) and fact.point is point for fact in facts):
            yield fault, twin, [fault, session[after]]


def _recover(lab: Lab, rest: Iterable[c.Command], schedule: list[c.Command]) -> None:
    """Bring the processor up again and go on with the session."""
    if not lab.up:
        _do(lab, c.Restore() if lab.saved else c.Restart(), schedule)
    if lab.source.due is not None:
        _do(lab, c.Replay(), schedule)
    for command in rest:
        _do(lab, command, schedule)


def _finish(lab: Lab, after: int, fault: c.Command | None, schedule: list[c.Command]) -> Case:
    """End a session at rest, and compare it with a clean run."""
    if lab.armed:
        _do(lab, c.Disarm(), schedule)
    _recover(lab, (), schedule)
    if lab.processor.outputs.line < len(lab.processor.outputs):
        _do(lab, c.Commit(), schedule)
    return _judge(lab, after, fault, schedule)


def _judge(lab: Lab, after: int, fault: c.Command | None, schedule: list[c.Command]) -> Case:
    expected = clean(lab)
    clean_counts, counts = dict(expected.counts), lab.processor.counts
    times = Counter(output.event_id for output in lab.processor.sink)
    lost = tuple(each.event_id for each in expected.sink if not times[each.event_id])
    doubled = tuple(event_id for event_id, number in times.items() if number > 1)
    pairs = {w: (counts.get(w, 0), clean_counts.get(w, 0)) for w in (*clean_counts, *counts)}
    wrong = {word: pair for word, pair in pairs.items() if pair[0] != pair[1]}
    rules = broken(lab, _rules_for(schedule))
    outcome: Outcome = "broken" if rules else "ok"
    if lost or any(now < then for now, then in wrong.values()):
        outcome = "lost"
    if doubled or any(now > then for now, then in wrong.values()):
        outcome = "doubled"
    return Case(after, fault, outcome, lost, doubled, wrong, rules, tuple(schedule))


def _rules_for(schedule: Iterable[c.Command]) -> Mapping[str, Rule]:
    """Return the rules to hold a session to.

    Whoever sends raw requests is the source, and may send in another order again: then
    there is no run of the log to compare with.
    """
    if any(isinstance(each, c.Process) and each.raw for each in schedule):
        return {name: rule for name, rule in RULES.items() if name != "same-as-clean"}
    return RULES


_RANK: dict[Outcome, int] = {"ok": 0, "broken": 1, "lost": 2, "doubled": 3}


def _badness(case: Case) -> tuple[int, int]:
    return _RANK[case.outcome], len(case.doubled) or len(case.lost)


def _shortest(case: Case, start: Callable[[], Lab]) -> tuple[c.Command, ...]:
    """Leave out of a schedule what its outcome does not need; what is left can be typed."""

    def fails(commands: Sequence[c.Command]) -> bool:
        lab = start()
        for command in commands:
            if _try(lab, command) is None:
                return False
        outputs, source = lab.processor.outputs, lab.source
        at_rest = lab.up and source.due is None and outputs.line == len(outputs)
        return at_rest and _judge(lab, 0, None, []).outcome == case.outcome

    return shrink(case.schedule, fails)


def _try(lab: Lab, command: c.Command) -> list[object] | None:
    """Carry out a command; return its facts, or None where it is refused."""
    try:
        return list(lab.apply(command)[1])
    except Refused:
        return None


def _do(lab: Lab, command: c.Command, schedule: list[c.Command]) -> None:
    """Carry out a command and write it down, unless it is refused.

    A replay is written without its offset: in a shorter schedule it may be another.
    """
    with suppress(Refused):
        done, _ = lab.apply(command)
        schedule.append(command if isinstance(command, c.Replay) else done)
