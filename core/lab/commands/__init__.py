"""The commands of the laboratory, faults included, as immutable values: one class each.

A person, a script, a lesson and the search all use the same ones. A command says

    verb        how one types it; `aliases`, `arguments`, `example` and the docstring are its help
    read        which command the words after the verb mean; `looks` if they make none
    typed       how it is written, so that it is read as the same again
    offers      which commands of its class are worth trying in this world
    chosen      which choices are filled in, or why it is refused: check first ...
    do          what it does to the world, and the facts of that: ... then apply
    fault       whether it makes a fault (a crash, a lost ack), or calls one off
    switches    whether it switches the mechanisms
    delivers    whether what it sends can reach the processor; `adds`, whether the log grows by it
    size        about how many events it sends
    sweeping    whether it may change any part of the state, so that a step compares all of it
    while_down  whether it can be carried out while the processor is down

To add one: "A new command" in `.github/CONTRIBUTING.md`. How a line is read is in
`core/lab/language.py`.
"""

from core.errors import ErrorKind, Refused
from core.lab.commands.crashes import Crash, Disarm, Restart
from core.lab.commands.deliveries import Feed, Process, Replay, Retry
from core.lab.commands.losses import LoseAck, LoseEvent
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
    """Return a command with its open choices filled in. Raises Refused if it is not possible now.

    Changes nothing.
    """
    if not (world.up or command.while_down):
        hint = "restore" if world.saved and world.kept is None else "restart"
        raise Refused(ErrorKind.TEMPORARILY_UNAVAILABLE, "the processor is down", hint)
    return command.chosen(world)


def typed(command: Command) -> str:
    """Return a command as one types it, on one line; a raw request as its JSON."""
    return command.typed
