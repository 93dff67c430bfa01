"""Whatever a power cut leaves of a store, what was acknowledged is there, and it opens."""

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from core.errors import Unusable
from core.processor import Processor
from core.store.sqlite import SqliteStore
from tests.core.store.kill_loop import ROOT, Client, Model, Request, Source
from tests.core.store.power import Folder, Left, calls, shim

NODE = """
import sys, core.__main__ as node, core.store.sqlite as sqlite
sqlite.LOG, sqlite.ROOM, sqlite.SHORT = int(sys.argv[1]), int(sys.argv[2]), 4
sys.exit(node.main(["--store", *sys.argv[3:]]))
"""


Command = tuple[str, ...]


def session(command: Command, path: Path, seed: int, env: dict[str, str]) -> list[Request]:
    """Have nodes answer 200 requests; return them.

    Now and then one is closed or killed, or another one takes the store over from it.
    """
    source, model = Source(seed), Model()
    fenced: list[subprocess.Popen[bytes]] = []
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
            elif end < 0.3:
                fenced.append(client.node)
                client.node = client.start("--take-over")
        client.close()
        while fenced:
            fenced[-1].kill()
            fenced.pop().communicate()
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


REFUSED = "refused"


def opened_without_log(left: Left) -> object:
    """Open what a power cut left whose log then got lost; return what the processor is."""
    try:
        return opened({name: data for name, data in left.items() if not name.endswith("-wal")})
    except Unusable:
        return REFUSED


def cut(
    folder: Path,
    trace: Path,
    expected: list[object],
    every: int,
    opened: Callable[[Left], object] = opened,
) -> tuple[int, int]:
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
            may_be = [*expected[acknowledged : acknowledged + WINDOW], REFUSED]
            assert known[digest] in may_be, f"behind call {number}, {call[:2]}: {acknowledged}"
    assert acknowledged == len(expected) - 1
    return opens, len(known)


def played(tmp_path: Path, *, log: int, room: int, seed: int) -> tuple[Path, Path, list[object]]:
    """Have a session; return its folder, the trace of it, and the states it went through."""
    folder, trace = Path(os.path.realpath(tmp_path), "folder"), tmp_path / "trace"
    folder.mkdir()
    env = {"LD_PRELOAD": str(shim(tmp_path)), "FOLDER": str(folder), "TRACE": str(trace)}
    command = (sys.executable, "-c", NODE, str(log), str(room))
    requests = session(command, folder / "store", seed, env)
    return folder, trace, states(requests)


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
    made = played(tmp_path, log=log, room=room, seed=every)
    monkeypatch.setattr("core.store.sqlite.ROOM", 1 << 60)
    opens, different = cut(*made, every)
    sys.stdout.write(f"\n{opens:,} states opened, {different:,} of them different\n")


@pytest.mark.parametrize("every", [40, pytest.param(1, marks=pytest.mark.long)])
def test_a_log_that_is_lost_in_a_power_cut_is_missed_or_held_nothing_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    """It is written down beside in time, and synced, that something stands in the log."""
    made = played(tmp_path, log=1 << 12, room=1 << 60, seed=every)
    monkeypatch.setattr("core.store.sqlite.ROOM", 1 << 60)
    cut(*made, every, opened_without_log)


def test_a_store_that_was_made_is_there_whole_after_a_power_cut(tmp_path: Path) -> None:
    """Its name and what is in it, before anybody has written to it."""
    folder, trace = Path(os.path.realpath(tmp_path), "folder"), tmp_path / "trace"
    folder.mkdir()
    program = (
        "import sys; from pathlib import Path; from core.store import file;"
        "path = Path(sys.argv[1]); file.create(path, file.Lock(path))"
    )
    env = {"LD_PRELOAD": str(shim(tmp_path)), "FOLDER": str(folder), "TRACE": str(trace)}
    subprocess.run(
        [sys.executable, "-c", program, folder / "store"],
        check=True,
        cwd=ROOT,
        env={**os.environ, **env},
    )
    disk = Folder(folder)
    for call in calls(trace.read_bytes()):
        disk.do(call)
    for left in disk.left(random.Random(0)):  # noqa: S311 - states, not secrets
        assert left["store"] == (folder / "store").read_bytes()
