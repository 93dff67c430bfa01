"""`.jsonl`: the requests of a session, as a grader would pipe them into a node.

A crash is nothing a client sends, but what brings the processor up again is: a `restore` is
the request of that name, and after a `restart` memory is empty, which a checkpoint saved
before the first event brings about as well. (On a store a restart brings all back, so
there is nothing to ask for.) With every mechanism on (a node has them all
on) the node's replies are those of the session.
"""

import json
from typing import Any

from core.lab import commands as c
from core.lab.facts import Restarted
from core.lab.history import History
from core.lab.wire_form import exchanges
from repl.export.moments import moments


def export(history: History) -> str:
    """Return the requests, one JSON object a line, numbered from 1."""
    emptied = False
    empty = _unused(history)
    bodies: list[dict[str, Any]] = []
    for step, lab in moments(history):
        for fact in step.facts:
            if isinstance(fact, Restarted) and fact.kept is None:
                emptied = True
                bodies.append({"type": "restore", "checkpoint_id": empty})
            bodies += [body for body, _ in exchanges(fact, lab)]
    if emptied:
        bodies.insert(0, {"type": "checkpoint", "checkpoint_id": empty})
    lines = [
        json.dumps({"type": body["type"], "msg_id": number, **body})
        for number, body in enumerate(bodies, 1)
    ]
    return "".join(f"{line}\n" for line in lines)


def _unused(history: History) -> str:
    """Return a name that no checkpoint of the session has."""
    taken = {
        str(step.command.name) for step in history.steps if isinstance(step.command, c.Checkpoint)
    }
    name = "empty"
    while name in taken:
        name += "-"
    return name
