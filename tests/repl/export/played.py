"""A tape played: the state that its changes come to, as the page keeps it."""

from typing import Any


class Played:
    """The state that the changes come to, as the page keeps it."""

    def __init__(self, start: dict[str, Any]) -> None:
        """Begin with the start of a tape."""
        self.single: dict[str, Any] = {"up": True, "offset": 0, "armed": "", "off": []}
        self.lists: dict[str, list[Any]] = {part: [] for part in ("log", "sink", "seen", "pending")}
        self.counts: dict[int, int] = {}
        self.saved: dict[int, str] = {}
        self.clean: tuple[dict[int, int], list[Any]] = ({}, [])
        self.line = 0
        self.apply(start)

    def apply(self, change: dict[str, Any]) -> None:
        """Go on by a step."""
        for part in self.single:
            self.single[part] = change.get(part, self.single[part])
        for part in ("log", "sink"):
            self.lists[part] += change.get(part, [])
        for part in ("seen", "pending"):
            stays, added = change.get(part, [len(self.lists[part]), []])
            self.lists[part][stays:] = added
        self.counts = dict(change.get("words", self.counts))
        _count(self.counts, change.get("counts", []))
        for place, held in change.get("saved", []):
            self.saved.pop(place, None)
            self.saved[place] = held
        there = change.get("clean", {})
        _count(self.clean[0], there.get("counts", []))
        self.clean[1].extend(there.get("outputs", []))
        self.line = there.get("line", self.line)


def _count(counts: dict[int, int], pairs: list[list[int]]) -> None:
    for word, count in pairs:
        if count:
            counts[word] = count
        else:
            del counts[word]
