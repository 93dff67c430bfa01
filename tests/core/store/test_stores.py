"""What comes back from a store is what was put in, on every path of history."""

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Unusable
from core.processor import Processor
from core.store.recorder import Recorder
from core.store.rows import joined
from core.store.sqlite import SqliteStore
from core.store.verify import verify
from tests.core.store.memory import MemoryStore

IDS: tuple[str | int, ...] = ("e1", "e2", "e3", "é", "\ud800", "a\0b", "", 1, "1", -5, 10**40)
WORDS = ("a", "b", "日本", "\udfff", "a\0b", "")
NAMES: tuple[str | int, ...] = ("cp1", "cp2", 1, "1", "\ud800", 2**70)

operations = st.one_of(
    st.tuples(st.just("process"), st.sampled_from(IDS), st.sampled_from(WORDS)),
    st.tuples(st.just("process"), st.sampled_from(IDS), st.sampled_from(WORDS)),
    st.tuples(st.just("checkpoint"), st.sampled_from(NAMES)),
    st.tuples(st.just("restore"), st.sampled_from(NAMES)),
    st.tuples(st.just("commit")),
    st.tuples(st.just("rollback")),
    st.tuples(st.just("write")),
    st.tuples(st.just("write")),
    st.tuples(st.just("open")),
)
histories = st.lists(operations, max_size=40)


Store = SqliteStore | MemoryStore


def state(processor: Processor) -> tuple[object, ...]:
    """Everything a processor holds."""
    saved = {name: processor.saved(name) for name in processor.checkpoints}
    held = (processor.pending, processor.sink, list(processor.counts.items()))
    return (processor.freeze(), *held, str(saved))


def carry_out(processor: Recorder, operation: tuple[Any, ...]) -> None:
    """Do one operation of a processor, if it makes sense."""
    name, *rest = operation
    if name == "restore" and rest[0] not in processor.checkpoints:
        return
    getattr(processor, name)(*rest)


def live(
    history: list[tuple[Any, ...]],
    store: Store,
    reopen: Callable[[], Store],
    leave: Callable[[Store], None] = lambda store: store.close(),
) -> None:
    """Live through a history, and compare what is loaded with what was left."""
    processor = store.load()
    for operation in [*history, ("write",), ("open",)]:
        if operation[0] == "write":
            store.write(processor.drain())
        elif operation[0] == "open":
            store.write(processor.drain())
            left = state(processor)
            leave(store)
            store = reopen()
            processor = store.load()
            assert state(processor) == left
            assert processor.drain().changes == []
        else:
            carry_out(processor, operation)
    leave(store)


