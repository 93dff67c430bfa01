"""The sessions that are exported: one that is told everywhere, a hostile one, a long one."""

from pathlib import Path

from core.lab import commands as c
from core.lab.history import History
from repl import export
from tests.repl.render.sessions import STORY, played

GOLDEN: tuple[c.Command, ...] = (
    *STORY,
    c.Commit(),
    c.Feed(("to", "be", "or", "not", "to", "be")),
    c.Crash(),
    c.Restart(),
    c.Replay(),
    c.LoseAck(),
    c.Retry(),
    c.Process(7, "seven", raw=True),
    c.Rollback(),
    c.Replay(),
    c.Commit(),
)
"""A session with every mechanism on, in which most kinds of steps happen."""

HOSTILE = (
    "</script><img src=x onerror=hit()>",
    "<!--<script>",
    "{{SCRIPT}}",
    "&lt;b&gt;",
    "%%{init}%% ; end #35; ->>",
    "\x1b[31mred\x07",
    "\\x1b[31mred\\x07",
    "\u2028\u202edrow",
    "\ud800",
    "__proto__",
    "constructor",
    "two words",
    "",
    "]]>",
    "`${hit()}`",
    "```",
    "𝔘ñïçødé 🎲",
)
"""Words and ids that mean something to somebody."""


def hostile() -> History:
    """Return a session of hostile words, ids and names."""
    return played(
        *(c.Process(word, word, raw=True) for word in HOSTILE),
        *(c.Checkpoint(word) for word in HOSTILE),
        c.Crash(),
        c.Restore(),
        c.Replay(0),
        c.Commit(),
    )


def long(steps: int) -> History:
    """Return a session of so many steps, with a crash now and then."""
    made = History()
    for number in range(steps):
        made.do(_long(number))
    return made


def _long(number: int) -> c.Command:
    at = number % 100
    if at == 97:
        return c.Crash()
    if at == 98:
        return c.Restore()
    if at == 99:
        return c.Replay()
    if at % 10 == 3:
        return c.Checkpoint(f"cp{number // 500}")
    return c.Commit() if at % 10 == 7 else c.Process(None, f"w{number % 700}")


def exported(history: History, folder: Path, ending: str = ".html") -> Path:
    """Write an export into a folder; return the file."""
    file = folder / f"run{ending}"
    export.write(history, str(file))
    return file
