"""Requests and replies of the raw mode, as immutable typed values.

They are named tuples, as importing dataclasses would make the start of the node slower.
`msg_id` is the client's number for a request (None: it gave none), and `in_reply_to` is the
`msg_id` of the request that a reply answers.
"""

from typing import NamedTuple

from core.checkpoints import CheckpointId
from core.errors import ErrorKind
from core.outputs import EventId

MsgId = int | None


class ProcessRequest(NamedTuple):
    """Process one delivery of an event. The reply is `ProcessedReply`."""

    msg_id: MsgId
    event_id: EventId
    word: str


class CheckpointRequest(NamedTuple):
    """Save the state under a name."""

    msg_id: MsgId
    checkpoint_id: CheckpointId


class RestoreRequest(NamedTuple):
    """Go back to the state saved under a name."""

    msg_id: MsgId
    checkpoint_id: CheckpointId


class CommitRequest(NamedTuple):
    """Move every pending output to the sink."""

    msg_id: MsgId


class RollbackRequest(NamedTuple):
    """Discard every pending output and undo the events behind them."""

    msg_id: MsgId


class InitRequest(NamedTuple):
    """Maelstrom's first message: the node's own id, and the ids of all nodes."""

    msg_id: MsgId
    node_id: str
    node_ids: list[str]


Request = (
    ProcessRequest
    | CheckpointRequest
    | RestoreRequest
    | CommitRequest
    | RollbackRequest
    | InitRequest
)


class ProcessedReply(NamedTuple):
    """The delivery was processed: the word's count now, and whether it was a duplicate."""

    in_reply_to: MsgId
    word: str
    count: int  # type: ignore[assignment]  # hides a method of tuple nobody calls here
    was_duplicate: bool


class CheckpointSavedReply(NamedTuple):
    """The state is saved."""

    in_reply_to: MsgId
    checkpoint_id: CheckpointId


class RestoredReply(NamedTuple):
    """The checkpoint is restored: its counts, with words in the order of their first event."""

    in_reply_to: MsgId
    counts: dict[str, int]


class CommittedReply(NamedTuple):
    """How many outputs this commit moved to the sink."""

    in_reply_to: MsgId
    output_count: int


class RolledBackReply(NamedTuple):
    """How many outputs this rollback discarded."""

    in_reply_to: MsgId
    output_count: int


class InitOkReply(NamedTuple):
    """The reply to `InitRequest`: the node is ready."""

    in_reply_to: MsgId


class ErrorReply(NamedTuple):
    """The request cannot be carried out, as `text` says."""

    in_reply_to: MsgId
    kind: ErrorKind
    text: str


Reply = (
    ProcessedReply
    | CheckpointSavedReply
    | RestoredReply
    | CommittedReply
    | RolledBackReply
    | InitOkReply
    | ErrorReply
)
