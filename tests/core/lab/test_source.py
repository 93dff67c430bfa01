"""The source sends, and hears or does not hear; what is sent need not arrive."""

from core.lab.crash_points import CrashPoint
from core.lab.lab import Lab
from core.lab.source import Source
from core.mechanisms import AT_MOST_ONCE, EXACTLY_ONCE, Mechanisms


def source(*ids: str) -> Source:
    """Return a source with these events in its log."""
    made = Source()
    for event_id in ids:
        made.append(event_id, "x")
    return made


def test_what_was_sent_last_need_not_have_arrived() -> None:
    made = source("e1", "e2")
    assert (made.last, made.due) == (None, ("e1", "x"))
    assert made.send(0) == "e1"
    assert (made.last, made.offset, made.due) == (0, 0, ("e1", "x"))
    made.acknowledge(0)
    assert (made.last, made.offset, made.due) == (0, 1, ("e2", "x"))


def test_only_the_ack_of_what_is_due_moves_the_offset() -> None:
    made = source("e1", "e2")
    made.acknowledge(1)
    assert made.offset == 0
    made.acknowledge(0)
    made.acknowledge(0)
    assert made.offset == 1


def test_a_copy_goes_its_own_way_and_so_does_what_was_copied() -> None:
    one = source("e1")
    other, third = one.copy(), one.copy()
    one.append("e2", "a")
    other.append("e3", "b")
    assert [one.log, other.log, third.log] == [
        [("e1", "x"), ("e2", "a")],
        [("e1", "x"), ("e3", "b")],
        [("e1", "x")],
    ]
    assert [one.positions, other.positions] == [{"e1": 0, "e2": 1}, {"e1": 0, "e3": 1}]


def delivered(point: CrashPoint | None, mechanisms: Mechanisms = EXACTLY_ONCE) -> Lab:
    """Return a laboratory to which an event was sent, with a crash at a point on the way."""
    lab = Lab(mechanisms)
    lab.armed = point
    lab.deliver(lab.source.append("e1", "x"), "x", [])
    return lab


def test_a_delivery_is_sent_arrives_and_is_acknowledged() -> None:
    lab = delivered(None)
    assert (lab.source.last, list(lab.processor.seen), lab.source.offset) == (0, ["e1"], 1)


def test_a_crash_comes_before_it_arrives_or_before_it_is_acknowledged() -> None:
    for point in (CrashPoint.BEFORE_APPLY, CrashPoint.BEFORE_ACK):
        lab = delivered(point)
        assert (lab.up, lab.source.last, lab.source.offset) == (False, 0, 0)


def test_a_source_that_sends_once_is_done_with_what_it_sent() -> None:
    for point in (CrashPoint.BEFORE_APPLY, CrashPoint.BEFORE_ACK):
        assert delivered(point, AT_MOST_ONCE).source.offset == 1
