"""Two nodes on one store: one is refused, or takes over and fences the other."""

import json
import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from core.store.changes import Fenced, Unusable
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
    older.write(processor.take())  # first the write, then the take-over
    younger = SqliteStore(tmp_path / "store", take_over=True)
    assert list(younger.load().seen) == ["e1"]
    processor.process("e2", "hello")
    with pytest.raises(Fenced):  # first the take-over, then the write
        older.write(processor.take())
    with pytest.raises(Fenced):
        older.probe()
    older.close()
    younger.close()
    again = SqliteStore(tmp_path / "store")
    assert list(again.load().seen) == ["e1"]
    again.close()


def race(path: Path, delay: float, *, lazy: bool) -> bool:
    """Let a write and a take-over race; whether the write came first. Both agree, or assert."""
    ready = threading.Barrier(2)
    written: list[bool] = []

    def write() -> None:
        store = SqliteStore(path, take_over=True, lazy=lazy)
        processor = store.load()
        event = f"e{len(processor.seen)}"
        processor.process(event, "hello")
        changes = processor.take()
        ready.wait()
        if delay > 0:
            os.sched_yield()
            threading.Event().wait(delay)
        try:
            store.write(changes)
            written.append(True)
        except Fenced:
            written.append(False)
        store.close()

    thread = threading.Thread(target=write)
    thread.start()
    ready.wait()
    if delay < 0:
        threading.Event().wait(-delay)
    younger = SqliteStore(path, take_over=True)
    seen = younger.load().seen
    thread.join()
    younger.close()
    again = SqliteStore(path)
    now = again.load().seen
    again.close()
    assert now == seen, "a write came behind the take-over"
    return written[0]


@pytest.mark.parametrize("times", [60, pytest.param(1_000, marks=pytest.mark.long)])
def test_a_write_and_a_take_over_never_both_win(tmp_path: Path, times: int) -> None:
    path = tmp_path / "store"
    SqliteStore(path).close()
    events = 0
    orders = set()
    for number in range(times):
        first = race(path, (number % 7 - 3) * 0.002, lazy=number % 2 > 0)
        orders.add(first)
        events += first
    store = SqliteStore(path)
    assert len(store.load().seen) == events
    store.close()
    assert orders == {True, False}


def test_the_store_in_use_is_refused_in_words(tmp_path: Path) -> None:
    node = start(tmp_path / "store")
    ask(node, E1)
    with pytest.raises(Unusable, match="another node has it"):
        SqliteStore(tmp_path / "store")
    node.communicate()
