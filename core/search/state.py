"""When a search takes two states for the same: equal `World.key`, equal checkpoints.

A key is made for every command that is tried, so it has only what is needed: whatever else
is in `World.freeze` is the same in all states of a search. The order in which checkpoints were
saved is left out, as a search restores by name. Of a checkpoint that is a place in the
journal only seen is read: a restore computes the rest from seen and the sink.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.checkpoints import CheckpointId
    from core.lab.facts import Saved
    from core.lab.world import World

Key = tuple[object, ...]


class Keys:
    """Makes the keys of one search, and caches what checkpoints hold."""

    def __init__(self) -> None:
        """Begin with an empty cache."""
        self._read: dict[int, tuple[Saved, Key]] = {}

    def of(self, world: "World") -> Key:
        """Return the key of a state, hashable: states with equal keys behave alike from now on."""
        saved = world.saved
        if not saved:
            return world.key()
        names = saved if len(saved) == 1 else sorted(saved, key=str)
        inside = [self._inside(world, name) for name in names]
        return *world.key(), *inside

    def _inside(self, world: "World", name: "CheckpointId") -> Key:
        """Return a hashable value of what a checkpoint holds.

        A place in the journal never changes, so it is read once. A copy is read each time, as a
        mutant may write to it.
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
