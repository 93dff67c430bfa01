"""A book through the node: counts and outputs must be what a plain count says.

    python tests/bench/book.py [FILE | --words N]

Each word of a text is an event. They are sent with retries, checkpoints, commits and
restores, many of them behind a commit, after which the source sends from the restored
place again. However wild that was, the counts at the end must be those of the text, and
every word must have been committed once. By default the text is the King James Bible,
if Debian's `bible-kjv` is there to print it, or else the licences every Debian has.
"""

import argparse
import json
import random
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench import streams

ROOT = Path(__file__).resolve().parents[2]

LICENCES = Path("/usr/share/common-licenses")

RETRY = 1 / 5
CHECKPOINT = 1 / 300
COMMIT = 1 / 700
RESTORE = 1 / 3_000
"""The chances of each after an event. A restore goes back some thousand events: much more
often, and the book would never end."""

NAMES = [f"cp{number}" for number in range(8)]
"""Checkpoints to choose from: some before the last commit, some ahead of the source."""


@dataclass
class Source:
    """The words of a book as a log, sent at least once; counts what it does."""

    words: list[str]
    seed: int
    tally: Counter[str] = field(default_factory=Counter)

    def requests(self) -> Iterator[streams.Body]:
        """Yield the whole run; its last request but one is the restore whose reply tells."""
        self.tally.clear()
        for msg_id, (kind, fields) in enumerate(self._steps(), 1):
            self.tally[kind] += 1
            yield {"type": kind, "msg_id": msg_id, **fields}

    def _steps(self) -> Iterator[tuple[str, streams.Body]]:
        rng = random.Random(self.seed)  # noqa: S311 - a stream, not a secret
        offset = committed = 0
        offsets: dict[str, int] = {}
        while offset < len(self.words):
            yield "process", self._event(offset)
            offset += 1
            if rng.random() < RETRY:
                self.tally["retry"] += 1
                yield "process", self._event(rng.randrange(max(0, offset - 50), offset))
            if rng.random() < CHECKPOINT:
                name = rng.choice(NAMES)
                offsets[name] = offset
                yield "checkpoint", {"checkpoint_id": name}
            if rng.random() < COMMIT:
                committed = max(committed, offset)
                yield "commit", {}
            if offsets and rng.random() < RESTORE:
                name = rng.choice(list(offsets))
                self.tally["behind a commit"] += offsets[name] < committed
                offset = offsets[name]
                yield "restore", {"checkpoint_id": name}
        yield "commit", {}
        yield "checkpoint", {"checkpoint_id": "end"}
        yield "restore", {"checkpoint_id": "end"}
        yield "commit", {}

    def _event(self, number: int) -> streams.Body:
        return {"event_id": f"e{number}", "word": self.words[number]}


def book(file: Path | None, synthetic: int) -> tuple[str, list[str]]:
    """Return the name of the text and its words, in small letters."""
    if synthetic:
        return f"{synthetic:,} made-up words", list(islice(streams.words(1), synthetic))
    if file is not None:
        name, text = str(file), file.read_text(encoding="utf-8", errors="replace")
    elif text := bible():
        name = "the King James Bible"
    else:
        files = sorted(path for path in LICENCES.glob("*") if not path.is_symlink())
        name = f"the licences in {LICENCES}"
        text = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files)
    return name, re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower())


def bible() -> str:
    """Return the text of `bible-kjv-text`, which only its own reader unpacks, or nothing."""
    reader = shutil.which("bible")
    if reader is None:
        return ""
    command = [reader, "-f", "Gen1:1-Rev22:21"]
    printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return "\n".join(verse.partition(" ")[2] for verse in printed.splitlines())


def pipe(command: list[str], requests: bytes) -> tuple[bytes, int, float]:
    """Pipe the requests through a node; return replies, exit status and seconds."""
    began = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        threading.Thread(target=feed, args=(child.stdin, requests)).start()
        replies = child.stdout.read()
    return replies, child.returncode, time.perf_counter() - began


def feed(stdin: IO[bytes], requests: bytes) -> None:
    """Write everything and close, unless the node ends before."""
    with suppress(BrokenPipeError), stdin:
        stdin.write(requests)


def faults(replies: bytes, source: Source) -> Iterator[str]:
    """Say everything that is wrong with the replies; the right totals are counted here."""
    try:
        bodies = [json.loads(line) for line in replies.splitlines()]
    except ValueError as fault:
        yield f"a reply is not JSON: {fault}"
        return
    asked = [body["msg_id"] for body in source.requests()]
    if [body["in_reply_to"] for body in bodies] != asked:
        yield f"{len(bodies):,} replies to {len(asked):,} requests, or not in their order"
    if errors := [body for body in bodies if body["type"] == "error"]:
        yield f"{len(errors):,} errors, the first: {errors[0]}"
    outputs = sum(body.get("output_count", 0) for body in bodies)
    if outputs != len(source.words):
        yield f"{outputs:,} outputs of {len(source.words):,} distinct events"
    duplicates = sum(body.get("was_duplicate", False) for body in bodies)
    if duplicates != source.tally["retry"]:
        yield f"{duplicates:,} duplicates found of {source.tally['retry']:,} sent"
    counts: dict[str, int] = {}
    for body in bodies:
        counts = body.get("counts", counts)
    right = Counter(source.words)
    if list(counts.items()) != list(right.items()):
        off = [word for word in right | Counter(counts) if right[word] != counts.get(word, 0)]
        yield f"{len(off):,} wrong counts, of {off[:5]}" if off else "counts in another order"


def main() -> int:
    """Send the book, compare, report; return 0 if everything is exact, else 1."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", nargs="?", type=Path, help="a text (default: see above)")
    parser.add_argument("--words", type=int, default=0, help="send made-up words, so many")
    parser.add_argument("--seed", type=int, default=1, help="another order of what goes wrong")
    parser.add_argument("--node", default=f"{shlex.quote(sys.executable)} -m core")
    options = parser.parse_args()
    try:
        name, words = book(options.file, options.words)
    except OSError as fault:
        parser.error(f"cannot read the text: {fault}")
    source = Source(words, options.seed)
    requests = "".join(f"{line}\n" for line in streams.canonical(source.requests())).encode()
    replies, status, seconds = pipe(shlex.split(options.node), requests)
    wrong = [f"the node ended with {status}"] if status else []
    wrong += faults(replies, source)
    tally = source.tally
    print(f"{'WRONG' if wrong else 'exact'}: {name}, {len(set(words)):,} different words")
    for line in wrong:
        print(f"  {line}")
    print(f"events      {len(words):>10,}   in {tally['process']:,} deliveries")
    print(f"duplicates  {tally['retry']:>10,}")
    print(f"checkpoints {tally['checkpoint']:>10,}")
    print(f"restores    {tally['restore']:>10,}   {tally['behind a commit']:,} behind a commit")
    print(f"commits     {tally['commit']:>10,}")
    print(f"seconds     {seconds:>10.2f}")
    print(f"events/s    {tally['process'] / seconds:>10,.0f}   deliveries in a second")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
