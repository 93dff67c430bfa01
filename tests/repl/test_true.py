"""Nothing is said that is not so: sessions of which something untrue was once said.

Each row is a session, what is said of its last command now, and what must not be. A small
session stands for its kind; whole sessions at random are held against a witness in
`tests/core/lab/test_truth.py`.
"""

import json
import re
from collections.abc import Callable, Sequence

import pytest

from core.errors import Refused
from core.lab.lab import Lab
from core.mutants import MUTANTS
from repl.export import data
from repl.render import notes
from repl.session import Session


def told(
    lines: Sequence[str], start: Callable[[], Lab] = Lab, session: Session | None = None
) -> list[str]:
    """Return what is said of each line, in plain sentences, as `run --keep-going` does."""
    session = session or Session(start)
    answers = []
    for line in lines:
        try:
            outcome = session.run(re.sub(r"^p(\d) ", r"process e\1 ", line))
        except Refused as fault:
            answers.append(f"REFUSED {fault.text}; try {fault.hint}")
            continue
        view = outcome.view
        if outcome.step is not None:
            view = notes.step(outcome.step, session.history, session.takes)
        answers.append("\n".join([*([view.plain()] if view else []), *outcome.wire]))
    return answers


SEEN_OFF = "mechanism seen-in-checkpoints off"
DEDUP_OFF = "mechanism dedup off"
REPLAY_OFF = "mechanism source-replay off"
DIRECT = "mechanism transactional-output off"
SINK_OFF = "mechanism idempotent-sink off"

