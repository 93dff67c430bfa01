"""The user's files: read and written here alone; and the platform's folder for what is remembered.

Nothing that stood in a file is lost where writing another text to it fails.
"""

import os
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE


class UnreadableFile(Exception):  # noqa: N818 - an answer, not a fault
    """A file that cannot be read as text; the text names it and says why."""


def read(path: Path) -> str:
    """Return the text of a file of UTF-8. Raises UnreadableFile."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as fault:
        reason = fault.strerror
    except UnicodeDecodeError as fault:
        reason = f"it is not UTF-8 text (byte {fault.start + 1})"
    raise UnreadableFile(f"cannot read {str(path)!r}: {reason}")


def write(path: Path, text: str, *, new: bool = False) -> None:
    """Write a text to a file, whole or not at all.

    A link is followed, and a file that is there keeps its mode; with `new` none may be there.
    A pipe or a terminal is written to as it is. Raises OSError; then all is as it was before.
    """
    encoded = _encoded(text)
    if new:
        path.touch(exist_ok=False)
    there = path.exists()
    if there and not path.is_file():
        path.write_bytes(encoded)
        return
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{target.name}.new")
    try:
        if there:
            target.open("r+b").close()  # what is write-protected stays
        beside.write_bytes(encoded)
        if there:
            beside.chmod(S_IMODE(target.stat().st_mode))
        beside.replace(target)
    except OSError:
        for draft in (beside, target) if new else (beside,):
            with suppress(OSError):
                draft.unlink()
        raise


def append(path: Path, text: str) -> None:
    """Write a text to the end of a file, whole or not at all. Raises OSError."""
    left = _encoded(text)
    with path.open("ab", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        try:
            while left:
                left = left[file.write(left) :]
        except OSError:
            file.truncate(end)
            raise


def state_folder() -> Path:
    """Return the folder for history, sessions and progress; it may not exist yet."""
    from platformdirs import user_state_path  # it takes long to import, and a script needs none

    return user_state_path("oncelab", appauthor=False)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # half a character that was typed is kept, too
