"""`oncelab store`: whether a durable store is sound. It is read, and not changed."""

import sys
from argparse import ArgumentParser, Namespace

from core.store.verify import verify
from repl import files
from repl.cli.exits import Exit, complain


def add(parser: ArgumentParser) -> None:
    """Add its arguments."""
    parser.add_argument("verb", choices=["verify"], metavar="verify", help="read it all, and judge")
    parser.add_argument("file", metavar="FILE", help="the store; it is not changed")


def run(options: Namespace) -> Exit:
    """Verify a store, and print what is wrong with it."""
    try:
        path = files.place(options.file)
        path.stat()
    except OSError as fault:
        text = f"cannot read {options.file!r}: {fault.strerror}"
        return complain(text, Exit.MISUSED, "store")
    report = verify(path)
    for rule, text in report.findings:
        sys.stdout.write(f"{options.file}: {rule}: {text}\n")
    if report.findings:
        return Exit.FAILED
    saved = f"{report.checkpoints} checkpoint{'' if report.checkpoints == 1 else 's'}"
    sound = f"sound: {report.events} seen, {report.outputs} committed, {saved}"
    sys.stdout.write(f"{options.file}: {sound}\n")
    return Exit.OK
