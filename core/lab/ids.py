"""Which event id is meant by what was typed, and how an id is typed.

At the prompt, in a script and in a condition every id is text; on the wire it may be an
integer as well.
"""

import re
import shlex
from typing import TYPE_CHECKING

from core.errors import refused
from core.outputs import EventId

if TYPE_CHECKING:
    from core.lab.lab import Lab


def known(lab: "Lab", typed: EventId) -> EventId:
    """Return the id that was meant: the integer where only that was ever sent.

    At the prompt every id is typed as text. So `1` is the string if the log has it, else
    the integer if the log has that, else the string.
    """
    positions = lab.source.positions
    if isinstance(typed, str) and typed not in positions and _INTEGER.fullmatch(typed):
        number = int(typed)
        return number if number in positions else typed
    return typed


_INTEGER = re.compile("0|-?[1-9][0-9]{0,4299}")
"""An integer in its usual spelling, of as many digits as Python reads at once."""


def spelled(word: EventId) -> str:
    """Return a word or an id as one types it, in quotes where it needs them."""
    return shlex.quote(str(word))


def sent(lab: "Lab", typed: EventId) -> EventId:
    """Return the id that was meant, which is one in the log. Raises Refused if none is."""
    event_id = known(lab, typed)
    if event_id in lab.source.positions:
        return event_id
    log = lab.source.log
    raise refused(
        f"{typed} was never sent", f"why {spelled(log[-1][0])}" if log else "process hello"
    )
