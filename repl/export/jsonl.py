"""`.jsonl`: the requests of a session, as a grader would pipe them into a node.

A crash is nothing a client sends, but what brings the processor up again is: a `restore` is
the request of that name, and after a `restart` memory is empty, which a checkpoint saved
before the first event brings about as well. (On a store a restart brings all back, so
there is nothing to ask for.) With every mechanism on (a node has them all
on) the node's replies are those of the session.
"""

import json
from collections.abc import Iterator
from typing import Any

from core.checkpoints import CheckpointId
from core.lab import commands as c
from core.lab import facts as f
from core.lab.history import History
from core.lab.lab import Lab, Step
from repl.export.moments import moments


def export(history: History) -> str:
    """Return the requests, one JSON object a line, numbered from 1."""
    empty = _unused(history)
    restarts = any(
        isinstance(fact, f.Restarted) and fact.kept is None
        for step in history.steps
        for fact in step.facts
    )
    bodies = [_request("checkpoint", checkpoint_id=empty)] if restarts else []
    for step, lab in moments(history):
        bodies += _requests(step, lab, empty)
    lines = [
        json.dumps({"type": body.pop("type"), "msg_id": number, **body})
        for number, body in enumerate(bodies, 1)
    ]
    return "".join(f"{line}\n" for line in lines)


def _requests(step: Step, lab: Lab, empty: CheckpointId) -> Iterator[dict[str, Any]]:
    """Yield the requests that a step stands for."""
    for fact in step.facts:
        match fact:
            case f.Applied() | f.Skipped():
                yield _request("process", event_id=fact.event_id, word=fact.word)
            case f.Fed() if fact.counts is not None:
                start = lab.source.positions[fact.first]
                for event_id, word in lab.source.log[start : start + fact.events]:
                    yield _request("process", event_id=event_id, word=word)
            case f.Saved():
                yield _request("checkpoint", checkpoint_id=fact.name)
            case f.Restored():
                yield _request("restore", checkpoint_id=fact.name)
            case f.Restarted(kept=None):
                yield _request("restore", checkpoint_id=empty)
            case f.Committed():
                yield _request("commit")
            case f.RolledBack():
                yield _request("rollback")
            case _:
                pass


def _request(kind: str, **rest: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of JSON
    return {"type": kind, **rest}


def _unused(history: History) -> str:
    """Return a name that no checkpoint of the session has."""
    taken = {
        str(step.command.name) for step in history.steps if isinstance(step.command, c.Checkpoint)
    }
    name = "empty"
    while name in taken:
        name += "-"
    return name
