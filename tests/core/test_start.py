"""The start of a process: which folder is left out of the path of modules."""

import os
import sys
from pathlib import Path

import pytest

from core.start import leave_folder

CHECKOUT = Path(__file__).parents[2]
PYTHONS = os.path.dirname(os.__file__)  # noqa: PTH120 - as it stands in the path


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A path of modules, for this test alone."""
    monkeypatch.setattr(sys, "path", found := ["/nowhere", PYTHONS])
    return found


@pytest.mark.parametrize("entry", ["", ".", "HERE", "LINK"])
def test_the_working_folder_is_left_out_in_whatever_way_it_is_named(
    entry: str, path: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, link = tmp_path / "here", tmp_path / "link"
    here.mkdir()
    link.symlink_to(here)
    monkeypatch.chdir(here)
    path.insert(0, entry.replace("HERE", str(here)).replace("LINK", str(link)))
    leave_folder()
    assert path == ["/nowhere", PYTHONS]


@pytest.mark.parametrize("folder", [str(CHECKOUT), PYTHONS])
def test_a_folder_of_ours_or_of_pythons_stays(
    folder: str, path: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    path.insert(1, str(CHECKOUT))
    leave_folder()
    assert path == ["/nowhere", str(CHECKOUT), PYTHONS]


def test_a_folder_that_is_gone_leaves_the_path_as_it_is(
    path: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    path.insert(0, "")
    leave_folder()
    assert path[-2:] == ["/nowhere", PYTHONS]
