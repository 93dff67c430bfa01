"""`python -m repl`: the same as `oncelab`."""

import sys

from repl.cli import main

sys.exit(main())
