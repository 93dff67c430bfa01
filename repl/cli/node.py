"""`oncelab node`: the raw mode. It reads its options itself, as `python -m core` does."""

from typing import TYPE_CHECKING

from core.__main__ import main

if TYPE_CHECKING:
    from argparse import Namespace  # the raw mode does without


def add(_parser: object) -> None:
    """Add nothing: `serve` reads what stands behind `node`."""


def run(options: "Namespace") -> int:
    """Serve, where options stood before `node` or in its place; return the exit status."""
    store = [] if options.store is None else ["--store", options.store]
    return serve([*store, *["--take-over"] * options.take_over])


def serve(arguments: list[str]) -> int:
    """Serve with these arguments; return the exit status."""
    return main(arguments, "oncelab node")
