"""The commands of the laboratory, faults included, as immutable values: one class each.

A person, a script, a lesson and the search all use the same ones. A command says

    verb        how one types it; `aliases`, `arguments`, `example` and the docstring are its help
    read        what the words behind the verb mean
    typed       how it is written, so that it is read as the same again
    offers      what of its kind one may type in this world
    chosen      what is meant by it in this world, or why it is refused there: check first ...
    do          what it does to the world, and the facts of that: ... then apply
    fault       whether it is bad luck
    switches    whether it switches the mechanisms
    delivers    whether what it sends can reach the processor; `adds`, whether the log grows by it
    sweeping    whether it may change anything, so that a step looks at all before and after
    while_down  whether it is for a processor that is down

To make another one: "A new command" in `.github/CONTRIBUTING.md`. How a line is read is in
`core/lab/language.py`.
"""

from core.errors import ErrorKind, Refused
from core.lab.commands.crashes import Crash, Disarm, Restart
from core.lab.commands.deliveries import Feed, LoseAck, LoseEvent, Process, Replay, Retry
from core.lab.commands.saves import Checkpoint, Commit, Restore, Rollback
from core.lab.commands.switches import Guarantee, Switch
from core.lab.world import World

Command = (
    Process
    | Retry
    | Feed
    | Checkpoint
    | Restore
    | Commit
    | Rollback
    | Crash
    | Disarm
    | Restart
    | Replay
    | LoseAck
    | LoseEvent
    | Switch
    | Guarantee
)

__all__ = [
    "Checkpoint",
    "Command",
    "Commit",
    "Crash",
    "Disarm",
    "Feed",
    "Guarantee",
    "LoseAck",
    "LoseEvent",
    "Process",
    "Replay",
    "Restart",
    "Restore",
    "Retry",
    "Rollback",
    "Switch",
    "resolve",
    "typed",
]


def resolve(world: World, command: Command) -> Command:
    """Return a command with what was left to choose filled in. Raises Refused; changes nothing."""
    if not (world.up or command.while_down):
        hint = "restore" if world.saved and world.kept is None else "restart"
        raise Refused(ErrorKind.TEMPORARILY_UNAVAILABLE, "the processor is down", hint)
    return command.chosen(world)


def typed(command: Command) -> str:
    """Return a command as one types it; as its raw JSON line where it cannot be typed."""
    return command.typed
