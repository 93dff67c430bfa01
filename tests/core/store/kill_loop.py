"""A client whose node is killed again and again, and what must be true at the end.

The client sends events in windows, each of which may end in a checkpoint, a restore, a
commit or a rollback. What was not answered when the node died is sent again to the next
one. A plain model does what was answered; the node must end up where the model is.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[3]
NODE = (sys.executable, "-m", "core", "--store")

Request = dict[str, str | int]
Row = tuple[str, str, int]

CHECKPOINT, RESTORE, COMMIT, ROLLBACK = "checkpoint", "restore", "commit", "rollback"


class Model:
    """Counts and sink as plainly as can be: whole dicts, copied."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.seen: dict[str, str] = {}
        self.pending: list[Row] = []
        self.sink: list[Row] = []
        self.out: set[str] = set()
        self.saved: dict[str, tuple[dict[str, str], list[Row]]] = {}
        self.numbers: dict[str, int] = {}

    @property
    def counts(self) -> dict[str, int]:
        """Word to number of seen ids."""
        counts: dict[str, int] = {}
        for word in self.seen.values():
            counts[word] = counts.get(word, 0) + 1
        return counts

    def do(self, request: Request) -> None:
        """Do what a request asks for."""
        match request["type"]:
            case "process":
                self._process(str(request["event_id"]), str(request["word"]))
            case "checkpoint":
                name = str(request["checkpoint_id"])
                self.saved[name] = (self.seen.copy(), self.pending.copy())
            case "restore":
                seen, pending = self.saved[str(request["checkpoint_id"])]
                self.seen = seen.copy()
                self.pending = [row for row in pending if row[0] not in self.out]
                self.numbers = self.counts
            case "commit":
                self.sink += self.pending
                self.out |= {row[0] for row in self.pending}
                self.pending = []
            case "rollback":
                for event_id, word, _ in self.pending:
                    del self.seen[event_id]
                    self.numbers[word] -= 1
                self.pending = []

    def _process(self, event_id: str, word: str) -> None:
        if event_id in self.seen:
            return
        self.seen[event_id] = word
        self.numbers[word] = self.numbers.get(word, 0) + 1
        if event_id not in self.out:
            self.pending.append((event_id, word, self.numbers[word]))


class Source:
    """An endless source: every window is what to send next, given what the model holds."""

    def __init__(self, seed: int) -> None:
        """The same seed, the same windows."""
        self.rng = random.Random(seed)  # noqa: S311 - a stream, not a secret
        self.sent: dict[str, str] = {}

    def window(self, model: Model) -> list[Request]:
        """Make events, some of them sent before or undone, and perhaps one thing at the end."""
        rng = self.rng
        lost = [each for each in list(self.sent)[-200:] if each not in model.seen]
        requests: list[Request] = []
        for _ in range(rng.randrange(1, 25)):
            if lost and rng.random() < 0.5:
                event_id = lost.pop(0)
            elif self.sent and rng.random() < 0.2:
                event_id = rng.choice(list(self.sent)[-50:])
            else:
                event_id = f"e{len(self.sent) + 1}"
                self.sent[event_id] = rng.choice("abcdefgh")
            requests.append(_request("process", event_id=event_id, word=self.sent[event_id]))
        what = rng.choice((CHECKPOINT, CHECKPOINT, RESTORE, COMMIT, COMMIT, COMMIT, ROLLBACK))
        if rng.random() < 0.5:
            what = ""
        if what == CHECKPOINT:
            requests.append(_request(what, checkpoint_id=rng.choice(("cp1", "cp2", "cp3"))))
        elif what == RESTORE and model.saved:
            requests.append(_request(what, checkpoint_id=rng.choice(sorted(model.saved))))
        elif what in {COMMIT, ROLLBACK}:
            requests.append(_request(what))
        return requests


