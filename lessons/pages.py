"""Cuts text into pages, between its blocks and never inside one."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lessons.model import COLUMNS, MOST_LINES, WITH_A_FENCE


class Block(NamedTuple):
    """A paragraph, heading, list or table: the number of its first line, and its Markdown."""

    line: int
    source: str
    heading: bool = False

    @property
    def height(self) -> int:
        """How many lines it takes on the screen, with the empty one after it."""
        lines = self.source.split("\n")
        return 1 + sum(len(textwrap.wrap(each, COLUMNS)) or 1 for each in lines)


class Page(NamedTuple):
    """The text of one screen, and the number of its first line in the file."""

    line: int
    text: str


def cut(blocks: Sequence[Block], *, fence: bool) -> tuple[list[Page], str]:
    """Return the pages of a text, and the text that is shown on one screen with the next fence.

    That text is empty if no `fence` follows, or if the last page is too long for it.
    """
    groups: list[list[Block]] = []
    for block in blocks:
        if not groups or _height([*groups[-1], block]) > MOST_LINES:
            groups.append([])
            if len(groups) > 1 and groups[-2][-1].heading and len(groups[-2]) > 1:
                groups[-1].append(groups[-2].pop())  # a heading stays with its text
        groups[-1].append(block)
    rest = ""
    if fence and groups and _height(groups[-1]) <= WITH_A_FENCE:
        rest = _joined(groups.pop())
    return [Page(group[0].line, _joined(group)) for group in groups], rest


def _height(blocks: Iterable[Block]) -> int:
    return sum(block.height for block in blocks) - 1


def _joined(blocks: Iterable[Block]) -> str:
    return "\n\n".join(block.source for block in blocks)
