"""The search covers every schedule, and what it reports is as short as it gets.

The numbers of states are pinned: a change in what a command means shows as another number.
"""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from core.checkpoints import Copies
from core.lab import commands as c
from core.lab.commands import typed
from core.lab.crash_points import CrashPoint
from core.lab.lab import Lab
from core.lab.world import World
from core.mechanisms import EXACTLY_ONCE, SWITCHES
from core.mutants import MUTANTS
from core.outputs import Output
from core.processor import Processor
from core.rules import RULES, broken
from core.search.explore import MOST, Found, explore
from core.search.moves import DEFAULT, Bounds, interrupted, moves
from core.search.sometimes import SOMETIMES
from core.search.state import Key, Keys
from tests.core.lab.scenes import pretended

SMALL, LARGE = Bounds(3, 2, 1), Bounds(6, 3, 1)

WITHOUT = {
    "dedup": ("counts-match", ["process e1 hello", "lose ack", "retry e1"]),
    "seen-in-checkpoints": (
        "counts-match",
        ["checkpoint cp1", "process e1 hello", "restore cp1"],
    ),
    "transactional-output": (
        "sink-once",
        ["process e1 hello", "crash", "restart", "retry e1"],
    ),
    "idempotent-sink": (
        "pending-sound",
        ["process e1 hello", "checkpoint cp1", "commit", "restore cp1"],
    ),
    "source-replay": ("same-as-clean", ["process e1 hello", "rollback"]),
}
"""Switch → the rule that breaks first, and the schedule."""


def without(switch: str) -> Lab:
    """Return a laboratory with one mechanism off."""
    return Lab(EXACTLY_ONCE._replace(**{SWITCHES[switch]: False}))


@pytest.fixture(scope="module")
def small() -> Found:
    """Three events, two faults, one checkpoint name, every mechanism on."""
    return explore(SMALL)


def test_three_events_and_two_faults_break_no_rule(small: Found) -> None:
    """Everything was tried, and nothing found."""
    assert small.complete
    assert small.violations == ()
    assert small.cut == 0


def test_the_states_of_three_events_and_two_faults_are_these_many(small: Found) -> None:
    """Another number means that a command means something else."""
    assert (small.states, small.schedules, small.depth) == (886, 8416, 14)


def test_there_is_one_final_sink_and_it_is_the_clean_one(small: Found) -> None:
    """Exactly once, in order, whatever happened."""
    expected = (Output("e1", "hello", 1), Output("e2", "world", 1), Output("e3", "hello", 2))
    assert small.final_sinks == (expected,)


def test_the_search_came_by_every_place_where_things_go_wrong(small: Found) -> None:
    """So that "no rule was broken" means something."""
    assert list(small.sometimes) == list(SOMETIMES)
    assert all(small.sometimes.values())


@pytest.mark.long
def test_six_events_and_three_faults_break_no_rule() -> None:
    """The larger configuration, with its numbers."""
    large = explore(LARGE)
    assert (large.complete, large.violations, large.cut) == (True, (), 0)
    assert (large.states, large.schedules, large.depth) == (12954, 152568, 24)
    assert [[output.event_id for output in sink] for sink in large.final_sinks] == [
        ["e1", "e2", "e3", "e4", "e5", "e6"]
    ]


@pytest.mark.long
def test_two_checkpoint_names_break_no_rule() -> None:
    """A restore can then go forward too."""
    found = explore(Bounds(3, 2, 2))
    assert (found.complete, found.violations, len(found.final_sinks)) == (True, (), 1)


@pytest.mark.parametrize("switch", SWITCHES)
def test_without_a_mechanism_a_rule_breaks(switch: str) -> None:
    """Each in its own way, with the schedule that shows it."""
    violation = explore(SMALL, partial(without, switch), first=True).violations[0]
    rule, schedule = WITHOUT[switch]
    assert violation.property == rule
    assert [typed(command) for command in violation.counterexample] == schedule


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_counterexample_breaks_its_rule_when_it_is_carried_out(switch: str) -> None:
    """On a fresh laboratory, at its last command and not before."""
    for violation in explore(Bounds(2, 1, 1), partial(without, switch)).violations:
        lab = without(switch)
        for command in violation.counterexample:
            assert violation.property not in broken(lab)
            lab.apply(command)
        assert broken(lab)[violation.property] == violation.message


