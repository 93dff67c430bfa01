"""The commands that break the laboratory, and those that bring it back.

Each takes the laboratory, its command and the list its facts go to, and returns the
command with what was left to choose filled in, or None where nothing was.
"""

from typing import TYPE_CHECKING

from core.errors import refused
from core.lab import commands as c
from core.lab.facts import AckLost, Armed, Disarmed, Fact, Replayed, Restarted, Switched
from core.lab.ids import called
from core.mechanisms import PRESETS, Mechanisms

if TYPE_CHECKING:
    from core.lab.lab import Lab


def crash(lab: "Lab", command: c.Crash, facts: list[Fact]) -> None:
    """Crash now, or arm a point."""
    if command.point is None:
        lab.die(None, facts)
    else:
        lab.armed = command.point
        facts.append(Armed(command.point))


def disarm(lab: "Lab", _command: c.Disarm, facts: list[Fact]) -> None:
    """Call off the crash that waits."""
    facts.append(Disarmed(lab.armed))
    lab.armed = None


def restart(lab: "Lab", _command: c.Restart, facts: list[Fact]) -> None:
    """Start again with empty memory, and the source at its beginning; a store keeps both."""
    if lab.up:
        raise refused("the processor is up", "crash")
    lab.start()
    if lab.durable:
        lab.crashed_at = 0  # it took nothing out of seen that a restore could bring back
    moved = lab.rewind(lab.source.offset if lab.durable else 0)
    due = lab.source.due
    facts.append(Restarted(moved, due and due[0], lab.summary() if lab.durable else None))


def replay(lab: "Lab", command: c.Replay, facts: list[Fact]) -> c.Command:
    """Send the log again, from an offset to its end."""
    source = lab.source
    _sends_again(lab, "replay")
    start = source.offset if command.offset is None else command.offset
    hint = "replay" if source.due else "replay 0" if source.log else "process hello"
    if not 0 <= start <= source.offset:
        text = f"offset {start} is beyond what was acknowledged, {source.offset}"
        raise refused(text, hint)
    events = source.log[start:]
    if not events:
        raise refused("nothing is due", hint)
    for position, (_, word) in enumerate(events, start):
        lab.deliver(position, word, facts)
        if not lab.up:
            break
    differs = lab.differs() if lab.up else None
    sent = (source.last or 0) + 1 - start
    facts.insert(0, Replayed(start, sent, differs, lab.setback))
    return c.Replay(start)


def lose_ack(lab: "Lab", _command: c.LoseAck, facts: list[Fact]) -> None:
    """Forget the last acknowledgement: its entry is due again."""
    source = lab.source
    _sends_again(lab, "lose ack")
    if source.last is None:
        raise refused("nothing was sent yet", "process hello")
    event_id = source.log[source.last][0]
    if source.last >= source.offset:
        raise refused(f"{called(event_id)} was not acknowledged: it is due", "replay")
    facts.append(AckLost(event_id, lab.rewind(source.last)))


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


def _sends_again(lab: "Lab", what: str) -> None:
    """Refuse what needs a source that sends again, where it does not."""
    if not lab.processor.mechanisms.source_replay:
        text = f"source-replay is off: each event is sent once, so no {what}"
        raise refused(text, "mechanism source-replay on")
