"""`oncelab` and its subcommands: from the command line to the part that does the work."""

import sys

NODE = "oncelab node"


def main() -> int:
    """Run `oncelab`; return the exit status."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["node"] or (not arguments and not sys.stdin.isatty()):
        from core.__main__ import main as node

        return node(arguments[1:], NODE)
    raise NotImplementedError


if __name__ == "__main__":
    sys.exit(main())
