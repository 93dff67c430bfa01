"""A session: lines in, steps and views out; scripts written and read back."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Mistyped, Refused
from core.lab import commands as c
from core.lab.commands import typed
from core.lab.facts import Applied, Crashed, Replayed, Restored, Saved, Skipped
from core.lab.lab import Lab
from core.mutants import MUTANTS
from core.node import Node
from repl import script
from repl.render import reports
from repl.session import Outcome, Session
from tests.core.lab.scenes import pretended
from tests.repl.render.sessions import wild

STORY = [
    ("process e1 hello", Applied),
    ("checkpoint cp1", Saved),
    ("process e1 hello", Skipped),
    ("process e2 hello", Applied),
    ("crash", Crashed),
    ("restore cp1", Restored),
    ("replay", Replayed),
]


def run(session: Session, *lines: str) -> Outcome:
    """Run lines; return what came of the last."""
    outcome = Outcome()
    for line in lines:
        outcome = session.run(line)
    return outcome


def frozen(session: Session) -> object:
    """Return everything a refused line must leave alone."""
    return session.lab.freeze(), len(session.history.steps), session.lab.number


def test_the_story_of_seven_steps_ends_as_it_was_before_the_crash() -> None:
    session = Session()
    for line, fact in STORY:
        step = session.run(line).step
        assert step is not None
        assert isinstance(step.facts[0], fact)
    for condition in (
        "count hello == 2",
        "seen == 2",
        "pending holds e1 once",
        "pending holds e2 once",
        "sink == 0",
        "up",
    ):
        assert not session.run(f"expect {condition}").failed
    session.run("commit")
    assert not session.run("expect rule same-as-clean holds").failed


NO_POINTS = [
    *("crash before checkpoint", "crash after checkpoint", "crash in ack", "crash in apply"),
    *("crash at commit", "crash before restart", "crash beforecheckpoint", "crash before"),
    *("crash not before-commit", "crash no before-commit", "crash before-ack?", "crash commit"),
]
ASKED = {
    "history": ("redo", "redo 3"),
    "help undo": ("undo last", "undo one", "undo 0", "undo -2", "undo x", "undo 1.5"),
    "help redo": ("redo x",),
    "help goto": ("goto end", "goto last", "goto +2", "goto cp1", "goto -1"),
    "undo 2": ("undo step 2",),
    "goto 2": ("goto step 2",),
    "help rollback": ("rollback?", "rollback e1", "rolback?"),
    "help commit": ("commit?", "commit all", "commit now"),
    "help reset": ("reset?",),
    "help": ("dedup?", "resett?", "no-crash", "not rollback"),
    "guarantee ?": (
        *("guarantee no exactly-once", "guarantee exactly-once off", "guarantee exactly-once not"),
        "guarantee at",
    ),
    "mechanism ?": ("mechanism dedup on off", "mechanism not dedup off"),
    "mechanism dedup": ("mechanism dedup not off", "mechanism dedup off?"),
    "wire ?": ("wire on off",),
    "undo ?": ("undo 1 2",),
    "restore cp1": ("restore CP1", "restore cp"),
    "show checkpoints": ("restore cp9", "restore x", "checkpoints"),
    "why e1": ("why E1",),
    "retry e1": ("retry E1",),
    "show source": ("why e9", "why e", "retry e9", "retry e"),
    "crash before-apply": tuple(
        f"crash before {each}" for each in ("processing", "process", "apply", "event", "an event")
    ),
    "crash before-ack": tuple(
        f"crash after {each}" for each in ("processing", "process", "apply", "event")
    ),
    "help expect": tuple(
        f"expect {each}"
        for each in (
            *("sink != e1", "seen == two", "seen == -3", "seen == 2.5", "sink == two"),
            *("count hello == count world", "sink holds e1 twice", "seen == 1, sink == 2"),
            *("seen ≠ 2", "seen≥2", "seen < sink", "sink == seen", "seen doesn't hold e1"),
        )
    ),
    "expect down": ("expect is down",),
    "expect up": ("expect is up",),
    "expect rule sink-once broken": ("expect sink-once broken",),
    "diff clean": ("diff Clean", "diff clena"),
    "show": ("show outputs",),
    "search": ("witness",),
    "search ?": ("search 1.5", "search e1", "search -", "search -1", "search 1 2 3 4"),
}
"""Hint → lines that do not plainly say something that acts: it only looks, or asks."""

MISTAKES = [
    ("proces e1 hello", "process e1 hello"),
    ("proces", "help process"),
    ("kill", "crash"),
    ("process 'e1", 'process "two words"'),
    ("process", "process e1 hello"),
    ("process a b c", "process a 'b c'"),
    ("crash at-once", "crash"),
    ("crash none", "help crash"),
    ("crash help", "crash ?"),
    *((line, "crash ?") for line in NO_POINTS),
    *((line, hint) for hint, lines in ASKED.items() for line in lines),
    ("mechanism dedupp off", "mechanism dedup off"),
    ("mechanism dedup offf", "mechanism dedup off"),
    ("guarantee twice", "guarantee ?"),
    ("process e1", "retry e1"),
    ("replay 7", "replay 0"),
    ("replay x", "replay 0"),
    ("restart", "crash"),
    ("goto 99", "goto 3"),
    ("show sinks", "show sink"),
    ("show seen 5..1", "show seen 1..5"),
    ("expect count", "expect count hello == 1"),
    ("load nowhere.lab", "help load"),
    ("save /nowhere/x.lab", "save crash.lab"),
    ("feed nowhere.txt", "feed to be or not to be"),
    ("goto " + "9" * 5000, "help goto"),
    ("timeline x", "timeline 1..20"),
    ("history 5..2", "history 2..5"),
    ("show all 3", "show all"),
    ("diff clean 2", "diff clean"),
    ("load ''", "help load"),
    ("save ''", "save crash.lab"),
    ("save .", "save crash.lab"),
    ("save 'x\0y'", "save crash.lab"),
    ("feed './x\0y'", "feed to be or not to be"),
    ("help c", "help checkpoint"),
    ("lose", "lose ack"),
    ("help xyzzy", "help"),
    ("clear", "help"),
    ("Clear", "help"),
    ("resett", "help"),
    ("reset now", "help reset"),
    ("kill everything", "help crash"),
    ("crsh before commit", "crash before-commit"),
    ("lose_ack", "lose ack"),
    ("switch off dedup", "mechanism dedup off"),
    ("show check points", "show checkpoints"),
    ("show Seen 1..2", "show seen 1..2"),
    ("wire ON", "wire on"),
    ("undo 999", "undo 3"),
    ("search three", "search 3"),
    ("search 3, 2", "search 3 2"),
    ("expect seen=2", "expect seen == 2"),
    ("expect 'count hello", "help expect"),
    ("help dedup", "help mechanism dedup"),
    ("help crash before commit", "help crash before-commit"),
    ("help lose it", "help lose"),
    ("wipe", "help"),
    ("rm x", "help"),
    ("hlep crash", "help crash"),
    ("restore a b", "help restore"),
    ("expect seen e1", "expect seen holds e1"),
    ("expect not up", "help expect"),
    ("timeline 1-3", "timeline 1..3"),
    ("timeline 1...3", "timeline 1..3"),
    ("timeline 40 42", "timeline 40..42"),
    ("timeline 40 .. 42", "timeline 40..42"),
    ("timeline 1 ..", "timeline 1.."),
    ("history .. 3", "history ..3"),
    ("show seen 1 to 3", "show seen 1..3"),
    ("diff 1..2", "diff 1 2"),
    ("diff 1 - 2", "diff 1 2"),
    ("diff 1..", "diff 1"),
]


@pytest.mark.parametrize(("line", "hint"), MISTAKES, ids=[line[:30] for line, _ in MISTAKES])
def test_a_mistyped_line_says_what_to_type_and_changes_nothing(line: str, hint: str) -> None:
    session = Session()
    run(session, "process e1 hello", "checkpoint cp1", "process e2 hello")
    before = frozen(session)
    with pytest.raises(Refused) as caught:
        session.run(line)
    assert isinstance(caught.value, Refused)
    assert caught.value.text
    assert caught.value.hint == hint
    assert session.takes(hint)
    assert len(caught.value.text) <= 160
    assert frozen(session) == before


STATES = {
    "young": [],
    "up": ["process e1 hello", "checkpoint cp1", "process e2 hello"],
    "due": ["process e1 hello", "process e2 hello", "lose ack"],
    "down": ["process e1 hello", "crash"],
    "saved and down": ["process e1 hello", "checkpoint cp1", "crash"],
    "sent once": ["mechanism source-replay off", "crash before-apply", "process hello", "restart"],
    "undone": ["process e1 hello", "undo"],
}
WRONG = [
    *(line for line, _ in MISTAKES),
    *("retry", "replay", "lose ack", "restore", "restart", "crash", "undo", "redo", "why e1"),
    *("process new", "feed a b", "commit", "mechanism dedup off", "search x", "goto 2", "undo 0"),
]


@pytest.mark.parametrize("state", STATES)
def test_what_a_refusal_suggests_is_accepted_as_it_stands(
    state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = 0
    for line in WRONG:
        session = Session()
        run(session, *STATES[state])
        try:
            session.run(line)
        except Refused as fault:
            refused += 1
            session.run(fault.hint)
    assert refused >= len(MISTAKES) - 10


STARTS = {"right": Lab, "on a disk": pretended, **{n: m.start for n, m in MUTANTS.items()}}


@pytest.mark.parametrize("start", STARTS.values(), ids=list(STARTS))
def test_what_a_step_suggests_is_accepted_as_it_stands(start: Callable[[], Lab]) -> None:
    """Each hint is typed into a copy, also before a wrong processor."""
    hints = 0
    for seed in range(10):
        session = Session(start)
        for command in [step.command for step in wild(seed).steps]:
            try:
                step = session.do(command)
            except Refused:
                continue
            told = reports.report(step, session.history, session.takes)
            for hint in (each for row in told.rows for each in row.commands):
                twin = Session(start)
                for past in session.history.steps:
                    twin.do(past.command)
                twin.run(hint)
                hints += 1
    assert hints > 40


@pytest.mark.parametrize(
    "line",
    [
        "process e3 x",
        "commit",
        "rollback",
        "checkpoint",
        "retry",
        "replay",
        "lose ack",
        "feed a b",
        "crash",
        "crash off",
        "mechanism dedup off",
        "guarantee at-most-once",
    ],
)
def test_while_down_everything_but_coming_up_is_refused(line: str) -> None:
    session = Session()
    run(session, "process e1 hello", "checkpoint cp1", "crash")
    before = frozen(session)
    with pytest.raises(Refused, match="down") as caught:
        session.run(line)
    assert caught.value.hint == "restore"
    assert frozen(session) == before


def test_a_raw_request_is_answered_in_raw_form_and_makes_a_step() -> None:
    session = Session()
    outcome = session.run('{"type":"process","msg_id":1,"event_id":"e1","word":"hello"}')
    assert outcome.step is not None
    assert outcome.wire == (
        (
            '{"type": "processed", "in_reply_to": 1, "word": "hello", "count": 1,'
            ' "was_duplicate": false}'
        ),
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"type":"process","msg_id":1}', 12),
        ('{"type":"fly","msg_id":1}', 10),
        ('{"type":"restore","msg_id":1,"checkpoint_id":"cp9"}', 20),
        ('{"type":"process", oops', 12),
    ],
)
def test_a_raw_request_that_cannot_be_served_is_answered_and_changes_nothing(
    line: str, code: int
) -> None:
    session = Session()
    before = frozen(session)
    outcome = session.run(line)
    assert json.loads(outcome.wire[0])["code"] == code
    assert frozen(session) == before


def test_a_raw_restore_is_refused_in_the_words_of_the_node() -> None:
    line = '{"type":"restore","msg_id":1,"checkpoint_id":"z"}'
    assert Session().run(line).wire == (Node().answer(line),)


def test_a_raw_request_while_down_is_answered_with_an_error_of_its_number() -> None:
    session = Session()
    run(session, "process e1 hello", "crash")
    reply = json.loads(session.run('{"type":"commit","msg_id":7}').wire[0])
    assert (reply["in_reply_to"], reply["code"]) == (7, 11)


def test_a_raw_init_is_greeted_and_is_no_step() -> None:
    outcome = Session().run('{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1"]}')
    assert outcome.step is None
    assert outcome.wire == ('{"type": "init_ok", "in_reply_to": 1}',)


def test_wire_on_shows_the_json_behind_a_typed_command() -> None:
    session = Session()
    outcome = run(session, "wire on", "process e1 hello")
    assert outcome.wire == (
        '{"type": "process", "msg_id": 1, "event_id": "e1", "word": "hello"}',
        (
            '{"type": "processed", "in_reply_to": 1, "word": "hello", "count": 1,'
            ' "was_duplicate": false}'
        ),
    )


def test_a_reply_that_a_crash_came_before_is_not_shown() -> None:
    session = Session()
    outcome = run(session, "wire on", "process e1 hello", "crash after-commit", "commit")
    assert outcome.wire == ('{"type": "commit", "msg_id": 2}',)


def test_each_request_on_the_wire_has_a_number_of_its_own() -> None:
    """A feed and a replay send as many as they have events, and the count goes on behind them."""
    session = Session()
    shown = [
        json.loads(line)
        for typed in ("wire on", "feed a b", "crash", "restart", "replay", "commit")
        for line in session.run(typed).wire
    ]
    requests = [each for each in shown if "msg_id" in each]
    told = [(each["type"], each.get("word")) for each in requests]
    events = [("process", "a"), ("process", "b")]
    assert told == [*events, *events, ("commit", None)]
    assert [each["msg_id"] for each in requests] == [1, 2, 3, 4, 5]
    assert [each["in_reply_to"] for each in shown if "in_reply_to" in each] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("point", "line", "request_"),
    [
        ("before-apply", "process e2 b", {"type": "process", "event_id": "e2", "word": "b"}),
        ("before-ack", "process e2 b", {"type": "process", "event_id": "e2", "word": "b"}),
        ("in-checkpoint", "checkpoint cp1", {"type": "checkpoint", "checkpoint_id": "cp1"}),
        ("before-commit", "commit", {"type": "commit"}),
        ("in-commit", "commit", {"type": "commit"}),
        ("after-commit", "commit", {"type": "commit"}),
    ],
)
def test_the_request_in_hand_at_a_crash_is_shown_and_has_no_reply(
    point: str, line: str, request_: dict[str, object]
) -> None:
    session = Session()
    outcome = run(session, "wire on", "process e1 a", f"crash {point}", line)
    assert [json.loads(each) for each in outcome.wire] == [{**request_, "msg_id": 2}]


def test_a_replay_that_a_crash_ends_shows_what_it_had_sent() -> None:
    session = Session()
    run(session, "wire on", "feed a b", "lose ack", "crash before-ack")
    wire = [json.loads(line) for line in run(session, "replay 0").wire]
    assert [(each.get("msg_id"), each.get("event_id")) for each in wire] == [(3, "e1")]


@pytest.mark.parametrize("line", ["mechanism", "mechanism dedup", "guarantee", "wire"])
@pytest.mark.parametrize("wire", ["on", "off"])
def test_a_look_changes_nothing(line: str, wire: str) -> None:
    session = Session()
    run(session, "process e1 hello", f"wire {wire}", "mechanism dedup off")
    before = frozen(session)
    assert run(session, line, line).view is not None
    assert frozen(session) == before
    assert session.wire is (wire == "on")


def test_a_mechanism_alone_is_shown_with_what_goes_wrong_without_it() -> None:
    view = run(Session(), "mechanism source-replay").view
    assert view is not None
    shown = view.plain()
    assert "source-replay: on, the source sends again" in shown
    assert "OFF, the source sends once" in shown
    assert "dedup" not in shown


TYPOS = [
    first + second
    for first, second in [("reset"[:cut], "reset"[cut + 1 :]) for cut in range(5)]
    + [("reset"[:cut], letter + "reset"[cut:]) for cut in range(6) for letter in "aeost"]
    + [("reset"[:cut], letter + "reset"[cut + 1 :]) for cut in range(5) for letter in "aeost"]
]


@pytest.mark.parametrize("behind", ["", " now", " e1"])
def test_nothing_like_it_is_answered_with_reset(behind: str) -> None:
    hints = set()
    for word in ("clear", "cls", "clean", "wipe", "new", "restart-all", "reset-all", *TYPOS):
        for prefixes in (False, True):
            session = Session()
            run(session, "process e1 hello")
            try:
                session.run(word + behind, prefixes=prefixes)
            except Refused as fault:
                hints.add(fault.hint)
    assert "help" in hints
    assert not [hint for hint in hints if hint.startswith("reset")]


@pytest.mark.parametrize(
    ("line", "says", "not_"),
    [
        ("crash ?", "in-commit: while a commit is written", ""),
        ("help crash off", "off: call off the crash that waits", "in-commit"),
        ("help lose ack", "ack: of the last delivery", "event: on its way"),
        ("lose ack ?", "ack: of the last delivery", "event: on its way"),
        ("mechanism ?", "dedup: an id in seen is skipped", ""),
        ("help mechanism dedup", "dedup: an id in seen is skipped", "sink holds"),
        ("guarantee ?", "at-most-once: without source-replay", ""),
        ("show ?", "seen: the ids processed so far", ""),
        ("help process e1", "WORD: the word it carries", ""),
        ("? crash", "before-ack: after an event is processed", ""),
    ],
)
def test_help_says_what_can_stand_behind_a_command(line: str, says: str, not_: str) -> None:
    session = Session()
    run(session, "process e1 hello")
    before = frozen(session)
    view = run(session, line).view
    assert view is not None
    assert says in view.plain()
    assert not not_ or not_ not in view.plain()
    assert frozen(session) == before


@pytest.mark.parametrize(
    "line", ["process '?'", "process e1 ?", r"process \?", "feed a ?", "feed '?'"]
)
def test_a_question_mark_in_quotes_or_among_words_is_a_word(line: str) -> None:
    session = Session()
    run(session, line)
    assert session.lab.source.log[-1][1] == "?"


@pytest.mark.parametrize(
    ("lines", "line", "text", "hint"),
    [
        ((), "undo x", "whole number from 1 on, not 'x'", "help undo"),
        ((), "redo x", "whole number from 1 on, not 'x'", "help redo"),
        (("crash before-ack",), "crash none", "expected before-apply", "crash off"),
        (("process a",), "undo 2", "2 steps cannot be undone: there is 1", "undo 1"),
        (("process a", "reset"), "undo 2", "the session begins here", "undo"),
        (("process a", "reset", "process b"), "undo 2", "there is 1", "undo 1"),
        (("feed a", "feed b", "undo 2"), "redo 3", "there are 2", "redo 2"),
    ],
)
def test_an_undo_takes_back_as_many_as_it_says_or_nothing(
    lines: tuple[str, ...], line: str, text: str, hint: str
) -> None:
    session = Session()
    run(session, *lines)
    before = frozen(session)
    with pytest.raises(Refused, match=text) as caught:
        session.run(line)
    assert caught.value.hint == hint
    assert frozen(session) == before
    session.run(hint)


def test_reset_is_undone_by_undo() -> None:
    session = Session()
    run(session, "process e1 hello")
    before = frozen(session)
    run(session, "reset")
    assert not session.history.steps
    run(session, "undo")
    assert frozen(session) == before


def test_a_word_too_long_for_a_path_is_a_word() -> None:
    session = Session()
    session.run(f"feed {'a' * 300}")
    assert session.lab.source.log == [("e1", "a" * 300)]


def test_a_path_may_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    session = Session()
    run(session, "process e1 hello", "save ~/one.lab", "reset", "load ~/one.lab")
    assert (tmp_path / "one.lab").exists()
    assert len(session.history.steps) == 1


def test_the_beginning_of_a_command_is_echoed_in_full() -> None:
    session = Session()
    assert session.run("proc e1 hello", prefixes=True).name == "process"
    assert session.run("p e2 hello", prefixes=True).name is None


WORDS = st.text(max_size=6) | st.sampled_from(["two words", "#x", "?", "{a}", "a\u3000"])
IDS = st.text(min_size=1, max_size=4) | st.sampled_from(["e1", "e2", "-1"]) | st.integers(-3, 3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(IDS, WORDS), max_size=6), st.lists(IDS, max_size=2))
def test_a_session_saved_and_loaded_is_the_same_session(
    tmp_path: Path, events: list[tuple[str | int, str]], names: list[str | int]
) -> None:
    session = Session()
    for event_id, word in events:
        session.do(c.Process(event_id, word, raw=isinstance(event_id, int)))
    for name in names:
        session.do(c.Checkpoint(name))
    session.do(c.Feed(("to", "be")))
    session.do(c.Switch("dedup", on=False))
    session.do(c.Crash())
    path = tmp_path / "it.lab"
    script.write(path, session.history.steps)
    loaded = script.load(path, session.start)
    assert loaded.lab.freeze() == session.lab.freeze()
    assert [typed(each.command) for each in loaded.steps] == [
        typed(each.command) for each in session.history.steps
    ]


def test_a_graders_file_of_json_lines_is_loaded_whatever_order_it_sends_in(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(
        "\n".join(
            json.dumps(body)
            for body in (
                {"type": "process", "msg_id": 1, "event_id": "a", "word": "x"},
                {"type": "checkpoint", "msg_id": 2, "checkpoint_id": 1},
                {
                    "src": "c",
                    "dest": "n",
                    "body": {"type": "process", "msg_id": 3, "event_id": 7, "word": "y"},
                },
                {"type": "restore", "msg_id": 4, "checkpoint_id": 1},
                {"type": "process", "msg_id": 5, "event_id": "new", "word": "x"},
            )
        )
    )
    session = Session()
    session.run(f"load {path}")
    assert session.lab.processor.counts == {"x": 2}
    assert len(session.history.steps) == 5


def test_a_script_that_fails_loads_nothing_and_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.lab"
    path.write_text("process e1 hello\n# fine so far\nrestore cp1\n")
    session = Session()
    run(session, "process a b")
    before = frozen(session)
    with pytest.raises(Mistyped, match=r"bad\.lab:3: .*nothing was loaded"):
        session.run(f"load {path}")
    assert frozen(session) == before
    assert not session.earlier


def test_loading_leaves_out_what_only_looks_or_keeps(tmp_path: Path) -> None:
    path = tmp_path / "story.lab"
    path.write_text(f"process e1 hello\nshow\nexpect up\nsave {tmp_path / 'no.lab'}\nundo\n")
    session = Session()
    session.run(f"load {path}")
    assert not session.history.steps
    assert not (tmp_path / "no.lab").exists()


def test_a_search_that_finds_a_counterexample_can_be_stepped_through() -> None:
    session = Session()
    run(session, "mechanism dedup off", "search 2 1", "witness counts-match", "goto 4")
    assert run(session, "expect rule counts-match broken").failed is False
    run(session, "goto 0", "undo")
    assert [typed(each.command) for each in session.history.steps] == ["mechanism dedup off"]
