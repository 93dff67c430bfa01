"""The redo log: what it keeps until the tables have it, and what is not believed of it."""

import fcntl
import os
import shutil
import sqlite3
import time
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import pytest

from core.store import file, redo
from core.store.changes import Applied, Damaged, Fenced, Undurable, Unusable
from core.store.load import head
from core.store.node import DurableNode
from core.store.recorder import Recorder
from core.store.sqlite import SqliteStore
from core.store.verify import verify
from tests.core.store.test_fencing import ask, start

FILES = ("", "-wal", "-redo")


def write(store: SqliteStore, processor: Recorder, *ids: str | int) -> None:
    """Process some events, and write them."""
    for event_id in ids:
        processor.process(event_id, "hello")
    store.write(processor.take())


def kill(path: Path, *windows: tuple[str | int, ...]) -> Path:
    """Return a store as a node left it that was killed; each window was written at once."""
    with closing(SqliteStore(path, lazy=True)) as store:
        processor = store.load()
        for ids in windows:
            write(store, processor, *ids)
        return copy_of(path)


def copy_of(path: Path) -> Path:
    """Return a copy of a store that is open: what is left if its node is killed now."""
    copy = path.parent / "copy"
    for end in FILES:
        shutil.copy(f"{path}{end}", f"{copy}{end}")
    return copy


def seen(path: Path) -> list[str | int]:
    """Return what a store gives back; it is closed again."""
    with closing(SqliteStore(path)) as store:
        return list(store.load().seen)


def in_tables(path: Path) -> list[str]:
    """Return what anybody reads with SQLite."""
    with closing(file.connect(path, read_only=True)) as database:
        return [event_id for (event_id,) in database.execute("SELECT event_id FROM seen")]


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """Make a store that has e1 to e4 in its redo log alone, in three lines."""
    path = kill(tmp_path / "store", ("e1",), ("e2", "e3"), ("e4",))
    assert in_tables(path) == []
    return path


def flip(path: Path, old: bytes, new: bytes) -> None:
    """Change a few bytes of a redo log."""
    data = file.redo_log(path).read_bytes()
    assert data.count(old) == 1
    file.redo_log(path).write_bytes(data.replace(old, new.ljust(len(old), b"\0")))


def test_what_stands_in_the_redo_log_alone_comes_back(killed: Path) -> None:
    assert verify(killed)[::3] == (4, [])
    assert seen(killed) == ["e1", "e2", "e3", "e4"]
    assert in_tables(killed) == ["e1", "e2", "e3", "e4"]


def test_ids_and_words_of_every_kind_come_back(tmp_path: Path) -> None:
    ids = ("", "a\nb", "a\0b", "\ud800", "é", 1, -(10**40))
    assert tuple(seen(kill(tmp_path / "store", ids))) == ids


def test_the_tables_get_it_in_a_pause(tmp_path: Path) -> None:
    node = start(tmp_path / "store")
    ask(node, b'{"type":"process","msg_id":1,"event_id":"e1","word":"hello"}\n')
    until = time.monotonic() + 30
    while in_tables(tmp_path / "store") != ["e1"] and time.monotonic() < until:
        time.sleep(0.01)
    assert in_tables(tmp_path / "store") == ["e1"]
    node.communicate()
    assert node.returncode == 0


def test_what_is_out_is_in_the_tables_before_the_reply(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "store", lazy=True)) as store:
        node = DurableNode(store)
        for number in range(3):
            node.feed(b'{"type":"process","event_id":%d,"word":"a"}\n' % number)
        assert store.behind
        node.feed(b'{"type":"commit"}\n')
        with closing(sqlite3.connect(tmp_path / "store")) as database:
            assert database.execute("SELECT count(*) FROM outputs").fetchone() == (3,)
        assert not store.behind


