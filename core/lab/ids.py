"""Which event id is meant by what was typed, and how an id is typed.

At the prompt, in a script and in a condition every id is text; on the wire it may be an
integer as well, which is shown as `int:5`.
"""

import re
import shlex
from collections.abc import Container

from core.errors import refused
from core.lab.world import World
from core.outputs import EventId


def known(lab: World, typed: EventId) -> EventId:
    """Return the id that was meant: the integer where only that was ever sent."""
    return meant(typed, lab.source.positions)


def meant(typed: EventId, there: Container[EventId]) -> EventId:
    """Return which of those that are there was meant, an id or the name of a checkpoint.

    At the prompt all of them are typed as text. So `5` and `int:5` are the string if that
    is there, else the integer if that is there, else the string.
    """
    if isinstance(typed, str) and typed not in there:
        match = _INTEGER.fullmatch(typed)
        number = int(match[1]) if match else None
        return number if number is not None and number in there else typed
    return typed


_INTEGER = re.compile("(?:int:)?(0|-?[1-9][0-9]{0,4299})")
"""An integer as it is shown, or in its usual spelling, of as many digits as Python reads."""


def like_an_integer(text: str) -> bool:
    """Whether a string looks as an integer is shown."""
    return text.startswith("int:") and _INTEGER.fullmatch(text) is not None


def called(value: EventId) -> str:
    """Return what an id is called: the integer 5 is another one than the string `5`."""
    return f"int:{value}" if isinstance(value, int) else value


def spelled(word: EventId) -> str:
    """Return a word or an id as one types it, in quotes where it needs them."""
    return shlex.quote(called(word))


def unknown(lab: World) -> str:
    """Return what is so of an id that the log does not hold: a store's begins with the session."""
    return lab.durability.unsent


def sent(lab: World, typed: EventId) -> EventId:
    """Return the id that was meant, which is one in the log. Raises Refused if none is."""
    event_id = known(lab, typed)
    if event_id in lab.source.positions:
        return event_id
    log = lab.source.log
    hint = f"why {spelled(log[-1][0])}" if log else "process hello"
    raise refused(f"{typed} {unknown(lab)}", hint)
