"""SQLite's log: a transaction that was acknowledged is never left out of it without a word."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.store import file
from core.store.changes import Unusable
from core.store.sqlite import SqliteStore
from core.store.verify import verify

WINDOWS = 12


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Path]:
    """Make a store as a killed node leaves it: in its log stand transactions of two events."""
    with closing(SqliteStore(tmp_path / "store")) as store:
        processor = store.load()
        for number in range(WINDOWS):
            processor.process(f"e{number}", "hello")
            processor.process(f"f{number}", "world")
            store.write(processor.take())
        copy(tmp_path / "store", tmp_path / "killed")
        yield tmp_path / "killed"


def copy(store: Path, other: Path) -> None:
    """Copy a store, but for what a reboot leaves of it in memory alone."""
    for end in ("", "-wal", "-redo"):
        shutil.copy(f"{store}{end}", f"{other}{end}")
    Path(f"{other}-shm").unlink(missing_ok=True)


def seen(path: Path) -> int:
    """Return how many events a store gives back."""
    with closing(SqliteStore(path)) as store:
        return len(store.load().seen)


def test_a_sound_log_is_read_to_its_end(killed: Path) -> None:
    assert verify(killed)[::3] == (2 * WINDOWS, [])
    assert seen(killed) == 2 * WINDOWS


@pytest.mark.parametrize("step", [211, pytest.param(17, marks=pytest.mark.long)])
def test_no_flipped_byte_of_the_log_takes_more_than_two_transactions(
    killed: Path, tmp_path: Path, step: int
) -> None:
    """The last one cannot be told from one that was half written when the power failed.

    And if the mark is hit where the one before ends, the two look like one.
    """
    data = file.log(killed).read_bytes()
    refused = 0
    for at in [*range(64), *range(64, len(data), step)]:
        path = tmp_path / "flipped"
        copy(killed, path)
        flipped = bytearray(data)
        flipped[at] ^= 1 << at % 8
        file.log(path).write_bytes(flipped)
        report = verify(path)
        try:
            found = seen(path)
        except Unusable:
            refused += 1
            assert report.findings, at
            assert file.log(path).read_bytes() == flipped
        else:
            assert not report.findings, at
            assert found >= 2 * WINDOWS - 4, at
    assert refused > 64


@pytest.mark.parametrize("rest", [b"", b"garbage", b"\0" * 100])
def test_a_log_that_is_none_is_refused(killed: Path, rest: bytes) -> None:
    file.log(killed).write_bytes(rest)
    assert verify(killed).findings
    with pytest.raises(Unusable, match="log"):
        SqliteStore(killed)


def test_a_log_that_is_gone_is_missed_though_nobody_could_carry_it_over(tmp_path: Path) -> None:
    path, killed = tmp_path / "store", tmp_path / "killed"
    SqliteStore(path).close()
    with closing(file.connect(path, read_only=True)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM node").fetchall()
        with closing(SqliteStore(path)) as store:
            processor = store.load()
            processor.process("e1", "hello")
            store.write(processor.take())
            copy(path, killed)
    file.log(killed).unlink()
    assert verify(killed).findings
    with pytest.raises(Unusable, match="gone"):
        SqliteStore(killed)


def test_a_log_that_nobody_could_carry_over_yet_is_missed_as_soon_as_somebody_can(
    tmp_path: Path,
) -> None:
    """A reader that looks at an old state holds up the file's saying that it is not whole."""
    path, killed = tmp_path / "store", tmp_path / "killed"
    SqliteStore(path).close()
    with closing(file.connect(path, read_only=True)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM node").fetchall()
        store = SqliteStore(path)
        reader.execute("COMMIT")
    processor = store.load()
    for number in range(3_000):
        processor.process(f"e{number}", "a word of some length")
    store.write(processor.take())
    copy(path, killed)
    file.log(killed).unlink()
    assert verify(killed).findings
    store.close()
    assert seen(path) == 3_000
