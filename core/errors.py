"""Every error a request or a command can be answered with.

The codes are Maelstrom's (doc/protocol.md there). All of ours are definite: the request had
no effect. The one that is not says so in its text (`Undurable`).
"""

from enum import IntEnum


class ErrorKind(IntEnum):
    """Its code on the wire."""

    NOT_SUPPORTED = 10  # the node knows no request of this type
    TEMPORARILY_UNAVAILABLE = 11  # the processor is down; at the prompt alone
    MALFORMED_REQUEST = 12  # not JSON, not an object, or a field is missing or wrong
    CRASH = 13  # a fault inside the node; the state before the request stands
    ABORT = 14  # another node has taken the store over; this one is fenced and stops
    KEY_DOES_NOT_EXIST = 20  # no checkpoint of this name was saved
    PRECONDITION_FAILED = 22  # the command means nothing now; at the prompt alone


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """A request that cannot be served. It has changed nothing.

    `kind` has its code, `text` says what was wrong with this one, and
    `hint`, where there is one, is what to type instead. `msg_id` is filled in as soon as
    it has been read.
    """

    def __init__(self, kind: ErrorKind, text: str, hint: str = "") -> None:
        """Refuse with this kind of error and this explanation."""
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.hint = hint
        self.msg_id: int | None = None


class Mistyped(Refused):
    """A line that is no command: what is wrong with it, and what to type instead."""

    def __init__(self, text: str, hint: str) -> None:
        """Say what is wrong, and what to type instead."""
        super().__init__(ErrorKind.MALFORMED_REQUEST, text, hint)


class UnknownCheckpoint(Refused):
    """A restore named a checkpoint that nobody saved."""

    def __init__(self, name: str | int) -> None:
        """Name the checkpoint that is missing."""
        super().__init__(ErrorKind.KEY_DOES_NOT_EXIST, f"no checkpoint {name!r} has been saved")
        self.name = name


class Undurable(Refused):
    """The changes could not be written. None of them has happened, unless it says so."""

    def __init__(self, why: str, *, known: bool = True) -> None:
        """Say why the store cannot be written, and whether it is known what stands in it."""
        doubt = "" if known else "; it may be on disk all the same"
        super().__init__(ErrorKind.CRASH, f"the request could not be made durable: {why}{doubt}")


class Fenced(Refused):
    """A younger node has the store. This one must never write again."""

    def __init__(self, epoch: int, now: int) -> None:
        """Name this node's epoch and the store's."""
        super().__init__(
            ErrorKind.ABORT,
            f"another node has taken the store over: epoch {now}, this one's was {epoch}",
        )


class Unusable(Exception):  # noqa: N818 - an answer to whoever started the node
    """The store cannot be opened. Its text is one line that says what to do about it."""


class Damaged(Unusable):
    """What is in the tables cannot be what was written."""

    def __init__(self, what: str) -> None:
        """Name what is wrong."""
        super().__init__(f"it is damaged: {what}")


class WorkerEnded(Exception):  # noqa: N818 - what befell the worker, not a fault of ours
    """The process that writes to a store does not serve any more; its text says why."""


def refused(text: str, hint: str) -> Refused:
    """Return the refusal of a command that means nothing now; `hint` can be typed instead."""
    return Refused(ErrorKind.PRECONDITION_FAILED, text, hint)
