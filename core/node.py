"""The raw mode: lines in, one reply a line out, in order.

`Node` knows no file and no socket: bytes in, bytes out. `serve` is the loop around it
that reads what is there, answers it all, and writes once before it waits again; so a
client that waits for each reply gets it, and a bulk pipe pays one system call a block.
"""

import os
import select
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

from core import fast_lane, wire
from core.errors import ErrorKind, Refused
from core.messages import (
    CheckpointRequest,
    CheckpointSavedReply,
    CommitRequest,
    CommittedReply,
    ErrorReply,
    InitOkReply,
    InitRequest,
    ProcessedReply,
    ProcessRequest,
    Reply,
    Request,
    RestoredReply,
    RestoreRequest,
    RollbackRequest,
    RolledBackReply,
)
from core.processor import Processor

MAX_LINE = 1 << 20
"""Bytes a line may have, without its line end."""

CHUNK = 1 << 16
"""Bytes read at once. Smaller pays more system calls, larger falls out of the cache."""

T = TypeVar("T")

_BLANK = " \t\r\n\v\f"


class Node:
    """One processor behind the protocol."""

    def __init__(
        self,
        processor: Processor | None = None,
        *,
        max_line: int = MAX_LINE,
        envelope: bool = False,
    ) -> None:
        """Serve this processor (by default an empty one).

        A line of more than `max_line` bytes is refused. With `envelope` a reply goes
        out in an envelope, back to where its request came from.
        """
        self.processor = Processor() if processor is None else processor
        self.max_line = max_line
        self.envelope = envelope
        self.fault: Refused | None = None
        """Why no request can be served now, if that is so; each is answered with it."""
        self._rest = bytearray()
        self._skipping = False
        self._counts = wire.CountsText()

    @property
    def fenced(self) -> bool:
        """Whether another node has taken over, so that this one has nothing left to do."""
        return self.fault is not None and self.fault.kind is ErrorKind.ABORT

    def feed(self, data: bytes) -> bytes:
        """Take in bytes, wherever they were cut; return the replies to what is complete."""
        end = data.rfind(b"\n") + 1
        if not end:
            return self._keep(data)
        block, rest = bytes(self._rest) + data[:end], data[end:]
        self._rest.clear()
        if self._skipping:
            self._skipping = False
            block = block[block.index(b"\n") + 1 :]
        return self._answer_block(block) + self._keep(rest)

    def finish(self) -> bytes:
        """Take the end of the input: a last line without a line end is a line."""
        return self.feed(b"\n") if self._rest else b""

    def answer(self, line: str) -> str | None:
        """Answer one line, without its line end; a blank one gets no answer."""
        if not line.strip(_BLANK):
            return None
        message: wire.JsonObject = {}
        msg_id = None
        try:
            message = wire.parse(line)
            request = wire.read_request(wire.body_of(message))
            msg_id = request.msg_id
            reply = self.serve(request)
            if isinstance(reply, RestoredReply):
                encoded = wire.restored(msg_id, self._counts.of(reply.counts))
            else:
                encoded = wire.encode(reply)
        except Refused as refusal:
            msg_id = refusal.msg_id if msg_id is None else msg_id
            encoded = wire.encode(ErrorReply(msg_id, refusal.kind, refusal.text))
        except Exception as fault:  # noqa: BLE001 - the node outlives its own faults
            encoded = wire.crashed(msg_id, fault)
        return wire.enclose(message, encoded) if self.envelope else encoded

    def serve(self, request: Request) -> Reply:
        """Do what a request asks for. Raises Refused if that cannot be."""
        if self.fault is not None:
            raise Refused(self.fault.kind, self.fault.text)
        processor = self.processor
        match request:
            case ProcessRequest(to, event_id, word):
                return ProcessedReply(to, word, *processor.process(event_id, word))
            case CheckpointRequest(to, name):
                processor.checkpoint(name)
                return CheckpointSavedReply(to, name)
            case RestoreRequest(to, name):
                processor.restore(name)
                return RestoredReply(to, processor.counts)
            case CommitRequest(to):
                return CommittedReply(to, processor.commit())
            case RollbackRequest(to):
                return RolledBackReply(to, processor.rollback())
            case InitRequest(to):
                return InitOkReply(to)

    def _answer_block(self, block: bytes) -> bytes:
        """Answer every line of a block that ends with a line end."""
        if self._is_bulk(block):
            try:
                text = block.decode()
            except UnicodeDecodeError:
                pass  # some line is malformed: one by one, then
            else:
                return _lines(fast_lane.answer(text, self.processor, self.answer))
        replies = [self._answer_bytes(line) for line in block.split(b"\n")[:-1]]
        return _lines([reply for reply in replies if reply is not None])

    def _is_bulk(self, block: bytes) -> bool:
        """Whether the fast lane may answer: it knows neither envelopes nor faults."""
        plain = not self.envelope and self.fault is None
        return plain and fast_lane.SMALLEST <= len(block) <= self.max_line

    def _answer_bytes(self, line: bytes) -> str | None:
        """Answer one line as it came."""
        if len(line) > self.max_line:
            return self._refuse_length()
        try:
            return self.answer(wire.decode(line))
        except Refused as refusal:
            return self._refuse(refusal.text)

    def _keep(self, rest: bytes) -> bytes:
        """Keep the beginning of a line until its end comes, unless it is too long already."""
        if self._skipping:
            return b""
        self._rest += rest
        if len(self._rest) <= self.max_line:
            return b""
        self._rest.clear()
        self._skipping = True
        return _lines([self._refuse_length()])

    def _refuse_length(self) -> str:
        return self._refuse(f"the line is longer than {self.max_line} bytes: expected less")

    def _refuse(self, text: str) -> str:
        """Answer a line that could not even be read."""
        encoded = wire.encode(ErrorReply(None, ErrorKind.MALFORMED_REQUEST, text))
        return wire.enclose({}, encoded) if self.envelope else encoded


