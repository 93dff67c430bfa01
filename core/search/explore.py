"""Tries every schedule within bounds, breadth first, and finds the shortest that break a rule.

A schedule is a list of commands: deliveries of an honest source, a person's checkpoints,
commits and rollbacks, and faults (`core/search/moves.py`). A state is a world. Each command is
carried out as in a laboratory, on a copy, but without pictures and changes. The search does
not continue from a state that it has met before with as few faults, as everything that can
follow was tried from there.

The shorter schedules are tried first, so the first one that breaks a rule is a shortest one:
of those within the bounds in which the source is honest and every command sends one event
at most. A person may need fewer commands, by sending an event again without a cause, or
several events with one `feed` or `replay`. The order is fixed, so the same search gives the
same answer.

A mutant may have infinitely many states (a rollback that leaves its outputs adds to them at
each repetition). So the search does not continue from a state with more in its counts or
outputs than every event applied once, and once more for each fault: no correct engine has
one. After such a cut a longer schedule that breaks a rule is not called a shortest one, as
one through the cut state might be shorter. If a rule broke, the search ends with the length
at which it has met `ENOUGH` states. With a few events and faults more than one can wait for, a
search would take days and all the memory there is: whoever has a person waiting ends it at
`MOST` states.
"""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from core.lab import commands as c
from core.lab.facts import Fact
from core.lab.world import OnProgress, Unread, World, to_the_end
from core.outputs import Output
from core.rules import RULES, Rule, settled
from core.search.moves import DEFAULT, Bounds, interrupted, moves
from core.search.sometimes import SOMETIMES
from core.search.state import Key, Keys

ENOUGH = 40_000
"""A search that found a broken rule tries no longer schedules once it has met so many states."""
MOST = 50_000
"""States at which a search ends that a person waits for: it has taken some seconds, and about
200 MB at most. One within `DEFAULT` meets fewer, whatever is switched off."""
_COST = 200
"""The limit of a search's cost, for each state that it may meet: each command that is tried
costs 1, and 1 for each checkpoint there is."""
_EACH = 1024
"""`on_progress` is called each time so many schedules were tried."""
_MANY = 1 << 30
"""Stands for infinity: the fewest faults of a state not met yet; a length without limit."""


class Violation(NamedTuple):
    """A rule (`property`) that broke, the evidence, and a schedule that breaks it.

    `shortest`: no shorter schedule of those that such a search tries breaks it.
    """

    property: str
    message: str
    counterexample: tuple[c.Command, ...]
    shortest: bool = True


Ended = Literal["all was tried", "a rule broke", "too many states", "stopped"]
"""Why a search ended; `stopped` is by `on_progress`."""


class Found(NamedTuple):
    """What a search covered and found.

    `states` is how many different states were met, `schedules` how many commands were tried
    in them (an armed crash and the command that meets it count as two), `depth` the length of
    the longest schedules of which all were tried, but those after the `cut` states that had
    grown too much: so every schedule of up to `covered` commands was tried. `violations` are
    sorted, shortest first; `sometimes` is name → the first evidence, or None; `final_sinks` are
    the different sinks of the settled states in which every event was sent.
    """

    bounds: Bounds
    states: int
    schedules: int
    depth: int
    covered: int
    ended: Ended
    cut: int
    violations: tuple[Violation, ...]
    sometimes: Mapping[str, str | None]
    final_sinks: tuple[tuple[Output, ...], ...]

    @property
    def complete(self) -> bool:
        """Whether nothing within the bounds was left out, but what comes after a cut state."""
        return self.ended == "all was tried"


def explore(  # noqa: PLR0913 - all but the first two are named in a call
    bounds: Bounds = DEFAULT,
    start: Callable[[], World] = World,
    *,
    rules: Mapping[str, Rule] = RULES,
    first: bool = False,
    most: int | None = None,
    on_progress: OnProgress = to_the_end,
    hold: Callable[[object], None] = lambda _: None,
) -> Found:
    """Try every schedule within the bounds, from the world that `start` makes.

    With `first` the search ends with the length at which a rule broke first; with `most`, 1 or
    more, before it meets more states than that. Without, nothing limits it: it takes as long,
    and as much memory, as the bounds make it. `on_progress` is called now and then with the
    number of schedules tried; if it returns False the search ends there. What was covered so
    far is returned. At the end `hold` gets what refers to the states: to free them takes a while.
    """
    search = _Search(bounds, start(), rules, most, on_progress)
    search.run(first=first)
    hold(search)
    return search.found()


class _Path(NamedTuple):
    """How a state was reached: the last command (or two), and the way to the state before."""

    before: "_Path | None"
    commands: tuple[c.Command, ...]


class _Node(NamedTuple):
    """A state to continue from, with the number of faults on the way to it."""

    key: Key
    world: World
    faults: int
    way: _Path | None


class _EndedEarly(Exception):  # noqa: N818 - asked for, not a fault
    """The search ends where it is; `why` is what becomes `Found.ended`."""

    def __init__(self, why: Ended) -> None:
        """Say why."""
        super().__init__(why)
        self.why = why


