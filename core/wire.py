"""The protocol's messages as text: reads lines into requests, and writes replies as lines.

A request is one line of JSON: an envelope, which is an object with a `body`, or the body
alone. A reply is one line, byte for byte what `json.dumps` prints. What a request does is
not known here.
"""

import json
from collections.abc import Callable, Mapping
from itertools import compress
from json.decoder import JSONDecodeError, JSONDecoder
from json.encoder import encode_basestring_ascii as quote
from operator import ne
from typing import Any

from core.errors import ErrorKind, Refused
from core.messages import (
    CheckpointRequest,
    CheckpointSavedReply,
    CommitRequest,
    CommittedReply,
    ErrorReply,
    InitOkReply,
    InitRequest,
    MsgId,
    ProcessedReply,
    ProcessRequest,
    Reply,
    Request,
    RestoredReply,
    RestoreRequest,
    RollbackRequest,
    RolledBackReply,
)

JsonObject = dict[str, Any]


def _no_constant(name: str) -> object:
    raise Refused(ErrorKind.MALFORMED_REQUEST, f"{name} is not JSON: expected a number, or null")


scan: Callable[[str, int], tuple[Any, int]] = JSONDecoder(parse_constant=_no_constant).scan_once  # type: ignore[attr-defined]
"""Reads the JSON value at a position in a text; returns it and the position behind it.

Raises StopIteration if there is none, and ValueError or Refused if it is not valid.
"""

SPACE = " \t\r\n"
"""The white space of JSON."""

_SHOWN = 40


def decode(line: bytes) -> str:
    """Read a line as UTF-8. Raises Refused (malformed request) if it is not."""
    try:
        return line.decode()
    except UnicodeDecodeError as fault:
        raise _malformed(f"not UTF-8: byte {fault.start + 1} ({fault.reason})") from None


def parse(line: str) -> JsonObject:
    """Read one line as a JSON object. Raises Refused (malformed request) if it is not."""
    text = line.strip(SPACE)
    try:
        value, end = scan(text, 0)
    except StopIteration as fault:
        raise _malformed(f"not JSON: expected a value at {_column(line, fault.value)}") from None
    except JSONDecodeError as fault:
        raise _malformed(f"not JSON: {fault.msg} at {_column(line, fault.pos)}") from None
    except RecursionError:
        raise _malformed("nested too deep to read: expected an object of a few levels") from None
    except ValueError as fault:  # an integer of more digits than Python reads
        raise _malformed(f"not readable: {fault}") from None
    if end != len(text):
        raise _malformed(f"text after the JSON value at {_column(line, end)}: expected one a line")
    if type(value) is not dict:
        raise _malformed(f"expected a JSON object, got {_shown(value)}")
    return value


def body_of(message: JsonObject) -> JsonObject:
    """Return the body of an envelope; an object without `body` is itself the body.

    Raises Refused (malformed request) if the body is not an object.
    """
    if "body" not in message:
        return message
    body = message["body"]
    if type(body) is not dict:
        raise _malformed(f'field "body": expected an object, got {_shown(body)}')
    return body


def read_request(body: JsonObject) -> Request:
    """Read a body as a request.

    Raises Refused: *not supported* if there is no such type, *malformed request* if a field is
    missing or of the wrong type. Unknown fields are ignored.
    """
    msg_id = body.get("msg_id")
    if msg_id is not None and type(msg_id) is not int:
        raise _malformed(f'field "msg_id": expected an integer or null, got {_shown(msg_id)}')
    try:
        kind = _string(body, "type")
        reader = _READERS.get(kind)
        if reader is None:
            known = ", ".join(_READERS)
            raise Refused(ErrorKind.NOT_SUPPORTED, f"type {_shown(kind)} is not one of: {known}")
        return reader(msg_id, body)
    except Refused as refusal:
        refusal.msg_id = msg_id
        raise


def encode(reply: Reply) -> str:  # noqa: PLR0911 - one return for each reply
    """Return a reply as the line that `json.dumps` would print, without a line end."""
    match reply:
        case ProcessedReply():
            return processed(*reply)
        case CheckpointSavedReply(to, name):
            return _reply("checkpoint_saved", to, checkpoint_id=name)
        case RestoredReply(to, counts):
            return restored(to, json.dumps(counts))
        case CommittedReply(to, count):
            return _reply("committed", to, output_count=count)
        case RolledBackReply(to, count):
            return _reply("rolled_back", to, output_count=count)
        case InitOkReply(to):
            return _reply("init_ok", to)
        case ErrorReply(to, kind, text):
            return _reply("error", to, code=kind.value, text=text)


