"""Search: try every schedule there is, and step through the one that fails."""

from core.lab.commands import Switch
from core.lab.history import History
from core.lab.lab import Lab
from core.mechanisms import EXACTLY_ONCE
from core.search.explore import Violation, explore
from core.search.moves import Bounds
from repl.commands import arguments
from repl.registry import Argument, Choice, Mistyped, command
from repl.session import Session
from repl.views import View, searching


def _broken(session: Session) -> list[Choice]:
    found = session.found.violations if session.found else ()
    return [(each.property, each.message) for each in found]


@command(
    "search",
    group="search",
    arguments=(
        Argument("EVENTS", "how many events, 3 by itself"),
        Argument("FAULTS", "how many faults, 2 by itself"),
        Argument("CHECKPOINTS", "how many checkpoint names, 1 by itself"),
    ),
    example="search 3 2",
)
def search(session: Session, *numbers: str) -> View:
    """Try every schedule of a few events and faults, under the present mechanisms.

    A fault is a crash (at any point), a lost ack, or a restore of a live processor. Either
    no schedule breaks a rule, or you get the shortest that does: `witness` loads it. Your
    session stays as it is. Ctrl-C stops with what was covered.
    """
    given = [arguments.number(each, "number", "search 3 2") for each in numbers]
    bounds = Bounds(*given)
    mechanisms = session.lab.processor.mechanisms
    session.found = explore(bounds, lambda: Lab(mechanisms), watch=session.watch)
    session.searched = mechanisms
    return searching.found(session.found)


@command(
    "witness",
    group="search",
    arguments=(Argument("RULE", "the rule whose counterexample to load", _broken),),
    example="witness",
)
def witness(session: Session, rule: str | None = None) -> View:
    """Load the counterexample of the last search as a session, and step through it.

    `redo` goes one step on, `undo` back; `why` and `diff clean` work at each. An `undo` at
    the first step brings your own session back.
    """
    violation = _violation(session, rule)
    off = [field for field, on in session.searched._asdict().items() if not on]
    history = History()
    for each in [*(Switch(field, on=False) for field in off), *violation.counterexample]:
        history.do(each)
    steps = len(history.steps)
    history.goto(0)
    session.begin(history)
    return searching.loaded(violation, steps)


def _violation(session: Session, rule: str | None) -> Violation:
    """Return the violation to load. Raises Mistyped if there is none, or none of this rule."""
    if session.found is None or not session.found.violations:
        if session.lab.processor.mechanisms == EXACTLY_ONCE:
            raise Mistyped("no search has found a counterexample", "mechanism dedup off")
        raise Mistyped("no search has found a counterexample", "search")
    for violation in session.found.violations:
        if rule in {None, violation.property}:
            return violation
    first = session.found.violations[0].property
    raise Mistyped(f"the search did not break {rule!r}", f"witness {first}")
