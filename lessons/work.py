"""What a student did in one step, and the lines of text that do the same again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.lab.commands import Command, typed
from core.lab.history import History


@dataclass
class Work:
    """What a student did in one step.

    `hints` counts those asked for; `solution` is whether the answer was shown. `history` is
    the laboratory as it was when the student left the step; None before that.
    """

    hints: int = 0
    solution: bool = False
    answers: list[str] = field(default_factory=list)
    """The choices made in a prediction, the right one last."""
    commands: tuple[str, ...] = ()
    """The commands given up to the goal, as typed."""
    taken: int = 0
    """How many commands these are."""
    done: bool = False
    skipped: bool = False
    history: History | None = None

    def lines(self) -> list[str]:
        """Return lines that do the same again when they are entered."""
        asked = ["hint"] * self.hints + ["solution"] * self.solution
        return [*asked, *self.answers, *self.commands, *(["skip"] if self.skipped else [])]


def beyond(past: Sequence[Command], now: Iterable[Command]) -> list[str]:
    """Return the lines that lead from the commands `past` to those of `now`.

    First an undo of those that are not shared, if there are any, then the others, as typed.
    """
    given = list(now)
    shared = 0
    for before, after in zip(past, given, strict=False):
        if before != after:
            break
        shared += 1
    back = len(past) - shared
    undone = [f"undo {back}"] if back else []
    return [*undone, *(typed(command) for command in given[shared:])]
