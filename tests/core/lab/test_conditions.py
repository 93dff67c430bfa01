"""The condition language: what it says, what it finds, and what it answers to a slip."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.lab.conditions import (
    COMPARISONS,
    PLACES,
    Compared,
    Condition,
    Holds,
    Power,
    Quantity,
    Rule,
)
from core.lab.grammar import ConditionError, parse, quantity
from core.lab.ids import known
from core.lab.lab import Lab
from core.lab.words import split
from core.rules import RULES
from tests.core.lab.scenes import ODD, lab, whole

PARSED: list[tuple[str, Condition]] = [
    ("count hello == 1", Compared(Quantity("count", "hello"), "==", 1)),
    ("count 'two words' >= 0", Compared(Quantity("count", "two words"), ">=", 0)),
    ("count '' != 3", Compared(Quantity("count", ""), "!=", 3)),
    ("count == == 1", Compared(Quantity("count", "=="), "==", 1)),
    ("count holds < 1", Compared(Quantity("count", "holds"), "<", 1)),
    ("seen == 2", Compared(Quantity("seen"), "==", 2)),
    ("pending <= 10", Compared(Quantity("pending"), "<=", 10)),
    ("sink > 0", Compared(Quantity("sink"), ">", 0)),
    ("seen holds e1", Holds("seen", "e1", once=False)),
    ("sink holds e1 once", Holds("sink", "e1", once=True)),
    ("pending holds once once", Holds("pending", "once", once=True)),
    ("sink holds '' once", Holds("sink", "", once=True)),
    ("sink holds '#1'", Holds("sink", "#1", once=False)),
    ("up", Power(up=True)),
    ("down", Power(up=False)),
    *((f"rule {name} holds", Rule(name, holds=True)) for name in RULES),
    ("rule sink-once broken", Rule("sink-once", holds=False)),
]


@pytest.mark.parametrize(("text", "condition"), PARSED)
def test_a_condition_is_read(text: str, condition: Condition) -> None:
    assert parse(text) == condition
    assert parse(shlex.split(text)) == condition


@pytest.mark.parametrize(("text", "condition"), PARSED)
def test_a_condition_is_written_in_its_canonical_form(text: str, condition: Condition) -> None:
    assert str(condition) == text


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ('  count  "hello"   ==  007 ', "count hello == 7"),
        ("count hello==1", "count hello == 1"),
        ("count hello>=1", "count hello >= 1"),
        ("count hello ==1", "count hello == 1"),
        ("count hello!= 1", "count hello != 1"),
        ("count a==b==1", "count a==b == 1"),
        ("seen==2", "seen == 2"),
        ("pending <3", "pending < 3"),
        ("sink > = 3", "sink >= 3"),
        ("'count hello == 1'", "count hello == 1"),
        ("\"count 'two words' == 1\"", "count 'two words' == 1"),
        ("'seen==2'", "seen == 2"),
        ("'rule sink-once holds'", "rule sink-once holds"),
        ("'sink holds e1' once", "sink holds e1 once"),
        ("sink holds ==", "sink holds =="),
        ("sink holds a==2", "sink holds a==2"),
        ("count '==' == 1", "count == == 1"),
        *(
            (line, "count 'two words' == 1")
            for line in ("count 'two words'==1", "\"count 'two words'==1\"", r"count two\ words==1")
        ),
        ("count 'two words'>=1", "count 'two words' >= 1"),
        ('count "hello"==1', "count hello == 1"),
        ("'count \"hello\"==1'", "count hello == 1"),
        ("count hello=='1'", "count hello == 1"),
        ("count hello =='1'", "count hello == 1"),
        ("count 'a==b' == 1", "count a==b == 1"),
        ("count 'a==b'==1", "count a==b == 1"),
        ("count '==' ==1", "count == == 1"),
        ("count ''==1", "count '' == 1"),
        ("'seen'=='2'", "seen == 2"),
        (r"count $'a\nb' == 1 # so it is", r"count $'a\nb' == 1"),
    ],
)
def test_blanks_and_quotes_do_not_matter_where_there_is_one_way_to_read_it(
    text: str, condition: str
) -> None:
    assert str(parse(text)) == condition
    assert str(parse(split(text))) == condition


START = ("process e1 a", "process e2 a", "commit", "process e3 'two words'")
DONE = (*START, "commit")
TWICE = (
    "mechanism idempotent-sink off",
    *("process e1 a", "checkpoint", "commit", "restore", "commit"),
)
UNJUDGED = "same-as-clean is not judged while the processor is down"
CHECKED = [
    (START, "count a == 2", True, "count a is 2"),
    (START, "count a > 2", False, "count a is 2"),
    (START, "count b == 0", True, "count b is 0"),
    (START, "count 'two words' != 1", False, "count 'two words' is 1"),
    (START, "seen >= 3", True, "seen is 3"),
    (START, "pending < 1", False, "pending is 1"),
    (START, "sink == 2", True, "sink is 2"),
    (START, "seen holds e3 once", True, "seen holds e3 once"),
    (START, "pending holds e3", True, "pending holds e3 once"),
    (START, "pending holds e1", False, "pending does not hold e1"),
    (START, "sink holds e1 once", True, "sink holds e1 once"),
    (START, "sink holds e3", False, "sink does not hold e3"),
    (TWICE, "sink holds e1", True, "sink holds e1 2 times"),
    (TWICE, "sink holds e1 once", False, "sink holds e1 2 times"),
    (TWICE, "rule sink-once broken", True, "e1 is in the sink 2 times"),
    (TWICE, "rule sink-once holds", False, "e1 is in the sink 2 times"),
    (START, "up", True, "the processor is up"),
    (START, "down", False, "the processor is up"),
    ((*START, "crash"), "down", True, "the processor is down"),
    ((*START, "crash"), "count a == 2", False, "count a is 0"),
    ((*START, "crash"), "sink holds e1", True, "sink holds e1 once"),
    ((*START, "crash"), "rule same-as-clean holds", False, UNJUDGED),
    ((*START, "crash"), "rule same-as-clean broken", False, UNJUDGED),
    (START, "rule same-as-clean holds", False, "same-as-clean is not judged yet: 1 pending"),
    (START, "rule same-as-clean broken", False, "same-as-clean is not judged yet: 1 pending"),
    (
        (*START, "lose ack"),
        "rule same-as-clean holds",
        False,
        "same-as-clean is not judged yet: 1 due",
    ),
    (
        DONE,
        "rule same-as-clean holds",
        True,
        "counts and sink are those of a clean run",
    ),
]


@pytest.mark.parametrize(("lines", "text", "met", "found"), CHECKED)
def test_a_condition_says_whether_it_is_met_and_what_there_is(
    lines: tuple[str, ...],
    text: str,
    met: bool,  # noqa: FBT001 - a column
    found: str,
) -> None:
    made = lab(*lines)
    before = whole(made)
    assert parse(text).check(made) == (met, found)
    assert whole(made) == before


@pytest.mark.parametrize("name", RULES)
def test_every_rule_can_be_asked_for(name: str) -> None:
    verdict = RULES[name](lab(*DONE))
    assert parse(f"rule {name} holds").check(lab(*DONE)) == (verdict.holds, verdict.message)


SLIPS = [
    ("", "expected a condition", "count hello == 1"),
    ("count", "expected a word behind count", "count hello == 1"),
    ("count == 1", "expected a word behind count", "count hello == 1"),
    ("count a", "behind count a", "count a == 1"),
    ("count a = 2", "not '='", "count a == 2"),
    ("count a is 2", "not 'is'", "count a == 2"),
    ("count a 2", "not '2'", "count a == 2"),
    ("count a ==", "expected a whole number behind count a ==", "count a == 1"),
    ("count a == x", "not 'x'", ""),
    ("count a == -1", "not '-1'", ""),
    ("count a == 1.5", "not '1.5'", ""),
    ("count a == ٣", "expected a whole number", ""),
    ("count a == 1 2", "expected nothing behind count a == 1", ""),
    ("count two words == 1", "not 'words'", "count 'two words' == 1"),
    ("cuont a >= 2", "not 'cuont'", "count a >= 2"),
    ("hello == 3", "not 'hello'", "count hello == 3"),
    ("Sink holds e1", "not 'Sink'", "sink holds e1"),
    ("sink", "behind sink", "sink == 1"),
    ("sink 2", "not '2'", "sink == 2"),
    ("sink holds", "expected an id behind sink holds", "sink holds e1"),
    ("sink has e7 once", "expected holds", "sink holds e7 once"),
    ("sink hold e7", "expected holds", "sink holds e7"),
    ("sink holds e7 twice", "expected once, or nothing", ""),
    ("sink holds '' exactly", "expected once, or nothing", "sink holds ''"),
    ("sink holds e7 once more", "expected nothing", "sink holds e7 once"),
    ("up now", "expected nothing behind up", "up"),
    ("rule", "expected a rule", "rule sink-once holds"),
    ("rule sink-one broken", "not 'sink-one'", "rule sink-once broken"),
    ("rule counts-match", "expected holds or broken", "rule counts-match holds"),
    ("rule counts-match fails", "not 'fails'", "rule counts-match broken"),
    ("count 'a == 1", "quote", "count 'two words' == 1"),
    ("count two words==1", "not 'words'", "count 'two words' == 1"),
    ("count 'a==1'", "expected one of ==", "count a==1 == 1"),
    ("count a<b 1", "not '1'", "count 'a<b' == 1"),
    ("count hello=1", "not '='", "count hello == 1"),
    ("count hello=>2", "not '=>'", "count hello >= 2"),
    ("count==1", "expected a word behind count", "count hello == 1"),
    ("hello==3", "not 'hello'", "count hello == 3"),
    ("seen=2", "not '='", "seen == 2"),
    ("sink == e7", "not 'e7'", "sink holds e7"),
    ("done == 2", "not 'done'", "count done == 2"),
    ("up == 1", "expected nothing behind up", "up"),
    ("up ==1", "expected nothing behind up", "up"),
    ("down is true", "expected nothing behind down", "down"),
    ("up == 0", "expected nothing behind up", ""),
    ("seen e1", "not 'e1'", "seen holds e1"),
    ("pending e1 once", "not 'e1'", "pending holds e1 once"),
    ("sink 'two words'", "not 'two words'", "sink holds 'two words'"),
    ("sink two words", "not 'two'", "sink holds 'two words'"),
    ("sink holds two words", "not 'words'", "sink holds 'two words'"),
    ("sink holds two words once", "not 'words'", "sink holds 'two words' once"),
    ("sink holds e1 2 times", "not '2'", ""),
    ("is down", "not 'is'", "down"),
    ("sink-once broken", "not 'sink-once'", "rule sink-once broken"),
    ("count hello 1==", "not '1'", "count 'hello 1' == 1"),
    ("count two words", "not 'words'", "count 'two words' == 1"),
    ("count two words 2", "not 'words'", "count 'two words' == 2"),
    ("crashed", "not 'crashed'", "down"),
    *(
        (line, "expected ", "")
        for line in (
            *("not up", "not count hello == 1", "sink not holds e1", "count a is not 2"),
            *("up and count a == 1", "count a == 1 and seen == 2", "seen e1 && sink e1"),
            *("sink != e1", "sink == two", "seen < sink", "sink == seen", "hello == world"),
            *("seen == 1, sink == 2", "seen ≠ 2", "seen≥2", "count a == count b"),
            *("checkpoint cp1", "offset==1", "refused", "due == 0", "hello", "sink empty"),
        )
    ),
    ("rule sink once holds", "not 'sink'", "rule sink-once holds"),
    ("rule Same_As_Clean broken", "not 'Same_As_Clean'", "rule same-as-clean broken"),
]


@pytest.mark.parametrize(("text", "names", "hint"), SLIPS)
def test_a_slip_is_answered_with_what_was_expected_and_the_nearest_right_form(
    text: str, names: str, hint: str
) -> None:
    with pytest.raises(ConditionError) as slip:
        parse(text)
    assert names in slip.value.text
    assert slip.value.hint == hint


WORDS = (
    *("count", "seen", "pending", "sink", "up", "down", "rule", "holds", "broken", "once"),
    *("==", "=", "<", "1", "-1", "e1", "hello", "sink-once", "", "'", "#", "two words", "\ud800"),
)


@given(st.lists(st.sampled_from(WORDS) | ODD, max_size=6))
def test_whatever_is_typed_is_a_condition_or_its_hint_is_one(words: list[str]) -> None:
    try:
        condition = parse(words)
    except ConditionError as slip:
        if not slip.hint:
            return
        condition, hint = parse(slip.hint), slip.hint
    else:
        hint = str(condition)
    assert str(condition) == hint
    assert parse(str(condition)) == condition
    assert condition.check(Lab()).found


@given(st.text(max_size=12) | ODD)
def test_any_text_is_a_condition_or_is_refused(text: str) -> None:
    try:
        parse(text)
    except ConditionError as slip:
        if slip.hint:
            parse(slip.hint)


@pytest.mark.parametrize("comparison", COMPARISONS)
@pytest.mark.parametrize("number", [0, 1, 2])
def test_every_comparison_means_what_it_means_in_python(comparison: str, number: int) -> None:
    expected = eval(f"1 {comparison} {number}")  # noqa: S307 - of two numbers and an operator
    assert parse(f"count a {comparison} {number}").check(lab("process a")).met is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("count 'a b'", Quantity("count", "a b")), *((each, Quantity(each)) for each in PLACES)],
)
def test_a_quantity_can_be_asked_for_alone(text: str, expected: Quantity) -> None:
    assert quantity(text) == expected
    assert str(expected) == text


@pytest.mark.parametrize("text", ["", "count", "up", "sink holds e1", "count a == 1", "nothing"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ConditionError) as slip:
        quantity(text)
    assert quantity(slip.value.hint)


INTEGER = '{"type": "process", "event_id": 1, "word": "a"}'
STRING = '{"type": "process", "event_id": "1", "word": "a"}'


@pytest.mark.parametrize(
    ("lines", "typed", "expected"),
    [
        ((INTEGER,), "1", 1),
        ((STRING,), "1", "1"),
        ((INTEGER, STRING), "1", "1"),
        ((), "1", "1"),
        ((INTEGER,), "01", "01"),
        ((INTEGER,), "+1", "+1"),
        ((INTEGER,), "١", "١"),
        ((INTEGER,), "9" * 5000, "9" * 5000),
        ((INTEGER,), 1, 1),
        (('{"type": "process", "event_id": -7, "word": "a"}',), "-7", -7),
    ],
)
def test_a_typed_id_is_the_string_or_else_the_integer_that_was_sent(
    lines: tuple[str, ...], typed: str | int, expected: str | int
) -> None:
    assert known(lab(*lines), typed) == expected


def test_a_condition_finds_an_integer_id() -> None:
    assert parse("seen holds 1 once").check(lab(INTEGER)).met
    assert not parse("seen holds 1").check(lab("process e1 a")).met


def test_a_condition_tells_an_integer_from_a_text_that_looks_like_it() -> None:
    both = lab('{"type": "process", "event_id": 5, "word": "a"}', "process int:5 b", "commit")
    held = {text: parse(text) for text in ("sink holds int:5", "sink holds 'int:5'")}
    assert [each.event_id for each in held.values() if isinstance(each, Holds)] == [5, "int:5"]
    assert [str(each) for each in held.values()] == list(held)
    assert all(each.check(both).met for each in held.values())
    assert parse("seen holds int:5").check(lab("process int:5 b")).met
