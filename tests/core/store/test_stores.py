"""What comes back from a store is what was put in, on every path of history."""

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.processor import Processor
from core.store import file
from core.store.changes import Store
from core.store.memory import MemoryStore
from core.store.recorder import Recorder
from core.store.sink import sink
from core.store.sqlite import SqliteStore

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


def live(history: list[tuple[Any, ...]], store: Store, reopen: Callable[[], Store]) -> None:
    """Live through a history, and compare what is loaded with what was left."""
    processor = store.load()
    for operation in [*history, ("write",), ("open",)]:
        if operation[0] == "write":
            store.write(processor.take())
        elif operation[0] == "open":
            store.write(processor.take())
            left = state(processor)
            store.close()
            store = reopen()
            processor = store.load()
            assert state(processor) == left
            assert processor.take() == []
        else:
            carry_out(processor, operation)
    store.close()


def test_a_commit_too_long_for_one_text_is_read_row_by_row(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store")
    processor = store.load()
    for number in range(100):
        processor.process(f"e{number}", "w" * 100)
    processor.commit()
    store.write(processor.take())
    with closing(file.connect(tmp_path / "store", read_only=True)) as database:
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 5_000)
        (found,) = sink(database)
    assert found == processor.outputs.columns(0, 100)
    store.close()


@given(histories)
@settings(deadline=None, max_examples=200)
def test_a_store_in_memory_gives_back_what_it_took(history: list[tuple[Any, ...]]) -> None:
    store = MemoryStore()
    live(history, store, lambda: store)


@given(histories)
@settings(deadline=None, max_examples=60)
def test_a_store_on_sqlite_gives_back_what_it_took(history: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "store")
        live(history, SqliteStore(path), lambda: SqliteStore(path))


@given(histories)
@settings(deadline=None, max_examples=60)
def test_a_store_without_room_in_a_part_gives_back_the_same(history: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.store.writer.ROOM", 0)
        path = Path(folder, "store")
        live(history, SqliteStore(path), lambda: SqliteStore(path))
