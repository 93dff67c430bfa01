"""A browser where there is one, and snapshots that keep the ending of what was exported."""

from collections.abc import Iterator

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from tests.repl.export.browser import Browser, missing


class Exported(SingleFileSnapshotExtension):
    """A text file a snapshot; its name, with its ending, is that of the snapshot."""

    _write_mode = WriteMode.TEXT
    file_extension = "snap"


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compare with a file."""
    return snapshot.use_extension(Exported)


@pytest.fixture(scope="session")
def started() -> Iterator[Browser]:
    """Start the browser once; skip where there is none."""
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def browser(started: Browser) -> Iterator[Browser]:
    """Lend the browser to a test; behind it nothing was fetched and nothing complained of."""
    started.quiet = True
    yield started
    if started.quiet:
        started.check()
