"""`.cast`: a recording for asciinema, format version 2, as if the session had been typed.

A header, then an event a line: the second, `o` for output, the text.
"""

import json

from core.lab.history import History
from repl.export.transcript import read, shown
from repl.render.terminal import WIDTH

_HEIGHT = 24
_KEY, _ANSWER, _THINK = 0.05, 0.25, 1.6
"""Seconds between keys, until the answer, and until the next command."""
_TYPED = 60
"""Characters that are typed one by one; what goes beyond comes at once."""


def export(history: History) -> str:
    """Return the recording of a session."""
    steps = len(history.steps)
    header = {
        "version": 2,
        "env": {"SHELL": "oncelab", "TERM": "xterm-256color"},
        "width": WIDTH,
        "height": _HEIGHT,
        "title": f"Oncelab: {steps} step{'' if steps == 1 else 's'}",
    }
    film = _Film()
    for prompt, command, view in read(history):
        film.say(prompt)
        film.type(command)
        film.say(f"{shown(view, colour=True)}\n", _ANSWER)
        film.wait(_THINK)
    film.say("")
    return "\n".join([json.dumps(header), *film.events]) + "\n"


class _Film:
    """The events so far; time goes on with each."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self._at = 0.0

    def wait(self, seconds: float) -> None:
        self._at += seconds

    def say(self, text: str, after: float = 0) -> None:
        """Print a text; a terminal wants a carriage return before each new line."""
        self.wait(after)
        self.events.append(json.dumps([round(self._at, 3), "o", text.replace("\n", "\r\n")]))

    def type(self, text: str) -> None:
        """Type a text and press Enter."""
        for key in text[:_TYPED]:
            self.say(key, _KEY)
        self.say(text[_TYPED:] + "\n", _KEY)
