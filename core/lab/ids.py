"""Find the event id that a typed text means, and write an id as one types it.

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
    """Return the id that a typed text means: the integer if only that was ever sent."""
    return meant(typed, lab.source.positions)


def meant(typed: EventId, there: Container[EventId]) -> EventId:
    """Return the id or checkpoint name that a typed text means, given those that are `there`.

    At the prompt all of them are typed as text. So `5` and `int:5` mean the string if that
    is there, else the integer 5 if that is there, else the string.
    """
    if isinstance(typed, str) and typed not in there:
        match = _INTEGER.fullmatch(typed)
        number = int(match[1]) if match else None
        return number if number is not None and number in there else typed
    return typed


_INTEGER = re.compile("(?:int:)?(0|-?[1-9][0-9]{0,4299})")
"""An integer, with `int:` or without, of no more digits than Python's `int` reads."""


def like_an_integer(text: str) -> bool:
    """Whether a string looks like an integer as it is shown: `int:5`."""
    return text.startswith("int:") and _INTEGER.fullmatch(text) is not None


def called(value: EventId) -> str:
    """Return an id as it is shown: `int:5` for the integer 5, which is not the string `5`."""
    return f"int:{value}" if isinstance(value, int) else value


def spelled(word: EventId) -> str:
    """Return a word or an id as one types it, in quotes where it needs them."""
    return shlex.quote(called(word))


def unknown(lab: World) -> str:
    """Return what to say of an id that is not in the log: `was never sent`, or on a store other."""
    return lab.durability.unsent


def sent(lab: World, typed: EventId) -> EventId:
    """Return the id in the log that a typed text means. Raises Refused if there is none."""
    event_id = known(lab, typed)
    if event_id in lab.source.positions:
        return event_id
    log = lab.source.log
    hint = f"why {spelled(log[-1][0])}" if log else "process hello"
    raise refused(f"{typed} {unknown(lab)}", hint)
