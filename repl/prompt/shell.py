"""The prompt loop: it prints what commands return.

It never dies of a command: an unexpected fault costs one line, and the session is kept.
"""

import sys
import traceback
from collections.abc import Callable

from core.errors import Refused
from core.lab.facts import Crashed, Unsent
from core.lab.lab import Step
from core.lab.letters import escaped
from repl.prompt.autosave import Autosave
from repl.prompt.progress import Progressing
from repl.render import View, notes
from repl.render.terminal import Terminal, both_ends
from repl.session import Outcome, Session
from repl.signals import fatal
from repl.streams import lost

Read = Callable[[], str]
"""Shows the prompt and returns what was typed; EOFError and KeyboardInterrupt as usual."""


class Shell:
    """One person at one terminal."""

    def __init__(self, session: Session, terminal: Terminal, *, debug: bool = False) -> None:
        """Serve this session on this terminal; with `debug` show tracebacks."""
        self.session = session
        self.terminal = terminal
        self.autosave = Autosave()
        self._debug = debug

    def loop(self, read: Read) -> None:
        """Greet, serve, and say where the session is."""
        self.show(notes.welcome(self.session.lab))
        try:
            self.serve(read)
        finally:
            self._part()

    def _part(self) -> None:
        """Say where the session is."""
        store = self.session.lab.durability.disk
        if store is not None:
            self.show(notes.left(store))
        elif self.session.guide is not None:
            self.show(self.session.guide.leaving())
        else:
            self.show(notes.goodbye(self.autosave.path, len(self.session.history.steps)))

    def serve(self, read: Read) -> None:
        """Read and run lines until the person leaves, or types into a terminal and sees nothing."""
        while not (sys.stdin.isatty() and lost(self.terminal.out)):
            try:
                text = read()
            except KeyboardInterrupt:
                continue  # Ctrl-C clears the line
            except EOFError:
                return
            if not self.run(text):
                return

    def run(self, text: str) -> bool:
        """Run what was typed or pasted, line by line; return False to leave.

        Of several lines the rest is dropped at the first that fails, and at Ctrl-C.
        """
        lines = text.split("\n")
        for number, line in enumerate(lines, 1):
            if not line.strip() and len(lines) > 1:
                continue  # an empty line of a paste is not an Enter that goes on in a lesson
            try:
                outcome, interrupted = self._run_line(line)
            except Refused as fault:
                self.show(notes.refused(fault.text, fault.hint))
                return self._drop(len(lines) - number)
            except KeyboardInterrupt:
                return True  # Ctrl-C while an answer is printed ends the printing
            except Exception as fault:  # noqa: BLE001 - one line, and the session goes on
                self._confess(fault)
                return True
            if outcome.leave:
                return False
            if interrupted:
                return self._drop(len(lines) - number)
        return True

    def _drop(self, lines: int) -> bool:
        """Say that so many lines of a paste are not run, if any; the prompt goes on: True."""
        if lines:
            self.show(notes.dropped(lines))
        return True

    def _run_line(self, line: str) -> tuple[Outcome, bool]:
        """Run one line and show what came of it; tell also whether Ctrl-C was pressed meanwhile."""
        crash = self.session.history.notice()
        if crash is not None:
            self._show_outcome(Outcome(step=crash))
        with Progressing(self.terminal, self.session) as work:
            outcome = self.session.run(line, prefixes=True)
            self._save()
        self._show_outcome(outcome)
        if outcome.step is not None and _cut_short(outcome.step):  # a search says so itself
            self.show(notes.stopped(final=self.session.lab.durability.final))
        return outcome, work.interrupted

    def show(self, view: View) -> None:
        """Print a view."""
        self.terminal.show(view)

    def prompt(self) -> str:
        """Return the prompt: the number of the next step, and whether the processor is down."""
        lab = self.session.lab
        return f"[{lab.number}] > " if lab.up else f"[{lab.number} down] > "

    def _show_outcome(self, outcome: Outcome) -> None:
        if outcome.name is not None:
            self.show(notes.in_full(outcome.name))
        if outcome.step is not None:
            self.show(notes.step(outcome.step, self.session.history, self.session.takes))
        elif outcome.view is not None:
            self.show(outcome.view)
        if outcome.wire:
            self.show(notes.wire_lines(outcome.wire))
        if outcome.guidance is not None:
            if not self.terminal.plain:
                print(file=self.terminal.out)
            self.show(outcome.guidance)
        if not self.terminal.plain:
            print(file=self.terminal.out)  # steps stand apart

    def _save(self) -> None:
        if self.session.lab.durability.final:
            return  # it is kept already
        if self.session.guide is not None:
            return  # a lesson keeps its own progress; the session put aside stays as it is
        warning = self.autosave.keep(self.session.history)
        if warning is not None:
            self.show(notes.warning(warning))

    def _confess(self, fault: Exception) -> None:
        """Say that Oncelab itself is at fault."""
        self.show(notes.fault(fault))
        if self._debug:
            for line in "".join(traceback.format_exception(fault)).splitlines():
                sys.stderr.write(f"{escaped(line)}\n")


def _cut_short(step: Step) -> bool:
    """Whether a step left words unsent, and no crash is why."""
    kinds = [type(fact) for fact in step.facts]
    return Unsent in kinds and Crashed not in kinds


def reader(shell: Shell, *, vi: bool) -> Read:
    """Return what reads a person's lines; without keys where the terminal can do nothing."""
    if both_ends() and not shell.terminal.plain:
        with fatal():
            from repl.prompt import keys  # prompt-toolkit takes long, and only this needs it

        return keys.person(shell.session, shell.terminal, shell.prompt, vi=vi)
    return lambda: input(shell.prompt())
