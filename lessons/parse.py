"""Reads a lesson from Markdown, in the form that `lessons/model.py` describes.

All that is wrong is found in one go. Whether a command exists, and whether it succeeds, is
not checked here but in `lessons/lint.py`.
"""

import difflib
import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.errors import Refused
from core.lab.conditions import Condition, Quantity
from core.lab.grammar import EXAMPLE, parse, quantity
from core.lab.words import BLANKS
from core.mutants import MUTANTS
from core.rules import RULES
from lessons import model as m
from lessons.fields import Fields
from lessons.pages import Block, cut

VERBATIM = ("text", "json", "sh", "python", "java", "properties")
"""The fences that are shown as they are, as part of the text."""

_UNSEEN = "\t\u200c\u200d"
"""What has no picture and may stand in a text: tabs, and what joins letters and emoji."""

T = TypeVar("T")

_FILE_NAME = re.compile(r"(?:(\d+)-)?(.+)")


def lesson(source: str, file: str) -> m.Lesson:
    """Read a lesson; `file` is its name, in messages and for its place in the course.

    Raises LessonError with all that is wrong.
    """
    return _Parser(source, file).lesson()


def named(file: str) -> tuple[int | None, str]:
    """Return the number and the name that a file's name gives a lesson."""
    stem = file.rsplit("/", 1)[-1].removesuffix(".md")
    match = _FILE_NAME.fullmatch(stem)
    if match is None:
        return None, stem
    return int(match.group(1)) if match.group(1) else None, match.group(2)


class _Parser:
    """The reading of one file."""

    def __init__(self, source: str, file: str) -> None:
        self.file = file
        self.findings: list[m.Finding] = []
        self.source = source.split("\n")
        self.title = ""
        self.blocks: list[Block] = []
        self.steps: list[m.Step] = []
        markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
        self.tokens = [token for token in markdown.parse(source) if not token.level]
        self.inline = [token for token in markdown.parse(source) if token.type == "inline"]

    def lesson(self) -> m.Lesson:
        """Read the whole file. Raises LessonError."""
        header = self._header()
        for token in self.tokens:
            if token.map is not None:
                self._take(token)
        self._turn()
        self._unshowable()
        if not self.steps:
            self._find(1, "there is no step behind the header", "write some text")
        if self.findings or header is None:
            raise m.LessonError(*sorted(self.findings, key=lambda found: found.line))
        number, name = named(self.file)
        read = header
        return m.Lesson(
            name=name,
            number=number,
            file=self.file,
            title=self.title,
            summary=read.text("summary"),
            concepts=tuple(line.text for line in read.lines("concepts")),
            minutes=read.number("minutes"),
            teaches=tuple(line.text for line in read.lines("teaches")),
            start=read.lines("start"),
            steps=tuple(self.steps),
        )

    def _header(self) -> Fields | None:
        """Check the header, which must be the first block; return it, or None if it is missing."""
        first = self.tokens[0] if self.tokens else None
        if first is None or first.type != "fence" or first.info.strip() != "toml":
            self._find(1, "the file does not begin with a header", "begin it with ```toml")
            return None
        self.tokens = self.tokens[1:]
        fields = self._fields(first)
        self.title = fields.text("title")
        fields.text("summary")
        if fields.sound and not fields.has("concepts"):
            fields.find("concepts", "concepts is missing", 'add concepts = ["..."]')
        fields.lines("concepts")
        if fields.number("minutes") > m.MOST_MINUTES:
            long = f"a lesson of more than {m.MOST_MINUTES} minutes"
            fields.find("minutes", long, "make two of it")
        fields.lines("teaches")
        fields.lines("start")
        fields.finish()
        return fields if fields.sound else None

    def _take(self, token: Token) -> None:
        """Read one block of the file."""
        kind = token.info.strip()
        if token.type == "fence" and kind not in VERBATIM:
            self._fence(token, kind)
        elif token.type == "hr":
            self._turn()
        elif token.type in {"html_block", "definition"}:
            self._find(_line(token), "this is HTML", "write Markdown")
        elif not (token.type == "heading_open" and self._repeats_the_title(token)):
            begin, end = token.map or [0, 0]
            text = "\n".join(self.source[begin:end]).rstrip()
            self.blocks.append(Block(begin + 1, text, token.type == "heading_open"))

    def _repeats_the_title(self, token: Token) -> bool:
        """Whether a heading is at the very beginning, and only repeats the title."""
        begin, _ = token.map or [0, 0]
        said = self.source[begin].lstrip("# ").strip()
        return token.tag == "h1" and not self.blocks and not self.steps and said == self.title

    def _turn(self, *, fence: bool = False) -> str:
        """Make steps of the text so far; return the part that is shown with the next fence."""
        pages, rest = cut(self.blocks, fence=fence)
        self.steps += [m.Narration(text=page.text, line=page.line) for page in pages]
        self.blocks = []
        return rest

    def _fence(self, token: Token, kind: str) -> None:
        """Read a fence that is a step."""
        text, line = self._turn(fence=True), _line(token)
        if not "".join(self.source[(token.map or [0, 0])[1] - 1]).strip().startswith(token.markup):
            self._find(line, "this fence is never closed", f"end it with a line {token.markup}")
        if kind in {"run", "show"}:
            self._plain(token, kind, text)
        elif kind in _STEPS:
            fields = self._fields(token)
            step = _STEPS[kind](fields, text)
            fields.finish()
            self.steps.append(step)
        else:
            self._unknown(line, kind)

    def _plain(self, token: Token, kind: str, text: str) -> None:
        """Read a fence whose lines are commands."""
        line = _line(token)
        numbered = enumerate(token.content.split("\n"), line + 1)
        commands = tuple(
            m.Line(number, each.strip(BLANKS))
            for number, each in numbered
            if each.strip() and not each.lstrip().startswith("#")
        )
        if not commands:
            self._find(line, f"this {kind} is empty", "write a command, such as show")
        step = m.Run if kind == "run" else m.Show
        self.steps.append(step(text=text, line=line, commands=commands))

    def _unknown(self, line: int, kind: str) -> None:
        if kind == "toml":
            self._find(line, "a second header", "there is one, at the beginning of the file")
            return
        known = ("run", "show", *_STEPS, *VERBATIM)
        near = difflib.get_close_matches(kind, known, 1, 0.5)
        said = f"unknown fence {kind!r}" if kind else "a fence without a name"
        mend = f"did you mean {near[0]}?" if near else f"use one of {', '.join(known)}"
        self._find(line, said, mend)

    def _unshowable(self) -> None:
        """Find control characters, HTML and images."""
        for number, line in enumerate(self.source, 1):
            odd = next((each for each in line if not (each.isprintable() or each in _UNSEEN)), None)
            if odd is not None:
                self._find(number, f"the character {odd!r} cannot be shown", "leave it out")
        for token in self.inline:
            kinds = {child.type for child in token.children or []}
            if "html_inline" in kinds:
                self._find(_line(token), "this is HTML", "write `<` in backquotes, or Markdown")
            if "image" in kinds:
                self._find(_line(token), "this is an image", "a terminal shows none: use show")

    def _fields(self, token: Token) -> Fields:
        return Fields(token.content, self.file, _line(token), self.findings)

    def _find(self, line: int, text: str, mend: str) -> None:
        self.findings.append(m.Finding(self.file, line, text, mend))


