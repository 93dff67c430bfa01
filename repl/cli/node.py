"""`oncelab node`: the raw mode. It reads its options itself, as `python -m core` does."""

from typing import TYPE_CHECKING

from core.__main__ import main

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(_parser: "ArgumentParser") -> None:
    """Add nothing: `serve` reads what stands behind `node`."""


def run(_options: "Namespace") -> int:
    """Serve, where what stood before `node` made it an option of the prompt."""
    return serve([])


def serve(arguments: list[str]) -> int:
    """Serve with these arguments; return the exit status."""
    return main(arguments, "oncelab node")
