"""What hypothesis draws from: ids, words, names, requests, and lines good, odd and wrong.

The pools are small on purpose: an id, a word or a checkpoint that never comes twice finds
nothing. `WRONG` is the table of every way in which a line can be wrong; the table tests walk
it, and the property tests mix its lines in among good ones.
"""

import json
from typing import Any, NamedTuple

from hypothesis import strategies as st

from core.mechanisms import Mechanisms

Id = str | int

IDS: tuple[Id, ...] = ("e1", "e2", "e3", 1, "1", -7, 10**20, 'é"\\\n', "\U0001f600", "\ud800", "")
WORDS = ("hello", "world", "naïve", "\U0001f600", "\udfff", "a/b\x7f", '"\\\t', "")
NAMES: tuple[Id, ...] = ("cp1", "cp2", 1, "1", "späť", "")

ids = st.sampled_from(IDS)
words = st.sampled_from(WORDS)
names = st.sampled_from(NAMES)
msg_ids = st.none() | st.integers(-3, 1000) | st.just(10**30)
mechanisms = st.builds(Mechanisms, *[st.booleans()] * 5)


class Wrong(NamedTuple):
    """A line that cannot be served: what it is, its bytes, and what the error must say."""

    what: str
    line: bytes
    code: int
    in_reply_to: int | None
    text_names: tuple[str, ...]


def _process(**fields: str) -> bytes:
    """Write a good `process` with some values, given as JSON, put in place of its own."""
    good = {"type": '"process"', "msg_id": "7", "event_id": '"e9"', "word": '"x"'}
    return _written({**good, **fields})


def _named(kind: str, **fields: str) -> bytes:
    """Write a good `checkpoint` or `restore` with values put in place of its own."""
    good = {"type": f'"{kind}"', "msg_id": "7", "checkpoint_id": '"cp1"'}
    return _written({**good, **fields})


def _bare(kind: str, **fields: str) -> bytes:
    """Write a good `commit`, `rollback` or `init` with values put in place of its own."""
    nodes = {"node_id": '"n1"', "node_ids": '["n1"]'} if kind == "init" else {}
    return _written({"type": f'"{kind}"', "msg_id": "7", **nodes, **fields})


def _written(fields: dict[str, str]) -> bytes:
    pairs = (f'"{name}":{value}' for name, value in fields.items() if value)
    return ("{" + ",".join(pairs) + "}").encode()