def test_a_store_that_was_closed_needs_no_redo_log(tmp_path: Path) -> None:
    path = tmp_path / "store"
    with closing(SqliteStore(path, lazy=True)) as store:
        write(store, store.load(), "e1")
    assert not file.redo_log(path).exists()
    file.redo_log(path).write_bytes(b"somebody else's")
    assert seen(path) == ["e1"]


def test_more_than_the_log_holds_goes_to_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "store"
    ids = [f"{number}{'x' * 1000}" for number in range(200)]
    with closing(SqliteStore(path, lazy=True)) as store:
        processor = store.load()
        for event_id in ids:
            write(store, processor, event_id)
        assert len(in_tables(path)) > 100
        write(store, processor, "y" * redo.SIZE)
        assert not store.behind
        write(store, processor, *range(redo.FEW + 1))
        assert not store.behind
        assert file.redo_log(path).stat().st_size == redo.SIZE
    assert seen(path) == [*ids, "y" * redo.SIZE, *range(redo.FEW + 1)]


def test_a_last_line_that_is_half_there_was_never_acknowledged(killed: Path) -> None:
    flip(killed, b'"e4","he', b"\0\0\0\0\0\0\0\0")
    assert verify(killed)[::3] == (3, [])
    assert seen(killed) == ["e1", "e2", "e3"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"e1"', b'"f1"'),
        (b'"e3","hello"]\n', b'"e3","hello"]\0'),
        (b'"e1","hello"]\n\x1e', b'"e1","hello"]\n\0'),
        (b"oncelab redo log", b"oncelab rado log"),
        (b"epoch 1,", b"epoch 1 "),
        (b"epoch 1, open\n", b"epoch 0\n"),
        (b"epoch 1, open\n", b"epoch 2, open\n"),
        (b"epoch 1, open\n", b"epoch 3\n"),
    ],
)
def test_a_damaged_log_is_refused_and_left_alone(killed: Path, old: bytes, new: bytes) -> None:
    flip(killed, old, new)
    before = [Path(f"{killed}{end}").read_bytes() for end in FILES]
    for _ in range(2):
        assert verify(killed).findings
        with pytest.raises(Damaged, match="redo log"):
            SqliteStore(killed)
    assert [Path(f"{killed}{end}").read_bytes() for end in FILES] == before


def test_no_flipped_byte_goes_unnoticed_but_in_the_last_line(killed: Path) -> None:
    """A last line that does not fit its checksum cannot be told from one half written."""
    data = file.redo_log(killed).read_bytes()
    with closing(file.connect(killed, read_only=True)) as database:
        tables = head(database)
    held = redo.beyond(data, tables)
    last, end = data.rindex(b"\x1e"), data.rindex(b"\n") + 1
    for at in range(end):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[at] ^= 1 << bit
            try:
                found = redo.beyond(bytes(flipped), tables)
            except Damaged:
                continue
            assert found == held or (at >= last and found.ids == ["e1", "e2", "e3"]), at


def test_a_log_of_sqlites_that_was_cut_short_shows_in_the_redo_log(tmp_path: Path) -> None:
    path = kill(tmp_path / "store", (*range(redo.FEW + 1),), ("e1",))
    size = Path(f"{path}-wal").stat().st_size
    os.truncate(f"{path}-wal", size - 100)
    assert verify(path).findings
    with pytest.raises(Damaged, match="older than its redo log"):
        SqliteStore(path)
    os.truncate(f"{path}-wal", 0)
    with pytest.raises(Damaged):
        SqliteStore(path)


@pytest.mark.parametrize("size", [0, 511, 600, redo.SIZE - 1])
def test_a_log_that_is_cut_short_is_refused(killed: Path, size: int) -> None:
    os.truncate(file.redo_log(killed), size)
    assert verify(killed).findings
    with pytest.raises(Damaged, match="redo log"):
        SqliteStore(killed)


