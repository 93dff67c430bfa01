"""The text of a lesson: Markdown for a terminal, and for a plain one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from repl.render import View
from repl.render.theme import Glyphs, safe, style

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

WIDEST = 68

_LOOKS = {
    "markdown.code": "cyan",
    "markdown.strong": "bold",
    "markdown.em": "italic",
    "markdown.item.number": "bold",
    "markdown.table.header": "bold",
    "markdown.table.border": "dim",
    "markdown.block_quote": "italic",
}
"""How a terminal of sixteen colours shows the parts of a text."""


@dataclass(frozen=True, slots=True)
class Prose(View):
    """A text in Markdown. It is an author's: it is shown as it was written."""

    text: str

    def draw(self, glyphs: Glyphs) -> "RenderableType":
        """Draw it, at most as wide as a step."""
        return _Drawn(self._safe(), glyphs)

    def sentences(self) -> "Iterator[str]":
        """Return the words, a line for each of the author's."""
        tokens = MarkdownIt("commonmark").enable("table").parse(self._safe())
        return _sentences(tokens)

    def _safe(self) -> str:
        return "\n".join(safe(line.expandtabs(), None) for line in self.text.split("\n"))


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A text as rich draws it."""

    text: str
    glyphs: Glyphs

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """Yield the segments, in these glyphs."""
        from rich.segment import Segment
        from rich.theme import Theme

        narrow = options.update(width=min(WIDEST, options.max_width))
        written = _markdown(self.glyphs.write(self.text))
        with console.use_theme(Theme(_LOOKS)):
            segments = list(console.render(written, narrow))
        for segment in segments:
            text = self.glyphs.write(segment.text)
            yield Segment(text, segment.style, segment.control)


def _markdown(text: str) -> "RenderableType":
    """Return rich's Markdown, with headings at the left and no links to click."""
    from rich.markdown import CodeBlock, Heading, Markdown
    from rich.padding import Padding
    from rich.text import Text

    class Left(Heading):
        """A heading, bold, where the text begins."""

        def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
            yield Text(self.text.plain, style("title"))

    class Verbatim(CodeBlock):
        """Lines shown as they stand."""

        def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
            shown = Text(self.text.plain.rstrip(), style("try"), overflow="fold")
            yield Padding(shown, (0, 0, 0, 2))

    class Plain(Markdown):
        """Markdown drawn so."""

        elements = {  # noqa: RUF012 - as rich has it
            **Markdown.elements,
            "heading_open": Left,
            "fence": Verbatim,
            "code_block": Verbatim,
        }

    return Plain(text, hyperlinks=False)


def _sentences(tokens: "Sequence[Token]") -> "Iterator[str]":
    """Yield the lines of the words, without their marks; of a table, a line a row."""
    items: list[int | None] = []
    cells: list[str] | None = None
    lead = ""
    for token in tokens:
        match token.type:
            case "ordered_list_open" | "bullet_list_open":
                numbered = token.type == "ordered_list_open"
                items.append(int(token.attrGet("start") or 1) if numbered else None)
            case "ordered_list_close" | "bullet_list_close":
                items.pop()
            case "list_item_open":
                number = items[-1]
                lead = "- " if number is None else f"{number}. "
                items[-1] = None if number is None else number + 1
            case "tr_open":
                cells = []
            case "tr_close":
                yield " | ".join(cells or ())
                cells = None
            case "fence" | "code_block":
                yield from token.content.rstrip("\n").split("\n")
            case "inline" if cells is not None:
                cells.append(_words(token))
            case "inline":
                yield from f"{lead}{_words(token)}".split("\n")
                lead = ""


def _words(token: "Token") -> str:
    breaks = {"softbreak": "\n", "hardbreak": "\n"}
    return "".join(breaks.get(each.type, each.content) for each in token.children or [])
