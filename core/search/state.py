"""When two states of a search are one: the leanest key that tells their futures apart.

`Lab.freeze` serves every session. In a search more is known, and a third of its time is
spent here, so less is enough:

* the n-th event always has the same id and word: the length of the log stands for the
  log, an id for an event, and outputs need no words;
* mechanisms do not change, and no crash waits between two moves;
* which delivery was the last matters to `lose ack` alone, and only where it was
  acknowledged;
* restores name their checkpoint: the order in which they were saved does not matter.

What there is of the processor is `Lab.held`: while it is down, what a store kept. A wrong
processor may go on writing to what a checkpoint holds, so that is told apart as well.
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

    def of(self, lab: "World") -> Key:
        """Return the key of a state: equal keys, equal futures."""
        processor, source = lab.held, lab.source
        outputs, last = processor.outputs, source.last
        saved = lab.saved and tuple(
            [self._checkpoint(lab, name) for name in self._names if name in lab.saved]
        )
        return (
            lab.up,
            len(source.log),
            source.offset,
            last if last is not None and last < source.offset else -1,
            lab.sink_length,
            outputs.line,
            tuple(outputs.ids),
            outputs.counts.tobytes(),
            tuple(processor.seen),
            tuple(processor.counts.items()),
            saved or None,
        )

    def _checkpoint(self, lab: "World", name: "CheckpointId") -> Key:
        """Return what a checkpoint holds.

        A place in the journal never holds anything else, so it is read once; and its seen
        says all, as a restore leaves out what is in the sink by then. A copy is read each
        time, as a wrong processor may write to it.
        """
        saved, processor = lab.saved[name], lab.held
        known = self._read.get(id(saved))
        if known is not None:
            return known[1]
        copy = processor.saved(name)
        seen = None if copy.seen is None else tuple(copy.seen)
        if processor.journaled and processor.mechanisms.exact:
            key: Key = (name, saved.offset, seen)
            self._read[id(saved)] = (saved, key)
            return key
        tied = copy.counts is processor.counts, copy.seen is processor.seen
        return (name, saved.offset, seen, tuple(copy.counts.items()), tuple(copy.pending), tied)
