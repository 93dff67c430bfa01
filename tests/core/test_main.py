"""The process: `python -m core` with the standard library alone, on real pipes and signals."""

import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from tests.oracle import OracleNode

CHECKOUT = Path(__file__).parents[2]
# -S leaves site-packages out, -E the environment: a bare checkout on a bare Python.
PROGRAM = [sys.executable, "-S", "-E", "-m", "core"]
PATIENCE = 20.0
"""Seconds after which a test takes something for hung."""

PROCESS = b'{"type":"process","msg_id":%d,"event_id":"e%d","word":"w%d"}\n'
COMMIT = b'{"type":"commit","msg_id":1}\n'
COMMITTED = b'{"type": "committed", "in_reply_to": 1, "output_count": 0}\n'
HAS_PROC = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
HAS_FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")


@pytest.fixture(autouse=True)
def _heeded_signals() -> Iterator[None]:
    """Undo for a while what a shell does to the programs it runs in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def run(
    data: bytes = b"",
    *options: str,
    stdin: int | IO[bytes] | None = None,
    stdout: int | IO[bytes] = subprocess.PIPE,
    redirect: str = "",
) -> subprocess.CompletedProcess[bytes]:
    """Run to the end on these bytes or this stdin; `redirect` may close a stream, as in `<&-`."""
    command = [*PROGRAM, *options]
    if redirect:
        command = ["sh", "-c", f'exec "$@" {redirect}', "sh", *command]
    return subprocess.run(
        command,
        check=False,
        cwd=CHECKOUT,
        stdin=stdin,
        input=data if stdin is None else None,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=PATIENCE,
    )


class Client:
    """A running node and the two ends of its pipes."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """Talk to this process."""
        self.process = process
        assert process.stdin
        assert process.stdout
        assert process.stderr
        self.stdin: IO[bytes] = process.stdin
        self.stdout: IO[bytes] = process.stdout
        self.stderr: IO[bytes] = process.stderr

    def send(self, data: bytes) -> None:
        """Write, all of it, to a node that reads."""
        self.stdin.write(data)
        self.stdin.flush()

    def line(self) -> bytes:
        """Read one reply, or fail when none comes in time."""
        line = b""
        until = time.monotonic() + PATIENCE
        while not line.endswith(b"\n"):
            left = max(0.0, until - time.monotonic())
            ready, _, _ = select.select([self.stdout], [], [], left)
            assert ready, "no reply in time"
            byte = os.read(self.stdout.fileno(), 1)
            assert byte, "the node closed its output"
            line += byte
        return line

    def ask(self, data: bytes) -> bytes:
        """Send a line and wait for its reply."""
        self.send(data)
        return self.line()

    def silent(self, seconds: float = 0.2) -> bool:
        """Whether nothing comes for a while."""
        ready, _, _ = select.select([self.stdout], [], [], seconds)
        return not ready

    def send_in_background(self, data: bytes) -> threading.Thread:
        """Write from a thread, until the node takes no more."""

        def write() -> None:
            try:
                self.send(data)
                self.stdin.close()
            except (OSError, ValueError):
                pass  # the node has gone, or the test has closed its end

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        return thread

    def rest(self) -> tuple[bytes, bytes, int]:
        """Wait for the end: what else came out, what was said, the exit status."""
        out, err = self.stdout.read(), self.stderr.read()
        return out, err, self.process.wait(PATIENCE)


@contextmanager
def node(*options: str) -> Iterator[Client]:
    """Run a node for as long as the block takes."""
    process = subprocess.Popen(
        [*PROGRAM, *options],
        cwd=CHECKOUT,
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    watchdog = threading.Timer(PATIENCE * 2, process.kill)
    watchdog.start()
    try:
        yield Client(process)
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                pipe.close()


def one_clear_line(err: bytes) -> bool:
    """Whether this is one line for a person, and no traceback."""
    return err.count(b"\n") == 1 and b"Traceback" not in err and len(err) < 300


# Input and replies


def test_the_samples_go_through_the_process() -> None:
    request = b'{"type":"process","msg_id":1,"event_id":"e1","word":"hello"}\n'
    ended = run(request + request)
    first, second = ended.stdout.splitlines()
    reply = b'{"type": "processed", "in_reply_to": 1, "word": "hello", "count": 1, '
    assert first == reply + b'"was_duplicate": false}'
    assert second == reply + b'"was_duplicate": true}'


def test_at_the_end_of_input_it_exits_with_0() -> None:
    ended = run(COMMIT)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, COMMITTED, b"")


def test_no_input_is_no_error() -> None:
    ended = run(b"")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


def test_a_last_line_without_a_line_end_is_answered() -> None:
    ended = run(COMMIT.rstrip())
    assert (ended.returncode, ended.stdout) == (0, COMMITTED)


def test_bad_lines_do_not_stop_it() -> None:
    ended = run(b"x\n\xff\n[]\n" + b"[" * 100_000 + b"\n" + COMMIT)
    assert ended.returncode == 0
    assert ended.stderr == b""
    assert ended.stdout.count(b'"code": 12') == 4
    assert ended.stdout.endswith(COMMITTED)


def test_a_client_that_waits_for_each_reply_gets_it() -> None:
    with node() as client:
        for number in range(300):
            reply = json.loads(client.ask(PROCESS % (number, number, 1)))
            assert (reply["in_reply_to"], reply["count"]) == (number, number + 1)


def test_a_reply_does_not_wait_for_the_rest_of_the_next_line() -> None:
    with node() as client:
        assert client.ask(COMMIT + COMMIT[:10]) == COMMITTED
        assert client.silent()
        assert client.ask(COMMIT[10:]) == COMMITTED


def test_a_client_that_sends_large_batches_and_waits_gets_every_reply() -> None:
    """Batches around the sizes at which a pipe or a reader fills up."""
    with node() as client:
        for size in (100, 1000, 1100, 2000):
            thread = threading.Thread(target=client.send, args=(COMMIT * size,))
            thread.start()
            assert [client.line() for _ in range(size)] == [COMMITTED] * size
            thread.join(PATIENCE)


def test_a_large_input_is_answered_as_the_oracle_answers_it() -> None:
    lines = [PROCESS % (n, n * 7 % 9000, n % 100) for n in range(12_000)]
    for at in range(0, len(lines), 500):
        lines[at] += b'{"type":"checkpoint","msg_id":1,"checkpoint_id":%d}\n' % (at % 3)
        lines[at + 100] += b'{"type":"restore","msg_id":1,"checkpoint_id":%d}\n' % (at % 3)
        lines[at + 200] += COMMIT + b"oops\n\n"
        lines[at + 300] += b'{"type":"rollback","msg_id":1}\n'
    data = b"".join(lines)
    ended = run(data)
    assert (ended.returncode, ended.stderr) == (0, b"")
    OracleNode().check(data, ended.stdout)


def test_input_from_a_file_is_answered(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_bytes(COMMIT * 5000)
    with (tmp_path / "events.jsonl").open("rb") as events:
        assert run(stdin=events).stdout == COMMITTED * 5000


@HAS_PROC
def test_a_line_of_100_mb_takes_no_memory_to_speak_of() -> None:
    with node() as client:
        client.ask(COMMIT)
        before = peak_memory(client.process.pid)
        for _ in range(100):
            client.send(b"x" * 1_000_000)
        client.send(b"\n")
        assert json.loads(client.line())["code"] == 12
        assert client.ask(COMMIT) == COMMITTED
        assert peak_memory(client.process.pid) - before < 8_000


def peak_memory(pid: int) -> int:
    """Read the most memory a process has had, in kB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


