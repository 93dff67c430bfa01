"""What is offered as one types: what can stand there, is accepted, and does something."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from core.errors import Refused
from core.lab import commands as c
from core.lab.words import split
from lessons import catalog
from lessons.progress import Progress
from repl.lesson import entry
from repl.prompt.completion import CommandCompleter
from repl.session import Session, on_disk
from tests.lessons.samples import BREAK, GOOD, SHOW, TRY

STORY = ("process e1 hello", "checkpoint cp1", "process e2 world", "commit")
OPERATORS = ["==", "!=", "<", "<=", ">", ">="]


def offered(session: Session, line: str) -> list[str]:
    """Return what is offered at the end of a line."""
    found = CommandCompleter(session).get_completions(Document(line), CompleteEvent())
    return [each.text for each in found]


def after(*lines: str) -> Session:
    """Return a session in which these lines were run."""
    session = Session()
    for line in lines:
        session.run(line)
    return session


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder where one works, with a session, a folder and a hidden file."""
    monkeypatch.chdir(tmp_path)
    for name in ("old.lab", "two words.txt", ".hidden"):
        (tmp_path / name).write_text("process e1 hello\n")
    (tmp_path / "deeper").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("expect ", ["count", "seen", "pending", "sink", "rule", "up", "down"]),
        ("expect c", ["count"]),
        ("expect count ", ["hello", "world"]),
        ("expect count hello ", OPERATORS),
        ("expect count hello >", [">", ">="]),
        ("expect count hello == ", ["1"]),
        ("expect count hello == 1 ", []),
        ("expect seen ", ["holds", *OPERATORS]),
        ("expect sink == ", ["2"]),
        ("expect seen holds ", ["e2", "e1"]),
        ("expect seen holds e1 ", ["once"]),
        ("expect seen holds e1 once ", []),
        ("expect rule s", ["sink-once", "same-as-clean"]),
        ("expect rule sink-once ", ["holds", "broken"]),
        ("expect up ", []),
        ("expect nonsense ", []),
        ("expect count hello nonsense ", []),
    ],
)
def test_a_condition_is_completed_word_by_word(line: str, words: list[str]) -> None:
    assert offered(after(*STORY), line) == words


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        ((), "un", []),
        (STORY, "un", ["undo"]),
        (STORY, "redo", []),
        ((*STORY, "undo"), "redo", ["redo"]),
        ((), "resto", []),
        (STORY, "resto", ["restore"]),
        ((), "wit", []),
        (("mechanism dedup off", "search 1 1"), "wit", ["witness"]),
        ((), "hin", []),
        ((), "next", []),
        ((), "why", []),
        ((), "ret", []),
        (("crash",), "pro", []),
        (("crash",), "rest", ["restart"]),
        ((), "crash o", []),
        (("crash before-ack",), "crash o", ["off"]),
        (("crash before-ack",), "crash before-a", ["before-apply"]),
        ((), "show d", []),
        ((), "mechanism dedup ", ["off"]),
        (("mechanism dedup off",), "mechanism dedup ", ["on"]),
        ((), "guarantee exact", []),
        ((), "wire o", ["on"]),
        ((), "lose ", ["event"]),
        (STORY, "lose a", ["ack"]),
        (STORY, "diff 3 ", ["4", "3"]),
        (STORY, "goto ", ["4", "3", "2", "1", "0"]),
        ((*STORY, "undo 3"), "goto ", ["2", "3", "4", "1", "0"]),
        (STORY, "why e1 ", ["all"]),
        ((), "help wit", ["witness"]),
        ((), "com", []),
        (("process e1 a",), "com", ["commit"]),
        (STORY, "com", []),
        ((*STORY, "crash before-commit"), "com", ["commit"]),
        ((), "ro", []),
        (("process e1 a",), "ro", ["rollback"]),
        ((), "re", []),
        ((*STORY, "undo 4"), "res", ["reset"]),
        ((), "di", []),
        ((), "diff ", []),
        (STORY, "di", ["diff"]),
        ((), "ti", []),
        (STORY, "ti", ["timeline"]),
        ((), "hi", []),
        ((*STORY, "undo 4"), "hi", ["history"]),
        (("process e1 a",), "rep", []),
        (("process e1 a", "crash", "restart"), "rep", ["replay"]),
        ((), "sc", []),
        (STORY, "sc", ["score"]),
        ((), "sw", []),
        (STORY, "sw", ["sweep"]),
        (("crash",), "feed ", []),
    ],
)
def test_nothing_is_offered_that_does_nothing_here(
    lines: tuple[str, ...], line: str, words: list[str]
) -> None:
    assert offered(after(*lines), line) == words


