"""The grammar of conditions: from words to a condition, or to the one that was probably meant.

Blanks around an operator may be left out, and the whole may stand in quotes, where it cannot be
read otherwise: `count hello==2`, `"seen == 2"`. What a condition is stands in
`core/lab/conditions.py`.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple

from core.errors import ErrorKind, Mistyped, Refused
from core.lab.conditions import (
    COMPARISONS,
    PLACES,
    POWERS,
    Compared,
    Condition,
    Holds,
    Power,
    Quantity,
    Rule,
)
from core.lab.declaration import Near, nearest
from core.lab.ids import read
from core.lab.words import Quoted, glued, joined, split
from core.rules import RULES

FORMS = (
    "count WORD OP N",
    "seen|pending|sink holds ID [once]",
    "seen|pending|sink OP N",
    "up",
    "down",
    "rule NAME holds|broken",
)
"""Every form of a condition; OP is one of `COMPARISONS`."""
EXAMPLE = "count hello == 1"


class ConditionError(Refused):
    """A text that is not a condition; the hint is a valid one close to it, if there is one."""

    def __init__(self, text: str, hint: str) -> None:
        """Say what was expected and what to write instead."""
        super().__init__(ErrorKind.MALFORMED_REQUEST, text, hint)


def parse(text: str | Sequence[str]) -> Condition:
    """Read a condition from a line, or from its words as `split` returns them.

    Raises ConditionError, with a valid condition as its hint, or none if nothing is near.
    """
    words = _words(text)
    if not words:
        raise ConditionError(f"expected a condition: {' · '.join(FORMS)}", EXAMPLE)
    try:
        return _parsed(words)
    except ConditionError as slip:
        loose = _loose(words)
        try:
            return _parsed(loose)
        except ConditionError as other:
            _, rest, slots = _form(loose)
            compares = _SIGN.fullmatch(loose[-2:][0]) and _NUMBER.takes(loose[-1])
            raise (other if compares or len(rest) <= len(slots) else slip) from None


def _parsed(words: Sequence[str]) -> Condition:
    """Read a condition from words just as they are. Raises ConditionError."""
    first, *rest = words
    if first not in _SLOTS:
        raise _unfit(words, 0, _FIRST)
    slots = _slots(first, rest)
    for place, slot in enumerate(slots):
        word = rest[place] if place < len(rest) else None
        if not slot.takes(word, short=len(rest) < len(slots)):
            raise _unfit(words, place + 1, slot)
    if len(rest) > len(slots):
        raise _unfit(words, len(slots) + 1, _NOTHING)
    return _built(first, rest)


def quantity(text: str | Sequence[str]) -> Quantity:
    """Read a quantity, such as `count hello`, without a comparison. Raises ConditionError."""
    words = _words(text)
    try:
        return parse([*words, "==", "1"]).quantity  # type: ignore[union-attr]
    except (ConditionError, AttributeError):
        raise ConditionError("expected count WORD, seen, pending or sink", "count hello") from None


def _words(text: str | Sequence[str]) -> list[str]:
    """Return the words of a condition. Raises ConditionError where a quote is left open, say."""
    if not isinstance(text, str):
        return list(text)
    try:
        return split(text)
    except Mistyped as fault:
        raise ConditionError(fault.text, "count 'two words' == 1") from None


_SIGN = re.compile("[=!<>]=|=[<>]|<>|[=<>]")
_COMPACT = re.compile(f"(.*?)({_SIGN.pattern})([^=!<>]*)", re.DOTALL)
"""Something, the last operator in the word, and what is behind it."""


def _loose(words: Sequence[str]) -> list[str]:
    """Return the words with each operator on its own, and those of a condition in quotes."""
    try:
        words = [*split(words[0]), *words[1:]] or words
    except Mistyped:
        return list(words)
    loose: list[str] = []
    spaced = any(map(_is_sign, words))
    for word in words:
        for part in (word,) if spaced else _parts(word):
            half = loose and loose[-1] and not isinstance(loose[-1], Quoted)
            if half and _is_sign(part) and _is_sign(loose[-1] + part):
                loose[-1] += part  # `> =`
            else:
                loose.append(part)
    return loose


def _is_sign(word: str) -> bool:
    return not isinstance(word, Quoted) and _SIGN.fullmatch(word) is not None


def _parts(word: str) -> list[str]:
    """Return a word, parted at the last operator that stands outside quotes."""
    pieces = (word.pieces or (word,)) if isinstance(word, Quoted) else (word,)
    for place, piece in reversed([*enumerate(pieces)]):
        compact = None if isinstance(piece, Quoted) else _COMPACT.fullmatch(piece)
        if compact is not None:
            before, sign, behind = compact.groups()
            parts = [glued([*pieces[:place], before]), sign, glued([behind, *pieces[place + 1 :]])]
            return [each for each in parts if each or isinstance(each, Quoted)]
    return [word]


# The grammar: which words can follow each first word.


class _Slot(NamedTuple):
    """A place for one word in a form: its name for messages, and the `default` for hints.

    `choices` are the words that can stand here; if empty, any word can. `alike` maps words
    that people write by mistake to one of the choices.
    """

    name: str
    default: str
    choices: tuple[str, ...] = ()
    alike: Mapping[str, str] = MappingProxyType({})

    def takes(self, word: str | None, *, short: bool = False) -> bool:
        """Whether this word (None: no word) can stand here.

        In a text with fewer words than its form (`short`), an operator is not taken for the word
        that is counted: that was left out.
        """
        if word is None:
            return self is _ONCE
        if self is _NUMBER:
            return word.isascii() and word.isdigit() and len(word) <= _DIGITS
        if self.choices:
            return word in self.choices
        compares = word in COMPARISONS and not isinstance(word, Quoted)
        return not (self is _WORD and short and compares)

    def strictly(self, word: str | None) -> bool:
        """Whether this word can stand here, and the slot does not take every word."""
        return self.takes(word) and (bool(self.choices) or self is _NUMBER)

    def like(self, words: Sequence[str]) -> Near | None:
        """Return the valid word that the first of these were probably meant to be, if any."""
        word = words[0].lower()
        if self.takes(words[0]) or word in self.alike:
            return Near(self.alike.get(word, words[0]), 1)
        return nearest(words, self.choices)


_DIGITS = 18  # more than any count has

_WORD = _Slot("a word", "hello")
_ID = _Slot("an id", "e1")
_NUMBER = _Slot("a whole number", "1")
_OPERATOR = _Slot(
    f"one of {' '.join(COMPARISONS)}",
    "==",
    tuple(COMPARISONS),
    {
        **dict.fromkeys(("=", "is", "equals", "equal"), "=="),
        "=<": "<=",
        "=>": ">=",
        "<>": "!=",
    },
)
_HOLDS = _Slot("holds", "holds", ("holds",), dict.fromkeys(("has", "contains", "with"), "holds"))
_ONCE = _Slot("once, or nothing", "", ("once",), {"exactly": "", "only": "once"})
_RULE = _Slot(f"a rule ({', '.join(RULES)})", "sink-once", tuple(RULES))
_STANDING = _Slot(
    "holds or broken",
    "holds",
    ("holds", "broken"),
    {"breaks": "broken", "fails": "broken", "kept": "holds"},
)
_SLOTS: dict[str, tuple[_Slot, ...]] = {
    "count": (_WORD, _OPERATOR, _NUMBER),
    **dict.fromkeys(PLACES, (_OPERATOR, _NUMBER)),
    "up": (),
    "down": (),
    "rule": (_RULE, _STANDING),
}
_HOLDING = (_HOLDS, _ID, _ONCE)
_NOTHING = _Slot("nothing", "")
_FIRST = _Slot(
    f"one of {', '.join(_SLOTS)}",
    "count",
    tuple(_SLOTS),
    {"crashed": "down", "running": "up"},
)
_COMPARED = _Slot("a quantity", "count", ("count", *PLACES))
_TRUE = {"=", "==", "is", "1", "true", "yes", "now"}
"""What people write behind `up` or `down`, and means nothing else than that alone."""
_NO_WORDS = {"and", "or", "not", "&&", "||", "!", "empty", "twice", "thrice", "times"}
_NO_QUANTITIES = {"offset", "source", "due", "checkpoint", "checkpoints", "refused", "disk"}
"""What people try in a condition, and has no form that is near."""
_NUMERALS = {"zero", "one", "two", "three", "four", "five"}
_SIGNS_ELSEWHERE = set(",;≠≥≤")
"""Numbers and signs that a condition does not read: no other stands for them."""


class Expected(NamedTuple):
    """What can come next in a condition: one of `choices`; if there are none, any `what`."""

    what: Literal["word", "id", "number", "choice"]
    choices: tuple[str, ...] = ()


def expected(words: Sequence[str]) -> Expected | None:
    """Return what can come behind the words of a condition; None if nothing can."""
    if not words:
        return Expected("choice", tuple(_SLOTS))
    first, *rest = words
    if first in PLACES and not rest:
        return Expected("choice", ("holds", *COMPARISONS))
    slots = _slots(first, rest) if first in _SLOTS else ()
    if len(rest) >= len(slots) or not all(map(_Slot.takes, slots, rest)):
        return None
    slot = slots[len(rest)]
    if slot is _NUMBER:
        return Expected("number")
    return Expected("word" if slot is _WORD else "id" if slot is _ID else "choice", slot.choices)


def _slots(first: str, rest: Sequence[str]) -> tuple[_Slot, ...]:
    """Return the slots after a first word; after a place the second word decides which."""
    return _HOLDING if first in PLACES and rest and _HOLDS.like(rest[:1]) else _SLOTS[first]


def _built(first: str, rest: Sequence[str]) -> Condition:
    """Return the condition of these words, which fit their slots."""
    place = next((each for each in PLACES if each == first), None)
    if place is not None and rest[0] == "holds":
        return Holds(place, read(rest[1]), once=rest[2:] == ["once"])
    if place is not None:
        return Compared(Quantity(place), rest[0], int(rest[1]))
    if first == "count":
        return Compared(Quantity("count", str(rest[0])), rest[1], int(rest[2]))
    if first == "rule":
        return Rule(rest[0], holds=rest[1] == "holds")
    return Power(up=first == "up")


def _unfit(words: Sequence[str], place: int, slot: _Slot) -> ConditionError:
    """Return the error that says what was expected as word number `place`, from 0."""
    behind = f" behind {joined(words[:place])}" if place else ""
    said = f", not {words[place]!r}" if place < len(words) else ""
    return ConditionError(f"expected {slot.name}{behind}{said}", _nearest(words))


def _form(words: Sequence[str]) -> tuple[str, list[str], tuple[_Slot, ...]]:
    """Return the first word that was probably meant, the words behind it, and their slots."""
    compared = len(words) > 1 and _OPERATOR.like(words[1:2])
    if len(words) > 1 and words[0].lower() in RULES:
        words = ["rule", *words]  # `sink-once broken`
    meant = (_COMPARED if compared and words[0] not in POWERS else _FIRST).like(words[:1])
    first, rest = (meant.name, list(words[1:])) if meant else (_FIRST.default, list(words))
    equals = compared and compared.name == "=="
    if equals and first in PLACES and rest[1:2] and _names_one(rest[1]):
        rest[0] = _HOLDS.default  # `sink == e1`
    elif first in PLACES and rest and not (compared or _NUMBER.takes(rest[0])):
        rest = rest if _HOLDS.like(rest[:1]) else [_HOLDS.default, *rest]  # `sink e1`
    return first, rest, _slots(first, rest)


def _names_one(word: str) -> bool:
    """Whether a word behind `sink ==` is an id, and no number or another place."""
    return word[:1].isalpha() and word not in _SLOTS and word.lower() not in _NUMERALS


def _whole(words: Sequence[str], slot: _Slot) -> Near:
    """Return the first words as the one word or id that they were meant to be.

    It goes up to an operator, an id also up to what says how often it is there.
    """
    count = 1
    while count < len(words) and not _OPERATOR.like(words[count : count + 1]):
        ends = _ONCE.like(words[count : count + 1]) or words[count + 1 :] == ["times"]
        if slot is _ID and ends:
            break
        count += 1
    if slot is _WORD and count == len(words) > 1 and _NUMBER.takes(words[-1]):
        count -= 1  # `count hello 1`
    return Near(" ".join(words[:count]), count)


def _nearest(words: Sequence[str]) -> str:
    """Return the condition that was probably meant: words that fit are kept, others replaced.

    It is empty where nothing would keep what was said.
    """
    if len(words) == 2 and words[0].lower() == "is" and words[1].lower() in POWERS:  # noqa: PLR2004
        return words[1].lower()
    first, rest, slots = _form(words)
    bare = {each.lower() for each in words if not isinstance(each, Quoted)}
    unread = any(_SIGNS_ELSEWHERE & set(each) for each in bare)
    guessed = (
        first == _FIRST.default
        and rest == words
        and not any(_OPERATOR.like([each]) for each in rest)
    )
    denied = first in POWERS and not _TRUE.issuperset(rest)
    if guessed or denied or unread or bare & _NO_WORDS or words[0].lower() in _NO_QUANTITIES:
        return ""
    short = len(rest) < len(slots)
    right = []
    for place, slot in enumerate(slots):
        following = slots[place + 1] if place + 1 < len(slots) else None
        word = rest[0] if rest else None
        skipped = following and not slot.takes(word, short=short) and following.strictly(word)
        meant = None if word is None or skipped else slot.like(rest)
        if slot is _NUMBER and word is not None and meant is None:
            return ""  # `== two`
        if meant and (slot is _WORD or slot is _ID):
            meant = _whole(rest, slot)
        if not skipped:
            del rest[: meant.words if meant else 1]
        if meant is not None or slot is not _ONCE:
            right.append(slot.default if meant is None else meant.name)
    more = any(each.isdigit() or each.lower() in _NUMERALS for each in rest)
    return "" if more and slots else str(_built(first, right))
