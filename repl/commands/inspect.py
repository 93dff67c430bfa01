"""Look: what there is, what changed, and why.

What works an answer out or draws it is imported when it is asked for: the prompt starts
without.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.errors import Mistyped, Unusable, refused
from core.lab.declaration import Argument, Choice, nearest, whole_number
from core.lab.words import written
from repl.commands import arguments
from repl.commands.arguments import EVENT
from repl.registry import Guard, command
from repl.render import View, wording
from repl.session import ExpectationFailed, Session

if TYPE_CHECKING:
    from core.lab.conditions import Condition

_RANGE = Argument("RANGE", "which ones, such as 200..240, 200.. or ..40")
_ALL = "all"
_WHOLE = ("all", "mechanisms")
"""What is always shown whole."""


def _what() -> dict[str, str]:
    from repl.render import tables

    return {**tables.WHAT, "all": "everything there is"}


_PART = Argument("WHAT", "a part of the machine", closed=_what, alike={"output": "", "outputs": ""})


def _compared(session: Session) -> list[Choice]:
    return [("clean", "the same events without a fault"), *arguments.steps(session)]


def _conditions(_: Session) -> list[Choice]:
    return [
        ("count", "count hello == 2"),
        ("seen", "seen holds e1, seen == 2"),
        ("pending", "pending holds e1, pending == 0"),
        ("sink", "sink holds e1 once, sink == 2"),
        ("rule", "rule sink-once holds"),
        ("up", "the processor is up"),
        ("down", "the processor is down"),
    ]


def _shows(_: Session, words: Sequence[str]) -> None:
    """Bar a range that makes no sense. Raises Mistyped."""
    if len(words) > 1 and words[0] in _WHOLE:
        raise Mistyped(f"show {words[0]} takes no range", f"show {words[0]}")
    if len(words) > 1 and words[0] in _what():
        _span(" ".join(words[1:]), f"show {words[0]}")


def _ranges(command: str) -> Guard:
    """Return what bars a range that makes no sense."""

    def bar(_: Session, words: Sequence[str]) -> None:
        if words:
            _span(" ".join(words), command)

    return bar


@command(
    "show",
    "s",
    group="look",
    arguments=(_PART, _RANGE),
    example="show seen",
    synonyms=("state", "status"),
    guard=_shows,
)
def show(session: Session, what: str | None = None, span: str | None = None) -> View:
    """Draw the machine with what is in it now, or show one part in full.

    A long part is shortened to what fits; `show seen 200..240` shows the rest, and
    `200..` or `..40` all from there or up to there.
    """
    from repl.render import machine, tables

    if what is None:
        return machine.show(session.lab)
    try:
        if what == "all":
            return tables.everything(session.history)
        return tables.table(session.history, what, _span(span, f"show {what}"))
    except Unusable as fault:
        raise refused(f"cannot read the store: {fault}", "show") from None


def _was_sent(session: Session, words: Sequence[str]) -> None:
    """Bar the life of an event that there is none of. Raises Refused."""
    from core.lab.ids import read, sent

    if words:
        sent(session.lab, read(words[0]))
    if len(words) > 1 and words[1] != _ALL:
        text = f"expected nothing more, or {_ALL}, not {words[1]!r}"
        raise Mistyped(text, f"why {written(words[0])} {_ALL}")


@command(
    "why",
    "w",
    group="look",
    arguments=(
        replace(EVENT, required=True),
        Argument(_ALL, "every step of a long life", lambda _: [(_ALL, "nothing left out")]),
    ),
    example="why e1",
    synonyms=("explain",),
    guard=_was_sent,
)
def why(session: Session, event_id: str, everything: str = "") -> View:
    """Tell the whole life of an id, and what each mechanism did for it.

    When it was applied, skipped, lost and brought back, where it is now, and what would
    have become of it without each mechanism. Of a long life the middle is left out, but
    for `why e1 all`.
    """
    from core.lab.ids import read, sent
    from core.lab.otherwise import otherwise
    from repl.render import event_trace

    meant = sent(session.lab, read(event_id))
    others = otherwise(session.history, meant)
    return event_trace.why(session.history, meant, others, whole=everything == _ALL)


def _between(session: Session, words: Sequence[str]) -> tuple[int, int] | None:
    """Read the steps behind `diff`; None for `clean`. Raises Mistyped."""
    ends = _ENDS.fullmatch(" ".join(words))
    if ends is not None and not all(word.isdigit() for word in words):
        text = f"expected a step, and a later one, not {wording.word(ends[0])}"
        raise Mistyped(text, f"diff {ends[1] or 0} {ends[2]}".rstrip())
    if words and words[0] == "clean":
        if len(words) > 1:
            raise Mistyped("diff clean compares the present alone", "diff clean")
        return None
    last = len(session.history.steps)
    start = _step(session, words[0]) if words else max(last - 1, 0)
    end = _step(session, words[1]) if len(words) > 1 else last
    if end < start:
        raise Mistyped(f"step {end} comes before step {start}", f"diff {end} {start}")
    return start, end


def _compares(session: Session, words: Sequence[str]) -> None:
    """Bar steps that there are not. Raises Mistyped."""
    _between(session, words)


@command(
    "diff",
    "d",
    group="look",
    arguments=(
        Argument("STEP|clean", "a step, or the run without a fault", _compared),
        Argument("STEP", "a later step; by default now", arguments.steps),
    ),
    example="diff clean",
    guard=_compares,
)
def diff(session: Session, first: str | None = None, second: str | None = None) -> View:
    """Show what changed since a step, or between two; by default in the last one.

    `diff clean` puts the state beside that of a run of the same events with every
    mechanism on and no fault.
    """
    from core.lab.changes import picture
    from core.lab.judge import clean
    from repl.render import changes

    words = [each for each in (first, second) if each is not None]
    between = _between(session, words)
    if between is None:
        return changes.against_clean(picture(session.lab), clean(session.lab))
    (start, end), last = between, len(session.history.steps)
    names = (f"after step {start}", "now" if end == last else f"after step {end}")
    moments = [session.history.at(step) for step in (start, end)]
    return changes.between(picture(moments[0]), picture(moments[1]), names)


@command(
    "timeline",
    "t",
    group="look",
    arguments=(_RANGE,),
    example="timeline",
    guard=_ranges("timeline"),
)
def timeline(session: Session, span: str | None = None) -> View:
    """Draw the steps in lanes: source, processor, disk, sink."""
    from repl.render import timeline as lanes

    return lanes.timeline(session.history, _span(span, "timeline"))


@command("history", group="look", arguments=(_RANGE,), example="history", guard=_ranges("history"))
def show_history(session: Session, span: str | None = None) -> View:
    """List the steps of this session, and those that can be redone."""
    from repl.render import history

    return history.steps(session.history, _span(span, "history"))


@command("score", group="look", example="score")
def show_score(session: Session) -> View:
    """Say at which boundary each event took effect exactly once so far.

    There are four: the state, the committed output, a reader who does not wait for the
    commit, and an effect outside, such as an e-mail. For each you see what the mechanisms
    that are on promise, and what happened, event by event.
    """
    from core.lab import judge
    from repl.render import score

    return score.score(judge.score(session.history))


def _condition(words: Sequence[str]) -> "Condition":
    """Read a condition. Raises Mistyped."""
    from core.lab.grammar import ConditionError, parse

    try:
        return parse(words)
    except ConditionError as fault:
        hint = f"expect {fault.hint}" if fault.hint else "help expect"
        raise Mistyped(fault.text, hint) from None


def _expects(_: Session, words: Sequence[str]) -> None:
    """Bar what is no condition. Raises Mistyped."""
    if words:
        _condition(words)


@command(
    "expect",
    group="look",
    arguments=(Argument("CONDITION", "what should hold", _conditions, required=True, many=True),),
    example="expect count hello == 2",
    guard=_expects,
)
def expect(session: Session, *words: str) -> View:
    """Check that a condition holds; a script fails where it does not.

    count WORD == N; seen, pending or sink holds ID [once]; seen, pending or sink == N;
    up; down; rule NAME holds or broken. For == also != < <= > >=.
    """
    from repl.render import notes

    condition = _condition(words)
    outcome = condition.check(session.lab)
    view = notes.expected(str(condition), met=outcome.met, found=outcome.found)
    if not outcome.met:
        raise ExpectationFailed(view)
    return view


_ENDS = re.compile(r"(?=\.* ?[0-9])([0-9]{0,18}) ?(?:[-:,\u2013\u2026]|\.{2,}| |to) ?([0-9]{0,18})")
"""The ends of a range as people write one who do not know how."""


def _step(session: Session, typed: str) -> int:
    hint = "diff clean" if nearest([typed], ["clean"]) else "diff 1 3"
    number = whole_number(typed, "STEP", hint)
    last = len(session.history.steps)
    if number > last:
        raise Mistyped(f"there is no step {number}: the last one is {last}", f"diff {last}")
    return number


def _span(typed: str | None, command: str) -> tuple[int, int] | None:
    """Read `200..240`, `200..`, `..240` or one number, behind a command. Raises Mistyped.

    An end that is left open is at `NO_END`.
    """
    if typed is None:
        return None
    from repl.render.table_view import NO_END

    match = re.fullmatch(r"([0-9]{0,18})(\.\.)?([0-9]{0,18})", typed)
    if match is None or typed in {"", ".."}:
        text = f"expected RANGE: such as 5, 5..20, 5.. or ..20, not {wording.word(typed)}"
        ends = _ENDS.fullmatch(typed)
        raise Mistyped(text, f"{command} {ends[1]}..{ends[2]}" if ends else f"{command} 1..20")
    first, dots, last = match.groups()
    start = int(first or 1)
    end = int(last or NO_END) if dots else start
    if not start or not end:
        raise Mistyped(f"{typed!r} has a 0: they are counted from 1", f"{command} 1..20")
    if end < start:
        raise Mistyped(f"{typed!r} runs backwards", f"{command} {end}..{start}")
    return start, end
