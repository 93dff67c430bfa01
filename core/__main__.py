"""`python -m core`: the raw JSON-lines mode on standard input and output."""

import sys

from core import __version__
from core.node import MAX_LINE, Node, serve

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


def main(arguments: list[str], program: str = "python -m core") -> int:
    """Run the node with these arguments; return the exit status.

    Read by hand: argparse would double the time to the first reply.
    """
    envelope, max_line = False, MAX_LINE
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if argument in {"--help", "-h"}:
            sys.stdout.write(USAGE.replace("PROGRAM", program))
            return 0
        if argument == "--version":
            sys.stdout.write(f"oncelab {__version__}\n")
            return 0
        if argument == "--envelope":
            envelope = True
        elif name == "--max-line":
            given = value if equals else next(rest, "")
            if not (given.isascii() and given.isdigit() and int(given) > 0):
                return _misused(f"--max-line takes a number of bytes above 0, got {given!r}")
            max_line = int(given)
        else:
            return _misused(f"no option {argument!r}")
    return serve(Node(max_line=max_line, envelope=envelope))


def _misused(text: str) -> int:
    sys.stderr.write(f"oncelab node: {text}; try --help\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
