"""The commands of the laboratory, as the prompt has them.

What they are stands in `core/lab/commands/`. Only a prompt reads a file to feed, and shows the
mechanisms where a switch has nothing to switch to.
"""

from collections.abc import Sequence

from core.errors import Mistyped
from core.lab import language
from core.lab.commands import Command, Feed
from core.lab.declaration import Declaration
from repl import files
from repl.commands import arguments
from repl.registry import COMMANDS, Guard, PromptCommand, free
from repl.render import View
from repl.session import Session


def _at_prompt(declared: Declaration) -> PromptCommand:
    """Return a command of the laboratory as one of the prompt."""
    verb = declared.name

    def handler(session: Session, *words: str) -> Command | View:
        command = language.made(verb, _read(session, words) if verb == Feed.verb else words)
        if command is not None:
            return command
        from repl.render import tables

        return tables.mechanisms(session.lab, *words)

    return PromptCommand(
        **{**vars(declared), "arguments": tuple(map(arguments.at_prompt, declared.arguments))},
        handler=handler,
        guard=_switches(verb) if language.KINDS[verb].switches else free,
        stops=verb == Feed.verb,
    )


def _switches(verb: str) -> Guard:
    """Return what bars a switch where a store keeps every mechanism on; a look is free."""

    def bar(session: Session, words: Sequence[str]) -> None:
        if not language.KINDS[verb].looks(words):
            session.lab.durability.can_switch()

    return bar


def _read(session: Session, words: Sequence[str]) -> Sequence[str]:
    """Return the words to feed: of a file, where one is named. Raises Mistyped."""
    if len(words) != 1 or not (set("/.") & set(words[0]) or files.is_file(words[0])):
        return words
    try:
        return [files.read(words[0], lambda: session.on_progress(0))]
    except files.UnreadableFile as fault:
        raise Mistyped(str(fault), Feed.example) from None


COMMANDS.update((verb, _at_prompt(each)) for verb, each in language.COMMANDS.items())
