"""Exports: a session as a file that one can open, look at, send, or carry out again.

One file a format, behind one table: the ending of a file's name, and the function that
makes its text from a history. They read the history and write nothing; `write` does, whole
or not at all. What is undone does not belong to the session, as in `save`.

Nothing here depends on the day, the machine or the terminal: the same session gives the
same bytes.
"""

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from core.errors import Mistyped
from core.lab.history import History
from repl import files

EXAMPLE = "export run.html"


class Format(NamedTuple):
    """An ending, what a file of it is, and the module of this package that makes its text.

    `mark` is how the first line of each such file begins, so that the next export may write
    over it; empty where the form leaves no room for one.
    """

    ending: str
    meaning: str
    module: str
    mark: str = ""

    @property
    def make(self) -> Callable[[History], str]:
        """The function from a history to the text. Its module is imported when it is asked for."""
        made: Callable[[History], str] = import_module(f"repl.export.{self.module}").export
        return made


FORMATS = (
    Format(
        ".html",
        "a player for the browser, in one file",
        "html",
        mark="<!doctype html><!-- oncelab export -->",
    ),
    Format(".svg", "the timeline as a picture", "svg", mark='<svg data-oncelab="export" '),
    Format(".txt", "the session as it reads at the prompt", "transcript"),
    Format(
        ".cast",
        "a recording for asciinema",
        "cast",
        mark='{"version": 2, "env": {"SHELL": "oncelab", ',
    ),
    Format(".mmd", "a sequence diagram for Mermaid", "mermaid"),
    Format(".jsonl", "the requests, for a node to answer", "jsonl"),
    Format(".lesson.md", "a lesson to fill in", "lesson"),
)
"""Every format there is; a file is of the first whose ending its name has."""


def chosen(file: str) -> Format:
    """Return the format of a file by its ending. Raises Mistyped naming the endings."""
    for each in FORMATS:
        if file.lower().endswith(each.ending):
            return each
    endings = " ".join(each.ending for each in FORMATS)
    raise Mistyped(f"the ending of {file!r} says no format: {endings}", EXAMPLE)


def over(kind: Format, *, force: bool) -> files.Over:
    """Return what an export of this format may write over."""
    return force or (bool(kind.mark) and files.Kind(f"{kind.ending} export", kind.mark))


def write(
    history: History, file: str, *, force: bool = False, spare: files.Spared | None = None
) -> Format:
    """Write a session to a file, in the format of its ending, whole or not at all.

    A file that is there is written over if it is an export of this format, or with `force`.
    Returns the format. Raises Mistyped where the ending is unknown, and OSError as
    `files.write`.
    """
    kind = chosen(file)
    files.write(file, kind.make(history), over=over(kind, force=force), spare=spare)
    return kind
