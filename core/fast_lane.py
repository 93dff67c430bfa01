"""The fast lane: answers a block of many lines at once, nearly all of them `process`.

A client writes its requests with one program, so nearly all lines have one shape. A regular
expression reads lines of the usual shape, about three times as fast as `json.loads`. A
`process` line written in another way is read by the scanner of the JSON decoder, without the
functions around it. The node is then about three times as fast as with a loop over lines, or
not quite twice for lines of another shape.

Both accept only valid requests; every other line, good or bad, goes to the node's own
`answer`. `tests/core/test_node.py` checks that both ways give the same replies.
"""

import re
from collections.abc import Callable

from core.errors import Refused
from core.processor import Processor
from core.wire import SPACE, crashed, processed, scan

SMALLEST = 4096
"""Bytes of the smallest block for which it is worth compiling the pattern (milliseconds)."""

_TEXT = r'"([^"\\\x00-\x1f]*)"'
_ANY = r'"[^"\\\x00-\x1f]*"'
_BODY = (
    r'\{"type": ?"process", ?"msg_id": ?(0|[1-9][0-9]{0,17}), ?'
    rf'"event_id": ?{_TEXT}, ?"word": ?{_TEXT}\}}'
)
_BARE = rf"{_BODY}\n|(.*)\n"
_ENVELOPED = rf'\{{"src": ?{_ANY}, ?"dest": ?{_ANY}, ?"body": ?{_BODY}\}}\n|(.*)\n'

_NOT_USUAL = (StopIteration, ValueError, RecursionError, LookupError, TypeError, AttributeError)


def answer(block: str, processor: Processor, otherwise: Callable[[str], str | None]) -> list[str]:
    """Return the replies to the lines of a block, in order, without line ends.

    `block` ends with a line end. `otherwise` answers a line that is not a plain `process`,
    given without its line end; it returns None if the line gets no reply.
    """
    pattern = re.compile(_ENVELOPED if block.startswith('{"src"') else _BARE)
    process = processor.process
    replies = []
    for msg_id, event_id, word, line in pattern.findall(block):
        if not msg_id:
            request = _scanned(line)
            if request is None:
                reply = otherwise(line)
                if reply is not None:
                    replies.append(reply)
                continue
            msg_id, event_id, word = request  # noqa: PLW2901 - from here on both are one
        try:
            count, was_duplicate = process(event_id, word)
        except Exception as fault:  # noqa: BLE001 - a fault in one request must not end the node
            replies.append(crashed(int(msg_id), fault))
        else:
            replies.append(processed(msg_id, word, count, was_duplicate))
    return replies


def _scanned(line: str) -> tuple[int, str, str] | None:
    """Return msg_id, event_id and word if the line is a plain `process`, however written.

    None for every other line.
    """
    try:
        text = line.strip(SPACE)
        message, end = scan(text, 0)
        body = message.get("body", message)
        msg_id, event_id, word = body["msg_id"], body["event_id"], body["word"]
        usual = body["type"] == "process" and end == len(text)
    except (*_NOT_USUAL, Refused):
        return None
    if usual and type(msg_id) is int and type(event_id) is type(word) is str:
        return msg_id, event_id, word
    return None
