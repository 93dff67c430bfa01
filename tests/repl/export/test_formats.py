"""Each format: what one golden session comes to, and what a reader makes of it."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from core import messages as m
from core import wire
from core.lab import commands as c
from core.lab.history import History
from core.lab.lab import Lab
from core.mechanisms import AT_LEAST_ONCE
from core.mutants import MUTANTS
from core.node import Node
from core.processor import Processor
from lessons import catalog, lint
from repl import registry
from repl.export import FORMATS, Format, transcript
from repl.export.html import data
from repl.export.mermaid import escaped
from repl.export.moments import moments
from repl.raw import lines
from tests.core.lab.scenes import pretended
from tests.repl.export.browser import Browser
from tests.repl.export.golden import GOLDEN, HOSTILE, hostile, long
from tests.repl.render.sessions import STORY, TROUBLE, played, wild

SESSIONS = {
    "golden": played(*GOLDEN),
    "trouble": played(*TROUBLE),
    "hostile": hostile(),
    "none": History(),
}
MAKE = {each.ending: each.make for each in FORMATS}
each_session = pytest.mark.parametrize("history", SESSIONS.values(), ids=list(SESSIONS))


@pytest.mark.parametrize("kind", FORMATS, ids=[each.ending for each in FORMATS])
def test_an_export_looks_as_it_did(kind: Format, snapshot: SnapshotAssertion) -> None:
    """The golden session in each format; a `.snap` holds what the file would."""
    assert kind.make(SESSIONS["golden"]) == snapshot


@each_session
@pytest.mark.parametrize("kind", FORMATS, ids=[each.ending for each in FORMATS])
def test_the_same_session_gives_the_same_file(kind: Format, history: History) -> None:
    text = kind.make(history)
    assert kind.make(history) == text
    assert text == "" or text.endswith("\n")


@pytest.mark.parametrize(
    ("start", "commands", "fault"),
    [
        (Lab, (c.Process("e1", "a"), c.Commit()), None),
        (Lab, (c.Process("e1", "a"), c.Crash(), c.Restart(), c.Crash()), 2),
        (partial(Lab, AT_LEAST_ONCE), (c.Process("e1", "a"), c.Crash()), 0),
        (MUTANTS["no-dedup"].start, (c.Process("e1", "a"), c.Crash()), 0),
        (MUTANTS["torn-commit"].start, (c.Process("e1", "a"), c.Crash()), 0),
        (pretended, (c.Process("e1", "a"), c.Crash()), 2),
    ],
)
def test_the_player_knows_from_which_step_on_a_run_differs_from_one_without_a_fault(
    start: Callable[[], Lab], commands: tuple[c.Command, ...], fault: int | None
) -> None:
    """From the start, where a mechanism is off or the processor is a wrong one."""
    made = History(start)
    for command in commands:
        made.do(command)
    assert data(made)["fault"] == fault


@each_session
@pytest.mark.parametrize("ending", [".html", ".svg"])
def test_a_picture_names_nothing_to_fetch(ending: str, history: History) -> None:
    text = MAKE[ending](history)
    addresses = re.findall(r"https?://[^\s\"']+", text)
    assert set(addresses) <= {"http://www.w3.org/2000/svg"}  # the name of a language, never fetched
    assert "@import" not in text
    assert "url(" not in text


# .jsonl


def answered(history: History) -> list[dict[str, object]]:
    """Return a node's replies to the requests of a session."""
    node = Node()
    said = node.feed(MAKE[".jsonl"](history).encode()) + node.finish()
    return [json.loads(line) for line in said.splitlines()]


def replies(history: History) -> Iterator[dict[str, object]]:
    """Yield what the session itself replied, in order."""
    for step, lab in moments(history):
        if isinstance(step.command, c.Feed):
            yield from _fed(step.command, lab)
        elif isinstance(step.command, c.Restart):
            yield _told(m.RestoredReply(0, {}))
        else:
            for line in lines(step, lab, 1):
                told = json.loads(line)
                if "in_reply_to" in told:
                    yield told


def _fed(command: c.Feed, lab: Lab) -> Iterator[dict[str, object]]:
    start = len(lab.source.log) - len(command.words)
    processor = Processor()
    for event_id, word in lab.source.log[:start]:
        processor.process(event_id, word)
    for event_id, word in lab.source.log[start:]:
        count, duplicate = processor.process(event_id, word)
        yield _told(m.ProcessedReply(0, word, count, was_duplicate=duplicate))


def _told(reply: m.Reply) -> dict[str, object]:
    told: dict[str, object] = json.loads(wire.encode(reply))
    return told


