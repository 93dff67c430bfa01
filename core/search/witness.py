"""A witness: a short schedule with an outcome that a sweep found.

First, commands that the outcome does not need are left out of one schedule, singly and in
pairs (a pair is, for example, an event and the replay that sends it). Then every schedule
shorter than that is tried, breadth first, that can be made of

* the session's commands in their order, any of them left out;
* one fault at any place: a crash, at a point or between two commands, or a lost ack;
* commands that recover, at any place: restart, restore, replay, commit; retry of what is due
  if source-replay is off.

If all of these were tried, the result is a *shortest* one. A long session has too many of
them; then the result is only one from which no command, and no two, can be left out.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from core.errors import Refused
from core.lab import commands as c
from core.lab.crash_points import CrashPoint
from core.lab.facts import Crashed
from core.search.account import Enough, Followed
from core.search.shrink import shrink

_MOST = 100_000
"""The limit of a search's cost: each command costs 1, and 1 for each event in the log."""

Shows = Callable[[Followed], bool]
"""Says whether a laboratory is settled (nothing due or pending) and has the outcome."""

_Asked = Callable[[Sequence[c.Command]], bool]
"""Says whether a schedule, carried out from the beginning, has the outcome."""


class Witness(NamedTuple):
    """A schedule with the outcome, which can be typed as it is.

    `shortest`: of the schedules above none is shorter. `minimal`: with one or two of its
    commands left out it cannot be carried out, or does not have the outcome. If neither, there
    was no time to make it shorter.
    """

    commands: tuple[c.Command, ...]
    shortest: bool
    minimal: bool = True


def shortest(
    schedule: Sequence[c.Command],
    session: Sequence[c.Command],
    start: Callable[[], Followed],
    shows: Shows,
) -> Witness:
    """Return the shortest witness that can be found, beginning with what `start` makes.

    `schedule` has the outcome, and was made from `session`; `shows` recognises the outcome.
    Where the effort of what `start` made is spent, the best witness so far is returned.
    """
    beginning = start()
    best, minimal = tuple(schedule), False

    def comes_to_it(commands: Sequence[c.Command]) -> bool:
        nonlocal best
        run = beginning.copy()
        try:
            for command in commands:
                run.apply(command)
        except Refused:
            return False
        if shown := shows(run):
            best = tuple(commands)  # only parts of the best so far are asked about
        return shown

    try:
        least, minimal = _fewest(schedule, comes_to_it), True
        every = _Shortening(session, shows)
        found = every.below(len(least), beginning.copy())
        if found is not None or every.complete:
            return Witness(found or least, shortest=True)
        # Search once more with only the commands that are left: a shorter recovery may do.
        varied = _Shortening(least, shows).below(len(least), beginning.copy())
        if varied is None:
            return Witness(least, shortest=False)
        best, minimal = varied, False
        return Witness(_fewest(varied, comes_to_it), shortest=False)
    except Enough:
        return Witness(best, shortest=False, minimal=minimal)


def _fewest(schedule: Sequence[c.Command], comes_to_it: _Asked) -> tuple[c.Command, ...]:
    """Leave commands out of a schedule until no single one and no pair can be left out."""
    least = shrink(schedule, comes_to_it)
    for left_out in combinations(range(len(least)), 2):
        rest = tuple(each for place, each in enumerate(least) if place not in left_out)
        if comes_to_it(rest):
            return _fewest(rest, comes_to_it)
    return least


class _Reached(NamedTuple):
    """A schedule that was tried, and the laboratory after it.

    `place` is how many commands of the session are behind it, `fault` whether it has a fault,
    and `waits` the point of a crash that the next command has to meet, if there is one.
    """

    run: Followed
    place: int
    fault: bool
    waits: CrashPoint | None
    commands: tuple[c.Command, ...]


class _Try(NamedTuple):
    """A command to try, and `place`, `fault` and `waits` of the node it leads to."""

    command: c.Command
    place: int
    fault: bool
    waits: CrashPoint | None = None


class _Shortening:
    """One search, breadth first. `complete` is whether it tried all schedules."""

    def __init__(self, session: Sequence[c.Command], shows: Shows) -> None:
        self.session, self.shows = session, shows
        self.complete = False
        self.cost = 0
        self.met: dict[tuple[object, ...], int] = {}
        """State → the earliest place in the session with which it was met."""

    def below(self, length: int, run: Followed) -> tuple[c.Command, ...] | None:
        """Return a shortest schedule of fewer than `length` commands with the outcome, or None."""
        nodes = [_Reached(run, 0, fault=False, waits=None, commands=())]
        for _ in range(length - 1):
            longer: list[_Reached] = []
            for node in nodes:
                for node_after in self._after(node):
                    if node_after.waits is None and self.shows(node_after.run):
                        return node_after.commands
                    longer.append(node_after)
                if self.cost > _MOST:
                    return None
            nodes = longer
        self.complete = True
        return None

    def _after(self, node: _Reached) -> Iterator[_Reached]:
        """Yield the node that each command leads to, unless one as good was met before."""
        for each in self._tries(node):
            run = node.run.copy()
            self.cost += 1 + len(run.lab.source.log)
            try:
                _, facts = run.apply(each.command)
            except Refused:
                continue
            if node.waits is not None and not any(
                isinstance(fact, Crashed) and fact.point is node.waits for fact in facts
            ):
                continue
            key = (run.freeze(), each.fault, each.waits)
            if each.place < self.met.get(key, len(self.session) + 1):
                self.met[key] = each.place
                commands = (*node.commands, each.command)
                yield _Reached(run, each.place, each.fault, each.waits, commands)

    def _tries(self, node: _Reached) -> Iterator[_Try]:
        """Yield the commands to try: from the session, from a recovery, and the faults."""
        lab, place, fault = node.run.lab, node.place, node.fault
        known: set[c.Command] = set()
        for number, command in enumerate(self.session[place:], place + 1):
            if command not in known:
                known.add(command)
                yield _Try(command, number, fault)
        yield from (_Try(command, place, fault) for command in _recovery(node.run))
        if lab.up and not fault:
            yield _Try(c.Crash(), place, fault=True)
            yield _Try(c.LoseAck(), place, fault=True)
            for point in () if lab.armed else CrashPoint:
                yield _Try(c.Crash(point), place, fault=True, waits=point)


def _recovery(run: Followed) -> Iterator[c.Command]:
    """Yield the commands that a recovery may use in this state."""
    lab = run.lab
    yield from (c.Restore(name) for name in lab.saved)
    if not lab.up:
        yield c.Restart()
        return
    due = lab.source.due
    if due is not None:
        yield c.Replay() if lab.processor.mechanisms.source_replay else c.Retry(due[0])
    if lab.processor.outputs.committed < len(lab.processor.outputs):
        yield c.Commit()
