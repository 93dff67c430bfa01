"""The fast lane: a block of many lines at once, nearly all of them `process`.

A client writes its requests with one program, so nearly all lines have one shape. One
pattern reads that shape in a fifth of the time `json.loads` takes. A `process` line in
any other JSON is read by the decoder's scanner, without the wrapper around it. Together
they make the node five times as fast as a plain loop, or three times.

Both accept only what is a valid request; every other line, good or bad, goes to the
node's own `answer`. `tests/core/test_node.py` holds the lanes to the same answers.
"""

import re
from collections.abc import Callable

from core.errors import Refused
from core.processor import Processor
from core.wire import SPACE, crashed, processed, scan

SMALLEST = 4096
"""Bytes from which on compiling the pattern, some milliseconds, is worth it."""

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
    """Answer every line of a block, in order.

    `block` ends with a line end. `otherwise` answers a line that is no plain `process`,
    given without its line end; None where a line gets no answer.
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
        except Exception as fault:  # noqa: BLE001 - the node outlives its own faults
            replies.append(crashed(int(msg_id), fault))
        else:
            replies.append(processed(msg_id, word, count, was_duplicate))
    return replies


def _scanned(line: str) -> tuple[int, str, str] | None:
    """Return msg_id, event_id and word of a plain `process` in any JSON; else None."""
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
