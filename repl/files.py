"""The user's files: read and written here alone; and the platform's folder for what is remembered.

Reading ends: not at a terminal, not in a device that never ends, not in a pipe that nobody
writes to. Writing destroys nothing: what may be written over is said by the caller, and
after any failure all is as it was. A path is what was typed, `~` being the home folder, or a
`Path`, which is taken as it stands.

A file is written beside the one that it replaces, and renamed: there is the old one or the new
one. The new one gets the mode and the owner of the old. A link is followed. A second name of
the same file (a hard link) keeps the old text. Where no file can be made in the folder, it is
written in place. A pipe, a device and a descriptor (`/dev/stdout`) are written to as they are.
"""

import errno
import os
import re
import select
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from math import inf
from pathlib import Path
from typing import NamedTuple

MOST = 1 << 26
"""Bytes that are read of what may have no end."""
_LARGEST = 1 << 30
"""Bytes of a file that is read."""

_PATIENCE = 5.0
"""Seconds to wait for somebody at the other end of a pipe."""
_BLINK = 0.1

_PIECE = 1 << 16
_LINKS = 40
_TRIES = 100
_SHORT = 40
"""Characters of a name to which some more can be added."""
_DESCRIPTOR = re.compile(r"/dev/fd/(\d+)|/proc/(\d+)(?:/task/\d+)?/fd/(\d+)")
_BESIDE = re.compile(r"(.+)-(?:wal|shm|journal|lock)", re.DOTALL)
_STORE = b"SQLite format 3\0"
_NO_DRAFT = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY}
"""Why a file cannot be replaced that can be written: by its folder, its owner, a mount."""
_NO_LINK = {errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}
"""Why a file cannot get a second name: its file system has none."""


class UnreadableFile(Exception):  # noqa: N818 - an answer, not a fault
    """A file that cannot be read as text; the text names it and says why."""


class Occupied(FileExistsError):  # noqa: N818 - an answer, not a fault
    """A file is there that may not be written over unless one is told to. Nothing was done."""


class Kind(NamedTuple):
    """A kind of file that we write: its name, and how the first line of each of them begins."""

    name: str
    mark: str


Over = Kind | bool
"""What may be written over: a file of this kind; anything (True); nothing (False)."""

Spared = Mapping[str, str]
"""Path → what it is: `it is the session that is read`. Never written to, whatever may be."""


def place(named: str | Path) -> Path:
    """Return the path that was named. Raises OSError where no file can have such a name."""
    if isinstance(named, Path):
        return named
    try:
        if named and b"\0" not in os.fsencode(named):
            return Path(named).expanduser()
    except UnicodeEncodeError:  # half a character
        pass
    except RuntimeError:  # no such user, or nobody's home
        return Path(named)
    raise OSError(errno.EINVAL, "no file can have this name", named)


def exists(named: str) -> bool:
    """Whether something is at this path."""
    with suppress(OSError):
        return _stat(place(named)) is not None
    return False


def is_file(named: str) -> bool:
    """Whether a file is at this path."""
    with suppress(OSError):
        return place(named).is_file()
    return False


# Reading.


def read(named: str | Path, going: Callable[[], bool] = lambda: True) -> str:
    """Return the text of a file of UTF-8. Raises UnreadableFile.

    `going` is asked while one waits for a pipe: False ends it.
    """
    try:
        return decoded(b"".join(_pieces(place(named), going)))
    except OSError as fault:
        reason = fault.strerror
    except UnicodeDecodeError as fault:
        reason = f"it is not UTF-8 text (byte {fault.start + 1})"
    raise UnreadableFile(f"cannot read {str(named)!r}: {reason}")


def encoded(text: str) -> bytes:
    """Return text as UTF-8; half a character that was typed is kept, too."""
    return text.encode("utf-8", "surrogatepass")


def decoded(data: bytes) -> str:
    """Return bytes as text, without a byte order mark. Raises UnicodeDecodeError."""
    return data.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")


def _pieces(path: Path, going: Callable[[], bool]) -> Iterator[bytes]:
    """Yield what stands in a file. Raises OSError."""
    own = _descriptor(path)
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY
    opened = os.open(path, flags) if own is None else os.dup(own)
    try:
        mode = os.fstat(opened).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if os.isatty(opened):
            raise OSError(errno.EINVAL, "it is a terminal", str(path))
        size, most = 0, _LARGEST if stat.S_ISREG(mode) else MOST
        wait = _PATIENCE if own is None else inf
        while piece := _piece(opened, going, wait, pipe=stat.S_ISFIFO(mode)):
            size += len(piece)
            if size > most:
                raise OSError(errno.EFBIG, f"it is longer than {most >> 20} MiB", str(path))
            yield piece
    finally:
        os.close(opened)


