"""Which applications of which id the counts hold, followed from command to command.

The counts say how many events of a word were counted, not which: if one event is lost and
another of the same word is counted twice, the count is right. So a sweep, which judges ids,
follows each application: into the counts, into checkpoints with them, and out again in a
restore, a rollback or a crash.

A mutant may count in a way that is not foreseen here. Then the account does not add up to
the counts, and `times` returns None.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Self

from core.lab import commands as c
from core.lab.commands.deliveries import DELIVERIES
from core.lab.facts import Applied, Crashed, Fact, Fed, Restored, RolledBack, Saved
from core.lab.lab import Lab
from core.outputs import EventId

if TYPE_CHECKING:
    from core.checkpoints import CheckpointId, Event


class Account:
    """The applications that the counts hold, and those that each checkpoint holds.

    An application is an id with the word it was counted under.
    """

    def __init__(self, lab: Lab) -> None:
        """Begin with the state of this laboratory, in which each id in seen was applied once."""
        processor = lab.state
        self._counted: Counter[Event] = Counter(dict.fromkeys(processor.seen.items(), 1))
        self._saved: dict[CheckpointId, Counter[Event]] = {
            name: Counter(dict.fromkeys((processor.saved(name).seen or {}).items(), 1))
            for name in processor.checkpoints
        }

    def follow(self, facts: Iterable[Fact], lab: Lab) -> None:
        """Note the facts of the next step; `lab` is the laboratory right after it."""
        for fact in facts:
            match fact:
                case Applied():
                    self._counted[fact.event_id, fact.word] += 1
                case Fed() if fact.counts is not None:
                    first = lab.source.positions[fact.first]
                    self._counted.update(lab.source.log[first : first + fact.events])
                case Saved():
                    self._saved[fact.name] = self._counted.copy()
                case Restored():
                    self._counted = self._saved[fact.name].copy()
                case RolledBack():
                    self._counted.subtract((each.event_id, each.word) for each in fact.outputs)
                case Crashed() if fact.kept is None:
                    self._counted = Counter()

    def times(self, lab: Lab) -> Counter[EventId] | None:
        """Return id → how often the counts hold it; None if that is not known."""
        words: Counter[str] = Counter()
        ids: Counter[EventId] = Counter()
        for (event_id, word), number in self._counted.items():
            words[word] += number
            ids[event_id] += number
        return +ids if words == Counter(lab.state.counts) else None

    def copy(self) -> Self:
        """Return an independent copy."""
        twin = type(self).__new__(type(self))
        twin._counted, twin._saved = self._counted.copy(), self._saved.copy()  # noqa: SLF001 - its own kind
        return twin

    def freeze(self) -> tuple[object, ...]:
        """Return all of it as one hashable value."""
        saved = {name: frozenset((+held).items()) for name, held in self._saved.items()}
        return frozenset((+self._counted).items()), frozenset(saved.items())


_COPIES = 128
"""So many events are copied in about the time of one command."""


class Enough(Exception):  # noqa: N818 - asked for, not a fault
    """A sweep, or the search for a witness, has to end here; `asked` says that somebody said so."""

    def __init__(self, *, asked: bool) -> None:
        """Say why."""
        super().__init__()
        self.asked = asked


class Effort:
    """What was done so far, in commands: an event sent again or judged costs as much as one.

    `go_on` is asked each time when about five hundred were done.
    """

    _EACH = 512

    def __init__(self, go_on: Callable[[], bool], most: int | None = None) -> None:
        """Allow so much; without a number, any amount."""
        self._go_on, self._most = go_on, most
        self._done = self._asked = 0

    def spend(self, cost: int) -> None:
        """Note what is done next. Raises Enough as `ask` does."""
        self._done += cost
        if self._done - self._asked >= self._EACH:
            self.ask()

    def ask(self) -> None:
        """Ask whether to go on. Raises Enough if not, or if more was done than is allowed."""
        self._asked = self._done
        if not self._go_on():
            raise Enough(asked=True)
        if self._most is not None and self._done > self._most:
            raise Enough(asked=False)


class Followed:
    """A laboratory together with its account, and the effort that it takes."""

    def __init__(self, lab: Lab, effort: Effort | None = None) -> None:
        """Begin with this laboratory; without an effort, with one that has no limit."""
        self.lab, self.effort = lab, effort or Effort(lambda: True)
        self.account = Account(lab)

    def apply(self, command: c.Command) -> tuple[c.Command, list[Fact]]:
        """Carry out one command; return it with its choices filled in, and the facts.

        Raises Refused, and then nothing has changed; and Enough, which may come in the middle.
        """
        self.effort.spend(1)
        done, facts = self.lab.apply(command, self._sent)
        if any(isinstance(fact, Saved | Restored) for fact in facts):
            self._copied()  # by the account
        self.account.follow(facts, self.lab)
        return done, facts

    def copy(self) -> Self:
        """Return an independent copy in the same state. Raises Enough."""
        self._copied()
        twin = type(self).__new__(type(self))
        twin.lab, twin.account = self.lab.copy(), self.account.copy()
        twin.effort = self.effort
        return twin

    def _sent(self, _events: int) -> bool:
        """Take note of the next `DELIVERIES` events of a long command. Raises Enough."""
        self.effort.spend(DELIVERIES)
        return True

    def _copied(self) -> None:
        """Take note of a copy of all that is known of the events. Raises Enough."""
        self.effort.spend(len(self.lab.source.log) // _COPIES)

    def freeze(self) -> tuple[object, ...]:
        """Return all that future steps depend on as one hashable value."""
        return self.lab.freeze(), self.account.freeze()
