"""The JSON behind a step: the requests and replies of the raw mode, for one command.

Not every command has a form on the wire: a crash is nothing that a client sends.
"""

import json

from core import messages as m
from core import wire
from core.errors import Refused
from core.lab import commands as c
from core.lab.exchanged import reply as answer_to
from core.lab.exchanged import request as request_for
from core.lab.facts import Crashed
from core.lab.lab import Lab, Step


def read(line: str) -> tuple[m.Request, c.Command | None]:
    """Read a raw request, and the command it stands for (none for `init`).

    Raises Refused as the node would.
    """
    request = wire.read_request(wire.body_of(wire.parse(line)))
    match request:
        case m.Process(_, event_id, word):
            return request, c.Process(event_id, word, raw=True)
        case m.Checkpoint(_, name):
            return request, c.Checkpoint(name)
        case m.Restore(_, name):
            return request, c.Restore(name)
        case m.Commit():
            return request, c.Commit()
        case m.Rollback():
            return request, c.Rollback()
        case m.Init():
            return request, None


def reply(request: m.Request, step: Step | None, lab: Lab) -> str | None:
    """Return the reply to a request that made this step; None if the crash came first."""
    if step is None:
        return wire.encode(m.InitOk(request.msg_id))
    if any(isinstance(fact, Crashed) for fact in step.facts):
        return None
    answers = [answer_to(fact, request.msg_id, lab) for fact in step.facts]
    return next(wire.encode(answer) for answer in answers if answer is not None)


def refusal(fault: Refused) -> str:
    """Return the reply to a request that was refused."""
    return wire.encode(m.Error(fault.msg_id, fault.kind, fault.text))


def lines(step: Step, lab: Lab) -> tuple[str, ...]:
    """Return what a client would have sent for this step, each request with its reply."""
    exchanged = []
    for fact in step.facts:
        body = request_for(fact)
        answer = answer_to(fact, step.number, lab)
        if body is not None and answer is not None:
            kind, *rest = body.items()
            request = dict([kind, ("msg_id", step.number), *rest])
            exchanged += [json.dumps(request), wire.encode(answer)]
    if step.facts and isinstance(step.facts[-1], Crashed) and exchanged:
        exchanged.pop()  # the reply to what was in hand never left
    return tuple(exchanged)
