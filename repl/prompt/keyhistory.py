"""The lines typed before, kept between sessions in the platform's state folder."""

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from repl.files import state_folder


def key_history() -> tuple[History, str | None]:
    """Return the history to use, and a warning where it cannot be kept."""
    path = state_folder() / "history"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as fault:
        return InMemoryHistory(), f"cannot keep the history in {path}: {fault.strerror}"
    return FileHistory(str(path)), None
