"""Two nodes on one store: one is refused, or takes over and fences the other."""

import json
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import Fenced, Unusable
from core.store.node import DurableNode
from core.store.recorder import Batch
from core.store.sqlite import SqliteStore
from tests.core.store.kill_loop import NODE, ROOT

E1 = b'{"type":"process","msg_id":1,"event_id":"e1","word":"hello"}\n'
E2 = b'{"type":"process","msg_id":2,"event_id":"e2","word":"hello"}\n'
Node = subprocess.Popen[bytes]


def start(path: Path, *options: str) -> Node:
    """Start a node on a store."""
    pipe = subprocess.PIPE
    return subprocess.Popen([*NODE, path, *options], stdin=pipe, stdout=pipe, stderr=pipe, cwd=ROOT)


def ask(node: Node, request: bytes) -> dict[str, object]:
    """Send one request and wait for its reply."""
    assert node.stdin is not None
    assert node.stdout is not None
    node.stdin.write(request)
    node.stdin.flush()
    reply: dict[str, object] = json.loads(node.stdout.readline())
    return reply


def test_a_second_node_is_refused_while_the_first_lives(tmp_path: Path) -> None:
    first = start(tmp_path / "store")
    ask(first, E1)
    second = start(tmp_path / "store")
    out, err = second.communicate(E2)
    assert (second.returncode, out) == (1, b"")
    assert b"another node has it (epoch 1)" in err
    assert err.count(b"\n") == 1
    assert ask(first, E2)["count"] == 2
    first.communicate()
    assert first.returncode == 0


def test_a_dead_node_does_not_hold_the_store(tmp_path: Path) -> None:
    first = start(tmp_path / "store")
    ask(first, E1)
    first.kill()
    first.communicate()
    second = start(tmp_path / "store")
    assert ask(second, E1)["was_duplicate"] is True
    second.communicate()


def test_a_node_that_was_taken_over_answers_abort_and_exits(tmp_path: Path) -> None:
    zombie = start(tmp_path / "store")
    ask(zombie, E1)
    zombie.send_signal(signal.SIGSTOP)
    younger = start(tmp_path / "store", "--take-over")
    assert ask(younger, E2)["count"] == 2
    zombie.send_signal(signal.SIGCONT)
    reply = ask(zombie, b'{"type":"commit","msg_id":7}\n')
    assert (reply["type"], reply["in_reply_to"], reply["code"]) == ("error", 7, 14)
    _, err = zombie.communicate()
    assert zombie.returncode == 1
    assert b"taken the store over" in err
    assert ask(younger, b'{"type":"commit","msg_id":8}\n')["output_count"] == 2
    younger.communicate()


def test_nobody_takes_the_living_zombie_for_the_owner(tmp_path: Path) -> None:
    """The older node still runs, and the younger one is dead: the store is free."""
    zombie = start(tmp_path / "store")
    ask(zombie, E1)
    younger = start(tmp_path / "store", "--take-over")
    ask(younger, E2)
    third = start(tmp_path / "store")
    assert third.communicate()[1].count(b"epoch 2") == 1
    younger.kill()
    younger.communicate()
    third = start(tmp_path / "store")
    assert ask(third, E2)["was_duplicate"] is True
    third.communicate()
    zombie.kill()
    zombie.communicate()


def test_a_fenced_store_writes_nothing_in_either_order(tmp_path: Path) -> None:
    older = SqliteStore(tmp_path / "store")
    processor = older.load()
    processor.process("e1", "hello")
    older.write(processor.drain())  # first the write, then the take-over
    younger = SqliteStore(tmp_path / "store", take_over=True)
    assert list(younger.load().seen) == ["e1"]
    processor.process("e2", "hello")
    with pytest.raises(Fenced):  # first the take-over, then the write
        older.write(processor.drain())
    with pytest.raises(Fenced):
        older.write(Batch([]))
    older.close()
    younger.close()
    again = SqliteStore(tmp_path / "store")
    assert list(again.load().seen) == ["e1"]
    again.close()


def race(path: Path, delay: float) -> bool:
    """Let a write and a take-over race; whether the write was in time. Both agree, or assert.

    Far apart, both orders are certain: with `delay` 0 they come together.
    """
    opened, fenced = threading.Event(), threading.Event()

    def write() -> tuple[str, bool]:
        with closing(SqliteStore(path, take_over=True)) as older:
            processor = older.load()
            event_id = f"e{older.epoch}"
            processor.process(event_id, "hello")
            opened.set()
            if delay > 0:
                fenced.wait()
            try:
                older.write(processor.drain())
            except Fenced:
                return event_id, False
            return event_id, True

    with ThreadPoolExecutor() as pool:
        writing = pool.submit(write)
        opened.wait()
        if delay < 0:
            writing.result()
        with closing(SqliteStore(path, take_over=True)) as younger:
            fenced.set()
            event_id, written = writing.result()
            assert (event_id in younger.load().seen) == written, "they do not agree"
    if delay:
        assert written == (delay < 0)
    return written