ROWS: list[tuple[str, list[str], list[str]]] = [
    # A checkpoint knows what it holds.
    (f"{SEEN_OFF}; p1 a; checkpoint cp1", ["a 1, seen not saved, 1 pending"], ["1 seen"]),
    (f"{SEEN_OFF}; p1 a; checkpoint cp1; show checkpoints", ["seen not saved"], ["seen 1"]),
    (
        f"{SEEN_OFF}; p1 a; checkpoint cp1; mechanism seen-in-checkpoints on; crash",
        ["KEPT cp1 (a 1, seen not saved, 1 pending, offset 1)"],
        [],
    ),
    (f"{SEEN_OFF}; p1 a; checkpoint cp1; show", ["cp1 (a 1, seen not saved"], ["1 seen,"]),
    (f"{SEEN_OFF}; p1 a; checkpoint cp1; timeline", ["writes cp1 without seen"], []),
    (
        f"p1 a; checkpoint cp1; p2 b; p3 c; {SEEN_OFF}; restore cp1",
        ["seen - e2 e3", "a 1, 1 seen, 1 pending"],
        ["stays as it is", "not in the checkpoint"],
    ),
    (
        f"{SEEN_OFF}; p1 a; checkpoint cp1; p2 b; restore cp1",
        ["seen not in the checkpoint: it stays as it is, 2 ids"],
        [],
    ),
    # In seen since when.
    (
        "checkpoint cp0; p1 a; checkpoint cp1; restore cp0; restore cp1; p1 a",
        ["since step 5: restore of cp1 brought it back (first applied in step 2)"],
        ["since step 2"],
    ),
    (
        "checkpoint cp0; p1 a; checkpoint cp1; rollback; restore cp1; p1 a",
        ["since step 5: restore of cp1 brought it back (first applied in step 2)"],
        ["since step 2"],
    ),
    (
        "p1 a; checkpoint cp1; crash; restore cp1; p2 b; checkpoint cp2; p3 c; restore cp2; p1 a",
        ["since step 4: restore of cp1 brought it back (first applied in step 1)"],
        ["cp2"],
    ),
    (
        "p1 a; p2 b; p3 c; checkpoint; crash; restart; crash before-ack; replay; restore; replay",
        [
            f"e{n} SKIPPED duplicate: in seen since step 9: restore of cp1 brought it back "
            f"(first applied in step {n})"
            for n in (1, 2, 3)
        ],
        ["since step 8", "not the same"],
    ),
    (
        (
            "p1 a; p2 b; p3 c; checkpoint; crash; restart; crash before-ack; replay; restore; "
            "replay; history"
        ),
        ["more than before the crash"],
        ["not the same"],
    ),
    (
        f"p1 a; {DEDUP_OFF}; retry e1; mechanism dedup on; retry e1",
        ["in seen since step 1 (a, count 0 -> 1)"],
        ["since step 3"],
    ),
    ("p1 a; checkpoint cp1; crash; restore cp1; show seen", ["since step 4: restore of cp1"], []),
    # Counterfactuals are about this id.
    (
        "p1 a; p2 a; retry e2; why e1",
        ["without: dedup, seen-in-checkpoints, idempotent-sink, source-replay: no difference"],
        ["dedup: DOUBLED"],
    ),
    (
        "p1 a; checkpoint cp1; commit; p2 a; crash; restore cp1; why e1",
        ["source-replay: no difference so far"],
        ["source-replay: LOST"],
    ),
    (
        "process e1 hello; retry e1; retry e1",
        ["without dedup hello would now be 3: e1 counted 3 times"],
        [],
    ),
    (
        "p1 a; retry e1; p2 a; retry e2",
        ["without dedup a would now be 4: e2 counted twice"],
        [],
    ),
    # The life of an event.
    (
        (
            f"{SEEN_OFF}; p1 a; checkpoint cp1; p2 b; checkpoint cp2; p3 c; restore cp1; replay; "
            "restore cp2; why e2"
        ),
        [
            "step 7: out of the counts by a restore (cp1)",
            "step 9: in the counts again by a restore (cp2)",
            "now: in seen",
        ],
        ["not in seen", "brought back"],
    ),
    (
        f"{DEDUP_OFF}; p1 a; checkpoint cp1; retry e1; restore cp1; why e1",
        [
            "in the counts once",
            "step 5: out of the counts: the application of step 4 by a restore (cp1)",
        ],
        ["TWICE"],
    ),
    (
        f"{REPLAY_OFF}; crash before-apply; process e7 x; restart; why e7",
        ["LOST e7", "sent for the first time; not applied: a crash came before"],
        ["WAITING"],
    ),
    (
        f"{REPLAY_OFF}; crash before-apply; process e7 x",
        ["in hand e7 was not applied; the source does not send it again by itself"],
        ["nothing was acknowledged"],
    ),
    ("p1 a; crash; why e1", ["WAITING e1", "score: state: WAITING"], ["GONE"]),
    (
        f"{DIRECT}; p1 a; crash; restart; replay; why e1",
        ["DOUBLED e1", "2 in the sink", "score: committed output: DOUBLED"],
        ["ONCE e1"],
    ),
    # The timeline.
    ("p1 a; p2 b; p3 c; crash; timeline 1..2", ["+e1 (lost)", "+e2 (lost)"], []),
    (
        f"{SEEN_OFF}; p1 a; checkpoint cp1; p2 b; restore cp1; replay; timeline",
        ["step 4: source e2, processor +e2 (lost)"],
        ["+e1 (lost)"],
    ),
    (
        f"{DEDUP_OFF}; p1 a; checkpoint cp1; retry e1; restore cp1; timeline",
        ["step 4: source e1, processor again e1 (lost)"],
        ["+e1 (lost)"],
    ),
    ("crash before-apply; p1 a; timeline", ["step 2: source e1, processor CRASH"], []),
    ("p1 a; commit; rollback; timeline", ["step 3: processor nothing"], ["-0"]),
    # The score.
    (
        f"{REPLAY_OFF}; crash before-apply; process e7 x; restart; score",
        ["state: promised now at-most-once, happened LOST, e7", "outside effect: promised now"],
        ["WAITING", "whatever is on"],
    ),
    (f"{REPLAY_OFF}; p1 a; crash; score", ["happened LOST, e1"], ["WAITING"]),
    (
        f"{SINK_OFF}; p1 a; checkpoint cp1; commit; restore cp1; commit; score",
        [
            "happened DOUBLED, e1 2 times\nuncommitted reader",
            "uncommitted reader: promised now at-least-once, happened DOUBLED, e1 2 times",
        ],
        [],
    ),
    (
        "p1 a; checkpoint cp1; crash; restore cp1; score",
        ["uncommitted reader: promised now at-least-once, happened DOUBLED, e1 2 times"],
        [],
    ),
    (
        (
            f"{DEDUP_OFF}; p1 a; retry e1; checkpoint cp1; {REPLAY_OFF}; p2 a; crash; restore cp1; "
            "score"
        ),
        ["DOUBLED, e1 2 times\nstate: happened LOST, e2"],
        [],
    ),
    ("p1 a; crash; score", ["state: promised now exactly-once, happened WAITING, e1"], []),
    ("score", ["SCORE nothing was sent yet"], ["0 of 4"]),
    # Crashes.
    (
        "p1 a; crash before-ack; retry e1",
        ["in hand e1 was skipped as a duplicate; it stays acknowledged"],
        ["was applied"],
    ),
    (
        "crash in-checkpoint; checkpoint x",
        ["the checkpoint was not saved; there is none of that name"],
        ["stands"],
    ),
    (
        "checkpoint x; crash in-checkpoint; checkpoint x",
        ["the checkpoint was not saved; the older x stands"],
        [],
    ),
    (
        "p9 z; commit; p1 a; p2 b; crash in-commit; commit",
        ["no output of this commit is out", "sink 1"],
        ["in hand no output is out"],
    ),
    ("crash before-ack; crash before-apply", ["replaced the crash that waited at before-ack"], []),
    ("crash before-apply; feed q r s", ["in hand e1 was not applied", "not sent r s"], []),
    ("crash before-ack; feed q r s", ["in hand e1 was applied (q 0 -> 1)", "not sent r s"], []),
    # What is due.
    ("feed a b c d; crash; restart", ["e1 is due again, and 3 more wait behind it"], []),
    (
        "p1 a; checkpoint cp1; p2 b; p3 c; restore cp1; lose ack",
        ["e2 is due, and e3 waits behind it"],
        ["e3 was not acknowledged: it is due"],
    ),
    # Differences.
    (
        "p1 a; checkpoint cp1; p2 b; checkpoint cp1; diff",
        ["CHANGED", "cp1 holds another state: a 1, b 1, 2 seen, 2 pending, offset 2"],
        ["UNCHANGED"],
    ),
    ("p1 a; checkpoint cp1; checkpoint cp1; diff", ["UNCHANGED"], ["another state"]),
    (f"{DEDUP_OFF}; diff", ["CHANGED", "switched dedup off"], ["UNCHANGED"]),
    (
        f"p1 a; {DIRECT}; p2 b; mechanism transactional-output on; rollback; replay; diff clean",
        ["counts: here b 1, a 1, without a fault a 1, b 1, in another order", "seen: "],
        ["SAME", "a 1, b 1, same"],
    ),
    # The machine and the mechanisms.
    (
        f"{DIRECT}; p1 a; crash; restart; replay; mechanism",
        ["mechanism idempotent-sink: on, outputs go straight to the sink, past its check"],
        ["is not staged again"],
    ),
    (
        f"{DEDUP_OFF}; p1 a; p1 a; rollback",
        ["2 outputs; 2 applications undone", "counts a 2 -> 0", "seen - e1"],
        ["their events"],
    ),
    (
        f"{DEDUP_OFF}; p1 a; p1 a; rollback; timeline",
        ["step 4: source back to offset 0, processor -2"],
        [],
    ),
    ("p1 a; lose ack; replay; timeline", ["the same event as in step 1"], ["again what"]),
    (
        f"p1 a; {DEDUP_OFF}; retry; mechanism dedup on; retry",
        ["SKIPPED", "mechanism dedup off"],
        [],
    ),
    # Where nothing is sent again, replay is not what helps.
    (
        f"p1 a; crash before-ack; p2 b; restart; {REPLAY_OFF}; diff clean",
        ["not acknowledged yet: try retry e1"],
        ["try replay"],
    ),
    ("witness", ["there is no counterexample to load"], ["no search"]),
    ("p1 a; why e1", ["counted once, a 1 in all, 1 in the sink"], []),
    # A replay says what it is compared with.
    (
        "p1 a; crash; restart; replay; p2 b; replay 0",
        ["more than before the crash of step 2"],
        ["same"],
    ),
    ("p1 a; crash; restart; replay", ["same as before the crash"], ["of step"]),
    # What is due is no difference, and said.
    (
        "p1 a; lose ack; diff clean",
        [
            "SAME as a run without a fault, but for what is due",
            "offset: here 0, without a fault 1, 1 due",
        ],
        [],
    ),
    # What a sweep judges, and what not.
    (
        "p1 a; rollback; replay; sweep",
        ["loses or doubles a count, or an output in the sink"],
        ["anything"],
    ),
    # The order is a part of what there was.
    (
        f"p1 a; {DIRECT}; p2 b; mechanism transactional-output on; rollback; replay",
        ["same counts as before the rollback", "the words came in another order"],
        ["REPLAYED (2 events; same as"],
    ),
    # Sent once is not acknowledged, and may be sent again by hand.
    (
        f"{REPLAY_OFF}; crash before-apply; process e7 x; restart; why e7",
        ["not in seen, sent once, no ack heard"],
        ["acknowledged"],
    ),
    (
        f"{REPLAY_OFF}; crash before-ack; process e7 x; restart; why e7",
        ["not in seen, sent once, no ack heard"],
        ["acknowledged"],
    ),
    ("p1 a; crash before-ack; p1 a; restart; replay; why e1", ["in seen, acknowledged"], []),
    (f"{REPLAY_OFF}; p1 a; crash; restart", ["nothing is sent again by itself"], []),
    # A mechanism that does not decide the end is not blamed for it.
    (
        f"p1 a; checkpoint cp1; {REPLAY_OFF}; crash; restart; why e1",
        ["transactional-output: in the end counted not at all, a 0 in all, 1 in the sink"],
        ["transactional-output: LOST"],
    ),
    (
        "p1 a; checkpoint cp1; mechanism seen-in-checkpoints off",
        ["a checkpoint is saved without seen"],
        ["a restore leaves seen"],
    ),
    # What is due where nothing is sent again is sent before the end.
    (
        "process 1 'two words'; p1 a; crash; restart; guarantee at-most-once; retry 1; sweep",
        ["3 faults of 14 do harm"],
        ["the session ends badly"],
    ),
    # What is suggested behind a search is not that search again.
    ("p1 a; crash; search 1 1", ["HOLDS", "try restart"], ["try search"]),
    # Conditions.
    ("p1 a; expect rule same-as-clean holds", ["NOT MET", "not judged yet: 1 pending"], []),
    (f"{DEDUP_OFF}; p1 a; retry; expect rule same-as-clean holds", ["NOT MET"], []),
    ("p1 a; commit; crash; expect rule same-as-clean holds", ["NOT MET", "not judged"], []),
    ("p1 a; commit; crash; expect rule same-as-clean broken", ["NOT MET", "not judged"], []),
    # The plain form says what the screen says.
    (
        "p1 a; checkpoint cp1; crash; restore cp1; p1 a",
        [
            "restore of cp1 brought it back",
            "unchanged counts, seen, pending",
            "otherwise without dedup a would now be 2: e1 counted twice",
        ],
        [],
    ),
]


