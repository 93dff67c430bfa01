"""The conversations of a check: samples, those that expose mutants, random and hostile ones.

Each conversation begins with an empty node. The four basic messages with string ids must be
answered rightly; a conversation with a *topic* goes beyond them, and is judged separately.
"""

from collections.abc import Iterator
from typing import NamedTuple

from core.examiner.distinguish import killer, numbered
from core.mutants import MUTANTS

Body = dict[str, object]


class Conversation(NamedTuple):
    """One conversation: request lines without their line ends.

    `topic` names what in it goes beyond the basic messages, if anything does. `together`: all
    lines are sent at once, so that no time is lost if the node does not reply to one of them.
    """

    name: str
    lines: tuple[bytes, ...]
    topic: str | None = None
    together: bool = False


def _encoded(lines: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(line.encode() for line in lines)


def process(event_id: object, word: str) -> Body:
    """Return the body of a process request."""
    return {"type": "process", "event_id": event_id, "word": word}


def checkpoint(name: object = "cp1") -> Body:
    """Return the body of a checkpoint request."""
    return {"type": "checkpoint", "checkpoint_id": name}


def restore(name: object = "cp1") -> Body:
    """Return the body of a restore request."""
    return {"type": "restore", "checkpoint_id": name}


COMMIT: Body = {"type": "commit"}
ROLLBACK: Body = {"type": "rollback"}
_HELLO = process("e1", "hello")

_SAMPLES: tuple[tuple[str, tuple[Body, ...]], ...] = (
    ("one event", (_HELLO,)),
    ("a duplicate", (_HELLO, _HELLO)),
    ("a word twice", (_HELLO, process("e2", "hello"), process("e3", "world"))),
    ("a restore", (_HELLO, checkpoint(), process("e2", "world"), restore(), _HELLO)),
    ("a commit", (_HELLO, process("e2", "hello"), COMMIT, COMMIT)),
    ("a restore of what waited", (_HELLO, checkpoint(), process("e2", "world"), restore(), COMMIT)),
    ("a restore behind a commit", (_HELLO, checkpoint(), COMMIT, restore(), COMMIT)),
    (
        "a replay behind a commit",
        (checkpoint(), _HELLO, process("e2", "world"), COMMIT, restore(), _HELLO, COMMIT),
    ),
    (
        "forward again",
        (checkpoint("a"), _HELLO, checkpoint("b"), restore("a"), restore("b"), _HELLO, COMMIT),
    ),
    ("a checkpoint replaced", (checkpoint(), _HELLO, checkpoint(), restore(), _HELLO)),
    (
        "words of many kinds",
        tuple(
            process(f"id {number}", word)
            for number, word in enumerate(
                (
                    "",
                    "ä ö",
                    "日本",
                    "\U0001f642",
                    'a "quote"',
                    "a\\b\n\t",
                    "__proto__",
                    "constructor",
                )
            )
        ),
    ),
    ("ids of many kinds", tuple(process(i, "w") for i in ("", "__proto__", "1", "01", "ä", "ä "))),
    ("a long word", (process("e1", "x" * 70_000), process("e1", "x" * 70_000))),
)

_EXTENDED: tuple[tuple[str, str, tuple[Body, ...]], ...] = (
    ("rollback", "a rollback", (_HELLO, ROLLBACK, _HELLO, COMMIT)),
    ("rollback", "an empty rollback", (ROLLBACK, _HELLO, COMMIT, ROLLBACK, _HELLO)),
    ("init", "init", ({"type": "init", "node_id": "n1", "node_ids": ["n1", "n2"]}, _HELLO)),
    ("unknown checkpoint", "an unknown checkpoint", (restore("never"), _HELLO)),
    ("integer ids", "integer ids", (process(1, "a"), process("1", "a"), process(1, "a"))),
    ("integer ids", "integer checkpoints", (checkpoint(1), _HELLO, checkpoint("1"), restore(1))),
    ("unknown type", "an unknown type", ({"type": "dance"}, _HELLO)),
    ("message id", "no message id", ({"type": "commit", "msg_id": None}, _HELLO)),
    ("message id", "a message id that is none", ({"type": "commit", "msg_id": True}, _HELLO)),
    ("bad input", "a field missing", ({"type": "process", "event_id": "e1"}, _HELLO)),
    ("bad input", "a word that is none", ({**_HELLO, "word": 7}, _HELLO)),
    ("bad input", "an id that is none", ({**_HELLO, "event_id": True}, _HELLO)),
    ("bad input", "an id that is null", ({**_HELLO, "event_id": None}, _HELLO)),
    ("extra fields", "extra fields", ({**_HELLO, "shade": "red"}, {**COMMIT, "word": 1})),
)

_HOSTILE: tuple[tuple[str, bytes], ...] = (
    ("not JSON", b"hello"),
    ("half an object", b'{"type": "commit", '),
    ("an array", b"[1, 2, 3]"),
    ("a string", b'"process"'),
    ("null", b"null"),
    ("a body that is none", b'{"body": 3}'),
    ("two values", b'{"type": "commit", "msg_id": 1} {}'),
    ("NaN", b'{"type": "commit", "msg_id": NaN}'),
    ("bytes that are no text", b'{"type": "commit", "msg_id": 1, "x": "\xff\xfe"}'),
    ("a byte-order mark", b'\xef\xbb\xbf{"type": "commit", "msg_id": 1}'),
    ("a zero byte", b"\x00"),
    ("deep nesting", b"[" * 50_000),
    ("white space alone", b"   "),
    ("a line of two megabytes", b'{"type": "' + b"x" * (1 << 21) + b'"}'),
)


def fixed() -> Iterator[Conversation]:
    """Yield the conversations that are the same in every check: all but the random ones."""
    for name, bodies in _SAMPLES:
        yield Conversation(name, _encoded(numbered(bodies)))
    yield Conversation(
        "envelopes", _encoded(_enveloped(numbered((_HELLO, checkpoint(), restore()))))
    )
    for name, mutant in MUTANTS.items():
        lines = killer(name)
        if lines is not None:
            topic = "rollback" if mutant.shows == "wire-strict" else None
            yield Conversation(f"what gives {name} away", _encoded(lines), topic, topic is not None)
    for topic, name, bodies in _EXTENDED:
        yield Conversation(name, _encoded(numbered(bodies)), topic, together=True)
    for name, line in _HOSTILE:
        after = _encoded(numbered((_HELLO, COMMIT)))
        yield Conversation(name, (line, *after), "bad input", together=True)


def _enveloped(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f'{{"src": "c1", "dest": "n1", "body": {line}}}' for line in lines)


class Dice:
    """A small generator of random numbers: from a seed the same ones on every machine."""

    def __init__(self, seed: int) -> None:
        """Begin the sequence of this seed, an integer of which 64 bits count."""
        self._state = seed & _WORD

    def below(self, bound: int) -> int:
        """Return the next number, from 0 to `bound` - 1 (splitmix64)."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _WORD
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _WORD
        return (mixed ^ (mixed >> 31)) % bound


_WORD = (1 << 64) - 1
_WORDS = ("hello", "world", "hello again", "Welt")
_LIKELY = (
    ("process",) * 10 + ("checkpoint",) * 3 + ("restore",) * 3 + ("commit",) * 3 + ("rollback",)
)


def schedule(seed: int, number: int, *, rollbacks: bool) -> tuple[Body, ...]:
    """Return random schedule number `number` of this seed, as request bodies.

    No other schedule of the seed has its ids, so that several can be run in one process.
    """
    dice = Dice(seed * 1_000_003 + number)
    bodies: list[Body] = []
    saved: list[str] = []
    for _ in range(4 + dice.below(14)):
        kind = _LIKELY[dice.below(len(_LIKELY))]
        if kind == "process":
            event = dice.below(5)
            word = _WORDS[dice.below(4) if dice.below(12) == 0 else event % 3]
            bodies.append(process(f"e{number}-{event}", word))
        elif kind == "checkpoint":
            saved.append(f"cp{number}-{dice.below(2)}")
            bodies.append(checkpoint(saved[-1]))
        elif kind == "restore" and saved:
            bodies.append(restore(saved[dice.below(len(saved))]))
        else:
            bodies.append(ROLLBACK if kind == "rollback" and rollbacks else COMMIT)
    return tuple(bodies)


def batch(seed: int, numbers: range, *, rollbacks: bool) -> Conversation:
    """Return several random schedules as one conversation.

    Each begins from a checkpoint of the empty state. Outputs of earlier schedules stay in the
    sink, but their ids do not come again.
    """
    bodies: list[Body] = [checkpoint("empty")]
    for number in numbers:
        bodies += [*schedule(seed, number, rollbacks=rollbacks), restore("empty")]
    name = f"random schedules {numbers.start} to {numbers.stop - 1}"
    return Conversation(
        name, _encoded(numbered(bodies)), "rollback" if rollbacks else None, rollbacks
    )


def shown(line: bytes) -> str:
    """Return a request line as text; bytes that are not UTF-8 are escaped."""
    return line.decode(errors="backslashreplace")
