"""`oncelab node`: the raw mode. It reads its options itself, as `python -m core` does."""

from core.__main__ import main


def add(_parser: object) -> None:
    """Add nothing: `serve` reads what stands behind `node`."""


def run(_options: object) -> int:
    """Serve, where options stood before `node`; return the exit status."""
    return serve([])


def serve(arguments: list[str]) -> int:
    """Serve with these arguments; return the exit status."""
    return main(arguments, "oncelab node")
