"""`why ID`: the whole life of an event, and what each mechanism did for it."""

from collections.abc import Iterable
from itertools import groupby

from core.lab.judge import Judgement
from core.lab.lab import Lab
from core.lab.life import Life, Moment, What
from core.lab.otherwise import Effect, Otherwise
from core.mechanisms import SWITCHES
from repl.views import View
from repl.views.report import Report, Row, try_row
from repl.views.told import Told
from repl.views.words import phrases
from repl.views.words.phrases import name, number, word

_FIRST, _LAST = 6, 6
"""Steps of a long life that are told of its beginning and of its end."""

_APPLIED = {What.APPLIED, What.APPLIED_AGAIN}
_WRONG = {Judgement.DOUBLED, Judgement.LOST}
_BAD = {
    What.NOT_APPLIED,
    What.APPLIED_AGAIN,
    What.NOT_HEARD,
    What.ACK_LOST,
    What.LOST,
    What.COUNTED,
    What.UNCOUNTED,
    What.OUTPUT_LOST,
}


def why(life: Life, otherwise: Iterable[Otherwise], lab: Lab) -> View:
    """Tell the life of an event, step by step, and what it would have been otherwise."""
    now = life.now
    subject = f"{name(life.event_id)} ({word(life.word)})"
    counted = "in the counts" if now.counted else "not in the counts"
    rows = [*_moments(life.moments), Row("now", _whereabouts(life, lab), "title")]
    rows += _without(tuple(otherwise), word(life.word), lab)
    if life.due and lab.up and lab.processor.mechanisms.source_replay:
        rows += try_row("replay")
    headline = f"{counted} · {_outputs(now.pending, now.sink)}"
    return Told(Report(_verdict(life), headline, tuple(rows), subject), long=True)


def _verdict(life: Life) -> str:
    """Return how often the event is in the counts, in a word."""
    counted = life.now.counted
    if not counted:
        applied = any(moment.what in _APPLIED for moment in life.moments)
        return "GONE" if applied else "WAITING"
    return {1: "ONCE", 2: "TWICE"}.get(counted, f"{counted} TIMES")


def _moments(moments: tuple[Moment, ...]) -> list[Row]:
    """Return a row a step; of a long life the beginning and the end."""
    rows = []
    for step, happened in groupby(moments, key=lambda moment: moment.step):
        together = list(happened)
        look = "lost" if any(each.what in _BAD for each in together) else ""
        what = "; ".join(map(_told, together))
        before = Row("before", f"this session: {what}", look)
        rows.append(Row(f"step {step}", what, look) if step else before)
    if len(rows) <= _FIRST + _LAST + 1:
        return rows
    left = number(len(rows) - _FIRST - _LAST, "step")
    return [*rows[:_FIRST], Row("…", f"{left} more", "note"), *rows[-_LAST:]]


def _told(moment: Moment) -> str:
    """Return what happened, with the evidence."""
    what = str(moment.what)
    if moment.what in _APPLIED and moment.word is not None:
        what += f" ({phrases.rise(moment.word, moment.before, moment.after)})"
    elif moment.what is What.SKIPPED:
        what += ": in seen"
    elif moment.what is What.REUSED and moment.word is not None:
        what += f" ({word(moment.word)})"
    if moment.name is not None:
        what = f"{what} ({name(moment.name)})"
    return what if moment.times == 1 else f"{what}, {moment.times} times"


def _whereabouts(life: Life, lab: Lab) -> str:
    """Return where the event is now."""
    now = life.now
    where = ["in seen" if now.seen else "not in seen"]
    if now.checkpoints:
        names = [name(each) for each in now.checkpoints]
        where.append(f"in {phrases.some(names, 3)}")
    if life.due:
        where.append("due" if life.position == lab.source.offset else "waits for its turn")
    else:
        where.append("acknowledged")
    return " · ".join(where)


def _without(otherwise: tuple[Otherwise, ...], text: str, lab: Lab) -> list[Row]:
    """Return a row for each mechanism that makes a difference, and one or two for the others."""
    if any(each.end is None for each in otherwise):
        return [Row("without", "a mechanism: the session is too long to try", "note")]
    rows = [(_counterfactual(each, text), _look(each)) for each in otherwise if each.differs]
    on = lab.processor.mechanisms._asdict()
    same = [each.mechanism for each in otherwise if not each.differs]
    off = [each for each in same if not on[SWITCHES[each]]]
    same = [each for each in same if each not in off]
    if same:
        rows.append((f"{', '.join(same)}: no difference so far", "note"))
    if off:
        rows.append((f"{', '.join(off)}: off as it is", "note"))
    return [Row("" if place else "without", *row) for place, row in enumerate(rows)]


def _counterfactual(other: Otherwise, text: str) -> str:
    """Return what the event would be without a mechanism: in the end, or else by now."""
    judged = str(other.judgement).upper()
    if other.judgement in _WRONG and other.end is not None:
        return f"{other.mechanism}: {judged}, in the end {_effect(other.end, text)}"
    now = "" if other.now is None else f"now {_effect(other.now, text)}; "
    return f"{other.mechanism}: {now}in the end {judged}"


def _look(other: Otherwise) -> str:
    return "wrong" if other.judgement in _WRONG else ""


def _effect(effect: Effect, text: str) -> str:
    waiting = f"{effect.pending} pending · " if effect.pending else ""
    return f"{text} {effect.word_count} · {waiting}{effect.sink} in the sink"


def _outputs(pending: int, sink: int) -> str:
    """Return how many outputs there are, and where."""
    return f"{pending} pending · {sink} in the sink"
