"""SIGINT, SIGTERM and Ctrl-Z: at any moment of the start, at the prompt, and in a command."""

import os
import pkgutil
import pty
import random
import re
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pexpect
import pytest

from repl import cli
from tests.repl.terminal import ROOT, Screen

PATIENCE = 20.0
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143}
EVERY_SIGNAL = pytest.mark.parametrize(("number", "status"), SIGNALS.items(), ids=["INT", "TERM"])
OF_OURS = re.compile(r'File "[^"]*/(core|repl|lessons)/')


@pytest.fixture(autouse=True)
def _heeded() -> Iterator[None]:
    """Undo for a while what a shell does to the programs that it runs in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def environment(home: Path) -> dict[str, str]:
    """Return what a program of a user gets, which buffers its output."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return {**kept, "XDG_STATE_HOME": str(home), "TERM": "xterm-256color"}


# While it starts


class Start(NamedTuple):
    """A program that starts, a signal, and the seconds after which it comes."""

    arguments: tuple[str, ...]
    number: int
    delay: float
    home: Path

    def at_a_terminal(self) -> tuple[int, str]:
        """Start it at a terminal, send the signal, leave; return the status and all it said."""
        ours, its = pty.openpty()
        process = self.popen(its)
        os.close(its)
        with process:
            self.strike(process)
            os.set_blocking(ours, False)
            said = b""
            while process.poll() is None:
                with suppress(OSError):
                    os.write(ours, b"\x04")  # a prompt that is there by now takes a Ctrl-C
                said += taken(ours)
                time.sleep(0.02)
            said += taken(ours)
        os.close(ours)
        return process.returncode, said.decode(errors="replace")

    def in_a_pipe(self) -> tuple[int, str]:
        """Start it with an input that does not end, send the signal; return the same."""
        with self.popen(subprocess.PIPE) as process:
            self.strike(process)
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
            assert process.stdout
            return process.wait(0.1), process.stdout.read().decode(errors="replace")

    def popen(self, stream: int) -> "subprocess.Popen[bytes]":
        """Start it with all its streams there."""
        return subprocess.Popen(
            [sys.executable, "-m", *self.arguments],
            cwd=ROOT,
            env=environment(self.home),
            stdin=stream,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def strike(self, process: "subprocess.Popen[bytes]") -> None:
        """Send the signal in time."""
        time.sleep(self.delay)
        process.send_signal(self.number)


def taken(descriptor: int) -> bytes:
    """Return what is there to be read from a terminal."""
    with suppress(OSError):
        return os.read(descriptor, 1 << 16)
    return b""


STARTS = (
    (("repl",), Start.at_a_terminal),
    (("repl", "--store", "STORE"), Start.at_a_terminal),
    (("repl", "node"), Start.in_a_pipe),
    (("core",), Start.in_a_pipe),
    (("repl", "run", "-"), Start.in_a_pipe),
    (("repl", "lesson", "1", "--script", "-"), Start.in_a_pipe),
)


def test_a_signal_while_it_starts_ends_it_without_a_frame_of_ours(tmp_path: Path) -> None:
    """At 60 moments. Before the first line of ours, Python may show frames of its own."""
    chance = random.Random(16)  # noqa: S311 - any moments will do
    with ThreadPoolExecutor(6) as pool:
        ends = []
        for attempt in range(5):
            for number in SIGNALS:
                for arguments, way in STARTS:
                    store = str(tmp_path / f"{attempt}-{number}.db")
                    words = tuple(store if each == "STORE" else each for each in arguments)
                    start = Start(words, number, chance.uniform(0, 0.4), tmp_path)
                    ends.append((start, way, pool.submit(way, start)))
    assert len(ends) == 60
    for start, way, end in ends:
        status, said = end.result()
        assert not OF_OURS.search(said), (start, said)
        ended = {-start.number, 128 + start.number}
        if way is Start.at_a_terminal and start.number == signal.SIGINT:
            ended.add(0)  # the prompt was there, and the line was cleared
        if "Traceback" in said:
            ended.add(1)  # Python's own start was interrupted
        assert status in ended, (start, said)


def test_to_import_it_handles_no_signal() -> None:
    code = (
        "import signal, sys, core.node, core.__main__, repl.cli.prompt, repl.signals\n"
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
        "assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


# At the prompt


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_to_end_at_the_prompt_leaves_in_order(number: int, tmp_path: Path) -> None:
    """It says where the session is, and the terminal has its echo."""
    with Screen(tmp_path, columns=200) as screen:
        screen.until("[1] >")
        screen.enter("process e1 hello", "[2] >")
        screen.type("proc")
        screen.until("[2] > proc")
        assert not echoes(screen)
        screen.child.kill(number)
        screen.until("the session is in a file")
        assert echoes(screen)
        assert screen.wait() == 128 + number


def echoes(screen: Screen) -> bool:
    """Whether the terminal shows what is typed."""
    return bool(termios.tcgetattr(screen.child.fileno())[3] & termios.ECHO)


def test_sigterm_at_a_plain_prompt_leaves_in_order(tmp_path: Path) -> None:
    with Screen(tmp_path, "--plain", columns=200) as screen:
        screen.until("[1] >")
        screen.child.kill(signal.SIGTERM)
        screen.until("there is no session to keep")
        assert screen.wait() == 143


def test_sigterm_ends_a_command_and_its_bar_and_the_worker_of_a_store(tmp_path: Path) -> None:
    with Screen(tmp_path, "--store", str(tmp_path / "box.db"), columns=200) as screen:
        screen.until("UP │ disk")
        screen.type("search 9 9\r")
        screen.until("Ctrl-C stops")
        screen.child.kill(signal.SIGTERM)
        assert screen.wait() == 143
        assert "all of it is on disk" in screen.text
        assert screen.raw.rindex(b"\x1b[?25h") > screen.raw.rindex(b"\x1b[?25l")  # the cursor
    verified = subprocess.run(
        [sys.executable, "-m", "repl", "store", "verify", str(tmp_path / "box.db")],
        cwd=ROOT,
        check=False,
        capture_output=True,
    )
    assert verified.returncode == 0


def test_a_record_is_written_also_where_sigterm_ends_the_walk(tmp_path: Path) -> None:
    record = tmp_path / "mine.txt"
    with Screen(tmp_path, "lesson", "1", "--record", str(record)) as screen:
        screen.until("[1] >")
        screen.enter("", "[4] >")
        screen.child.kill(signal.SIGTERM)
        assert screen.wait() == 143
    assert "# step 1: run\nnext\n" in record.read_text(encoding="utf-8")


def test_ctrl_z_suspends_and_fg_brings_the_prompt_back(tmp_path: Path) -> None:
    shell = pexpect.spawn(
        "bash",
        ["--norc", "--noprofile", "-i"],
        cwd=str(ROOT),
        env={**environment(tmp_path), "PS1": "shell$ ", "PROMPT_TOOLKIT_NO_CPR": "1"},
        timeout=PATIENCE,
    )
    shell.sendline(f"{sys.executable} -m repl")
    shell.expect_exact("[1] >")
    shell.send("process e1 wo")
    shell.expect_exact("wo")
    shell.send("\x1a")
    shell.expect_exact("Stopped")
    shell.sendline("fg")
    shell.expect_exact("[1] >")
    shell.send("rd\r")
    shell.expect_exact("(e1, word, 1)")
    shell.send("\x04")
    shell.expect_exact("the session is in a file")
    shell.sendline("exit")
    shell.expect(pexpect.EOF)
    shell.close()


# In a command


@contextmanager
def command(
    *arguments: str, home: Path, ignoring: bool = False
) -> "Iterator[subprocess.Popen[str]]":
    """Run `oncelab` on pipes; `ignoring`: as a shell runs it in the background."""
    start = ["sh", "-c", 'trap "" INT TERM; exec "$@"', "sh"] if ignoring else []
    with subprocess.Popen(
        [*start, sys.executable, "-u", "-m", "repl", *arguments],
        cwd=ROOT,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@EVERY_SIGNAL
def test_a_signal_ends_a_script_in_order(number: int, status: int, tmp_path: Path) -> None:
    with command("run", "-", home=tmp_path) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("process e1 hello\n")
        process.stdin.flush()
        assert "APPLIED" in process.stdout.readline()
        process.send_signal(number)
        assert process.wait(PATIENCE) == status
        said = "oncelab run: stopped by Ctrl-C\n" if number == signal.SIGINT else ""
        assert process.communicate() == ("", said)


@EVERY_SIGNAL
@pytest.mark.parametrize("arguments", [("run", "-"), ("node",), ("search", "--events", "3")])
def test_a_signal_that_is_ignored_stays_so(
    arguments: tuple[str, ...], number: int, status: int, tmp_path: Path
) -> None:
    del status
    with command(*arguments, home=tmp_path, ignoring=True) as process:
        for _ in range(5):
            time.sleep(0.06)
            process.send_signal(number)
        process.communicate("")
        assert process.returncode == 0


@pytest.mark.parametrize(
    ("line", "searched"),
    [
        ("search", "repl.cli.search.explore"),
        ("search SCRIPT", "core.search.sweep.sweep"),
        ("check --cases 0 -- false", "core.examiner.conformance.check"),
    ],
)
def test_a_search_that_is_stopped_shows_what_it_has_and_exits_with_130(
    line: str,
    searched: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script = tmp_path / "story.lab"
    script.write_text("process e1 hello\n")
    interrupt(monkeypatch, searched)
    monkeypatch.setattr(sys, "argv", ["oncelab", *line.replace("SCRIPT", str(script)).split()])
    assert cli.main() == 130
    assert capsys.readouterr().out


def interrupt(monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    """Have Ctrl-C come where a function begins."""
    function_itself = pkgutil.resolve_name(function)

    def interrupted(*given: object, **named: object) -> object:
        signal.raise_signal(signal.SIGINT)
        return function_itself(*given, **named)

    monkeypatch.setattr(function, interrupted)


TOLD = "SCRIPT:2: stopped by Ctrl-C"


@pytest.mark.parametrize("arguments", ["run", "run --keep-going", "lesson 1 --script"])
@pytest.mark.parametrize(
    "stopped",
    [
        ("search 9 9", "core.search.explore.explore", "it was interrupted", TOLD),
        ("sweep", "core.search.sweep.sweep", "", TOLD),
        ("feed " + "a " * 5000, "core.lab.commands.deliveries._feed_alike", "904 in all", TOLD),
        ("load SCRIPT", "repl.script.load", "", "stopped here; nothing was loaded"),
        ("score", "core.lab.judge.score", "", "stopped by Ctrl-C"),
        ("replay 0", "core.lab.commands.deliveries.Replay.do", "", "stopped by Ctrl-C"),
    ],
)
def test_a_script_that_is_stopped_tells_what_was_done_of_what_can_stop(
    arguments: str,
    stopped: tuple[str, str, str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It ends there in any case: behind it nothing is run, and the status is 130.

    A row: the line, where Ctrl-C meets it, and what both streams say of it.
    """
    path = tmp_path / "story.lab"
    line, working, said, told = (each.replace("SCRIPT", str(path)) for each in stopped)
    path.write_text("\n".join(["process e1 first", line, "process e9 last", *["#"] * 999]))
    interrupt(monkeypatch, working)
    monkeypatch.setattr(sys, "argv", ["oncelab", *arguments.split(), str(path)])
    assert cli.main() == 130
    captured = capsys.readouterr()
    assert "first" in captured.out
    assert "last" not in captured.out
    assert said in captured.out
    assert told in captured.err
