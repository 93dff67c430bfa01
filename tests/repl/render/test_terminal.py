"""The prompt in a real terminal, typed as a person types."""

import re
from pathlib import Path

import pytest

from tests.repl.terminal import Screen

PASTE_BEGIN, PASTE_END = "\x1b[200~", "\x1b[201~"
COLOUR = re.compile(rb"\x1b\[[0-9;]*(3[0-7]|9[0-7])[0-9;]*m")


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_first_prompt_says_what_this_is_and_what_to_type(tmp_path: Path, columns: int) -> None:
    with Screen(tmp_path, columns=columns) as screen:
        text = screen.until("UP │ 0 seen │ 0 pending │ exactly-once")
        assert "ONCELAB" in text
        assert "process e1 hello" in text
        assert "[1] >" in text


def test_steps_are_drawn_and_the_prompt_counts_them(tmp_path: Path) -> None:
    with Screen(tmp_path) as screen:
        screen.until("[1] >")
        screen.enter("process e1 hello", "[2] >")
        text = screen.enter("process e1 hello", "[3] >")
        assert "SKIPPED e1: duplicate" in text
        screen.enter("crash", "[4 down] >")
        screen.until(lambda text: "DOWN │ 0 seen" in text.splitlines()[-1])


def test_completion_opens_as_one_types_with_descriptions(tmp_path: Path) -> None:
    with Screen(tmp_path) as screen:
        screen.until("[1] >")
        screen.type("crash be")
        text = screen.until("before-commit")
        assert "before-apply" in text
        assert "after an event arrives, before it is applied" in text


def test_while_a_command_is_typed_the_toolbar_shows_its_use(tmp_path: Path) -> None:
    with Screen(tmp_path) as screen:
        screen.until("[1] >")
        screen.type("rollback")
        screen.until("rollback: Discard every pending output")


def test_at_60_columns_whole_segments_drop_from_the_right(tmp_path: Path) -> None:
    with Screen(tmp_path, columns=60) as screen:
        screen.until("[1] >")
        screen.enter("checkpoint a-rather-long-name", "[2] >")
        screen.enter("crash before-ack", "[3] >")
        text = screen.until("UP │ crash waits before-ack │ 0 seen │ 0 pending")
        toolbar = text.splitlines()[-1]
        assert "F1" not in toolbar
        assert len(toolbar) <= 60


def test_f1_helps_with_the_command_on_the_line(tmp_path: Path) -> None:
    with Screen(tmp_path) as screen:
        screen.until("[1] >")
        screen.type("rollback\x1bOP")
        screen.until("Discard every pending output")
        screen.until("[1] > rollback")  # what was typed stands there again


def test_ctrl_c_clears_the_line(tmp_path: Path) -> None:
    with Screen(tmp_path) as screen:
        screen.until("[1] >")
        screen.type("process e1 nonsense")
        screen.until("nonsense")
        screen.type("\x03")
        text = screen.enter("process e1 hello", "[2] >")
        assert "hello  1" in text


def test_ctrl_d_leaves_and_says_where_the_session_is(tmp_path: Path) -> None:
    with Screen(tmp_path, columns=200) as screen:
        screen.until("[1] >")
        screen.enter("process e1 hello", "[2] >")
        screen.type("\x04")
        assert screen.wait() == 0
        assert "the session is in a file" in screen.text
    (saved,) = (tmp_path / "oncelab" / "sessions").glob("*.lab")
    assert "process e1 hello" in saved.read_text()


def test_a_paste_of_many_lines_runs_as_many_lines(tmp_path: Path) -> None:
    with Screen(tmp_path) as screen:
        screen.until("[1] >")
        lines = "process e1 hello\nprocess e2 hello\ncommit\n"
        screen.type(f"{PASTE_BEGIN}{lines}{PASTE_END}\r")
        text = screen.until("[4] >")
        assert "COMMITTED 2 outputs" in text


def test_a_paste_stops_at_the_line_that_fails(tmp_path: Path) -> None:
    with Screen(tmp_path) as screen:
        screen.until("[1] >")
        lines = "process e1 hello\nrestore nowhere\nprocess e2 hello"
        screen.type(f"{PASTE_BEGIN}{lines}{PASTE_END}\r")
        text = screen.until("[2] >")
        assert "REFUSED" in text
        assert "e2" not in text.split("REFUSED")[1].split("[2] >")[0]


def test_without_colour_there_is_none(tmp_path: Path) -> None:
    with Screen(tmp_path, environment={"NO_COLOR": "1"}) as screen:
        screen.until("[1] >")
        screen.enter("process e1 hello", "[2] >")
        assert not COLOUR.search(screen.raw)


def test_with_colour_the_words_are_the_same(tmp_path: Path) -> None:
    with Screen(tmp_path) as screen:
        screen.until("[1] >")
        screen.enter("process e1 hello", "[2] >")
        assert COLOUR.search(screen.raw)
        assert "APPLIED e1: a new id" in screen.text


def test_a_dumb_terminal_gets_plain_sentences(tmp_path: Path) -> None:
    with Screen(tmp_path, environment={"TERM": "dumb"}) as screen:
        screen.until("[1] >")
        text = screen.enter("process e1 hello", "[2] >")
        assert "step 1: process e1 hello: APPLIED" in text
        assert b"\x1b" not in screen.raw
        screen.type("\x04")
        assert screen.wait() == 0


def test_an_ascii_locale_breaks_nothing(tmp_path: Path) -> None:
    environment = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    with Screen(tmp_path, environment=environment) as screen:
        screen.until("[1] >")
        text = screen.enter("process e1 hello", "[2] >")
        assert "APPLIED e1" in text
        text = screen.enter("show", "[2] >\n")
        assert "Traceback" not in text


def test_the_prompt_survives_a_resize(tmp_path: Path) -> None:
    with Screen(tmp_path) as screen:
        screen.until("[1] >")
        screen.resize(24, 60)
        screen.enter("process e1 hello", "[2] >")
        assert "APPLIED e1" in screen.enter("process e2 hello", "[3] >")


def test_an_unwritable_state_folder_warns_once_and_the_prompt_works(tmp_path: Path) -> None:
    (tmp_path / "oncelab").write_text("a file where a folder should be")
    with Screen(tmp_path) as screen:
        text = screen.until("[1] >")
        assert "cannot keep the history" in text
        screen.enter("process e1 hello", "[2] >")
        text = screen.enter("process e2 hello", "[3] >")
        assert text.count("not saved by itself") == 1


def test_ctrl_c_stops_a_long_feed_and_keeps_what_was_fed(tmp_path: Path) -> None:
    book = tmp_path / "book.txt"
    book.write_text("to be or not to be " * 400_000)
    with Screen(tmp_path) as screen:
        screen.until("[1] >")
        screen.type(f"feed {book}\r")
        screen.until("Ctrl-C stops")
        screen.type("\x03")
        text = screen.until("[2] >")
        assert "FED" in text
        assert "STOPPED" in text
