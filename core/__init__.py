"""The engine of Oncelab: exactly-once stream processing, its laboratory, search and store.

The names in `__all__` are for notebooks and tests; everything else may change. Each is
imported when it is first used, so that `python -m core` imports only what it needs. Nothing is
imported before, not even from Python (`core/start.py`).
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from core.errors import Refused
    from core.examiner.conformance import check
    from core.lab import commands, facts
    from core.lab.history import History
    from core.lab.lab import Lab, Step
    from core.mechanisms import EXACTLY_ONCE, Mechanisms
    from core.node import Node
    from core.processor import Processor
    from core.rules import RULES
    from core.search.explore import explore
    from core.search.sweep import sweep
    from core.store.sqlite import SqliteStore

__version__ = "0.1.0"

__all__ = [
    "EXACTLY_ONCE",
    "RULES",
    "History",
    "Lab",
    "Mechanisms",
    "Node",
    "Processor",
    "Refused",
    "SqliteStore",
    "Step",
    "check",
    "commands",
    "explore",
    "facts",
    "sweep",
]

_HOMES = {
    "EXACTLY_ONCE": "mechanisms",
    "RULES": "rules",
    "History": "lab.history",
    "Lab": "lab.lab",
    "Mechanisms": "mechanisms",
    "Node": "node",
    "Processor": "processor",
    "Refused": "errors",
    "SqliteStore": "store.sqlite",
    "Step": "lab.lab",
    "check": "examiner.conformance",
    "commands": "lab.commands",
    "explore": "search.explore",
    "facts": "lab.facts",
    "sweep": "search.sweep",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used. Raises AttributeError for other names."""
    if name not in _HOMES:
        raise AttributeError(f"module 'core' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    home = import_module(f"core.{_HOMES[name]}")
    found: object = home if name in {"commands", "facts"} else getattr(home, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__, "__version__"]
