"""The shortest conversation in which a mutant and the right node reply differently.

Found breadth first over requests, which the right processor and the mutant both get, until
their replies differ. No faults are needed: the client is the source, so it can send an event
again, and restore while the processor is up.
"""

import json
from collections.abc import Container, Sequence
from functools import cache

from core.mutants import MUTANTS, Mutant
from core.node import Node
from core.processor import Processor

LONGEST = 6
"""No conversation with more messages is tried."""

_BASIC: tuple[dict[str, object], ...] = (
    {"type": "process", "event_id": "e1", "word": "hello"},
    {"type": "process", "event_id": "e2", "word": "hello"},
    {"type": "process", "event_id": "e1", "word": "world"},
    {"type": "checkpoint", "checkpoint_id": "cp1"},
    {"type": "restore", "checkpoint_id": "cp1"},
    {"type": "commit"},
)
_ROLLBACK: tuple[dict[str, object], ...] = ({"type": "rollback"},)


def numbered(bodies: Sequence[dict[str, object]]) -> tuple[str, ...]:
    """Return request bodies as lines of JSON, with message ids from 1 on."""
    return tuple(
        json.dumps({"type": body["type"], "msg_id": number, **body})
        for number, body in enumerate(bodies, 1)
    )


@cache
def killer(name: str) -> tuple[str, ...] | None:
    """Return the shortest request lines to which this mutant's last reply is wrong.

    None if no `LONGEST` lines do: such a mutant can be seen in the laboratory alone.
    """
    mutant = MUTANTS[name]
    alphabet = _BASIC + _ROLLBACK if mutant.shows == "wire-strict" else _BASIC
    level: list[tuple[tuple[dict[str, object], ...], Processor, Processor]]
    level = [((), Processor(), mutant.processor())]
    met = set()
    for _ in range(LONGEST if mutant.shows != "lab" else 0):
        before, level = level, []
        for said, right, wrong in before:
            for body in alphabet:
                twins = right.copy(), wrong.copy()
                now = (*said, body)
                if body["type"] == "restore" and not right.checkpoints:
                    continue
                line = numbered(now)[-1]
                expected, got = (Node(twin).answer(line) for twin in twins)
                if expected != got:
                    return numbered(now)
                state = twins[0].freeze(), twins[1].freeze()
                if state not in met:
                    met.add(state)
                    level.append((now, *twins))
    return None


def conversation(processor: Processor, lines: Sequence[str]) -> list[str | None]:
    """Return the replies of a node with this processor to these lines; None where it gives none."""
    node = Node(processor)
    return [node.answer(line) for line in lines]


def behaves_like(lines: Sequence[str], got: object, cleared: Container[str] = ()) -> Mutant | None:
    """Return the mutant whose replies to these lines are wrong and end with `got`, or None.

    `got` is the JSON value of the last reply; `cleared` names mutants that are ruled out
    already. A mutant that needs all of the lines is preferred to one that also fails with one
    line less, as the lines were shrunk.
    """
    second = None
    for mutant in MUTANTS.values():
        if mutant.shows == "lab" or mutant.name in cleared:
            continue
        reply = conversation(mutant.processor(), lines)[-1]
        if reply is None or json.loads(reply) != got or not differs(mutant, lines):
            continue
        shorter = ([*lines[:spared], *lines[spared + 1 :]] for spared in range(len(lines)))
        if not any(differs(mutant, rest) for rest in shorter):
            return mutant
        second = second or mutant
    return second


def differs(mutant: Mutant, lines: Sequence[str]) -> bool:
    """Whether a mutant's reply to any of these lines is not the right one."""
    return conversation(mutant.processor(), lines) != conversation(Processor(), lines)
