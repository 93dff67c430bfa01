"""A check passes a right node, names what a wrong one lacks, and survives any node at all."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from core.examiner.conformance import Conformance, Terms, check
from core.examiner.report import of_check
from core.mutants import MUTANTS

ROOT = Path(__file__).parents[3]
WRONG = str(Path(__file__).with_name("wrong_node.py"))
PYTHON = (sys.executable, "-S")  # without the site's packages it starts faster
FEW = Terms(cases=10, limit=5.0)
PATIENCE = 30
"""Seconds to wait for what comes at once on an idle machine."""

BASIC = """
import sys, json, time, os
from core.node import Node
node = Node()
def out(text):
    sys.stdout.write(text)
    sys.stdout.flush()
"""
ANSWER = "    out((node.answer(line) or '') + '\\n')\n"


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the nodes import the project."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def check_script(
    body: str, terms: Terms = FEW, on_progress: Callable[[int], bool] = lambda _: True
) -> Conformance:
    """Check a node whose main program is this."""
    return check([*PYTHON, "-c", BASIC + body], terms, on_progress)


def test_the_projects_own_node_passes() -> None:
    """Strictly, and to the byte."""
    report = check([*PYTHON, "-m", "core"], FEW._replace(strict=True, exact=True))
    assert (report.verdict, report.difference, report.advice) == ("pass", None, ())
    assert of_check(report)["witness"] == []
    assert report.complete


@pytest.mark.long
def test_the_projects_own_node_passes_a_thousand_schedules() -> None:
    """With time to spare."""
    started = monotonic()
    report = check([*PYTHON, "-m", "core"], Terms(cases=1000))
    assert report.verdict == "pass"
    assert monotonic() - started < 40


@pytest.mark.parametrize("name", [n for n, mutant in MUTANTS.items() if mutant.shows != "lab"])
def test_a_mutant_fails_with_a_short_witness_and_is_named(name: str) -> None:
    """At most six messages, and the misconception behind it."""
    mutant = MUTANTS[name]
    terms = FEW._replace(strict=mutant.shows == "wire-strict")
    report = check([*PYTHON, WRONG, name], terms)
    assert report.verdict == "fail"
    assert report.difference is not None
    assert len(report.difference.witness) <= 6
    assert report.mutant is mutant


def test_what_goes_beyond_the_basic_messages_is_advice() -> None:
    """A node without rollback passes, and hears of it."""
    report = check([*PYTHON, WRONG, "rollback-leaves-seen"], FEW)
    assert report.verdict == "pass"
    assert [advice.topic for advice in report.advice] == ["rollback"]


@pytest.mark.long
def test_a_mutant_of_the_laboratory_alone_passes() -> None:
    """Nothing on the wire tells it apart."""
    for name in ("offset-first", "torn-commit"):
        assert check([*PYTHON, WRONG, name], FEW).verdict == "pass"


TROUBLE = {
    "hang": ("hang", "import time\ntime.sleep(1000)"),
    "hang with children": ("hang", "import subprocess\nsubprocess.run(['sleep', '1000'])"),
    "hang at a commit": (
        "hang",
        f"for line in sys.stdin:\n    if 'commit' in line: time.sleep(1000)\n{ANSWER}",
    ),
    "death at once": ("death", "sys.exit(3)"),
    "death by a fault": ("death", "for line in sys.stdin: raise ValueError('boom')"),
    "death by a signal": ("death", "for line in sys.stdin: os.kill(os.getpid(), 9)"),
    "junk": ("junk", "for line in sys.stdin: out('hello there\\n')"),
    "a banner": ("junk", f"out('Node 1.0\\n')\nfor line in sys.stdin:\n{ANSWER}"),
    "a flood of lines": ("flood", "while True: out('y\\n' * 1000)"),
    "a flood without an end": ("flood", "while True: out('y' * 1000)"),
    "a flood of right answers": (
        "flood",
        "for line in sys.stdin:\n    reply = node.answer(line)\n    while True: out(reply + '\\n')",
    ),
    "a flood of errors": ("hang", "while True: sys.stderr.write('e' * 1000)"),
    "no flush": (
        "hang",
        "to = open(1, 'wb', buffering=1 << 20)\nfor i in sys.stdin.buffer: to.write(node.feed(i))",
    ),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_a_node_that_cannot_be_tested_is_reported_as_that(name: str) -> None:
    """In little more than the time limit."""
    kind, body = TROUBLE[name]
    started = monotonic()
    report = check_script(body, FEW._replace(limit=1.0))
    assert report.verdict == "broken"
    assert report.difference is not None
    assert report.difference.trouble == kind
    assert monotonic() - started < 15


def test_a_fault_in_a_node_is_told_in_its_own_words() -> None:
    """The last line of its standard error."""
    report = check_script("for line in sys.stdin: raise ValueError('boom')")
    assert report.difference is not None
    assert report.difference.message == "it ended with status 1: ValueError: boom"


def test_a_node_that_does_not_flush_is_told_so() -> None:
    """The commonest reason for a hang."""
    report = check_script(TROUBLE["no flush"][1], FEW._replace(limit=1.0))
    assert report.difference is not None
    assert "flush" in report.difference.message


@pytest.mark.parametrize("command", [[], ["/nowhere/node"], [str(ROOT)]])
def test_a_command_that_cannot_be_started_is_reported_as_that(command: list[str]) -> None:
    """With the system's reason."""
    report = check(command, FEW)
    assert report.verdict == "broken"
    assert report.difference is not None
    assert report.difference.trouble == "start"


