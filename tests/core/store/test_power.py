"""Whatever a power cut leaves of a store, what was acknowledged is there, and it opens."""

import hashlib
import os
import random
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from core.processor import Processor
from core.store.sqlite import SqliteStore
from tests.core.store.kill_loop import Client, Model, Request, Source
from tests.core.store.power import Folder, Left, calls, shim

NODE = """
import sys, core.__main__ as node, core.store.sqlite as sqlite
sqlite.LOG, sqlite.ROOM, sqlite.SHORT = int(sys.argv[1]), int(sys.argv[2]), 4
sys.exit(node.main(["--store", sys.argv[3]]))
"""


Command = tuple[str, ...]


def session(command: Command, path: Path, seed: int, env: dict[str, str]) -> list[Request]:
    """Have nodes answer 200 requests, one closed or killed now and then; return them."""
    source, model = Source(seed), Model()
    done: list[Request] = []
    with pytest.MonkeyPatch.context() as patch:
        for name, value in env.items():
            patch.setenv(name, value)
        client = Client(path, command)
        while len(done) < 200:
            for request in client.deliver(source.window(model)):
                model.do(request)
                done.append(request)
            end = source.rng.random()
            if end < 0.1:
                client.kill()
            elif end < 0.2:
                client.close()
                client = Client(path, command)
        client.close()
    return done


def states(requests: list[Request]) -> list[object]:
    """Return what a processor is after each of these requests, and before the first."""
    processor = Processor()
    found: list[object] = [processor.freeze()]
    for request in requests:
        match request["type"]:
            case "process":
                processor.process(request["event_id"], str(request["word"]))
            case "checkpoint" | "restore" as name:
                getattr(processor, name)(request["checkpoint_id"])
            case name:
                getattr(processor, str(name))()
        found.append(processor.freeze())
    return found


def opened(left: Left) -> object:
    """Open what a power cut left; return what the processor is."""
    with TemporaryDirectory() as folder:
        for name, data in left.items():
            if not name.endswith("-shm"):
                Path(folder, name).write_bytes(data)
        with closing(SqliteStore(Path(folder, "store"))) as store:
            return store.load().freeze()


WINDOW = 26
"""Requests that may be on their way at one time."""


def cut(folder: Path, trace: Path, expected: list[object], every: int) -> tuple[int, int]:
    """Cut the power behind each call, or every so manieth; return how many states were opened.

    And how many of them were different ones.
    """
    rng = random.Random(every)  # noqa: S311 - states, not secrets
    disk, acknowledged, opens = Folder(folder), 0, 0
    known: dict[bytes, object] = {}
    for number, call in enumerate(calls(trace.read_bytes())):
        if call.name == "reply":
            acknowledged += call.data.count(b"\n")
        disk.do(call)
        if rng.randrange(every if len(disk.writes) < 50 else 50 * every):
            continue
        for left in disk.left(rng):
            opens += 1
            digest = hashlib.sha256(repr(sorted(left.items())).encode()).digest()
            if digest not in known:
                known[digest] = opened(left)
            may_be = expected[acknowledged : acknowledged + WINDOW]
            assert known[digest] in may_be, f"behind call {number}, {call[:2]}: {acknowledged}"
    assert acknowledged == len(expected) - 1
    return opens, len(known)


@pytest.mark.parametrize(
    ("log", "room", "every"),
    [
        (1 << 12, 1 << 60, 40),
        pytest.param(1 << 12, 1 << 60, 1, marks=pytest.mark.long),
        pytest.param(1 << 16, 0, 1, marks=pytest.mark.long),
        pytest.param(1 << 22, 1 << 60, 1, marks=pytest.mark.long),
    ],
)
def test_no_power_cut_takes_what_was_acknowledged_or_leaves_what_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: int, room: int, every: int
) -> None:
    """The log is carried over often, or stretched first, or neither."""
    folder, trace = Path(os.path.realpath(tmp_path), "folder"), tmp_path / "trace"
    folder.mkdir()
    env = {"LD_PRELOAD": str(shim(tmp_path)), "FOLDER": str(folder), "TRACE": str(trace)}
    command = (sys.executable, "-c", NODE, str(log), str(room))
    requests = session(command, folder / "store", every, env)
    monkeypatch.setattr("core.store.sqlite.ROOM", 1 << 60)
    opens, different = cut(folder, trace, states(requests), every)
    sys.stdout.write(f"\n{opens:,} states opened, {different:,} of them different\n")
