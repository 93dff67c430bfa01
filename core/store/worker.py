"""`python -m core.store.worker FILE`: the node that a prompt runs on a store, to be killed.

It is the durable node, asked a little more than requests, as the source's log and offset
go into the same transaction. Asked: a header, one JSON object on a line, and as many
requests behind it, one a line, as it says. Answered: the replies of the node, one a line,
and behind them one that says how it went. When the input ends, so does the worker.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

from core.store.changes import Change, Effects, Logged, Moved, Unusable
from core.store.node import DurableNode
from core.store.sqlite import SqliteStore


def main(arguments: list[str]) -> int:
    """Serve from the store these arguments name; return the exit status."""
    path, *options = arguments
    try:
        store = SqliteStore(path, take_over="--take-over" in options)
    except Unusable as fault:
        _say({"unusable": str(fault)})
        return 1
    try:
        _say({"epoch": store.epoch})
        return _serve(store)
    except BrokenPipeError:
        return 0  # the prompt has gone
    finally:
        store.close()


def _serve(store: SqliteStore) -> int:
    """Answer until the input ends, or another node has taken over."""
    node = DurableNode(store, max_line=sys.maxsize)
    source = sys.stdin.buffer
    for line in source:
        header = json.loads(line)
        requests = b"".join([source.readline() for _ in range(header["requests"])])
        if header.get("stop"):
            store.trace(_stop_at_commit)
        sys.stdout.buffer.write(node.feed(requests, list(_beside(header))))
        _say({} if node.fault is None else {"fault": node.fault.text})
        if node.fenced:
            return 1
    return 0


def _beside(header: dict[str, Any]) -> Iterator[Change]:
    """Yield what the source has to write down."""
    if "log" in header:
        first, events = header["log"]
        yield Logged(first, [(event_id, word) for event_id, word in events])
    for offset, name in header["offsets"]:
        yield Moved(offset, name)
    if "effects" in header:
        yield Effects([tuple(row) for row in header["effects"]])


def _stop_at_commit(statement: str) -> None:
    """Stand still where a transaction is written and not committed, to be killed there."""
    if statement == "COMMIT":
        os.kill(os.getpid(), signal.SIGSTOP)


def _say(message: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
