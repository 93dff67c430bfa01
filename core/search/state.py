"""When two states of a search are one: `World.key`, and what the checkpoints hold.

A third of a search's time is spent here, so no more is told apart than has to be: what
`World.freeze` has beside it does not vary in a search. There, a restore names its
checkpoint, so the order in which they were saved does not matter; and of one that is a place
in the journal its seen says all, as a restore leaves out what is in the sink by then.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.checkpoints import CheckpointId
    from core.lab.facts import Saved
    from core.lab.world import World

Key = tuple[object, ...]


class Keys:
    """Makes the keys of one search; keeps what checkpoints hold, once read.

    `names` are all the names that the search saves under.
    """

    def __init__(self, names: tuple["CheckpointId", ...]) -> None:
        """Begin with nothing read."""
        self._names = names
        self._read: dict[int, tuple[Saved, Key]] = {}

    def of(self, world: "World") -> Key:
        """Return the key of a state: equal keys, equal futures."""
        saved = world.saved
        if not saved:
            return world.key()
        inside = [self._inside(world, name) for name in self._names if name in saved]
        return *world.key(), *inside

    def _inside(self, world: "World", name: "CheckpointId") -> Key:
        """Return what a checkpoint holds.

        A place in the journal never holds anything else, so it is read once. A copy is read
        each time, as a wrong processor may write to it.
        """
        saved = world.saved[name]
        known = self._read.get(id(saved))
        if known is not None:
            return known[1]
        held = world.state
        if not held.journaling:
            return name, saved.offset, held.inside(name)
        key = name, saved.offset, tuple(held.saved(name).seen or ())
        self._read[id(saved)] = saved, key
        return key
