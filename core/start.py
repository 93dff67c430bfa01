"""How a process of ours starts: what it was given is not what it takes for its own.

Nothing may be imported here, or by `core` itself, that Python has not loaded by then.
"""

import os
import sys

# ruff: noqa: PTH120, PTH121 - pathlib would have to be loaded

_OURS = os.path.dirname(os.path.dirname(__file__))
_PYTHONS = os.path.dirname(os.__file__)


def leave_folder() -> None:
    """Take the working folder off the front of the path, unless it is where we are.

    PYTHONPATH and `python -m` put it there, and a `json.py` in it would be taken for Python's.
    """
    for each in () if _same(os.curdir, _OURS) else tuple(sys.path):
        if _same(each, _PYTHONS):
            break  # what is behind stands there for a reason
        if _same(each or os.curdir, os.curdir):
            sys.path.remove(each)


def occupy() -> None:
    """Open those of descriptors 0 to 2 that are closed, so that no file opened later gets one.

    Each is opened the wrong way round: to use it fails, as if it were still closed.
    """
    for number, way in enumerate((os.O_WRONLY, os.O_RDONLY, os.O_RDONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, way)  # gets the lowest number that is free: this one


def _same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:  # one of them is not there
        return False
