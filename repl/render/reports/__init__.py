"""The words of a step: every sentence a student reads for one stands in this package.

One module each for the commands of a module in `core/lab/commands/`; what they all use is in
`repl/render/wording.py`. They are made of the facts and changes of the step; what needs the
past is asked of the record of the history.
"""

from collections.abc import Callable
from typing import Any

from core.lab import facts as f
from core.lab.history import History
from core.lab.lab import Step
from repl.render.report import Report, Takes, offered
from repl.render.reports import crashes, deliveries, losses, saves, switches

_Tell = Callable[[Any, Step, History], Report]

TELLERS: dict[type, _Tell] = {
    f.Applied: deliveries.delivered,
    f.Skipped: deliveries.delivered,
    f.Reused: deliveries.reused,
    f.Fed: deliveries.fed,
    f.Replayed: deliveries.replayed,
    f.Saved: saves.saved,
    f.Restored: saves.restored,
    f.Committed: saves.committed,
    f.RolledBack: saves.rolled_back,
    f.Restarted: crashes.restarted,
    f.Armed: crashes.armed,
    f.Disarmed: crashes.disarmed,
    f.AckLost: losses.ack_lost,
    f.EventLost: losses.event_lost,
    f.Switched: switches.switched,
    f.Crashed: crashes.crashed,
}
"""What tells a step, by its first fact; a crash is told by the last. The other facts stand behind
another one."""


def report(step: Step, history: History, takes: Takes | None = None) -> Report:
    """Return what is said of a step of a history.

    `takes` says whether a command is accepted as it stands, right after the step: what is
    not is no hint. Without it there are no hints. Costs what the step did, whatever the
    session holds.
    """
    return offered(_told(step, history), takes)


def _told(step: Step, history: History) -> Report:
    last = step.facts[-1]
    told = last if isinstance(last, f.Crashed) else step.facts[0]
    return TELLERS[type(told)](told, step, history)
