"""What every test run shares: the option `--long`."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--long`, which also runs the tests marked `long`."""
    parser.addoption("--long", action="store_true", help="also run the tests marked long")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the tests marked `long` unless `--long` was given."""
    if config.getoption("--long"):
        return
    skip = pytest.mark.skip(reason="takes long; runs with --long")
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(skip)
