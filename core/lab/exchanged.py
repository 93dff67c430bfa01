"""What goes over the wire: the command a request means; the request and reply behind a fact.

Not everything has such a form: a crash is nothing that a client sends.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from core import messages as m
from core import wire
from core.lab import commands as c
from core.lab.facts import Applied, Committed, Fact, Fed, Restored, RolledBack, Saved, Skipped

if TYPE_CHECKING:
    from core.lab.lab import Lab


def read(line: str) -> tuple[m.Request, c.Command | None]:
    """Read a raw request, and the command it stands for (none for `init`).

    Raises Refused as the node would.
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


def asked(facts: Iterable[Fact], lab: "Lab") -> Iterator[tuple[Mapping[str, Any], m.Reply]]:
    """Yield the requests behind facts, without `msg_id`, each with the reply that must come.

    `lab` is as it is right after them.
    """
    for fact in facts:
        if isinstance(fact, Fed) and fact.counts is not None:
            yield from _fed(fact, fact.counts, lab)
            continue
        body, answer = request(fact), reply(fact, None, lab)
        if body is not None and answer is not None:
            yield body, answer


def _fed(
    fact: Fed, pairs: Mapping[str, tuple[int, int]], lab: "Lab"
) -> Iterator[tuple[Mapping[str, Any], m.Reply]]:
    """Yield the requests of a feed: its events are in the log."""
    counts = {word: before for word, (before, _) in pairs.items()}
    first = lab.source.positions[fact.first]
    for event_id, word in lab.source.log[first : first + fact.events]:
        counts[word] += 1
        body = {"type": "process", "event_id": event_id, "word": word}
        yield body, m.ProcessedReply(None, word, counts[word], was_duplicate=False)


def request(fact: Fact) -> dict[str, Any] | None:
    """Return the body of the request behind a fact, without `msg_id`; None if there is none."""
    match fact:
        case Applied() | Skipped():
            return {"type": "process", "event_id": fact.event_id, "word": fact.word}
        case Saved():
            return {"type": "checkpoint", "checkpoint_id": fact.name}
        case Restored():
            return {"type": "restore", "checkpoint_id": fact.name}
        case Committed():
            return {"type": "commit"}
        case RolledBack():
            return {"type": "rollback"}
        case _:
            return None


def reply(fact: Fact, to: m.MsgId, lab: "Lab") -> m.Reply | None:  # noqa: PLR0911 - one a fact
    """Return the reply to that request; `lab` as it is right after it."""
    match fact:
        case Applied():
            return m.ProcessedReply(to, fact.word, fact.after, was_duplicate=False)
        case Skipped():
            return m.ProcessedReply(to, fact.word, fact.count, was_duplicate=True)
        case Saved():
            return m.CheckpointSavedReply(to, fact.name)
        case Restored():
            return m.RestoredReply(to, lab.processor.counts)
        case Committed():
            return m.CommittedReply(to, fact.moved)
        case RolledBack():
            return m.RolledBackReply(to, fact.discarded)
        case _:
            return None