@pytest.mark.parametrize(("lines", "says", "not_so"), ROWS)
def test_what_is_said_of_the_last_command_is_so(
    lines: str, says: list[str], not_so: list[str]
) -> None:
    answer = told(lines.split("; "))[-1]
    for each in says:
        assert each in answer
    for each in not_so:
        assert each not in answer


WRONG: list[tuple[str, str, list[str], list[str]]] = [
    (
        "rollback-keeps-outputs",
        "p1 a; rollback",
        ["0 outputs; 1 application undone", "pending 1 output still there"],
        ["ROLLED BACK (1 output;"],
    ),
    (
        "rollback-leaves-seen",
        "p1 a; rollback",
        ["counts and seen stay as they are"],
        ["undone as well"],
    ),
    ("rollback-leaves-seen", "p1 a; rollback; why e1", ["ONCE e1", "in the counts once"], ["GONE"]),
    (
        "pending-lost",
        "p1 a; checkpoint cp1; restore cp1",
        ["pending without 1 output that the checkpoint holds"],
        ["the sink holds already"],
    ),
    (
        "dedup-by-id-and-word",
        "process e1 apple; process e1 pear",
        ["counted again, with dedup on", "e1 is in seen, and was applied all the same"],
        ["dedup is off", "try mechanism dedup on"],
    ),
    (
        "torn-commit",
        "p1 a; p2 b; crash in-commit; commit",
        ["the commit is not done, and 1 output of it is out", "sink 1"],
        ["no output"],
    ),
    ("short-memory", "p1 a; p2 b", ["- e1, dropped out of seen"], []),
    ("short-memory", "p1 a; p2 b; diff", ["seen - e1"], []),
    ("short-memory", "feed a b", ["e2 APPLIED b 0 -> 1; e1 dropped out of seen"], []),
    ("rollback-leaves-seen", "p1 a; rollback; timeline", ["processor discard 1"], ["-1"]),
    ("rollback-keeps-outputs", "p1 a; rollback; timeline", ["processor -1"], []),
    (
        "dedup-by-word",
        "p1 a; p2 a; why e2",
        ["LOST e2", "now: not in seen"],
        ["before this session", "WAITING"],
    ),
    (
        "dedup-by-word",
        "p1 a; p2 a",
        ["taken for a duplicate; because e2 is not in seen, and was skipped"],
        [],
    ),
    (
        "seen-lost",
        "p1 a; checkpoint cp1; restore cp1",
        ["seen 0 now: the restore did not bring back the 1 of the checkpoint"],
        [],
    ),
    (
        "aliased-checkpoint",
        "p1 a; checkpoint cp1; p2 b; show checkpoints",
        ["counts a 1, b 1, seen 2, pending 1, offset 1"],
        [],
    ),
]


