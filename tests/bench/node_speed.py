"""How fast and how large the node is, beside a plain one: figures, never a verdict.

    python tests/bench/node_speed.py [--events 1000000] [--only NAME]

CPU is user + system time of the child, the best of a few runs, with the programs taking
turns so that a busy minute of the machine hits all of them. Peak memory is the child's
own. The wall clock is read only for the start and for a single checkpoint.
"""

import argparse
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.processor import Processor
from tests.bench import streams

ROOT = Path(__file__).resolve().parents[2]

NAIVE = [sys.executable, str(Path(__file__).with_name("naive_node.py"))]
LOADS = [sys.executable, "-c", "import json, sys\nfor line in sys.stdin: json.loads(line)"]
BARE = [sys.executable, "-c", "import json"]
FIRST = b'{"type":"process","msg_id":1,"event_id":"e1","word":"hello"}\n'
STARTS = 20
CHECKPOINTS = 2_000


class Usage(NamedTuple):
    """What one run took: CPU seconds, peak KiB, and a checksum of its replies."""

    cpu: float
    peak: int
    replies: int

    def least(self, other: "Usage") -> "Usage":
        """Return the lesser figures of two runs on the same stream."""
        return Usage(min(self.cpu, other.cpu), min(self.peak, other.peak), self.replies)


class Row(NamedTuple):
    """One line of the table: what was measured, the figures, the result, the target."""

    measure: str
    figures: str
    result: float
    target: str

    def __str__(self) -> str:
        """Lay the columns out."""
        return f"{self.measure:<44} {self.figures:>20} {self.result:>7.2f}   {self.target}"


