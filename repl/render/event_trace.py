"""`why ID`: all that happened to an event, and what each mechanism did for it."""

from collections.abc import Iterable
from itertools import groupby

from core.lab import judge
from core.lab.history import History
from core.lab.judge import Judgement
from core.lab.moments import APPLICATIONS
from core.lab.otherwise import Effect, Otherwise
from core.lab.record import EventTrace, Moment, MomentKind
from core.mechanisms import SWITCHES
from core.outputs import EventId
from repl.render import View, wording
from repl.render.report import Report, Row, try_row
from repl.render.report_view import ReportView
from repl.render.wording import name, number, word

_FIRST, _LAST = 6, 6
"""Steps of a long one that are told of its beginning and of its end."""

_DELIVERED = {
    MomentKind.APPLIED,
    MomentKind.APPLIED_AGAIN,
    MomentKind.SKIPPED,
    MomentKind.ELSEWHERE,
}
_WRONG = {Judgement.DOUBLED, Judgement.LOST}


def why(
    history: History, event_id: EventId, otherwise: Iterable[Otherwise], *, whole: bool = False
) -> View:
    """Tell what happened to an event, step by step, and what it would have been otherwise.

    Of a long life the middle is left out, unless it shall be told `whole`.
    """
    lab = history.lab
    trace = history.record.trace(lab, event_id)
    now = trace.now
    subject = f"{name(trace.event_id)} ({word(trace.word)})"
    moments = _moments(trace.moments)
    if not whole:
        moments = _ends(moments, wording.command("why", event_id))
    rows = [*moments, Row("now", _whereabouts(trace, history, whole=whole), "title")]
    rows += [*_judged(history, event_id), *_without(tuple(otherwise), word(trace.word), history)]
    if trace.due and lab.up and lab.processor.mechanisms.source_replay:
        rows += try_row("replay")
    counted = f"in the counts {wording.times(len(now.counted))}"
    headline = f"{counted} · {_outputs(len(now.pending), now.sink)}"
    verdict = judge.verdict(history, event_id).upper()
    return ReportView(Report(verdict, headline, tuple(rows), subject), long=True)


def _moments(moments: tuple[Moment, ...]) -> list[Row]:
    """Return a row a step."""
    applied = sum(moment.what in APPLICATIONS for moment in moments)
    rows = []
    for step, happened in groupby(moments, key=lambda moment: moment.step):
        together = list(happened)
        look = "lost" if any(each.what.harmful for each in together) else ""
        what = "; ".join(_told(each, several=applied > 1) for each in together)
        before = Row("before", f"this session: {what}", look)
        rows.append(Row(f"step {step}", what, look) if step else before)
    return rows


def _ends(rows: list[Row], command: str) -> list[Row]:
    """Return the beginning and the end of many rows; `command` with `all` shows the rest."""
    if len(rows) <= _FIRST + _LAST + 1:
        return rows
    left = number(len(rows) - _FIRST - _LAST, "step")
    more = Row("…", f"{left} more", "note")
    if command:
        more = Row("…", f"{left} more · {command} all", "note", commands=(f"{command} all",))
    return [*rows[:_FIRST], more, *rows[-_LAST:]]


def _told(moment: Moment, *, several: bool) -> str:
    """Return what happened, with the evidence; of several applications, which it befell."""
    what = str(moment.what)
    if moment.what in APPLICATIONS and moment.word is not None:
        what += f" ({wording.rise(moment.word, moment.before, moment.after)})"
    elif moment.what is MomentKind.REUSED and moment.word is not None:
        what += f" ({word(moment.word)})"
    if several and moment.of:
        steps, one = ", ".join(map(str, moment.of)), len(moment.of) == 1
        what += f": the {'application of step' if one else 'applications of steps'} {steps}"
    if moment.what in {MomentKind.COUNTED, MomentKind.UNCOUNTED}:
        what += " by a restore" if moment.name is not None else " by a rollback"
    if moment.name is not None:
        what = f"{what} ({name(moment.name)})"
    return what if moment.times == 1 else f"{what}, {moment.times} times"


def _whereabouts(trace: EventTrace, history: History, *, whole: bool) -> str:
    """Return where the event is now."""
    now = trace.now
    where = ["in seen" if now.seen else "not in seen"]
    if trace.checkpoints:
        names = [name(each) for each in trace.checkpoints]
        where.append(f"in {wording.some(names, len(names) if whole else 3)}")
    if trace.due:
        offset = history.lab.source.offset
        where.append("due" if trace.position == offset else "waits for its turn")
    else:
        where.append("acknowledged" if _heard(trace) else "sent once, no ack heard")
    return " · ".join(where)


def _heard(trace: EventTrace) -> bool:
    """Whether the source heard an ack; it goes on without where it sends each event once."""
    for _, happened in groupby(trace.moments, key=lambda moment: moment.step):
        what = {each.what for each in happened}
        if what & _DELIVERED and MomentKind.NOT_HEARD not in what:
            return True
    return False


def _judged(history: History, event_id: EventId) -> list[Row]:
    """Return what the score says of this event at each boundary."""
    found = judge.judged(history, event_id)
    rows: list[Row] = []
    for place, (judgement, _) in found.items():
        look = "wrong" if judgement in _WRONG else ""
        rows.append(Row("" if rows else "score", f"{place}: {judgement.upper()}", look))
    return rows


def _without(otherwise: tuple[Otherwise, ...], text: str, history: History) -> list[Row]:
    """Return a row for each mechanism that makes a difference, and one or two for the others."""
    if any(each.end is None for each in otherwise):
        return [Row("without", "a mechanism: the session is too long to try", "note")]
    rows = [(_counterfactual(each, text), _look(each)) for each in otherwise if each.differs]
    on = history.lab.processor.mechanisms._asdict()
    same = [each.mechanism for each in otherwise if not each.differs]
    off = [each for each in same if not on[SWITCHES[each]]]
    same = [each for each in same if each not in off]
    if same:
        rows.append((f"{', '.join(same)}: no difference so far", "note"))
    if off:
        rows.append((f"{', '.join(off)}: off as it is", "note"))
    if history.lab.durability.lasting:
        rows.append(("tried from the beginning of this session on, not before it", "note"))
    return [Row("" if place else "without", *row) for place, row in enumerate(rows)]


def _counterfactual(other: Otherwise, text: str) -> str:
    """Return what the event would be without a mechanism: in the end, or else by now."""
    if other.judgement is None:
        return f"{other.mechanism}: never sent there"
    judged = other.judgement.upper()
    if other.same and other.judgement in _WRONG and other.end is not None:
        return f"{other.mechanism}: in the end {_effect(other.end, text)}"
    if other.judgement in _WRONG and other.end is not None:
        return f"{other.mechanism}: {judged}, in the end {_effect(other.end, text)}"
    now = "" if other.now is None else f"now {_effect(other.now, text)}; "
    return f"{other.mechanism}: {now}in the end {judged}"


def _look(other: Otherwise) -> str:
    return "wrong" if other.judgement in _WRONG and not other.same else ""


def _effect(effect: Effect, text: str) -> str:
    waiting = f"{effect.pending} pending · " if effect.pending else ""
    counted = f"counted {wording.times(effect.counted)}"
    return f"{counted} · {text} {effect.word_count} in all · {waiting}{effect.sink} in the sink"


def _outputs(pending: int, sink: int) -> str:
    """Return how many outputs there are, and where."""
    return f"{pending} pending · {sink} in the sink"
