"""What is said where mechanisms are switched."""

from core.lab.facts import Switched
from core.lab.history import History
from core.lab.lab import Step
from core.mechanisms import SWITCHES, guarantee, meaning
from repl.render.report import Report, Row


def switched(fact: Switched, _step: Step, _history: History) -> Report:
    """Report a change of mechanisms, and what goes wrong without them."""
    changed = [
        (switch, getattr(fact.after, field))
        for switch, field in SWITCHES.items()
        if getattr(fact.before, field) != getattr(fact.after, field)
    ]
    if not changed:
        return Report("SWITCHED", "it was so already", subject="nothing")
    rows = tuple(
        Row(
            "on" if on else "off",
            f"{switch}: {meaning(switch, fact.after)}",
            "kept" if on else "wrong",
        )
        for switch, on in changed
    )
    promise = guarantee(fact.after)
    if len(changed) == 1:
        switch, on = changed[0]
        subject = f"{switch} {'on' if on else 'off'}"
        return Report("SWITCHED", f"the guarantee is {promise}", rows, subject)
    off = [switch for switch, field in SWITCHES.items() if not getattr(fact.after, field)]
    headline = f"without {', '.join(off)}" if off else "every mechanism is on"
    return Report("SWITCHED", headline, rows, promise)
