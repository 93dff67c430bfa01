"""A call of the system fails, or is the last: nothing is lost, doubled, or done though refused."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from core.store.verify import verify
from tests.core.store import kill_loop
from tests.core.store.kill_loop import ROOT, Model, Request
from tests.core.store.power import calls, shim
from tests.core.store.test_kills import windows
from tests.core.store.test_power import NODE

FAULTS = {"EIO": str(errno.EIO), "ENOSPC": str(errno.ENOSPC), "SIGKILL": "KILL"}
COUNTED = {"open", "write", "truncate", "sync", "unlink", "rename"}


class Till:
    """A client that sends a window again until it is answered well, and starts a node anew."""

    def __init__(self, path: Path, env: dict[str, str]) -> None:
        """Start the first node, which meets the fault."""
        self.path = path
        self.errors = self.ends = 0
        self.node = self.start(env)

    def start(self, env: dict[str, str]) -> "subprocess.Popen[bytes]":
        """Start a node whose log is short, so that it is carried over now and then."""
        return subprocess.Popen(
            [sys.executable, "-c", NODE, "6000", str(1 << 60), str(self.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, **env},
        )

    def deliver(self, window: list[Request]) -> None:
        """Send a window until it is answered; an error is an answer for all of it."""
        for _ in range(10):
            replies = self.ask(window)
            kinds = {reply["type"] == "error" for reply in replies}
            if len(replies) < len(window):
                self._again()
            elif kinds == {False}:
                return
            else:
                assert kinds == {True}, replies
                assert {reply["code"] for reply in replies} == {13}, replies
                self.errors += 1
        pytest.fail(f"never answered: {replies}")

    def close(self) -> None:
        """End the input; if the node dies of that, so be it."""
        out, err = self.node.communicate()
        assert out == b""
        assert self.node.returncode in {0, -9}, err

    def ask(self, window: list[Request]) -> list[dict[str, object]]:
        """Send a window; return the replies, fewer where the node ended."""
        assert self.node.stdin is not None
        assert self.node.stdout is not None
        with suppress(BrokenPipeError):
            self.node.stdin.write("".join(f"{json.dumps(each)}\n" for each in window).encode())
            self.node.stdin.flush()
        replies = (self.node.stdout.readline() for _ in window)
        return [json.loads(reply) for reply in replies if reply]

    def _again(self) -> None:
        """Start a node that meets no fault, in the place of one that ended."""
        with suppress(BrokenPipeError):
            self.node.communicate()
        assert self.node.returncode in {1, -9}
        self.ends += 1
        self.node = self.start({})


def play(path: Path, env: dict[str, str]) -> Till:
    """Play a small session; hold what is left to the model."""
    till, model = Till(path, env), Model()
    for window in windows():
        till.deliver(window)
        for request in window:
            model.do(request)
    till.close()
    assert verify(path).findings == []
    kill_loop.compare(path, model)
    assert verify(path).findings == []
    return till


def places(tmp_path: Path, preload: dict[str, str]) -> Iterator[tuple[int, str]]:
    """Play the session once; yield each call that can fail: its number and its name."""
    folder, trace = tmp_path / "whole", tmp_path / "trace"
    folder.mkdir()
    play(folder / "store", {**preload, "FOLDER": str(folder), "TRACE": str(trace)})
    names = [each.name for each in calls(trace.read_bytes()) if each.name in COUNTED]
    yield from enumerate(names, 1)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", [17, pytest.param(1, marks=pytest.mark.long)])
def test_a_call_that_fails_costs_nothing_but_its_answer(
    tmp_path: Path, fault: str, step: int
) -> None:
    tmp_path = Path(os.path.realpath(tmp_path))
    preload = {"LD_PRELOAD": str(shim(tmp_path))}
    every = list(places(tmp_path, preload))
    errors = ends = 0
    for at, name in every[::step]:
        folder = tmp_path / f"{at}-{name}"
        folder.mkdir()
        env = {**preload, "FOLDER": str(folder), "AT": str(at), "FAULT": FAULTS[fault]}
        till = play(folder / "store", env)
        errors += till.errors
        ends += till.ends
    sys.stdout.write(
        f"\n{fault}: {len(every[::step])} calls of {len(every)}, {errors} errors, {ends} ends\n"
    )
    assert errors + ends > 0


@pytest.mark.parametrize("fault", ["EIO", "ENOSPC"])
def test_what_is_on_disk_is_never_said_to_have_had_no_effect(tmp_path: Path, fault: str) -> None:
    """The number in the lock cannot be written: the event is in the journal before it."""
    tmp_path = Path(os.path.realpath(tmp_path))
    preload = {"LD_PRELOAD": str(shim(tmp_path)), "FOLDER": str(tmp_path / "store-lock")}
    said = []
    for at in range(1, 12):
        for name in tmp_path.glob("store*"):
            name.unlink()
        till = Till(tmp_path / "store", {**preload, "AT": str(at), "FAULT": FAULTS[fault]})
        request: list[Request] = [{"type": "process", "msg_id": 1, "event_id": "e1", "word": "a"}]
        replies = till.ask(request)
        if replies and replies[0]["type"] == "error":
            there = till.ask(request)[0]["was_duplicate"]
            assert there == ("on disk all the same" in str(replies[0]["text"]))
            said.append(there)
        till.node.communicate()
    assert said
