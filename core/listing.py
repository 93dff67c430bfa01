"""The counts as JSON, written anew only where they changed.

A restore answers with every word there is. Where one comes every thousand events, writing
them all each time takes as long as processing the events; few of them have changed.
"""

from itertools import compress
from json.encoder import encode_basestring_ascii as quote
from operator import ne


class CountsText:
    """The JSON object of the counts it was asked for last."""

    def __init__(self) -> None:
        """Begin with none."""
        self._words: list[str] = []
        self._counts: list[int] = []
        self._entries: list[str] = []

    def of(self, counts: dict[str, int]) -> str:
        """Return `counts` as `json.dumps` prints them."""
        words, numbers = list(counts), list(counts.values())
        same = min(len(words), len(self._words))
        if words[:same] != self._words[:same]:
            same = 0
        entries = self._entries[:same]
        for place in compress(range(same), map(ne, numbers, self._counts)):
            entries[place] = f"{quote(words[place])}: {numbers[place]}"
        entries += [f"{quote(words[n])}: {numbers[n]}" for n in range(same, len(words))]
        self._words, self._counts, self._entries = words, numbers, entries
        return f"{{{', '.join(entries)}}}"
