"""What a step wants from a student, what solves it, and which commands may not be used in it."""

from collections.abc import Sequence

from core.lab.commands import Command
from core.lab.lab import Lab
from lessons import breaks, goals
from lessons import events as e
from lessons import model as m
from lessons.baseline import shown
from lessons.predict import Choice
from lessons.work import Work


def wanted(step: m.Step, work: Work, choices: Sequence[Choice], lab: Lab) -> list[e.Event]:
    """Return the event that says what a step wants; none for a step of text or pictures."""
    match step:
        case m.Run():
            return [e.Ready(tuple(line.text for line in shown(step)))]
        case m.Predict():
            return [asked(step, work, choices)]
        case m.Try() | m.Break():
            allow = step.allow if isinstance(step, m.Try) else None
            return [e.Tasked(step.task, marks(step, lab, exposed=False), allow)]
        case _:
            return []


def asked(step: m.Predict, work: Work, choices: Sequence[Choice]) -> e.Asked:
    """Return the question of a step, with the wrong choices made so far if it is still open."""
    answers = () if work.done else work.answers
    tried = tuple(each.text for each in choices if each.text in answers)
    after = tuple(line.text for line in step.after)
    return e.Asked(step.question, after, tuple(choices), tried)


def marks(step: m.Try | m.Break, lab: Lab, *, exposed: bool) -> tuple[e.GoalMark, ...]:
    """Return which conditions of a step's goal are met; for a wrong engine, if it was `exposed`."""
    if isinstance(step, m.Try):
        return goals.marks(step.goal, lab)
    rule = f"rule {step.rule} broken" if step.rule else "a rule broken that should hold"
    return (e.GoalMark(rule, exposed, "every rule holds so far"),)


def solution(step: m.Step | None, choices: Sequence[Choice]) -> tuple[str, ...]:
    """Return the right answer, or commands that reach the goal; empty for other steps."""
    match step:
        case m.Predict():
            return tuple(each.text for each in choices if each.right)
        case m.Try(solution=lines):
            return tuple(line.text for line in lines)
        case m.Break():
            return breaks.solution(step)
        case _:
            return ()


def declined(step: m.Step | None, command: Command) -> e.Declined | None:
    """Return why a command may not be used in a step; None if it may."""
    verb = command.verb
    if isinstance(step, m.Break) and command.switches:
        text = f"{verb} would break any processor; here all mechanisms stay on"
        return e.Declined(text, "hint")
    if isinstance(step, m.Try) and step.allow is not None and verb not in step.allow:
        allowed = ", ".join(step.allow)
        return e.Declined(f"not with {verb} this time, only with {allowed}", "hint")
    return None
