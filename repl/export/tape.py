"""The state of a session as a start and one change a step: what the player plays.

A long session holds a large state at every step; what a step changes is small. So the
tape costs what happened, not how much there was. A command that may change anything (a
crash, a restore, a rollback) is read off two whole states.

A change is a mapping with what differs and nothing else:

    up, offset, off, armed    the new value
    log, sink                 what was appended
    seen, pending             [how many stay, what follows them]
    counts                    [[word, count]...]; a count of 0 takes the word out
    words                     all of the counts, where their order changed
    saved                     [[name, what it holds]...], each put at the end
    clean                     the run without a fault: {counts, outputs, line}

Words and ids are places in `Names`. Below `line` stands what the run without a fault has
committed by then: it commits as far into the log as this one has.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from core.lab.lab import Lab, Step
from core.mechanisms import SWITCHES, Mechanisms
from core.outputs import Output
from core.processor import Processor
from repl.export.names import Names
from repl.render import wording
from repl.render.theme import as_typed

Change = dict[str, Any]


class Tape:
    """Reads the changes off a laboratory while it goes from step to step."""

    def __init__(self, lab: Lab) -> None:
        """Begin with a laboratory as it is before the first step; `start` is its state."""
        self.names = Names()
        self._clean = _Clean(self.names)
        self._up, self._offset, self._armed = True, 0, ""
        self._off: list[str] = []
        self._logged = self._committed = 0
        self._seen: list[int] = []
        self._pending: list[list[int]] = []
        self._counts: dict[int, int] = {}
        self._saved: dict[str | int, str] = {}
        self.start = self._swept(lab)
        self.start["saved"] = [self._checkpoint(lab, name) for name in lab.saved]

    def change(self, step: Step, lab: Lab) -> Change:
        """Return what one step changed; `lab` is the laboratory right after it."""
        wrong = not lab.faithful
        sweeping = wrong or self._armed or step.command.sweeping
        change = self._swept(lab) if sweeping else self._told(step, lab)
        names = dict.fromkeys((*_saved(step), *(self._moved(lab) if wrong else ())))
        saved = [self._checkpoint(lab, name) for name in names]
        return change | ({"saved": saved} if saved else {})

    def _told(self, step: Step, lab: Lab) -> Change:
        """Return the change of a step that only adds and commits. Costs what it changed."""
        word = self.names.word
        counts = [[word(each), pair[1]] for each, pair in step.changes.counts.items()]
        self._counts.update((place, count) for place, count in counts)
        change: Change = {"counts": counts} if counts else {}
        seen = lab.state.seen
        added = list(islice(reversed(seen), len(seen) - len(self._seen)))[::-1]
        if added:
            new = [self.names.name(each) for each in added]
            change["seen"] = [len(self._seen), new]
            self._seen += new
        outputs = lab.state.outputs
        total, before = len(outputs) - outputs.committed, len(self._pending)
        if step.changes.pending_removed:
            change["pending"], self._pending = [0, []], []
        elif total > before:
            tail = outputs.slice(outputs.committed + before, len(outputs))
            change["pending"] = [before, self._outputs(tail)]
            self._pending += change["pending"][1]
        return change | self._common(lab)

    def _swept(self, lab: Lab) -> Change:
        """Return the change between the state known and this one, whatever differs."""
        processor, change = lab.state, Change()
        counts = {self.names.word(each): count for each, count in processor.counts.items()}
        if counts != self._counts or list(counts) != list(self._counts):
            change |= _counted(self._counts, counts)
            self._counts = counts
        seen = [self.names.name(each) for each in processor.seen]
        pending = self._outputs(processor.pending)
        for part, before, after in (
            ("seen", self._seen, seen),
            ("pending", self._pending, pending),
        ):
            if before != after:
                stays = _alike(before, after)
                change[part] = [stays, after[stays:]]
        self._seen, self._pending = seen, pending
        return change | self._common(lab)

    def _common(self, lab: Lab) -> Change:
        """Return the change of what only grows, and of single values."""
        source, outputs = lab.source, lab.state.outputs
        log = source.log[self._logged :]
        sink = self._outputs(outputs.slice(self._committed, outputs.committed))
        self._logged, self._committed = len(source.log), outputs.committed
        change: Change = {}
        if log:
            change["log"] = [[self.names.name(each), self.names.word(word)] for each, word in log]
        if sink:
            change["sink"] = sink
        clean = self._clean.change(lab, len(log), len(sink))
        if clean:
            change["clean"] = clean
        return change | self._single(lab)

    def _single(self, lab: Lab) -> Change:
        now = (lab.up, lab.source.offset, lab.armed or "", _off(lab.state.mechanisms))
        was = (self._up, self._offset, self._armed, self._off)
        self._up, self._offset, self._armed, self._off = now
        names = ("up", "offset", "armed", "off")
        return {
            name: value for name, value, old in zip(names, now, was, strict=True) if value != old
        }

    def _outputs(self, outputs: Sequence[Output]) -> list[list[int]]:
        return _encoded(self.names, outputs)

    def _checkpoint(self, lab: Lab, name: str | int) -> list[Any]:
        self._saved[name] = held = _in_it(lab, name)
        return [self.names.name(name), held]

    def _moved(self, lab: Lab) -> list[str | int]:
        """Return the checkpoints from the first on that a wrong processor let change, in order."""
        names = list(lab.saved)
        changed = [n for n, name in enumerate(names) if self._saved.get(name) != _in_it(lab, name)]
        return names[changed[0] :] if changed else []


def _in_it(lab: Lab, name: str | int) -> str:
    """Return what a checkpoint holds now."""
    return as_typed(wording.holding(lab.checkpoint(name)))


class _Clean:
    """The run of the log so far with every mechanism on and no fault: one engine, kept going."""

    def __init__(self, names: Names) -> None:
        self._names, self._processor, self._line = names, Processor(), 0

    def change(self, lab: Lab, logged: int, committed: int) -> Change:
        """Return what so many new entries of the log, and outputs in the sink, change in it."""
        change: Change = {}
        log, outputs, processor = lab.source.log, lab.state.outputs, self._processor
        new = log[len(log) - logged :]
        if new:
            counts = {word: processor.process(event_id, word)[0] for event_id, word in new}
            change["counts"] = [[self._names.word(word), n] for word, n in counts.items()]
            clean = processor.outputs
            tail = clean.slice(len(clean) - logged, len(clean))
            change["outputs"] = _encoded(self._names, tail)
        out = outputs.ids[outputs.committed - committed : outputs.committed]
        line = 1 + max((lab.source.positions[each] for each in out), default=-1)
        if line > self._line:
            self._line = change["line"] = line
        return change


def _encoded(names: Names, outputs: Sequence[Output]) -> list[list[int]]:
    return [[names.name(each), names.word(word), count] for each, word, count in outputs]


def _saved(step: Step) -> list[str | int]:
    """Return the names of the checkpoints that a step saved."""
    from core.lab.facts import Saved

    return [fact.name for fact in step.facts if isinstance(fact, Saved)]


def _off(mechanisms: Mechanisms) -> list[str]:
    return [switch for switch, field in SWITCHES.items() if not getattr(mechanisms, field)]


def _counted(before: dict[int, int], after: dict[int, int]) -> Change:
    """Return how the counts changed: word by word, or as a whole where that loses the order."""
    pairs = [[word, 0] for word in before if word not in after]
    pairs += [[word, count] for word, count in after.items() if before.get(word) != count]
    trial = {word: count for word, count in before.items() if word in after} | after
    return {"counts": pairs} if list(trial) == list(after) else {"words": list(after.items())}


def _alike(before: Sequence[object], after: Sequence[object]) -> int:
    """Return how many entries, from the first on, are the same."""
    pairs = zip(before, after, strict=False)
    differing = (place for place, (old, new) in enumerate(pairs) if old != new)
    return next(differing, min(len(before), len(after)))