def _line(token: Token) -> int:
    return (token.map or [0])[0] + 1


# The fences in TOML.


def _each(fields: Fields, key: str, read: Callable[[str], T]) -> list[T]:
    """Read every text of a key with `read`; one that it refuses becomes a finding."""
    found = []
    for line in fields.line_or_lines(key):
        try:
            found.append(read(line.text))
        except Refused as fault:
            _wrong(fields, line, fault)
    return found


def _predict(fields: Fields, text: str) -> m.Step:
    asked = _each(fields, "ask", _asked)
    plain = f"What is {' and '.join(_plainly(each) for each in asked)} then?"
    if any(not isinstance(each, Quantity) for each in asked):
        plain = f"Is this so then: {' and '.join(map(str, asked))}?"
    return m.Predict(
        text=text,
        line=fields.line,
        after=fields.lines("after", required=True),
        ask=tuple(asked),
        question=fields.text("question", plain),
        hints=tuple(line.text for line in fields.lines("hints")),
    )


def _asked(text: str) -> Quantity | Condition:
    """Read what a prediction asks for: a condition, or else a quantity. Raises Refused."""
    try:
        return parse(text)
    except Refused as fault:
        try:
            return quantity(text)
        except Refused:
            raise fault from None


def _plainly(asked: Quantity | Condition) -> str:
    """Return what is asked in words, for the question."""
    if isinstance(asked, Quantity) and asked.word is None:
        return f"the number of {'outputs' if asked.place != 'seen' else 'ids'} in {asked.place}"
    return f"`{asked}`"


def _try(fields: Fields, text: str) -> m.Step:
    goal = _each(fields, "goal", parse)
    solution = fields.lines("solution", required=True)
    return m.Try(
        text=text,
        line=fields.line,
        goal=tuple(goal),
        hints=_hints(fields),
        solution=solution,
        par=fields.number("par", max(len(solution), 1)),
        task=fields.text("task", "Make this so:" if len(goal) == 1 else "Make all of this so:"),
        allow=tuple(each.text for each in fields.lines("allow")) if fields.has("allow") else None,
    )


def _break(fields: Fields, text: str) -> m.Step:
    mutant, rule = fields.text("mutant"), fields.text("rule", "")
    if mutant and mutant not in MUTANTS:
        fields.find("mutant", f"there is no mutant {mutant!r}", _one_of(mutant, MUTANTS))
    if rule and rule not in RULES:
        fields.find("rule", f"there is no rule {rule!r}", _one_of(rule, RULES))
    task = f"This processor is wrong. Expose it: break {f'the rule {rule}' if rule else 'a rule'}."
    return m.Break(
        text=text,
        line=fields.line,
        mutant=mutant,
        hints=_hints(fields),
        task=fields.text("task", task),
        rule=rule or None,
    )


def _hints(fields: Fields) -> tuple[str, ...]:
    hints = tuple(line.text for line in fields.lines("hints", required=True))
    if len(hints) == 1:
        fields.find("hints", "there is one hint only", "write at least two, the first a nudge")
    return hints


def _wrong(fields: Fields, line: m.Line, fault: Refused) -> None:
    mend = f"write for example {fault.hint or EXAMPLE!r}"
    fields.findings.append(m.Finding(fields.file, line.number, fault.text, mend))


def _one_of(given: str, known: Iterable[str]) -> str:
    known = list(known)
    near = difflib.get_close_matches(given, known, 1, 0.5)
    return f"did you mean {near[0]}?" if near else f"use one of {', '.join(known)}"


_STEPS: dict[str, Callable[[Fields, str], m.Step]] = {
    "predict": _predict,
    "try": _try,
    "break": _break,
}
