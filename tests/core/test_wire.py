"""One line in, one reply out: the samples byte for byte, every odd shape, every wrong line."""

# ruff: noqa: D103 - the name of a test says what holds

import json

import pytest

from core.node import Node
from core.processor import Processor
from tests.oracle import OracleNode
from tests.strategies import NAMES, WORDS, WRONG, Wrong


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


def processed(word: str, *, msg_id: str = "1", count: int = 1, duplicate: str = "false") -> str:
    """Write the reply to a `process`; the word as JSON has it."""
    return (
        f'{{"type": "processed", "in_reply_to": {msg_id}, "word": {word}, "count": {count},'
        f' "was_duplicate": {duplicate}}}'
    )


HUGE = "9" * 4300
ODD = {
    "spaces everywhere": (
        ' { "type" : "process" , "msg_id" : 1 , "event_id" : "e" , "word" : "w" } ',
        processed('"w"'),
    ),
    "spaces as json.dumps puts them": (
        '{"type": "process", "msg_id": 1, "event_id": "e", "word": "w"}',
        processed('"w"'),
    ),
    "tabs": ('\t{"type":\t"process","msg_id":1,"event_id":"e","word":"w"}\t', processed('"w"')),
    "a bare return for a space": (
        '{"type":"process",\r"msg_id":1,"event_id":"e","word":"w"}',
        processed('"w"'),
    ),
    "a return before the line end": (
        '{"type":"process","msg_id":1,"event_id":"e","word":"w"}\r',
        processed('"w"'),
    ),
    "another order of keys": (
        '{"word":"w","event_id":"e","msg_id":1,"type":"process"}',
        processed('"w"'),
    ),
    "extra fields": (
        '{"x":[{}],"type":"process","msg_id":1,"y":1.5,"event_id":"e","word":"w","z":null}',
        processed('"w"'),
    ),
    "an extra field beyond a double": (
        '{"type":"process","msg_id":1,"event_id":"e","word":"w","x":1e400}',
        processed('"w"'),
    ),
    "an extra field nested 100 deep": (
        f'{{"type":"process","msg_id":1,"event_id":"e","word":"w","x":{"[" * 100}{"]" * 100}}}',
        processed('"w"'),
    ),
    "fields of other requests": (
        '{"type":"process","msg_id":1,"event_id":"e","word":"w","checkpoint_id":true}',
        processed('"w"'),
    ),
    "a key given twice": (
        '{"type":"commit","type":"process","msg_id":1,"event_id":7.5,"event_id":"e","word":"w"}',
        processed('"w"'),
    ),
    "the last of a key's values wins": (
        '{"type":"process","msg_id":1,"event_id":"e","word":"v","word":"w"}',
        processed('"w"'),
    ),
    "the last of a msg_id's values wins": (
        '{"type":"process","msg_id":true,"event_id":"e","word":"w","msg_id":1}',
        processed('"w"'),
    ),
    "escapes in keys and values": (
        r'{"\u0074ype":"\u0070rocess","msg_id":1,"event_id":"e","word":"\u0077"}',
        processed('"w"'),
    ),
    "every short escape": (
        r'{"type":"process","msg_id":1,"event_id":"e","word":"\"\\\/\b\f\n\r\t"}',
        processed(r'"\"\\/\b\f\n\r\t"'),
    ),
    "capitals in an escape": (
        r'{"type":"process","msg_id":1,"event_id":"e","word":"\u00E9"}',
        processed(r'"\u00e9"'),
    ),
    "letters beyond ASCII": (
        '{"type":"process","msg_id":1,"event_id":"é","word":"naïve"}',
        processed(r'"na\u00efve"'),
    ),
    "a letter beyond the basic plane": (
        '{"type":"process","msg_id":1,"event_id":"e","word":"😀"}',
        processed(r'"\ud83d\ude00"'),
    ),
    "an escaped pair of surrogates": (
        r'{"type":"process","msg_id":1,"event_id":"e","word":"\ud83d\ude00"}',
        processed(r'"\ud83d\ude00"'),
    ),
    "an escaped lone surrogate": (
        r'{"type":"process","msg_id":1,"event_id":"e","word":"\ud800"}',
        processed(r'"\ud800"'),
    ),
    "escaped lone surrogates in an id": (
        r'{"type":"process","msg_id":1,"event_id":"\udfff\ud800","word":"w"}',
        processed('"w"'),
    ),
    "separators of lines that are none here": (
        '{"type":"process","msg_id":1,"event_id":"e","word":"\u2028\u2029\x85"}',
        processed(r'"\u2028\u2029\u0085"'),
    ),
    "a delete character": (
        '{"type":"process","msg_id":1,"event_id":"e","word":"\x7f"}',
        processed(r'"\u007f"'),
    ),
    "an escaped null byte": (
        r'{"type":"process","msg_id":1,"event_id":"\u0000","word":"\u0000"}',
        processed(r'"\u0000"'),
    ),
    "a byte-order mark inside a string": (
        '{"type":"process","msg_id":1,"event_id":"e","word":"\ufeff"}',
        processed(r'"\ufeff"'),
    ),
    "an empty word and an empty id": (
        '{"type":"process","msg_id":1,"event_id":"","word":""}',
        processed('""'),
    ),
    "an integer for an id": (
        '{"type":"process","msg_id":1,"event_id":42,"word":"w"}',
        processed('"w"'),
    ),
    "a negative integer for an id": (
        '{"type":"process","msg_id":1,"event_id":-42,"word":"w"}',
        processed('"w"'),
    ),
    "as many digits as Python reads, for an id": (
        f'{{"type":"process","msg_id":1,"event_id":{HUGE},"word":"w"}}',
        processed('"w"'),
    ),
    "no msg_id": ('{"type":"process","event_id":"e","word":"w"}', processed('"w"', msg_id="null")),
    "null for msg_id": (
        '{"type":"process","msg_id":null,"event_id":"e","word":"w"}',
        processed('"w"', msg_id="null"),
    ),
    "0 for msg_id": (
        '{"type":"process","msg_id":0,"event_id":"e","word":"w"}',
        processed('"w"', msg_id="0"),
    ),
    "a negative msg_id": (
        '{"type":"process","msg_id":-3,"event_id":"e","word":"w"}',
        processed('"w"', msg_id="-3"),
    ),
    "minus nought for msg_id": (
        '{"type":"process","msg_id":-0,"event_id":"e","word":"w"}',
        processed('"w"', msg_id="0"),
    ),
    "a msg_id of many digits": (
        f'{{"type":"process","msg_id":{HUGE},"event_id":"e","word":"w"}}',
        processed('"w"', msg_id=HUGE),
    ),
    "an integer for a checkpoint": (
        '{"type":"checkpoint","msg_id":1,"checkpoint_id":7}',
        '{"type": "checkpoint_saved", "in_reply_to": 1, "checkpoint_id": 7}',
    ),
    "a checkpoint's name beyond ASCII": (
        '{"type":"checkpoint","msg_id":1,"checkpoint_id":"spät"}',
        r'{"type": "checkpoint_saved", "in_reply_to": 1, "checkpoint_id": "sp\u00e4t"}',
    ),
    "an envelope": (
        '{"src":"c1","dest":"n1","body":{"type":"commit","msg_id":1}}',
        '{"type": "committed", "in_reply_to": 1, "output_count": 0}',
    ),
    "an envelope without addresses": (
        '{"body":{"type":"commit","msg_id":1}}',
        '{"type": "committed", "in_reply_to": 1, "output_count": 0}',
    ),
    "an envelope whose own fields look like a request's": (
        '{"type":"bogus","msg_id":true,"body":{"type":"commit","msg_id":1},"id":0}',
        '{"type": "committed", "in_reply_to": 1, "output_count": 0}',
    ),
    "a body with a body": (
        '{"body":{"type":"commit","msg_id":1,"body":{"type":"bogus"}}}',
        '{"type": "committed", "in_reply_to": 1, "output_count": 0}',
    ),
    "the last of two bodies wins": (
        '{"body":7,"body":{"type":"commit","msg_id":1}}',
        '{"type": "committed", "in_reply_to": 1, "output_count": 0}',
    ),
    "a restore of nothing": (
        '{"type":"restore","msg_id":1,"checkpoint_id":"empty"}',
        '{"type": "restored", "in_reply_to": 1, "counts": {}}',
    ),
}


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
