"""Views that say something in a report: a step, an answer, a refusal."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from repl.render import View
from repl.render.report import Report, Takes, listed, offered, sentence, without
from repl.render.theme import Glyphs

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True, slots=True)
class ReportView(View):
    """A report to look at; in a plain sentence, `about` says what it is a report of.

    A report that is `long` takes a sentence a row instead of a clause.
    """

    report: Report
    about: str = ""
    long: bool = False

    def draw(self, glyphs: Glyphs) -> "RenderableType":
        """Draw the report."""
        from repl.render.draw import Drawn

        return Drawn(self.report, glyphs)

    def offering(self, takes: Takes) -> View:
        """Return the report with those hints alone that are accepted as they stand."""
        return replace(self, report=offered(self.report, takes))

    def sentences(self) -> Iterable[str]:
        """Return the report as one sentence, or as a few."""
        return listed(self.report) if self.long else (sentence(self.report, self.about),)


@dataclass(frozen=True, slots=True)
class Stacked(View):
    """Views below each other, with an empty line between, or `close`."""

    views: tuple[View, ...]
    close: bool = False

    def draw(self, glyphs: Glyphs) -> "RenderableType":
        """Draw them."""
        from rich.console import Group
        from rich.text import Text

        parts: list[RenderableType] = []
        for view in self.views:
            parts += [Text()] if parts and not self.close else []
            parts.append(view.draw(glyphs))
        return Group(*parts)

    def offering(self, takes: Takes) -> View:
        """Return them with those hints alone that are accepted as they stand."""
        return replace(self, views=tuple(view.offering(takes) for view in self.views))

    def sentences(self) -> Iterable[str]:
        """Return their sentences, one after the other."""
        return (each for view in self.views for each in view.sentences())


@dataclass(frozen=True, slots=True)
class Lines(View):
    """Lines as they are, such as JSON: nothing is aligned, and nothing cut.

    Those that are not `spoken` say what a sentence beside them says anyway.
    """

    lines: tuple[str, ...]
    style: str = ""
    commands: tuple[str, ...] = ()
    """What the last line ends by naming, to be typed."""
    spoken: bool = True

    def offering(self, takes: Takes) -> View:
        """Return the lines with those commands alone that are accepted as they stand."""
        kept = tuple(filter(takes, self.commands))
        last = without(self.lines[-1], self.commands, kept) if self.commands else self.lines[-1]
        return replace(self, lines=(*self.lines[:-1], last), commands=kept)

    def draw(self, glyphs: Glyphs) -> "RenderableType":
        """Draw the lines; rich folds those that are too long."""
        from repl.render.draw import text

        return text(glyphs.write("\n".join(self.lines)), self.style)

    def sentences(self) -> Iterable[str]:
        """Return the lines, if they are spoken."""
        return self.lines if self.spoken else ()