def test_a_node_answers_the_requests_as_the_session_did() -> None:
    history = SESSIONS["golden"]
    given = answered(history)[1:]  # the first one saves what a restart comes back to
    expected = list(replies(history))
    for reply in (*given, *expected):
        reply.pop("in_reply_to", None)
    assert given == expected


@pytest.mark.parametrize("seed", range(12))
def test_no_request_of_any_session_is_refused(seed: int) -> None:
    history = wild(seed)
    given = answered(history)
    assert [each["in_reply_to"] for each in given] == list(range(1, len(given) + 1))
    on = all(not step.command.switches for step in history.steps)
    if on:
        assert all(each["type"] != "error" for each in given)


def test_a_request_is_one_that_the_wire_takes() -> None:
    for line in MAKE[".jsonl"](SESSIONS["hostile"]).splitlines():
        wire.read_request(wire.body_of(wire.parse(line)))


# .cast


@each_session
def test_a_recording_is_asciinemas_version_2(history: History) -> None:
    header, *events = map(json.loads, MAKE[".cast"](history).splitlines())
    assert (header["version"], header["width"], header["height"]) == (2, 80, 24)
    times = [at for at, _, _ in events]
    assert times == sorted(times)
    assert {kind for _, kind, _ in events} == {"o"}
    assert all(isinstance(text, str) for _, _, text in events)


def test_a_recording_shows_what_the_transcript_says() -> None:
    _, *events = map(json.loads, MAKE[".cast"](SESSIONS["golden"]).splitlines())
    text = "".join(text for _, _, text in events).replace("\r\n", "\n")
    assert re.sub(r"\x1b\[[0-9;]*m", "", text).rstrip("\n") == MAKE[".txt"](
        SESSIONS["golden"]
    ).rstrip("\n")


# .txt


def test_the_transcript_is_what_the_prompt_shows() -> None:
    text = MAKE[".txt"](played(*STORY))
    assert text.startswith("[1] > process e1 hello\nAPPLIED e1: a new id\n")
    assert "[6 down] > restore cp1\nRESTORED cp1: hello 1 · 1 seen · 1 pending\n" in text


def test_no_control_character_gets_into_the_transcript() -> None:
    assert "\x1b" not in transcript.export(SESSIONS["hostile"])


# .svg


@each_session
def test_the_picture_is_xml_without_a_script(history: History) -> None:
    made = ET.fromstring(MAKE[".svg"](history))  # noqa: S314 - made a line above
    names = {each.tag.rpartition("}")[2] for each in made.iter()}
    assert names <= {"svg", "title", "desc", "style", "rect", "text", "path"}


def test_the_picture_strikes_lost_work_and_joins_a_replay() -> None:
    made = MAKE[".svg"](played(*STORY))
    assert made.count('class="lost"') == 1
    assert made.count('class="joint"') == 2
    assert 'class="crash"' in made


def test_a_long_quiet_stretch_is_one_column() -> None:
    made = MAKE[".svg"](played(*(c.Process(None, "a") for _ in range(50))))
    assert ">1..50<" in made
    assert ">+50<" in made


# .mmd


def test_mermaid_itself_draws_the_diagram(browser: Browser) -> None:
    browser.quiet = False  # what Mermaid prints is not ours
    told = browser("mermaid", MAKE[".mmd"](SESSIONS["golden"]))
    assert {"source", "processor", "disk", "sink"} <= set(told)


def test_mermaid_shows_hostile_words_as_they_are(browser: Browser) -> None:
    browser.quiet = False
    words = [word for word in HOSTILE if word.isprintable() and word and len(word) < 20]
    told = browser("mermaid", MAKE[".mmd"](played(*(c.Process(None, word) for word in words))))
    for place, word in enumerate(words, 1):
        quoted = f"'{word}'" if " " in word else word
        assert f"e{place} {quoted}" in told


def test_what_means_something_to_mermaid_goes_by_its_number() -> None:
    assert escaped("a;b#c->>d%%") == "a#59;b#35;c#45;#62;#62;d#37;#37;"


# .lesson.md


@pytest.mark.parametrize("seed", [*SESSIONS, *range(6)])
def test_a_lesson_passes_the_check_once_it_is_filled_in(seed: str | int, tmp_path: Path) -> None:
    history = SESSIONS[seed] if isinstance(seed, str) else wild(seed)
    made = MAKE[".lesson.md"](history)
    assert "TODO" in made
    file = tmp_path / "mine.md"
    file.write_text(made.replace("TODO", "done"), encoding="utf-8")
    assert lint.check(catalog.at(file), registry.load()) == []


def test_a_long_session_is_exported_in_every_format() -> None:
    history = long(500)
    assert all(kind.make(history) for kind in FORMATS)
