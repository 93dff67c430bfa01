"""Somebody comes in between any two statements, or one of them fails: the next one is as good."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from core.errors import Fenced, Undurable, Unusable
from core.store import file
from core.store.node import DurableNode
from core.store.sqlite import SqliteStore
from core.store.verify import verify
from tests.core.store.test_fencing import E1, E2, ask, start

COMMIT = b'{"type":"commit","msg_id":3}\n'


class Before:
    """Does something once, right before the so manieth statement of those it hears."""

    def __init__(self, number: int, do: Callable[[], object]) -> None:
        """Count from 0."""
        self.left, self.do = number, do
        self.came: list[object] = []

    def __call__(self, _statement: str) -> None:
        """Hear a statement; SQLite swallows what is raised here."""
        self.left -= 1
        if self.left == -1:
            try:
                self.came.append(self.do())
            except (Unusable, Undurable, Fenced) as fault:
                self.came.append(fault)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the other one: it stands still here."""
    monkeypatch.setattr("core.store.file.WAIT", 0.02)


def listening(store: SqliteStore, callback: Callable[[str], None] | None) -> None:
    """Have each statement of a store's heard."""
    store._database.set_trace_callback(callback)  # noqa: SLF001 - to come in between


def written(store: SqliteStore, events: int = 1, *, commit: bool = False) -> None:
    """Write so many events more, and perhaps commit them."""
    processor = store.load()
    for _ in range(events):
        processor.process(f"e{len(processor.seen) + 1}", "a")
    if commit:
        processor.commit()
    store.write(processor.drain())


@pytest.mark.parametrize("kind", ["a row", "several rows", "a commit", "carrying over"])
def test_a_take_over_before_any_statement_of_a_write_fences_it_or_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    events = 4 if kind == "several rows" else 1
    if kind == "carrying over":
        monkeypatch.setattr("core.store.sqlite.SHORT", 2)
    if kind == "several rows":
        monkeypatch.setattr("core.store.rows.LONG", 25)
    for number in count():
        path = tmp_path / f"store{number}"
        with closing(SqliteStore(path)) as older:
            for _ in range(3):
                written(older)
            if kind == "carrying over":
                older._limit = 0  # noqa: SLF001 - this write is the one that is too much
            between = Before(number, lambda path=path: SqliteStore(path, take_over=True))  # type: ignore[misc]
            listening(older, between)
            try:
                written(older, events, commit=kind == "a commit")
            except Fenced:
                done = False
            else:
                done = True
            listening(older, None)
            if not between.came:
                break
            (younger,) = between.came
            if isinstance(younger, Unusable):
                assert done, "then it was refused, and must not have done any harm"
                younger = SqliteStore(path, take_over=True)
            assert isinstance(younger, SqliteStore)
            with closing(younger):
                assert len(younger.load().seen) == 3 + done * events
                written(younger)
            with closing(SqliteStore(path)) as again:
                assert len(again.load().seen) == 4 + done * events
        assert verify(path).findings == []
    assert number > (2 if kind == "a row" else 5)


def test_a_write_before_any_statement_of_a_take_over_is_found_by_it_or_not_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = file.connect
    for number in count():
        path = tmp_path / f"store{number}"
        with closing(SqliteStore(path)) as older:
            written(older)
            between = Before(number, lambda older=older: written(older))  # type: ignore[misc]

            def heard(
                path: Path, *, read_only: bool, between: Before = between
            ) -> sqlite3.Connection:
                database = connect(path, read_only=read_only)
                database.set_trace_callback(between)
                return database

            with monkeypatch.context() as patch:
                patch.setattr("core.store.file.connect", heard)
                younger = SqliteStore(path, take_over=True)
            listening(younger, None)
            with closing(younger):
                done = between.came == [None]
                assert list(younger.load().seen) == ["e1", "e2"][: 1 + done]
        if not between.came:
            break
        assert verify(path).findings == []
    assert number > 10