@pytest.mark.parametrize("times", [60, pytest.param(5_000, marks=pytest.mark.long)])
def test_a_write_and_a_take_over_never_both_win(tmp_path: Path, times: int) -> None:
    path = tmp_path / "store"
    SqliteStore(path).close()
    events = sum(race(path, number % 3 - 1) for number in range(times))
    with closing(SqliteStore(path)) as store:
        assert len(store.load().seen) == events
    told_by_rows(path, events)


RACER = """
import sys
from core.errors import Fenced, Unusable
from core.store.node import DurableNode
from core.store.recorder import Batch
from core.store.sqlite import SqliteStore
path, name, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
number = 0
for _ in range(times):
    try:
        store = SqliteStore(path, take_over=True)
    except Unusable as fault:
        assert "taken the store over" in str(fault), fault
        continue
    processor = store.load()
    try:
        while True:
            event_id = f"{name}-{number}"
            number += 1
            processor.process(event_id, str(store.epoch))
            store.write(processor.drain())
            print(event_id, store.epoch, flush=True)
            if number % 50 == 0:
                break
    except Fenced:
        pass
    store.close()
"""


@pytest.mark.parametrize("times", [20, pytest.param(300, marks=pytest.mark.long)])
def test_of_three_that_take_over_from_each_other_none_acknowledges_what_is_not_there(
    tmp_path: Path, times: int
) -> None:
    """Each event is a row's, under the epoch of the one that acknowledged it, and no other."""
    path = tmp_path / "store"
    SqliteStore(path).close()
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, path, name, str(times)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for name in "abc"
    ]
    with ThreadPoolExecutor() as pool:
        told = list(pool.map(lambda racer: racer.communicate(), racers))
    assert [racer.returncode for racer in racers] == [0, 0, 0], told
    acknowledged = dict(line.split() for out, _ in told for line in out.splitlines())
    with closing(SqliteStore(path)) as store:
        assert store.load().seen == acknowledged
    told_by_rows(path, len(acknowledged))


def told_by_rows(path: Path, events: int) -> None:
    """Epochs never go back, and each event was applied in one row."""
    with closing(sqlite3.connect(path)) as database:
        epochs = [epoch for (epoch,) in database.execute("SELECT epoch FROM journal ORDER BY seq")]
        applied = "SELECT count(*) FROM journal WHERE changes LIKE '[[\"apply\"%'"
        assert database.execute(applied).fetchone() == (events,)
    assert epochs == sorted(epochs)


def test_a_fenced_node_acknowledges_not_even_a_duplicate(tmp_path: Path) -> None:
    """The younger one may have rolled the event back."""
    older = SqliteStore(tmp_path / "store")
    node = DurableNode(older)
    assert b"processed" in node.feed(E1)
    with closing(SqliteStore(tmp_path / "store", take_over=True)):
        assert b'"code": 14' in node.feed(E1)
    older.close()


def test_the_store_in_use_is_refused_in_words(tmp_path: Path) -> None:
    node = start(tmp_path / "store")
    ask(node, E1)
    with pytest.raises(Unusable, match="another node has it"):
        SqliteStore(tmp_path / "store")
    node.communicate()


def test_of_two_that_begin_a_store_at_once_one_is_refused_and_none_hangs(tmp_path: Path) -> None:
    for number in range(8):
        nodes = [start(tmp_path / f"store{number}") for _ in range(3)]
        with ThreadPoolExecutor() as pool:
            ended = list(pool.map(lambda node: node.communicate(E1, timeout=30), nodes))
        served = [out for out, _ in ended if out]
        refused = [err for out, err in ended if not out]
        assert served
        assert all(b"another node has it" in err or b"taken" in err for err in refused), refused


def test_a_take_over_serves_though_somebody_reads_the_present_state(tmp_path: Path) -> None:
    older = start(tmp_path / "store")
    ask(older, E1)
    with closing(sqlite3.connect(tmp_path / "store")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM journal").fetchall()
        younger = start(tmp_path / "store", "--take-over")
        assert ask(younger, E1)["was_duplicate"] is True
        assert ask(older, E1)["code"] == 14
    for node in (older, younger):
        node.communicate()
    assert (older.returncode, younger.returncode) == (1, 0)


def test_a_take_over_that_cannot_be_leaves_the_node_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody reads an old state of the file, so that it cannot be made to need its log."""
    node = start(tmp_path / "store")
    ask(node, E1)
    monkeypatch.setattr("core.store.file.WAIT", 0.1)
    with closing(sqlite3.connect(tmp_path / "store")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM journal").fetchall()
        ask(node, E2)
        with pytest.raises(Unusable, match="somebody reads an old state of it"):
            SqliteStore(tmp_path / "store", take_over=True)
    assert ask(node, E2)["was_duplicate"] is True
    node.communicate()
    assert node.returncode == 0
