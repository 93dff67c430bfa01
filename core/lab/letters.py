"""What the eye takes for one letter, and which characters are not to be seen.

A letter is a character with all that joins it: marks, the rest of a joined emoji, of a flag or
of a conjunct. What is not seen might make two texts look alike, or a terminal obey: controls,
marks that turn the direction of writing, what is invisible; joiners, selectors and tags anywhere
but where they are part of a letter or of a word. All else is seen: blanks, private use, and what
is newer than this Python.
"""

import re
from collections.abc import Iterator
from unicodedata import category, combining, name

_APART, _JOINER = "\u200c", "\u200d"
_PAINTED = "\ufe0f"
_VIRAMA = 9
"""The combining class of the signs that join two consonants."""
_SCRIPTS = {
    *("ARABIC", "SYRIAC", "MANDAIC", "NKO", "MONGOLIAN", "DEVANAGARI", "BENGALI", "GURMUKHI"),
    *("GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "KHMER"),
    *("MYANMAR", "TIBETAN", "BALINESE", "JAVANESE", "SUNDANESE"),
}
"""Those in whose words letters are joined, or kept apart, by a character of its own."""
_UNSEEN = (
    "[\0-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff"
    + "".join(f"{chr(last - 1)}{chr(last)}" for last in range(0xFFFF, 0x110000, 0x10000))
    + "]"
)
"""What is seen nowhere, as a set in a regular expression.

It is controls, surrogates, ends of lines and of paragraphs, noncharacters, the marks of
annotations, and of Unicode's Default_Ignorable_Code_Point all but joiners, selectors and tags.
"""
_FLAGS = tuple(
    f"\U0001f3f4{''.join(chr(0xE0000 + ord(each)) for each in region)}\U000e007f"
    for region in ("gbeng", "gbsct", "gbwls")
)
"""England, Scotland, Wales: a black flag and letters that are tags."""

_EMOJI = (
    "\xa9\xae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u2388\u23cf"
    "\u23e9-\u23f3\u23f8-\u23fa\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u2685"
    "\u2690-\u2705\u2708-\u2712\u2714\u2716\u271d\u2721\u2728\u2733\u2734\u2744\u2747\u274c"
    "\u274e\u2753-\u2755\u2757\u2763-\u2767\u2795-\u2797\u27a1\u27b0\u27bf\u2934\u2935"
    "\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001f0ff\U0001f10d-\U0001f1ad\U0001f201-\U0001f265"
    "\U0001f300-\U0001f3fa\U0001f400-\U0001faff\U0001fc00-\U0001fffd"
)
"""What an emoji can be made of, as a set in a regular expression.

It is Unicode's Extended_Pictographic, without the gaps.
"""


def escaped(text: object, end: int | None = None) -> str:
    """Return a text, or its beginning, as it may be shown: what is not seen is escaped."""
    whole = str(text)
    if whole.isascii() and whole.isprintable():
        return whole[:end]
    return "".join(
        each if pictured(whole, at) else escape(each) for at, each in enumerate(whole[:end])
    )


def escape(each: str) -> str:
    r"""Return how a character is named: `\n`, `\x1b`, `\u200b`."""
    return each.encode("unicode_escape").decode("ascii")


def pictured(text: str, at: int) -> bool:
    """Whether the character at a place of a text may be shown as it is."""
    each, before = text[at], text[at - 1 : at] if at else ""
    if each in {_APART, _JOINER}:
        return bool(before) and _joins(text, at)
    if _selects(each):
        return bool(before) and _selected(text, at)
    if _tags(each):
        flag = text.rfind("\U0001f3f4", max(at - 6, 0), at)
        return flag >= 0 and text.startswith(_FLAGS, flag)
    return not unseen(each)


def unseen(each: str) -> bool:
    """Whether a character is seen nowhere, wherever it stands."""
    return re.match(_UNSEEN, each) is not None  # compiled once, when one comes


def begins(text: str, at: int) -> bool:
    """Whether a letter begins at a place of a text, rather than going on there."""
    if not at or at >= len(text):
        return True
    each, before = text[at], text[at - 1]
    if each.isascii() and before != _JOINER:
        return True
    if _goes_on(each) or before == _JOINER:
        return False
    if _is_half_a_flag(each):
        halves = re.search("[\U0001f1e6-\U0001f1ff]*$", text[max(at - 64, 0) : at])
        return halves is None or not len(halves[0]) % 2
    if "\u1100" <= before <= "\u11ff" and "\u1160" <= each <= "\u11ff":
        return False  # a Korean syllable
    return combining(before) != _VIRAMA or not category(each).startswith("L")


def letters(text: str) -> Iterator[str]:
    """Yield the letters of a text."""
    start = 0
    for at in range(1, len(text) + 1):
        if begins(text, at):
            yield text[start:at]
            start = at


def _joins(text: str, at: int) -> bool:
    """Whether a joiner stands inside an emoji or a word of a script that has them."""
    before, after = text[at - 1], text[at + 1 : at + 2]
    if combining(before) == _VIRAMA:
        return True
    if text[at] == _JOINER and _emoji(after):
        base = re.sub("[\ufe0f\U0001f3fb-\U0001f3ff]+$", "", text[max(at - 3, 0) : at])[-1:]
        return _emoji(base)
    if not after or _selects(after):
        return False
    return _script(before) == _script(after) != ""


def _selected(text: str, at: int) -> bool:
    """Whether the character before a selector has the form that it selects."""
    each, before = text[at], text[at - 1]
    if each == _PAINTED and before in "0123456789#*":
        return text.startswith("\u20e3", at + 1)
    if each in "\ufe0e\ufe0f":
        return _emoji(before)
    if each <= "\u180f":
        return _script(before) == "MONGOLIAN" and not _selects(before)
    newer = "\U00020000" <= before <= "\U0003fffd"
    return newer or name(before, "").startswith(("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH"))


def _emoji(each: str) -> bool:
    return re.fullmatch(f"[{_EMOJI}]", each) is not None  # compiled as late


def _script(each: str) -> str:
    """Return the script of a letter or a mark, if joiners belong to that."""
    script = name(each, "").partition(" ")[0] if category(each)[0] in "LM" else ""
    return script if script in _SCRIPTS else ""


def _goes_on(each: str) -> bool:
    tone = "\U0001f3fb" <= each <= "\U0001f3ff"
    return tone or each in {_APART, _JOINER} or _tags(each) or category(each).startswith("M")


def _selects(each: str) -> bool:
    mongolian = "\u180b" <= each <= "\u180f" and each != "\u180e"
    return mongolian or "\ufe00" <= each <= "\ufe0f" or "\U000e0100" <= each <= "\U000e01ef"


def _tags(each: str) -> bool:
    return "\U000e0020" <= each <= "\U000e007f"


def _is_half_a_flag(each: str) -> bool:
    return "\U0001f1e6" <= each <= "\U0001f1ff"
