"""Search: try every schedule there is, and step through the one that fails.

The searches are imported when they are asked for: the prompt starts without them.
"""

from core.lab.commands import Command, Switch
from core.lab.history import History
from core.lab.lab import Lab
from core.mechanisms import EXACTLY_ONCE
from repl.commands import arguments
from repl.commands.travel import travels
from repl.registry import Argument, Choice, Mistyped, command
from repl.session import Session
from repl.views import View

_STEP_THROUGH = ("witness", "redo", "diff clean")
_BREAK_IT = ("mechanism dedup off", "search")


def _hints(session: Session, *, broken: bool, otherwise: str) -> tuple[str, ...]:
    """Return what to try behind a search; `otherwise` where this session has nothing of it."""
    hints = _STEP_THROUGH if broken else _BREAK_IT
    return hints if all(map(session.takes, hints)) else (otherwise,)


def _found(session: Session) -> list[Choice]:
    return [(name, what) for name, (what, _) in session.witnesses.items()]


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
)
def search(session: Session, *numbers: str) -> View:
    """Try every schedule of a few events and faults, under the present mechanisms.

    A fault is a crash (at any point), a lost ack, or a restore of a live processor. Either
    no schedule breaks a rule, or you get the shortest that does: `witness` loads it. Your
    session stays as it is. Ctrl-C stops with what was covered.
    """
    from core.search.explore import explore
    from core.search.moves import Bounds
    from repl.views import searching

    given = [
        arguments.number(each, bound.name, "search 3 2")
        for bound, each in zip(_BOUNDS, numbers, strict=False)
    ]
    mechanisms = session.lab.processor.mechanisms
    found = explore(Bounds(*given), lambda: Lab(mechanisms), watch=session.watch)
    off = tuple(Switch(field, on=False) for field, on in mechanisms._asdict().items() if not on)
    session.witnesses = {
        each.property: (f"{each.property}: {each.message}", (*off, *each.counterexample))
        for each in found.violations
    }
    broken = bool(found.violations)
    return searching.found(found, *_hints(session, broken=broken, otherwise="sweep"))


@command("sweep", group="search", example="sweep")
def sweep(session: Session) -> View:
    """Try every single fault in this session, and see what it does.

    A crash at every boundary, and a lost ack on every delivery. Each time: recover (the
    last checkpoint, else a restart), replay, finish the session, commit; and see whether
    anything was lost or doubled. `witness` loads the worst, made as short as it gets.
    """
    from core.search import sweep as sweeps
    from repl.views import searching

    swept = sweeps.sweep(
        [step.command for step in session.history.steps], session.start, session.watch
    )
    if swept.witness is not None:
        session.witnesses = {"sweep": ("the worst of the sweep", swept.witness)}
    broken = swept.witness is not None
    return searching.swept(swept, *_hints(session, broken=broken, otherwise="score"))


@command(
    "witness",
    group="search",
    arguments=(Argument("RULE", "the rule whose counterexample to load", _found),),
    example="witness",
    bar=travels,
)
def witness(session: Session, rule: str | None = None) -> View:
    """Load the counterexample of the last search as a session, and step through it.

    `redo` goes one step on, `undo` back; `why` and `diff clean` work at each. An `undo` at
    the first step brings your own session back.
    """
    from repl.views import searching

    what, commands = _witness(session, rule)
    history = History(session.start)
    for each in commands:
        history.do(each)
    history.goto(0)
    session.begin(history)
    return searching.loaded(what, len(commands))


def _witness(session: Session, rule: str | None) -> tuple[str, tuple[Command, ...]]:
    """Return the counterexample to load. Raises Mistyped if there is none of this rule."""
    found = session.witnesses
    if not found:
        exact = session.lab.processor.mechanisms == EXACTLY_ONCE
        hint = "mechanism dedup off" if exact else "search"
        raise Mistyped("no search has found a counterexample", hint)
    name = next(iter(found)) if rule is None else rule
    if name not in found:
        raise Mistyped(f"the search did not break {name!r}", f"witness {next(iter(found))}")
    return found[name]
