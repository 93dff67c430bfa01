"""The views: from facts and state to what a person reads. They print nothing.

Every view function takes data and returns a `View`. `view.draw(glyphs)` gives a renderable
for rich, which fits itself into the width it is given; `view.plain()` gives the same as
sentences, a line each, without boxes and columns: our words in ASCII, the user's as typed.
Both are made of the same rows.
`lab` is only read. A `span` is the pair of numbers a person typed as `200..240`, both ends
included, as they stand in the first column; None: what fits.

    notes.step(step, history, takes)    a step; `takes` says which hints are accepted
    notes.typed(step)                   `[3] > process e1 hello`
    notes.welcome(lab) goodbye(path, steps) refused(text, hint) dropped(lines) stopped()
          fault(exception) warning(text) in_full(name) wire_lines(lines) wire(on=...)
          saved(file, steps) loaded(file, steps) expected(condition, met=..., found=...)
          commands(declarations, groups) command(declaration)
    reports.report(step, history, takes)  the step as a `Report`: verdict, headline, rows
    machine.show(lab)                   `show`
    tables.table(history, what, span)   `show counts`, ...; `tables.WHAT`: name -> meaning
    tables.everything(history)          `show all`: the machine and every table
    tables.mechanisms(lab)              `show mechanisms`
    changes.between(before, after, names)   `diff`: two pictures, and what they are called
    changes.against_clean(now, clean)   `diff clean`: two pictures
    timeline.timeline(history, span)    `timeline`
    history.steps(history, span=None)   `history`
    history.arrived(verdict, passed, history)   after undo, redo, goto, reset
    event_trace.why(history, id, ...)   `why ID`
    score.score(boundaries)             `score`
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING

from repl.render.theme import ASCII, Glyphs, as_typed

if TYPE_CHECKING:
    from rich.console import RenderableType

    from repl.render.report import Takes


class View(ABC):
    """Something to look at or to be read out."""

    @abstractmethod
    def draw(self, glyphs: Glyphs) -> "RenderableType":
        """Return it for rich to draw, with these glyphs; `draw.AsTyped` shows it."""

    def offering(self, takes: "Takes") -> "View":  # noqa: ARG002 - few views have hints
        """Return it with those hints alone that are accepted as they stand."""
        return self

    @abstractmethod
    def sentences(self) -> Iterable[str]:
        """Return what it says, without columns; glyphs may be in it."""

    def plain(self) -> str:
        """Return it as lines, a sentence each, without a line end behind the last."""
        said = "\n".join(each.replace("\n", " ") for each in self.sentences())
        return as_typed(ASCII.write(said))