@pytest.mark.parametrize("switch", SWITCHES)
def test_no_shorter_schedule_breaks_a_rule(switch: str) -> None:
    """Every shorter one is tried, one by one, without any of the search's economies."""
    length = len(WITHOUT[switch][1])
    assert all(not broken(lab) for lab in schedules(without(switch), length - 1, SMALL))


def schedules(lab: World, length: int, bounds: Bounds, faults: int = 0) -> Iterator[World]:
    """Yield what every schedule of at most this length leads to."""
    yield lab
    left = bounds.faults - faults
    if length:
        for command, fault in moves(lab, bounds, left):
            yield from schedules(after(lab, command), length - 1, bounds, faults + fault)
    if length > 1 and left and lab.up:
        for both in interrupted(lab, bounds):
            yield from schedules(after(lab, *both), length - 2, bounds, faults + 1)


def after(world: World, *commands: c.Command) -> World:
    """Return a copy that has carried out these commands, which are accepted as they stand."""
    twin = world.copy()
    for command in commands:
        assert c.resolve(twin, command) == command
        command.do(twin, [], lambda _: True)
    return twin


def test_what_a_copy_does_is_what_a_fresh_laboratory_does() -> None:
    """No copy leaks into another: a violation's schedule runs alone to the same state."""
    lab = Lab()
    for each in schedules(lab, 5, Bounds(2, 1, 1)):
        assert not broken(each)
    assert lab.freeze() == Lab().freeze()


@pytest.mark.parametrize("switch", [None, *SWITCHES])
def test_the_lean_key_finds_what_the_full_one_finds(
    monkeypatch: pytest.MonkeyPatch, switch: str | None
) -> None:
    """Rules broken, schedules and final sinks are the same where more states are told apart."""
    start = Lab if switch is None else partial(without, switch)
    bounds = Bounds(2, 2 if switch is None else 1, 1)
    lean = explore(bounds, start)
    monkeypatch.setattr(Keys, "of", lambda _, lab: lab.freeze())
    full = explore(bounds, start)
    assert full.states >= lean.states
    assert found_by(full) == found_by(lean)
    assert sorted(full.final_sinks) == sorted(lean.final_sinks)


ALIKE: dict[str, Callable[[], World]] = {
    "right": Lab,
    "on a store": pretended,
    **{f"without {switch}": partial(without, switch) for switch in SWITCHES},
    "aliased": MUTANTS["aliased-checkpoint"].start,
    "torn": MUTANTS["torn-commit"].start,
}


@pytest.mark.parametrize("start", ALIKE.values(), ids=ALIKE)
def test_states_with_equal_keys_have_equal_futures(
    monkeypatch: pytest.MonkeyPatch, start: Callable[[], World]
) -> None:
    """Whatever a search tries in them leads to equal keys, and breaks the same rules."""
    bounds, lean = Bounds(2, 1, 1), Keys.of
    met: dict[Key, dict[Key, World]] = {}

    def full(keys: Keys, world: World) -> Key:
        met.setdefault(lean(keys, world), {}).setdefault(world.freeze(), world.copy())
        return world.freeze()

    monkeypatch.setattr(Keys, "of", full)
    explore(bounds, start)
    together = [list(worlds.values()) for worlds in met.values() if len(worlds) > 1]
    assert together or not start().processor.mechanisms.transactional_output, "more apart"
    keys = Keys()
    for first, *others in together:
        expected = list(futures(first, bounds, keys, lean))
        for other in others:
            assert list(futures(other, bounds, keys, lean)) == expected


