"""Lines and streams of them: chunks, ends, lengths, envelopes, and the bulk lane."""

import itertools
import json
import tracemalloc
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.node import Node
from core.processor import Processor
from tests import strategies as draw
from tests.invariants import broken
from tests.oracle import OracleNode

COMMIT = b'{"type":"commit","msg_id":1}'
COMMITTED = b'{"type": "committed", "in_reply_to": 1, "output_count": 0}\n'


def answers(data: bytes, *, max_line: int = 1 << 20, envelope: bool = False) -> bytes:
    """Feed a whole input in one piece; every reply."""
    node = Node(max_line=max_line, envelope=envelope)
    return node.feed(data) + node.finish()


def in_pieces(data: bytes, cuts: list[int], *, max_line: int = 1 << 20) -> bytes:
    """Feed an input cut at these places; every reply."""
    node = Node(max_line=max_line)
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in itertools.pairwise(edges)]
    return b"".join(map(node.feed, pieces)) + node.finish()


def code_of(reply: bytes) -> int:
    """Read the code of an error."""
    code = json.loads(reply)["code"]
    assert isinstance(code, int)
    return code


# Lines


def test_a_reply_leaves_as_soon_as_its_line_is_complete() -> None:
    node = Node()
    assert node.feed(COMMIT) == b""
    assert node.feed(b"\n" + COMMIT) == COMMITTED
    assert node.feed(b"\n") == COMMITTED


def test_a_line_may_come_byte_by_byte() -> None:
    node = Node()
    replies = [node.feed(bytes([byte])) for byte in COMMIT + b"\n"]
    assert replies == [b""] * len(COMMIT) + [COMMITTED]


def test_a_letter_may_be_cut_in_the_middle_of_its_bytes() -> None:
    line = '{"type":"process","event_id":"é","word":"日本"}\n'.encode()
    for cut in range(len(line)):
        assert in_pieces(line, [cut]) == answers(line)


def test_a_last_line_without_a_line_end_is_a_line() -> None:
    node = Node()
    assert node.feed(COMMIT + b"\n" + COMMIT) == COMMITTED
    assert node.finish() == COMMITTED


def test_a_half_line_at_the_end_of_input_is_malformed() -> None:
    node = Node()
    node.feed(COMMIT[:-1])
    reply = node.finish()
    assert reply.endswith(b"\n")
    assert code_of(reply) == 12


@pytest.mark.parametrize("rest", [b"", b"\n", b" ", b"\r", b"\n\n\t "])
def test_nothing_but_white_space_at_the_end_of_input_is_no_line(rest: bytes) -> None:
    assert answers(COMMIT + b"\n" + rest) == COMMITTED


def test_no_input_has_no_replies() -> None:
    assert answers(b"") == b""


def test_the_end_is_answered_once() -> None:
    node = Node()
    node.feed(COMMIT)
    assert [node.finish(), node.finish()] == [COMMITTED, b""]


@pytest.mark.parametrize("blank", [b"", b" ", b"\t", b"\r", b" \t \r", b" " * 100_000])
def test_a_line_of_white_space_alone_is_skipped(blank: bytes) -> None:
    data = b"\n".join([blank, COMMIT, blank, blank, COMMIT, blank, b""])
    assert answers(data) == COMMITTED * 2


def test_lines_may_end_in_a_return_and_a_line_feed() -> None:
    assert answers((COMMIT + b"\r\n") * 3) == COMMITTED * 3


def test_a_line_ends_at_a_line_feed_and_nowhere_else() -> None:
    """Not at what `str.splitlines` would take for an end."""
    word = "a\u2028b\u2029c\x85d\x7fe"
    request = {"type": "process", "event_id": "e", "word": word}
    data = json.dumps(request, ensure_ascii=False).encode() + b"\n"
    assert json.loads(answers(data))["word"] == word


# Long lines


def padded(length: int) -> bytes:
    """Make a good commit of exactly this many bytes."""
    line = b'{"type":"commit","msg_id":1,"pad":""}'
    return line[:-2] + b"x" * (length - len(line)) + line[-2:]


