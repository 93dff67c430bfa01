"""Whatever the product says of the past and the present is what a witness saw.

Random sessions, with everything a person can do in them, on the right laboratory and on
every wrong one. A session is a list of plain actions, so one that fails is made short by
leaving actions out, and the failure shows what is left.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple, get_args
from unittest.mock import patch

import pytest

from core.errors import Refused
from core.lab import commands as c
from core.lab import history as past
from core.lab.crash_points import CrashPoint
from core.lab.disk import Disk
from core.lab.history import History
from core.lab.lab import Lab, Step
from core.mechanisms import EXACTLY_ONCE, PRESETS, SWITCHES
from core.mutants import MUTANTS
from tests.core.lab import claims as told
from tests.core.lab.claims import Claims, Untrue
from tests.core.lab.scenes import on_disk, pretended
from tests.witness import Eyes, Witness, whole, witnessed

SHORT, LONG = 5_000, 200_000
"""Actions in all."""


class Travel(NamedTuple):
    """Undo, redo, or go to a step."""

    how: str
    number: int


class Kill(NamedTuple):
    """Kill the process that serves a real store: nobody asks for it, it happens."""


class Reopen(NamedTuple):
    """Leave a real store, and begin another session on it."""


Action = c.Command | Travel | Kill | Reopen


# Where a session begins.


def _off(*names: str) -> Callable[[], Lab]:
    mechanisms = EXACTLY_ONCE._replace(**{SWITCHES[name]: False for name in names})
    return lambda: Lab(mechanisms)


STARTS: dict[str, Callable[[], Lab]] = {
    "right": Lab,
    "durable": pretended,
    **{f"{name} off": _off(name) for name in SWITCHES},
    "all off": _off(*SWITCHES),
    "dedup and transactional-output off": _off("dedup", "transactional-output"),
    "seen-in-checkpoints and idempotent-sink off": _off("seen-in-checkpoints", "idempotent-sink"),
    **{name: mutant.start for name, mutant in MUTANTS.items()},
}

DISK = "disk"
WEIGHTS = {"right": 8, "durable": 3}


# What is done in it.

IDS = ("e1", "e2", "e3", "x")
RAW_IDS = (1, "1", -7)
WORDS = ("a", "b", "e1", "two words")
NAMES = ("cp1", "cp2", "my cp", 7, "7")


REACHING: dict[CrashPoint, c.Command] = {
    CrashPoint.IN_CHECKPOINT: c.Checkpoint("cp1"),
    CrashPoint.BEFORE_COMMIT: c.Commit(),
    CrashPoint.IN_COMMIT: c.Commit(),
    CrashPoint.AFTER_COMMIT: c.Commit(),
}


class Dice:
    """Throws what a person does next, as the state of the laboratory suggests."""

    def __init__(self, random: Random) -> None:
        """Throw these dice."""
        self.random = random

    def action(self, session: "Session") -> Action:
        """Return the next action."""
        random = self.random
        draw = random.random()
        if session.start == DISK and draw < 0.04:
            return random.choice((Kill(), Reopen()))
        if draw < 0.06:
            how = random.choice(("undo", "redo", "goto"))
            most = len(session.history.steps) + len(session.history.undone)
            return Travel(
                how, random.randint(0, most + 1) if how == "goto" else random.randint(1, 3)
            )
        return self.command(session.history.lab)

    def command(self, lab: Lab) -> c.Command:
        """Return the next command of a laboratory."""
        random, draw = self.random, self.random.random()
        if not lab.up and draw < 0.8:
            return c.Restart() if random.random() < 0.4 else self._restore(lab)
        if lab.source.due and draw < 0.35:
            return random.choice((c.Replay(), c.Replay(), c.Retry(lab.source.due[0])))
        if lab.up and lab.armed is not None and random.random() < 0.25:
            return REACHING.get(lab.armed, c.Process(None, random.choice(WORDS)))
        return self._any(lab)

    def _any(self, lab: Lab) -> c.Command:
        random = self.random
        kinds: dict[Callable[[], c.Command], int] = {
            lambda: c.Process(random.choice((None, *IDS)), random.choice(WORDS)): 26,
            lambda: c.Process(random.choice((*IDS, *RAW_IDS)), random.choice(WORDS), raw=True): 6,
            lambda: c.Retry(random.choice((None, *IDS, *RAW_IDS))): 7,
            self._feed: 4,
            lambda: c.Checkpoint(random.choice((None, *NAMES[:3], *NAMES))): 10,
            lambda: self._restore(lab): 10,
            c.Commit: 10,
            c.Rollback: 6,
            c.Crash: 6,
            lambda: c.Crash(random.choice(tuple(CrashPoint))): 9,
            c.Disarm: 1,
            c.Restart: 1,
            lambda: c.Replay(random.choice((None, 0, 0, random.randint(-1, 6)))): 6,
            c.LoseAck: 5,
            lambda: c.LoseEvent(random.choice((None, *WORDS))): 5,
            lambda: c.Switch(random.choice(tuple(SWITCHES.values())), random.random() < 0.5): 4,
            lambda: c.Guarantee(random.choice(tuple(PRESETS))): 2,
        }
        return random.choices(list(kinds), list(kinds.values()))[0]()

    def _feed(self) -> c.Command:
        number = self.random.choices((0, 1, 2, 3, 5, 9), (1, 4, 8, 6, 2, 1))[0]
        return c.Feed(tuple(self.random.choice(WORDS) for _ in range(number)))

    def _restore(self, lab: Lab) -> c.Command:
        names = (None, *lab.saved) if self.random.random() < 0.9 else (None, *NAMES)
        return c.Restore(self.random.choice(names))


def test_the_dice_throw_every_command_there_is() -> None:
    dice, lab = Dice(Random(0)), Lab()  # noqa: S311 - dice
    thrown = {type(dice.command(lab)) for _ in range(2000)}
    assert thrown == set(get_args(c.Command))


# A session, and the witness beside it.


class Session:
    """A history and its witness, which is asked after each action."""

    def __init__(self, start: str, claims: Claims, eyes: Eyes, folder: str = "") -> None:
        """Begin."""
        self.start, self.claims, self._eyes = start, claims, eyes
        self._path = str(Path(folder, "store"))
        self.steps = 0
        self._begin(None)

    def _begin(self, earlier: Witness | None) -> None:
        if self.start == DISK:
            self._disk = Disk(self._path)
            self.history = History(lambda: on_disk(self._disk))
        else:
            self.history = History(STARTS[self.start])
        self.frames = [Witness(self.history.lab, earlier)]
        self._later: list[Witness] = []

    def act(self, action: Action) -> None:
        """Do it, and check all that is said then. Raises Untrue."""
        seed = Random(f"{len(self.frames)} {action}")  # noqa: S311 - dice
        if isinstance(action, Reopen):
            self._disk.close()
            self._begin(self.frames[-1])
        elif isinstance(action, Kill):
            self._disk.kill()
            return
        elif isinstance(action, Travel):
            self._travel(action)
        else:
            self._do(action)
        self.check_now(seed)

    def _do(self, command: c.Command) -> None:
        history = self.history
        try:
            step, witness = witnessed(
                self._eyes, self.frames[-1], history.lab, lambda: history.do(command)
            )
        except Refused as fault:
            self.check_refusal(command, fault)
            return
        self.steps += 1
        self.frames.append(witness)
        self._later.clear()
        self.check_step(command, step)

    def _travel(self, action: Travel) -> None:
        history, here = self.history, len(self.frames) - 1
        try:
            getattr(history, action.how)(action.number)
        except Refused as fault:
            self.check_refusal(f"{action.how} {action.number}", fault)
            return
        both = [*self.frames, *reversed(self._later)]
        there = {
            "undo": max(here - action.number, 0),
            "redo": min(here + action.number, len(both) - 1),
        }
        position = there.get(action.how, action.number)
        self.frames, self._later = both[: position + 1], both[position + 1 :][::-1]
        self.claims.claim("travel: steps", len(history.steps), position)
        self.claims.claim("travel: state", whole(history.lab), self.frames[-1].now)

    # What is checked.

    def check_step(self, asked: c.Command, step: Step) -> None:
        """Check what is said of the step that was made. Raises Untrue."""
        told.check_step(self.claims, self.history.lab, asked, step, self.frames[-1])
        told.check_setback(self.claims, self.history, self.frames)

    def check_refusal(self, asked: c.Command | str, fault: Refused) -> None:
        """Check what a refusal says. Raises Untrue."""
        told.check_hint(self.claims, self.history.lab, asked, fault)

    def check_now(self, random: Random) -> None:
        """Check what is said of the past and the present. Raises Untrue."""
        told.check_record(self.claims, self.history, self.frames, random)
        told.check_score(self.claims, self.history, self.frames[-1])
        told.check_conditions(self.claims, self.history.lab, self.frames[-1], random)

    def end(self) -> None:
        """Check what it would have come to otherwise, of one event. Raises Untrue."""
        log = self.frames[-1].now.log
        if self.start != DISK and log and len(self.frames) < 30:
            event_id = Random(len(self.frames)).choice(log)[0]  # noqa: S311 - dice
            told.check_otherwise(
                *(self.claims, STARTS[self.start], self.history, self.frames[-1]),
                *(self._eyes, event_id),
            )

    def close(self) -> None:
        """Let go of a store."""
        if self.start == DISK:
            self._disk.close()


def carry_out(
    start: str,
    following: Callable[[Session], Action | None],
    length: int,
    claims: Claims,
    kind: type[Session] = Session,
) -> tuple[list[Action], int, Untrue | None]:
    """Run a session, each action as soon as the one before it was done, until there is none.

    Returns its actions, its steps, and what was untrue, if anything was.
    """
    eyes, done = Eyes(), list[Action]()
    with ExitStack() as stack:
        stack.enter_context(eyes.opened())
        stack.enter_context(patch.object(past, "_FEWEST", 6))  # so that copies are kept and used
        folder = stack.enter_context(TemporaryDirectory()) if start == DISK else ""
        session = kind(start, claims, eyes, folder)
        stack.callback(session.close)
        try:
            while len(done) < length and (action := following(session)) is not None:
                done.append(action)
                session.act(action)
            session.end()
        except Untrue as untrue:
            return done, session.steps, untrue
        except Exception as broken:  # noqa: BLE001 - whatever breaks is shown, made short
            what = f"{type(broken).__name__} {_where(broken)}"
            return done, session.steps, Untrue(what, repr(broken)[:300], "nothing breaks")
        return done, session.steps, None


def repeated(
    start: str, actions: Sequence[Action], passed: Iterable[str], kind: type[Session] = Session
) -> tuple[list[Action], Untrue | None]:
    """Carry out these actions; return those up to what was untrue."""
    given = iter(actions)
    claims = Claims(passed)
    done, _, untrue = carry_out(start, lambda _: next(given, None), len(actions), claims, kind)
    return done, untrue


def _where(fault: BaseException) -> str:
    trace = fault.__traceback__
    assert trace is not None
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


def shortened(
    start: str,
    actions: list[Action],
    untrue: Untrue,
    passed: Iterable[str],
    kind: type[Session] = Session,
) -> tuple[list[Action], Untrue]:
    """Leave out whatever is not needed for the same kind of claim to be untrue."""
    size = len(actions)
    while size:
        size //= 2
        for fewer in _fewer(actions, size):
            done, found = repeated(start, fewer, passed, kind)
            if found is not None and found.kind == untrue.kind:
                actions, untrue, size = done, found, len(done)
                break
    return actions, untrue


def _fewer(actions: list[Action], size: int) -> Iterator[list[Action]]:
    """Yield the actions without some of them (of this number), or with fewer words to feed."""
    for place in range(0, len(actions), max(size, 1)):
        yield [*actions[:place], *actions[place + max(size, 1) :]]
    for place, action in enumerate(actions):
        if isinstance(action, c.Feed) and len(action.words) > 1 and size <= 1:
            yield [*actions[:place], c.Feed(action.words[1:]), *actions[place + 1 :]]


def shown(start: str, actions: Sequence[Action], untrue: Untrue) -> str:
    """Return a failure as one reads it."""
    lines = [c.typed(each) if isinstance(each, c.Command) else _spelled(each) for each in actions]
    return "\n".join([f"start: {start}", *(f"  {line}" for line in lines), str(untrue)])


def _spelled(action: Travel | Kill | Reopen) -> str:
    return f"{action.how} {action.number}" if isinstance(action, Travel) else str(action)


def run(  # noqa: PLR0913 - what a run is made of
    total: int,
    seed: int,
    *,
    disk: bool,
    claims: Claims,
    kind: type[Session] = Session,
    starts: Sequence[str] = tuple(STARTS),
) -> Counter[str]:
    """Carry out random sessions until there were so many actions. Raises Untrue, made short."""
    random = Random(seed)  # noqa: S311 - dice
    weights = [WEIGHTS.get(name, 1) for name in starts]
    numbers: Counter[str] = Counter()
    while numbers["actions"] < total:
        start = DISK if disk else random.choices(starts, weights)[0]
        length = random.choice((10, 15, 25, 60))
        done, steps, untrue = carry_out(start, Dice(random).action, length, claims, kind)
        numbers.update(sessions=1, actions=len(done), steps=steps)
        if untrue is not None:
            short = shortened(start, done, untrue, claims.passed, kind)
            raise AssertionError(shown(start, *short)) from None
    return numbers


@pytest.mark.parametrize("seed", range(4))
def test_all_that_is_said_is_what_a_witness_saw(seed: int) -> None:
    run(SHORT // 4, seed, disk=False, claims=Claims())


def test_on_a_disk_all_that_is_said_is_what_a_witness_saw() -> None:
    run(100, 1, disk=True, claims=Claims())


@pytest.mark.long
def test_in_many_sessions_all_that_is_said_is_what_a_witness_saw(
    capsys: pytest.CaptureFixture[str],
) -> None:
    claims = Claims()
    numbers = run(LONG, 7, disk=False, claims=claims)
    numbers += run(LONG // 100, 8, disk=True, claims=claims)
    with capsys.disabled():
        sys.stdout.write(figures(numbers, claims))


def figures(numbers: Counter[str], claims: Claims) -> str:
    """Return how much was checked, a line a kind."""
    lines = [f"{number:>12,} {name}" for name, number in numbers.items()]
    lines += [f"{number:>12,} {kind}" for kind, number in sorted(claims.checked.items())]
    lines += [f"{claims.checked.total():>12,} claims in all"]
    return "\n".join(["", *lines, ""])