def futures(
    world: World, bounds: Bounds, keys: Keys, lean: Callable[[Keys, World], Key]
) -> Iterator[tuple[object, ...]]:
    """Yield what each command that a search tries in a state leads to."""
    tried = [(command,) for command, _ in moves(world, bounds, 1)]
    for commands in (*tried, *(interrupted(world, bounds) if world.up else ())):
        twin = after(world, *commands)
        yield commands, lean(keys, twin), broken(twin)


def test_no_schedule_breaks_a_rule_on_a_store() -> None:
    """Where a crash takes nothing that was acknowledged. The numbers are its own."""
    found = explore(SMALL, pretended)
    assert (found.complete, found.violations, found.cut) == (True, (), 0)
    assert (found.states, found.schedules, found.depth) == (966, 8279, 15)
    assert len(found.final_sinks) == 1
    assert all(found.sometimes.values())


def test_two_stores_are_told_apart_while_the_processor_is_down() -> None:
    """One holds the event that is due, the other does not; all else is the same."""
    points = CrashPoint.BEFORE_APPLY, CrashPoint.BEFORE_ACK
    down = [after(pretended(), c.Crash(point), c.Process("e1", "hello")) for point in points]
    assert down[0].processor.freeze() == down[1].processor.freeze()
    assert Keys().of(down[0]) != Keys().of(down[1])
    assert down[0].freeze() != down[1].freeze()


def test_a_checkpoint_that_goes_on_changing_is_told_from_one_that_stands() -> None:
    """Both hold the same just now."""
    tied = MUTANTS["aliased-checkpoint"].start()
    tied.apply(c.Checkpoint("cp1"))
    stands = after(tied, c.Crash(), c.Restart())
    assert not stands.processor.counts
    assert Keys().of(tied) != Keys().of(stands)
    assert tied.freeze() != stands.freeze()
    then = c.Process("e1", "hello"), c.Restore("cp1")
    assert after(tied, *then).processor.counts != after(stands, *then).processor.counts
    assert tied.copy().freeze() == tied.freeze()


def test_what_is_found_behind_states_that_grew_is_not_called_shortest() -> None:
    """A schedule through one of those might be shorter."""

    class Growing(Processor):
        """Stages an output again at each rollback; forgets the counts at a late commit."""

        keeps = Copies

        def rollback(self) -> int:
            for output in self.pending[-1:]:
                self.outputs.stage(*output)
            return 0

        def commit(self) -> int:
            if self.checkpoints and not self.pending:
                self.counts = {}
            return super().commit()

    found = explore(Bounds(1, 0, 1), partial(Lab, EXACTLY_ONCE, Growing))
    lengths = [
        (each.property, len(each.counterexample), each.shortest) for each in found.violations
    ]
    assert found.cut
    assert lengths == [("counts-match", 4, False), ("same-as-clean", 4, False)]


def found_by(found: Found) -> list[tuple[str, list[str]]]:
    """Return the rules that broke, each with its schedule as typed."""
    return [(each.property, [typed(c) for c in each.counterexample]) for each in found.violations]


def test_a_processor_that_copies_its_checkpoints_breaks_no_rule() -> None:
    """What the mutants build on is right itself."""

    class Copying(Processor):
        keeps = Copies

    found = explore(SMALL, partial(Lab, EXACTLY_ONCE, Copying))
    assert (found.complete, found.violations, len(found.final_sinks)) == (True, (), 1)


def test_the_same_search_gives_the_same_answer() -> None:
    """Order included."""
    start = partial(without, "idempotent-sink")
    one, other = explore(Bounds(2, 1, 1), start), explore(Bounds(2, 1, 1), start)
    assert one == other
    assert found_by(one) == found_by(other)


def test_a_search_can_be_stopped_with_what_it_has_covered() -> None:
    """The one who watches says when."""
    heard: list[int] = []

    def on_progress(schedules: int) -> bool:
        heard.append(schedules)
        return schedules < 3000

    found = explore(SMALL, on_progress=on_progress)
    assert not found.complete
    assert found.schedules == heard[-1] < 4200
    assert 0 < found.states < 886


