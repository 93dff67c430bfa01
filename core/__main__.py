"""`python -m core`: the raw JSON-lines mode on standard input and output.

What stands first keeps the start of the process in order, as in `repl/__main__.py`.
"""

import _signal  # type: ignore[import-not-found]  # `signal` takes a while to load

if __name__ == "__main__":
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    from core.start import leave_folder

    leave_folder()

import os
import sys
from typing import NamedTuple

from core import __version__
from core.node import MAX_LINE, Node, complain, serve, write

USAGE = f"""\
usage: PROGRAM [--store FILE [--take-over]] [--envelope] [--max-line BYTES]

Answers each request, one JSON object a line on standard input, with one reply a line.

  --store FILE       keep everything in this file; a reply leaves when it is on disk
  --take-over        take the store over from a node that has it
  --envelope         reply in an envelope: {{"src": ..., "dest": ..., "body": ...}}
  --max-line BYTES   refuse a longer line (default {MAX_LINE})
  --version          print the version
  --help             print this

example:
  echo '{{"type":"process","msg_id":1,"event_id":"e1","word":"hello"}}' | PROGRAM
"""


_DIGITS = 19
"""More than any machine can hold."""


class Options(NamedTuple):
    """What the command line asks for; `say` is a text to print instead of serving."""

    max_line: int = MAX_LINE
    envelope: bool = False
    store: str = ""
    take_over: bool = False
    say: str = ""


class UsageError(Exception):
    """The command line is not valid; the text says why."""


def main(arguments: list[str], program: str = "python -m core") -> int:
    """Run the node with these arguments; return the exit status."""
    try:
        options = read(arguments)
    except UsageError as slip:
        return complain(f"{slip}; try --help", 2)
    if options.say:
        return _say(options.say.replace("PROGRAM", program))
    if options.store:
        try:
            return _serve_durably(options)
        except KeyboardInterrupt:  # while the store was opened: nothing was asked yet
            return 130
    return serve(Node(max_line=options.max_line, envelope=options.envelope))


def read(arguments: list[str]) -> Options:
    """Read the options. Raises UsageError.

    Without argparse, as importing that would make the start much slower.
    """
    options = Options()
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if argument in {"--help", "-h"}:
            return Options(say=USAGE)
        if argument == "--version":
            return Options(say=f"oncelab {__version__}\n")
        if argument == "--envelope":
            options = options._replace(envelope=True)
        elif argument == "--take-over":
            options = options._replace(take_over=True)
        elif name == "--store":
            options = options._replace(store=_file(value if equals else next(rest, "")))
        elif name == "--max-line":
            options = options._replace(max_line=_bytes(value if equals else next(rest, "")))
        else:
            raise UsageError(f"no option {argument!r}")
    if options.take_over and not options.store:
        raise UsageError("--take-over needs --store FILE")
    return options


def _file(given: str) -> str:
    if not given or "\0" in given:
        raise UsageError(f"--store takes a file, got {given!r}")
    return os.path.expanduser(given)  # noqa: PTH111 - pathlib takes long to import


def _bytes(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) < _DIGITS and int(given)):
        raise UsageError(f"--max-line takes a number of bytes above 0, got {given[:_DIGITS]!r}")
    return int(given)


def _serve_durably(options: Options) -> int:
    """Serve from a store; return the exit status.

    The imports are here, so that a node in memory starts without sqlite3.
    """
    from core.errors import Unusable  # noqa: PLC0415
    from core.start import occupy  # noqa: PLC0415
    from core.store.node import DurableNode  # noqa: PLC0415
    from core.store.sqlite import SqliteStore  # noqa: PLC0415

    occupy()
    try:
        store = SqliteStore(options.store, take_over=options.take_over)
    except Unusable as fault:
        return complain(f"cannot use the store {options.store}: {fault}", 1)
    try:
        return serve(DurableNode(store, max_line=options.max_line, envelope=options.envelope))
    finally:
        store.close()


def _say(text: str) -> int:
    """Write a text to standard output, unbuffered; return the exit status."""
    try:
        write(1, text.encode())
    except BrokenPipeError:
        return 0
    except OSError as fault:
        return complain(f"cannot write to standard output: {fault.strerror}", 1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
