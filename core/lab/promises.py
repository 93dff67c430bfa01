"""What the mechanisms that are on promise, at each of the four boundaries.

A promise holds for every schedule of an honest source: one that sends each event once, and
again only if it got no ack. The faults are crashes at any point, lost acks, and restores of
a processor that is up. If a person sends an event again without a cause, or switches
mechanisms during the session, nothing is promised.

Each promise is the strongest that is true: `tests/core/lab/test_promises.py` goes through
the schedules under every combination of the mechanisms, and finds each loss and each
doubling that a promise allows, and no other.
"""

from enum import StrEnum
from typing import NamedTuple

from core.mechanisms import Mechanisms


class Promise(StrEnum):
    """What is promised of the effect of each event, once the processor is at rest."""

    EXACTLY_ONCE = "exactly-once"
    AT_LEAST_ONCE = "at-least-once"
    AT_MOST_ONCE = "at-most-once"
    NOTHING = "nothing"


class Promises(NamedTuple):
    """The promise at each boundary.

    `state` is about the counts, `committed` about the sink. `reader` is about somebody who
    reads outputs when they are staged, without waiting for the commit. `outside` is about an
    effect that each application has outside the processor, such as an e-mail.
    """

    state: Promise
    committed: Promise
    reader: Promise
    outside: Promise


def promised(mechanisms: Mechanisms) -> Promises:
    """Return what these mechanisms promise at the four boundaries."""
    return _sent_again(mechanisms) if mechanisms.source_replay else _sent_once(mechanisms)


def _sent_again(mechanisms: Mechanisms) -> Promises:
    """Return the promises where the source sends again every event without an ack.

    Every event is then applied at least once, so the effect of an application itself can be
    doubled, but never lost.
    """
    dedup, seen_saved, waits, sink_checks, _ = mechanisms
    # If a restore brings back the counts and leaves seen, dedup skips the events it undid.
    skipped = dedup and not seen_saved
    # A second delivery counts again if its id is not known: no dedup, or no seen restored.
    counted_again = not (dedup and seen_saved)
    return Promises(
        state=_promise(loses=skipped, doubles=counted_again),
        committed=_promise(
            # An output that went straight out at the first application cannot be lost.
            loses=skipped and waits,
            # An output that a restore of the state left in the sink comes again, unless the sink
            # checks; it cannot check outputs that are pending twice, or go straight out.
            doubles=counted_again or not waits or not sink_checks,
        ),
        # A crash empties pending; what a reader saw there before is staged a second time.
        reader=Promise.AT_LEAST_ONCE,
        # A crash or a rollback undoes the event, not the e-mail; the event comes again.
        outside=Promise.AT_LEAST_ONCE,
    )


def _sent_once(mechanisms: Mechanisms) -> Promises:
    """Return the promises where each event is sent once.

    A crash before an event is applied loses it everywhere, and no event is applied twice. An
    output can come a second time only from a checkpoint that holds it as pending.
    """
    waits, sink_checks = mechanisms.transactional_output, mechanisms.idempotent_sink
    return Promises(
        state=Promise.AT_MOST_ONCE,
        # A restore of an older checkpoint stages outputs in the sink again, unless it checks.
        committed=_promise(loses=True, doubles=waits and not sink_checks),
        # A restore after a crash stages again what a reader saw in pending before.
        reader=_promise(loses=True, doubles=waits),
        outside=Promise.AT_MOST_ONCE,
    )


def _promise(*, loses: bool, doubles: bool) -> Promise:
    """Return the strongest promise that allows losing, or doubling, an event."""
    if loses:
        return Promise.NOTHING if doubles else Promise.AT_MOST_ONCE
    return Promise.AT_LEAST_ONCE if doubles else Promise.EXACTLY_ONCE
