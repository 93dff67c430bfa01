"""Reading a line as a command: pure, and the other way round from writing one."""

from contextlib import suppress
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.errors import Refused
from core.lab import commands as c
from core.lab.crash_points import CrashPoint
from core.lab.declaration import Declaration
from core.lab.lab import Lab
from core.lab.language import COMMANDS, KINDS, read
from core.lab.words import joined, split
from tests.core.lab.scenes import anything, lab, refuse

LINES = {
    "process hello": c.Process(None, "hello"),
    "p e1 'two words' # a comment": c.Process("e1", "two words"),
    "process 5 hello": c.Process("5", "hello"),
    "retry": c.Retry(),
    "r int:5": c.Retry(5),
    "r 'int:5'": c.Retry("int:5"),
    "r 5": c.Retry("5"),
    "feed to 'be or' not": c.Feed(("to", "be", "or", "not")),
    "feed '' a.b": c.Feed(("a.b",)),
    "checkpoint": c.Checkpoint(),
    "ck 5": c.Checkpoint("5"),
    "restore": c.Restore(),
    "rs 5": c.Restore("5"),
    "rs int:5": c.Restore(5),
    "commit": c.Commit(),
    "rb": c.Rollback(),
    "crash": c.Crash(),
    "x before-ack": c.Crash(CrashPoint.BEFORE_ACK),
    "crash off": c.Disarm(),
    "restart": c.Restart(),
    "replay": c.Replay(),
    "rp 3": c.Replay(3),
    "lose ack": c.LoseAck(),
    "lose event": c.LoseEvent(),
    "lose event hello": c.LoseEvent("hello"),
    "m dedup on": c.Switch("dedup", on=True),
    "mechanism dedup off": c.Switch("dedup", on=False),
    "g at-most-once": c.Guarantee("at-most-once"),
    ' {"type": "process", "event_id": 5, "word": "a"}': c.Process(5, "a", raw=True),
    '{"type": "checkpoint", "checkpoint_id": 7}': c.Checkpoint(7),
    '{"type": "restore", "checkpoint_id": 7}': c.Restore(7),
    '{"type": "commit"}': c.Commit(),
    '{"type": "rollback"}': c.Rollback(),
}


@pytest.mark.parametrize(("line", "command"), LINES.items())
def test_a_line_is_read_as_its_command(line: str, command: c.Command) -> None:
    assert read(line) == command


def test_every_command_is_read_above() -> None:
    assert {type(command) for command in LINES.values()} == set(get_args(c.Command))


@pytest.mark.parametrize("declared", COMMANDS.values(), ids=list(COMMANDS))
def test_an_alias_reads_as_its_command(declared: Declaration) -> None:
    for alias in declared.aliases:
        assert read(declared.example.replace(declared.name, alias, 1)) == read(declared.example)


