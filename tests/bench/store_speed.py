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
SYNCS = 1_000
ONE_BY_ONE = 2_000


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
        yield f"durable throughput   {plain.wall / kept.wall:.2f} x in memory (CPU {cpu:.2f})   >= 0.4"
        single = 1 / self.one_by_one(self.folder / "single", 300)
        rate = self.events / kept.wall
        yield f"one write an event   {rate / single:.0f} x as slow ({single:,.0f}/s)   >= 30"
        more = (kept.peak - plain.peak) / 1024
        yield f"memory               {more:+.0f} MiB   <= +64"
        size = sum(each.stat().st_size for each in self.folder.glob("store*")) / (1 << 20)
        yield f"file                 {size:.0f} MiB, {self.stream.stat().st_size >> 20} MiB of requests"
        yield f"opening it           {opened}   <= 2 s"

    def request(self) -> Iterator[str]:
        """Compare a request and its reply with a bare write and fdatasync."""
        bare, kept, plain = [], [], []
        for _ in range(self.runs):
            bare.append(bare_sync(self.folder / "bare", 200))
            self.clear()
            kept.append(round_trip([*NODE, "--store", str(self.store)], ONE_BY_ONE))
            plain.append(round_trip(NODE, ONE_BY_ONE))
        yield f"bare write and sync  {min(bare) * 1e6:.0f} us, {1 / min(bare):,.0f} syncs a second"
        yield f"in memory, a request {min(plain) * 1e6:.0f} us"
        yield f"durable, a request   {min(kept) * 1e6:.0f} us"
        yield f"durable / bare       {min(kept) / min(bare):.2f}   <= 1.5"

    def start(self) -> Iterator[str]:
        """Compare the time to the first reply with and without a store."""
        plain, kept = [], []
        self.clear()
        for _ in range(10):
            plain.append(round_trip(NODE, 1, whole=True))
            kept.append(round_trip([*NODE, "--store", str(self.store)], 1, whole=True))
        yield f"start to first reply {min(plain) * 1e3:.0f} ms, with a store {min(kept) * 1e3:.0f} ms"

    def clear(self) -> None:
        """Remove the store."""
        for each in self.folder.glob("store*"):
            each.unlink()

    def one_by_one(self, path: Path, events: int) -> float:
        """Return the seconds of a write of one event, best of a few."""
        store = SqliteStore(path)
        processor = store.load()
        best = float("inf")
        for start in range(0, events, events // 3):
            began = time.perf_counter()
            for number in range(start, start + events // 3):
                processor.process(f"e{number}", "hello")
                store.write(processor.take())
            best = min(best, (time.perf_counter() - began) / (events // 3))
        store.close()
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
    """Return the seconds of one write and fdatasync, the best of a few hundred in a row."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    began = time.perf_counter()
    for _ in range(SYNCS):
        os.write(file, b"x" * size)
        os.fdatasync(file)
    os.close(file)
    return (time.perf_counter() - began) / SYNCS


def round_trip(command: list[str], requests: int, *, whole: bool = False) -> float:
    """Return the seconds of a request whose reply is waited for; `whole`: from the start on."""
    pipe = subprocess.PIPE
    began = time.perf_counter()
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, bufsize=0, cwd=ROOT) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for number in range(requests + 1):
            if number == 1 and not whole:
                began = time.perf_counter()  # the first one waited for the start
            line = f'{{"type":"process","msg_id":1,"event_id":"e{number}","word":"hello"}}\n'
            child.stdin.write(line.encode())
            child.stdout.read(1 << 16)
            if whole:
                break
        return (time.perf_counter() - began) / requests


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
