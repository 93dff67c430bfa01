"""`python -m core`: the raw JSON-lines mode on standard input and output."""

import sys

from core import __version__
from core.node import MAX_LINE, Node, serve, write

USAGE = f"""\
usage: PROGRAM [--envelope] [--max-line BYTES] < requests > replies

Answers each request, one JSON object a line, with one reply a line.

  --envelope         reply in an envelope: {{"src": ..., "dest": ..., "body": ...}}
  --max-line BYTES   refuse a longer line (default {MAX_LINE})
  --version          print the version
  --help             print this

example:
  echo '{{"type":"process","msg_id":1,"event_id":"e1","word":"hello"}}' | PROGRAM
"""


_DIGITS = 19
"""More than any machine can hold."""


def main(arguments: list[str], program: str = "python -m core") -> int:
    """Run the node with these arguments; return the exit status.

    Read by hand: argparse would double the time to the first reply.
    """
    envelope, max_line = False, MAX_LINE
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if argument in {"--help", "-h"}:
            return _say(USAGE.replace("PROGRAM", program))
        if argument == "--version":
            return _say(f"oncelab {__version__}\n")
        if argument == "--envelope":
            envelope = True
        elif name == "--max-line":
            given = value if equals else next(rest, "")
            if not (given.isascii() and given.isdigit() and len(given) < _DIGITS and int(given)):
                return _misused(
                    f"--max-line takes a number of bytes above 0, got {given[:_DIGITS]!r}"
                )
            max_line = int(given)
        else:
            return _misused(f"no option {argument!r}")
    return serve(Node(max_line=max_line, envelope=envelope))


def _say(text: str) -> int:
    """Write a text to standard output, past its buffer; return the exit status."""
    try:
        write(1, text.encode())
    except OSError as fault:
        sys.stderr.write(f"oncelab node: cannot write: {fault.strerror}\n")
        return 1
    return 0


def _misused(text: str) -> int:
    sys.stderr.write(f"oncelab node: {text}; try --help\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