WRITER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print(flush=True)
sys.stdin.read()
"""


def writer_on(path: Path) -> "subprocess.Popen[bytes]":
    """Start somebody who is in the middle of a write."""
    pipe = subprocess.PIPE
    writer = subprocess.Popen([sys.executable, "-c", WRITER, path], stdin=pipe, stdout=pipe)
    assert writer.stdout is not None
    writer.stdout.readline()
    return writer


def end(writers: "list[subprocess.Popen[bytes]]") -> None:
    """End them as a power cut would."""
    while writers:
        writers[-1].kill()
        writers.pop().communicate()


@pytest.mark.parametrize("when", ["before", "after", "never"])
def test_a_log_half_carried_over_is_finished_or_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """The file says that it is not whole: without its log it could never be opened again.

    Somebody else writes from the middle on, until before or after the store is closed; or
    nothing can be written any more.
    """
    path = tmp_path / "store"
    monkeypatch.setattr("core.store.file.WAIT", 0.1)
    monkeypatch.setattr("core.store.sqlite.LOG", 0)
    store = SqliteStore(path)
    processor = store.load()
    others: list[subprocess.Popen[bytes]] = []

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    def hinder(statement: str) -> None:
        if "wal_checkpoint" in statement:
            others.append(writer_on(path))

    store._database.set_trace_callback(hinder)  # noqa: SLF001 - to hinder it in the middle
    processor.process("e1", "hello")
    store.write(processor.drain())
    if when != "after":
        end(others)
    if when == "never":
        monkeypatch.setattr(store, "_put", fail)
    store.close()
    end(others)
    monkeypatch.undo()
    with closing(SqliteStore(path)) as again:
        assert state(again.load()) == state(processor)


@pytest.mark.parametrize("waits", [True, False])
def test_a_store_is_opened_when_nobody_reads_an_old_state_of_it_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, waits: bool
) -> None:
    """Its file has to say that it needs its log, before the first reply."""
    path = tmp_path / "store"
    SqliteStore(path).close()
    monkeypatch.setattr("core.store.file.WAIT", 5 if waits else 0.1)
    with closing(sqlite3.connect(path, check_same_thread=False)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM journal").fetchall()
        if waits:
            Timer(0.3, reader.execute, ["COMMIT"]).start()
        else:
            with pytest.raises(Unusable, match="somebody reads an old state of it"):
                SqliteStore(path)
            reader.execute("COMMIT")
        with closing(SqliteStore(path)) as store:
            assert store.epoch == (2 if waits else 3)


def test_who_reads_a_store_of_a_killed_node_with_sqlite_does_no_harm(tmp_path: Path) -> None:
    """SQLite carries the log over and removes it, when the last one leaves."""
    path = tmp_path / "store"
    left = SqliteStore(path)
    processor = left.load()
    for number in range(3):
        processor.process(f"e{number}", "hello")
        left.write(processor.drain())
    for end in ("", "-wal"):
        shutil.copy(f"{path}{end}", f"{path}2{end}")
    left.close()
    path = tmp_path / "store2"
    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("SELECT count(*) FROM seen").fetchone() == (3,)
    assert not Path(f"{path}-wal").exists()
    assert verify(path).findings == []
    with closing(SqliteStore(path)) as store:
        assert state(store.load()) == state(processor)


@pytest.mark.parametrize("when", ["before carried", "after carried", "after a write"])
@pytest.mark.parametrize("log", ["folded", "lost", "empty", "garbage"])
def test_only_a_log_that_held_what_was_reported_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str, log: str
) -> None:
    """A node is killed around the carrying over, and its log folded by SQLite, or lost."""
    path, copy = tmp_path / "store", tmp_path / "copy"
    ends = ("", "-wal", "-lock")
    before = SqliteStore._checkpoint  # noqa: SLF001 - to look in the middle of it

    def checkpoint(store: SqliteStore, how: str, wait: float) -> bool:
        done = before(store, how, wait)
        if when == "before carried":
            for end in ends:
                shutil.copy(f"{path}{end}", f"{copy}{end}")
        return done

    monkeypatch.setattr(SqliteStore, "_checkpoint", checkpoint)
    with closing(SqliteStore(path)) as store:
        processor = store.load()
        processor.process("e1", "hello")
        if when == "after a write":
            store.write(processor.drain())
        if when != "before carried":
            for end in ends:
                shutil.copy(f"{path}{end}", f"{copy}{end}")
    monkeypatch.undo()
    if log == "folded":
        with closing(sqlite3.connect(copy)) as reader:
            reader.execute("SELECT * FROM seen").fetchall()
    elif log == "lost":
        Path(f"{copy}-wal").unlink()
    else:
        Path(f"{copy}-wal").write_bytes(b"garbage" * (log == "garbage"))
    missed = when == "after a write" and log != "folded"
    if missed or log == "garbage":
        said = "it needs the name copy-wal" if log == "garbage" else "its log copy-wal is missing"
        assert verify(copy).findings
        with pytest.raises(Unusable, match=said):
            SqliteStore(copy)
    else:
        assert not verify(copy).findings
        SqliteStore(copy).close()


def test_a_log_is_missed_though_a_reader_held_up_its_carrying_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.sqlite.LOG", 1 << 14)
    path, copy = tmp_path / "store", tmp_path / "copy"
    with closing(SqliteStore(path)) as store, closing(sqlite3.connect(path)) as reader:
        processor = store.load()
        for number in range(40):
            processor.process(f"e{number}", "hello")
            store.write(processor.drain())
            if number == 3:
                reader.execute("BEGIN")
                reader.execute("SELECT * FROM journal").fetchall()
        for end in ("", "-lock"):
            shutil.copy(f"{path}{end}", f"{copy}{end}")
    assert verify(copy).findings
    with pytest.raises(Unusable, match="if this is an older copy, remove copy-lock"):
        SqliteStore(copy)


@pytest.mark.parametrize("what", ["closed", "running", "closed and older"])
def test_a_copy_that_was_made_while_the_store_was_closed_can_be_brought_back(
    tmp_path: Path, what: str
) -> None:
    path, copy = tmp_path / "store", tmp_path / "copy"

    def go_on(event_id: str) -> None:
        with closing(SqliteStore(path)) as store:
            processor = store.load()
            processor.process(event_id, "hello")
            store.write(processor.drain())
            if what == "running":
                shutil.copy(path, copy)

    go_on("e1")
    if what != "running":
        shutil.copy(path, copy)
    if what == "closed and older":
        go_on("e2")
    shutil.copy(copy, path)
    if what == "running":
        with pytest.raises(Unusable, match="its log store-wal is missing"):
            SqliteStore(path)
    else:
        with closing(SqliteStore(path)) as again:
            assert list(again.load().seen) == ["e1"]


def test_rows_of_one_event_each_become_one_when_the_log_is_carried_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.sqlite.LOG", 1 << 16)
    monkeypatch.setattr("core.store.sqlite.SHORT", 10)
    path = tmp_path / "store"
    with closing(SqliteStore(path)) as store:
        processor = store.load()
        for number in range(1_000):
            processor.process(f"e{number}", "hello")
            store.write(processor.drain())
        with closing(sqlite3.connect(path)) as database:
            (count,) = database.execute("SELECT count(*) FROM journal").fetchone()
            assert count < 200
    assert verify(path).findings == []
    with closing(SqliteStore(path)) as again:
        assert state(again.load()) == state(processor)


def test_events_in_a_row_are_joined_in_one_change_and_others_are_not() -> None:
    first, second, other = (
        ["apply", 0, ["e1", "a", "e2", "b"]],
        ["apply", 2, ["e3", "c"]],
        ["apply", 1, ["e4", "d"]],
    )
    texts = [json.dumps([change]) for change in (first, second, other)]
    assert json.loads(joined(texts)) == [["apply", 0, ["e1", "a", "e2", "b", "e3", "c"]], other]


def test_a_store_that_somebody_else_writes_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store"
    SqliteStore(path).close()
    monkeypatch.setattr("core.store.file.WAIT", 0.1)
    others = [writer_on(path)]
    with pytest.raises(Unusable, match="in the middle of a write"):
        SqliteStore(path)
    end(others)
    SqliteStore(path).close()


def test_a_store_that_carries_over_at_its_end_opens_again(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.store.sqlite.LOG", 0)
        SqliteStore(tmp_path / "store").close()
    SqliteStore(tmp_path / "store").close()


@given(histories)
@settings(max_examples=200)
def test_a_store_in_memory_gives_back_what_it_took(history: list[tuple[Any, ...]]) -> None:
    store = MemoryStore()
    live(history, store, lambda: store)


@given(histories)
@settings(max_examples=60)
def test_a_store_on_sqlite_gives_back_what_it_took(history: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "store")
        live(history, SqliteStore(path), lambda: SqliteStore(path))


@given(histories)
@settings(max_examples=60)
def test_a_store_that_is_taken_over_gives_back_the_same(history: list[tuple[Any, ...]]) -> None:
    """So much is left of a node that was killed: nothing is closed."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as left:

        def take_over() -> SqliteStore:
            store = SqliteStore(Path(folder, "store"), take_over=True)
            left.enter_context(closing(store))
            return store

        live(history, take_over(), take_over, leave=lambda _: None)


