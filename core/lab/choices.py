"""What is meant by a command in this state of a laboratory, and whether it can be done.

Check first, then apply: a command that means nothing here is refused by this, before
anything has changed, with a hint what to type instead.
"""

from collections.abc import Container
from typing import TYPE_CHECKING

from core.errors import KEY_DOES_NOT_EXIST, TEMPORARILY_UNAVAILABLE, Refused, UnknownCheckpoint
from core.errors import refused as refusal
from core.lab import commands as c
from core.lab.ids import called, known, unknown
from core.outputs import EventId

if TYPE_CHECKING:
    from core.lab.lab import Lab


def resolve(lab: "Lab", command: c.Command) -> c.Command:  # noqa: C901 - one case a command
    """Return a command with what was left to choose filled in. Raises Refused; changes nothing."""
    if not lab.up and not isinstance(command, c.Restart | c.Restore):
        hint = "restore" if lab.saved and not lab.durable else "restart"
        raise Refused(TEMPORARILY_UNAVAILABLE, "the processor is down", hint)
    match command:
        case c.Process():
            return _process(lab, command)
        case c.Retry():
            return _retry(lab, command)
        case c.Feed(words):
            _nothing_due(lab)
            if not words:
                raise refusal("there is no word to feed", "feed to be or not to be")
        case c.Checkpoint(None):
            return c.Checkpoint(free("cp", 0, lab.saved)[1])
        case c.Restore():
            return _restore(lab, command)
        case c.Restart() if lab.up:
            raise refusal("the processor is up", "crash")
        case c.Replay():
            return _replay(lab, command)
        case c.LoseAck():
            _lose_ack(lab)
        case c.Switch() | c.Guarantee():
            lab.can_switch()
        case _:
            pass
    return command


def _process(lab: "Lab", command: c.Process) -> c.Process:
    event_id, word, raw = command
    source = lab.source
    if event_id is None:
        if source.positions.get(word, source.offset + 1) <= source.offset:
            raise refusal(f"{word} is an id", c.typed(c.Retry(word)))
        _nothing_due(lab)
        event_id = lab.free_id()
    position = source.positions.get(event_id)
    if not raw and (position is None or position > source.offset):
        _nothing_due(lab)
    return c.Process(event_id, word, raw)


def _retry(lab: "Lab", command: c.Retry) -> c.Retry:
    source = lab.source
    if command.event_id is None:
        position = _last(lab)
    else:
        event_id = known(lab, command.event_id)
        if event_id not in source.positions:
            raise refusal(f"{called(event_id)} {unknown(lab)}", _next_delivery(lab))
        position = source.positions[event_id]
    if position > source.offset:
        _nothing_due(lab)
    return c.Retry(source.log[position][0])


def _restore(lab: "Lab", command: c.Restore) -> c.Restore:
    if not lab.saved:
        hint = "checkpoint" if lab.up else "restart"
        raise Refused(KEY_DOES_NOT_EXIST, "no checkpoint was saved", hint)
    last = next(reversed(lab.saved))
    name = last if command.name is None else command.name
    if name not in lab.saved:
        missing = UnknownCheckpoint(name)
        hint = f"restore {called(last)}" if isinstance(last, int) else c.typed(c.Restore(last))
        raise Refused(missing.kind, missing.text, hint)
    return c.Restore(name)


def _replay(lab: "Lab", command: c.Replay) -> c.Replay:
    source = lab.source
    _sends_again(lab, "replay")
    start = source.offset if command.offset is None else command.offset
    hint = "replay" if source.due else "replay 0" if source.log else "process hello"
    if not 0 <= start <= source.offset:
        raise refusal(f"offset {start} is beyond what was acknowledged, {source.offset}", hint)
    if start == len(source.log):
        raise refusal("nothing is due", hint)
    return c.Replay(start)


def _lose_ack(lab: "Lab") -> None:
    source = lab.source
    _sends_again(lab, "lose ack")
    position = _last(lab)
    if position < source.offset:
        return
    last, due = called(source.log[position][0]), called(source.log[source.offset][0])
    waits = "it is due" if last == due else f"{due} is due, and {last} waits behind it"
    raise refusal(f"the ack of {last} cannot be lost: {waits}", "replay")


def _last(lab: "Lab") -> int:
    """Return the position of what was sent last. Raises Refused if nothing was."""
    source = lab.source
    if source.last is None:
        when = "in this session" if source.log else "yet"
        raise refusal(f"nothing was sent {when}", _next_delivery(lab))
    return source.last


def _sends_again(lab: "Lab", what: str) -> None:
    """Refuse what needs a source that sends again, where it does not."""
    if not lab.processor.mechanisms.source_replay:
        text = f"source-replay is off: each event is sent once, so no {what}"
        raise refusal(text, "mechanism source-replay on")


def _nothing_due(lab: "Lab") -> None:
    """Refuse a new event while an earlier one waits."""
    due = lab.source.due
    if due is not None:
        raise refusal(f"{called(due[0])} is due first", _next_delivery(lab))


def _next_delivery(lab: "Lab") -> str:
    """Return a command that delivers something now: what is due, or what was sent last."""
    log, due = lab.source.log, lab.source.due
    if due is not None and lab.processor.mechanisms.source_replay:
        return "replay"
    return c.typed(c.Retry((due or log[-1])[0])) if log else "process hello"


def free(prefix: str, last: int, taken: Container[EventId]) -> tuple[int, str]:
    """Return the first number after `last` whose name is free, and the name."""
    while True:
        last += 1
        name = f"{prefix}{last}"
        if name not in taken:
            return last, name
