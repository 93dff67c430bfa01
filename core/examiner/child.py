"""A node under test as a process: send it lines, get its replies, and never wait for ever.

Time and output are limited: there is a time limit for each reply, a limit for the bytes that
the node may write, and at the end its whole process group is killed. (So this module reads a
clock, which the laboratory and the search never do.)
"""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from time import monotonic
from typing import Literal

MOST = 1 << 22
"""Bytes that a node may write without a line end, or in all after the end of its input."""
_CHUNK = 1 << 16
_TAIL = 2000
"""The last so many bytes of its standard error are kept."""
_GRACE = 0.25
"""Seconds spent to find out more about a node that has failed."""

Kind = Literal["start", "hang", "death", "junk", "flood"]


class NodeFailed(Exception):  # noqa: N818 - what a node does, not a fault of ours
    """The node cannot be tested any further; `kind` and `text` say what it did."""

    def __init__(self, kind: Kind, text: str) -> None:
        """Set the kind of trouble, and a sentence with the evidence."""
        super().__init__(text)
        self.kind = kind
        self.text = text


class Child:
    """A node in a process of its own."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it. Raises NodeFailed if that cannot be."""
        if not command:
            raise NodeFailed("start", "it cannot be started: no command was given")
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(  # noqa: S603 - running what was asked for is the point
                command, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
            )
        except (OSError, ValueError) as fault:
            reason = fault.strerror if isinstance(fault, OSError) else str(fault)
            raise NodeFailed("start", f"it cannot be started: {reason}") from None
        streams = (self._process.stdin, self._process.stdout, self._process.stderr)
        self._in, self._out, self._err = (stream.fileno() for stream in streams if stream)
        os.set_blocking(self._in, False)
        self._selector = DefaultSelector()
        self._selector.register(self._out, EVENT_READ)
        self._selector.register(self._err, EVENT_READ)
        self._unsent = b""
        self._said = bytearray()
        self._error = b""
        self._ended = False

    def ask(self, data: bytes, replies: int, limit: float) -> list[bytes]:
        """Write `data`, and return the next `replies` lines, without their line ends.

        `limit` is the number of seconds for each reply. Raises NodeFailed if they do not come.
        """
        lines: list[bytes] = []
        self._send(data)
        deadline = monotonic() + limit
        while len(lines) < replies:
            line, found, rest = self._said.partition(b"\n")
            if found:
                lines.append(bytes(line))
                self._said = rest
                deadline = monotonic() + limit
            elif self._ended:
                raise self._death()
            elif len(self._said) > MOST:
                raise NodeFailed("flood", f"more than {MOST} bytes came without a line end")
            elif monotonic() > deadline:
                raise self._hang(limit)
            else:
                self._turn(deadline)
        return lines

    def rest(self, limit: float) -> str | None:
        """End its input, and wait at most `limit` seconds for it to exit.

        Returns what is wrong with its end, or None. Raises NodeFailed if it wrote more than it
        was asked for.
        """
        self._end_input()
        deadline = monotonic() + limit
        while not self._ended and len(self._said) <= MOST and monotonic() < deadline:
            self._turn(deadline)
        if len(self._said) > _CHUNK:
            raise NodeFailed("flood", f"{len(self._said)} bytes came that nothing had asked for")
        if self._said:
            raise NodeFailed(
                "junk", f"a line came that nothing had asked for: {_shown(self._said)}"
            )
        if not self._ended:
            return f"it did not stop within {limit:g} seconds of the end of its input"
        status = self._status()
        return f"its exit status at the end of the input was {status}, not 0" if status else None

    def floods(self) -> bool:
        """Whether it writes much more within `_GRACE` seconds without being asked."""
        deadline = monotonic() + _GRACE
        while not self._ended and len(self._said) <= _CHUNK and monotonic() < deadline:
            self._turn(deadline)
        return len(self._said) > _CHUNK

    def kill(self) -> None:
        """Kill its process group: it and the processes it has started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._selector.close()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream:
                with suppress(OSError):
                    stream.close()
        self._process.wait()

    def _send(self, data: bytes) -> None:
        """Queue `data`, to be written as fast as the node reads it."""
        if data and not self._unsent:
            self._selector.register(self._in, EVENT_WRITE)
        self._unsent += data

    def _turn(self, deadline: float) -> None:
        """Write and read what is possible now; wait until something is, or the deadline."""
        for key, _ in self._selector.select(max(deadline - monotonic(), 0)):
            if key.fd == self._in:
                self._write()
                continue
            came = os.read(key.fd, _CHUNK)
            if key.fd == self._err:
                self._error = (self._error + came)[-_TAIL:]
            else:
                self._said += came
                self._ended = not came
            if not came:
                self._selector.unregister(key.fd)

    def _write(self) -> None:
        """Write as much as the node takes now; drop the rest if it has closed its input."""
        try:
            self._unsent = self._unsent[os.write(self._in, self._unsent) :]
        except BrokenPipeError:
            self._unsent = b""
        if not self._unsent:
            self._selector.unregister(self._in)

    def _end_input(self) -> None:
        if self._unsent:
            self._selector.unregister(self._in)
            self._unsent = b""
        if self._process.stdin:
            self._process.stdin.close()

    def _hang(self, limit: float) -> NodeFailed:
        """Return the error for a missing reply: none came at all, or only when its input ended."""
        self._end_input()
        self.floods()
        if b"\n" in self._said:
            text = "no reply came before the end of the input: it has to flush after each one"
            return NodeFailed("hang", text)
        return NodeFailed("hang", f"no reply came within {limit:g} seconds")

    def _death(self) -> NodeFailed:
        """Return the error that says how it ended, with the last line of its standard error."""
        self._end_input()
        deadline = monotonic() + _GRACE
        while self._selector.get_map() and monotonic() < deadline:
            self._turn(deadline)
        status = self._status()
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        lines = self._error.decode(errors="replace").strip().splitlines()
        return NodeFailed("death", f"it {how}" + (f": {lines[-1]}" if lines else ""))

    def _status(self) -> int:
        """Wait a little for it to end; return its exit status, or 0 if it still runs."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(_GRACE * 4)
        return 0


_MOST_SHOWN = 60


def _shown(said: bytes | bytearray) -> str:
    text = bytes(said[:_MOST_SHOWN]).decode(errors="replace").splitlines()[0]
    return repr(text)
