"""`export`: at the prompt and on the command line; a file is written whole or not at all."""

import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from core.errors import Mistyped
from core.lab.lab import Lab
from repl import export
from repl.cli import export as cli
from repl.commands import share
from repl.export import FORMATS
from repl.render import View
from repl.session import Session
from tests.repl.render.sessions import STORY, played

ENDINGS = [each.ending for each in FORMATS]


def commanded(session: Session, file: Path | str) -> str:
    """Run the command; return what it says."""
    told = share.export(session, str(file))
    assert isinstance(told, View)
    return told.plain()


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_ending_says_what_is_written(ending: str, tmp_path: Path) -> None:
    session = Session()
    session.run("process e1 hello")
    file = tmp_path / f"run{ending}"
    assert "EXPORTED" in commanded(session, file)
    assert file.read_text(encoding="utf-8")
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize("file", ["run", "run.pdf", "run.md", "html", "run.html.gz"])
def test_an_unknown_ending_names_the_endings(file: str) -> None:
    with pytest.raises(Mistyped) as refused:
        commanded(Session(), file)
    assert all(ending in refused.value.text for ending in ENDINGS)


def test_capitals_in_an_ending_do_not_matter() -> None:
    assert export.chosen("RUN.HTML").ending == ".html"


def test_a_file_that_cannot_be_written_costs_one_line(tmp_path: Path) -> None:
    (tmp_path / "there.html").mkdir()
    for file in (tmp_path / "missing" / "run.html", tmp_path / "there.html"):
        with pytest.raises(Mistyped) as refused:
            commanded(Session(), file)
        assert refused.value.text.startswith("cannot write")
        assert "\n" not in refused.value.text
    assert [each.name for each in tmp_path.iterdir()] == ["there.html"]


def test_a_failed_export_leaves_the_file_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "run.txt"
    file.write_text("before", encoding="utf-8")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        export.write(played(*STORY), str(file), force=True)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("run.txt", "before")]


def test_what_was_undone_is_not_exported(tmp_path: Path) -> None:
    session = Session()
    for line in ("process e1 hello", "process e2 gone", "undo"):
        session.run(line)
    commanded(session, tmp_path / "run.txt")
    assert "gone" not in (tmp_path / "run.txt").read_text(encoding="utf-8")


def test_exporting_changes_nothing(tmp_path: Path) -> None:
    session = Session()
    session.run("process e1 hello")
    before = session.lab.freeze(), len(session.history.steps)
    for ending in ENDINGS:
        commanded(session, tmp_path / f"run{ending}")
    assert (session.lab.freeze(), len(session.history.steps)) == before


def on_the_command_line(*words: str) -> int:
    """Run `oncelab export SESSION -o FILE`; return its exit status."""
    session, _, out = words
    return cli.run(Namespace(session=session, output=out, force=False))


def test_a_saved_session_is_exported_from_the_command_line(tmp_path: Path) -> None:
    script = tmp_path / "story.lab"
    script.write_text("process e1 hello\ncrash\nrestart\nreplay\n", encoding="utf-8")
    out = tmp_path / "run.txt"
    assert on_the_command_line(str(script), "-o", str(out)) == 0
    assert "REPLAYED 1 event: same as before the crash" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("session", "out", "told"),
    [
        ("missing.lab", "run.txt", "cannot read"),
        ("story.lab", "run.pdf", "says no format"),
        ("story.lab", "nowhere/run.txt", "cannot write"),
        ("wrong.lab", "run.txt", "wrong.lab:1:"),
    ],
)
def test_what_cannot_be_exported_costs_one_line_and_status_2(
    session: str, out: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "story.lab").write_text("process e1 hello\n", encoding="utf-8")
    (tmp_path / "wrong.lab").write_text("proces e1 hello\n", encoding="utf-8")
    assert on_the_command_line(str(tmp_path / session), "-o", str(tmp_path / out)) == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1
    assert not (tmp_path / out).exists()


def test_nothing_of_it_is_loaded_before_it_is_asked_for() -> None:
    program = (
        "import sys; from repl import registry; import repl.commands.share; registry.load();"
        "sys.exit(any(name.startswith('repl.export') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_lab_it_plays_again_is_the_sessions_own() -> None:
    history = played(*STORY)
    assert history.at(0).freeze() == Lab().freeze()
