"""Carry out a session again with one fault at every possible place, and judge each outcome.

The faults: a crash between any two commands, a crash at every crash point that a command
reaches, and a lost ack after every delivery. The recovery is the usual one: restore the
checkpoint saved last, or restart if there is none; replay; then the rest of the session; and
at its end what is due is replayed and what is pending committed. The outcome is compared with
a clean run of the same log, id by id.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

from core.errors import Refused
from core.lab import commands as c
from core.lab.crash_points import CrashPoint
from core.lab.facts import AckLost, Applied, Crashed, EventLost, Fact, Restored, Skipped
from core.lab.judge import deliveries
from core.lab.lab import Lab
from core.lab.world import OnProgress, to_the_end
from core.outputs import EventId
from core.rules import RULES, Rule, broken, clean, settled
from core.search.account import Effort, Enough, Followed
from core.search.witness import Witness, shortest

Outcome = Literal["ok", "lost", "doubled", "broken"]
"""The worst that became of a session: `broken` if a rule does not hold or a count is wrong,
but no id is known to be lost or doubled."""

Own = Literal["crash", "lost ack", "lost event", "restore", "repeated delivery"]
"""The faults that a session has by itself; `restore` is one of a processor that was up."""


class FaultCase(NamedTuple):
    """A session with one fault, and its outcome.

    The fault comes after `after` commands of the session; None is the session as it is. If
    `fault` names a crash point, the next command met it. `lost` and `doubled` are the ids whose
    output is in the sink never, or more than once; `uncounted` and `recounted` those that the
    counts hold never, or more than once, as far as that is known (`core/search/account.py`).
    `counts` is word → (count, count of a clean run) where they differ; `rules` is broken rule →
    evidence. `schedule` is all that was carried out, fault and recovery included.
    """

    after: int
    fault: c.Command | None
    outcome: Outcome
    lost: tuple[EventId, ...]
    doubled: tuple[EventId, ...]
    uncounted: tuple[EventId, ...]
    recounted: tuple[EventId, ...]
    counts: dict[str, tuple[int, int]]
    rules: dict[str, str]
    schedule: tuple[c.Command, ...]


MOST = 3_000_000
"""The effort (`core/search/account.py`) at which a sweep ends that a person waits for, and then
the search for a witness: each has taken some seconds, and far less than 200 MB."""

Ended = Literal["all was tried", "too long", "stopped"]
"""Why a sweep ended; `stopped` is by `on_progress`."""
_ALL: Ended = "all was tried"


class Swept(NamedTuple):
    """What a sweep found in a session of so many `steps`.

    The first of `cases` is the session as it is; `own` is fault → how often the session has it
    by itself. `worst` is the worst case and `witness` a short schedule with the same outcome
    (`core/search/witness.py`); both are None if all is ok. Every fault was tried at the first
    `covered` places: before the session, behind its first command, and so on.
    """

    steps: int
    cases: tuple[FaultCase, ...]
    own: dict[Own, int]
    worst: FaultCase | None
    witness: Witness | None
    covered: int
    ended: Ended

    @property
    def complete(self) -> bool:
        """Whether every fault was tried at every place."""
        return self.ended == _ALL

    @property
    def totals(self) -> dict[str, int]:
        """Outcome → how many cases have it."""
        return {each: sum(case.outcome == each for case in self.cases) for each in _RANK}


def sweep(
    commands: Sequence[c.Command],
    start: Callable[[], Lab] = Lab,
    on_progress: OnProgress = to_the_end,
    *,
    most: int | None = None,
) -> Swept:
    """Try every fault in a session that begins with the laboratory that `start` makes.

    A command that is refused, in the session or after a fault, is left out. `on_progress` is
    called now and then with the number of cases done; if it returns False the sweep ends there.
    It also ends after an effort of `most`; without, nothing limits it, and the time it takes
    grows with the square of the session's length.
    """
    cases: list[FaultCase] = []
    session: list[c.Command] = []
    own: Counter[Own] = Counter()
    covered, ended = 0, _ALL

    def waited_for() -> bool:
        return ended != "stopped" and on_progress(len(cases))

    effort = Effort(waited_for, most)
    try:
        run = Followed(start(), effort)
        moment = run.copy()
        for done, found in _walk(commands, run):
            session.append(done)
            own.update(found)
        cases.append(_finish(run, len(session), None, list(session)))
        for after in range(len(session) + 1):
            for fault, faulty, met in _faults(moment, session, after):
                schedule = [*session[:after], *met]
                skipped = len(met) - 1 if isinstance(fault, c.Crash) and fault.point else 0
                _recover(faulty, session[after + skipped :], schedule)
                cases.append(_finish(faulty, after, fault, schedule))
            covered += 1
            if after < len(session):
                effort.ask()
                moment.apply(session[after])
    except Enough as enough:
        ended = "stopped" if enough.asked else "too long"
    steps, found_out = len(commands), tuple(cases)
    worst = max(cases, key=_badness, default=None)
    if worst is None or worst.outcome == "ok":
        return Swept(steps, found_out, dict(own), None, None, covered, ended)
    outcome = worst.outcome
    witness = shortest(
        worst.schedule,
        session,
        lambda: Followed(start(), Effort(waited_for, most)),
        lambda run: settled(run.lab) and _judge(run, 0, None, session).outcome == outcome,
    )
    return Swept(steps, found_out, dict(own), worst, witness, covered, ended)


def _walk(
    commands: Iterable[c.Command], run: Followed
) -> Iterator[tuple[c.Command, tuple[Own, ...]]]:
    """Carry out a session; yield each command with its choices filled in, and its own faults."""
    for command in commands:
        up, offset = run.lab.up, run.lab.source.offset
        try:
            done, facts = run.apply(command)
        except Refused:
            continue
        yield done, tuple(_own(facts, run.lab, up=up, offset=offset))


def _own(facts: Iterable[Fact], after: Lab, *, up: bool, offset: int) -> Iterable[Own]:
    """Yield the faults among the facts of one command.

    `after` is the laboratory after it; `up` and `offset` are from before it.
    """
    positions = after.source.positions
    for fact in facts:
        if isinstance(fact, Crashed):
            yield "crash"
        elif isinstance(fact, AckLost):
            yield "lost ack"
        elif isinstance(fact, EventLost):
            yield "lost event"
        elif isinstance(fact, Restored) and up:
            yield "restore"
        elif isinstance(fact, Applied | Skipped) and positions.get(fact.event_id, offset) < offset:
            yield "repeated delivery"  # the source had its ack


def _faults(
    run: Followed, session: Sequence[c.Command], after: int
) -> Iterable[tuple[c.Command, Followed, list[c.Command]]]:
    """Yield the faults to try before command number `after`, from 0.

    Each comes with the laboratory after it, and the commands carried out: the fault, and the
    command that met it, if it is a crash at a point.
    """
    if not run.lab.up:
        return
    for fault in (c.Crash(), c.LoseAck()):
        twin = run.copy()
        if _try(twin, fault) is not None and (twin.lab.up or fault == c.Crash()):
            yield fault, twin, [fault]
    if run.lab.armed is not None:
        return  # the session's own crash waits; a second one would take its place
    for point in CrashPoint if after < len(session) else ():
        twin, fault = run.copy(), c.Crash(point)
        twin.apply(fault)
        facts = _try(twin, session[after]) or []
        if any(isinstance(fact, Crashed) and fact.point is point for fact in facts):
            yield fault, twin, [fault, session[after]]


def _recover(run: Followed, rest: Iterable[c.Command], schedule: list[c.Command]) -> None:
    """Start the processor if it is down, send what is due, and carry out the rest."""
    _bring_up(run, schedule)
    if run.lab.processor.mechanisms.source_replay and run.lab.source.due is not None:
        _do(run, c.Replay(), schedule)
    for delivery in deliveries(run.lab):
        _do(run, delivery, schedule)
    for command in rest:
        _do(run, command, schedule)


def _bring_up(run: Followed, schedule: list[c.Command]) -> None:
    if not run.lab.up:
        _do(run, c.Restore() if run.lab.saved else c.Restart(), schedule)


def _finish(
    run: Followed, after: int, fault: c.Command | None, schedule: list[c.Command]
) -> FaultCase:
    """Bring a session to an end with nothing due or pending, and judge it."""
    _bring_up(run, schedule)
    if run.lab.armed:
        _do(run, c.Disarm(), schedule)
    _recover(run, (), schedule)
    outputs = run.lab.processor.outputs
    if outputs.committed < len(outputs):
        _do(run, c.Commit(), schedule)
    return _judge(run, after, fault, schedule)


def _judge(
    run: Followed, after: int, fault: c.Command | None, schedule: Sequence[c.Command]
) -> FaultCase:
    lab = run.lab
    run.effort.spend(len(lab.source.log))
    expected, counts = dict(clean(lab).counts), lab.processor.counts
    pairs = {word: (counts.get(word, 0), expected.get(word, 0)) for word in (*expected, *counts)}
    wrong = {word: pair for word, pair in pairs.items() if pair[0] != pair[1]}
    lost, doubled = _by_id(
        lab, Counter(lab.processor.outputs.ids[: lab.processor.outputs.committed])
    )
    uncounted, recounted = _by_id(lab, run.account.times(lab))
    rules = broken(lab, _rules_for(schedule))
    outcome: Outcome = "broken" if rules or wrong else "ok"
    if lost or uncounted:
        outcome = "lost"
    if doubled or recounted:
        outcome = "doubled"
    return FaultCase(
        after, fault, outcome, lost, doubled, uncounted, recounted, wrong, rules, tuple(schedule)
    )


_Ids = tuple[EventId, ...]


def _by_id(lab: Lab, times: Mapping[EventId, int] | None) -> tuple[_Ids, _Ids]:
    """Return the ids of the log that `times` has 0 times, and those it has more than once."""
    if times is None:
        return (), ()
    ids = [event_id for event_id, _ in lab.source.log]
    return (
        tuple(each for each in ids if not times.get(each)),
        tuple(each for each in ids if times.get(each, 0) > 1),
    )


def _rules_for(schedule: Iterable[c.Command]) -> Mapping[str, Rule]:
    """Return the rules that a session must keep.

    Somebody who sends raw requests is the source, and may send events again in another order:
    then there is no clean run to compare with.
    """
    if any(isinstance(each, c.Process) and each.raw for each in schedule):
        return {name: rule for name, rule in RULES.items() if name != "same-as-clean"}
    return RULES


_RANK: dict[Outcome, int] = {"ok": 0, "broken": 1, "lost": 2, "doubled": 3}


def _badness(case: FaultCase) -> tuple[int, int]:
    return _RANK[case.outcome], len(case.doubled) or len(case.lost)


def _try(run: Followed, command: c.Command) -> list[Fact] | None:
    """Carry out a command; return its facts, or None where it is refused."""
    try:
        return run.apply(command)[1]
    except Refused:
        return None


def _do(run: Followed, command: c.Command, schedule: list[c.Command]) -> None:
    """Carry out a command and add it to the schedule, unless it is refused.

    A replay is added without its offset, which may be another in a shorter schedule. A command
    that had no choice open is added itself, so that a thousand schedules share it.
    """
    with suppress(Refused):
        done, _ = run.apply(command)
        schedule.append(command if isinstance(command, c.Replay) or command == done else done)
