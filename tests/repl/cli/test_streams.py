"""Every subcommand, with standard streams that are closed, full, not readable, or have no reader.

The oracle is the same command with sound streams: what is wrong with a stream adds a line on
standard error, and makes the status 1 if it was 0. It changes nothing else, not even the files
that were written. All of it is run at once, before the first test looks.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from core.store.sqlite import SqliteStore
from lessons import catalog, lines, progress
from lessons.progress import Bookmark
from repl import files
from repl.lesson import entry
from repl.streams import OutStream, Standard, lost
from tests.lessons.samples import GOOD

ROOT = Path(__file__).parents[3]
REQUEST = '{"type":"process","msg_id":1,"event_id":"e1","word":"hello"}\n'
STORY = "process e1 hello\ncheckpoint cp1\ncommit\n"
ANSWERS = "\n".join(lines.model_answer(entry.runner(catalog.find("1"))))


class Command(NamedTuple):
    """A command line, and what comes from its standard input; `reads` is whether it reads that."""

    line: str
    typed: str = ""
    reads: bool = False
    module: str = "repl"


COMMANDS = {
    "core": Command("", REQUEST, reads=True, module="core"),
    "core --store": Command("--store new.db", REQUEST, reads=True, module="core"),
    "core --help": Command("--help", module="core"),
    "core --version": Command("--version", module="core"),
    "raw": Command("", REQUEST, reads=True),
    "raw --store": Command("--store new.db", REQUEST, reads=True),
    "node": Command("node", REQUEST, reads=True),
    "node --store": Command("node --store new.db", REQUEST, reads=True),
    "run FILE": Command("run long.lab"),
    "run failing": Command("run failing.lab"),
    "run -": Command("run -", f"\ufeff{STORY}", reads=True),
    "run --json": Command("run --json failing.lab"),
    "run --color": Command("run --color failing.lab"),
    "run sweep": Command("run sweep.lab"),
    "lesson list": Command("lesson"),
    "lesson walk": Command("lesson sample.md", "\nquit\n", reads=True),
    "lesson --script": Command("lesson 1 --script answers.txt --record out.txt"),
    "lesson --script -": Command("lesson 1 --script - --record out.txt", ANSWERS, reads=True),
    "lesson early": Command("lesson 1 --script -", "next\n", reads=True),
    "lesson --read": Command("lesson 1 --read"),
    "lesson --check": Command("lesson --check sample.md"),
    "lesson --new": Command("lesson --new out.md"),
    "lesson --verify": Command("lesson --verify record.txt"),
    "lesson --export": Command("lesson --export out.json"),
    "lesson --import": Command("lesson --import progress.json"),
    "demo": Command("demo --fast"),
    "export": Command("export failing.lab -o out.txt"),
    "search": Command("search --events 1 --faults 1"),
    "search broken": Command("search --events 1 --faults 1 --without dedup --json"),
    "search SCRIPT": Command("search story.lab"),
    "check": Command("check --cases 0 -- false"),
    "store verify": Command("store verify sound.db"),
    "--help": Command("--help"),
    "run --help": Command("run --help"),
    "--version": Command("--version"),
    "misused": Command("fly"),
}

OUTPUTS = {"closed": ">&-", "full": ">/dev/full"}
INPUTS = {"closed": "<&-", "only to write to": "0>/dev/null", "a folder": "</"}
READING = [name for name, command in COMMANDS.items() if command.reads]
LONG = ["core", "raw", "run FILE", "run --json", "lesson list", "lesson --script", "demo", "--help"]
COMPLAINING = ["run failing", "lesson early", "lesson --verify", "misused"]
UNWRITTEN = re.compile(r"oncelab( node)?: cannot write (to standard output|replies): .+\n")
UNREAD = re.compile(r"oncelab( \w+)?: cannot read (standard input|requests): .+\n")


class Streams(NamedTuple):
    """A redirection of a shell, what reads the output (empty: all of it), how that is buffered."""

    redirect: str = ""
    reader: str = ""
    unbuffered: str = ""


SOUND = Streams()
GONE = Streams(reader="gone at once")
GONE_LATER = Streams(reader="gone after a line")


class Ended(NamedTuple):
    """How a command ended: its exit status, what it printed, and the files `out.*` it wrote."""

    status: int
    out: str
    err: str
    files: dict[str, bytes]


class Runs:
    """Commands that run in folders of their own, many at a time."""

    def __init__(self, home: Path, pool: ThreadPoolExecutor) -> None:
        """Prepare a folder to be copied for each."""
        self._home, self._pool = home, pool
        self._made: dict[tuple[str, Streams], Future[Ended]] = {}
        prepare(home / "begin")

    def start(self, name: str, streams: Streams) -> None:
        """Let a command run with these streams."""
        folder = self._home / str(len(self._made))
        shutil.copytree(self._home / "begin", folder)
        self._made[name, streams] = self._pool.submit(run, COMMANDS[name], folder, streams)

    def ended(self, name: str, streams: Streams = SOUND) -> Ended:
        """Return how it ended."""
        return self._made[name, streams].result()


def prepare(folder: Path) -> None:
    """Write what the commands read."""
    state = folder / "state" / "oncelab"
    state.mkdir(parents=True)
    walk = entry.runner(catalog.find("1"))
    lines.model_answer(walk)
    walked = tuple(lines.script(walk))
    kept = {catalog.find("1").key: Bookmark(10, 10, walked, walked)}
    for path, text in {
        state / "progress.json": progress.text(kept),
        folder / "progress.json": progress.text(kept),
        folder / "story.lab": STORY,
        folder / "failing.lab": f"{STORY}expect counts == 7\nprocess e2 world\n",
        folder / "long.lab": "process hello\n" * 300,
        folder / "sweep.lab": f"{STORY}sweep\n",
        folder / "sample.md": GOOD,
        folder / "answers.txt": ANSWERS,
        folder / "record.txt": "no record\n",
    }.items():
        files.write(path, text)
    SqliteStore(str(folder / "sound.db")).close()


def run(command: Command, folder: Path, streams: Streams) -> Ended:
    """Run a command to its end."""
    program = [sys.executable, "-m", command.module, *command.line.split()]
    kept = {key: value for key, value in os.environ.items() if key != "FORCE_COLOR"}
    process = subprocess.Popen(
        ["sh", "-c", f'exec "$@" {streams.redirect}', "sh", *program],
        cwd=folder,
        env={
            **kept,
            "PYTHONPATH": str(ROOT),
            "XDG_STATE_HOME": str(folder / "state"),
            "PYTHONUNBUFFERED": streams.unbuffered,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert process.stdin
    assert process.stdout
    typed: str | None = command.typed
    if streams == GONE_LATER:
        process.stdin.write(command.typed)
        process.stdin.close()
        process.stdin, typed = None, None
        process.stdout.readline()
    if streams.reader:
        process.stdout.close()
    out, err = process.communicate(typed, timeout=60)
    written = {path.name: path.read_bytes() for path in folder.glob("out.*")}
    return Ended(process.returncode, out, err, written)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """Every command, with every kind of stream that makes a difference to it."""
    with ThreadPoolExecutor(4) as pool:
        made = Runs(tmp_path_factory.mktemp("streams"), pool)
        for name, command in COMMANDS.items():
            for streams in (SOUND, GONE, *map(Streams, OUTPUTS.values()), deaf(name)):
                made.start(name, streams)
            for redirect in INPUTS.values() if command.reads else ():
                made.start(name, Streams(redirect))
        for name in LONG:
            made.start(name, GONE_LATER)
        for name in COMPLAINING:
            made.start(name, Streams("2>/dev/full"))
            for redirect in OUTPUTS.values():
                made.start(name, Streams(redirect, unbuffered="1"))
        yield made


def deaf(name: str) -> Streams:
    """Return the streams of a command that hears nothing it has to, and is not heard."""
    return Streams("2>&-" if COMMANDS[name].reads else "2>&- <&-")


def told(found: Ended, sound: Ended) -> None:
    """Hold a command to its word whose standard output could not be written."""
    if not sound.out:
        assert found == sound
        return
    assert found.status == (sound.status or 1)
    assert found.err.startswith(sound.err)
    assert UNWRITTEN.fullmatch(found.err.removeprefix(sound.err)), found.err
    assert found.files == sound.files


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
@pytest.mark.parametrize("name", COMMANDS)
def test_an_output_that_cannot_be_written_is_one_line_and_status_1(
    name: str, output: str, runs: Runs
) -> None:
    told(runs.ended(name, Streams(output)), runs.ended(name))


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
@pytest.mark.parametrize("name", COMPLAINING)
def test_an_unbuffered_output_is_no_exception(name: str, output: str, runs: Runs) -> None:
    told(runs.ended(name, Streams(output, unbuffered="1")), runs.ended(name))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_reader_that_is_gone_changes_nothing(name: str, runs: Runs) -> None:
    assert runs.ended(name, GONE) == runs.ended(name)._replace(out="")


@pytest.mark.parametrize("name", LONG)
def test_a_reader_that_goes_after_a_line_changes_nothing(name: str, runs: Runs) -> None:
    assert runs.ended(name, GONE_LATER) == runs.ended(name)._replace(out="")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_closed_error_output_changes_nothing_nor_does_an_input_that_nobody_reads(
    name: str, runs: Runs
) -> None:
    assert runs.ended(name, deaf(name)) == runs.ended(name)._replace(err="")


@pytest.mark.parametrize("name", COMPLAINING)
def test_a_full_error_output_changes_nothing(name: str, runs: Runs) -> None:
    sound = runs.ended(name)
    assert sound.err
    assert runs.ended(name, Streams("2>/dev/full")) == sound._replace(err="")


@pytest.mark.parametrize("way", ["closed", "only to write to"])
@pytest.mark.parametrize("name", READING)
def test_an_input_that_cannot_be_read_is_one_line_and_status_1(
    name: str, way: str, runs: Runs
) -> None:
    found = runs.ended(name, Streams(INPUTS[way]))
    assert (found.status, bool(UNREAD.fullmatch(found.err))) == (1, True), found.err


@pytest.mark.parametrize("name", READING)
def test_a_folder_for_input_ends_it_without_a_traceback(name: str, runs: Runs) -> None:
    """Python itself refuses one before any code of ours runs."""
    found = runs.ended(name, Streams(INPUTS["a folder"]))
    assert found.status == 1
    assert "Traceback" not in found.err


# What comes, and how it goes


@pytest.mark.parametrize("line", ["run -", "lesson 1 --script -"])
def test_an_input_that_is_no_text_is_told_as_such_a_file_is(line: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "repl", *line.split()],
        cwd=ROOT,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
        input=b"\xff\xfe\n",
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 2
    said = "cannot read standard input: it is not UTF-8 text"
    assert ended.stderr.decode() == f"oncelab {line.split(maxsplit=1)[0]}: {said}\n"


@pytest.mark.parametrize("line", ["run -", "lesson 1 --script -"])
def test_an_input_without_an_end_is_one_line_and_status_1(line: str) -> None:
    with Path("/dev/zero").open("rb") as endless:
        ended = subprocess.run(
            [sys.executable, "-m", "repl", *line.split()],
            cwd=ROOT,
            stdin=endless,
            capture_output=True,
            check=False,
        )
    assert (ended.returncode, bool(UNREAD.fullmatch(ended.stderr.decode()))) == (1, True)


def test_an_output_that_does_not_wait_loses_nothing() -> None:
    ours, its = os.pipe()
    os.set_blocking(its, False)
    out = OutStream(its, None)
    with ThreadPoolExecutor(1) as pool:
        printed = pool.submit(print, "x" * 1_000_000, file=out, flush=True)
        read = b""
        while len(read) < 1_000_001:
            read += os.read(ours, 1 << 16)
        printed.result()
    assert lost(out) is None
    os.close(ours)
    print("more", file=out, flush=True)
    assert isinstance(lost(out), BrokenPipeError)
    os.close(its)


def test_a_stream_that_somebody_has_put_in_place_stays(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdin, sys.stdout, sys.stderr
    streams = Standard()
    assert (sys.stdin, sys.stdout, sys.stderr) == before
    sys.stdout.write("here\n")
    assert streams.finish() is None
    streams.leave()
    assert capsys.readouterr().out == "here\n"
