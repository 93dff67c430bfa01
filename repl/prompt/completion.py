"""Completion as you type, made from the registry: commands, then what can stand behind them.

Nothing is offered that is refused here as it stands or goes on, or that would change nothing. It
is asked at every key, so whatever is asked of a session is quick, however long that is.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import count, islice

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from core.errors import Mistyped, Refused
from core.lab import language
from core.lab.declaration import Argument, Choice
from core.lab.letters import escaped
from core.lab.words import BLANKS, Quoted, joined, split, written
from core.mechanisms import SWITCHES, guarantee
from repl import files, registry
from repl.registry import PromptCommand
from repl.session import Session

_FILES = {"FILE", "TEXT|FILE"}
_READS = {"load", "feed"}
"""The commands that read the file they name; others write it, and are offered none there is."""
_FRESH = "session.lab"
_MOST = 200
"""Choices offered at once, and entries of a folder."""
_TRIED = 20
"""Ways to go on that are tried before a command is taken for one that can do nothing here."""


class CommandCompleter(Completer):
    """Offers what the declarations say can stand at the cursor, with its meaning."""

    def __init__(self, session: Session) -> None:
        """Complete for this session: its ids, words and checkpoints."""
        self._session = session

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Yield the completions of the word before the cursor."""
        del complete_event
        line = document.text_before_cursor.split("\n")[-1]
        try:
            words = split(line)
        except Mistyped:
            return
        typed = "" if not line or line[-1] in BLANKS else words[-1] if words else ""
        if line.lstrip().startswith("{") or (typed and not line.endswith(typed)):
            return  # raw JSON, or a quoted word: better nothing than something wrong
        for word, meaning in offered(self._session, words if not typed else words[:-1], typed):
            yield Completion(
                spelled(word),
                -len(typed),
                display=escaped(word),
                display_meta=escaped(meaning),
            )


def spelled(word: str) -> str:
    """Return a word as one types it, in quotes where the prompt's language needs them."""
    safe = written(word)
    bare = not safe.startswith("$") and word != "?" and not isinstance(word, Quoted)
    with suppress(Mistyped):
        if bare and split(word) == [word]:
            return word
    return safe


def offered(session: Session, behind: Sequence[str], typed: str) -> Iterator[Choice]:
    """Yield the words that begin with `typed` and can stand behind these, with their meaning."""
    try:
        declared = registry.find(behind[0], prefixes=True) if behind else None
    except Mistyped:
        return
    if declared is None:
        choices: Iterable[Choice] = _commands(session, typed)
    elif declared.name == "expect":
        choices = _conditions(session, behind[1:])
    else:
        choices = _arguments(session, declared, behind[1:], typed)
    begun = (each for each in choices if each[0].startswith(typed))
    yield from islice(begun, _MOST)


def _commands(session: Session, typed: str) -> Iterator[Choice]:
    for declared in registry.COMMANDS.values():
        if declared.name.startswith(typed) and _does_something(session, declared):
            yield declared.name, declared.summary


def _arguments(
    session: Session, declared: PromptCommand, words: Sequence[str], typed: str
) -> Iterator[Choice]:
    """Yield what can stand behind a command and these words; of a file, also folders."""
    argument = argument_at(declared, len(words))
    if argument is None or not _does_something(session, declared):
        return
    choices = argument.offered(session)
    if argument.name in _FILES:
        reads = declared.name in _READS
        names = () if reads else choices or [(_FRESH, "a new file")]
        yield from _files(typed, names, reads=reads)
        return
    for choice in choices:
        if choice[0].startswith(typed) and _goes_on(session, declared, [*words, choice[0]]):
            yield choice


def _conditions(session: Session, words: Sequence[str]) -> Iterable[Choice]:
    """Return what can come next in a condition that begins with these words."""
    from core.lab.grammar import expected, quantity  # the prompt starts without

    commands, behind = registry.COMMANDS, expected(words)
    if behind is None:
        return ()
    if not words:
        return commands["expect"].arguments[0].offered(session)
    if behind.what == "word":
        return commands["process"].arguments[1].offered(session)
    if behind.what == "id":
        return commands["why"].arguments[0].offered(session)
    if behind.what == "number":
        return [(str(quantity(words[:-1]).value(session.lab)), "as it is now")]
    return [(word, "") for word in behind.choices]


def argument_at(declared: PromptCommand, place: int) -> Argument | None:
    """Return the argument at a place from 0; of one of many words only the first."""
    return declared.arguments[place] if place < len(declared.arguments) else None


# What does something here.