def _piece(opened: int, going: Callable[[], bool], wait: float, *, pipe: bool) -> bytes:
    """Return the next bytes, none at the end. Raises OSError.

    Somebody may still come to a `pipe` with a name; who is there already may take their time.
    """
    late = time.monotonic() + wait
    while True:
        ready = select.select([opened], [], [], _BLINK)[0]
        if not ready and not going():
            raise OSError(errno.EINTR, "it was stopped")
        if not ready and time.monotonic() < late:
            continue
        try:
            piece = os.read(opened, _PIECE)
        except BlockingIOError:
            if pipe:
                continue
            raise OSError(errno.EAGAIN, "nothing comes from it") from None
        if not piece and not ready:
            raise OSError(errno.ENXIO, "nobody writes to this pipe")
        return piece


# Writing.


def write(named: str | Path, text: str, *, over: Over = False, spare: Spared | None = None) -> None:
    """Write a text to a file, whole or not at all.

    Raises Occupied where a file is there that is not of the kind that may be written over, and
    OSError, whose `strerror` says why; then all is as it was before.
    """
    data = encoded(text)
    for _ in range(_TRIES):
        target = _target(named, over, spare or {})
        if not target.plain:
            _pour(target, data)
            return
        if target.there is None:
            done = _make(target.path, data)
        else:
            done = _replace(target.path, target.there, data)
        if done:
            return  # otherwise there is another file by now, or none: look again
    raise OSError(errno.EBUSY, "others write to it all the time", str(named))


def check(named: str | Path, *, over: Over = False, spare: Spared | None = None) -> None:
    """Raise OSError where `write` would, as far as one can know before."""
    target = _target(named, over, spare or {})
    if target.there is None and target.plain:
        with _draft(target.path, b""):
            pass
    elif target.plain:
        os.close(os.open(target.path, os.O_WRONLY))


def beside(named: str) -> str:
    """Return a name like this one under which there is no file."""
    path = place(named)
    stem = path.stem[:_SHORT]
    free = (path.with_name(f"{stem}-{n}{path.suffix}") for n in range(2, _TRIES))
    return str(next((each for each in free if not os.path.lexists(each)), path))


class _Target(NamedTuple):
    """Where is written to: the path with links followed, what is there, an open descriptor."""

    path: Path
    there: os.stat_result | None = None
    own: int | None = None

    @property
    def plain(self) -> bool:
        """Whether it is a file, or will be one."""
        return self.own is None and (self.there is None or stat.S_ISREG(self.there.st_mode))


def _target(named: str | Path, over: Over, spare: Spared) -> _Target:
    """Return where a path leads. Raises OSError if it may not be written there."""
    path = place(named)
    own = _descriptor(path)
    if own is not None:
        return _Target(path, own=own)
    there = _stat(path)
    if os.path.basename(str(named)) in {"", "."} or (  # noqa: PTH119 - pathlib drops these
        there is not None and stat.S_ISDIR(there.st_mode)
    ):
        raise IsADirectoryError(errno.EISDIR, "it is the name of a folder", str(path))
    target = _Target(Path(os.path.realpath(path)) if path.is_symlink() else path, there)
    for needed, what in spare.items():
        if _same(target, needed):
            raise OSError(errno.EBUSY, what, str(path))
    if there is not None:
        _may_write(target.path, there.st_mode, over)
    elif over is not True and _needed(target.path):
        raise Occupied(errno.EEXIST, "the store beside it needs this name", str(path))
    return target


def _needed(path: Path) -> bool:
    """Whether a store takes what is at this path for its own: it looks for it beside its file."""
    beside = _BESIDE.fullmatch(path.name)
    store = None if beside is None else path.with_name(beside[1])
    with suppress(OSError):
        if store is not None and store.is_file():
            with store.open("rb") as file:
                return file.read(len(_STORE)) == _STORE
    return False


def _may_write(path: Path, mode: int, over: Over) -> None:
    """Raise OSError if what is there may not be written to, or over."""
    if stat.S_ISBLK(mode) or stat.S_ISSOCK(mode):
        what = "a disk" if stat.S_ISBLK(mode) else "a socket"
        raise OSError(errno.EINVAL, f"it is {what}", str(path))
    if over is True or not stat.S_ISREG(mode):
        return
    if over is False:
        raise Occupied(errno.EEXIST, "a file is there already", str(path))
    mark = over.mark.encode()
    with path.open("rb") as file:
        if file.read(len(mark)) != mark:
            text = f"a file is there that is no {over.name} of ours"
            raise Occupied(errno.EEXIST, text, str(path))


