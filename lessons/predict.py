"""Predictions: the right answer comes from the right engine, the wrong ones from mutants.

A wrong choice is what somebody expects who believes that the engine works as the mutant does.
So each wrong choice has the mistake that leads to it, and a run in which it comes true.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from core.errors import Refused
from core.lab.commands import Command, Switch, typed
from core.lab.conditions import Condition, Quantity
from core.lab.lab import Lab
from core.mechanisms import EXACTLY_ONCE, SWITCHES
from core.mutants import MUTANTS, Mutant
from lessons.baseline import BaselineRun, Start
from lessons.model import Predict

MOST_CHOICES = 4

Answer = tuple[int | bool, ...]
Asked = Sequence[Quantity | Condition]


class Mistake(NamedTuple):
    """A wrong engine in words: what it does, the belief behind it, and what is true instead.

    Belief and truth are empty texts if it stands for no misconception.
    """

    name: str
    does: str
    belief: str
    truth: str


class Choice(NamedTuple):
    """An answer to choose from, with the mistakes that lead to it; the right one has none."""

    text: str
    mistakes: tuple[Mistake, ...] = ()

    @property
    def right(self) -> bool:
        """Whether this is the right answer."""
        return not self.mistakes


class StateNumbers(NamedTuple):
    """The state after a command, in numbers."""

    up: bool
    counts: tuple[tuple[str, int], ...]
    seen: int
    pending: int
    sink: int


class RunsCompared(NamedTuple):
    """The state after one command in the right run and in a wrong one; None: it was refused."""

    command: str
    right: StateNumbers | None
    wrong: StateNumbers | None


class _Engine(NamedTuple):
    """A wrong engine: a laboratory that `start` makes, or a mechanism `held` on or off.

    With `late` it is wrong only from the question's commands on.
    """

    mistake: Mistake
    start: Callable[[], Lab] | None = None
    held: tuple[str, bool] | None = None
    late: bool = False


def choices(step: Predict, start: Start) -> tuple[Choice, ...]:
    """Return the answers to choose from, sorted, at most `MOST_CHOICES`.

    If no wrong engine gives another answer, only the right one is returned. Raises AuthorError
    if a command fails.
    """
    run = _Run(step, start)
    right = run.answer
    wrong: dict[Answer, list[Mistake]] = {}
    for engine in _engines(run.lab):
        answer = _answers(step.ask, run.under(engine)[0])
        if answer != right and engine.mistake not in wrong.setdefault(answer, []):
            wrong[answer].append(engine.mistake)
    kept = list(wrong.items())[: MOST_CHOICES - 1]
    offered = {right: Choice(written(step.ask, right))}
    offered |= {answer: Choice(written(step.ask, answer), tuple(of)) for answer, of in kept}
    return tuple(offered[answer] for answer in sorted(offered))


def compared(step: Predict, start: Start, choice: Choice) -> tuple[RunsCompared, ...]:
    """Return the question's commands, each in the right run and in the run of a wrong choice."""
    run = _Run(step, start)
    engine = next(
        each
        for each in _engines(run.lab)
        if written(step.ask, _answers(step.ask, run.under(each)[0])) == choice.text
    )
    shared = run.shared
    right, wrong = run.moments[shared:], run.under(engine)[1][shared:]
    return tuple(
        RunsCompared(typed(command), *both)
        for command, *both in zip(run.commands[shared:], right, wrong, strict=True)
    )


def letter(number: int) -> str:
    """Return the letter of a choice, counted from 0.

    A number instead of a letter could be taken for the answer itself.
    """
    return "abcd"[number]


def choice_of(text: str, offered: Sequence[Choice]) -> Choice | None:
    """Return the choice with this letter or this text; None if there is none."""
    said = text.casefold().rstrip(").")
    for number, choice in enumerate(offered):
        if said in {letter(number), choice.text.casefold()}:
            return choice
    return None


def written(ask: Asked, answer: Answer) -> str:
    """Return the text of an answer, as shown among the choices."""
    words = [
        ("yes" if value else "no") if isinstance(value, bool) else str(value) for value in answer
    ]
    if len(words) == 1:
        return words[0]
    return " · ".join(f"{asked} {word}" for asked, word in zip(ask, words, strict=True))