@pytest.mark.parametrize(("mutant", "lines", "says", "not_so"), WRONG)
def test_what_is_said_of_a_wrong_processor_is_what_it_did(
    mutant: str, lines: str, says: list[str], not_so: list[str]
) -> None:
    answer = told(lines.split("; "), MUTANTS[mutant].start)[-1]
    for each in says:
        assert each in answer
    for each in not_so:
        assert each not in answer


def test_the_data_of_a_feed_has_every_id_and_output() -> None:
    session = Session()
    outcome = session.run("feed a b c")
    shown = data.as_json(outcome, "feed a b c", session.history)
    assert shown is not None
    assert shown["changes"]["seen_added"] == ["e1", "e2", "e3"]
    pending = [list(each.values()) for each in shown["changes"]["pending_added"]]
    assert pending == [["e1", "a", 1], ["e2", "b", 1], ["e3", "c", 1]]


def test_each_request_on_the_wire_has_a_number_of_its_own_and_what_crashed_no_reply() -> None:
    """A replay sends several, a feed as well; of what was in hand at a crash no reply left."""
    lines = ["wire on", "feed a b", "crash before-apply", "process z", "restart", "replay"]
    lines += ["crash in-commit", "commit", "restart", "crash after-commit", "commit"]
    lines += ["restart", "crash in-checkpoint", "checkpoint x", "restart", "p1 a"]
    shown = [
        json.loads(line)
        for answer in told(lines)
        for line in answer.splitlines()
        if line.startswith("{")
    ]
    numbers = [each["msg_id"] for each in shown if "msg_id" in each]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [each["type"] for each in shown if "msg_id" in each] == [
        *["process"] * 6,
        *["commit"] * 2,
        "checkpoint",
        "process",
    ]
    answered = {each["in_reply_to"] for each in shown if "in_reply_to" in each}
    assert set(numbers) - answered == {3, 7, 8, 9}


