"""`oncelab run` and the other subcommands, as processes: output, errors, exit status."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from repl import cli
from repl.cli.exits import Exit

ROOT = Path(__file__).parents[3]


def oncelab(
    *arguments: str, typed: str = "", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `oncelab` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "repl", *arguments],
        cwd=ROOT,
        input=typed,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_empty_command_line_means_what_the_parser_says_of_it() -> None:
    assert vars(cli.no_options()) == vars(cli.parser([]).parse_args([]))


def test_a_script_that_does_what_it_expects_succeeds() -> None:
    ended = oncelab("run", "-", typed="process e1 hello\ncrash\nexpect down\n")
    assert ended.returncode == 0
    assert ended.stdout.startswith("step 1: process e1 hello: APPLIED")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("process e1 hello\nrestore cp9\ncommit\n", "standard input:2: no checkpoint"),
        ("process e1 hello\nexpect seen == 2\ncommit\n", "standard input:2: not met"),
        ('{"type": "foo"}\ncommit\n', "standard input:1: refused"),
        ("# a comment\n\nproces e1 hello\n", "standard input:3: there is no command 'proces'"),
    ],
)
def test_a_script_stops_at_its_first_error_and_names_the_line(script: str, said: str) -> None:
    ended = oncelab("run", "-", typed=script)
    assert ended.returncode == 1
    assert ended.stderr.startswith(said)
    assert "COMMITTED" not in ended.stdout


def test_keep_going_goes_on_and_fails_all_the_same() -> None:
    ended = oncelab("run", "--keep-going", "-", typed="restore\nprocess e1 hello\ncommit\n")
    assert ended.returncode == 1
    assert "COMMITTED" in ended.stdout


def test_json_gives_one_object_a_step_with_facts_and_changes() -> None:
    ended = oncelab("run", "--json", "-", typed="process e1 hello\nprocess e1 hello\nexpect up\n")
    first, second, last = map(json.loads, ended.stdout.splitlines())
    assert (first["step"], first["verdict"]) == (1, "APPLIED")
    assert first["changes"]["counts"] == {"hello": [0, 1]}
    assert second["facts"][0]["fact"] == "Skipped"
    assert second["facts"][0]["first_step"] == 1
    assert last["failed"] is False


def test_a_script_that_is_not_there_is_unreadable_input(tmp_path: Path) -> None:
    ended = oncelab("run", str(tmp_path / "no.lab"))
    assert ended.returncode == 2
    assert "No such file" in ended.stderr


def test_a_script_that_is_no_text_is_unreadable_input(tmp_path: Path) -> None:
    path = tmp_path / "binary.lab"
    path.write_bytes(b"\xff\xfe\x00")
    ended = oncelab("run", str(path))
    assert ended.returncode == 2
    assert "not UTF-8" in ended.stderr


@pytest.mark.parametrize("arguments", [["fly"], ["run"], ["--colour"], ["search", "--events"]])
def test_wrong_use_exits_with_2(arguments: list[str]) -> None:
    ended = oncelab(*arguments)
    assert ended.returncode == 2
    assert "usage:" in ended.stderr


@pytest.mark.parametrize("command", [each.name for each in cli.SUBCOMMANDS])
def test_every_subcommand_has_help_with_an_example(command: str) -> None:
    ended = oncelab(command, "--help")
    assert ended.returncode == 0
    assert "example:" in ended.stdout


@pytest.mark.parametrize(
    "line",
    [
        "run FILE",
        "search FILE",
        "export FILE -o out.txt",
        "store verify FILE",
        "lesson FILE",
        "lesson --check FILE",
        "lesson --verify FILE",
        "lesson --import FILE",
        "lesson 1 --script FILE",
    ],
)
def test_a_missing_file_is_told_alike_by_every_subcommand(line: str, tmp_path: Path) -> None:
    file = str(tmp_path / "no.md")
    ended = oncelab(*line.replace("FILE", file).split())
    assert ended.returncode == 2
    reason = f"cannot read {file!r}: No such file or directory"
    assert ended.stderr.removesuffix("; try: oncelab lesson\n").rstrip("\n") == (
        f"oncelab {line.split(maxsplit=1)[0]}: {reason}"
    )


def test_a_fault_of_ours_is_told_in_one_line_and_with_debug_in_full(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def faulty(_options: object) -> int:
        message = "something we did not think of"
        raise ZeroDivisionError(message)

    monkeypatch.setattr("repl.cli.run.run", faulty)
    monkeypatch.setattr(sys, "argv", ["oncelab", "run", "a.lab"])
    assert cli.main() == 70
    assert capsys.readouterr().err.startswith(
        "oncelab: ZeroDivisionError: something we did not think of; this is a bug in Oncelab"
    )
    monkeypatch.setattr(sys, "argv", ["oncelab", "--debug", "run", "a.lab"])
    assert cli.main() == 70
    told = capsys.readouterr().err
    assert told.startswith("Traceback")
    assert "ZeroDivisionError: something we did not think of; this is a bug in Oncelab" in told


def test_ctrl_c_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_options: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("repl.cli.run.run", interrupted)
    monkeypatch.setattr(sys, "argv", ["oncelab", "run", "a.lab"])
    assert cli.main() == 130


def test_readme_says_every_exit_status() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme[readme.index("| exit status |") :].partition("\n\n")[0]
    said = [int(number) for number in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)]
    assert said == [*Exit, 128 + signal.SIGTERM]


def test_without_a_terminal_and_arguments_it_is_the_raw_mode() -> None:
    ended = oncelab(typed='{"type":"commit","msg_id":1}\n')
    assert ended.stdout == '{"type": "committed", "in_reply_to": 1, "output_count": 0}\n'


def test_an_option_before_node_does_not_make_a_prompt_of_it() -> None:
    ended = oncelab("--plain", "node", typed='{"type":"commit","msg_id":1}\n')
    assert ended.stdout == '{"type": "committed", "in_reply_to": 1, "output_count": 0}\n'


@pytest.mark.parametrize(
    "arguments",
    [
        ["--store", "FILE"],
        ["--plain", "--store", "FILE", "--take-over"],
        ["--store", "FILE", "node"],
        ["--vi"],
    ],
)
def test_without_a_terminal_and_a_command_it_is_the_raw_mode_whatever_the_options(
    arguments: list[str], tmp_path: Path
) -> None:
    file = str(tmp_path / "lab.db")
    words = [each.replace("FILE", file) for each in arguments]
    ended = oncelab(*words, typed='{"type":"commit","msg_id":1}\n')
    assert ended.stdout == '{"type": "committed", "in_reply_to": 1, "output_count": 0}\n'
    assert ended.stderr == ""
    assert Path(file).exists() == ("--store" in arguments)


@pytest.mark.parametrize("command", ["run -", "lesson 1", "demo", "search", "store verify x"])
def test_a_store_for_a_command_that_would_leave_it_alone_is_refused(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "lab.db"
    monkeypatch.setattr(sys, "argv", ["oncelab", "--store", str(file), *command.split()])
    assert cli.main() == 2
    said = capsys.readouterr().err
    name = command.split(maxsplit=1)[0]
    assert said == f"oncelab {name}: --store goes with no command; try: oncelab --store FILE\n"
    assert not file.exists()


def test_an_ascii_locale_prints_any_word() -> None:
    environment = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ended = oncelab("run", "-", typed="process e1 caf\\u00e9\nshow\n", environment=environment)
    assert ended.returncode == 0
    assert ended.stdout.isascii()


def loaded(*arguments: str) -> list[str]:
    """Return the modules that `oncelab` has loaded at its end."""
    code = (
        "import sys; sys.argv = ['oncelab', *sys.argv[1:]]\n"
        "from repl.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('\\n', *sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout.rpartition("\n ")[2].split()


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["store", "--help"]])
def test_help_loads_neither_rich_nor_prompt_toolkit(arguments: list[str]) -> None:
    assert not {"rich", "prompt_toolkit", "markdown_it"} & set(loaded(*arguments))


def test_the_raw_mode_loads_nothing_that_it_has_no_use_for() -> None:
    ours = [name for name in loaded("node") if name.startswith(("repl.", "lessons"))]
    assert ours == ["repl.cli.exits", "repl.cli", "repl.cli.node"]
    assert not {"argparse", "pathlib", "sqlite3", "rich"} & set(loaded("node"))


def test_a_prompt_is_ready_to_start_without_argparse_and_rich() -> None:
    code = "import sys, repl.cli.prompt; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"argparse", "json", "rich", "prompt_toolkit"} & set(ended.stdout.split())


def test_help_loads_no_subcommand() -> None:
    ours = [name for name in loaded("--help") if name.startswith(("repl.", "lessons"))]
    assert ours == ["repl.cli.exits", "repl.cli", "repl.streams"]


def test_a_search_that_breaks_a_rule_exits_with_1_and_tells_in_json() -> None:
    ended = oncelab("search", "--events", "2", "--faults", "1", "--without", "dedup", "--json")
    found = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert found["violations"][0]["counterexample"][-1].startswith("retry")
    assert oncelab("search", "--events", "2", "--faults", "1").returncode == 0


def test_a_search_of_a_script_puts_a_fault_everywhere(tmp_path: Path) -> None:
    path = tmp_path / "story.lab"
    path.write_text("process e1 hello\ncheckpoint cp1\nprocess e2 world\ncommit\n")
    assert oncelab("search", str(path)).returncode == 0
    ended = oncelab("search", str(path), "--without", "transactional-output")
    assert ended.returncode == 1
    assert "doubled e" in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no.lab", "--events", "3"], "--events goes without SCRIPT"),
        (["no.lab", "--faults", "2"], "--faults goes without SCRIPT"),
        (["--checkpoints", "0", "no.lab"], "--checkpoints goes without SCRIPT"),
        (["-"], "SCRIPT is a file here"),
    ],
)
def test_a_search_of_a_script_takes_a_file_and_no_bounds(
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["oncelab", "search", *arguments])
    assert cli.main() == Exit.MISUSED
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--without", "magic"], ["--events", "-1"], ["no.lab"]])
def test_a_search_that_makes_no_sense_exits_with_2(arguments: list[str]) -> None:
    ended = oncelab("search", *arguments)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr


def test_a_check_that_cannot_start_the_node_exits_with_2() -> None:
    ended = oncelab("check", "--", "no-such-command-anywhere")
    assert ended.returncode == 2
    assert "cannot be started" in ended.stdout
