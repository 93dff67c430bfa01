"""The ids and words of a session, each once, with the text that stands for it.

The player names them by their place in this list. So two that look alike (an escape
character, and the four letters that stand for one) stay two, and a long session stays small.
"""

from core.outputs import EventId
from repl.render.theme import as_typed
from repl.render.wording import word

_MOST = 2000
"""Characters of an id or a word that are kept."""


class Names:
    """A growing list of texts; `texts[place]` is what one reads."""

    def __init__(self) -> None:
        """Start with none."""
        self.texts: list[str] = []
        self._places: dict[tuple[bool, EventId], int] = {}

    def name(self, value: EventId) -> int:
        """Return the place of an id or a checkpoint's name."""
        return self._place(value, number=isinstance(value, int))

    def word(self, text: str) -> int:
        """Return the place of a word."""
        return self._place(text, number=False)

    def _place(self, value: EventId, *, number: bool) -> int:
        key = (number, value)
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = len(self.texts)
            self.texts.append(f"int:{value}" if number else shown(str(value)))
        return place


def shown(text: str) -> str:
    """Return a text as one reads it, at its length."""
    return as_typed(word(text, _MOST))
