"""One line in, one reply out: the samples byte for byte, every odd shape, every wrong line."""

import json

import pytest

from core.node import Node
from core.processor import Processor
from tests.oracle import OracleNode
from tests.strategies import NAMES, ODD, WORDS, WRONG, Wrong, processed


def ask(node: Node, line: str | bytes) -> str:
    """Send one line; the reply, which must be one line too, without its line end."""
    data = line if isinstance(line, bytes) else line.encode()
    reply = node.feed(data + b"\n").decode("ascii")
    assert reply.count("\n") == 1
    assert reply.endswith("\n")
    return reply[:-1]


SESSION = [
    (
        '{"type":"init","msg_id":6,"node_id":"n1","node_ids":["n1"]}',
        '{"type": "init_ok", "in_reply_to": 6}',
    ),
    (
        '{"type":"process","msg_id":1,"event_id":"e1","word":"hello"}',
        (
            '{"type": "processed", "in_reply_to": 1, "word": "hello", "count": 1,'
            ' "was_duplicate": false}'
        ),
    ),
    (
        '{"type":"process","msg_id":2,"event_id":"e1","word":"hello"}',
        (
            '{"type": "processed", "in_reply_to": 2, "word": "hello", "count": 1,'
            ' "was_duplicate": true}'
        ),
    ),
    (
        '{"type":"checkpoint","msg_id":2,"checkpoint_id":"cp1"}',
        '{"type": "checkpoint_saved", "in_reply_to": 2, "checkpoint_id": "cp1"}',
    ),
    (
        '{"type":"process","msg_id":3,"event_id":"e2","word":"world"}',
        (
            '{"type": "processed", "in_reply_to": 3, "word": "world", "count": 1,'
            ' "was_duplicate": false}'
        ),
    ),
    (
        '{"type":"restore","msg_id":3,"checkpoint_id":"cp1"}',
        '{"type": "restored", "in_reply_to": 3, "counts": {"hello": 1}}',
    ),
    ('{"type":"commit","msg_id":4}', '{"type": "committed", "in_reply_to": 4, "output_count": 1}'),
    ('{"type":"commit","msg_id":5}', '{"type": "committed", "in_reply_to": 5, "output_count": 0}'),
    (
        '{"type":"process","msg_id":6,"event_id":"e3","word":"hello"}',
        (
            '{"type": "processed", "in_reply_to": 6, "word": "hello", "count": 2,'
            ' "was_duplicate": false}'
        ),
    ),
    (
        '{"type":"rollback","msg_id":5}',
        '{"type": "rolled_back", "in_reply_to": 5, "output_count": 1}',
    ),
    (
        '{"type":"rollback","msg_id":8}',
        '{"type": "rolled_back", "in_reply_to": 8, "output_count": 0}',
    ),
]


def test_the_samples_are_answered_byte_for_byte() -> None:
    node = Node()
    assert [ask(node, line) for line, _ in SESSION] == [reply for _, reply in SESSION]


def test_the_oracle_answers_the_samples_too() -> None:
    data = "".join(f"{line}\n" for line, _ in SESSION).encode()
    OracleNode().check(data, "".join(f"{reply}\n" for _, reply in SESSION).encode())


# Good requests in odd shapes


@pytest.mark.parametrize(("line", "reply"), ODD.values(), ids=ODD)
def test_a_good_request_may_be_written_oddly(line: str, reply: str) -> None:
    processor = Processor()
    processor.checkpoint("empty")
    assert ask(Node(processor), line) == reply


def test_a_word_is_counted_as_one_however_it_is_spelled() -> None:
    node = Node()
    spellings = ['"\\u00e9"', '"é"', '"\\u00E9"']
    for number, word in enumerate(spellings, 1):
        line = f'{{"type":"process","msg_id":1,"event_id":{number},"word":{word}}}'
        assert ask(node, line) == processed('"\\u00e9"', count=number)


def test_an_id_is_one_however_it_is_spelled() -> None:
    node = Node()
    for event_id, duplicate in [('"é"', "false"), ('"\\u00e9"', "true"), ('"\\u00E9"', "true")]:
        line = f'{{"type":"process","msg_id":1,"event_id":{event_id},"word":"w"}}'
        assert ask(node, line) == processed('"w"', duplicate=duplicate)


@pytest.mark.parametrize(("one", "other"), [("1", '"1"'), ("0", '""'), ("-1", '"-1"')])
def test_an_integer_and_a_string_are_different_ids(one: str, other: str) -> None:
    node = Node()
    for number, event_id in enumerate((one, other), 1):
        line = f'{{"type":"process","msg_id":1,"event_id":{event_id},"word":"w"}}'
        assert ask(node, line) == processed('"w"', count=number)


