"""`oncelab store`: whether a durable store is sound. It is read, and not changed."""

from argparse import ArgumentParser, Namespace

from core.lab.letters import escaped
from core.store.verify import verify
from repl import files
from repl.cli import output
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
    report, out = verify(path), output.terminal(options).out
    for rule, text in report.findings:
        print(escaped(f"{options.file}: {rule}: {text}"), file=out)
    if report.findings:
        return Exit.FAILED
    saved = f"{report.checkpoints} checkpoint{'' if report.checkpoints == 1 else 's'}"
    sound = f"sound: {report.events} seen, {report.outputs} committed, {saved}"
    print(escaped(f"{options.file}: {sound}"), file=out)
    return Exit.OK
