"""A node that is killed loses nothing it acknowledged, and doubles nothing."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store.sqlite import SqliteStore
from core.store.verify import verify
from tests.core.store import kill_loop
from tests.core.store.kill_loop import Client, Model, Request

WORKER = Path(__file__).with_name("worker.py")


@pytest.mark.parametrize("seed", range(4))
def test_after_fifty_kills_everything_is_counted_once(tmp_path: Path, seed: int) -> None:
    outcome = kill_loop.run(tmp_path / "store", 50, seed)
    assert outcome.kills >= 50
    assert (outcome.lost, outcome.doubled) == (0, 0)
    assert verify(tmp_path / "store").findings == []


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4, 14))
def test_after_many_more_kills_too(tmp_path: Path, seed: int) -> None:
    kill_loop.run(tmp_path / "store", 200, seed)
    assert verify(tmp_path / "store").findings == []


VERIFIER = """
import sys, time
from core.store.verify import verify
until = time.monotonic() + float(sys.argv[2])
while time.monotonic() < until:
    found = verify(sys.argv[1]).findings
    assert not found, found
"""


@pytest.mark.parametrize("seconds", [2, pytest.param(90, marks=pytest.mark.long)])
def test_one_may_verify_beside_nodes_that_come_and_go(tmp_path: Path, seconds: float) -> None:
    path = tmp_path / "store"
    SqliteStore(path).close()
    client, number = Client(path), 0
    command = [sys.executable, "-c", VERIFIER, str(path), str(seconds)]
    verifiers = [subprocess.Popen(command, cwd=kill_loop.ROOT) for _ in range(2)]
    while any(each.poll() is None for each in verifiers):
        for _ in range(number % 5):
            client.deliver([{"type": "process", "msg_id": 1, "event_id": f"e{number}", "word": ""}])
            number += 1
        number += 1
        client.kill()
    client.close()
    assert [each.returncode for each in verifiers] == [0, 0]


def windows() -> Iterator[list[Request]]:
    """Yield windows that reach every statement of a write."""
    number = 0

    def events(count: int) -> list[Request]:
        nonlocal number
        number += count
        ids = range(number - count, number)
        return [{"type": "process", "msg_id": 1, "event_id": f"e{n}", "word": "w"} for n in ids]

    yield [*events(3), {"type": "checkpoint", "msg_id": 1, "checkpoint_id": "cp1"}]
    yield events(1)
    yield events(2)
    yield [*events(2), {"type": "commit", "msg_id": 1}]
    yield events(2)
    yield [*events(2), {"type": "rollback", "msg_id": 1}]
    yield [*events(2), {"type": "restore", "msg_id": 1, "checkpoint_id": "cp1"}]
    yield [*events(2), {"type": "commit", "msg_id": 1}]
    yield events(2)


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.long)])
def test_a_kill_between_any_two_writes_is_survived(tmp_path: Path, step: int) -> None:
    """The worker counts what it writes, from its opening on, and dies before one of them."""
    died, at = True, 0
    while died:
        at += step
        path = tmp_path / f"store{at}"
        client = Client(path, (sys.executable, str(WORKER), str(at)))
        client.command = (*kill_loop.NODE, str(path))  # the next one does not die
        model = Model()
        for window in windows():
            for request in client.deliver(window):
                model.do(request)
        client.close()
        kill_loop.compare(path, model)
        assert verify(path).findings == []
        died = client.kills > 0
    assert at > 30


def test_a_killed_node_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "store"
    client = Client(path)
    client.deliver([{"type": "process", "msg_id": 1, "event_id": "e1", "word": "w"}])
    client.kill()
    client.close()
    done = subprocess.run([*kill_loop.NODE, path], input=b"", cwd=kill_loop.ROOT, check=False)
    assert done.returncode == 0
