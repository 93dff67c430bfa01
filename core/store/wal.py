"""What SQLite leaves out of its log `FILE-wal` without a word.

SQLite reads its log up to the first frame that does not fit its checksum, and takes what
comes behind for a transaction that a power cut left half written. So it is, if that is the
last one: each was synced before the next began. Two of them behind it were acknowledged,
and something has damaged the log.

The format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log. How far SQLite has
read stands in `FILE-shm`, too, but whoever opens and closes that file lets go of the locks
of his whole process: https://www.sqlite.org/howtocorrupt.html, 2.2.
"""

import struct
from pathlib import Path

from core.store import file
from core.store.changes import Damaged

_HEAD = struct.Struct(">8xI4x8sII")
"""Page size, salt, checksum."""

_FRAME = struct.Struct(">4xI8sII")
"""Pages of the database if a transaction ends here, otherwise 0; salt; checksum."""

_MARKED = 8
"""Bytes of a frame's head that its checksum covers."""

_ORDERS = {b"\x37\x7f\x06\x82": "<", b"\x37\x7f\x06\x83": ">"}
"""How a log begins, to the order of bytes in the words that a checksum adds up."""

Sum = tuple[int, int]


def check(store: Path) -> None:
    """Raise Damaged if SQLite leaves out transactions. Nobody may be writing."""
    path = file.log(store)
    if not file.has_log(store):
        return
    log = path.read_bytes()
    order = _ORDERS.get(log[:4])
    page, salt, *head = _HEAD.unpack_from(log)
    begun = tuple(head)
    if order is None or begun != _add(log[: _HEAD.size - 8], order, (0, 0)):
        raise Damaged(f"the head of its log {path}")
    frames = range(_HEAD.size, len(log) - _FRAME.size - page + 1, _FRAME.size + page)
    read = _readable(log, frames, order, salt, begun)
    ends = [_FRAME.unpack_from(log, at)[:2] for at in frames[read:]]
    if sum(pages > 0 and salt_here == salt for pages, salt_here in ends) > 1:
        raise Damaged(f"its log {path}, frame {read + 1}")


def _readable(log: bytes, frames: range, order: str, salt: bytes, total: Sum) -> int:
    """Return how many frames fit their checksum, each of which goes on from the one before."""
    for number, at in enumerate(frames):
        _, salt_here, *sums = _FRAME.unpack_from(log, at)
        total = _add(log[at : at + _MARKED], order, total)
        total = _add(log[at + _FRAME.size : at + frames.step], order, total)
        if salt_here != salt or total != tuple(sums):
            return number
    return len(frames)


def _add(data: bytes, order: str, total: Sum) -> Sum:
    """Return SQLite's checksum over some bytes, begun with this one."""
    one, two = total
    words = iter(struct.unpack(f"{order}{len(data) // 4}I", data))
    for even, odd in zip(words, words, strict=True):
        one = one + even + two & 0xFFFFFFFF
        two = two + odd + one & 0xFFFFFFFF
    return one, two