# Pipes that do not wait


def unblocked(fd: int) -> int:
    """Make a descriptor one that does not wait."""
    flags = fcntl.fcntl(fd, fcntl.F_GETFL)
    fcntl.fcntl(fd, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    return fd


def test_an_input_that_does_not_wait_is_waited_for() -> None:
    read, write = os.pipe()
    command = subprocess.Popen(
        PROGRAM,
        cwd=CHECKOUT,
        stdin=unblocked(read),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.close(read)
    for part in (COMMIT[:10], COMMIT[10:] + COMMIT, COMMIT[:-1]):
        time.sleep(0.15)
        os.write(write, part)
    os.close(write)
    out, err = command.communicate(timeout=PATIENCE)
    assert (out, err, command.returncode) == (COMMITTED * 3, b"", 0)


def test_an_output_that_does_not_wait_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(COMMIT * 20_000)
    read, write = os.pipe()
    with (tmp_path / "in").open("rb") as events:
        command = subprocess.Popen(
            PROGRAM, cwd=CHECKOUT, stdin=events, stdout=unblocked(write), stderr=subprocess.PIPE
        )
    os.close(write)
    time.sleep(0.3)
    with os.fdopen(read, "rb") as replies:
        assert replies.read() == COMMITTED * 20_000
    _, err = command.communicate(timeout=PATIENCE)
    assert (err, command.returncode) == (b"", 0)


# Signals

SIGNALS = pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"]
)


@SIGNALS
def test_a_signal_while_it_waits_ends_it(number: int, status: int) -> None:
    with node() as client:
        client.ask(COMMIT)
        client.process.send_signal(number)
        assert client.rest() == (b"", b"", status)


@SIGNALS
def test_a_signal_while_it_waits_for_the_rest_of_a_line_ends_it(number: int, status: int) -> None:
    with node() as client:
        client.ask(COMMIT + b'{"type":')
        client.process.send_signal(number)
        _, err, ended = client.rest()
        assert (err, ended) == (b"", status)


def bulk() -> tuple[bytes, bytes]:
    """Make an input that takes a while, and the replies to all of it."""
    requests = [PROCESS % (n, n, 1) for n in range(300_000)]
    replies = [
        b'{"type": "processed", "in_reply_to": %d, "word": "w1", "count": %d, '
        b'"was_duplicate": false}\n' % (n, n + 1)
        for n in range(300_000)
    ]
    return b"".join(requests), b"".join(replies)


@SIGNALS
def test_a_signal_while_it_works_lets_it_finish_the_line_and_flush(
    number: int, status: int
) -> None:
    requests, replies = bulk()
    with node() as client:
        client.send_in_background(requests)
        begun = os.read(client.stdout.fileno(), 1)
        client.process.send_signal(number)
        rest, err, ended = client.rest()
    out = begun + rest
    assert (err, ended) == (b"", status)
    assert len(out) < len(replies), "the signal came too late to test anything"
    assert out.endswith(b"\n")
    assert replies.startswith(out)


@SIGNALS
def test_a_signal_while_the_reader_is_slow_loses_no_reply(
    number: int, status: int, tmp_path: Path
) -> None:
    """The node is stuck in a write: what it began must come out, in whole lines."""
    requests, replies = bulk()
    (tmp_path / "in").write_bytes(requests)
    with (tmp_path / "in").open("rb") as events:
        process = subprocess.Popen(
            PROGRAM,
            cwd=CHECKOUT,
            stdin=events,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    time.sleep(0.5)
    process.send_signal(number)
    time.sleep(0.3)
    out, err = process.communicate(timeout=PATIENCE)
    assert (err, process.returncode) == (b"", status)
    assert out.endswith(b"\n")
    assert replies.startswith(out)


@SIGNALS
def test_every_line_answered_before_a_signal_has_its_reply_out(number: int, status: int) -> None:
    with node() as client:
        client.send(COMMIT * 50)
        for _ in range(50):
            assert client.line() == COMMITTED
        client.process.send_signal(number)
        assert client.rest() == (b"", b"", status)


@pytest.mark.long
@SIGNALS
def test_a_signal_at_any_moment_ends_it(number: int, status: int) -> None:
    """Also in the instant between looking for a signal and waiting for input."""
    for attempt in range(200):
        with node() as client:
            client.ask(COMMIT)
            client.send(COMMIT * 20)
            time.sleep(attempt * 5e-6)
            client.process.send_signal(number)
            out, err, ended = client.rest()
            assert (err, ended) == (b"", status)
            assert out == COMMITTED * out.count(b"\n")


# Ends that are missing or full


def test_it_ends_quietly_when_the_reader_goes() -> None:
    requests, _ = bulk()
    with node() as client:
        client.send_in_background(requests)
        client.line()
        client.stdout.close()
        assert client.process.wait(PATIENCE) in {0, 141, -signal.SIGPIPE}
        assert client.stderr.read() == b""


def test_it_ends_quietly_when_the_reader_was_never_there() -> None:
    with node() as client:
        client.stdout.close()
        client.send(COMMIT)
        client.stdin.close()
        assert client.process.wait(PATIENCE) in {0, 141, -signal.SIGPIPE}
        assert client.stderr.read() == b""


@HAS_FULL
@pytest.mark.parametrize("data", [COMMIT, COMMIT * 5000], ids=["a line", "many lines"])
def test_a_full_disk_is_told_in_one_line(data: bytes) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = run(data, stdout=full)
    assert ended.returncode > 0
    assert one_clear_line(ended.stderr), ended.stderr


@HAS_FULL
@pytest.mark.parametrize("option", ["--help", "--version"])
def test_no_room_for_help_or_version_is_told_in_one_line(option: str) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = run(b"", option, stdout=full)
    assert ended.returncode > 0
    assert one_clear_line(ended.stderr), ended.stderr


def test_without_any_input_it_ends_without_a_traceback() -> None:
    ended = run(redirect="<&-")
    assert ended.stdout == b""
    if ended.returncode:
        assert one_clear_line(ended.stderr), ended.stderr
    else:
        assert ended.stderr == b""


def test_without_any_output_it_ends_without_a_traceback() -> None:
    ended = run(COMMIT, redirect=">&-")
    assert ended.returncode > 0
    assert one_clear_line(ended.stderr), ended.stderr


@HAS_FULL
def test_a_full_disk_and_no_place_to_say_so_is_still_told_by_the_exit_status() -> None:
    with Path("/dev/full").open("wb") as full:
        ended = run(COMMIT, stdout=full, redirect="2>&-")
    assert ended.returncode > 0


def test_a_directory_for_input_ends_it_without_a_traceback() -> None:
    """Python itself refuses one before any code of ours runs, and says so at length."""
    directory = os.open(CHECKOUT, os.O_RDONLY)
    try:
        ended = run(stdin=directory)
    finally:
        os.close(directory)
    assert ended.returncode > 0
    assert ended.stdout == b""
    assert b"Traceback" not in ended.stderr


def test_an_input_that_cannot_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    with (tmp_path / "only for writing").open("wb") as unreadable:
        ended = run(stdin=unreadable)
    assert ended.returncode > 0
    assert ended.stdout == b""
    assert one_clear_line(ended.stderr), ended.stderr


# Options


def test_help_tells_every_option() -> None:
    ended = run(b"", "--help")
    assert (ended.returncode, ended.stderr) == (0, b"")
    options = [b"--envelope", b"--max-line", b"--help", b"--version"]
    assert [option for option in options if option not in ended.stdout] == []


def test_version_is_one_line_with_a_number() -> None:
    ended = run(b"", "--version")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.count(b"\n") == 1
    assert any(char.isdigit() for char in ended.stdout.decode())


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_read_no_input(option: str) -> None:
    assert run(COMMIT, option).stdout == run(b"", option).stdout


BAD_OPTIONS = [
    ("--bogus",),
    ("-x",),
    ("--env",),
    ("--envelope=yes",),
    ("events.jsonl",),
    ("",),
    ("--max-line",),
    ("--max-line", ""),
    ("--max-line", "many"),
    ("--max-line", "0"),
    ("--max-line", "-1"),
    ("--max-line", "1.5"),
    ("--max-line", "1k"),
    ("--max-line", "²"),
    ("--max-line", "1" * 5000),
    ("--max-line="),
]


@pytest.mark.parametrize("options", BAD_OPTIONS, ids=lambda options: " ".join(options)[:30])
def test_a_bad_option_is_told_and_exits_with_2(options: tuple[str, ...]) -> None:
    ended = run(COMMIT, *options)
    assert ended.returncode == 2
    assert ended.stdout == b""
    assert b"Traceback" not in ended.stderr
    assert 0 < ended.stderr.count(b"\n") <= 5


@pytest.mark.parametrize("options", [("--max-line", "64"), ("--max-line=64",)], ids=" ".join)
def test_max_line_sets_how_long_a_line_may_be(options: tuple[str, ...]) -> None:
    ended = run(b"x" * 65 + b"\n" + COMMIT, *options)
    error, good = ended.stdout.splitlines(keepends=True)
    assert b"64" in error
    assert good == COMMITTED


def test_envelope_puts_every_reply_into_one() -> None:
    ended = run(b'{"src":"c1","dest":"n1","body":{"type":"commit","msg_id":1}}\nx\n', "--envelope")
    good, error = map(json.loads, ended.stdout.splitlines())
    assert (good["src"], good["dest"], good["body"]["in_reply_to"]) == ("n1", "c1", 1)
    assert (error["src"], error["dest"], error["body"]["code"]) == (None, None, 12)


def test_options_may_be_given_together() -> None:
    ended = run(b"x" * 65 + b"\n", "--envelope", "--max-line", "64")
    assert json.loads(ended.stdout)["body"]["code"] == 12


# What it loads

HEAVY = {"rich", "prompt_toolkit", "dataclasses", "argparse", "asyncio", "inspect", "re"}


def loaded(*command: str) -> set[str]:
    """Run a command of Python and name the top packages it imported."""
    ended = subprocess.run(
        [sys.executable, "-S", "-E", "-X", "importtime", *command],
        check=True,
        cwd=CHECKOUT,
        input=COMMIT + PROCESS % (1, 1, 1) + b"oops\n",
        capture_output=True,
        timeout=PATIENCE,
    )
    told = [line for line in ended.stderr.decode().splitlines() if line.startswith("import time:")]
    return {line.split("|")[-1].strip().split(".")[0] for line in told}


def test_a_small_input_loads_nothing_heavy_beside_json() -> None:
    """`json` itself brings `re`."""
    extra = loaded("-m", "core") - loaded("-c", "import json")
    assert "core" in extra
    assert extra & HEAVY == set()


@pytest.mark.parametrize("settings", [{}, {"LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}])
def test_the_bytes_do_not_depend_on_the_locale(settings: dict[str, str]) -> None:
    line = '{"type":"process","msg_id":1,"event_id":"é","word":"naïve"}\n'.encode()
    command = [sys.executable, "-m", "core"]
    ended = subprocess.run(
        command, check=True, cwd=CHECKOUT, env=settings, input=line, capture_output=True
    )
    assert rb'"word": "na\u00efve"' in ended.stdout
