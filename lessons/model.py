"""What a lesson is made of, and how one is written.

A lesson is a Markdown file, `NN-some-name.md` (the number is its place in the course; a
file outside the course may do without). It is read as **steps**, and a step is one screen:
a page of text, or a fence with the text right before it. The student goes from step to
step with Enter.

The text is plain Markdown: paragraphs, headings, lists, **bold**, `code`, tables; no HTML,
no images. A `#` heading at the very beginning that repeats the title is left out. Text is
cut into pages by itself, between paragraphs: a page has at most 16 lines of 58 columns,
and one of more than 10 stands alone rather than with the fence behind it. A thematic break
(`---` with an empty line before it) ends a page where the author wants it. Fences with
```` ```text ````, `json`, `sh`, `python`, `java` or `properties` are part of the text and
shown as they stand. Every other fence is one of these:

The header: ```` ```toml ````, the first thing in the file
----------------------------------------------------------
========== ===========================================================================
title      text, required
summary    one sentence, required: it stands in the list of lessons
concepts   list of the field's terms introduced (may be empty), required
minutes    whole number, 1 to 20, required
teaches    list of the commands introduced, by full name: `["process", "retry"]`.
           A lesson of the course may use its own and those of the lessons before it. A
           file outside the course may use all, so it needs no `teaches`
start      list of commands carried out, unseen, before the first step. Any drive or
           break command; e.g. `["mechanism dedup off", "process e1 hello"]`
========== ===========================================================================

The state a step begins from
----------------------------
The laboratory lasts through the whole lesson: a step begins where the one before it ended.
That is where the lesson's own commands lead, the *baseline*: `start`, then every `run`, every
`after`, every `solution`, in order. Whatever else a student has done, the next step begins
from the baseline, so the steps are as `--check` has checked them. `break` has a laboratory of
its own and does not change the lesson's. The line `reset` in a `run` or an `after` begins with
a new, empty laboratory with every mechanism on (without `start`).

```` ```run ````
----------------
Commands, one a line, carried out and shown as steps; `#` comments are not shown. Only
commands that make steps (drive and break), `reset`, and `expect CONDITION`: that is not
shown, and `--check` refuses the lesson where it does not hold. Where text stands before the
fence, the commands are named first and Enter carries them out, so that it is read before it
scrolls away.

```` ```show ````
-----------------
Commands that look, one a line: show, timeline, diff, why, score, history.

```` ```predict ```` (TOML)
---------------------------
========== ===========================================================================
after      list of commands (as in `run`, without `expect`), at least one, required. The
           student sees them before they are carried out
ask        required: `count WORD`, `seen`, `pending` or `sink` (how many there are), or a
           condition, which is asked as yes or no (`sink holds e1 once`, `up`). A list of
           these is asked as one combination
question   text in place of the plain "What is count hello then?"
hints      list of texts, each a help of its own; none is needed
========== ===========================================================================
The right answer is found by carrying out the baseline; the wrong choices by carrying out the
same commands with a wrong engine (`core/mutants.py`) or with one mechanism switched the
other way. Engines with the right answer are left out; one with a wrong answer must remain; at
most four choices are shown. A student who chooses a wrong one is told which mistake leads to
it, sees the two runs side by side, and chooses again.

```` ```try ```` (TOML)
-----------------------
========== ===========================================================================
goal       a condition or a list of them, required. Shown as they stand, met or unmet,
           after each command; the step is done at the first moment all of them hold
hints      list of at least two texts, from a nudge to nearly the answer, required
solution   list of commands, required: a shortest way to the goal
par        how many commands the shortest way takes; the length of `solution` if left out
task       text in place of the plain "Make these hold:"
allow      list of the drive and break commands that may be used here, where others would
           be a short cut (look and travel always work); all if left out
========== ===========================================================================
`--check` looks for a shorter way with the commands that may be used; where there is one,
say more in `goal` or less in `allow`.

```` ```break ```` (TOML)
-------------------------
========== ===========================================================================
mutant     name of a wrong engine in `core/mutants.py`, required
hints      list of at least two texts, required
task       text in place of the plain "This processor is wrong. Expose it: break a rule."
rule       the one rule to break; any rule if left out
========== ===========================================================================
The student has an empty laboratory with that engine and all mechanisms on; `mechanism`
and `guarantee` are refused. It is exposed when a rule is broken that the right engine,
given the same commands, keeps. The schedule is then made minimal and compared with the
shortest that a search found.

Conditions
----------
`count WORD OP N` · `seen|pending|sink holds ID [once]` · `seen|pending|sink OP N` · `up`,
`down` · `rule NAME holds|broken`; OP is one of `== != < <= > >=`. The rules: sink-once,
counts-match, pending-sound, same-as-clean, commit-whole. Words are written as at the prompt:
with blanks in quotes (`count 'two words' == 1`), and `#` begins a comment.

`oncelab lesson --check FILE` says with FILE:LINE what is wrong and how to mend it.
"""

from dataclasses import dataclass
from typing import NamedTuple

from core.lab.conditions import Condition, Quantity

MOST_MINUTES = 20
FEWEST_HINTS = 2
MOST_LINES = 16
"""Lines of a page of text, at `COLUMNS` columns."""
WITH_A_FENCE = 10
"""Lines of a page that stands with a fence on one screen."""
COLUMNS = 58


class Line(NamedTuple):
    """A line that an author wrote, with its number in the file, from 1."""

    number: int
    text: str


class Finding(NamedTuple):
    """Something wrong in a lesson: where, what, and how to mend it."""

    file: str
    line: int
    text: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}; {self.mend}"


class LessonError(Exception):
    """A file that is not a valid lesson; `findings` has all that is wrong."""

    def __init__(self, *findings: Finding) -> None:
        """Set what was found."""
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Narration:
    """A step of text alone, and the base of the others.

    `line` is the number of the line in the file at which the fence (here: the text) begins.
    """

    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Narration):
    """A step whose commands are carried out for the student."""

    commands: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Show(Narration):
    """A step that shows the state: its commands only look."""

    commands: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Predict(Narration):
    """A step that asks what will be so after the commands `after`."""

    after: tuple[Line, ...]
    ask: tuple[Quantity | Condition, ...]
    question: str
    hints: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Try(Narration):
    """A step with a goal to reach, by any commands that are allowed."""

    goal: tuple[Condition, ...]
    hints: tuple[str, ...]
    solution: tuple[Line, ...]
    par: int
    task: str
    allow: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Break(Narration):
    """A step with a wrong engine to expose."""

    mutant: str
    hints: tuple[str, ...]
    task: str
    rule: str | None


Step = Narration | Run | Show | Predict | Try | Break


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A valid lesson. `number` is its place in the course; None for a file without a number."""

    name: str
    number: int | None
    file: str
    title: str
    summary: str
    concepts: tuple[str, ...]
    minutes: int
    teaches: tuple[str, ...]
    start: tuple[Line, ...]
    steps: tuple[Step, ...]
