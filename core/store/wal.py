"""What SQLite leaves out of its log `FILE-wal` without a word.

SQLite reads its log up to the first frame that does not fit its checksum, and takes what
comes behind for a transaction that a power cut left half written. So it is, if that is the
last one: each was synced before the next began. Two of them behind it were acknowledged,
and something has damaged the log.

The format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log and, for how much
SQLite has read, https://www.sqlite.org/walformat.html#the_wal_index_file_format
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from core.store import file
from core.store.changes import Damaged

_HEAD = struct.Struct(">4s4xI4x8sII")
"""Magic, page size, salt, checksum."""

_FRAME = struct.Struct(">4xI8s8x")
"""Pages of the database if a transaction ends here, otherwise 0; the salt of the head."""

_INDEX = struct.Struct("=16xI12x8s")
"""Frames read, and the salt of the log that they were read from."""

_ORDERS = {b"\x37\x7f\x06\x82": "<6I", b"\x37\x7f\x06\x83": ">6I"}
"""Magic to how the checksum reads its words."""


def check(store: Path) -> None:
    """Raise Damaged if SQLite leaves out transactions. Somebody must be reading the store."""
    path = file.log(store)
    if not file.has_log(store):
        return
    with path.open("rb") as log:
        head = log.read(_HEAD.size)
        if not _is_head(head):
            raise Damaged(f"the head of its log {path}")
        _, page, salt, *_ = _HEAD.unpack(head)
        ends = list(_ends(log.read(), page, salt))
    index = Path(f"{store}-shm").read_bytes()
    read, salt_read = _INDEX.unpack_from(index)
    if salt_read == salt and len([end for end in ends if end > read]) > 1:
        raise Damaged(f"its log {path}, frame {read + 1}")


def _is_head(head: bytes) -> bool:
    """Whether this begins a log: its checksum fits."""
    order = _ORDERS.get(head[:4])
    if order is None or len(head) < _HEAD.size:
        return False
    one = two = 0
    words = struct.unpack_from(order, head)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        one = one + even + two & 0xFFFFFFFF
        two = two + odd + one & 0xFFFFFFFF
    return _HEAD.unpack(head)[-2:] == (one, two)


def _ends(frames: bytes, page: int, salt: bytes) -> Iterator[int]:
    """Yield the numbers, from 1 on, of the frames of this log that end a transaction."""
    size = _FRAME.size + page
    for number in range(1, len(frames) // size + 1):
        pages, salt_here = _FRAME.unpack_from(frames, (number - 1) * size)
        if pages and salt_here == salt:
            yield number
