"""The contract of the engine and of the wire once more, as plainly as it can be said.

It copies whole dicts and lists, computes everything from scratch and shares no idea with
`core`, so that a mistake in one is not repeated in the other. Slow on purpose: never
optimise it, and never make it agree with `core` by looking at `core`.
"""

import json
from collections.abc import Hashable
from typing import Any, NamedTuple, NoReturn

from core.mechanisms import EXACTLY_ONCE, Mechanisms

Id = str | int
"""An event id or a name of a checkpoint: `1` and `"1"` are two of them."""

Row = tuple[Id, str, int]
"""An output: event id, word, count."""


class UnknownName(Exception):  # noqa: N818 - a refusal, not a fault
    """A restore named a checkpoint that nobody saved."""


class Saved(NamedTuple):
    """What one checkpoint holds; `seen` is None when it was written without."""

    counts: dict[str, int]
    seen: dict[Id, str] | None
    pending: list[Row]


class Oracle:
    """What a processor with these mechanisms holds and answers."""

    def __init__(self, mechanisms: Mechanisms = EXACTLY_ONCE) -> None:
        """Begin with nothing."""
        self.mechanisms = mechanisms
        self.unordered_counts: dict[str, int] = {}
        self.seen: dict[Id, str] = {}
        self.pending: list[Row] = []
        self.sink: list[Row] = []
        self.saved: dict[Id, Saved] = {}

    @property
    def counts(self) -> dict[str, int]:
        """The counts, by each word's first id in seen; words no seen id carries come last."""
        counts = self.unordered_counts
        words = [word for word in self.seen.values() if word in counts]
        return {word: counts[word] for word in [*words, *counts]}

    @property
    def checkpoints(self) -> list[Id]:
        """The names, the one saved last at the end."""
        return list(self.saved)

    def process(self, event_id: Id, word: str) -> tuple[int, bool]:
        """Take one delivery; the word's count and whether it was skipped as a duplicate."""
        if self.mechanisms.dedup and event_id in self.seen:
            return self.unordered_counts.get(word, 0), True
        count = self.unordered_counts.get(word, 0) + 1
        self.unordered_counts[word] = count
        if event_id not in self.seen:
            self.seen[event_id] = word
        output = (event_id, word, count)
        if not self.mechanisms.transactional_output:
            self.sink = [*self.sink, output]
        elif not (self.mechanisms.idempotent_sink and self._in_sink(event_id)):
            self.pending = [*self.pending, output]
        return count, False

    def checkpoint(self, name: Id) -> None:
        """Save the state under a name; the name counts as saved last."""
        with_seen = self.mechanisms.seen_in_checkpoints
        saved = Saved(
            dict(self.unordered_counts),
            dict(self.seen) if with_seen else None,
            list(self.pending),
        )
        others = {other: held for other, held in self.saved.items() if other != name}
        self.saved = {**others, name: saved}

    def restore(self, name: Id) -> None:
        """Go to a checkpoint's state, or raise `UnknownName`."""
        if name not in self.saved:
            raise UnknownName(name)
        saved = self.saved[name]
        self.unordered_counts = dict(saved.counts)
        if saved.seen is not None:
            self.seen = dict(saved.seen)
        self.pending = list(saved.pending)
        if self.mechanisms.idempotent_sink:
            self.pending = [output for output in self.pending if not self._in_sink(output[0])]

    def commit(self) -> int:
        """Move every pending output to the sink; how many."""
        moved = len(self.pending)
        self.sink = self.sink + self.pending
        self.pending = []
        return moved

    def rollback(self) -> int:
        """Discard the pending outputs and undo the events behind them; how many outputs."""
        undone, self.pending = self.pending, []
        for event_id, word, _ in undone:
            self.unordered_counts[word] -= 1
            self.seen.pop(event_id, None)
        self.unordered_counts = {w: n for w, n in self.unordered_counts.items() if n}
        return len(undone)

    def crash(self) -> None:
        """Lose the memory."""
        self.unordered_counts, self.seen, self.pending = {}, {}, []

    def switch(self, mechanisms: Mechanisms) -> None:
        """Use other mechanisms from the next command on."""
        self.mechanisms = mechanisms

    def copy(self) -> "Oracle":
        """Make another with the same state."""
        other = Oracle(self.mechanisms)
        other.unordered_counts = dict(self.unordered_counts)
        other.seen = dict(self.seen)
        other.pending = list(self.pending)
        other.sink = list(self.sink)
        other.saved = dict(self.saved)
        return other

    def freeze(self) -> Hashable:
        """Everything there is, as one hashable value."""
        return self._frozen(self.saved)

    def freeze_what_matters(self) -> Hashable:
        """Everything later answers depend on as long as every mechanism stays on.

        A restore drops what the sink holds, so in a checkpoint that is no matter.
        """
        saved = {
            name: held._replace(pending=[row for row in held.pending if not self._in_sink(row[0])])
            for name, held in self.saved.items()
        }
        return self._frozen(saved)

    def _frozen(self, saved: dict[Id, Saved]) -> Hashable:
        parts = (self.mechanisms, list(self.counts.items()), list(self.seen.items()))
        return repr((*parts, self.pending, self.sink, list(saved.items())))

    def _in_sink(self, event_id: Id) -> bool:
        return any(output[0] == event_id for output in self.sink)


class Fault(NamedTuple):
    """One thing that is wrong with a request: the error's code, what its text must name."""

    code: int
    names: str


