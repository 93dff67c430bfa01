"""The source's half of a store: its log, and how far it was acknowledged.

Only the prompt has a source; before a node in raw mode, whoever pipes is one. Its events
are in no log then, and are put there when the prompt opens the store: they were answered,
so they go before what is due. And no offset is believed that goes beyond what was applied:
at worst an event is sent again, which does no harm.
"""

import sqlite3
from collections.abc import Container
from typing import NamedTuple

from core.journal import Event
from core.outputs import EventId
from core.processor import CheckpointId, Processor
from core.store.changes import Damaged
from core.store.schema import checksum, from_column


class Kept(NamedTuple):
    """The source as a store has it.

    `offsets` has that of each checkpoint. The first `written` events of the log stand like
    this in the store, and so do all offsets but those of the checkpoints `stale`. `effects`
    has how often an event was applied, and shown, where that is not once each and nothing
    was undone; it is None where nobody counted.
    """

    log: list[Event]
    offset: int
    offsets: dict[CheckpointId, int]
    written: int
    stale: list[CheckpointId]
    effects: dict[EventId, tuple[int, int]] | None


def log(database: sqlite3.Connection) -> list[Event]:
    """Read the log. Raises Damaged."""
    events: list[Event] = []
    for position, event_id, word, crc in database.execute("SELECT * FROM source ORDER BY position"):
        if position != len(events) + 1 or crc != checksum(position, event_id, word):
            raise Damaged(f"event {position} of the source")
        events.append((from_column(event_id), str(from_column(word))))
    return events


def offsets(database: sqlite3.Connection) -> dict[CheckpointId | None, int]:
    """Read the offsets; under None, the present one. Raises Damaged."""
    found: dict[CheckpointId | None, int] = {}
    for name, offset, crc in database.execute("SELECT * FROM offsets"):
        if crc != checksum(name, offset):
            raise Damaged(f"the source's offset at {name!r}")
        found[None if name is None else from_column(name)] = offset
    return found


def effects(database: sqlite3.Connection) -> dict[EventId, tuple[int, int]] | None:
    """Read how often events had an effect; None where that is not known. Raises Damaged."""
    found: dict[EventId, tuple[int, int]] = {}
    known = False
    for event_id, applied, shown, crc in database.execute("SELECT * FROM effects"):
        if crc != checksum(event_id, applied, shown):
            raise Damaged(f"the effects of {event_id!r}")
        if event_id is None:
            known = True
        else:
            found[from_column(event_id)] = applied, shown
    if not known:
        something = "SELECT EXISTS (SELECT * FROM journal) OR EXISTS (SELECT * FROM outputs)"
        known = not database.execute(something).fetchone()[0]
    return found if known else None


def kept(database: sqlite3.Connection, processor: Processor) -> Kept:
    """Read the source that belongs to this processor. Raises Damaged."""
    events, stood = log(database), offsets(database)
    now = min(stood.get(None, 0), len(events))
    known = {event_id for event_id, _ in events}
    applied = {each.event_id: each.word for each in processor.sink} | processor.seen
    foreign = [event for event in applied.items() if event[0] not in known]
    events[now:now] = foreign
    written = now if foreign else len(events)
    saved = {}
    for name in processor.checkpoints:
        there = stood.get(name)
        if there is None:  # a raw node saved it
            there = _reach(events, processor.saved(name).seen or {})
        saved[name] = min(there, now) if foreign else there
    stale = [name for name, offset in saved.items() if stood.get(name) != offset]
    now = min(now + len(foreign), _reach(events, processor.seen))
    return Kept(events, now, saved, written, stale, effects(database))


def _reach(events: list[Event], seen: Container[EventId]) -> int:
    """Return how many events from the first on were applied."""
    return next((n for n, each in enumerate(events) if each[0] not in seen), len(events))
