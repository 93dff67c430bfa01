"""Find the event id that a typed text means, and write an id as one types it.

An id is text, or an integer where it came over the wire. That is shown and typed as `int:5`; in
quotes, `'int:5'` is the text.
"""

import re
from collections.abc import Container, Iterable

from core.errors import refused
from core.lab.words import Quoted, written
from core.lab.world import World
from core.outputs import EventId


def read(word: str) -> EventId:
    """Return the id or the name that a word is: an integer where it is `int:5` without quotes."""
    if like_an_integer(word) and not isinstance(word, Quoted):
        return int(word.removeprefix(_MARK))
    return str(word)


def known(lab: World, typed: EventId) -> EventId:
    """Return the id that was typed: what was ever sent decides between text and integer."""
    return meant(typed, lab.source.positions)


def meant(typed: EventId, there: Container[EventId]) -> EventId:
    """Return the id or checkpoint name that was typed, given those that are `there`.

    That is the one typed if it is there. Else `5` and `'int:5'` mean the integer 5, and `int:5`
    the text, if that is there.
    """
    if typed in there:
        return typed
    if isinstance(typed, int):
        other: EventId = called(typed)
    else:
        match = _INTEGER.fullmatch(typed)
        other = int(match[1]) if match else typed
    return other if other in there else typed


def resembling(typed: EventId, there: Iterable[EventId]) -> EventId | None:
    """Return the one of these ids or names that was probably meant; None if that is not clear.

    It is the same but for capitals, or the only one that begins so.
    """
    said = called(typed).lower()
    among = [each for each in there if called(each).lower().startswith(said)] if said else []
    same = [each for each in among if called(each).lower() == said]
    return same[0] if len(same) == 1 else among[0] if len(among) == 1 else None


_MARK = "int:"
_INTEGER = re.compile(f"(?:{_MARK})?(0|-?[1-9][0-9]{{0,4299}})")
"""An integer, with `int:` or without, of no more digits than Python's `int` reads."""


def like_an_integer(text: str) -> bool:
    """Whether a string looks like an integer as it is shown: `int:5`."""
    return text.startswith(_MARK) and _INTEGER.fullmatch(text) is not None


def called(value: EventId) -> str:
    """Return an id as it is shown: `int:5` for the integer 5, which is not the string `5`."""
    return f"{_MARK}{value}" if isinstance(value, int) else value


def as_word(value: EventId) -> str:
    """Return an id as the word that is typed for it: `read` makes the same of that again."""
    if isinstance(value, str) and like_an_integer(value):
        return Quoted(value)
    return called(value)


def spelled(value: EventId) -> str:
    """Return a word or an id as one types it, in quotes where it needs them."""
    return written(as_word(value))


def unknown(lab: World) -> str:
    """Return what to say of an id that is not in the log: `was never sent`, or on a store other."""
    return lab.durability.unsent


def sent(lab: World, typed: EventId) -> EventId:
    """Return the id in the log that was typed. Raises Refused if there is none."""
    event_id = known(lab, typed)
    if event_id in lab.source.positions:
        return event_id
    log = lab.source.log
    near = resembling(event_id, lab.source.positions)
    hint = "show source" if near is None else f"why {spelled(near)}"
    raise refused(f"{called(event_id)} {unknown(lab)}", hint if log else "process hello")