def test_the_numbers_of_the_wire_stay_above_those_of_raw_requests() -> None:
    raw = '{"type": "process", "msg_id": 9, "event_id": "e1", "word": "a"}'
    assert '"msg_id": 10' in told(["wire on", raw, "process b"])[-1]


HINTS = [
    "p1 a; crash; search 2 1",
    "p1 a; crash; sweep",
    "p1 a; crash; why",
    "p1 a; crash; lose",
    "p1 a; crash; replay x",
    "undo 0",
    "crash before-apply; p1 a; restart; retry e7",
    "crash before-apply; p1 a; restart; feed a",
    "crash before-apply; p1 a; restart; process e9 x",
    "p1 a; lose",
    "why",
    "why e5",
    "load",
    "load nothing.lab",
    "goto 7",
    "redo",
    "witness",
    "diff 7",
    "proces e1 a",
    "proces",
    "mechanism dedap off",
    "crash befor",
    "restore cp9",
    "p1 a; checkpoint cp1; crash; restore cp9",
    f"{REPLAY_OFF}; p1 a; replay",
    f"{REPLAY_OFF}; p1 a; retry",
    f"{REPLAY_OFF}; crash before-apply; p1 a; restart",
    "p1 a; commit; p1 a",
    "crash before-commit",
    "p1 a; crash; restart",
    "reset",
    "p1 a; undo",
    "p1 a; lose ack",
    "guarantee at-least-once; p1 a; retry",
    "expect count",
    "help nothing",
    "lesson 99",
]


@pytest.mark.parametrize("lines", HINTS)
def test_what_is_named_to_be_tried_is_accepted_as_it_stands(lines: str) -> None:
    *before, last = lines.split("; ")
    session = Session()
    told(before, session=session)
    hints: Sequence[str]
    try:
        outcome = session.run(re.sub(r"^p(\d) ", r"process e\1 ", last))
    except Refused as fault:
        hints = [fault.hint]
    else:
        view = outcome.view
        if outcome.step is not None:
            view = notes.step(outcome.step, session.history, session.takes)
        report = getattr(view, "report", None)
        hints = [each for row in report.rows for each in row.commands] if report else []
    made = [each.command for each in session.history.steps]
    for hint in hints:
        twin = Session()
        for command in made:
            twin.do(command)
        twin.witnesses = session.witnesses
        twin.history.undone = session.history.undone.copy()
        twin.run(hint)