@pytest.mark.parametrize("max_line", [100, 4096, 70_000, 1 << 20])
@pytest.mark.parametrize("chunk", [50, 1000, 1 << 16, 1 << 22])
def test_a_line_may_be_as_long_as_the_limit_and_no_longer(max_line: int, chunk: int) -> None:
    data = b"\n".join([COMMIT, padded(max_line), padded(max_line + 1), padded(max_line), b""])
    node = Node(max_line=max_line)
    replies = [node.feed(data[at : at + chunk]) for at in range(0, len(data), chunk)]
    first, second, third, fourth = b"".join(replies).splitlines(keepends=True)
    assert first == second == fourth == COMMITTED
    error = json.loads(third)
    assert (error["in_reply_to"], error["code"]) == (None, 12)
    assert str(max_line) in error["text"]


def test_the_limit_is_1_mib_by_default() -> None:
    assert answers(padded(1 << 20)) == COMMITTED
    assert code_of(answers(padded((1 << 20) + 1))) == 12


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_that_is_too_long_is_answered_once(end: bytes) -> None:
    """With or without a line end, in one piece or in many."""
    data = COMMIT + b"\n" + b"x" * 1000 + end
    for size in (1, 7, 64, 2000):
        node = Node(max_line=64)
        pieces = [data[at : at + size] for at in range(0, len(data), size)]
        replies = b"".join(map(node.feed, pieces)) + node.finish()
        assert replies.count(b"\n") == 2
        assert code_of(replies.splitlines()[1]) == 12


def test_too_long_a_line_changes_nothing() -> None:
    processor = Processor()
    processor.process("e1", "x")
    before = processor.freeze()
    node = Node(processor, max_line=20)
    node.feed(b'{"type":"rollback","msg_id":1}\n')
    assert processor.freeze() == before


def test_a_line_of_100_mb_is_refused_without_being_held() -> None:
    node = Node()
    piece = b"x" * (1 << 16)
    tracemalloc.start()
    try:
        replies = b"".join(node.feed(piece) for _ in range(1600))
        replies += node.feed(b"\n" + COMMIT + b"\n")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    error, good = replies.splitlines(keepends=True)
    assert code_of(error) == 12
    assert good == COMMITTED
    assert peak < 8 << 20


def test_many_chunks_of_a_long_line_cost_as_much_as_few() -> None:
    """A line that comes in little pieces is not copied for each: 4 MiB by 64 bytes."""
    line = padded(4 << 20) + b"\n"
    node = Node(max_line=8 << 20)
    replies = [node.feed(line[at : at + 64]) for at in range(0, len(line), 64)]
    assert b"".join(replies) == COMMITTED


# Envelopes

ENVELOPES = {
    "both addresses": (
        b'{"src":"c1","dest":"n1","body":{"type":"commit","msg_id":1}}',
        (
            b'{"src": "n1", "dest": "c1", "body": '
            b'{"type": "committed", "in_reply_to": 1, "output_count": 0}}'
        ),
    ),
    "no addresses": (
        b'{"body":{"type":"commit","msg_id":1}}',
        (
            b'{"src": null, "dest": null, "body": '
            b'{"type": "committed", "in_reply_to": 1, "output_count": 0}}'
        ),
    ),
    "a sender alone": (
        b'{"src":"c1","body":{"type":"commit","msg_id":1}}',
        (
            b'{"src": null, "dest": "c1", "body": '
            b'{"type": "committed", "in_reply_to": 1, "output_count": 0}}'
        ),
    ),
    "an address beyond ASCII": (
        '{"dest":"ñ1","body":{"type":"commit","msg_id":1}}'.encode(),
        (
            b'{"src": "\\u00f11", "dest": null, "body": '
            b'{"type": "committed", "in_reply_to": 1, "output_count": 0}}'
        ),
    ),
    "a bare body": (
        COMMIT,
        (
            b'{"src": null, "dest": null, "body": '
            b'{"type": "committed", "in_reply_to": 1, "output_count": 0}}'
        ),
    ),
    "a bare body with a field of its own called src": (
        b'{"type":"commit","msg_id":1,"src":"c1","dest":"n1"}',
        (
            b'{"src": null, "dest": null, "body": '
            b'{"type": "committed", "in_reply_to": 1, "output_count": 0}}'
        ),
    ),
    "a process": (
        (
            b'{"src":"c1","dest":"n1","body":'
            b'{"type":"process","msg_id":1,"event_id":"e1","word":"hello"}}'
        ),
        (
            b'{"src": "n1", "dest": "c1", "body": {"type": "processed", "in_reply_to": 1, '
            b'"word": "hello", "count": 1, "was_duplicate": false}}'
        ),
    ),
    "a bare process, canonical": (
        b'{"type":"process","msg_id":1,"event_id":"e1","word":"hello"}',
        (
            b'{"src": null, "dest": null, "body": {"type": "processed", "in_reply_to": 1, '
            b'"word": "hello", "count": 1, "was_duplicate": false}}'
        ),
    ),
}