def test_no_process_is_left_behind(tmp_path: Path) -> None:
    """Neither the node's own nor what it has started."""
    pids = tmp_path / "pids"
    body = (
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '1000'])\n"
        f"open({str(pids)!r}, 'a').write(f'{{os.getpid()}} {{child.pid}} ')\n"
        f"for line in sys.stdin:\n{ANSWER}"
    )
    check_script(body, on_progress=lambda asked: asked < 30)
    started = [int(pid) for pid in pids.read_text().split()]
    assert len(started) > 10
    until = monotonic() + PATIENCE
    while list(still_running(started)) and monotonic() < until:
        sleep(0.01)  # one that was killed may take its time
    assert list(still_running(started)) == []


def still_running(pids: list[int]) -> Iterator[int]:
    """Yield those that have not ended (one that ended may wait to be reaped)."""
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state not in "ZX":
            yield pid


def test_a_node_that_stays_after_its_input_is_advised_to_stop() -> None:
    """Once, and without waiting for it each time."""
    body = f"for line in sys.stdin:\n{ANSWER}time.sleep(1000)"
    report = check_script(body, on_progress=lambda asked: asked < 30)
    assert report.verdict == "pass"
    assert "end of input" in {advice.topic for advice in report.advice}


def test_a_node_that_keeps_silent_about_bad_input_is_not_waited_for() -> None:
    """Its next reply says that it kept silent."""
    body = (
        "for line in sys.stdin.buffer:\n"
        "    line = line.decode(errors='replace')\n"
        "    reply = node.answer(line)\n"
        "    if reply and '\"error\"' not in reply: out(reply + '\\n')\n"
    )
    started = monotonic()
    report = check_script(body, FEW)
    assert report.verdict == "pass"
    assert {"unknown type", "bad input"} <= {advice.topic for advice in report.advice}
    assert monotonic() - started < 25


@pytest.mark.parametrize(
    ("change", "exact", "verdict"),
    [
        ("json.dumps(value, separators=(',', ':'), sort_keys=True)", False, "pass"),
        ("json.dumps(value, separators=(',', ':'))", True, "fail"),
        ("json.dumps(value).replace('true', '1').replace('false', '0')", False, "fail"),
        ("json.dumps({**value, 'extra': 1})", False, "fail"),
    ],
)
def test_replies_are_compared_as_json_values_or_as_bytes(
    change: str,
    exact: bool,  # noqa: FBT001 - a column of the table
    verdict: str,
) -> None:
    """Spaces and the order of keys are free, unless bytes count; true is not 1."""
    body = (
        "for line in sys.stdin.buffer:\n"
        "    reply = node.feed(line)\n"
        "    if reply:\n"
        "        value = json.loads(reply)\n"
        f"        out({change} + '\\n')\n"
    )
    report = check_script(body, FEW._replace(exact=exact, cases=0))
    assert report.verdict == verdict


@pytest.mark.long
def test_a_wrong_node_found_by_chance_alone_is_shrunk_to_few_messages() -> None:
    """A node that counts its fourth commit twice is beyond the samples."""
    body = (
        "commits = 0\n"
        "for line in sys.stdin.buffer:\n"
        "    reply = node.feed(line).decode()\n"
        "    commits += 'committed' in reply\n"
        "    if 'committed' in reply and commits == 4:\n"
        "        reply = reply.replace('count\": 1}', 'count\": 2}')\n"
        "    out(reply)\n"
    )
    report = check_script(body, FEW._replace(cases=100))
    assert report.verdict == "fail"
    assert report.difference is not None
    assert len(report.difference.witness) == 5
    assert report.mutant is None


def test_a_check_can_be_stopped() -> None:
    """With what it has found so far."""
    report = check([*PYTHON, "-m", "core"], FEW, on_progress=lambda asked: asked < 10)
    assert not report.complete
    assert report.verdict == "pass"


def test_the_report_is_one_json_object() -> None:
    """With what a grader looks for."""
    report = of_check(check([*PYTHON, WRONG, "no-dedup"], FEW))
    assert json.loads(json.dumps(report)) == report
    assert report["verdict"] == "fail"
    assert report["mechanism"] == "dedup"
    assert report["misconception"] == {
        "number": 1,
        "belief": "Exactly-once means the code runs once.",
        "truth": "It runs as often as it must; the effect is one.",
    }
    assert isinstance(report["witness"], list)
    assert len(report["witness"]) == 2
