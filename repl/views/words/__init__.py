"""The words of a step: every sentence a student reads for one stands in this package.

`deliveries.py` has those for events, `saves.py` for checkpoints and commits, `faults.py`
for what breaks, `phrases.py` what they all use.
"""

from collections.abc import Callable
from typing import Any

from core.lab import facts as f
from core.lab.lab import Lab, Step
from repl.views.report import Report
from repl.views.words import deliveries, faults, saves

_Tell = Callable[[Any, Step, Lab | None], Report]

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


def report(step: Step, lab: Lab | None = None) -> Report:
    """Return what is said of a step; `lab`, as it is right after it, adds some evidence.

    Costs what the step did, whatever the session holds.
    """
    first, last = step.facts[0], step.facts[-1]
    if isinstance(last, f.Crashed):
        return faults.crashed(last, step, lab)
    if isinstance(first, f.Applied | f.Skipped | f.Reused):
        return deliveries.delivered(step, lab)
    return _TELLERS[type(first)](first, step, lab)
