"""`oncelab` without a command: the prompt, in memory or on a store."""

from typing import TYPE_CHECKING

from core.errors import Unusable
from repl import files
from repl.cli import output
from repl.cli.exits import Exit, complain
from repl.prompt.shell import Shell, reader
from repl.session import Session, on_disk
from repl.signals import Terminated

if TYPE_CHECKING:
    from argparse import Namespace  # a prompt without options starts without


def run(options: "Namespace") -> Exit:
    """Serve a person until they leave."""
    if options.take_over and not options.store:
        return complain("--take-over needs --store FILE", Exit.MISUSED)
    session = Session()
    if options.store is not None:
        try:
            path = str(files.place(options.store))
        except OSError as fault:
            return complain(f"--store {options.store!r}: {fault.strerror}", Exit.MISUSED)
        try:
            session = on_disk(path, take_over=options.take_over)
        except (Unusable, OSError) as fault:
            return complain(f"cannot use the store {options.store}: {fault}", Exit.FAILED)
    store = session.lab.durability.disk
    try:
        shell = Shell(session, output.terminal(options), debug=options.debug)
        shell.loop(reader(shell, vi=options.vi))
    except Terminated:
        if store is not None:
            store.kill()  # it may be at work for long; what it has told is on disk
        raise
    finally:
        if store is not None:
            store.close()
    return Exit.OK