class Bench:
    """Streams on disk, and the best run of each program on each."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        """Measure as the options say; streams go into this folder."""
        self.node: list[str] = shlex.split(options.node)
        self.events: int = options.events
        self.runs: int = options.runs
        self.null: bool = options.null
        self.folder = folder
        self._best: dict[tuple[str, Path], Usage] = {}

    def stream(self, form: str) -> Path:
        """Return the plain stream in a form, written when first asked for."""
        path = self.folder / form
        if not path.exists():
            streams.write(path, streams.requests(self.events), streams.FORMS[form])
        return path

    def best(self, *pairs: tuple[list[str], Path]) -> list[Usage]:
        """Run each command on its stream, in turns; return the least each one took."""
        keys = [(shlex.join(command), path) for command, path in pairs]
        missing = [pair for pair, key in zip(pairs, keys, strict=True) if key not in self._best]
        for _ in range(self.runs):
            for command, path in missing:
                usage = run(command, path, null=self.null)
                key = (shlex.join(command), path)
                earlier = self._best.get(key, usage)
                self._best[key] = usage.least(earlier)
        return [self._best[key] for key in keys]

    def forms(self, form: str, target: str) -> Iterator[Row]:
        """Compare the CPU of the naive node and ours on one form of the stream."""
        path = self.stream(form)
        naive, ours = self.best((NAIVE, path), (self.node, path))
        if naive.replies != ours.replies:
            print(f"the replies to {form} differ from the naive node's")
        yield seconds(f"CPU, {form}: naive / ours", naive.cpu, ours.cpu, target)

    def loads(self) -> Iterator[Row]:
        """Compare the CPU of ours and of a loop that only reads the JSON."""
        path = self.stream("canonical")
        ours, loads = self.best((self.node, path), (LOADS, path))
        yield seconds("CPU, canonical: ours / json.loads alone", ours.cpu, loads.cpu, "< 1")

    def memory(self) -> Iterator[Row]:
        """Compare peak memory."""
        path = self.stream("canonical")
        ours, naive = self.best((self.node, path), (NAIVE, path))
        figures = f"{ours.peak / 1024:.0f} / {naive.peak / 1024:.0f} MiB"
        yield Row("peak memory: ours / naive", figures, ours.peak / naive.peak, "<= 0.6")

    def checkpoints(self) -> Iterator[Row]:
        """Compare ours with a checkpoint every 100 events and without any."""
        path = self.folder / "checkpoints"
        streams.write(path, streams.requests(self.events, checkpoint_every=100))
        often, never = self.best((self.node, path), (self.node, self.stream("canonical")))
        yield seconds("CPU, checkpoint every 100: with / without", often.cpu, never.cpu, "<= 1.25")

    def restores(self) -> Iterator[Row]:
        """Compare ours with restores and with as many process lines and no restore."""
        path, plain = self.folder / "restores", self.folder / "as-many"
        bodies = streams.requests(self.events, checkpoint_every=100, restore_every=1_000)
        streams.write(plain, streams.requests(streams.write(path, bodies)))
        often, never = self.best((self.node, path), (self.node, plain))
        yield seconds("CPU, restore every 1,000: with / without", often.cpu, never.cpu, "<= 1.5")

    def start(self) -> Iterator[Row]:
        """Compare the time to the first reply with a Python that only imports json."""
        pairs = [(first_reply(self.node), to_exit(BARE)) for _ in range(STARTS)]
        ours, bare = (statistics.median(times) * 1e3 for times in zip(*pairs, strict=True))
        figures = f"{ours:.1f} / {bare:.1f} ms"
        yield Row("start to first reply: ours / import json", figures, ours / bare, "<= 1.8")

    def checkpoint(self) -> Iterator[Row]:
        """Time one checkpoint of the processor itself, small and large."""
        small, large = checkpoint_time(10_000), checkpoint_time(1_000_000)
        yield Row("one checkpoint at 10,000 ids", "microseconds", small, "<= 2")
        yield Row("one checkpoint at 1,000,000 ids", "microseconds", large, "<= 2")
        yield Row("checkpoint: 1,000,000 ids / 10,000 ids", "", large / small, "1")


MEASURES: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "canonical": lambda bench: bench.forms("canonical", ">= 5"),
    "loads": Bench.loads,
    "envelope": lambda bench: bench.forms("envelope", ">= 5"),
    "spacing": lambda bench: bench.forms("spacing", ">= 2.8"),
    "shuffled": lambda bench: bench.forms("shuffled", ">= 2.8"),
    "memory": Bench.memory,
    "checkpoints": Bench.checkpoints,
    "restores": Bench.restores,
    "start": Bench.start,
    "checkpoint": Bench.checkpoint,
}
"""The single checkpoint comes last: it fills this very process, and a child's peak counts
what its parent held when it was forked."""


def seconds(measure: str, upper: float, lower: float, target: str) -> Row:
    """Return the row of a ratio of two CPU times."""
    return Row(measure, f"{upper:.2f} / {lower:.2f} s", upper / lower, target)


def run(command: list[str], requests: Path, *, null: bool) -> Usage:
    """Run a program on a stream, its replies to a drained pipe or to nowhere."""
    stdout = subprocess.DEVNULL if null else subprocess.PIPE
    with requests.open("rb") as source:
        child = subprocess.Popen(command, stdin=source, stdout=stdout, cwd=ROOT)
    replies = 0
    if child.stdout is not None:
        with child.stdout as pipe:
            while data := os.read(pipe.fileno(), 1 << 20):
                replies = zlib.crc32(data, replies)
    _, status, spent = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{shlex.join(command)} ended with {child.returncode}")
    return Usage(spent.ru_utime + spent.ru_stime, spent.ru_maxrss, replies)


def first_reply(command: list[str]) -> float:
    """Return the seconds from the start of a node to its first reply."""
    began = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, cwd=ROOT
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(FIRST)
        child.stdout.read(1 << 16)
        return time.perf_counter() - began


def to_exit(command: list[str]) -> float:
    """Return the seconds from the start of a program to its end."""
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True)
    return time.perf_counter() - began


def checkpoint_time(ids: int) -> float:
    """Return the median microseconds of a checkpoint with so many ids seen.

    An event is processed before each, so that there is something new to save.
    """
    processor, word = Processor(), streams.words(1)
    for number in range(ids):
        processor.process(f"e{number}", next(word))
    times = []
    for number in range(CHECKPOINTS):
        processor.process(f"f{number}", next(word))
        began = time.perf_counter_ns()
        processor.checkpoint(f"cp{number}")
        times.append(time.perf_counter_ns() - began)
    return statistics.median(times) / 1e3


def main() -> None:
    """Measure what was asked for and print the table, row by row."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000, help="process requests a stream")
    parser.add_argument("--only", choices=MEASURES, help="this measure alone")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the best counts")
    parser.add_argument("--null", action="store_true", help="replies to /dev/null, not a pipe")
    parser.add_argument("--node", default=f"{shlex.quote(sys.executable)} -m core")
    options = parser.parse_args()
    print(f"{'measure':<44} {'figures':>20} {'result':>7}   target")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options, Path(folder))
        for name in [options.only] if options.only else MEASURES:
            for row in MEASURES[name](bench):
                print(row, flush=True)


if __name__ == "__main__":
    main()
