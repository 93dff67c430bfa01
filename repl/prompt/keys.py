"""Reading lines from a person's keys: line editing, history, completion, the toolbar."""

import asyncio
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from errno import EINVAL

from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import ColorDepth

from repl import files
from repl.prompt import toolbar
from repl.prompt.completion import CommandCompleter
from repl.render import notes
from repl.render.terminal import Terminal
from repl.session import Session
from repl.signals import ENDING, Terminated


def person(
    session: Session, terminal: Terminal, ask: Callable[[], str], *, vi: bool
) -> Callable[[], str]:
    """Return a reader of lines; `ask` gives what stands before each."""
    keys = KeyBindings()
    begun = ""  # what F1 found on the line, which stands there again behind the help

    @keys.add("f1")
    def _(event: KeyPressEvent) -> None:
        """Ask for help with the command on the line."""
        nonlocal begun
        begun = event.current_buffer.text
        words = begun.split()
        event.current_buffer.text = f"help {words[0]}" if words else "help"
        event.current_buffer.validate_and_handle()

    past, warning = _history()
    if warning is not None:
        terminal.show(notes.warning(warning))
    prompt: PromptSession[str] = PromptSession(
        completer=CommandCompleter(session),
        complete_while_typing=True,
        reserve_space_for_menu=4,
        bottom_toolbar=lambda: toolbar.line(
            session, prompt.default_buffer.text, prompt.output.get_size().columns
        ),
        history=past,
        key_bindings=keys,
        vi_mode=vi,
        enable_suspend=True,
        color_depth=ColorDepth.DEPTH_4_BIT if terminal.colour else ColorDepth.DEPTH_1_BIT,
    )

    def read() -> str:
        nonlocal begun
        default, begun = begun, ""
        with _terminated(prompt) as heed:
            return prompt.prompt(ask(), default=default, pre_run=heed)

    return read


@contextmanager
def _terminated(prompt: PromptSession[str]) -> Iterator[Callable[[], None]]:
    """Inside, SIGTERM and its like end the prompt as a key does: the terminal gets its echo back.

    It gives what the prompt calls when it runs, and raises Terminated at the end.
    """
    before = {number: signal.getsignal(number) for number in ENDING}
    came: list[int] = []

    def leave(number: int) -> None:
        came.append(number)
        if not prompt.app.is_done:
            prompt.app.exit(exception=Terminated(number))

    def heed() -> None:
        for number in ENDING:
            if before[number] is not signal.SIG_IGN:
                asyncio.get_running_loop().add_signal_handler(number, leave, number)

    try:
        yield heed
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            raise Terminated(came[0])


def _history() -> tuple[History, str | None]:
    """Return the lines typed before, and a warning where they cannot be kept."""
    path = files.state_folder() / "history"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            raise OSError(EINVAL, "it is no file")
        files.check(path, over=True)
    except OSError as fault:
        return InMemoryHistory(), f"cannot keep the history in {path}: {fault.strerror}"
    return _Past(str(path)), None


class _Past(FileHistory):
    """The lines typed before, in a file as far as that can be read and written."""

    def load_history_strings(self) -> Iterable[str]:
        """Return them, the last one first."""
        try:
            return list(super().load_history_strings())
        except OSError:
            return []

    def store_string(self, string: str) -> None:
        """Write one down."""
        with suppress(OSError):  # the disk is full by now: the prompt goes on
            super().store_string(string)
