"""What a power cut can leave of a folder, from a trace of what was done to it (`shim.c`).

A write is certain when its file was synced behind it. Until then any of them may be on the
disk and any may not, in part even; what was done to the names in the folder is there up to
some point, as file systems with a journal have it, and certain when the folder was synced.
"""

import random
import subprocess
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

SECTOR = 512

SOURCE = Path(__file__).with_name("shim.c")

Names = dict[str, int]
"""Each name in the folder to the number of its file."""

Left = dict[str, bytes]
"""What a power cut leaves: each name in the folder to what is in the file."""


def shim(folder: Path) -> Path:
    """Compile the shim into a folder; return where it is."""
    made = folder / "shim.so"
    command = ["gcc", "-shared", "-fPIC", "-O1", "-o", str(made), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True)
    return made


class Call(NamedTuple):
    """A call of the system: its name, its arguments, and the bytes it wrote."""

    name: str
    arguments: list[str]
    data: bytes


def calls(trace: bytes) -> Iterator[Call]:
    """Yield what stands in a trace."""
    at = 0
    while at < len(trace):
        end = trace.index(b"\n", at)
        name, *arguments = trace[at:end].decode().split(" ")
        at = end + 1
        size = int(arguments[-1]) if name in {"write", "reply"} else 0
        yield Call(name, arguments, trace[at : at + size])
        at += size


class Write(NamedTuple):
    """A write that is not certain: to which file, where, and what; no data: its new length."""

    file: int
    at: int
    data: bytes | None

    def half(self) -> "Write":
        """Return the first half of it, in whole sectors if it has some."""
        assert self.data is not None
        size = len(self.data) // 2
        return self._replace(data=self.data[: size // SECTOR * SECTOR or size])


class Folder:
    """A folder, as far as it is certain, and what else was done to it."""

    def __init__(self, path: Path) -> None:
        """Begin with an empty one at this path."""
        self._path = str(path)
        self.files: list[bytearray] = []
        self.names: Names = {}
        self.writes: list[Write] = []
        self.renamed: list[Names] = []
        """The names after each thing that was done to them since they were certain."""
        self.now: Names = {}
        self._opened: dict[int, int | None] = {}
        """Each descriptor to its file; None is the folder."""

    def do(self, call: Call) -> None:
        """Do what a call did."""
        match call:
            case Call("open", [fd, path]):
                self._open(int(fd), path)
            case Call("write", [fd, at, _], data):
                self._write(int(fd), int(at), data)
            case Call("truncate", [fd, size]):
                self._write(int(fd), int(size), None)
            case Call("sync", [fd]):
                self._sync(self._opened[int(fd)])
            case Call("unlink", [path]):
                self._rename({name: each for name, each in self.now.items() if name != path})
            case Call("rename", [old, new]):
                rest = {name: each for name, each in self.now.items() if name != old}
                self._rename(rest | {new: self.now[old]})

    def left(self, rng: random.Random) -> Iterator[Left]:
        """Yield what may be left: all of it, if little is uncertain, otherwise some."""
        names = [self.names, *self.renamed]
        count = len(self.writes)
        if count <= 4:
            for subset in product((False, True), repeat=count):
                for each in names:
                    yield self._with(each, subset)
        else:
            chosen = [[False] * count, [True] * count]
            chosen += [[place != lost for place in range(count)] for lost in (0, count - 1)]
            chosen += [[place == kept for place in range(count)] for kept in (0, count - 1)]
            chosen += [[place < rng.randrange(count) for place in range(count)] for _ in range(2)]
            chosen += [[rng.random() < 0.5 for _ in range(count)] for _ in range(4)]
            for there in chosen:
                yield self._with(rng.choice(names), there)
        if count:
            torn = rng.randrange(count)
            yield self._with(names[-1], [True] * count, torn)

    def _with(self, names: Names, there: Iterable[bool], torn: int | None = None) -> Left:
        """Return the files under these names with these of the writes, one of them half done."""
        files = {each: bytearray(self.files[each]) for each in names.values()}
        for place, (write, done) in enumerate(zip(self.writes, there, strict=True)):
            if done and write.file in files:
                half = place == torn and write.data is not None
                _apply(files[write.file], write.half() if half else write)
        return {Path(name).name: bytes(files[each]) for name, each in names.items()}

    def _open(self, fd: int, path: str) -> None:
        if path == self._path:
            self._opened[fd] = None
            return
        if path not in self.now:
            self.files.append(bytearray())
            self._rename(self.now | {path: len(self.files) - 1})
        self._opened[fd] = self.now[path]

    def _write(self, fd: int, at: int, data: bytes | None) -> None:
        file = self._opened[fd]
        assert file is not None
        self.writes.append(Write(file, at, data))

    def _sync(self, file: int | None) -> None:
        if file is None:
            self.names, self.renamed = self.now, []
            return
        for write in self.writes:
            if write.file == file:
                _apply(self.files[file], write)
        self.writes = [write for write in self.writes if write.file != file]

    def _rename(self, names: Names) -> None:
        self.now = names
        self.renamed.append(names)


def _apply(file: bytearray, write: Write) -> None:
    if write.data is None:
        del file[write.at :]
        file.extend(bytes(write.at - len(file)))
    else:
        file.extend(bytes(max(0, write.at - len(file))))
        file[write.at : write.at + len(write.data)] = write.data
