"""Search: try every schedule within bounds, and step through the one that fails.

The searches are imported when they are asked for: the prompt starts without them.
"""

import re
from collections.abc import Sequence
from math import isqrt
from typing import TYPE_CHECKING

from core.errors import Mistyped, refused
from core.lab.commands import Switch
from core.lab.declaration import Argument, Choice, whole_number
from core.lab.history import History
from core.mechanisms import EXACTLY_ONCE
from repl.commands.travel import travels
from repl.registry import command
from repl.render import View
from repl.session import Counterexample, NotComplete, Session

if TYPE_CHECKING:
    from core.search.sweep import Swept


def _hints(session: Session, *, broken: bool, otherwise: str) -> tuple[str, ...]:
    """Return what to try behind a search; `otherwise` where this session has nothing of it."""
    lab = session.lab
    hints: tuple[str, ...] = ()
    if broken:
        hints = ("witness",)
    elif not lab.up:
        hints = ("restart",)
    elif lab.processor.mechanisms.dedup:
        hints = ("mechanism dedup off", "search")
    return hints if hints and session.takes(hints[0]) else (otherwise,)


def _found(session: Session) -> list[Choice]:
    return [(name, each.shows) for name, each in session.witnesses.items()]


def _tells(session: Session, _words: Sequence[str]) -> None:
    """Bar what would give away the answer of a lesson's step. Raises Refused."""
    if session.guide is None:
        return
    from lessons.model import Break

    runner = session.guide.runner
    if isinstance(runner.step, Break) and not runner.work.done:
        raise refused("this step asks you to find it: a search would give the answer away", "hint")


def _loads(session: Session, words: Sequence[str]) -> None:
    """Bar loading a counterexample: as above, and on a disk. Raises Refused."""
    _tells(session, words)
    travels(session, words)
    _witness(session, words[0] if words else None)


def _bounded(session: Session, words: Sequence[str]) -> None:
    """Bar a search that would give something away, or bounds that are none. As above."""
    _tells(session, words)
    for bound, each in zip(_BOUNDS, words, strict=False):
        whole_number(each, bound.name, _numbered(words))


def _numbered(words: Sequence[str]) -> str:
    """Return a search with these numbers: `search 3, two` is `search 3 2`; or how to ask."""
    said = re.findall(r"[^\s,]+", " ".join(words).lower())
    numbers = [_NUMBERS.get(each, each) for each in said]
    return " ".join(["search", *numbers]) if all(map(str.isdigit, numbers)) else "search ?"


_NUMBERS = {"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}


_BOUNDS = (
    Argument("EVENTS", "how many events; left out, 3"),
    Argument("FAULTS", "how many faults; left out, 2"),
    Argument("CHECKPOINTS", "how many checkpoint names; left out, 1"),
)


@command(
    "search",
    group="search",
    arguments=_BOUNDS,
    example="search 3 2",
    guard=_bounded,
    stops=True,
)
def search(session: Session, *numbers: str) -> View:
    """Try every schedule of a few events and faults, under the present mechanisms.

    It begins with nothing done, on this processor. A fault is a crash (at any point), a lost
    ack, or a restore of a live processor. The source sends again only what it did not hear
    of, and one event a command. Either no such schedule breaks a rule, or you get the
    shortest of them that does: `witness` loads it. Your session stays as it is. Ctrl-C stops
    with what was covered, and so does the search itself at 50,000 states.
    """
    from core.search.explore import MOST, explore
    from core.search.moves import DEFAULT, Bounds
    from repl.render import searching

    given = [
        whole_number(each, bound.name, "search 3 2")
        for bound, each in zip(_BOUNDS, numbers, strict=False)
    ]
    empty = session.lab.empty()
    bounds = Bounds(*given)
    found = explore(bounds, empty.copy, most=MOST, on_progress=session.on_progress)
    # Switched as steps, so that a witness that is saved is one when it is loaded again.
    beginning, mechanisms = empty.empty(EXACTLY_ONCE), empty.processor.mechanisms._asdict()
    off = tuple(Switch(field, on=False) for field, on in mechanisms.items() if not on)
    session.witnesses = {
        each.property: Counterexample(
            f"{each.property}: {each.message}",
            beginning.copy,
            (*off, *each.counterexample),
        )
        for each in found.violations
    }
    broken = bool(found.violations)
    if broken or found.complete:
        return searching.found(found, *_hints(session, broken=broken, otherwise="sweep"))
    view = searching.found(found, " ".join(["search", *map(str, map(min, bounds, DEFAULT))]))
    if found.ended == "stopped":
        return view
    raise NotComplete(view)


@command("sweep", group="search", example="sweep", guard=_tells, stops=True)
def sweep(session: Session) -> View:
    """Try every single fault in this session, and see what it does.

    A crash at every boundary, and a lost ack on every delivery. Each time: recover (the
    last checkpoint, else a restart), replay, finish the session, commit; and see whether
    anything was lost or doubled. `witness` loads a short schedule that does the worst; the
    answer says whether it is the shortest there is, or what else is known of it. Ctrl-C stops
    with what was covered; of a session of more than a thousand steps not all is tried.
    """
    from core.search import sweep as sweeps
    from repl.render import searching

    history = session.history
    beginning = history.at(0)
    swept = sweeps.sweep(
        [step.command for step in history.steps],
        beginning.copy,
        session.on_progress,
        most=sweeps.MOST,
    )
    worst, session.witnesses = swept.witness, {}
    if worst is not None:
        shows = "the worst of the sweep"
        session.witnesses["sweep"] = Counterexample(shows, beginning.copy, worst.commands)
    broken = worst is not None
    if broken or swept.complete:
        return searching.swept(swept, *_hints(session, broken=broken, otherwise="score"))
    view = searching.swept(swept, *_shorter(session, swept))
    if swept.ended == "stopped":
        return view
    raise NotComplete(view)


def _shorter(session: Session, swept: "Swept") -> tuple[str, ...]:
    """Return how to have a shorter session swept whole: its effort grows with the square."""
    step = isqrt(swept.covered * swept.steps) * 9 // 10
    hints = (f"goto {step}", "sweep")
    return hints if step and session.takes(hints[0]) else ("score",)


@command(
    "witness",
    group="search",
    arguments=(Argument("RULE", "the rule whose counterexample to load", _found),),
    example="witness",
    guard=_loads,
)
def witness(session: Session, rule: str | None = None) -> View:
    """Load the counterexample of the last search as a session, and step through it.

    `redo` goes one step on, `undo` back; `why` and `diff clean` work at each. An `undo` at
    the first step brings your own session back.
    """
    from repl.render import searching

    found = _witness(session, rule)
    history = History(found.start)
    for each in found.commands:
        history.do(each)
    history.goto(0)
    session.begin(history)
    return searching.loaded(found.shows, len(found.commands))


def _witness(session: Session, rule: str | None) -> Counterexample:
    """Return the counterexample to load. Raises Mistyped if there is none of this rule."""
    found = session.witnesses
    if not found:
        raise Mistyped("there is no counterexample to load", "search")
    name = next(iter(found)) if rule is None else rule
    if name not in found:
        raise Mistyped(f"the search did not break {name!r}", f"witness {next(iter(found))}")
    return found[name]