def test_minus_nought_and_nought_are_one_id() -> None:
    node = Node()
    ask(node, '{"type":"process","msg_id":1,"event_id":0,"word":"w"}')
    line = '{"type":"process","msg_id":1,"event_id":-0,"word":"w"}'
    assert ask(node, line) == processed('"w"', duplicate="true")


def test_a_duplicate_answers_the_count_of_the_word_in_the_request() -> None:
    node = Node()
    ask(node, '{"type":"process","msg_id":1,"event_id":"e1","word":"hello"}')
    line = '{"type":"process","msg_id":1,"event_id":"e1","word":"world"}'
    assert ask(node, line) == processed('"world"', count=0, duplicate="true")


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_a_checkpoint_is_found_under_the_name_it_was_saved_by(name: str | int) -> None:
    node = Node()
    for kind, said in (("checkpoint", "checkpoint_saved"), ("restore", "restored")):
        reply = json.loads(ask(node, json.dumps({"type": kind, "checkpoint_id": name})))
        assert reply["type"] == said


def test_every_word_comes_back_as_json_dumps_writes_it() -> None:
    node = Node()
    for number, word in enumerate(WORDS):
        ask(node, json.dumps({"type": "process", "event_id": number, "word": word}))
    ask(node, '{"type":"checkpoint","checkpoint_id":"cp"}')
    reply = {"type": "restored", "in_reply_to": None, "counts": dict.fromkeys(WORDS, 1)}
    assert ask(node, '{"type":"restore","checkpoint_id":"cp"}') == json.dumps(reply)


# Wrong lines

by_what = pytest.mark.parametrize("wrong", WRONG, ids=[wrong.what for wrong in WRONG])


def test_every_wrong_line_of_the_table_has_a_name_of_its_own() -> None:
    assert len({wrong.what for wrong in WRONG}) == len(WRONG)
    assert not [wrong.what for wrong in WRONG if b"\n" in wrong.line]


@by_what
def test_a_wrong_line_is_answered_with_its_code_and_what_was_expected(wrong: Wrong) -> None:
    reply = ask(Node(), wrong.line)
    error = json.loads(reply)
    assert json.dumps(error) == reply
    assert list(error) == ["type", "in_reply_to", "code", "text"]
    assert error["type"] == "error"
    assert (error["in_reply_to"], error["code"]) == (wrong.in_reply_to, wrong.code)
    assert error["text"].strip()
    assert [part for part in wrong.text_names if part not in error["text"]] == []


@by_what
def test_the_oracle_finds_the_same_fault(wrong: Wrong) -> None:
    expected = OracleNode().answer(wrong.line)
    assert expected.reply == {"type": "error", "in_reply_to": wrong.in_reply_to}
    assert wrong.code in {fault.code for fault in expected.faults}


@by_what
def test_after_a_wrong_line_the_state_is_what_it_was_and_the_next_is_answered(
    wrong: Wrong,
) -> None:
    processor = Processor()
    processor.process("e1", "x")
    processor.commit()
    processor.process("e2", "x")
    processor.checkpoint("cp1")
    before = processor.freeze()
    node = Node(processor)
    ask(node, wrong.line)
    assert processor.freeze() == before
    good = '{"type":"process","msg_id":8,"event_id":"e9","word":"x"}'
    assert ask(node, good) == processed('"x"', msg_id="8", count=3)


@by_what
def test_a_wrong_line_among_good_ones_is_answered_in_its_place(wrong: Wrong) -> None:
    good = b'{"type":"commit","msg_id":1}\n'
    replies = Node().feed(good + wrong.line + b"\n" + good).split(b"\n")
    assert replies[0] == b'{"type": "committed", "in_reply_to": 1, "output_count": 0}'
    assert replies[0] == replies[2]
    assert json.loads(replies[1])["code"] == wrong.code


def test_a_reply_to_a_long_wrong_value_stays_short() -> None:
    """What came is shown, but a reply must not grow with a value that nobody asked for."""
    value = '"' + "x" * 500_000 + '"'
    for field in ("type", "msg_id"):
        reply = ask(Node(), f'{{"{field}":{value}}}')
        assert len(reply) < 1000


class Failing(Processor):
    """A processor with a bug in it."""

    def commit(self) -> int:
        """Fail as a bug would."""
        raise KeyError("cp1")

    def restore(self, name: str | int) -> None:
        """Fail as a bug would: no checkpoint is missing."""
        raise KeyError(name)


@pytest.mark.parametrize(
    "line",
    ['{"type":"commit","msg_id":7}', '{"type":"restore","msg_id":7,"checkpoint_id":"cp1"}'],
)
def test_a_fault_inside_is_error_13_and_the_node_goes_on(line: str) -> None:
    node = Node(Failing())
    error = json.loads(ask(node, line))
    assert (error["type"], error["in_reply_to"], error["code"]) == ("error", 7, 13)
    good = '{"type":"process","msg_id":1,"event_id":"e","word":"w"}'
    assert ask(node, good) == processed('"w"')
