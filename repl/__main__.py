"""`oncelab`, as a process; `python -m repl` is the same.

What stands first keeps its start in order. A Ctrl-C ends it without a word, as there is nothing
to clear up yet; and no file of the folder where one works is taken for a module of ours.
"""

import _signal  # type: ignore[import-not-found]  # `signal` takes a while to load
import sys

if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

sys.path.insert(0, __file__.rpartition("/repl/")[0])
from core.start import leave_folder

del sys.path[0]
leave_folder()


def main() -> int:
    """Run `oncelab` with the arguments of the process; return the exit status."""
    from repl.cli import main

    return main()


if __name__ == "__main__":
    sys.exit(main())