def _not_json() -> list[Wrong]:
    """List lines that no decoder of JSON may take."""
    commit = b'{"type":"commit","msg_id":7}'
    digits = "1" * 5000
    lines = {
        "plain text": b"process e1 hello",
        "a lone brace": b"{",
        "a closing brace": b"}",
        "a half line": b'{"type":"commit","msg_id":7',
        "half a string": b'{"type":"com',
        "single quotes": b"{'type':'commit','msg_id':7}",
        "bare keys": b'{type:"commit"}',
        "a trailing comma": b'{"type":"commit","msg_id":7,}',
        "a leading comma": b'{,"type":"commit"}',
        "no comma": b'{"type":"commit" "msg_id":7}',
        "no colon": b'{"type" "commit"}',
        "a comment": b'{"type":"commit"} // done',
        "a brace too many": commit + b"}",
        "two objects on a line": commit + b" " + commit,
        "two objects, a bare return between": commit + b"\r" + commit,
        "a comma after the object": commit + b",",
        "text after the object": commit + b" x",
        "a null byte after the object": commit + b"\x00",
        "text before the object": b"x" + commit,
        "a no-break space before the object": b"\xc2\xa0" + commit,
        "a form feed before the object": b"\x0c" + commit,
        "a vertical tab after the object": commit + b"\x0b",
        "a byte-order mark": b"\xef\xbb\xbf" + commit,
        "UTF-16": commit.decode().encode("utf-16-le"),
        "UTF-16 with its mark": commit.decode().encode("utf-16"),
        "UTF-32": commit.decode().encode("utf-32-be"),
        "a raw tab in a string": _process(word='"a\tb"'),
        "a raw null byte in a string": _process(word='"a\0b"'),
        "a raw unit separator in a string": _process(word='"a\x1fb"'),
        "a raw return in a string": _process(word='"a\rb"'),
        "an unknown escape": _process(word=r'"\x41"'),
        "an escape cut short": _process(word=r'"\u12"'),
        "an escape that is not hexadecimal": _process(word=r'"\u12g4"'),
        "an escaped quote at the end": _process(word=r'"\"'),
        "a leading zero": _process(msg_id="07"),
        "a plus sign": _process(msg_id="+7"),
        "a lone minus": _process(msg_id="-"),
        "two minuses": _process(msg_id="--7"),
        "a point at the end": _process(msg_id="7."),
        "a point at the start": _process(msg_id=".7"),
        "an exponent without digits": _process(msg_id="7e"),
        "hexadecimal": _process(msg_id="0x7"),
        "an underscore in a number": _process(msg_id="1_0"),
        "Arabic digits": _process(msg_id="٧"),
        "Python's True": _process(msg_id="True"),
        "Python's None": _process(msg_id="None"),
        "NaN": _process(msg_id="NaN"),
        "NaN as an id": _process(event_id="NaN"),
        "NaN in an extra field": _process(extra="NaN"),
        "NaN deep in an extra field": _process(extra='[{"a":[NaN]}]'),
        "Infinity": _process(event_id="Infinity"),
        "-Infinity": _process(extra="-Infinity"),
        "NaN alone": b"NaN",
        "nan": b"nan",
        "-Infinity alone": b"-Infinity",
        "nesting of 100,000 lists": b"[" * 100_000,
        "nesting of 100,000 lists, closed": b"[" * 100_000 + b"]" * 100_000,
        "nesting of 100,000 objects": b'{"a":' * 100_000,
        "nesting of 100,000 in an extra field": _process(extra="[" * 100_000 + "]" * 100_000),
        "a msg_id of 5,000 digits": _process(msg_id=digits),
        "an event_id of 5,000 digits": _process(event_id=digits),
        "an extra field of 5,000 digits": _process(extra="-" + digits),
    }
    bad_utf8 = {
        "a byte that UTF-8 never has": _process(word='"\0"').replace(b"\0", b"\xff"),
        "a stray continuation": _process(word='"\0"').replace(b"\0", b"\x80"),
        "a sequence cut short": _process(word='"\0"').replace(b"\0", b"\xc3"),
        "a sequence cut short in an id": _process(event_id='"\0"').replace(b"\0", b"\xe2\x82"),
        "an overlong slash": _process(word='"\0"').replace(b"\0", b"\xc0\xaf"),
        "an overlong null": _process(word='"\0"').replace(b"\0", b"\xc0\x80"),
        "a raw high surrogate": _process(word='"\0"').replace(b"\0", b"\xed\xa0\x80"),
        "a raw low surrogate": _process(event_id='"\0"').replace(b"\0", b"\xed\xbf\xbf"),
        "a raw pair of surrogates": _process(word='"\0"').replace(
            b"\0", b"\xed\xa0\xbd\xed\xb8\x80"
        ),
        "beyond U+10FFFF": _process(word='"\0"').replace(b"\0", b"\xf4\x90\x80\x80"),
        "Latin-1": _process(word='"naïve"').decode().encode("latin-1"),
        "bad bytes in an extra field": _process(extra='"\0"').replace(b"\0", b"\xfe"),
        "bad bytes in a field's name": _process().replace(b"word", b"wor\xff"),
        "bad bytes after the object": commit + b"\xff",
        "only bad bytes": b"\xff\xfe\xfd",
    }
    return [
        *(Wrong(what, line, 12, None, ()) for what, line in lines.items()),
        *(Wrong(what, line, 12, None, ("UTF-8",)) for what, line in bad_utf8.items()),
    ]


def _not_an_object() -> list[Wrong]:
    """List valid JSON that is no request."""
    values = ["[]", '[{"type":"commit","msg_id":7}]', '"commit"', "7", "1.5", "null", "true"]
    bodies = ["null", "[]", '"commit"', "7", "false"]
    return [
        *(Wrong(f"{v} alone", v.encode(), 12, None, ("object",)) for v in values),
        *(
            Wrong(f"a body of {v}", f'{{"msg_id":7,"body":{v}}}'.encode(), 12, None, ("object",))
            for v in bodies
        ),
        Wrong(
            "a body that is empty, beside a good request",
            b'{"type":"commit","msg_id":7,"body":{}}',
            12,
            None,
            ("type",),
        ),
    ]