class Client:
    """Keeps a node running, sends it requests, counts what happened."""

    def __init__(self, path: Path, command: tuple[str, ...] = NODE) -> None:
        """Talk to nodes on the store at this path."""
        self.command = (*command, str(path))
        self.kills = self.answers = self.resent = 0
        self.node = self.start()

    def start(self, *options: str) -> "subprocess.Popen[bytes]":
        """Start a node."""
        pipe = subprocess.PIPE
        return subprocess.Popen([*self.command, *options], stdin=pipe, stdout=pipe, cwd=ROOT)

    def kill(self) -> None:
        """End the node as a power cut would, and wait until it is gone."""
        self.node.send_signal(signal.SIGKILL)
        self.reap()

    def reap(self) -> None:
        """Wait for the end of the node, and start another."""
        status = self.node.wait()
        assert status == -signal.SIGKILL, f"the node ended by itself: {status}"
        for end in (self.node.stdin, self.node.stdout):
            assert end is not None
            with suppress(BrokenPipeError):
                end.close()
        self.kills += 1
        self.node = self.start()

    def send(self, requests: list[Request], pause: float | None = None) -> int:
        """Send requests; return how many were answered. With a pause: kill it after that."""
        assert self.node.stdin is not None
        data = "".join(f"{json.dumps(request)}\n" for request in requests).encode()
        with suppress(BrokenPipeError):
            self.node.stdin.write(data)
            self.node.stdin.flush()
        if pause is not None:
            time.sleep(pause)
            self.node.send_signal(signal.SIGKILL)
        return self._read(len(requests), killed=pause is not None)

    def deliver(self, requests: list[Request], pause: float | None = None) -> list[Request]:
        """Send requests, and again what was not answered, until all was; with one kill."""
        left, rest = requests, pause
        while left:
            answered = self.send(left, rest)
            left, rest = left[answered:], None
            self.answers += answered
            self.resent += len(left)
        return requests

    def close(self) -> None:
        """End the input; the node must end well, or be killed meanwhile and end well then."""
        assert self.node.stdin is not None
        self.node.stdin.close()
        if self.node.wait() == -signal.SIGKILL:
            self.reap()
            self.close()
        else:
            assert self.node.wait() == 0
            assert self.node.stdout is not None
            self.node.stdout.close()

    def _read(self, expected: int, *, killed: bool) -> int:
        """Count whole replies, none of them an error, until all came or the node is dead."""
        assert self.node.stdout is not None
        got = b""
        while killed or got.count(b"\n") < expected:
            data = os.read(self.node.stdout.fileno(), 1 << 16)
            if not data:
                self.reap()
                break
            got += data
        replies = [json.loads(line) for line in got.split(b"\n")[:-1]]
        errors = [reply for reply in replies if reply["type"] == "error"]
        assert not errors, errors[0]
        return len(replies)


class Outcome(NamedTuple):
    """What a run came to; `lost` and `doubled` are what must not be."""

    kills: int
    answers: int
    resent: int
    outputs: int
    lost: int
    doubled: int


def run(path: Path, kills: int, seed: int) -> Outcome:
    """Kill nodes so many times while events flow; raises AssertionError for a difference."""
    model, source, client = Model(), Source(seed), Client(path)
    while client.kills < kills:
        pause = source.rng.choice((None, 0, source.rng.random() * 0.1, source.rng.random() * 0.3))
        for request in client.deliver(source.window(model), pause):
            model.do(request)
    final = [_request("checkpoint", checkpoint_id="end"), _request("commit")]
    for request in client.deliver(final):
        model.do(request)
    client.close()
    return Outcome(client.kills, client.answers, client.resent, *compare(path, model))


def compare(path: Path, model: Model) -> tuple[int, int, int]:
    """Hold what is on disk to the model; return how many outputs, lost and doubled ones."""
    database = sqlite3.connect(path)
    sink = database.execute(
        "SELECT event_id, word, count FROM outputs ORDER BY position"
    ).fetchall()
    seen = dict(database.execute("SELECT event_id, word FROM seen"))
    counts = dict(database.execute("SELECT * FROM counts"))
    saved = [name for (name,) in database.execute("SELECT name FROM checkpoints")]
    database.close()
    ids = [row[0] for row in sink]
    lost, doubled = len(model.out - set(ids)), len(ids) - len(set(ids))
    assert (lost, doubled) == (0, 0)
    assert sink == model.sink
    assert list(seen.items()) == list(model.seen.items())
    assert counts == model.counts
    assert sorted(saved) == sorted(model.saved)
    return len(sink), lost, doubled


def _request(kind: str, **fields: str) -> Request:
    return {"type": kind, "msg_id": 1, **fields}
