"""The language of the laboratory: from a line to the command it means.

`COMMAND [ARG...] [# comment]`, with the quotes of a POSIX shell; or a raw request as JSON.
Prompt, scripts and lessons read commands here. Reading needs no laboratory and no file: which
event an id means, for example, is decided when the command is carried out.
"""

import shlex
from collections.abc import Sequence
from typing import get_args

from core.errors import Mistyped, refused
from core.lab.commands import Command
from core.lab.declaration import Declaration, find

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
    if line.lstrip().startswith("{"):
        from core.lab.wire_form import read as read_request  # noqa: PLC0415 - no json at the start

        command = read_request(line)[1]
    else:
        words = split(line)
        if not words:
            raise refused("there is no command", "process hello")
        declared = find(words[0], COMMANDS)
        declared.check(words[1:])
        command = made(declared.name, words[1:])
    if command is None:
        raise refused(f"{line!r} makes no step", "process hello")
    return command


def made(verb: str, words: Sequence[str]) -> Command | None:
    """Return the command of a verb and its arguments, which were checked already.

    None for `mechanism` and `guarantee` without arguments: these only show what is on.
    """
    kind = KINDS[verb]
    if kind.switches and not words:
        return None
    command = kind.read(*words)
    assert isinstance(command, Command)
    return command


def split(line: str) -> list[str]:
    """Return the words of a line, without its comment.

    Raises Mistyped where a quote is left open or a backslash ends the line.
    """
    lexer = shlex.shlex(without_comment(line), posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError as fault:
        if "quotation" in str(fault):
            raise Mistyped("a quote is left open", 'process "two words"') from None
        text = "a backslash ends the line, with nothing behind it to take literally"
        raise Mistyped(text, "process 'a\\'") from None


def without_comment(line: str) -> str:
    """Cut off a comment: a `#` outside quotes that begins a word."""
    quote = ""
    previous = " "
    escaped = False
    for place, character in enumerate(line):
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "#" and previous.isspace():
            return line[:place]
        previous = character
    return line
