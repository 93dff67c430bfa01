"""The raw mode: for each line that comes in, one reply goes out as a line, in order.

`Node` uses no file and no socket: it takes bytes and returns bytes. `serve` is the loop
around it, which reads what is there, answers all of it, and writes once before it waits
again. So a client that waits for each reply gets it, and a bulk pipe needs one system call
for many lines.
"""

import os
import select
import signal
from collections.abc import Callable
from contextlib import suppress
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
"""The most bytes of a line, without its line end."""

CHUNK = 1 << 16
"""The most bytes read at once: fewer need more system calls, more do not fit into the cache."""

T = TypeVar("T")

_BLANK = " \t\r\n\v\f"


class Node:
    """A processor that is used by requests and replies."""

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
        """The error with which each request is answered now; None while requests are served."""
        self._rest = bytearray()
        self._skipping = False
        self._counts = wire.CountsText()

    @property
    def fenced(self) -> bool:
        """Whether another node has taken the store over: this one must stop."""
        return self.fault is not None and self.fault.kind is ErrorKind.ABORT

    def feed(self, data: bytes) -> bytes:
        """Take in bytes; return the replies to all lines that are complete now.

        The bytes may end anywhere; the rest of an incomplete line comes with a later call.
        """
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
        """Take the end of the input; return the reply to a last line without a line end."""
        return self.feed(b"\n") if self._rest else b""

    def answer(self, line: str) -> str | None:
        """Return the reply to one line, both without line end; None for a blank line.

        What goes wrong becomes an error reply; nothing is raised.
        """
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
        except Exception as fault:  # noqa: BLE001 - a fault in one request must not end the node
            encoded = wire.crashed(msg_id, fault)
        return wire.enclose(message, encoded) if self.envelope else encoded

    def serve(self, request: Request) -> Reply:
        """Carry out a request; return the reply. Raises Refused if it cannot be carried out."""
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
        """Whether the fast lane may answer: it gives no envelopes, and no `fault`."""
        plain = not self.envelope and self.fault is None
        return plain and fast_lane.SMALLEST <= len(block) <= self.max_line

    def _answer_bytes(self, line: bytes) -> str | None:
        """Return the reply to one line of bytes, which may be too long or not UTF-8."""
        if len(line) > self.max_line:
            return self._refuse_length()
        try:
            return self.answer(wire.decode(line))
        except Refused as refusal:
            return self._refuse(refusal.text)

    def _keep(self, rest: bytes) -> bytes:
        """Keep the beginning of a line until its end comes.

        If it is too long already, it is refused at once, and the rest of it is skipped.
        """
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
        """Return the error reply to a line that could not be read."""
        encoded = wire.encode(ErrorReply(None, ErrorKind.MALFORMED_REQUEST, text))
        return wire.enclose({}, encoded) if self.envelope else encoded


def _lines(replies: list[str]) -> bytes:
    """Return replies as bytes, a line each."""
    return ("\n".join(replies) + "\n").encode("ascii") if replies else b""


class Interrupted(Exception):  # noqa: N818 - a request to stop, not a fault
    """A signal came while the node waited for input."""


class _Signals:
    """Turns SIGINT and SIGTERM into a stop between two batches, never inside one."""

    def __init__(self) -> None:
        self.received = 0
        self.waiting = False
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:  # `nohup`, or in the background
                signal.signal(number, self._note)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.received = number
        signal.signal(number, signal.SIG_DFL)  # a second one need not wait for a stuck reader
        if self.waiting:
            raise Interrupted

    def wait(self, act: Callable[..., T], *arguments: object) -> T:
        """Call `act`, which may wait, and return its result; raise Interrupted if a signal came."""
        self.waiting = True
        try:
            if self.received:
                raise Interrupted
            return act(*arguments)
        finally:
            self.waiting = False


def serve(node: Node, source: int = 0, sink: int = 1) -> int:
    """Answer everything that comes from the file descriptor `source`; return the exit status.

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
        return complain(f"cannot {doing}: {fault.strerror}", 1)


def _ended(node: Node) -> int:
    """Return the exit status of a node at its end, and say on stderr what is wrong with it."""
    if node.fault is None:
        return 0
    return complain(node.fault.text, 1)


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


def complain(text: str, status: int) -> int:
    """Say on standard error what is wrong, if that can be written to; return the status."""
    shown = "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
    with suppress(OSError):
        write(2, f"oncelab node: {shown}\n".encode(errors="backslashreplace"))
    return status
