"""What durability costs: ratios from one run, and the disk's own syncs a second beside them.

    python tests/bench/store_speed.py [--events 1000000] [--folder DIR] [--only NAME]

The programs take turns and the best run of each counts; of requests, of which there are
many, the median too. Times are wall-clock times, as a sync costs no CPU; on a busy machine
look at the CPU in brackets, too.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.store.sqlite import SqliteStore
from tests.bench import streams

ROOT = Path(__file__).resolve().parents[2]
NODE = [sys.executable, "-m", "core"]
SLICES, SLICE = 40, 25

BARE_NODE = """\
import os, sys, tempfile
file = tempfile.TemporaryFile(dir=sys.argv[1])
while data := os.read(0, 65536):
    os.write(file.fileno(), data)
    os.fdatasync(file.fileno())
    os.write(1, data)
"""


def once(body: streams.Body) -> streams.Body:
    """Give an event an id that no other has."""
    return body | {"event_id": f"e{body['msg_id']}"} if "event_id" in body else body


class Usage(NamedTuple):
    """What a run took: seconds by the clock, CPU seconds, peak KiB."""

    wall: float
    cpu: float
    peak: int

    def __str__(self) -> str:
        """Show all three."""
        return f"{self.wall:.2f} s ({self.cpu:.2f} s CPU, {self.peak / 1024:.0f} MiB)"


class Bench:
    """One stream, and a folder on the disk to measure."""

    def __init__(self, events: int, runs: int, folder: Path) -> None:
        """Write the stream."""
        self.events, self.runs, self.folder = events, runs, folder
        self.stream = folder / "stream"
        self.store = folder / "store"
        streams.write(self.stream, streams.requests(events))

    def bulk(self) -> Iterator[str]:
        """Compare the durable node with the one in memory on a bulk pipe."""
        memory, durable = [], []
        for _ in range(self.runs):
            memory.append(run(NODE, self.stream))
            self.clear()
            durable.append(run([*NODE, "--store", str(self.store)], self.stream))
        plain, kept = min(memory), min(durable)
        yield f"in memory            {plain}"
        yield f"durable              {kept}"
        cpu = min(use.cpu for use in memory) / min(use.cpu for use in durable)
        ratio = plain.wall / kept.wall
        yield f"durable throughput   {ratio:.2f} x in memory (by CPU {cpu:.2f})   >= 0.5"
        single = 1 / self.one_by_one(self.folder / "single")
        rate = self.events / kept.wall
        yield f"one write an event   {rate / single:.0f} x as slow ({single:,.0f}/s)   >= 30"
        more = (kept.peak - plain.peak) / 1024
        yield f"memory               {more:+.0f} MiB   <= +64"
        size = sum(each.stat().st_size for each in self.folder.glob("store*")) / (1 << 20)
        requests = self.stream.stat().st_size / (1 << 20)
        yield f"file                 {size:.0f} MiB of {requests:.0f} MiB of requests"

    def opening(self) -> Iterator[str]:
        """Open a store of so many events, each applied once and all committed."""
        self.clear()
        events = self.folder / "events"
        streams.write(events, map(once, streams.requests(self.events)))
        command = [*NODE, "--store", str(self.store)]
        filling = [run(command, events)]
        opening = [first_reply(command) for _ in range(2 * self.runs)]
        again = [run(command, Path(os.devnull)) for _ in range(self.runs)]
        memory = min(run(NODE, events) for _ in range(self.runs))
        peak = (min(again).peak - memory.peak) / 1024
        yield f"filling a store      {min(filling)}, {self.events:,} events"
        yield f"opening it           {min(opening):.2f} s to the first reply   <= 2 s"
        yield f"in memory, the same  {memory}"
        yield f"memory after opening {peak:+.0f} MiB   <= +64"

    def request(self) -> Iterator[str]:
        """Compare a request and its reply with a bare write and fdatasync, alone and in a node."""
        self.clear()
        bare_node = [sys.executable, "-c", BARE_NODE, str(self.folder)]
        with ExitStack() as stack:
            acts = {
                "bare write and sync": bare_sync(stack, self.folder / "bare"),
                "a node of just that": round_trip(stack, bare_node),
                "in memory, a request": round_trip(stack, NODE),
                "durable, a request": round_trip(stack, [*NODE, "--store", str(self.store)]),
            }
            times = slices(acts, 40 * self.runs)
        bare = times["bare write and sync"]
        for name, spent in times.items():
            best, median = min(spent), statistics.median(spent)
            yield (
                f"{name:20} {best * 1e6:.0f} us, median {median * 1e6:.0f} us: "
                f"{best / min(bare):.2f}, {median / statistics.median(bare):.2f} x bare"
            )
        yield f"syncs a second       {1 / min(bare):,.0f}; durable / bare <= 1.5"

    def start(self) -> Iterator[str]:
        """Compare the time to the first reply with and without a store."""
        plain, kept = [], []
        self.clear()
        for _ in range(10):
            plain.append(first_reply(NODE))
            kept.append(first_reply([*NODE, "--store", str(self.store)]))
        first, stored = min(plain) * 1e3, min(kept) * 1e3
        yield f"start to first reply {first:.0f} ms, with a store {stored:.0f} ms"

    def clear(self) -> None:
        """Remove the store."""
        for each in self.folder.glob("store*"):
            each.unlink()

    def one_by_one(self, path: Path) -> float:
        """Return the seconds of a write of one event."""
        store = SqliteStore(path)
        processor = store.load()

        def write(number: int) -> None:
            processor.process(f"e{number}", "hello")
            store.write(processor.drain())

        (times,) = slices({"": write}, SLICES).values()
        store.close()
        return min(times)


def slices(acts: dict[str, Callable[[int], None]], number: int) -> dict[str, list[float]]:
    """Return the seconds of one act in each of many slices, in which the acts take turns.

    Others use the disk, too.
    """
    times: dict[str, list[float]] = {name: [] for name in acts}
    for start in range(0, number * SLICE, SLICE):
        for name, act in acts.items():
            began = time.perf_counter()
            for each in range(start, start + SLICE):
                act(each)
            times[name].append((time.perf_counter() - began) / SLICE)
    return times


def run(command: list[str], requests: Path) -> Usage:
    """Run a node on a stream, its replies to nowhere."""
    began = time.perf_counter()
    with requests.open("rb") as source:
        child = subprocess.Popen(command, stdin=source, stdout=subprocess.DEVNULL, cwd=ROOT)
    _, status, spent = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    cpu = spent.ru_utime + spent.ru_stime
    return Usage(time.perf_counter() - began, cpu, spent.ru_maxrss)


def bare_sync(stack: ExitStack, path: Path) -> Callable[[int], None]:
    """Return a write and fdatasync of 200 bytes."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    stack.callback(os.close, file)

    def write(_: int) -> None:
        os.write(file, b"x" * 200)
        os.fdatasync(file)

    return write


