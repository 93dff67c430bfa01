"""A session: the laboratory with its past, and what the prompt keeps beside it.

`run` takes one line as it was typed and returns what came of it. It prints nothing and
reads no key, so a prompt, a script, a lesson and a test use the same one.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from core.errors import Mistyped, Refused, refused
from core.lab import language
from core.lab.commands import Command, Disarm
from core.lab.history import History
from core.lab.lab import Lab, Step
from core.lab.words import joined, split
from core.lab.world import OnProgress, to_the_end
from repl import registry
from repl.registry import PromptCommand
from repl.render import View

if TYPE_CHECKING:
    from lessons.runner import Runner


class Outcome(NamedTuple):
    """What came of one line.

    `step` is the step it made, `view` what there is to look at instead, `wire` the JSON
    lines behind it (request and reply in turn), `name` the command in full where only
    its beginning was typed. `failed` says that an expectation was not met, or a search is
    not complete, and `why` in a word or two; `guidance` is what a lesson says to it.
    """

    step: Step | None = None
    view: View | None = None
    wire: tuple[str, ...] = ()
    name: str | None = None
    failed: bool = False
    why: str = ""
    leave: bool = False
    guidance: View | None = None


class Counterexample(NamedTuple):
    """What a search found: what it shows, where it begins, and the schedule from there."""

    shows: str
    start: Callable[[], Lab]
    commands: tuple[Command, ...]


class Companion(Protocol):
    """What goes on beside a session and hears its lines: the guide of a lesson."""

    runner: "Runner"

    def answer(self, line: str) -> View | None:
        """Answer a line in the session's place; None for a command."""

    def declines(self, line: str) -> bool:
        """Whether a line is refused now."""

    def noticed(self) -> View | None:
        """Return what there is to say to what was just done."""

    def anew(self) -> History:
        """Return a fresh history to begin anew with."""

    def here(self) -> View:
        """Return where one is."""

    def restarted(self) -> View:
        """Return what to say to a session that begins anew."""

    def leaving(self, *, here: bool = False) -> View:
        """Return what to say to one who leaves."""

    def close(self) -> View:
        """End, and give the session back as it was."""


class SessionEnded(Exception):  # noqa: N818 - a wish, not a fault
    """The command asks to end the session."""


class ExpectationFailed(Exception):  # noqa: N818 - an answer, not a fault
    """An expectation was not met; `view` says what was found instead."""

    why = "not met"

    def __init__(self, view: View) -> None:
        """Carry what there is to see."""
        super().__init__()
        self.view = view


class NotComplete(ExpectationFailed):
    """There was too much to try all of it; `view` says how far it came."""

    why = "not complete"


