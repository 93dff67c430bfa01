"""What a student did in one step, and how it is written down: as the lines that do it again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.lab.commands import Command, typed
from core.lab.history import History


@dataclass
class Work:
    """The work on one step. `history` is the laboratory as it was left, None before that."""

    hints: int = 0
    solution: bool = False
    answers: list[str] = field(default_factory=list)
    """What was chosen in a prediction, the right one last."""
    commands: tuple[str, ...] = ()
    """The commands that reached the goal, or (before it is met) that were given so far."""
    taken: int = 0
    """How many commands that was."""
    done: bool = False
    skipped: bool = False
    history: History | None = None

    def lines(self) -> list[str]:
        """Return lines that do the same again."""
        asked = ["hint"] * self.hints + ["solution"] * self.solution
        return [*asked, *self.answers, *self.commands, *(["skip"] if self.skipped else [])]


def beyond(past: Sequence[Command], now: Iterable[Command]) -> list[str]:
    """Return what leads from one list of commands to another, as typed: an undo where needed."""
    given = list(now)
    shared = 0
    for before, after in zip(past, given, strict=False):
        if before != after:
            break
        shared += 1
    back = len(past) - shared
    undone = [f"undo {back}"] if back else []
    return [*undone, *(typed(command) for command in given[shared:])]