def _does_something(session: Session, declared: PromptCommand) -> bool:
    """Whether a command is accepted here: alone, as its example, or with what is offered.

    In a lesson one that the present step names is offered also where it has nothing to do.
    """
    guide, nothing = session.guide, _NOTHING.get(declared.name)
    named = guide is not None and guide.runner.names(declared.name)
    if nothing is not None and not named and nothing(session):
        return False
    if any(map(session.takes, (declared.name, declared.example))):
        return True
    kinds = language.kinds(declared.name)
    if kinds:
        tried = (each for kind in kinds for each in kind.offers(session.lab, ["hello"]))
        return any(session.lab.refusal(each) is None for each in islice(tried, _TRIED))
    if not (declared.arguments and declared.arguments[0].required):
        return False
    try:
        declared.guard(session, ())
    except Refused:
        return False
    first = declared.arguments[0]
    return first.choices is None or any(True for _ in first.offered(session))


def _goes_on(session: Session, declared: PromptCommand, words: Sequence[str]) -> bool:
    """Whether a command with these words is accepted and does something, or with one more."""
    idle = _IDLE.get(declared.name)
    if idle is not None and idle(session, words):
        return False
    following = argument_at(declared, len(words))
    needs = following is not None and following.required
    if not needs and session.takes(joined((declared.name, *words))):
        return True
    if following is None:
        return False
    more = next(iter(following.offered(session)), ("hello", ""))[0]
    return session.takes(joined((declared.name, *words, more)))


def _switched(session: Session, words: Sequence[str]) -> bool:
    name, *to = words
    now = session.lab.processor.mechanisms
    return name in SWITCHES and to == ["on" if getattr(now, SWITCHES[name]) else "off"]


def _nothing_pending(session: Session) -> bool:
    outputs = session.lab.processor.outputs
    return outputs.committed == len(outputs)


def _no_step(session: Session) -> bool:
    return not session.history.steps


def _no_past(session: Session) -> bool:
    return _no_step(session) and not session.history.undone


def _no_event(session: Session) -> bool:
    return _no_step(session) and not session.lab.source.log


_NOTHING: dict[str, Callable[[Session], bool]] = {
    "commit": lambda session: (
        _nothing_pending(session) and "commit" not in (session.lab.armed or "")
    ),
    "rollback": _nothing_pending,
    "replay": lambda session: session.lab.source.due is None,
    "diff": _no_event,
    "score": _no_event,
    "timeline": _no_step,
    "history": _no_past,
    "reset": lambda session: session.guide is None and _no_past(session),
    "sweep": _no_step,
    "lesson": lambda session: session.lab.durability.final,
}
"""Command → whether it is accepted here, and has nothing to work on."""

_IDLE: dict[str, Callable[[Session, Sequence[str]], bool]] = {
    "mechanism": _switched,
    "guarantee": lambda session, words: words[0] == guarantee(session.lab.processor.mechanisms),
    "crash": lambda session, words: words[0] == (session.lab.armed or "off"),
    "show": lambda session, words: words[0] == "disk" and session.lab.durability.disk is None,
    "wire": lambda session, words: words[0] == ("on" if session.wire else "off"),
}
"""Command → whether these words behind it are accepted, and would change or show nothing."""


# Files.


def _files(typed: str, names: Iterable[Choice], *, reads: bool) -> Iterator[Choice]:
    """Yield paths that begin with `typed`: folders to walk into, and files that can be read.

    What is to be written is offered under `names` alone, with a number where one is there.
    """
    folder, slash, begun = typed.rpartition("/")
    try:
        where = files.place(f"{folder}{slash}" or ".")
        there = sorted(each.name for each in where.iterdir())
    except OSError:  # no such folder, no path at all
        return
    for name, meaning in names:
        if name.startswith(begun):
            yield f"{folder}{slash}{_free(name, there)}", meaning
    for name in there:
        path = where / name
        if not name.startswith(begun) or (name[0] == "." and not begun):
            continue
        with suppress(OSError):  # of a folder that may be listed, and not looked into
            if path.is_dir():
                yield f"{folder}{slash}{name}/", ""
            elif reads and path.is_file() and os.access(path, os.R_OK):
                yield f"{folder}{slash}{name}", ""


def _free(name: str, there: Sequence[str]) -> str:
    """Return a name that nothing there has: `session.lab`, or else `session-2.lab`, ..."""
    stem, dot, ending = name.partition(".")
    numbered = (f"{stem}-{number}{dot}{ending}" for number in count(2))
    return name if name not in there else next(each for each in numbered if each not in there)