def _lines(replies: list[str]) -> bytes:
    """Join replies to what goes out."""
    return ("\n".join(replies) + "\n").encode("ascii") if replies else b""


class Interrupted(Exception):  # noqa: N818 - a request to stop, not a fault
    """A signal came while the node waited for input."""


class _Signals:
    """Turns SIGINT and SIGTERM into a stop between two batches, never inside one."""

    def __init__(self) -> None:
        self.received = 0
        self.waiting = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.received = number
        signal.signal(number, signal.SIG_DFL)  # a second one need not wait for a stuck reader
        if self.waiting:
            raise Interrupted

    def wait(self, act: Callable[..., T], *arguments: object) -> T:
        """Return what an act returns that waits; raise Interrupted if a signal came."""
        self.waiting = True
        try:
            if self.received:
                raise Interrupted
            return act(*arguments)
        finally:
            self.waiting = False


def serve(node: Node, source: int = 0, sink: int = 1) -> int:
    """Answer everything that comes from a file descriptor; return the exit status.

    0 at the end of the input or when the reader has gone; 130 or 143 after SIGINT or
    SIGTERM, with everything answered that was read; 1 with one line on stderr when
    reading or writing fails, or the node ends unable to serve.
    """
    signals = _Signals()
    doing = "read requests"
    try:
        while True:
            doing = "read requests"
            data = signals.wait(_read, source, CHUNK)
            doing = "write replies"
            write(sink, node.feed(data) if data else node.finish())
            if not data or node.fenced:
                return _ended(node)
    except Interrupted:
        return 128 + signals.received
    except BrokenPipeError:
        return 0
    except OSError as fault:
        sys.stderr.write(f"oncelab node: cannot {doing}: {fault.strerror}\n")
        return 1


def _ended(node: Node) -> int:
    """Return the exit status of a node at its end, and say on stderr what is wrong with it."""
    if node.fault is None:
        return 0
    sys.stderr.write(f"oncelab node: {node.fault.text}\n")
    return 1


def _read(source: int, size: int) -> bytes:
    """Read up to `size` bytes, waiting for the first byte; empty at the end of the input."""
    while True:
        try:
            return os.read(source, size)
        except BlockingIOError:
            select.select([source], [], [])


def write(sink: int, data: bytes) -> None:
    """Write all of it to a file descriptor. Raises OSError."""
    while data:
        try:
            data = data[os.write(sink, data) :]
        except BlockingIOError:
            select.select([], [sink], [])
