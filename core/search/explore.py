"""Every schedule: breadth first over all that a source, a person and bad luck can do.

The states are worlds, the moves commands (`core/search/moves.py`). Each is carried out as in
a laboratory, on a copy, without what a laboratory has to explain it. A state that was met
before with no more faults spent is not gone on from: whatever could follow has followed
already. As the search goes by the length of the schedule, the first schedule found to break
a rule is a shortest one: of those within the bounds in which the source is honest
(`core/search/moves.py`) and every command sends one event at most. A person may do it in fewer
commands, by sending again without a cause, or several events with one `feed` or `replay`. The
order is fixed, so the same search gives the same answer.

A wrong engine may have states without end (a rollback that leaves its outputs grows at
each repetition). A state with more in its counts or outputs than every event applied once
and once more for each fault is therefore not gone on from: no correct engine has one. What
is found later than that breaks a rule, but a schedule through such a state might be shorter:
then it is not called a shortest one. And where a rule broke, the search ends with the
length at which it has met `ENOUGH` states, and what takes longer is not tried.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from core.lab import commands as c
from core.lab.facts import Fact
from core.lab.world import OnProgress, Unread, World
from core.outputs import Output
from core.rules import RULES, Rule, settled
from core.search.moves import DEFAULT, Bounds, checkpoint_names, interrupted, moves
from core.search.sometimes import SOMETIMES
from core.search.state import Key, Keys

ENOUGH = 40_000
"""States after which a search that found a rule broken goes on to no greater length."""
_EACH = 1024
"""Schedules after which a search says how far it is."""
_MANY = 1 << 30
"""More than there are: of faults with which a state was met that never was, of commands."""


class Violation(NamedTuple):
    """A rule that broke, the evidence, and a schedule that breaks it.

    `shortest`: no schedule that a search of these bounds tries is shorter.
    """

    property: str
    message: str
    counterexample: tuple[c.Command, ...]
    shortest: bool = True


class Found(NamedTuple):
    """What a search covered and found.

    `schedules` counts the pairs of a state and a command that were tried (a crash that
    waits and the command that meets it are two), `states` the different states, `depth` is
    the length of the longest schedule gone through. `complete` says that nothing within the
    bounds was left out; `cut` is the number of states not gone on from because they grew.
    `violations` stand shortest first; `sometimes` is name → the first evidence, or None;
    `final_sinks` are those of the states at rest in which every event was sent.
    """

    bounds: Bounds
    states: int
    schedules: int
    depth: int
    complete: bool
    cut: int
    violations: tuple[Violation, ...]
    sometimes: Mapping[str, str | None]
    final_sinks: tuple[tuple[Output, ...], ...]


def explore(
    bounds: Bounds = DEFAULT,
    start: Callable[[], World] = World,
    *,
    rules: Mapping[str, Rule] = RULES,
    first: bool = False,
    on_progress: OnProgress = lambda _: True,
) -> Found:
    """Try every schedule within the bounds, from the world that `start` makes.

    With `first` the search ends with the length at which some rule broke first. `on_progress`
    hears now and then how many schedules were tried; if it answers False the search ends
    there, with what was covered so far.
    """
    search = _Search(bounds, start(), rules, on_progress)
    search.run(first=first)
    return search.found()


class _Way(NamedTuple):
    """How a state was reached: the last commands, and the way before them."""

    before: "_Way | None"
    commands: tuple[c.Command, ...]


class _Node(NamedTuple):
    """A state to go on from, with the number of faults that led to it."""

    key: Key
    world: World
    faults: int
    way: _Way | None


class _Stopped(Exception):  # noqa: N818 - asked for, not a fault
    """Whoever watches wants no more."""


class _Search:
    """One search on its way."""

    def __init__(
        self, bounds: Bounds, start: World, rules: Mapping[str, Rule], on_progress: OnProgress
    ) -> None:
        self.bounds, self.rules, self.on_progress = bounds, rules, on_progress
        self.start = start
        self.keys = Keys(checkpoint_names(bounds))
        self.faults: dict[Key, int] = {}
        """The fewest faults each state was met with."""
        self.most = bounds.events * (1 + bounds.faults)
        self.next: list[_Node] = []
        self.schedules = self.depth = self.cut = 0
        self.sure = _MANY
        """Up to which length a schedule that breaks a rule is a shortest one."""
        self.complete = False
        self.violations: dict[str, Violation] = {}
        self.sometimes: dict[str, str | None] = dict.fromkeys(SOMETIMES)
        self.unreached = dict(SOMETIMES)
        self.unread = Unread()
        self.sinks: dict[tuple[Output, ...], None] = {}

    def run(self, *, first: bool) -> None:
        """Go through the schedules, one more command at a time."""
        self._meet(_Node(self.keys.of(self.start), self.start, 0, None), new=True)
        armed: list[_Node] = []
        try:
            while (self.next or armed) and not self._enough(first=first):
                nodes, self.next = self.next, []
                for node in nodes:
                    self._expand(node)
                for node in armed:
                    self._interrupt(node)
                armed = [
                    node for node in nodes if node.world.up and node.faults < self.bounds.faults
                ]
                self.depth += bool(self.next or armed)
            self.complete = not (self.next or armed)
        except _Stopped:
            pass

    def _enough(self, *, first: bool) -> bool:
        """Whether what broke a rule is known well enough."""
        return bool(self.violations) and (first or len(self.faults) > ENOUGH)

    def found(self) -> Found:
        """Tell what has been covered."""
        ordered = sorted(self.violations.values(), key=lambda each: len(each.counterexample))
        return Found(
            self.bounds,
            len(self.faults),
            self.schedules,
            self.depth,
            self.complete,
            self.cut,
            tuple(ordered),
            self.sometimes,
            tuple(self.sinks),
        )

    def _expand(self, node: _Node) -> None:
        """Try every single command in a state."""
        world, spent, way = node.world, node.faults, node.way
        twin = None
        for command, fault in moves(world, self.bounds, self.bounds.faults - spent):
            if twin is None:
                twin = world.copy()
            facts = self._facts()
            command.do(twin, facts, _to_the_end)
            self._count(1)
            if self._arrive(twin, facts, spent + fault, way, (command,)) != node.key:
                twin = None  # had the command changed nothing, the copy would be as good as new

    def _interrupt(self, node: _Node) -> None:
        """Try every command in a state with a crash inside it."""
        for crash, command in interrupted(node.world, self.bounds):
            twin = node.world.copy()
            twin.armed = crash.point
            facts = self._facts()
            command.do(twin, facts, _to_the_end)
            self._count(2)
            self._arrive(twin, facts, node.faults + 1, node.way, (crash, command))

    def _facts(self) -> list[Fact]:
        """Return where the facts of a step go; they are read for the sometimes properties alone."""
        return [] if self.unreached else self.unread

    def _count(self, commands: int) -> None:
        self.schedules += commands
        if self.schedules % _EACH < commands and not self.on_progress(self.schedules):
            raise _Stopped

    def _arrive(
        self,
        world: World,
        facts: list[Fact],
        faults: int,
        before: _Way | None,
        commands: tuple[c.Command, ...],
    ) -> Key:
        """Note what a step shows, and where it leads; return the key of the state."""
        if self.unreached:
            self._notice(world, facts)
        key = self.keys.of(world)
        fewest = self.faults.get(key, _MANY)
        if faults < fewest:
            self._meet(_Node(key, world, faults, _Way(before, commands)), new=fewest is _MANY)
        return key

    def _notice(self, world: World, facts: list[Fact]) -> None:
        """Cross off the sometimes properties that a step shows."""
        for name, reached in tuple(self.unreached.items()):
            verdict = reached(world, facts)
            if verdict.holds:
                self.sometimes[name] = verdict.message
                del self.unreached[name]

    def _meet(self, node: _Node, *, new: bool) -> None:
        """Go on from a state, unless it has grown; judge it if it is new."""
        self.faults[node.key] = node.faults
        if new:
            self._judge(node)
        if self._grown(node.world):
            if not self.cut:
                self.sure = len(_unwound(node.way)) + 1
            self.cut += 1
        else:
            self.next.append(node)

    def _judge(self, node: _Node) -> None:
        """Hold a new state against the rules."""
        world = node.world
        for name, rule in self.rules.items():
            if name in self.violations:
                continue
            verdict = rule(world)
            if not verdict.holds:
                way = _unwound(node.way)
                shortest = len(way) <= self.sure
                self.violations[name] = Violation(name, verdict.message, way, shortest)
        if len(world.source.log) == self.bounds.events and settled(world):
            self.sinks.setdefault(tuple(world.processor.sink))

    def _grown(self, world: World) -> bool:
        """Whether a state holds more than any correct engine's."""
        processor = world.processor
        return len(processor.outputs.ids) > self.most or sum(processor.counts.values()) > self.most


def _to_the_end(_done: int) -> bool:
    """Watch a command, and never stop it."""
    return True


def _unwound(way: _Way | None) -> tuple[c.Command, ...]:
    """Return the commands of a way, from its beginning."""
    commands: list[c.Command] = []
    while way is not None:
        commands[:0] = way.commands
        way = way.before
    return tuple(commands)