NOT_JSON = Fault(12, "")
TOO_LONG = Fault(12, "")
REQUIRED = {
    "process": ("event_id", "word"),
    "checkpoint": ("checkpoint_id",),
    "restore": ("checkpoint_id",),
    "commit": (),
    "rollback": (),
    "init": ("node_id", "node_ids"),
}


class Expected(NamedTuple):
    """The reply to one line. An error may tell any one of several faults, in its own words."""

    src: Any
    dest: Any
    reply: dict[str, Any]
    faults: tuple[Fault, ...]


class OracleNode:
    """What the raw mode answers to a whole input."""

    def __init__(
        self,
        processor: Oracle | None = None,
        *,
        max_line: int = 1 << 20,
        envelope: bool = False,
    ) -> None:
        """Answer for this processor, or for an empty one."""
        self.processor = processor or Oracle()
        self.max_line = max_line
        self.envelope = envelope

    def expect(self, data: bytes) -> list[Expected]:
        """Answer a whole input: one entry for each line that is not white space alone."""
        return [self.answer(line) for line in data.split(b"\n") if line.strip(b" \t\r")]

    def answer(self, line: bytes) -> Expected:
        """Answer one line, given without its line end."""
        if len(line) > self.max_line:
            return refused(None, [TOO_LONG])
        try:
            request = json.loads(line.decode("utf-8"), parse_constant=_not_json)
        except (ValueError, RecursionError):
            return refused(None, [NOT_JSON])
        if isinstance(request, dict) and "body" in request:
            answer = self._answer_body(request["body"])
            return answer._replace(src=request.get("src"), dest=request.get("dest"))
        return self._answer_body(request)

    def check(self, data: bytes, replies: bytes) -> None:
        """Assert that these are the replies to this input, byte for byte."""
        assert replies == b"" or replies.endswith(b"\n"), "the last reply has no line end"
        expected = self.expect(data)
        lines = replies.split(b"\n")[:-1]
        for number, (wanted, line) in enumerate(zip(expected, lines, strict=False), 1):
            assert line == self.spell(wanted, line), f"reply {number} to {data[:2000]!r}"
        assert len(lines) == len(expected), f"{len(lines)} replies for {len(expected)} lines"

    def spell(self, expected: Expected, actual: bytes) -> bytes:
        """The bytes that `actual` should be; an error keeps its text if it is a fit one."""
        reply = expected.reply
        if expected.faults:
            reply = {**reply, **_told(expected.faults, self._body_of(actual))}
        whole = {"src": expected.dest, "dest": expected.src, "body": reply}
        return json.dumps(whole if self.envelope else reply).encode()

    def _body_of(self, actual: bytes) -> dict[str, Any]:
        reply = json.loads(actual)
        body = reply["body"] if self.envelope else reply
        assert isinstance(body, dict), actual
        return body

    def _answer_body(self, body: object) -> Expected:
        if not isinstance(body, dict):
            return refused(None, [Fault(12, "object")])
        faults = list(_faults(body))
        msg_id = None if "msg_id" in (f.names for f in faults) else body.get("msg_id")
        if faults:
            return refused(msg_id, faults)
        try:
            reply = self._serve(body)
        except UnknownName:
            return refused(msg_id, [Fault(20, "checkpoint")])
        kind, rest = reply
        return Expected(None, None, {"type": kind, "in_reply_to": msg_id, **rest}, ())

    def _serve(self, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        processor = self.processor
        match body["type"]:
            case "process":
                count, duplicate = processor.process(body["event_id"], body["word"])
                answer = {"word": body["word"], "count": count, "was_duplicate": duplicate}
                return "processed", answer
            case "checkpoint":
                processor.checkpoint(body["checkpoint_id"])
                return "checkpoint_saved", {"checkpoint_id": body["checkpoint_id"]}
            case "restore":
                processor.restore(body["checkpoint_id"])
                return "restored", {"counts": processor.counts}
            case "commit":
                return "committed", {"output_count": processor.commit()}
            case "rollback":
                return "rolled_back", {"output_count": processor.rollback()}
            case _:
                return "init_ok", {}


def refused(msg_id: int | None, faults: list[Fault]) -> Expected:
    """Expect an error about one of these faults."""
    return Expected(None, None, {"type": "error", "in_reply_to": msg_id}, tuple(faults))


def _faults(body: dict[str, Any]) -> list[Fault]:
    """List everything that keeps a body from being served."""
    faults = []
    msg_id = body.get("msg_id")
    if msg_id is not None and type(msg_id) is not int:
        faults.append(Fault(12, "msg_id"))
    kind = body.get("type")
    if not isinstance(kind, str):
        return [*faults, Fault(12, "type")]
    if kind not in REQUIRED:
        return [*faults, Fault(10, "type")]
    unfit = [field for field in REQUIRED[kind] if not _fits(field, body.get(field))]
    return faults + [Fault(12, field) for field in unfit]


def _fits(field: str, value: object) -> bool:
    """Whether a required field may have this value; missing and null are one."""
    match field:
        case "word" | "node_id":
            return type(value) is str
        case "node_ids":
            return type(value) is list and all(type(item) is str for item in value)
        case _:
            return type(value) in (str, int)


def _told(faults: tuple[Fault, ...], body: dict[str, Any]) -> dict[str, Any]:
    """Take code and text of an error over, provided that they tell one of the faults."""
    code, text = body.get("code"), body.get("text")
    assert isinstance(text, str), body
    assert text.strip(), body
    fits = [f for f in faults if f.code == code and f.names in text]
    assert fits, f"{body!r} tells none of {faults}"
    return {"code": code, "text": text}


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