def test_a_store_is_offered_what_it_has_and_nothing_else(tmp_path: Path) -> None:
    session = on_disk(str(tmp_path / "lab.db"))
    store = session.lab.durability.disk
    assert store is not None
    try:
        session.run("process e1 hello")
        assert offered(session, "show d") == ["disk"]
        assert "undo" not in offered(session, "u")
        assert offered(session, "mechanism dedup ") == []
        assert offered(session, "lesson ") == offered(session, "load ") == []
        assert offered(session, "les") == ["lessons"]
        assert offered(session, "lo") == ["lose"]
        assert offered(session, "wit") == []
    finally:
        store.close()


def test_a_lesson_is_offered_its_own_commands(tmp_path: Path) -> None:
    path = tmp_path / "sample.md"
    path.write_text(GOOD, encoding="utf-8")
    session = Session()
    entry.guide(session, catalog.at(path)[0], Progress(None)).begin()
    assert offered(session, "hin") == ["hint"]
    assert offered(session, "back") == []


@pytest.mark.parametrize(
    ("step", "words"), [(TRY, ["commit"]), (SHOW, []), (BREAK, ["rollback", "commit"])]
)
def test_a_lesson_is_offered_what_its_step_speaks_of(
    tmp_path: Path, step: int, words: list[str]
) -> None:
    """Also where that has nothing to do; and to break an engine, all there is."""
    path = tmp_path / "sample.md"
    path.write_text(GOOD, encoding="utf-8")
    session = Session()
    guide = entry.guide(session, catalog.at(path)[0], Progress(None))
    guide.runner.jump(step)
    guide.begin()
    session.run("commit")
    assert [*offered(session, "rol"), *offered(session, "com")] == words


@pytest.mark.parametrize("lines", [(), STORY, (*STORY, "crash"), (*STORY, "undo 4")], ids=str)
def test_a_line_of_words_that_were_offered_is_accepted(lines: tuple[str, ...]) -> None:
    """As it stands, or with a word or number behind it, where any will do."""
    session = after(*lines)
    ended = [line for line in _ends(session, "", 4) if split(line)[0] not in {"load", "feed"}]
    assert len(ended) > 20
    for line in ended:
        ways = (line, *(f"{line} {more}" for more in ("hello", "0", "hello == 1")))
        assert any(map(session.takes, ways)), line


def _ends(session: Session, line: str, most: int) -> Iterator[str]:
    words = offered(session, line) if most else []
    if not words and line:
        yield line.rstrip()
    for word in words[:12]:
        yield from _ends(session, f"{line}{word} ", most - 1)


def test_save_and_export_are_offered_no_file_that_is_there(folder: Path) -> None:
    session = Session()
    assert offered(session, "save ") == ["session.lab", "deeper/"]
    assert offered(session, "save o") == []
    assert offered(session, "save deeper/") == ["deeper/session.lab"]
    (folder / "session.lab").touch()
    (folder / "session-2.lab").symlink_to("nowhere")
    (folder / "run.html").touch()
    assert offered(session, "save ") == ["session-3.lab", "deeper/"]
    assert offered(session, "export run.h") == []
    assert "run-2.html" in offered(session, "export r")


@pytest.mark.parametrize("command", ["load", "feed"])
def test_what_reads_a_file_is_offered_files_and_folders(folder: Path, command: str) -> None:
    session = Session()
    assert offered(session, f"{command} ") == ["deeper/", "old.lab", "'two words.txt'"]
    assert offered(session, f"{command} .") == [".hidden"]
    assert offered(session, f"{command} {folder}/o") == [f"{folder}/old.lab"]
    assert offered(session, f"{command} ~nobody-of-this-name/") == []
    assert offered(session, f"{command} \0/") == []
    (folder / "old.lab").unlink()
    (folder / "old.lab").symlink_to("old.lab")
    os.mkfifo(folder / "pipe")
    assert offered(session, f"{command} ") == ["deeper/", "'two words.txt'"]


def test_with_many_ids_the_last_ones_are_offered() -> None:
    session = Session()
    session.do(c.Feed(tuple(f"w{number}" for number in range(10_000))))
    for line in ("retry ", "why ", "process ", "expect seen holds "):
        words = offered(session, line)
        assert words[0] == "e10000"
        assert len(words) == 200


def test_a_raw_request_and_an_open_quote_are_left_alone() -> None:
    session = after(*STORY)
    for line in ('{"type": "comm', "retry 'e", 'retry "e', "expect count 'he", "nonsense "):
        assert offered(session, line) == []
    with pytest.raises(Refused):
        session.run("nonsense ")