def test_verify_finds_an_event_of_the_log_that_the_tables_have(killed: Path) -> None:
    with closing(SqliteStore(killed)) as store, ExitStack() as held:
        write(store, store.load(), "e5")
        with closing(sqlite3.connect(killed)) as database:
            tables = head(database)
        log = held.enter_context(closing(redo.Redo(killed, tables)))
        log.take_over(store.epoch)
        log.append(Applied(["e5"], ["hello"]), tables.writes)
        (finding,) = verify(killed).findings
        assert "'e5' is in the redo log, and was applied before" in finding.text


def test_a_line_whose_sync_fails_has_no_effect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore(tmp_path / "store", lazy=True)
    node = DurableNode(store)
    request = b'{"type":"process","event_id":"e%d","word":"a"}\n'

    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    assert b"processed" in node.feed(request % 1)
    monkeypatch.setattr(os, "fdatasync", fail)
    assert b"could not be made durable: Input/output error" in node.feed(request % 2)
    assert seen(copy_of(tmp_path / "store")) == ["e1"]
    monkeypatch.undo()
    assert b'"count": 2' in node.feed(request % 3)
    store.close()
    assert seen(tmp_path / "store") == ["e1", "e3"]


def test_a_fenced_node_leaves_its_lines_to_the_younger_one(tmp_path: Path) -> None:
    older = SqliteStore(tmp_path / "store", lazy=True)
    processor = older.load()
    write(older, processor, "e1")
    younger = SqliteStore(tmp_path / "store", take_over=True, lazy=True)
    assert list(younger.load().seen) == ["e1"]
    processor.process("e2", "hello")
    for act in (partial(older.write, processor.take()), older.settle, older.probe):
        with pytest.raises(Fenced, match="epoch 2, this one's was 1"):
            act()
    older.close()
    younger.close()
    assert seen(tmp_path / "store") == ["e1"]


def test_a_fenced_node_acknowledges_not_even_a_duplicate(tmp_path: Path) -> None:
    """The younger one may have rolled the event back."""
    older = SqliteStore(tmp_path / "store")
    node = DurableNode(older)
    request = b'{"type":"process","event_id":"e1","word":"a"}\n'
    assert b"processed" in node.feed(request)
    with closing(SqliteStore(tmp_path / "store", take_over=True)):
        assert b'"code": 14' in node.feed(request)
    older.close()


def test_a_redo_log_that_finds_no_room_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pwrite = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda log, data, at: pwrite(log, data[:50_000], at))
    with pytest.raises(Unusable, match="No space left"):
        SqliteStore(tmp_path / "store", lazy=True)
    monkeypatch.undo()
    assert seen(tmp_path / "store") == []


def test_a_line_that_is_written_by_half_has_no_effect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore(tmp_path / "store", lazy=True)
    processor = store.load()
    pwrite = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda log, data, at: pwrite(log, data[:20], at))
    with pytest.raises(Undurable, match="No space left"):
        write(store, processor, "e1")
    monkeypatch.undo()
    store.close()
    assert seen(tmp_path / "store") == []


def test_a_take_over_that_was_cut_short_loses_nothing(tmp_path: Path) -> None:
    """The younger node dies when its title stands in the log and its epoch not in the tables."""
    path = kill(tmp_path / "store", ("e1",))
    flip(path, b"epoch 1, open\n", b"epoch 2\n")
    assert seen(path) == ["e1"]


def test_a_node_that_stands_still_in_a_write_is_not_waited_for_for_ever(
    killed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.redo.WAIT", 0.1)
    with file.redo_log(killed).open("rb") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        with pytest.raises(Unusable, match="stands still in a write"):
            SqliteStore(killed, take_over=True)
    assert seen(killed) == ["e1", "e2", "e3", "e4"]


def test_a_full_disk_keeps_what_the_log_alone_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore(tmp_path / "store", lazy=True)
    processor = store.load()
    write(store, processor, "e1")

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(store, "_put", fail)
    with pytest.raises(Undurable, match="full"):
        store.settle()
    assert store.behind
    monkeypatch.undo()
    store.probe()
    assert list(store.load().seen) == ["e1"]
    store.close()
    assert seen(tmp_path / "store") == ["e1"]