def _stat(path: Path) -> os.stat_result | None:
    """Return what is there; None for nothing. Raises OSError where one cannot tell."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _same(target: _Target, needed: str) -> bool:
    """Whether a path leads to the same file as a target, or will."""
    with suppress(OSError):
        found = _stat(place(needed))
        if target.there is not None and found is not None:
            return os.path.samestat(target.there, found)
        return os.path.realpath(target.path) == os.path.realpath(place(needed))
    return False


def _descriptor(path: Path) -> int | None:
    """Return the descriptor of this process that a path means; None if it means another thing.

    It is never opened anew: what was redirected to a file goes on where it is. Raises OSError
    where it is one of another process.
    """
    for _ in range(_LINKS):
        path = Path(os.path.realpath(path.parent), path.name)
        found = _DESCRIPTOR.fullmatch(str(path))
        if found is not None:
            if found[2] and found[2] != Path(os.path.realpath("/proc/self")).name:
                raise OSError(errno.EINVAL, "it belongs to another process", str(path))
            return int(found[1] or found[3])
        try:
            path = path.parent / path.readlink()
        except OSError:
            return None
    return None


def _pour(target: _Target, data: bytes) -> None:
    """Write to what is no file. Raises OSError."""
    if target.own is not None:
        if sys.stdout is not None:
            sys.stdout.flush()  # what was printed stands before it
        opened = os.dup(target.own)
    else:
        try:
            opened = os.open(target.path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError as fault:
            pipe = target.there is not None and stat.S_ISFIFO(target.there.st_mode)
            if fault.errno != errno.ENXIO or not pipe:
                raise
            raise OSError(errno.ENXIO, "nobody reads from this pipe", str(target.path)) from None
    try:
        put(opened, data)
    finally:
        os.close(opened)


def put(opened: int, data: bytes) -> None:
    """Write all of these bytes. Raises OSError."""
    left = memoryview(data)
    while left:
        try:
            left = left[os.write(opened, left) :]
        except BlockingIOError:
            if not select.select([], [opened], [], _PATIENCE)[1]:
                raise OSError(errno.ETIMEDOUT, "nobody reads from this pipe any more") from None


@contextmanager
def _draft(path: Path, data: bytes, like: os.stat_result | None = None) -> Iterator[Path]:
    """Give a new file beside a path, of a name that nobody has; it is removed if it stays.

    It has the mode and the owner of a file that is `like` it. Raises OSError.
    """
    draft = path.with_name(f".oncelab-{os.urandom(8).hex()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        opened = os.open(draft, flags, 0o666 if like is None else 0o600)
        try:
            if like is not None:
                made = os.fstat(opened)
                if (made.st_uid, made.st_gid) != (like.st_uid, like.st_gid):
                    os.fchown(opened, like.st_uid, like.st_gid)
                os.fchmod(opened, stat.S_IMODE(like.st_mode))
            put(opened, data)
            os.fsync(opened)
        finally:
            os.close(opened)
        yield draft
    finally:
        with suppress(OSError):
            draft.unlink()


def _make(path: Path, data: bytes) -> bool:
    """Make a file where none is; return False if there is one by now. Raises OSError."""
    with _draft(path, data) as draft:
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
        except OSError as fault:
            if fault.errno not in _NO_LINK:
                raise
            return _put_there(draft, path)
    return True


def _put_there(draft: Path, path: Path) -> bool:
    """Rename a draft to where nothing is; return False if something is there by now."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW))
    except FileExistsError:
        return False
    try:
        draft.replace(path)
    except BaseException:
        path.unlink()
        raise
    return True


def _replace(path: Path, there: os.stat_result, data: bytes) -> bool:
    """Write over the file that is `there`; return False if it is not by now. Raises OSError."""
    try:
        os.close(os.open(path, os.O_WRONLY))  # what is write-protected stays
        with _draft(path, data, there) as draft:
            if _shape(path.stat()) != _shape(there):
                return False
            draft.replace(path)
    except FileNotFoundError:
        return False
    except OSError as fault:
        if fault.errno not in _NO_DRAFT:
            raise
        _write_in_place(path, data)
    return True


def _shape(there: os.stat_result) -> tuple[int, ...]:
    """Return what tells whether a file is still the same, with the same in it."""
    return there.st_dev, there.st_ino, there.st_size, there.st_mtime_ns


def _write_in_place(path: Path, data: bytes) -> None:
    """Write over a file whose folder takes no other; what stood there is put back if it fails."""
    opened = os.open(path, os.O_RDWR)
    try:
        before = b"".join(iter(lambda: os.read(opened, _PIECE), b""))
        try:
            _put_at_start(opened, data)
        except BaseException:
            _put_at_start(opened, before)
            raise
    finally:
        os.close(opened)


def _put_at_start(opened: int, data: bytes) -> None:
    """Have a file hold these bytes and no more. Raises OSError."""
    os.lseek(opened, 0, os.SEEK_SET)
    put(opened, data)
    os.ftruncate(opened, len(data))
    os.fsync(opened)


def state_folder() -> Path:
    """Return the folder for history, sessions and progress; it may not exist yet."""
    from platformdirs import user_state_path  # it takes long to import, and a script needs none

    return user_state_path("oncelab", appauthor=False)
