"""Where Oncelab keeps what it remembers: the platform's own folder for that."""

from pathlib import Path


def state_folder() -> Path:
    """Return the folder for history, sessions and progress; it may not exist yet."""
    from platformdirs import user_state_path

    return user_state_path("oncelab", appauthor=False)
