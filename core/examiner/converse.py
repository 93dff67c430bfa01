"""Have one conversation with a node, and find its first difference from the right replies."""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from core.examiner.child import Child, Kind, NodeFailed
from core.node import Node


class Mismatch(NamedTuple):
    """The first difference in a conversation: at which line (from 0), what was due, what came.

    `got` is None if no reply came. `trouble` says how the node failed, if it cannot be tested
    any further; else it is None. `text` says in a sentence what is wrong.
    """

    position: int
    expected: bytes | None
    got: bytes | None
    trouble: Kind | None
    text: str

    @property
    def silent(self) -> bool:
        """Whether the node skipped this line: what came is the reply to a later one."""
        due, came = (value_of(reply or b"") or {} for reply in (self.expected, self.got))
        return bool(came) and came.get("in_reply_to") != due.get("in_reply_to")


def right_answers(lines: Iterable[bytes]) -> list[bytes | None]:
    """Return the right node's reply to each line; None where it gives none."""
    node = Node()
    return [node.feed(line + b"\n").rstrip(b"\n") or None for line in lines]


def converse(
    child: Child, lines: Sequence[bytes], limit: float, *, together: bool, exact: bool
) -> Mismatch | None:
    """Send the lines, each after the reply to the one before, or all `together`.

    Returns the first difference, or None. `limit` is the number of seconds for each reply;
    `exact` as in `same`.
    """
    expected = right_answers(lines)
    data = b"".join(line + b"\n" for line in lines) if together else b""
    position = 0
    try:
        for position, (line, due) in enumerate(zip(lines, expected, strict=True)):
            got = child.ask(data if together else line + b"\n", int(due is not None), limit)
            data = b""
            if due is not None and not same(due, got[0], exact=exact):
                if child.floods():
                    raise NodeFailed("flood", "it goes on writing without being asked")
                return _mismatch(position, due, got[0])
    except NodeFailed as trouble:
        return Mismatch(position, expected[position], None, trouble.kind, trouble.text)
    return None


def leave(child: Child, position: int, limit: float) -> Mismatch | None:
    """End the node's input, and wait `limit` seconds for its exit; return what is wrong.

    Only a node that wrote more than it was asked for has a `trouble`.
    """
    try:
        text = child.rest(limit)
    except NodeFailed as trouble:
        return Mismatch(position, None, None, trouble.kind, trouble.text)
    return None if text is None else Mismatch(position, None, None, None, text)


def same(expected: bytes, got: bytes, *, exact: bool) -> bool:
    """Whether a reply is the right one: as a JSON value, or with `exact` byte for byte.

    The text of an error may be any string.
    """
    due, came = json.loads(expected), value_of(got)
    if came is None:
        return False
    if due["type"] == "error":
        due["text"] = came.get("text") if isinstance(came.get("text"), str) else ""
    if exact:
        return json.dumps(due).encode() == got
    return _alike(due, came)


def value_of(reply: bytes) -> dict[str, object] | None:
    """Read a reply as a JSON object; None if it is not one."""
    try:
        value = json.loads(reply)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _alike(one: object, other: object) -> bool:
    """Whether two JSON values are the same; `true` and 1, equal in Python, are not."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


def _mismatch(position: int, due: bytes, got: bytes) -> Mismatch:
    came, right = value_of(got), json.loads(due)
    if came is None:
        text = f"what came is no JSON object: {got[:60].decode(errors='replace')!r}"
        return Mismatch(position, due, got, "junk", text)
    wrong = [
        f"{key} is {_json(came, key)}, expected {_json(right, key)}"
        for key in dict.fromkeys((*right, *came))
        if key != "text" and _json(came, key) != _json(right, key)
    ]
    text = "; ".join(wrong) or "the same values, written in another way"
    return Mismatch(position, due, got, None, text)


def _json(value: dict[str, object], key: str) -> str:
    return json.dumps(value[key], sort_keys=True) if key in value else "missing"
