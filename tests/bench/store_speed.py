"""What durability costs: ratios from one run, and the disk's own syncs a second beside them.

    python tests/bench/store_speed.py [--events 1000000] [--folder DIR] [--only NAME]

The programs take turns and the best run of each counts. Times are wall-clock times, as a
sync costs no CPU; on a busy machine look at the CPU in brackets, too.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.store.sqlite import SqliteStore
from tests.bench import streams

ROOT = Path(__file__).resolve().parents[2]
NODE = [sys.executable, "-m", "core"]
SLICES, SLICE = 40, 25


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
        """Compare the durable node with the one in memory on a bulk pipe, and open its store."""
        memory, durable, opening = [], [], []
        for _ in range(self.runs):
            memory.append(run(NODE, self.stream))
            self.clear()
            command = [*NODE, "--store", str(self.store)]
            durable.append(run(command, self.stream))
            opening.append(run(command, Path(os.devnull)))
        plain, kept, opened = min(memory), min(durable), min(opening)
        yield f"in memory            {plain}"
        yield f"durable              {kept}"
        cpu = min(use.cpu for use in memory) / min(use.cpu for use in durable)
        ratio = plain.wall / kept.wall
        yield f"durable throughput   {ratio:.2f} x in memory (by CPU {cpu:.2f})   >= 0.4"
        single = 1 / self.one_by_one(self.folder / "single")
        rate = self.events / kept.wall
        yield f"one write an event   {rate / single:.0f} x as slow ({single:,.0f}/s)   >= 30"
        more = (kept.peak - plain.peak) / 1024
        yield f"memory               {more:+.0f} MiB   <= +64"
        size = sum(each.stat().st_size for each in self.folder.glob("store*")) / (1 << 20)
        requests = self.stream.stat().st_size / (1 << 20)
        yield f"file                 {size:.0f} MiB of {requests:.0f} MiB of requests"
        yield f"opening it           {opened}   <= 2 s"

    def request(self) -> Iterator[str]:
        """Compare a request and its reply with a bare write and fdatasync."""
        bare, kept, plain = [], [], []
        for _ in range(self.runs):
            bare.append(bare_sync(self.folder / "bare", 200))
            self.clear()
            kept.append(round_trip([*NODE, "--store", str(self.store)]))
            plain.append(round_trip(NODE))
        yield f"bare write and sync  {min(bare) * 1e6:.0f} us, {1 / min(bare):,.0f} syncs a second"
        yield f"in memory, a request {min(plain) * 1e6:.0f} us"
        yield f"durable, a request   {min(kept) * 1e6:.0f} us"
        yield f"durable / bare       {min(kept) / min(bare):.2f}   <= 1.5"

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
            store.write(processor.take())

        seconds = best_slice(write)
        store.close()
        return seconds


def best_slice(act: Callable[[int], None]) -> float:
    """Return the seconds of one act, from the best of many slices: others use the disk, too."""
    best = float("inf")
    for start in range(0, SLICES * SLICE, SLICE):
        began = time.perf_counter()
        for number in range(start, start + SLICE):
            act(number)
        best = min(best, (time.perf_counter() - began) / SLICE)
    return best


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


def bare_sync(path: Path, size: int) -> float:
    """Return the seconds of one write and fdatasync."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def write(_: int) -> None:
        os.write(file, b"x" * size)
        os.fdatasync(file)

    seconds = best_slice(write)
    os.close(file)
    return seconds


def round_trip(command: list[str]) -> float:
    """Return the seconds of a request whose reply is waited for."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, bufsize=0, cwd=ROOT) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        requests, replies = child.stdin, child.stdout

        def ask(number: int) -> None:
            line = f'{{"type":"process","msg_id":1,"event_id":"e{number}","word":"hello"}}\n'
            requests.write(line.encode())
            replies.read(1 << 16)

        return best_slice(ask)


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