def _wrong_fields() -> list[Wrong]:
    """List requests with a field missing or of the wrong type. No value = field missing."""
    no_id = ("", "null", "true", "false", "1.5", "1.0", "1e2", "-0.0", "[]", "{}", '["e1"]')
    no_string = ("", "null", "true", "0", "7", "1.5", "[]", "{}", '["x"]')
    no_integer = ("true", "false", '"7"', '""', "7.0", "1e2", "[]", "[7]", "{}")

    def shown(value: str) -> str:
        return value or "missing"

    an_id = ("string", "integer")
    return [
        *(
            Wrong(f"type {shown(v)}", _process(type=v), 12, 7, ("type", "string"))
            for v in no_string
        ),
        *(
            Wrong(f"event_id {shown(v)}", _process(event_id=v), 12, 7, ("event_id", *an_id))
            for v in no_id
        ),
        *(
            Wrong(f"word {shown(v)}", _process(word=v), 12, 7, ("word", "string"))
            for v in no_string
        ),
        *(
            Wrong(
                f"{kind}'s checkpoint_id {shown(v)}",
                _named(kind, checkpoint_id=v),
                12,
                7,
                ("checkpoint_id", *an_id),
            )
            for kind in ("checkpoint", "restore")
            for v in no_id
        ),
        *(
            Wrong(f"msg_id {v}", _process(msg_id=v), 12, None, ("msg_id", "integer"))
            for v in no_integer
        ),
        *(
            Wrong(f"{kind}'s msg_id true", line, 12, None, ("msg_id", "integer"))
            for kind, line in (
                *((kind, _named(kind, msg_id="true")) for kind in ("checkpoint", "restore")),
                *((kind, _bare(kind, msg_id="true")) for kind in ("commit", "rollback", "init")),
            )
        ),
        *(
            Wrong(f"init's node_id {shown(v)}", _bare("init", node_id=v), 12, 7, ("node_id",))
            for v in no_string
        ),
        *(
            Wrong(f"init's node_ids {shown(v)}", _bare("init", node_ids=v), 12, 7, ("node_ids",))
            for v in ("", "null", "true", "7", '"n1"', "[7]", '["n1",null]', "{}")
        ),
        *(
            Wrong(f"type {v}", _process(type=v), 10, 7, ("type",))
            for v in ('"bogus"', '""', '"Process"', '"process "', '"processed"', '"error"', '"é"')
        ),
        Wrong("an unknown type, no msg_id", b'{"type":"bogus"}', 10, None, ("type", "bogus")),
        Wrong("an empty object", b"{}", 12, None, ("type",)),
        Wrong("an empty body", b'{"body":{}}', 12, None, ("type",)),
        Wrong(
            "a field beside the body instead of in it",
            b'{"event_id":"e9","body":{"type":"process","msg_id":7,"word":"x"}}',
            12,
            7,
            ("event_id",),
        ),
        Wrong(
            "the last of a key given twice is the wrong one",
            _process(word='"x","word":7'),
            12,
            7,
            ("word", "string"),
        ),
        Wrong(
            "the last msg_id is the wrong one",
            _process(msg_id='7,"msg_id":"7"'),
            12,
            None,
            ("msg_id", "integer"),
        ),
        Wrong(
            "an unknown checkpoint",
            _named("restore", checkpoint_id='"nowhere"'),
            20,
            7,
            ("checkpoint", "nowhere"),
        ),
        Wrong(
            "an unknown checkpoint, an integer",
            _named("restore", checkpoint_id="4711"),
            20,
            7,
            ("checkpoint", "4711"),
        ),
    ]


WRONG = (*_not_json(), *_not_an_object(), *_wrong_fields())


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
"""Good requests in odd shapes: what is odd, the line, the reply to it (a checkpoint named
`empty` has been saved)."""

_SPACE = ("", "", "", " ", "  ", "\t", "\r")
_extras = st.dictionaries(
    st.sampled_from(("x", "Type", "source", "id", "wörd", "")),
    st.sampled_from(("null", "0.5", "[1, 2]", '{"type": "commit"}', '"\\ud800"', "-0", "1e400")),
    max_size=2,
)


def requests() -> st.SearchStrategy[dict[str, Any]]:
    """Draw good request bodies, more than half of them `process`."""
    kinds = ("process",) * 6 + ("checkpoint", "restore", "restore", "commit", "rollback", "init")
    fields: dict[str, st.SearchStrategy[Any]] = {
        "msg_id": msg_ids,
        "event_id": ids,
        "word": words,
        "checkpoint_id": names,
        "node_id": words,
        "node_ids": st.lists(words, max_size=2),
    }
    wanted = {
        "process": ("event_id", "word"),
        "checkpoint": ("checkpoint_id",),
        "restore": ("checkpoint_id",),
        "init": ("node_id", "node_ids"),
    }

    def of(kind: str) -> st.SearchStrategy[dict[str, Any]]:
        drawn = {field: fields[field] for field in ("msg_id", *wanted.get(kind, ()))}
        return st.fixed_dictionaries({"type": st.just(kind), **drawn})

    return st.sampled_from(kinds).flatmap(of)


def canonical(request: dict[str, Any]) -> bytes:
    """Spell a request as the samples of the contract do."""
    return json.dumps(request, separators=(",", ":")).encode()


def spaced(request: dict[str, Any]) -> bytes:
    """Spell a request as a plain `json.dumps` does."""
    return json.dumps(request).encode()