@pytest.mark.parametrize(("line", "reply"), ENVELOPES.values(), ids=ENVELOPES)
def test_with_envelopes_on_a_reply_goes_back_to_the_sender(line: bytes, reply: bytes) -> None:
    assert answers(line + b"\n", envelope=True) == reply + b"\n"


@pytest.mark.parametrize(
    ("line", "src", "dest"),
    [
        (b"x", None, None),
        (b'{"src":"c1","dest":"n1","body":{"type":"bogus"}}', "n1", "c1"),
        (b'{"src":"c1","dest":"n1","body":7}', "n1", "c1"),
        (b'{"src":"c1","body":{"type":"restore","checkpoint_id":"no"}}', None, "c1"),
    ],
)
def test_with_envelopes_on_an_error_goes_back_to_the_sender(
    line: bytes, src: str | None, dest: str | None
) -> None:
    reply = json.loads(answers(line + b"\n", envelope=True))
    assert list(reply) == ["src", "dest", "body"]
    assert (reply["src"], reply["dest"]) == (src, dest)
    assert list(reply["body"]) == ["type", "in_reply_to", "code", "text"]


def test_with_envelopes_on_too_long_a_line_is_answered_in_one() -> None:
    reply = json.loads(answers(b"x" * 100 + b"\n", max_line=64, envelope=True))
    assert (reply["src"], reply["dest"], reply["body"]["code"]) == (None, None, 12)


# Against the oracle


def joined(lines: list[bytes], end: bytes) -> bytes:
    """Make an input of these lines; `end` is what follows the last."""
    return b"\n".join(lines) + (end if lines else b"")


inputs = st.builds(joined, st.lists(draw.lines(), max_size=25), st.sampled_from((b"\n", b"")))
SHORT = settings(max_examples=100)
LONG = settings(max_examples=3000)


def check_input(data: bytes, *, envelope: bool) -> None:
    """Compare replies byte for byte and the states they leave."""
    oracle = OracleNode(envelope=envelope)
    processor = Processor()
    node = Node(processor, envelope=envelope)
    oracle.check(data, node.feed(data) + node.finish())
    assert list(processor.counts.items()) == list(oracle.processor.counts.items())
    assert list(processor.seen.items()) == list(oracle.processor.seen.items())
    assert list(processor.pending) == oracle.processor.pending
    assert list(processor.sink) == oracle.processor.sink
    assert not broken(processor)


@SHORT
@given(data=inputs, envelope=st.booleans())
def test_every_input_is_answered_as_the_oracle_answers_it(data: bytes, *, envelope: bool) -> None:
    check_input(data, envelope=envelope)


@pytest.mark.long
@LONG
@given(data=inputs, envelope=st.booleans())
def test_very_many_inputs_are_answered_as_the_oracle_does(data: bytes, *, envelope: bool) -> None:
    check_input(data, envelope=envelope)


@SHORT
@given(inputs, st.lists(st.integers(0, 10_000), max_size=12), st.sampled_from((30, 70, 1 << 20)))
def test_any_chunking_of_an_input_gives_the_same_replies(
    data: bytes, cuts: list[int], max_line: int
) -> None:
    whole = answers(data, max_line=max_line)
    assert in_pieces(data, cuts, max_line=max_line) == whole
    OracleNode(max_line=max_line).check(data, whole)


