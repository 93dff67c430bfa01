"""How a lesson's line is read as a command: by the declarations of the prompt, and nothing run."""

from typing import Any

from core.errors import Refused, refused
from core.lab import commands as c
from core.lab.lab import Lab
from core.lab.language import split
from lessons.lint import Language
from lessons.model import Typed
from lessons.way import STEPPING
from repl import exchange, registry
from repl.render import View


class _Bench:
    """What a command's declaration asks a session for: the laboratory."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab


def read(line: str, lab: Lab) -> Typed:
    """Read a line as the prompt would. Raises Refused; touches no file."""
    registry.load()
    if line.lstrip().startswith("{"):
        _, command = exchange.read(line)
        name = "init" if command is None else command.verb
        return Typed(name, "drive", command)
    words = split(line)
    if not words:
        raise refused("there is no command", "process hello")
    declared = registry.find(words[0], prefixes=False)
    bench: Any = _Bench(lab)
    if declared.group not in STEPPING:
        return Typed(declared.name, declared.group, None)
    declared.check(bench, words[1:])
    if declared.name == "feed":  # words alone: a lesson's feed reads no file
        fed = tuple(word for each in words[1:] for word in each.split())
        return Typed("feed", declared.group, c.Feed(fed))
    made = declared.handler(bench, *words[1:])
    made_step = None if isinstance(made, View) else made
    return Typed(declared.name, declared.group, made_step)


def name(line: str, lab: Lab) -> Typed | None:
    """Return which command a person typed, by its beginning too; None where it is none."""
    verb, _, rest = line.strip().partition(" ")
    try:
        if not verb.startswith("{"):
            verb = registry.find(verb, prefixes=True).name
        return read(f"{verb} {rest}", lab)
    except Refused:
        return None


def language() -> Language:
    """Return what the prompt understands."""
    return Language(read, {each.name: each.group for each in registry.load().values()})
