"""The laboratory: a world, and commands that are carried out in it, one step each.

`step` takes a command and returns what happened. A command that is not possible in the
present state is refused and changes nothing. There is no clock and no chance here: the same
commands give the same steps, and undo, sharing and the search depend on that.
"""

from typing import NamedTuple

from core.errors import Refused, WorkerEnded
from core.lab import commands as c
from core.lab.changes import Changes, difference, picture, summed
from core.lab.facts import Crashed, Fact, Saved
from core.lab.world import OnProgress, World, to_the_end


class Step(NamedTuple):
    """A command that was carried out, and what it did; `number` counts from 1.

    `command` has every choice filled in: an id, where none was typed.
    """

    number: int
    command: c.Command
    facts: tuple[Fact, ...]
    changes: Changes

    def __repr__(self) -> str:
        """Return its number, its command as typed, and the kinds of its facts."""
        kinds = ", ".join(type(fact).__name__ for fact in self.facts)
        return f"<Step {self.number}: {self.command.typed}: {kinds}>"


class Lab(World):
    """A world in which commands are carried out; `number` is that of the next step."""

    def step(self, command: c.Command, on_progress: OnProgress = to_the_end) -> Step:
        """Carry out one command and return its step; on a store it is then durable.

        `on_progress` can end a feed early; the step then holds the words that were fed. If the
        process that writes to the store has died by itself, the step returned is that crash.
        Raises Refused, with a hint what to type instead, and then nothing has changed.
        """
        crash = self.notice()
        if crash is not None:
            return crash
        number = self.number
        try:
            step = self._step(command, on_progress)
            if self.up:
                self.durability.write(self, step.facts, step.changes)
        except WorkerEnded as gone:
            self.number = number
            return self._unasked_crash(str(gone), command)
        return step

    def notice(self) -> Step | None:
        """Return a crash of the store's process since the last step, as a step; None if none."""
        ended = self.durability.ended
        return self._unasked_crash(f"the process has {ended}") if self.up and ended else None

    def _step(self, command: c.Command, on_progress: OnProgress) -> Step:
        number, offset, logged = self.number, self.source.offset, len(self.source.log)
        mechanisms, armed, deep = self.processor.mechanisms, self.armed, not self.faithful
        looks = deep or self.armed or command.sweeping
        before = picture(self, deep=deep) if looks else None
        command, facts = self.apply(command, on_progress)
        if before is not None:
            replaced = tuple(f.name for f in facts if isinstance(f, Saved) and f.replaced)
            changes = difference(before, picture(self, deep=deep), replaced)
        else:
            sent = tuple(self.source.log[logged:])
            changes = summed(facts, (offset, self.source.offset), sent)
            now = self.processor.mechanisms
            changes = changes._replace(mechanisms=(mechanisms, now), armed=(armed, self.armed))
        return Step(number, command, tuple(facts), changes)

    def _unasked_crash(self, why: str, command: c.Command | None = None) -> Step:
        """Return the crash of a process that died by itself as a step; `why` says how it died.

        `command` was being carried out, if one was: the store has all of its effect or nothing.
        """
        why += self.durability.recover(self)
        self.up = True
        step = self._step(c.Crash(), to_the_end)
        (crashed,) = step.facts
        assert isinstance(crashed, Crashed)
        unasked = crashed._replace(
            cause=why,
            unanswered=command is not None,
            delivering=command is not None and command.delivers,
        )
        return step._replace(facts=(unasked,))

    def apply(
        self, command: c.Command, on_progress: OnProgress = to_the_end
    ) -> tuple[c.Command, list[Fact]]:
        """Carry out one command; return it with its choices filled in, and the facts.

        Writes to no store, and compares no states. Raises Refused, and then nothing has changed.
        """
        chosen = c.resolve(self, command)
        if isinstance(command, c.Process) and command.event_id is None:
            self.next_id()
        facts: list[Fact] = []
        self.sink_before = self.processor.outputs.committed
        chosen = chosen.do(self, facts, on_progress)
        self.number += 1
        return chosen, facts

    def refusal(self, command: c.Command) -> Refused | None:
        """Return why a command is refused in this state, or None if it is not. Changes nothing."""
        try:
            c.resolve(self, command)
        except Refused as refused:
            return refused
        return None