class _Run:
    """The right run of a question; `shared` is how many commands came before the question's."""

    def __init__(self, step: Predict, start: Start) -> None:
        walk = BaselineRun(start)
        walk.carry_out(step.after)
        self.lab = walk.history.lab
        self.answer = _answers(step.ask, self.lab)
        self.start, self.commands = walk.start, walk.start.past
        anew = any(line.text == "reset" for line in step.after)
        self.shared = 0 if anew else len(start.past)
        self.moments = _carry_out(Lab(self.start.mechanisms), self.commands)[1]

    def under(self, engine: _Engine) -> tuple[Lab, list[StateNumbers | None]]:
        """Carry out the same commands with a wrong engine; return it, and the state after each."""
        lab = engine.start() if engine.start is not None else Lab()
        lab.processor.switch(self.start.mechanisms)
        before = self.shared if engine.late else 0
        lab, moments = _carry_out(lab, self.commands[:before])
        lab, after = _carry_out(lab, self.commands[before:], engine.held)
        return lab, [*moments, *after]


def _carry_out(
    lab: Lab, commands: Iterable[Command], held: tuple[str, bool] | None = None
) -> tuple[Lab, list[StateNumbers | None]]:
    """Carry out commands; return the laboratory, and the state after each (None: refused).

    A mechanism that is `held` stays on or off, whatever the commands switch.
    """
    moments: list[StateNumbers | None] = []
    if held is not None:
        _hold(lab, held)
    for command in commands:
        try:
            if held is None or not isinstance(command, Switch) or command.mechanism != held[0]:
                lab.apply(command)
        except Refused:
            moments.append(None)
            continue
        if held is not None:
            _hold(lab, held)
        moments.append(_moment(lab))
    return lab, moments


def _hold(lab: Lab, held: tuple[str, bool]) -> None:
    """Switch a mechanism on or off, if it is not so already."""
    now = lab.processor.mechanisms
    if getattr(now, held[0]) != held[1]:
        lab.processor.switch(now._replace(**{held[0]: held[1]}))


def _moment(lab: Lab) -> StateNumbers:
    processor = lab.processor
    counts, line = lab.summary().counts, processor.outputs.committed
    seen, pending = len(processor.seen), len(processor.outputs) - line
    return StateNumbers(lab.up, counts, seen, pending, line)


def _answers(ask: Asked, lab: Lab) -> Answer:
    return tuple(
        each.value(lab) if isinstance(each, Quantity) else each.check(lab).met for each in ask
    )


def _engines(lab: Lab) -> list[_Engine]:
    """Return the wrong engines to try, those with a common mistake first."""
    now = lab.processor.mechanisms
    off = [name for name, field in SWITCHES.items() if not getattr(now, field)]
    engines = [_forgotten(name, late=late) for name in off for late in (True, False)]
    mutants = sorted(MUTANTS.values(), key=lambda each: each.misconception is None)
    engines += [engine for mutant in mutants for engine in _mutated(mutant)]
    if "source-replay" not in off:
        engines.append(_Engine(_SENT_ONCE, held=("source_replay", False), late=True))
    return engines


def _mutated(mutant: Mutant) -> list[_Engine]:
    """Return a mutant as engines; one with a mechanism off gives two, the late one first."""
    thought = mutant.misconception
    belief, truth = (thought.belief, thought.truth) if thought is not None else ("", "")
    mistake = Mistake(mutant.name, mutant.wrong, belief, truth)
    mechanisms = mutant.start().processor.mechanisms
    for field, on in mechanisms._asdict().items():
        if on != getattr(EXACTLY_ONCE, field):
            return [_Engine(mistake, held=(field, on), late=late) for late in (True, False)]
    return [_Engine(mistake, start=mutant.start)]


def _forgotten(name: str, *, late: bool) -> _Engine:
    """Return the engine that somebody expects who forgets that a mechanism is off."""
    mistake = Mistake(
        f"with-{name}",
        f"it has {name} on, and this one has not",
        "",
        "",
    )
    return _Engine(mistake, held=(SWITCHES[name], True), late=late)


_SENT_ONCE = Mistake(
    "sent-once",
    "its source sends each event once, and never again",
    "What the source sent, it sent: it does not send again.",
    "The source sends again whatever was not acknowledged.",
)
