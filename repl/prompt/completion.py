"""Completion as you type, made from the registry: commands, then what can stand behind them."""

from collections.abc import Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from core.errors import Mistyped
from core.lab.declaration import Argument
from core.lab.words import split, written
from repl import registry
from repl.render.theme import escaped
from repl.session import Session

_FILES = {"FILE", "TEXT|FILE"}


class CommandCompleter(Completer):
    """Offers what the declarations say can stand at the cursor, with its meaning."""

    def __init__(self, session: Session) -> None:
        """Complete for this session: its ids, words and checkpoints."""
        self._session = session
        self._paths = PathCompleter(expanduser=True)

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Yield the completions of the word before the cursor."""
        line = document.text_before_cursor.split("\n")[-1]
        try:
            words = split(line)
        except Mistyped:
            return
        typed = "" if not line or line[-1].isspace() else words[-1] if words else ""
        if line.lstrip().startswith("{") or (typed and not line.endswith(typed)):
            return  # raw JSON, or a quoted word: better nothing than something wrong
        behind = words if not typed else words[:-1]
        if not behind:
            yield from _commands(typed)
            return
        argument = argument_at(behind)
        if argument is None:
            return
        if argument.name in _FILES:
            path = Document(typed, len(typed))
            yield from map(_shown, self._paths.get_completions(path, complete_event))
        for choice, meaning in argument.offered(self._session):
            if choice.startswith(typed):
                yield Completion(
                    written(choice),
                    -len(typed),
                    display=escaped(choice),
                    display_meta=escaped(meaning),
                )


def argument_at(words: list[str]) -> Argument | None:
    """Return the argument that comes after these words, if one does."""
    try:
        declared = registry.find(words[0], prefixes=True)
    except Mistyped:
        return None
    place = len(words) - 1  # of an argument of many words the first alone is completed
    return declared.arguments[place] if place < len(declared.arguments) else None


def _shown(path: Completion) -> Completion:
    """Return the completion of a path with its name as it may be shown."""
    return Completion(path.text, path.start_position, display=escaped(path.display_text))


def _commands(typed: str) -> Iterable[Completion]:
    for name, declared in registry.COMMANDS.items():
        if name.startswith(typed):
            yield Completion(name, -len(typed), display_meta=declared.summary)
