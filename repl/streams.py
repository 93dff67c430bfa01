"""The standard streams, so that none of them ends a command early.

What cannot be written is dropped, and the command goes on: it may have a file to write, and it
has an exit status. At the end `Standard.finish` tells why standard output is not complete; of
standard error nothing is told, as there is nowhere to. What cannot be read is `UnreadableInput`.
"""

import io
import select
import sys
from typing import TYPE_CHECKING, TextIO

from core.start import occupy

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


_MOST = 1 << 26
"""Characters of a line, and of a text, that is read."""


class UnreadableInput(Exception):  # noqa: N818 - an answer, not a fault
    """Standard input cannot be read; the text says why."""


class NoText(UnreadableInput):
    """What came from standard input is not UTF-8."""


class _Writing(io.FileIO):
    """A descriptor to write to that never fails. It keeps its first fault, and drops the rest."""

    fault: OSError | None = None

    def write(self, data: "ReadableBuffer") -> int:
        left = memoryview(data).cast("B")
        size = len(left)
        while left and self.fault is None:
            try:
                written: int | None = super().write(left)
            except OSError as fault:
                self.fault = fault
            else:
                if written is None:  # it does not wait by itself
                    select.select([], [self], [])
                left = left[written or 0 :]
        return size


class _Reading(io.FileIO):
    """A descriptor to read from, by `readinto` alone. Raises UnreadableInput."""

    def readinto(self, buffer: "WriteableBuffer") -> int:
        while True:
            try:
                read: int | None = super().readinto(buffer)
            except OSError as fault:
                raise UnreadableInput(fault.strerror) from None
            if read is not None:
                return read
            select.select([self], [], [])  # it does not wait by itself

    def read(self, size: int | None = -1) -> bytes:
        return io.RawIOBase.read(self, -1 if size is None else size) or b""

    def readall(self) -> bytes:
        return io.RawIOBase.readall(self) or b""


class OutStream(io.TextIOWrapper):
    """Standard output or error. To print there never fails."""

    def __init__(self, number: int, before: TextIO | None) -> None:
        """Write to a descriptor, as the stream `before` did (None: it was closed)."""
        like = before if isinstance(before, io.TextIOWrapper) else None
        self._descriptor = _Writing(number, "w", closefd=False)
        unbuffered = like is not None and like.write_through
        super().__init__(
            self._descriptor if unbuffered else io.BufferedWriter(self._descriptor),
            encoding=None if like is None else like.encoding,
            errors="backslashreplace",  # user text never breaks a print
            line_buffering=like is not None and like.line_buffering,
            write_through=unbuffered,
        )

    @property
    def fault(self) -> OSError | None:
        """Why nothing more can be written; None as long as it can."""
        return self._descriptor.fault


class InStream(io.TextIOWrapper):
    """Standard input: text in UTF-8, as in a file, where it does not come from a terminal.

    It is read as far as a file is: what never ends (`/dev/zero`) is refused.
    """

    def __init__(self, before: TextIO | None) -> None:
        """Read descriptor 0, as the stream `before` did (None: it was closed)."""
        typed = before is not None and before.isatty()
        super().__init__(
            io.BufferedReader(_Reading(0, closefd=False)),
            encoding=before.encoding if before is not None and typed else "utf-8-sig",
            errors=before.errors if before is not None and typed else "strict",
        )

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        """Return a line; empty at the end. Raises UnreadableInput."""
        try:
            return _ended(super().readline(_MOST + 1 if size < 0 else size))
        except UnicodeDecodeError:
            raise NoText("it is not UTF-8 text") from None

    def read(self, size: int | None = -1) -> str:
        """Return all there is. Raises UnreadableInput."""
        try:
            return _ended(super().read(_MOST + 1 if size is None or size < 0 else size))
        except UnicodeDecodeError:
            raise NoText("it is not UTF-8 text") from None


def _ended(text: str) -> str:
    """Return what was read. Raises UnreadableInput if it has no end."""
    if len(text) > _MOST:
        raise UnreadableInput(f"a line of it has more than {_MOST:,} characters")
    return text


class Standard:
    """The streams of the process, in the place of Python's; what somebody has put there stays."""

    def __init__(self) -> None:
        """Take their place."""
        self._before = sys.stdin, sys.stdout, sys.stderr
        occupy()
        if sys.stdin is sys.__stdin__:
            sys.stdin = InStream(sys.stdin)
        if sys.stdout is sys.__stdout__:
            sys.stdout = OutStream(1, sys.stdout)
        if sys.stderr is sys.__stderr__:
            sys.stderr = OutStream(2, sys.stderr)

    def finish(self) -> str | None:
        """Write what is left; return why standard output is not complete, if that is to be told.

        It is not where the reader has gone: that one has seen what it wanted.
        """
        sys.stdout.flush()
        fault = lost(sys.stdout)
        return None if fault is None or isinstance(fault, BrokenPipeError) else fault.strerror

    def leave(self) -> None:
        """Give Python its streams back: at its end it has nothing to write there."""
        sys.stdin, sys.stdout, sys.stderr = self._before


def lost(out: TextIO) -> OSError | None:
    """Return why nobody sees what is printed to a stream; None where somebody may."""
    return out.fault if isinstance(out, OutStream) else None
