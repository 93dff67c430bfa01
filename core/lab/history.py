"""Undo, redo and goto: a laboratory with its past.

The past is the list of commands. A laboratory is deterministic, so any earlier moment can
be reached by carrying them out again. So that this stays quick in a long session, copies of
the laboratory are kept: some of recent moments, and fewer the further back.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from core.errors import refused
from core.lab import commands as c
from core.lab.changes import difference, picture
from core.lab.facts import Crashed
from core.lab.lab import Lab, Step
from core.lab.record import Record
from core.lab.world import OnProgress, to_the_end

_FEWEST = 256
"""A copy is taken after so many deliveries at least, or before a command with more of them."""
_SHARE = 48
"""A copy of N events is taken after about N/48 deliveries: so all copies of a session together
cost a small multiple of its events, and an undo a small part of them."""
_CLOSE = 4
"""The newest copies, which are all kept; of the older ones, one for each doubling of events."""


class _KeptCopy(NamedTuple):
    """A copy of the laboratory after `position` steps, and how many events its log held.

    A `pinned` one cannot be made again by carrying out the steps before it: it is never dropped
    unless it is undone.
    """

    position: int
    events: int
    lab: Lab
    pinned: bool = False


class History:
    """A laboratory and the steps that led to it.

    `lab` is the present; `steps` are those that led to it, oldest first; `undone` those that
    can be redone, the next one at the end. `record` answers questions about the past.
    """

    def __init__(self, start: Callable[[], Lab] = Lab) -> None:
        """Begin with the laboratory that `start` makes."""
        self.lab = start()
        self.steps: list[Step] = []
        self.undone: list[Step] = []
        beginning = self.lab.copy()
        self._kept = [_KeptCopy(0, 0, beginning)]
        self._work = 0
        self.answers: dict[str, Any] = {}
        """Results that other modules have computed from this history and keep here, by key."""
        self.record = Record(beginning, self.steps, lambda: self.lab.source.positions)

    def do(self, command: c.Command, on_progress: OnProgress = to_the_end) -> Step:
        """Carry out a command; return its step. What was undone can no longer be redone.

        `on_progress` can end a feed early. Raises Refused, and then nothing has changed.
        """
        if command.size > _FEWEST:
            self._keep()  # so that its undo need not repeat earlier feeds
        return self._made(self.lab.step(command, on_progress))

    def notice(self) -> Step | None:
        """Return a crash of the store's process since the last step, as a step; None if none."""
        step = self.lab.notice()
        return None if step is None else self._made(step)

    def undo(self, steps: int = 1) -> list[Step]:
        """Go back this many steps; return those undone, the latest first.

        Raises Refused where there are not so many, or on a real disk.
        """
        self.can_travel()
        self.can_undo(steps)
        return self._go(len(self.steps) - steps)

    def redo(self, steps: int = 1) -> list[Step]:
        """Go this many steps forward again; return the steps redone.

        Raises Refused where not so many were undone, or on a real disk.
        """
        self.can_travel()
        self.can_redo(steps)
        return self._go(len(self.steps) + steps)

    def goto(self, step: int) -> list[Step]:
        """Go to the moment right after a step (0: the beginning); return the steps between.

        Raises Refused where there is no such step, or on a real disk.
        """
        self.can_travel()
        self.can_go(step)
        return self._go(step)

    def can_undo(self, steps: int) -> None:
        """Raise Refused unless there are so many steps to undo."""
        there = len(self.steps)
        if not there:
            raise refused("there is no step to undo", "process hello")
        if steps > there:
            raise refused(f"{steps} steps cannot be undone: there {_are(there)}", f"undo {there}")

    def can_redo(self, steps: int) -> None:
        """Raise Refused unless so many steps were undone."""
        there = len(self.undone)
        if not there:
            raise refused("nothing was undone", "history" if self.steps else "process hello")
        if steps > there:
            raise refused(f"{steps} steps cannot be redone: there {_are(there)}", f"redo {there}")

    def can_go(self, step: int) -> None:
        """Raise Refused unless `step` is 0 or one of the steps, undone ones included."""
        last = len(self.steps) + len(self.undone)
        if not 0 <= step <= last:
            raise refused(f"there is no step {step}: they go from 0 to {last}", f"goto {last}")

    def can_travel(self) -> None:
        """Raise Refused where steps cannot be undone: on a real disk."""
        self.lab.durability.can_travel()

    def at(self, step: int) -> Lab:
        """Return a copy of the laboratory as it was right after a step that is not undone."""
        kept = next(each for each in reversed(self._kept) if each.position <= step)
        lab = kept.lab.copy()
        for past in self.steps[kept.position : step]:
            lab.apply(past.command)
        return lab

    def _made(self, step: Step) -> Step:
        last = step.facts[-1]
        unasked = isinstance(last, Crashed) and bool(last.cause)
        if isinstance(last, Crashed) and unasked:  # only the disk knows what was done
            before = picture(self.at(len(self.steps)))
            changes = difference(before, picture(self.lab))
            facts = (*step.facts[:-1], last._replace(out=len(changes.sink_added)))
            step = step._replace(facts=facts, changes=changes)
        self.steps.append(step)
        if unasked:
            self._kept.append(_KeptCopy(len(self.steps), 0, self.lab.copy(), pinned=True))
        self.undone.clear()
        self._count(step)
        return step

    def _go(self, position: int) -> list[Step]:
        here = len(self.steps)
        if position < here:
            self.lab = self.at(position)
            passed = self.steps[position:][::-1]
            self.undone += passed
            del self.steps[position:]
            self._kept = [each for each in self._kept if each.position <= position]
            self._work = 0
            return passed
        passed = [self.undone.pop() for _ in range(position - here)]
        for step in passed:
            self.lab.apply(step.command)
            self.steps.append(step)
            self._count(step)
        return passed

    def _count(self, step: Step) -> None:
        """Add up the work since the last copy, and take a copy when it is enough."""
        self._work += step.command.size + len(step.facts)
        if self._work > max(_FEWEST, len(self.lab.source.log) // _SHARE):
            self._keep()

    def _keep(self) -> None:
        """Keep a copy of the present, and drop older ones where there are too many."""
        self._work = 0
        if self._kept[-1].position == len(self.steps):
            return
        self._kept.append(_KeptCopy(len(self.steps), len(self.lab.source.log), self.lab.copy()))
        oldest: dict[int, _KeptCopy] = {}
        for each in self._kept[:-_CLOSE]:
            oldest.setdefault(-each.position if each.pinned else each.events.bit_length(), each)
        self._kept = [*oldest.values(), *self._kept[-_CLOSE:]]


def _are(number: int) -> str:
    return "is 1" if number == 1 else f"are {number}"
