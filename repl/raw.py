"""The JSON behind a step: the requests and replies of the raw mode, for one command.

Not every command has a form on the wire: a crash is nothing that a client sends.
"""

import json
from typing import Any

from core import messages as m
from core import wire
from core.errors import Refused
from core.lab.crash_points import CrashPoint
from core.lab.facts import Crashed, Undelivered
from core.lab.lab import Lab, Step
from core.lab.wire_form import exchanges


def reply(request: m.Request, step: Step | None, lab: Lab) -> str | None:
    """Return the reply to a request that made this step; None if the crash came first."""
    if step is None:
        return wire.encode(m.InitOkReply(request.msg_id))
    if any(isinstance(fact, Crashed) for fact in step.facts):
        return None
    answer = next(answer for fact in step.facts for _, answer in exchanges(fact, lab))
    return wire.encode(answer._replace(in_reply_to=request.msg_id))


def refusal(fault: Refused) -> str:
    """Return the reply to a request that was refused."""
    return wire.encode(m.ErrorReply(fault.msg_id, fault.kind, fault.text))


def lines(step: Step, lab: Lab, first: int) -> tuple[str, ...]:
    """Return what a client would have sent for this step, each request with its reply.

    The requests are numbered from `first` on. That which was in hand at a crash has no reply.
    """
    pairs: list[tuple[dict[str, Any], m.Reply | None]]
    pairs = [pair for fact in step.facts for pair in exchanges(fact, lab)]
    last = step.facts[-1]
    if isinstance(last, Crashed) and last.point is not None:
        unheard = _in_hand(last.point, step)
        if unheard is not None:
            pairs.append((unheard, None))
        elif pairs:
            pairs[-1] = pairs[-1][0], None
    shown = []
    for number, (body, answer) in enumerate(pairs, first):
        kind, *rest = body.items()
        shown.append(json.dumps(dict([kind, ("msg_id", number), *rest])))
        if answer is not None:
            shown.append(wire.encode(answer._replace(in_reply_to=number)))
    return tuple(shown)


def _in_hand(point: CrashPoint, step: Step) -> dict[str, Any] | None:
    """Return the request of which nothing was done; None where something was."""
    if point is CrashPoint.IN_CHECKPOINT:
        return {"type": "checkpoint", "checkpoint_id": getattr(step.command, "name", None)}
    if point in {CrashPoint.BEFORE_COMMIT, CrashPoint.IN_COMMIT}:
        return {"type": "commit"}
    sent = next((fact for fact in step.facts if isinstance(fact, Undelivered)), None)
    if sent is None:
        return None
    return {"type": "process", "event_id": sent.event_id, "word": sent.word}
