"""The errors of requests, commands and stores.

The codes are Maelstrom's (doc/protocol.md there). All errors but one are definite: the request
had no effect. An `Undurable` may have had one, and then says so in its text.
"""

from enum import IntEnum


class ErrorKind(IntEnum):
    """A kind of error; the value is its code in an error reply."""

    NOT_SUPPORTED = 10  # the node knows no request of this type
    TEMPORARILY_UNAVAILABLE = 11  # the processor is down; at the prompt and in scripts alone
    MALFORMED_REQUEST = 12  # not JSON, not an object, or a field is missing or wrong
    CRASH = 13  # a fault inside the node, or the store could not be written
    ABORT = 14  # another node has taken the store over; this one is fenced and stops
    KEY_DOES_NOT_EXIST = 20  # no checkpoint of this name was saved
    PRECONDITION_FAILED = 22  # the command is not possible now; there alone as well


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """A request or a command that cannot be carried out. It has changed nothing.

    `kind` has its code, `text` says what is wrong, and `hint` is what to type instead (empty:
    nothing). `msg_id` is that of the request, None if it has none or was not read.
    """

    def __init__(self, kind: ErrorKind, text: str, hint: str = "") -> None:
        """Set the kind of error, the explanation and the hint."""
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.hint = hint
        self.msg_id: int | None = None


class Mistyped(Refused):
    """A line that is not a valid command."""

    def __init__(self, text: str, hint: str) -> None:
        """Set what is wrong, and what to type instead."""
        super().__init__(ErrorKind.MALFORMED_REQUEST, text, hint)


class UnknownCheckpoint(Refused):
    """A restore of a checkpoint that was not saved."""

    def __init__(self, name: str | int) -> None:
        """Set the name of the missing checkpoint."""
        super().__init__(ErrorKind.KEY_DOES_NOT_EXIST, f"no checkpoint {name!r} has been saved")
        self.name = name


class Undurable(Refused):
    """The changes could not be written. None has taken effect, unless the text says it may."""

    def __init__(self, why: str, *, known: bool = True) -> None:
        """Set why the store cannot be written, and whether it is `known` that nothing was."""
        doubt = "" if known else "; it may be on disk all the same"
        super().__init__(ErrorKind.CRASH, f"the request could not be made durable: {why}{doubt}")


class Fenced(Refused):
    """Another node has taken the store over. This one must never write again."""

    def __init__(self, epoch: int, now: int) -> None:
        """Set this node's epoch, and the store's (`now`)."""
        super().__init__(
            ErrorKind.ABORT,
            f"another node has taken the store over: epoch {now}, this one's was {epoch}",
        )


class Unusable(Exception):  # noqa: N818 - an answer to the person who started the node
    """The store cannot be opened or read. The text says why, in one line."""


class Damaged(Unusable):
    """The file is not as the store has written it."""

    def __init__(self, what: str) -> None:
        """Set what is wrong."""
        super().__init__(f"it is damaged: {what}")


class WorkerEnded(Exception):  # noqa: N818 - what happened to the worker, not a fault of ours
    """The process that writes to a store does not reply any more; the text says why."""


def refused(text: str, hint: str) -> Refused:
    """Return the error for a command that is not possible now; `hint` can be typed instead."""
    return Refused(ErrorKind.PRECONDITION_FAILED, text, hint)