# Bulk: large chunks of lines as most clients write them may take another way through the
# node than single lines do. Both ways must agree on everything.

CHUNK = 1 << 16
Form = Callable[[dict[str, Any]], bytes]
each_form = pytest.mark.parametrize("form", draw.FORMS)


def request(event_id: str = "e1", word: str = "hello") -> dict[str, Any]:
    """Make the request of the samples."""
    return {"type": "process", "msg_id": 1, "event_id": event_id, "word": word}


def check_in_bulk(form: Form, *lines: bytes) -> None:
    """Compare lines in the middle of a large chunk, the same alone, and the oracle."""
    known = form(request("known", "filler")) + b"\n"
    # Committed, so that no line can undo it: 8 KiB of a known id change nothing.
    begin, filler = known + COMMIT + b"\n", known * ((1 << 13) // len(known))
    in_bulk, alone, oracle = Node(), Node(), OracleNode()
    for node in (in_bulk, alone):
        node.feed(begin)
    oracle.expect(begin)

    around = alone.feed(filler)
    ours = in_bulk.feed(filler + b"".join(line + b"\n" for line in lines) + filler)
    assert ours.startswith(around)
    assert ours.endswith(around)
    ours = ours[len(around) : len(ours) - len(around)]
    assert ours == b"".join(alone.feed(line + b"\n") for line in lines)
    oracle.check(b"".join(line + b"\n" for line in lines), ours)


@pytest.mark.parametrize("wrong", draw.WRONG, ids=[wrong.what for wrong in draw.WRONG])
def test_a_wrong_line_is_read_alike_in_bulk(wrong: draw.Wrong) -> None:
    for form in (draw.canonical, draw.enveloped):
        check_in_bulk(form, wrong.line)


@pytest.mark.parametrize("what", draw.ODD)
def test_an_odd_line_of_the_table_is_read_alike_in_bulk(what: str) -> None:
    for form in (draw.canonical, draw.enveloped):
        check_in_bulk(form, draw.ODD[what][0].encode())


def off_by_one(line: bytes, at: int, wrong: Iterable[bytes]) -> list[bytes]:
    """List what this line becomes with a byte left out, replaced or put in at this place."""
    head, tail = line[:at], line[at:]
    changed = [head + byte + rest for byte in wrong for rest in (tail, tail[1:])]
    return [head + tail[1:], *changed]


@each_form
def test_telling_bytes_at_every_place_are_read_alike_in_bulk(form: Form) -> None:
    sample = form(request())
    for at in range(len(sample) + 1):
        lines = off_by_one(sample, at, draw.TELLING)
        # A byte that is not UTF-8 may send the whole chunk another way: those by themselves.
        check_in_bulk(form, *(line for line in lines if line.isascii()))
        for line in lines:
            if not line.isascii():
                check_in_bulk(form, line)


@pytest.mark.long
@each_form
def test_every_byte_at_every_place_is_read_alike_in_bulk(form: Form) -> None:
    sample = form(request())
    for at in range(len(sample) + 1):
        for line in off_by_one(sample, at, (bytes([byte]) for byte in range(256))):
            check_in_bulk(form, line)


@st.composite
def slightly_off(draw_: st.DrawFn) -> tuple[Form, bytes]:
    """Draw a form, and a request in it that is a few bytes off."""
    form = draw_(st.sampled_from(draw.FORMS))
    return form, draw_(draw.mutated(form(draw_(draw.requests()))))


@settings(max_examples=250)
@given(slightly_off())
def test_a_line_a_few_bytes_off_is_read_alike_in_bulk(drawn: tuple[Form, bytes]) -> None:
    check_in_bulk(*drawn)


@pytest.mark.long
@settings(max_examples=10_000)
@given(slightly_off())
def test_very_many_lines_a_few_bytes_off_are_read_alike_in_bulk(
    drawn: tuple[Form, bytes],
) -> None:
    check_in_bulk(*drawn)


@SHORT
@given(draw.odd_lines(), st.sampled_from((draw.canonical, draw.enveloped)))
def test_an_odd_line_is_read_alike_in_bulk(line: bytes, form: Form) -> None:
    check_in_bulk(form, line)


@st.composite
def large_inputs(draw_: st.DrawFn) -> bytes:
    """Draw a hundred kilobytes: requests over and over, with a few lines of any kind."""
    form = draw_(st.sampled_from(draw.FORMS))
    requests = draw_(st.lists(draw.requests(), min_size=3, max_size=40))
    spelled = [form(drawn) for drawn in requests]
    rng = draw_(st.randoms(use_true_random=False))
    lines = [rng.choice(spelled) for _ in range(1000)]
    if draw_(st.booleans()):
        # New ids besides, or nearly every line is a duplicate.
        words = ("hello", "naïve", "world", "\\", "\ud83d")
        lines += [form(request(f"new{n}", words[n % 5])) for n in range(800)]
        rng.shuffle(lines)
    for line in draw_(st.lists(draw.lines(), max_size=3)):
        lines.insert(rng.randrange(len(lines)), line)
    return b"\n".join(lines)


def check_large(data: bytes, *, envelope: bool) -> None:
    """Compare large chunks, a line at a time, and the oracle."""
    by_line = Node(envelope=envelope)
    expected = b"".join(by_line.feed(line + b"\n") for line in data.split(b"\n"))
    node = Node(envelope=envelope)
    pieces = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
    assert b"".join(map(node.feed, pieces)) + node.finish() == expected
    assert answers(data, envelope=envelope) == expected
    OracleNode(envelope=envelope).check(data, expected)


@settings(max_examples=8)
@given(data=large_inputs(), envelope=st.booleans())
def test_large_chunks_are_answered_as_single_lines_are(data: bytes, *, envelope: bool) -> None:
    check_large(data, envelope=envelope)


@pytest.mark.long
@settings(max_examples=150)
@given(data=large_inputs(), envelope=st.booleans())
def test_very_many_large_chunks_are_answered_as_single_lines_are(
    data: bytes, *, envelope: bool
) -> None:
    check_large(data, envelope=envelope)


class Failing(Processor):
    """A processor with a bug in it, at one id."""

    def process(self, event_id: str | int, word: str) -> tuple[int, bool]:
        """Fail as a bug would, before anything has changed."""
        if event_id == "bug":
            raise KeyError(event_id)
        return super().process(event_id, word)


@pytest.mark.parametrize("filler", [0, 500], ids=["alone", "in bulk"])
@pytest.mark.parametrize("form", [draw.canonical, lambda r: b" " + draw.canonical(r)])
def test_a_fault_inside_a_process_is_error_13_and_the_node_goes_on(filler: int, form: Form) -> None:
    lines = [form(request())] * (filler + 1)
    node = Node(Failing())
    data = b"\n".join([*lines, form(request("bug")), *lines, b""])
    replies = node.feed(data).splitlines()
    assert len(replies) == 2 * filler + 3
    error = json.loads(replies[filler + 1])
    assert (error["type"], error["in_reply_to"], error["code"]) == ("error", 1, 13)
    assert json.loads(replies[-1])["was_duplicate"]


def test_bulk_and_single_lines_share_one_state() -> None:
    """What a large chunk did is there for the checkpoint after it, and the other way round."""
    process = b'{"type":"process","msg_id":%d,"event_id":"e%d","word":"w%d"}\n'
    first = b"".join(process % (n, n, n % 7) for n in range(2000))
    save = b'{"type":"checkpoint","msg_id":1,"checkpoint_id":"cp"}\n'
    second = b"".join(process % (n, n, n % 5) for n in range(1000, 4000))
    back = b'{"type":"restore","msg_id":1,"checkpoint_id":"cp"}\n'
    end = b'{"type":"rollback","msg_id":1}\n'
    data = first + save + second + back + second + COMMIT + b"\n" + back + second + end
    node = Node()
    replies = [node.feed(part) for part in (first, save, second, back, second)]
    replies += [node.feed(part) for part in (COMMIT + b"\n", back, second, end)]
    OracleNode().check(data, b"".join(replies))