@pytest.mark.parametrize(
    ("line", "text", "hint"),
    [
        ("", "there is no command", "process hello"),
        ("# nothing", "there is no command", "process hello"),
        ("show", "there is no command 'show'", "help"),
        ("proces e1 a", "there is no command 'proces'", "process"),
        ("kill", "there is no command 'kill'", "crash"),
        ("process", "process needs WORD: the word it carries", "process e1 hello"),
        ("process a b c", "'c' is one word too many: process [ID] WORD", "process a 'b c'"),
        ("checkpoint 'a b' c", "'c' is one word too many", "checkpoint 'a b c'"),
        ("retry e1 e2", "'e2' is one word too many", "retry ?"),
        ("lose event two words", "'words' is one word too many", "lose event 'two words'"),
        ("lose it", "expected ack or event, not 'it'", "lose ?"),
        ("lose ack e1", "'ack e1' is not a thing to lose: an ack has no word", "lose ack"),
        ("replay x", "expected OFFSET: a whole number from 0 on, not 'x'", "replay 0"),
        ("replay -1", "expected OFFSET: a whole number from 0 on, not '-1'", "replay 0"),
        ("mechanism dedap on", "not 'dedap'", "mechanism dedup on"),
        ("crash before commit", "not 'before commit'", "crash before-commit"),
        ("crash Before_Commit", "not 'Before_Commit'", "crash before-commit"),
        ("crash before the commit", "not 'before the commit'", "crash before-commit"),
        ("crash after", "not 'after'", "crash after-commit"),
        ("crash in com", "not 'in com'", "crash in-commit"),
        ("crash bef", "not 'bef'", "crash ?"),
        ("crash ack", "not 'ack'", "crash before-ack"),
        ("crash off now", "'now' is one word too many", "crash off"),
        ("mechanism seen in checkpoints off", "checkpoints'", "mechanism seen-in-checkpoints off"),
        ("mechanism Sink OFF", "not 'Sink'", "mechanism idempotent-sink off"),
        ("mechanism off dedup", "not 'off dedup'", "mechanism dedup off"),
        ("mechanism source-replay no", "not 'no'", "mechanism source-replay off"),
        ("mechanism dedup on now", "'now' is one word too many", "mechanism dedup on"),
        ("guarantee at most once", "not 'at most once'", "guarantee at-most-once"),
        ("guarantee ALO", "not 'ALO'", "guarantee at-least-once"),
        ("lose an event hello", "not 'an event'", "lose event hello"),
        ("mechanism dedup maybe", "expected on or off, not 'maybe'", "mechanism dedup"),
        *(
            (f"{line}", "expected ", f"mechanism dedup{to}")
            for to, lines in {
                " on": ("dedup yes", "dedup TRUE", "dedup 1", "enable dedup", "dedup onn"),
                " off": ("dedup no", "dedup false", "dedup 0", "disable dedup", "dedup none"),
                "": ("Dedup", "dedupe", "DEDUP", "d", "dedup gone", "dedup help"),
            }.items()
            for line in map("m {}".format, lines)
        ),
        ("m dedup?", "expected ", "mechanism ?"),
        ("commit?", "there is no command", "help commit"),
        ("crash cancel", "expected ", "crash off"),
        ("crash none", "expected ", "crash off"),
        ("crash now", "expected ", "crash"),
        ("crash at once", "expected ", "crash"),
        *(
            (f"{verb} {word}", "expected ", f"{verb} ?")
            for verb in ("crash", "mechanism", "guarantee", "lose")
            for word in ("help", "--help", "-h", "xyzzy")
        ),
        ("mechanism", "'mechanism' makes no step", "mechanism dedup off"),
        ("m source-replay", "makes no step", "mechanism source-replay off"),
        ("guarantee", "'guarantee' makes no step", "guarantee at-least-once"),
        ('{"type": "init", "node_id": "n", "node_ids": []}', "makes no step", "process hello"),
        ("process 'a", "a quote is left open", 'process "two words"'),
    ],
)
def test_what_is_no_command_is_refused_with_one_suggestion(line: str, text: str, hint: str) -> None:
    with pytest.raises(Refused) as caught:
        read(line)
    assert text in caught.value.text
    assert caught.value.hint == hint


@given(anything)
def test_what_was_written_is_read_as_the_same_again(command: c.Command) -> None:
    assume(command != c.Feed(()))  # which nobody can type, and is always refused
    assert read(command.typed) == command


def test_which_checkpoint_a_number_means_is_decided_when_it_is_carried_out() -> None:
    made = lab('{"type": "checkpoint", "checkpoint_id": 5}')
    assert made.apply(read("restore 5"))[0] == c.Restore(5)
    assert made.apply(read("restore int:5"))[0] == c.Restore(5)
    made.apply(read("checkpoint 5"))
    assert made.apply(read("restore 5"))[0] == c.Restore("5")


def test_on_the_wire_a_string_is_never_an_integer() -> None:
    made = lab('{"type": "checkpoint", "checkpoint_id": 5}')
    assert refuse(made, read('{"type": "restore", "checkpoint_id": "5"}')) is not None


@given(st.lists(anything, max_size=12), st.sampled_from(list(KINDS)))
def test_what_can_be_typed_now_is_offered_for_completion(
    commands: list[c.Command], verb: str
) -> None:
    """A command offered to a search names nothing that completion does not know, but numbers."""
    made = Lab()
    for command in commands:
        refuse(made, command)
    known = {
        word for argument in COMMANDS[verb].arguments for word, _ in argument.offered(made)
    } | {"hello", "0"}
    for offered in KINDS[verb].offers(made, ["hello"]):
        if offered.typed.startswith("{"):
            continue
        assert known.issuperset(split(offered.typed)[1:])


ODDITIES = st.lists(st.text(st.sampled_from("-_? \tabcdeforkns'é\u3000")), max_size=4)


@given(st.sampled_from([*COMMANDS]), ODDITIES)
def test_whatever_words_stand_behind_a_command_are_read_or_refused(
    verb: str, words: list[str]
) -> None:
    with suppress(Refused):
        read(joined([verb, *words]))