@dataclass
class Session:
    """The state of a prompt.

    `start` makes a fresh laboratory, and `earlier` holds the sessions that `reset` and
    `load` put aside: an undo at the first step returns to them. `on_progress` is told of long
    work and can stop it.
    """

    start: Callable[[], Lab] = Lab
    history: History = field(init=False)
    earlier: list[History] = field(default_factory=list)
    wire: bool = False
    asked: int = 0
    """Requests shown on the wire so far: each has a number of its own."""
    on_progress: OnProgress = to_the_end
    total: int | None = None
    """How many events the command in hand names, if one of the laboratory was."""
    witnesses: dict[str, Counterexample] = field(default_factory=dict)
    """Rule → what the last search found against it, for `witness`."""

    needed: dict[str, str] = field(default_factory=dict)
    """Path → what it is: the files that are read meanwhile, which no command may write to."""

    guide: Companion | None = None
    """The lesson that goes on beside the prompt, if one does."""

    def __post_init__(self) -> None:
        """Begin with a fresh laboratory."""
        registry.load()
        self.history = History(self.start)

    @property
    def lab(self) -> Lab:
        """The laboratory as it is now."""
        return self.history.lab

    def run(self, line: str, *, prefixes: bool = False) -> Outcome:
        """Carry out one line; inside a lesson, its guide hears it first and sees what came of it.

        With `prefixes` the unique beginning of a command is enough. Raises Refused, with a
        hint that is accepted as it stands; then nothing has changed.
        """
        try:
            outcome = self._heard(line, prefixes=prefixes)
        except Refused as fault:
            idle = fault.hint == Disarm.example and self.lab.armed is None
            if idle or not self.takes(fault.hint):
                fault.hint = self._help(line)
            raise
        view, guidance = (
            None if each is None else each.offering(self.takes)
            for each in (outcome.view, outcome.guidance)
        )
        return outcome._replace(view=view, guidance=guidance)

    def takes(self, line: str) -> bool:
        """Whether a line is accepted here as it stands. Nothing is carried out."""
        try:
            verb, *words = registry.asked(split(line), prefixes=False)
            declared = registry.find(verb, prefixes=False)
            if self.guide is not None and self.guide.declines(line):
                return False
            declared.guard(self, words)
            declared.check(words)
            if declared.name in language.COMMANDS:
                made = declared.handler(self, *words)
                return isinstance(made, View) or self.lab.refusal(made) is None
        except (Refused, ValueError):
            return False
        return True

    def lacks(self, declared: PromptCommand) -> bool:
        """Whether a session on a store, as this one is, does not have a command at all."""
        try:
            declared.guard(self, split(declared.example)[1:])
        except Refused as fault:
            return self.lab.durability.final and "--store" in fault.text
        return False

    def _help(self, line: str) -> str:
        """Return the help of the command that a line begins with, or help itself."""
        try:
            return f"help {registry.find(line.split(maxsplit=1)[0], prefixes=True).name}"
        except (Mistyped, IndexError):
            return "help"

    def _heard(self, line: str, *, prefixes: bool) -> Outcome:
        """Have the guide of a lesson hear a line before and after it is carried out."""
        guide = self.guide
        told = None if guide is None else guide.answer(line)
        if told is not None:
            return Outcome(view=told)
        outcome = self.carry_out(line, prefixes=prefixes)
        if guide is None or guide is not self.guide:
            return outcome
        return outcome._replace(guidance=guide.noticed())

    def carry_out(self, line: str, *, prefixes: bool = False) -> Outcome:
        """Carry out one line as if there were no lesson."""
        if line.lstrip().startswith("{"):
            return self._run_raw(line)
        try:
            words = registry.asked(split(line), prefixes=prefixes)
        except Mistyped as fault:  # a quote is left open: it need not be of `process`
            if not fault.hint.startswith(self._help(line).removeprefix("help ")):
                fault.hint = self._help(line)
            raise
        if not words:
            return Outcome()
        declared = self._find(words, prefixes=prefixes)
        outcome = self._run(declared, words[1:])
        exact = words[0] == declared.name or words[0] in declared.aliases
        return outcome if exact else outcome._replace(name=declared.name)

    def _find(self, words: Sequence[str], *, prefixes: bool) -> PromptCommand:
        """Return the command of these words. Raises Mistyped, with the whole line put right."""
        try:
            return registry.find(words[0], prefixes=prefixes)
        except Mistyped as fault:
            first, *behind = re.split("[-_]", words[0])  # `lose-ack`
            name = first if behind and first in registry.COMMANDS else fault.hint
            if " " in name:  # `help rollback`, of `rollback?`
                raise
            if name != "help" or words[0].lower().startswith("h"):  # of `rm x` nothing is kept
                fault.hint = self._whole(name, [*(behind if name == first else ()), *words[1:]])
            raise

    def _whole(self, name: str, words: Sequence[str]) -> str:
        """Return the line that was probably meant by a command and words; or its help."""
        line, declared = joined([name, *words]), registry.find(name, prefixes=False)
        try:
            declared.check_choices(words)
        except Mistyped as fault:
            line = fault.hint if declared.mended(words) else ""
        return line if self.takes(line) else "help" if name == "help" else f"help {name}"

    def do(self, command: Command) -> Step:
        """Carry out one command of the laboratory as a step."""
        self.total = command.size
        return self.history.do(command, self.on_progress)

    def begin(self, history: History) -> None:
        """Put the present session aside and go on with another. Raises Refused if it cannot be."""
        self.history.can_travel()
        if self.history.steps or self.history.undone:
            self.earlier.append(self.history)
        self.history = history

    def begin_anew(self) -> None:
        """Put the present session aside and begin with a fresh laboratory.

        Inside a lesson that is the one its present step began with.
        """
        self.begin(History(self.start) if self.guide is None else self.guide.anew())

    def return_to_earlier(self) -> None:
        """Take up again the session that was put aside last. Raises Refused if there is none."""
        self.history.can_travel()
        if not self.earlier:
            raise refused("there is no step to undo", "process hello")
        self.history = self.earlier.pop()

    def _run(self, declared: PromptCommand, words: list[str]) -> Outcome:
        declared.guard(self, words)
        declared.check(words)
        self.total = None
        try:
            result = declared.handler(self, *words)
        except SessionEnded:
            return Outcome(leave=True)
        except ExpectationFailed as unmet:
            return Outcome(view=unmet.view, failed=True, why=unmet.why)
        if isinstance(result, View):
            return Outcome(view=result)
        step = self.do(result)
        if not self.wire:
            return Outcome(step=step)
        from repl import raw  # the prompt starts without

        lines = raw.lines(step, self.lab, self.asked + 1)
        self.asked += sum('"msg_id"' in line for line in lines)
        return Outcome(step=step, wire=lines)

    def _run_raw(self, line: str) -> Outcome:
        """Answer a raw request, and show the step it made like any other."""
        from core.lab import wire_form
        from repl import raw

        to = None
        try:
            request, command = wire_form.read(line)
            to = request.msg_id
            self.asked = max(self.asked, to or 0)
            step = None if command is None else self.do(command)
        except Refused as fault:
            fault.msg_id = to if fault.msg_id is None else fault.msg_id
            return Outcome(wire=(raw.refusal(fault),), failed=True)
        answer = raw.reply(request, step, self.lab)
        return Outcome(step=step, wire=() if answer is None else (answer,))


def on_disk(path: str, *, take_over: bool = False) -> Session:
    """Return a session on the store in this file. Raises Unusable.

    A session that begins anew, in a sweep say, begins with a copy in memory.
    """
    from core.lab.disk import Disk
    from core.lab.on_disk import OnDisk

    lab = Lab(durability=lambda: OnDisk(Disk(path, take_over=take_over)))
    beginning = lab.copy()
    session = Session(beginning.copy)
    session.history = History(lambda: lab)
    return session
