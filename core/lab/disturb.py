"""The commands that break the laboratory, and those that bring it back.

Each takes the laboratory, its command, in which nothing is left to choose, and the list its
facts go to.
"""

from typing import TYPE_CHECKING

from core.lab import commands as c
from core.lab.facts import AckLost, Armed, Disarmed, Fact, Restarted, Switched
from core.mechanisms import PRESETS, Mechanisms

if TYPE_CHECKING:
    from core.lab.lab import Lab


def crash(lab: "Lab", command: c.Crash, facts: list[Fact]) -> None:
    """Crash now, or arm a point."""
    if command.point is None:
        lab.die(None, facts)
    else:
        facts.append(Armed(command.point, lab.armed))
        lab.armed = command.point


def disarm(lab: "Lab", _command: c.Disarm, facts: list[Fact]) -> None:
    """Call off the crash that waits."""
    facts.append(Disarmed(lab.armed))
    lab.armed = None


def restart(lab: "Lab", _command: c.Restart, facts: list[Fact]) -> None:
    """Start again with empty memory, and the source at its beginning; a store keeps both."""
    lab.start()
    moved = lab.rewind(lab.source.offset if lab.durable else 0)
    kept = lab.summary() if lab.durable else None
    unused = None if lab.durable else next(reversed(lab.saved), None)
    facts.append(Restarted(moved, *lab.source.standing, unused, kept, lab.foreign()))


def lose_ack(lab: "Lab", _command: c.LoseAck, facts: list[Fact]) -> None:
    """Forget the last acknowledgement: its entry is due again."""
    source = lab.source
    assert source.last is not None
    event_id = source.log[source.last][0]
    moved = lab.rewind(source.last)
    facts.append(AckLost(event_id, moved, source.standing[1]))


def switch(lab: "Lab", command: c.Switch, facts: list[Fact]) -> None:
    """Switch one mechanism."""
    before = lab.processor.mechanisms
    _set_mechanisms(lab, before._replace(**{command.mechanism: command.on}), facts)


def guarantee(lab: "Lab", command: c.Guarantee, facts: list[Fact]) -> None:
    """Set all mechanisms to a preset."""
    _set_mechanisms(lab, PRESETS[command.preset], facts)


def _set_mechanisms(lab: "Lab", mechanisms: Mechanisms, facts: list[Fact]) -> None:
    facts.append(Switched(lab.processor.mechanisms, mechanisms))
    lab.processor.switch(mechanisms)
