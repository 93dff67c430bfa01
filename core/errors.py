"""Every error a request can be answered with: code, name, what it means, what to do.

The codes and the word *definite* are Maelstrom's (doc/protocol.md there): a definite
error says that the request had no effect; after an indefinite one nobody knows.
"""

from typing import NamedTuple


class ErrorKind(NamedTuple):
    """One row of the registry."""

    code: int
    name: str
    definite: bool
    meaning: str
    hint: str


NOT_SUPPORTED = ErrorKind(
    code=10,
    name="not-supported",
    definite=True,
    meaning="the node knows no request of this type",
    hint="send init, process, checkpoint, restore, commit or rollback",
)
TEMPORARILY_UNAVAILABLE = ErrorKind(
    code=11,
    name="temporarily-unavailable",
    definite=True,
    meaning="the processor is down, or what the command waits for has not come",
    hint="bring it up with restart, or with restore and a checkpoint",
)
MALFORMED_REQUEST = ErrorKind(
    code=12,
    name="malformed-request",
    definite=True,
    meaning="the line is not a request: not JSON, not an object, or a field is missing or wrong",
    hint="send one JSON object a line; the text names the field and what was expected",
)
CRASH = ErrorKind(
    code=13,
    name="crash",
    definite=True,
    meaning="a fault inside the node; the state before the request stands",
    hint="report it, with the request",
)
ABORT = ErrorKind(
    code=14,
    name="abort",
    definite=True,
    meaning="another node has taken the store over; this one is fenced and stops",
    hint="send the request to the node that took over",
)
KEY_DOES_NOT_EXIST = ErrorKind(
    code=20,
    name="key-does-not-exist",
    definite=True,
    meaning="no checkpoint of this name was saved",
    hint="save it first, or restore one that exists",
)
PRECONDITION_FAILED = ErrorKind(
    code=22,
    name="precondition-failed",
    definite=True,
    meaning="the laboratory is in a state in which the command means nothing",
    hint="the refusal names what to do first",
)

REGISTRY = {
    kind.code: kind for kind in (NOT_SUPPORTED, MALFORMED_REQUEST, CRASH, ABORT, KEY_DOES_NOT_EXIST)
}


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """A request that cannot be served. It has changed nothing.

    `kind` is its row in the registry, `text` says what was wrong with this one, and
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


class UnknownCheckpoint(Refused):
    """A restore named a checkpoint that nobody saved."""

    def __init__(self, name: str | int) -> None:
        """Name the checkpoint that is missing."""
        super().__init__(KEY_DOES_NOT_EXIST, f"no checkpoint {name!r} has been saved")
        self.name = name


class Undurable(Refused):
    """The changes could not be written. None of them has happened, unless it says so."""

    def __init__(self, why: str, *, known: bool = True) -> None:
        """Say why the store cannot be written, and whether it is known what stands in it."""
        doubt = "" if known else "; it may be on disk all the same"
        super().__init__(CRASH, f"the request could not be made durable: {why}{doubt}")


class Fenced(Refused):
    """A younger node has the store. This one must never write again."""

    def __init__(self, epoch: int, now: int) -> None:
        """Name this node's epoch and the store's."""
        super().__init__(
            ABORT, f"another node has taken the store over: epoch {now}, this one's was {epoch}"
        )


class Unusable(Exception):  # noqa: N818 - an answer to whoever started the node
    """The store cannot be opened. Its text is one line that says what to do about it."""


class Damaged(Unusable):
    """What is in the tables cannot be what was written."""

    def __init__(self, what: str) -> None:
        """Name what is wrong."""
        super().__init__(f"it is damaged: {what}")


def refused(text: str, hint: str) -> Refused:
    """Return the refusal of a command that means nothing now; `hint` can be typed instead."""
    return Refused(PRECONDITION_FAILED, text, hint)
