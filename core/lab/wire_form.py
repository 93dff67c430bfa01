"""Commands and facts as messages: the command a request means; the requests behind a fact.

Not every fact has a message: no client sends a crash.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, assert_never

from core import messages as m
from core import wire
from core.lab import commands as c
from core.lab import facts as f
from core.outputs import EventId

if TYPE_CHECKING:
    from core.lab.lab import Lab

Exchange = tuple[dict[str, Any], m.Reply]
"""The body of a request, without `msg_id`, and the right reply to it."""


def read(line: str) -> tuple[m.Request, c.Command | None]:
    """Read a raw request; return it and the command it stands for (None for `init`).

    Raises Refused where the node would answer with an error: a malformed or unknown request.
    """
    request = wire.read_request(wire.body_of(wire.parse(line)))
    match request:
        case m.ProcessRequest(_, event_id, word):
            return request, c.Process(event_id, word, raw=True)
        case m.CheckpointRequest(_, name):
            return request, c.Checkpoint(name)
        case m.RestoreRequest(_, name):
            return request, c.Restore(name, raw=True)
        case m.CommitRequest():
            return request, c.Commit()
        case m.RollbackRequest():
            return request, c.Rollback()
        case m.InitRequest():
            return request, None


def exchanges(fact: f.Fact, lab: "Lab") -> Iterator[Exchange]:
    """Yield the requests that a fact stands for, each with its reply; none for a fault.

    `lab` is the laboratory right after the fact.
    """
    match fact:
        case f.Applied():
            reply = m.ProcessedReply(None, fact.word, fact.after, was_duplicate=False)
            yield _process(fact.event_id, fact.word), reply
        case f.Skipped():
            reply = m.ProcessedReply(None, fact.word, fact.count, was_duplicate=True)
            yield _process(fact.event_id, fact.word), reply
        case f.Fed() if fact.counts is not None:
            yield from _fed(fact, fact.counts, lab)
        case f.Saved():
            body = {"type": "checkpoint", "checkpoint_id": fact.name}
            yield body, m.CheckpointSavedReply(None, fact.name)
        case f.Restored():
            body = {"type": "restore", "checkpoint_id": fact.name}
            yield body, m.RestoredReply(None, lab.processor.counts)
        case f.Committed():
            yield {"type": "commit"}, m.CommittedReply(None, fact.moved)
        case f.RolledBack():
            yield {"type": "rollback"}, m.RolledBackReply(None, fact.discarded)
        case f.Fed() | f.Undelivered() | f.EventLost() | f.Unsent() | f.Reused() | f.Replayed():
            return
        case f.Crashed() | f.Armed() | f.Disarmed() | f.Restarted() | f.AckLost() | f.Switched():
            return
        case _:
            assert_never(fact)


def _fed(fact: f.Fed, pairs: Mapping[str, tuple[int, int]], lab: "Lab") -> Iterator[Exchange]:
    """Yield the requests of a feed, one for each event; `pairs` is word → count before, after."""
    counts = {word: before for word, (before, _) in pairs.items()}
    first = lab.source.positions[fact.first]
    for event_id, word in lab.source.log[first : first + fact.events]:
        counts[word] += 1
        reply = m.ProcessedReply(None, word, counts[word], was_duplicate=False)
        yield _process(event_id, word), reply


def _process(event_id: EventId, word: str) -> dict[str, Any]:
    return {"type": "process", "event_id": event_id, "word": word}
