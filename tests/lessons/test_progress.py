"""Progress: kept whole or not at all; a file that is of no use is kept aside, nothing is lost."""

import json
import os
from pathlib import Path

import pytest

from lessons import progress
from lessons.progress import Bookmark, Progress
from repl.shared import update

HERE = Bookmark(3, 10, ("next", "a"), ())
DONE = Bookmark(10, 10, ("next",), ("next",))


def load(path: Path) -> Progress:
    """Return the progress kept at a path; what is more is written there, too."""
    return progress.load(path, update)


def test_what_is_noted_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "progress.json"
    kept = load(path)
    assert kept.warning is None
    assert kept.note("one", HERE) is None
    assert kept.note("two", DONE) is None
    again = load(path)
    assert again.lessons == {"one": HERE, "two": DONE}
    assert again.lessons["two"].finished
    assert [each.name for each in path.parent.iterdir()] == ["progress.json"]


BAD: dict[str, tuple[str | bytes, str]] = {
    "damaged": ("{", "it is damaged"),
    "cut short": ('{"oncelab": "oncelab progress", "version": 1, "les', "it is damaged"),
    "not an object": ("[]", "not a progress file"),
    "foreign": ('{"name": "a package"}', "not a progress file"),
    "newer": ('{"oncelab": "oncelab progress", "version": 2}', "a newer Oncelab wrote it"),
    "without lessons": ('{"oncelab": "oncelab progress", "version": 1}', "it is damaged"),
    "of a wrong step": (
        json.dumps(
            {
                "oncelab": "oncelab progress",
                "version": 1,
                "lessons": {"one": {"step": 11, "steps": 10, "lines": [], "walked": []}},
            }
        ),
        "it is damaged",
    ),
    "nested too deep": ("[" * 100_000, "it is damaged"),
    "empty": ("", "it is damaged"),
    "not text": (b"\xff\xfe", "it is damaged"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_of_no_use_is_kept_aside_whole_and_one_is_told(tmp_path: Path, kind: str) -> None:
    content, said = BAD[kind]
    raw = content if isinstance(content, bytes) else content.encode()
    path = tmp_path / "progress.json"
    path.write_bytes(raw)
    kept = load(path)
    assert kept.warning is not None
    assert said in kept.warning
    assert str(tmp_path / "progress.json.kept-1") in kept.warning
    assert (tmp_path / "progress.json.kept-1").read_bytes() == raw
    assert kept.lessons == {}
    assert kept.note("one", HERE) is None
    assert load(path).lessons == {"one": HERE}


def test_a_second_file_of_no_use_does_not_replace_the_first(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    for text in ("first", "second"):
        path.write_text(text, encoding="utf-8")
        load(path)
    assert (tmp_path / "progress.json.kept-1").read_text(encoding="utf-8") == "first"
    assert (tmp_path / "progress.json.kept-2").read_text(encoding="utf-8") == "second"


def test_where_nothing_can_be_written_one_is_told_once_and_the_lesson_goes_on(
    tmp_path: Path,
) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("", encoding="utf-8")
    kept = load(tmp_path / "progress.json")
    kept.path = blocked / "progress.json"
    warning = kept.note("one", HERE)
    assert warning is not None
    assert "not kept" in warning
    assert kept.note("one", DONE) is None
    assert kept.lessons["one"] == DONE


def test_a_folder_in_the_place_of_the_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    path.mkdir()
    kept = load(path)
    assert kept.warning is not None
    assert path.is_dir()


def test_of_two_machines_the_one_that_is_further_wins_lesson_by_lesson() -> None:
    mine = progress.Progress(None, {"one": HERE, "two": DONE})
    taken = mine.merge({"one": DONE, "two": HERE, "three": HERE})
    assert taken == 2
    assert mine.lessons == {"one": DONE, "two": DONE, "three": HERE}


AGAIN = Bookmark(1, 10, ("next",), ("next", "next"))
"""Finished once, and at the beginning of another walk."""


@pytest.mark.parametrize(
    ("mine", "other", "taken"),
    [
        (HERE, Bookmark(4, 10), True),
        (HERE, Bookmark(2, 10), False),
        (HERE, Bookmark(3, 10, ("next", "b"), ()), False),
        (HERE, AGAIN, True),
        (AGAIN, HERE, False),
        (AGAIN, Bookmark(0, 10, (), ("next",)), False),
        (AGAIN, DONE, True),
        (DONE, DONE, False),
    ],
)
def test_a_lesson_that_was_finished_is_further_than_any_step(
    mine: Bookmark, other: Bookmark, *, taken: bool
) -> None:
    """And what is as far stays as it is."""
    kept = progress.Progress(None, {"one": mine})
    assert kept.merge({"one": other}) == taken
    assert kept.lessons == {"one": other if taken else mine}


def test_a_write_that_fails_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "progress.json"
    kept = load(path)
    kept.note("one", HERE)

    def refuse(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    assert "No space" in (kept.note("one", DONE) or "")
    assert load(path).lessons == {"one": HERE}
    assert list(tmp_path.iterdir()) == [path]


def test_two_prompts_in_lessons_keep_what_the_other_one_did(tmp_path: Path) -> None:
    one, other = load(tmp_path / "progress.json"), load(tmp_path / "progress.json")
    one.note("one", HERE)
    other.note("two", DONE)
    other.note("both", DONE)
    one.note("both", HERE)
    again = load(tmp_path / "progress.json")
    assert again.lessons == {"one": HERE, "two": DONE, "both": DONE}
    assert one.lessons == again.lessons
    assert again.merge({"two": HERE, "three": DONE}) == 1
    assert load(tmp_path / "progress.json").lessons == again.lessons
    assert "three" in again.lessons


def test_of_two_prompts_in_one_lesson_the_one_that_is_further_stands(tmp_path: Path) -> None:
    """One alone may go back."""
    path = tmp_path / "progress.json"
    one, other = load(path), load(path)
    for step in (1, 5, 4):
        one.note("one", Bookmark(step, 10))
        assert load(path).lessons == {"one": Bookmark(step, 10)}
    for step, kept in ((0, 4), (3, 4), (6, 6), (5, 5), (2, 4)):
        other.note("one", Bookmark(step, 10))
        assert load(path).lessons == {"one": Bookmark(kept, 10)}


def test_what_could_not_be_kept_is_kept_as_soon_as_it_can_be(tmp_path: Path) -> None:
    path = tmp_path / "state" / "progress.json"
    kept = load(path)
    (tmp_path / "state").touch()
    assert "not kept" in (kept.note("one", HERE) or "")
    known = [kept.kept]
    (tmp_path / "state").unlink()
    assert kept.note("two", DONE) is None
    assert [*known, kept.kept] == [False, True]
    assert load(path).lessons == {"one": HERE, "two": DONE}


def test_a_file_of_no_use_that_came_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    kept = load(path)
    path.write_text("what somebody has written", encoding="utf-8")
    assert "it is damaged" in (kept.note("one", HERE) or "")
    assert path.read_text(encoding="utf-8") == "what somebody has written"


def test_a_pipe_in_the_place_of_the_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "progress.json")
    assert "it is no file" in (load(tmp_path / "progress.json").warning or "")
