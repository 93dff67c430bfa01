"""The shortest conversation that tells a wrong node from the right one.

Breadth first over requests, with the right processor and the wrong one side by side,
until their replies differ. There is no fault on the wire: whoever pipes is the source, so
an event that comes again and a restore of a processor that is up are all it takes.
"""

import json
from collections.abc import Container, Sequence
from functools import cache

from core.mutants import MUTANTS, Mutant
from core.node import Node
from core.processor import Processor

LONGEST = 6
"""Messages after which no more is looked for."""

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
    """Write request bodies as lines, with message ids from 1 on."""
    return tuple(
        json.dumps({"type": body["type"], "msg_id": number, **body})
        for number, body in enumerate(bodies, 1)
    )


@cache
def killer(name: str) -> tuple[str, ...] | None:
    """Return the shortest request lines whose last reply gives this mutant away.

    None where no short ones do: a mutant that shows in the laboratory alone.
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
    """Return what a processor behind the wire replies to these lines."""
    node = Node(processor)
    return [node.answer(line) for line in lines]


def behaves_like(lines: Sequence[str], got: object, cleared: Container[str] = ()) -> Mutant | None:
    """Return the mutant that gives itself away by just these lines, with this last reply.

    Where the lines cannot be fewer, a mutant that fails on fewer is not the one; it comes
    second all the same. `got` is the JSON value of the last reply; `cleared` names mutants
    that are out of the question, as what gives them away has passed.
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
    """Whether a mutant replies to some of these lines otherwise than the right processor."""
    return conversation(mutant.processor(), lines) != conversation(Processor(), lines)