def round_trip(stack: ExitStack, command: list[str]) -> Callable[[int], None]:
    """Start a node; return a request to it whose reply is waited for."""
    pipe = subprocess.PIPE
    child = stack.enter_context(
        subprocess.Popen(command, stdin=pipe, stdout=pipe, bufsize=0, cwd=ROOT)
    )
    assert child.stdin is not None
    assert child.stdout is not None
    requests, replies = child.stdin, child.stdout

    def ask(number: int) -> None:
        line = f'{{"type":"process","msg_id":1,"event_id":"e{number}","word":"hello"}}\n'
        requests.write(line.encode())
        replies.read(1 << 16)

    return ask


def first_reply(command: list[str]) -> float:
    """Return the seconds from the start of a node to its first reply."""
    pipe = subprocess.PIPE
    began = time.perf_counter()
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, bufsize=0, cwd=ROOT) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(b'{"type":"commit","msg_id":1}\n')
        child.stdout.read(1 << 16)
        return time.perf_counter() - began


MEASURES: dict[str, Callable[[Bench], Iterator[str]]] = {
    "bulk": Bench.bulk,
    "opening": Bench.opening,
    "request": Bench.request,
    "start": Bench.start,
}


def main() -> None:
    """Measure what was asked for and print it, line by line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000, help="process requests")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the best counts")
    parser.add_argument("--folder", help="a folder on the disk to measure (default: temporary)")
    parser.add_argument("--only", choices=MEASURES, help="this measure alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        bench = Bench(options.events, options.runs, Path(folder))
        for name in [options.only] if options.only else MEASURES:
            for line in MEASURES[name](bench):
                print(line, flush=True)


if __name__ == "__main__":
    main()
