"""The small change of all sentences: ids, words, outputs, summaries, numbers."""

import re
from collections.abc import Iterable, Sequence

from core.lab.commands import Command, Feed
from core.lab.commands import typed as as_typed
from core.lab.facts import Saved, Summary
from core.lab.ids import called, like_an_integer, spelled
from core.outputs import EventId, Output
from repl.render.theme import MOST, WHOLE, safe, whole

BEFORE = "before this session"
"""When something happened that came from a store."""

_FED = 6
"""Words of a feed that are shown of the command."""

_IDS = 6

_BUDGET = 20
"""Characters that the counts of a summary may take."""

_BLANK = re.compile("[ \xa0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]")


def word(text: str, most: int = MOST) -> str:
    """Return a word, in quotes where one would not see its ends; `most` as in `safe`."""
    shown = safe(text, most)
    return f"'{shown}'" if not shown or _BLANK.search(text) else shown


def name(value: EventId) -> str:
    """Return an id or a checkpoint's name; the integer 1 is another id than the string `1`."""
    if isinstance(value, int):
        return safe(called(value))
    return f"'{safe(value)}'" if like_an_integer(value) else word(value)


def output(out: Output) -> str:
    """Return an output as a triple."""
    return f"({name(out.event_id)}, {word(out.word)}, {out.count})"


def command(verb: str, value: EventId) -> str:
    """Return a command with an id or a name behind it; nothing where it cannot be shown whole."""
    shown = f"{verb} {spelled(value)}"
    return shown if len(called(value)) <= WHOLE and whole(shown, len(shown)) else ""


def some(items: Sequence[str], most: int, total: int | None = None, between: str = " ") -> str:
    """Join the first items; where there are more, say how many in all."""
    total = len(items) if total is None else total
    shown = between.join(items[:most])
    return shown if total <= len(items[:most]) else f"{shown}{between}… ({total} in all)"


def ids(some_of: Sequence[EventId]) -> str:
    """Return the first ids, and how many there are."""
    return some([name(each) for each in some_of[:_IDS]], _IDS, len(some_of))


def times(number: int) -> str:
    """Return how often: `not at all`, `once`, `twice`, `3 times`."""
    return {0: "not at all", 1: "once", 2: "twice"}.get(number, f"{number} times")


def number(total: int, noun: str) -> str:
    """Return `1 id`, `2 ids`."""
    return f"{total} {noun if total == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """Return `ids`, `crashes`, `deliveries`."""
    if noun.endswith(("sh", "ch")):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def counts(pairs: Iterable[tuple[str, int]], words: int) -> str:
    """Return `hello 2, world 1`, or as much of it as fits with how many words there are."""
    shown: list[str] = []
    length = 0
    for each, count in pairs:
        phrase = f"{word(each)} {count}"
        length += len(phrase) + 2
        if shown and length > _BUDGET:
            break
        shown.append(phrase)
    if not words:
        return "no counts"
    return ", ".join(shown) if len(shown) == words else f"{', '.join(shown)}, … of {words} words"


def summary(state: Summary, between: str = " · ") -> str:
    """Return a state in one line."""
    seen = "seen not saved" if state.seen is None else f"{state.seen} seen"
    parts = [counts(state.counts, state.words), seen, f"{state.pending} pending"]
    return between.join(parts)


def state(held: Summary) -> str:
    """Return a state in one line that says what the counts are."""
    said = summary(held)
    return f"counts {said}" if held.words else said


def saved(checkpoint: Saved) -> str:
    """Return `cp1 (hello 1, 1 seen, 1 pending, offset 1)`."""
    return f"{name(checkpoint.name)} ({holding(checkpoint)})"


def holding(checkpoint: Saved) -> str:
    """Return `hello 1, 1 seen, 1 pending, offset 1`."""
    return f"{summary(checkpoint.summary, ', ')}, offset {checkpoint.offset}"


def rise(text: str, before: int, after: int) -> str:
    """Return `hello 1 → 2`."""
    return f"{word(text)} {before} → {after}"


def typed(command: Command, most: int = 80) -> str:
    """Return a command as one types it, a long one shortened."""
    if isinstance(command, Feed) and len(command.words) > _FED:
        first = safe(as_typed(Feed(command.words[:_FED])), most)
        return f"{first} … ({len(command.words)} words)"
    return safe(as_typed(command), most)
