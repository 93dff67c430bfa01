"""The words of a step: every sentence a student reads for one stands in this package.

`deliveries.py` has those for events, `saves.py` for checkpoints and commits, `faults.py`
for what breaks, `phrases.py` what they all use. They are made of the step's facts and
changes; what needs the past is asked of the history's record.
"""

from collections.abc import Callable
from typing import Any

from core.lab import facts as f
from core.lab.history import History
from core.lab.lab import Step
from repl.render.report import Report, Takes, offered
from repl.render.words import deliveries, faults, saves

_Tell = Callable[[Any, Step, History], Report]

_TELLERS: dict[type, _Tell] = {
    f.Fed: deliveries.fed,
    f.Replayed: deliveries.replayed,
    f.Saved: saves.saved,
    f.Restored: saves.restored,
    f.Committed: saves.committed,
    f.RolledBack: saves.rolled_back,
    f.Restarted: faults.restarted,
    f.Armed: faults.armed,
    f.Disarmed: faults.disarmed,
    f.AckLost: faults.ack_lost,
    f.Switched: faults.switched,
}


def report(step: Step, history: History, takes: Takes | None = None) -> Report:
    """Return what is said of a step of a history.

    `takes` says whether a command is accepted as it stands, right after the step: what is
    not is no hint. Without it there are no hints. Costs what the step did, whatever the
    session holds.
    """
    return offered(_told(step, history), takes)


def _told(step: Step, history: History) -> Report:
    first, last = step.facts[0], step.facts[-1]
    if isinstance(last, f.Crashed):
        return faults.crashed(last, step, history)
    if isinstance(first, f.Applied | f.Skipped | f.Reused):
        return deliveries.delivered(step, history)
    return _TELLERS[type(first)](first, step, history)