def processed(in_reply_to: object, word: str, count: int, was_duplicate: bool) -> str:  # noqa: FBT001 - the reply's own order
    """Return the reply to `process` as a line; `in_reply_to` may be the integer or its digits.

    This reply is by far the most frequent, so it is formatted here, which is several times as
    fast as `json.dumps`.
    """
    if in_reply_to is None:
        in_reply_to = "null"
    return (
        f'{{"type": "processed", "in_reply_to": {in_reply_to}, "word": {quote(word)}, '
        f'"count": {count}, "was_duplicate": {"true" if was_duplicate else "false"}}}'
    )


def restored(in_reply_to: MsgId, counts: str) -> str:
    """Return the reply to `restore` as a line, given the counts as JSON."""
    to = "null" if in_reply_to is None else in_reply_to
    return f'{{"type": "restored", "in_reply_to": {to}, "counts": {counts}}}'


class CountsText:
    """Makes the JSON of the counts, and formats only those again that have changed.

    The reply to a restore has the counts of all words. With a restore after every thousand
    events, formatting all of them would take as long as processing the events.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._words: list[str] = []
        self._counts: list[int] = []
        self._entries: list[str] = []

    def of(self, counts: dict[str, int]) -> str:
        """Return `counts` as `json.dumps` prints them. Fast if few have changed since last time."""
        words, numbers = list(counts), list(counts.values())
        same = min(len(words), len(self._words))
        if words[:same] != self._words[:same]:
            same = 0
        entries = self._entries[:same]
        for place in compress(range(same), map(ne, numbers, self._counts)):
            entries[place] = f"{quote(words[place])}: {numbers[place]}"
        entries += [f"{quote(words[n])}: {numbers[n]}" for n in range(same, len(words))]
        self._words, self._counts, self._entries = words, numbers, entries
        return f"{{{', '.join(entries)}}}"


def crashed(in_reply_to: MsgId, fault: Exception) -> str:
    """Return the error reply, as a line, to a request in which an exception was raised."""
    return encode(ErrorReply(in_reply_to, ErrorKind.CRASH, f"fault inside the node: {fault!r}"))


def enclose(message: JsonObject, reply: str) -> str:
    """Return a reply in an envelope, addressed to the sender of `message` (null: unknown)."""
    sent = message if "body" in message else {}
    src, dest = json.dumps(sent.get("dest")), json.dumps(sent.get("src"))
    return f'{{"src": {src}, "dest": {dest}, "body": {reply}}}'


def _reply(kind: str, in_reply_to: MsgId, **fields: object) -> str:
    return json.dumps({"type": kind, "in_reply_to": in_reply_to, **fields})


def _column(line: str, position: int) -> str:
    """Return `column N`, from 1, for a position in the line without its leading spaces."""
    return f"column {len(line) - len(line.lstrip(SPACE)) + position + 1}"


def _malformed(text: str) -> Refused:
    return Refused(ErrorKind.MALFORMED_REQUEST, text)


def _shown(value: object) -> str:
    """Return a value as JSON for a message, cut if it is long."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "an array"
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _missing(field: str, expected: str, body: JsonObject) -> Refused:
    if field in body:
        return _malformed(f'field "{field}": expected {expected}, got {_shown(body[field])}')
    return _malformed(f'field "{field}" is missing: expected {expected}')


def _string(body: JsonObject, field: str) -> str:
    value = body.get(field)
    if type(value) is not str:
        raise _missing(field, "a string", body)
    return value


def _id(body: JsonObject, field: str) -> str | int:
    value = body.get(field)
    if type(value) is not str and type(value) is not int:
        raise _missing(field, "a string or an integer", body)
    return value


def _strings(body: JsonObject, field: str) -> list[str]:
    value = body.get(field)
    if type(value) is not list or not all(type(each) is str for each in value):
        raise _missing(field, "an array of strings", body)
    return value


_READERS: Mapping[str, Callable[[MsgId, JsonObject], Request]] = {
    "process": lambda to, body: ProcessRequest(to, _id(body, "event_id"), _string(body, "word")),
    "checkpoint": lambda to, body: CheckpointRequest(to, _id(body, "checkpoint_id")),
    "restore": lambda to, body: RestoreRequest(to, _id(body, "checkpoint_id")),
    "commit": lambda to, _: CommitRequest(to),
    "rollback": lambda to, _: RollbackRequest(to),
    "init": lambda to, body: InitRequest(to, _string(body, "node_id"), _strings(body, "node_ids")),
}