def test_who_opens_a_store_is_refused_if_another_one_has_taken_it_over_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store"
    SqliteStore(path).close()
    connect, nodes = file.connect, []

    def late(path: Path, *, read_only: bool) -> sqlite3.Connection:
        if not read_only:
            nodes.append(start(path, "--take-over"))
            ask(nodes[0], E1)
        return connect(path, read_only=read_only)

    monkeypatch.setattr("core.store.file.connect", late)
    with pytest.raises(Unusable, match="another node has it"):
        SqliteStore(path)
    assert ask(nodes[0], E2)["count"] == 2
    nodes[0].communicate()


class Forbidding:
    """Forbids some statements on some tables, as a disk would that is full for a while."""

    def __init__(self, store: SqliteStore, *tables: str, action: int) -> None:
        """Begin to."""
        self.tables, self.action = tables, action
        self.store = store
        store._database.set_authorizer(self)  # noqa: SLF001 - so that a statement fails

    def __call__(self, action: int, table: str | None, *_: Any) -> int:  # noqa: ANN401
        """Say whether a statement may be."""
        forbidden = action == self.action and table in self.tables
        return sqlite3.SQLITE_DENY if forbidden else sqlite3.SQLITE_OK

    def end(self) -> None:
        """Allow everything again."""
        self.tables = ()
        self.store._database.set_authorizer(self)  # noqa: SLF001 - what was forbidden is tried anew


def replies(node: DurableNode, *lines: bytes) -> list[str]:
    """Ask a node; return its replies."""
    return node.feed(b"".join(lines)).decode().splitlines()


def test_after_a_transaction_that_failed_half_way_the_next_one_is_done_alone(
    tmp_path: Path,
) -> None:
    """What the first one had put goes with it."""
    with closing(SqliteStore(tmp_path / "store")) as store:
        node = DurableNode(store)
        replies(node, E1, E2)
        full = Forbidding(store, "outputs", action=sqlite3.SQLITE_INSERT)
        (refused,) = replies(node, COMMIT)
        assert "could not be made durable" in refused
        assert "may be on disk" not in refused
        full.end()
        assert '"output_count": 2' in replies(node, COMMIT)[0]
        assert '"output_count": 0' in replies(node, COMMIT)[0]
    assert verify(tmp_path / "store").findings == []


def test_while_nothing_can_be_written_not_even_a_duplicate_is_acknowledged(tmp_path: Path) -> None:
    """Nobody knows what of the last write stands on the disk, and may be gone after a crash."""
    with closing(SqliteStore(tmp_path / "store")) as store:
        node = DurableNode(store)
        replies(node, E1)
        full = Forbidding(store, "journal", action=sqlite3.SQLITE_INSERT)
        for line in (E2, E1, E2):
            assert '"code": 13' in replies(node, line)[0]
        full.end()
        assert '"was_duplicate": true' in replies(node, E1)[0]


def test_an_event_that_could_not_be_written_is_new_when_it_comes_again(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "store")) as store:
        node = DurableNode(store)
        full = Forbidding(store, "journal", action=sqlite3.SQLITE_INSERT)
        for _ in range(2):
            (refused,) = replies(node, E1)
            assert refused.endswith('it may be on disk all the same"}'), refused
        full.end()
        assert '"was_duplicate": false' in replies(node, E1)[0]
        assert '"was_duplicate": true' in replies(node, E1)[0]
        assert '"count": 2' in replies(node, E2)[0]
        assert node.fault is None
    with closing(SqliteStore(tmp_path / "store")) as again:
        assert list(again.load().seen) == ["e1", "e2"]


def test_a_carrying_over_that_fails_leaves_nothing_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.sqlite.SHORT", 2)
    with closing(SqliteStore(tmp_path / "store")) as store:
        for _ in range(3):
            written(store)
        store._limit = 0  # noqa: SLF001 - the next write is the one that is too much
        full = Forbidding(store, "journal", action=sqlite3.SQLITE_DELETE)
        written(store)
        with closing(sqlite3.connect(tmp_path / "store", timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
        full.end()
        written(store, commit=True)
    with closing(SqliteStore(tmp_path / "store")) as again:
        assert len(again.load().sink) == 5