def test_a_search_within_no_bounds_at_all_ends_at_once() -> None:
    """No event, no fault, no checkpoint: nothing changes anything."""
    found = explore(Bounds(0, 0, 0))
    assert (found.complete, found.states, found.schedules) == (True, 1, 2)


def test_states_that_grow_without_end_are_not_gone_on_from() -> None:
    """A rollback that keeps its outputs could be repeated for ever."""

    class Growing(Processor):
        keeps = Copies

        def rollback(self) -> int:
            pending = self.pending
            discarded = super().rollback()
            for output in pending:
                self.outputs.stage(*output)
            return discarded

    found = explore(Bounds(1, 1, 1), partial(Lab, EXACTLY_ONCE, Growing))
    assert found.complete
    assert found.cut > 0
    assert "pending-sound" in {violation.property for violation in found.violations}


def test_only_the_rules_asked_for_are_judged() -> None:
    """A lesson may care for one of them."""
    rules = {"sink-once": RULES["sink-once"]}
    found = explore(Bounds(1, 1, 1), partial(without, "dedup"), rules=rules)
    assert [violation.property for violation in found.violations] == ["sink-once"]


@pytest.mark.parametrize("most", [1, 2, 10, 100, 400, 800])
@pytest.mark.parametrize("switch", [None, "dedup", "idempotent-sink", "source-replay"])
def test_a_search_that_ends_at_so_many_states_says_truly_how_far_it_came(
    switch: str | None, most: int
) -> None:
    """Whatever breaks a rule within the commands that are covered was found."""
    start = Lab if switch is None else partial(without, switch)
    bounds = Bounds(2, 1, 1)
    whole, part = explore(bounds, start), explore(bounds, start, most=most)
    assert part == explore(bounds, start, most=most)
    assert part.states == min(most, whole.states)
    assert part.complete is (most >= whole.states)
    known = {each.property: each for each in part.violations}
    for each in whole.violations:
        if len(each.counterexample) <= part.covered:
            assert known[each.property] == each
    if switch is None:
        reached = {Keys().of(world) for world in schedules(Lab(), min(part.covered, 5), bounds)}
        assert len(reached) <= part.states


@pytest.mark.parametrize(
    "bounds", [Bounds(10**18, 10**18, 10**18), Bounds(0, 0, 10**18), Bounds(10**18, 0, 0)]
)
def test_a_search_within_bounds_that_nobody_can_reach_ends(bounds: Bounds) -> None:
    found = explore(bounds, most=100)
    assert found.ended == "too many states"
    assert 0 < found.states <= 100
    assert found.covered > 1


def test_behind_states_that_grew_fewer_commands_are_covered() -> None:
    """The schedules through those were not tried."""
    found = explore(Bounds(2, 1, 1), MUTANTS["rollback-keeps-outputs"].start)
    assert found.cut
    assert found.covered < found.depth


@pytest.mark.long
@pytest.mark.parametrize("switch", [None, *SWITCHES])
def test_the_usual_search_ends_before_it_meets_too_many_states(switch: str | None) -> None:
    start = Lab if switch is None else partial(without, switch)
    assert explore(DEFAULT, start, most=MOST).ended in {"all was tried", "a rule broke"}


@pytest.mark.parametrize("asked", range(1, 9))
def test_a_search_is_stopped_only_where_something_is_left(asked: int) -> None:
    """Whoever is asked last can say no to no more than what is still to be tried."""
    calls: list[int] = []

    def on_progress(schedules: int) -> bool:
        calls.append(schedules)
        return len(calls) < asked

    whole, part = explore(SMALL), explore(SMALL, on_progress=on_progress)
    assert part.complete is (part.schedules == whole.schedules)
    assert (part.ended == "stopped") is (len(calls) == asked)