class _Search:
    """The state of one search while it runs."""

    def __init__(
        self,
        bounds: Bounds,
        start: World,
        rules: Mapping[str, Rule],
        most: int | None,
        on_progress: OnProgress,
    ) -> None:
        self.bounds, self.rules, self.on_progress = bounds, rules, on_progress
        self.start = start
        self.most_states = _MANY if most is None else most
        self.most_cost = self.most_states * _COST
        self.asks_at = _EACH
        self.keys = Keys()
        self.faults: dict[Key, int] = {}
        """State → the fewest faults with which it was met."""
        self.most = bounds.events * (1 + bounds.faults)
        self.next: list[_Node] = []
        self.now: list[_Node] = []
        self.armed: list[_Node] = []
        self.schedules = self.cost = self.depth = self.cut = 0
        self.sure = _MANY
        """A schedule up to this length that breaks a rule is a shortest one."""
        self.ended: Ended = "a rule broke"
        self.violations: dict[str, Violation] = {}
        self.sometimes: dict[str, str | None] = dict.fromkeys(SOMETIMES)
        self.unreached = dict(SOMETIMES)
        self.unread = Unread()
        self.sinks: dict[tuple[Output, ...], None] = {}

    def run(self, *, first: bool) -> None:
        """Try the schedules, those with one more command in each round."""
        try:
            self._meet(_Node(self.keys.of(self.start), self.start, 0, None), new=True)
            while (self.next or self.armed) and not self._enough(first=first):
                self.now, self.next = self.next, []
                for node in self.now:
                    self._expand(node)
                for node in self.armed:
                    self._interrupt(node)
                self.armed = [
                    node for node in self.now if node.world.up and node.faults < self.bounds.faults
                ]
                self.depth += bool(self.next or self.armed)
            if not (self.next or self.armed):
                self.ended = "all was tried"
        except _EndedEarly as early:
            self.ended = early.why

    def _enough(self, *, first: bool) -> bool:
        """Whether to stop because a rule broke: at once with `first`, else after many states."""
        return bool(self.violations) and (first or len(self.faults) > ENOUGH)

    def found(self) -> Found:
        """Return what was covered and found so far."""
        ordered = sorted(self.violations.values(), key=lambda each: len(each.counterexample))
        return Found(
            self.bounds,
            len(self.faults),
            self.schedules,
            self.depth,
            min(self.depth, self.sure - 1),
            self.ended,
            self.cut,
            tuple(ordered),
            self.sometimes,
            tuple(self.sinks),
        )

    def _expand(self, node: _Node) -> None:
        """Try every command in a state, without a crash inside it."""
        world, spent, way = node.world, node.faults, node.way
        twin = None
        for command, fault in moves(world, self.bounds, self.bounds.faults - spent):
            self._count(1, world)
            if twin is None:
                twin = world.copy()
            facts = self._facts()
            command.do(twin, facts, to_the_end)
            if self._arrive(twin, facts, spent + fault, way, (command,)) != node.key:
                twin = None  # a copy in which nothing has changed is used again

    def _interrupt(self, node: _Node) -> None:
        """Try every command in a state with a crash inside it."""
        for crash, command in interrupted(node.world, self.bounds):
            self._count(2, node.world)
            twin = node.world.copy()
            twin.armed = crash.point
            facts = self._facts()
            command.do(twin, facts, to_the_end)
            self._arrive(twin, facts, node.faults + 1, node.way, (crash, command))

    def _facts(self) -> list[Fact]:
        """Return a list for the facts of a step, which only the sometimes properties need."""
        return [] if self.unreached else self.unread

    def _count(self, commands: int, world: World) -> None:
        """Note commands to be tried next in a state. Raises _EndedEarly, and they are not."""
        if self.schedules >= self.asks_at:
            self.asks_at = self.schedules + _EACH
            if not self.on_progress(self.schedules):
                raise _EndedEarly("stopped")
            if self.cost > self.most_cost:
                raise _EndedEarly("too many states")
        self.schedules += commands
        self.cost += commands + len(world.saved)

    def _arrive(
        self,
        world: World,
        facts: list[Fact],
        faults: int,
        before: _Path | None,
        commands: tuple[c.Command, ...],
    ) -> Key:
        """Note the facts of a step, and the state it leads to; return the key of the state."""
        if self.unreached:
            self._notice(world, facts)
        key = self.keys.of(world)
        fewest = self.faults.get(key, _MANY)
        if faults < fewest:
            self._meet(_Node(key, world, faults, _Path(before, commands)), new=fewest is _MANY)
        return key

    def _notice(self, world: World, facts: list[Fact]) -> None:
        """Note the evidence for sometimes properties that a step gives."""
        for name, reached in tuple(self.unreached.items()):
            verdict = reached(world, facts)
            if verdict.holds:
                self.sometimes[name] = verdict.message
                del self.unreached[name]

    def _meet(self, node: _Node, *, new: bool) -> None:
        """Judge a state if it is new, and continue from it unless it has grown too much.

        Raises _EndedEarly where that is one state too many.
        """
        if new and len(self.faults) >= self.most_states:
            raise _EndedEarly("too many states")
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
        """Ask the rules about a new state, and note its sink if it is a final one."""
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
        """Whether a state has more outputs or counts than any correct engine's."""
        processor = world.processor
        return len(processor.outputs.ids) > self.most or sum(processor.counts.values()) > self.most


def _unwound(way: _Path | None) -> tuple[c.Command, ...]:
    """Return the commands of a way, the first one first."""
    commands: list[c.Command] = []
    while way is not None:
        commands[:0] = way.commands
        way = way.before
    return tuple(commands)