def lettered(request: dict[str, Any]) -> bytes:
    """Spell a request as the samples do, with letters beyond ASCII unescaped."""
    text = json.dumps(request, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace")


def enveloped(request: dict[str, Any]) -> bytes:
    """Spell a request as the samples do, in an envelope."""
    return b'{"src":"c1","dest":"n1","body":%s}' % canonical(request)


def enveloped_spaced(request: dict[str, Any]) -> bytes:
    """Spell a request in an envelope as a plain `json.dumps` does."""
    return spaced({"src": "c1", "dest": "n1", "body": request})


FORMS = (canonical, spaced, lettered, enveloped, enveloped_spaced)
"""The ways in which most clients write."""


@st.composite
def spelled(draw: st.DrawFn, value: object) -> str:
    """Draw one of the many spellings of a string, a number or null."""
    if not isinstance(value, str):
        return json.dumps(value)
    forms = [json.dumps(value)]
    units = value.encode("utf-16-be", "surrogatepass").hex()
    forms.append('"' + "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4)) + '"')
    if not any("\ud800" <= char <= "\udfff" for char in value):
        forms.append(json.dumps(value, ensure_ascii=False))
    return draw(st.sampled_from(forms))


@st.composite
def odd_lines(draw: st.DrawFn) -> bytes:
    """Draw good requests in any valid shape: order, spaces, escapes, extras, envelopes."""
    request = draw(requests())
    pairs = [(draw(spelled(key)), draw(spelled(value))) for key, value in request.items()]
    pairs += [(json.dumps(key), value) for key, value in draw(_extras).items()]
    pairs = draw(st.permutations(pairs))
    if draw(st.integers(0, 4)) == 0:
        pairs = [(pairs[0][0], "[7]"), *pairs]
    if draw(st.integers(0, 4)) == 0 and request["msg_id"] is None:
        pairs = [pair for pair in pairs if pair[1] != "null"]
    text = draw(_laid_out(pairs))
    if draw(st.booleans()):
        around = [("src", draw(spelled("c1"))), ("dest", "null"), ("id", "3")]
        around = around[draw(st.integers(0, 3)) :]
        around = draw(st.permutations([*around, ("body", text)]))
        text = draw(_laid_out([(json.dumps(key), value) for key, value in around]))
    return text.encode()


@st.composite
def _laid_out(draw: st.DrawFn, pairs: list[tuple[str, str]]) -> str:
    """Draw a layout of an object of these pairs, already spelled."""
    space = st.sampled_from(_SPACE)
    members = ",".join(
        f"{draw(space)}{key}{draw(space)}:{draw(space)}{value}{draw(space)}" for key, value in pairs
    )
    return f"{draw(space)}{{{members}}}{draw(space)}"


def _told_apart(line: bytes) -> bool:
    """Whether the line is white space to everybody or to nobody."""
    text = line.decode("utf-8", "replace")
    return all(bool(part.strip(" \t\r")) == bool(part.strip()) for part in text.split("\n"))


def hostile_lines() -> st.SearchStrategy[bytes]:
    """Draw lines that are wrong, mostly: from the table, and out of thin air."""
    short = [wrong.line for wrong in WRONG if len(wrong.line) < 1000]
    junk = st.binary(max_size=30) | st.text('[]{}:,"\\0123eE.+-tfn \t', max_size=12).map(str.encode)
    return st.sampled_from(short) | junk.filter(_told_apart)


def blank_lines() -> st.SearchStrategy[bytes]:
    """Draw lines of white space alone."""
    return st.sampled_from((b"", b" ", b"\r", b"\t \r", b"    "))


def lines() -> st.SearchStrategy[bytes]:
    """Draw lines of every kind, good ones more often than not."""
    good = st.builds(lambda form, request: form(request), st.sampled_from(FORMS), requests())
    return good | good | odd_lines() | odd_lines() | hostile_lines() | blank_lines()


@st.composite
def mutated(draw: st.DrawFn, line: bytes) -> bytes:
    """Draw a line that differs from this one by a byte or a few: replaced, put in, left out."""
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
        at = draw(st.integers(0, len(line) - 1))
        byte = draw(st.sampled_from(TELLING) | st.binary(min_size=1, max_size=1))
        keep = draw(st.sampled_from((0, 0, 1)))
        put = draw(st.sampled_from((byte, byte, b"")))
        line = line[:at] + put + line[at + 1 - keep :] or b"x"
    return line


TELLING = tuple(bytes([b]) for b in b'"\\{}[]:,.+-0159eEuntf_ \t\r\n\0\x1f\x7f\x80\xc3\xff')
"""Bytes that mean something to a decoder, or are forbidden to it."""
