"""The laboratory: a world, and commands that are carried out in it, one step each.

`step` takes a command and returns what happened. A command that means nothing in the
present state is refused and changes nothing. There is no clock and no chance here: the same
commands give the same steps, which is what undo, sharing and the search rest on.
"""

from typing import NamedTuple

from core.errors import Refused
from core.lab import commands as c
from core.lab.changes import Changes, difference, picture, told
from core.lab.facts import Fact, Saved
from core.lab.world import Watch, World


class Step(NamedTuple):
    """One command and what came of it. `command` names what was left to choose."""

    number: int
    command: c.Command
    facts: tuple[Fact, ...]
    changes: Changes


class Lab(World):
    """A world in which commands are carried out; `number` is that of the next step."""

    def step(self, command: c.Command, watch: Watch = lambda _: True) -> Step:
        """Carry out one command and tell what changed.

        `watch` can end a feed early; the step then holds the words that were fed.
        Raises Refused, with a hint what to type instead, and then nothing has changed.
        """
        number, offset, logged = self.number, self.source.offset, len(self.source.log)
        mechanisms, armed, deep = self.processor.mechanisms, self.armed, not self.faithful
        looks = deep or self.armed or command.sweeping
        before = picture(self, deep=deep) if looks else None
        command, facts = self.apply(command, watch)
        if before is not None:
            replaced = tuple(f.name for f in facts if isinstance(f, Saved) and f.replaced)
            changes = difference(before, picture(self, deep=deep), replaced)
        else:
            sent = tuple(self.source.log[logged:])
            changes = told(facts, (offset, self.source.offset), sent)
            now = self.processor.mechanisms
            changes = changes._replace(mechanisms=(mechanisms, now), armed=(armed, self.armed))
        return Step(number, command, tuple(facts), changes)

    def apply(
        self, command: c.Command, watch: Watch = lambda _: True
    ) -> tuple[c.Command, list[Fact]]:
        """Carry out one command; return it with its choices made, and the facts."""
        chosen = c.resolve(self, command)
        if isinstance(command, c.Process) and command.event_id is None:
            self.next_id()
        facts: list[Fact] = []
        self.line = self.processor.outputs.line
        chosen = chosen.do(self, facts, watch)
        self.number += 1
        return chosen, facts

    def refusal(self, command: c.Command) -> Refused | None:
        """Return why a command cannot be done here, or None if it can. Changes nothing."""
        try:
            c.resolve(self, command)
        except Refused as refused:
            return refused
        return None

    def notice(self) -> Step | None:
        """Return the crash that befell the processor since the last step, if one did."""
        return None
