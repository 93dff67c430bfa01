"""README: its transcripts are real, its table is the registry's, its commands are two."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from repl.cli import SUBCOMMANDS
from repl.cli.reference import table
from repl.render import View, notes
from repl.render.theme import UNICODE
from repl.session import Session

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TRANSCRIPTS = re.findall(r"```console\n\$ (.*?)\n```", README, re.DOTALL)


def drawn(view: View) -> str:
    """Return a view as an 80-column terminal without colour shows it."""
    out = io.StringIO()
    Console(file=out, width=80, color_system=None, legacy_windows=False).print(view.draw(UNICODE))
    return out.getvalue()


def transcript(command: str) -> str:
    """Return what README says that a command prints."""
    found: list[str] = [each for each in TRANSCRIPTS if each.startswith(command)]
    assert len(found) == 1
    return found[0]


def shell(command: str, *, prints: str) -> None:
    """Run a command as README's reader does, with this Python, and compare what it prints."""
    programs = {"oncelab": f"{sys.executable} -m repl", "python3": sys.executable}
    run = re.sub(r"\b(oncelab|python3)\b", lambda found: programs[found[1]], command)
    ended = subprocess.run(
        ["bash", "-c", run], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.stdout.rstrip("\n") == prints


def test_the_table_of_commands_is_the_registrys() -> None:
    assert table() in README


@pytest.mark.parametrize("command", [each.name for each in SUBCOMMANDS])
def test_every_subcommand_is_named(command: str) -> None:
    assert f"`oncelab {command}" in README


def test_the_first_two_blocks_hold_one_command_each() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)[:2]
    assert [block.count("\n") for block in blocks] == [1, 1]


@pytest.mark.parametrize("first", ["process e1 hello", "mechanism dedup off"])
def test_what_happens_at_the_prompt_is_real(first: str) -> None:
    session = Session()
    told = transcript(f"oncelab\n[1] > {first}").removeprefix("oncelab\n")
    shown = []
    for line in re.findall(r"^\[.*?\] > (.*)$", told, re.MULTILINE):
        down = "" if session.lab.up else " down"
        shown.append(f"[{session.lab.number}{down}] > {line}")
        step, view, *_ = session.run(line)
        view = view if step is None else notes.step(step, session.history, session.takes)
        assert view is not None
        shown.append(drawn(view))
    assert "\n".join(shown).rstrip("\n") == told


@pytest.mark.parametrize(
    "command", ["oncelab run", "printf '%s\\n' '{\"type", "printf '%s\\n' '{\"src"]
)
def test_a_transcript_of_the_command_line_is_real(command: str) -> None:
    lines = transcript(command).split("\n")
    typed = next(n for n, line in enumerate(lines) if line == "END" or "python3 -m core" in line)
    script = "\n".join(line.removeprefix("> ") for line in lines[: typed + 1])
    shell(script, prints="\n".join(lines[typed + 1 :]))