@given(histories)
@settings(max_examples=60)
def test_a_store_that_makes_snapshots_gives_back_the_same(history: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.store.recorder.MANY", 2)
        patch.setattr("core.store.recorder.TIMES", 0)
        path = Path(folder, "store")
        live(history, SqliteStore(path), lambda: SqliteStore(path))


@given(histories, st.integers(1, 30))
@settings(max_examples=60)
def test_a_store_of_short_rows_gives_back_the_same(
    history: list[tuple[Any, ...]], long: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.store.rows.LONG", long)
        patch.setattr("core.store.rows.ROWS", 2)
        patch.setattr("core.store.recorder.MANY", 20)
        path = Path(folder, "store")
        live(history, SqliteStore(path), lambda: SqliteStore(path))


PLAIN_IDS: tuple[str | int, ...] = ("e1", "e2", "e3", "é", "", 1, "1", -5)
plain = st.lists(
    st.one_of(
        st.tuples(st.just("process"), st.sampled_from(PLAIN_IDS), st.sampled_from(("a", "日本"))),
        st.tuples(st.just("process"), st.sampled_from(PLAIN_IDS), st.sampled_from(("a", "日本"))),
        st.tuples(st.just("checkpoint"), st.sampled_from(("cp1", 1, "1"))),
        st.tuples(st.just("restore"), st.sampled_from(("cp1", 1, "1"))),
        st.tuples(st.just("commit")),
        st.tuples(st.just("rollback")),
        st.tuples(st.just("write")),
    ),
    max_size=40,
)


@given(plain, st.integers(0, 30), st.sampled_from((20, 1 << 20)))
@settings(max_examples=100)
def test_whoever_reads_with_sqlite_sees_what_the_processor_holds(
    history: list[tuple[Any, ...]], many: int, long: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.store.recorder.MANY", many)
        patch.setattr("core.store.recorder.TIMES", 0)
        patch.setattr("core.store.rows.LONG", long)
        path = Path(folder, "store")
        with closing(SqliteStore(path)) as store:
            processor = store.load()
            for operation in [*history, ("write",)]:
                if operation[0] == "write":
                    store.write(processor.drain())
                    compare(path, processor)
                else:
                    carry_out(processor, operation)
            assert verify(path).findings == []


def compare(path: Path, processor: Processor) -> None:
    """Hold the views to a processor."""
    with closing(sqlite3.connect(path)) as database:

        def rows(what: str) -> list[tuple[Any, ...]]:
            return database.execute(f"SELECT * FROM {what}").fetchall()  # noqa: S608 - our names

        assert [row[1:] for row in rows("seen")] == list(processor.seen.items())
        assert rows("counts") == list(processor.counts.items())
        assert rows("pending") == processor.pending
        assert [row[1:] for row in rows("outputs")] == processor.sink
        saved = [(name, processor.saved(name)) for name in processor.checkpoints]
        found = rows("checkpoints")
        assert [name for name, _, _ in found] == [name for name, _ in saved]
        assert [events for _, events, _ in found] == [len(held.seen or ()) for _, held in saved]


def test_opening_costs_what_is_left_and_not_what_there_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.recorder.MANY", 1_000)
    with closing(SqliteStore(tmp_path / "store")) as store:
        processor = store.load()
        processor.checkpoint("empty")
        for number in range(30_000):
            processor.process(f"e{number % 10}", "a")
            if number % 10 == 9:
                processor.restore("empty")
                store.write(processor.drain())
        processor.process("e1", "a")
        store.write(processor.drain())
    with closing(sqlite3.connect(tmp_path / "store")) as database:
        (size,) = database.execute("SELECT sum(length(changes)) FROM journal").fetchone()
    assert size < 100_000
    with closing(SqliteStore(tmp_path / "store")) as again:
        assert state(again.load()) == state(processor)


def test_going_on_never_makes_a_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.store.recorder.MANY", 0)
    with closing(SqliteStore(tmp_path / "store")) as store:
        processor = store.load()
        for number in range(2_000):
            processor.process(f"e{number}", "a")
            processor.commit()
            store.write(processor.drain())
    with closing(sqlite3.connect(tmp_path / "store")) as database:
        assert database.execute("SELECT min(seq) FROM journal").fetchone() == (1,)
