"""Streams of requests for the benchmarks: same arguments, same stream, byte for byte.

`requests` makes the bodies; a form (`FORMS`) writes them as lines. Everything is made
while it is written, so a stream of any length needs no memory.
"""

import json
import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, count, product
from pathlib import Path

Body = dict[str, str | int]
Form = Callable[[Iterable[Body]], Iterator[str]]

VOCABULARY = 5_000
"""Different words; the word of rank r comes with a frequency of 1/r."""

DUPLICATES = 0.2
"""The share of requests that send a known id again."""

RECENT = 100
"""How many events back the id of such a request lies at most."""

COMMIT_EVERY = 700
"""Process requests between commits: no divisor of the other intervals, so that commits
come before and after checkpoints."""

CHECKPOINT_NAMES = 10
"""Names in use in turn: a node that copies could not hold a copy for each of 10,000."""


def words(seed: int) -> Iterator[str]:
    """Yield words without end, few of them often (Zipf)."""
    syllables = ["".join(pair) for pair in product("bdfgklmnprstvwz", "aeiou")]
    vocabulary = (syllables + ["".join(pair) for pair in product(syllables, repeat=2)])[:VOCABULARY]
    weights = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))
    rng = random.Random(seed)  # noqa: S311 - a stream, not a secret
    while True:
        yield from rng.choices(vocabulary, cum_weights=weights, k=1_000)


def requests(
    lines: int,
    *,
    seed: int = 1,
    commit_every: int = COMMIT_EVERY,
    checkpoint_every: int = 0,
    restore_every: int = 0,
) -> Iterator[Body]:
    """Yield `lines` process requests and what comes between them.

    An interval of 0 means never. A restore goes to the last checkpoint, and the events it
    undid are sent again, beyond `lines`; it needs checkpoints. Where a commit, a restore
    and a checkpoint fall together they come in this order: the restore goes a whole
    interval back.
    """
    rng = random.Random(seed)  # noqa: S311 - a stream, not a secret
    msg_ids, event_ids, names = count(1), count(1), count()
    word = words(seed)
    recent: deque[Body] = deque(maxlen=RECENT)
    undoable: list[Body] = []
    name = ""

    def ask(kind: str, fields: Body) -> Body:
        return {"type": kind, "msg_id": next(msg_ids), **fields}

    for sent in range(lines):
        if checkpoint_every and sent % checkpoint_every == 0:
            name = f"cp{next(names) % CHECKPOINT_NAMES}"
            undoable.clear()
            yield ask("checkpoint", {"checkpoint_id": name})
        if recent and rng.random() < DUPLICATES:
            event = rng.choice(recent)
        else:
            event = {"event_id": f"e{next(event_ids)}", "word": next(word)}
            recent.append(event)
            undoable.append(event)
        yield ask("process", event)
        if commit_every and (sent + 1) % commit_every == 0:
            yield ask("commit", {})
        if restore_every and (sent + 1) % restore_every == 0:
            yield ask("restore", {"checkpoint_id": name})
            for event in undoable:
                yield ask("process", event)
        if not checkpoint_every:
            undoable.clear()


_compact = json.JSONEncoder(separators=(",", ":")).encode


def canonical(bodies: Iterable[Body]) -> Iterator[str]:
    """Write requests as the samples do: no white space, `type` first."""
    return map(_compact, bodies)


def enveloped(bodies: Iterable[Body]) -> Iterator[str]:
    """Write them as the samples do, in an envelope."""
    return (_compact({"src": "c1", "dest": "n1", "body": body}) for body in bodies)


def spaced(bodies: Iterable[Body]) -> Iterator[str]:
    """Write them with the white space of `json.dumps`."""
    return map(json.dumps, bodies)


def shuffled(bodies: Iterable[Body]) -> Iterator[str]:
    """Write them with fields nobody asked for, all in an order that changes."""
    rng = random.Random(1)  # noqa: S311 - a stream, not a secret
    for body in bodies:
        extra = {"sent_at": 1_700_000_000 + int(body["msg_id"]), "trace": {"hops": ["a", "b"]}}
        fields = list((body | extra).items())
        rng.shuffle(fields)
        yield json.dumps(dict(fields))


FORMS: dict[str, Form] = {
    "canonical": canonical,
    "envelope": enveloped,
    "spacing": spaced,
    "shuffled": shuffled,
}


def write(path: Path, bodies: Iterable[Body], form: Form = canonical) -> int:
    """Write a stream to a file; return how many of its lines are process requests."""
    processed = 0

    def counted() -> Iterator[Body]:
        nonlocal processed
        for body in bodies:
            processed += body["type"] == "process"
            yield body

    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in form(counted()))
    return processed
