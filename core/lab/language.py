"""The language of the laboratory: from a line to the command it means.

`COMMAND [ARG...] [# comment]`, in words and quotes as in `core/lab/words.py`; or a raw request
as JSON.
Prompt, scripts and lessons read commands here. Reading needs no laboratory and no file: which
event an id means, for example, is decided when the command is carried out.
"""

from collections.abc import Sequence
from typing import get_args

from core.errors import refused
from core.lab.commands import Command
from core.lab.declaration import Declaration, find
from core.lab.words import joined, split

KINDS: dict[str, type[Command]] = {}
"""Each verb with the class that reads it, in the order of help."""

for _kind in get_args(Command):
    KINDS.setdefault(_kind.verb, _kind)

COMMANDS = {
    verb: Declaration(
        name=verb,
        group=kind.group,
        example=kind.example,
        help=kind.__doc__ or "",
        arguments=kind.arguments,
        aliases=kind.aliases,
        synonyms=kind.synonyms,
    )
    for verb, kind in KINDS.items()
}
"""Every command of the laboratory by its verb."""


def kinds(verb: str) -> list[type[Command]]:
    """Return the classes of a verb: `crash` has two. None if it is no verb of the laboratory."""
    return [kind for kind in get_args(Command) if kind.verb == verb]


def read(line: str) -> Command:
    """Read a line as a command. Raises Refused, with a hint what to type, if it is none."""
    hint = "process hello"
    if line.lstrip().startswith("{"):
        from core.lab.wire_form import read as read_request  # noqa: PLC0415 - no json at the start

        command = read_request(line)[1]
    else:
        words = split(line)
        if not words:
            raise refused("there is no command", hint)
        declared = find(words[0], COMMANDS)
        declared.check(words[1:])
        command = made(declared.name, words[1:])
        hint = joined([declared.name, *words[1:], *split(declared.example)[len(words) :]])
    if command is None:
        raise refused(f"{line!r} makes no step", hint)
    return command


def made(verb: str, words: Sequence[str]) -> Command | None:
    """Return the command of a verb and its arguments, which were checked already.

    None where they only ask what there is, as `mechanism` does.
    """
    kind = KINDS[verb]
    if kind.looks(words):
        return None
    command = kind.read(*words)
    assert isinstance(command, Command)
    return command
