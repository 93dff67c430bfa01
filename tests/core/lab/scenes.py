"""What the tests of the laboratory share: shorthands, whole states, a naive reader of lines."""

import json
import shlex
from collections.abc import Callable, Hashable, Sequence

from hypothesis import strategies as st

from core.errors import Refused
from core.lab import commands as c
from core.lab.disk import Disk
from core.lab.durability import Pretended
from core.lab.durable import OnDisk
from core.lab.faults import CrashPoint
from core.lab.history import History
from core.lab.judge import recovery
from core.lab.lab import Lab
from core.mechanisms import PRESETS, SWITCHES, Mechanisms
from core.outputs import EventId, Output


def read(line: str) -> c.Command:
    """Read a line as the prompt's language defines it, in the plainest way there is."""
    if line.startswith("{"):
        body = json.loads(line)
        if body["type"] == "process":
            return c.Process(body["event_id"], body["word"], raw=True)
        name = body["checkpoint_id"]
        return c.Checkpoint(name) if body["type"] == "checkpoint" else c.Restore(name)
    verb, *rest = shlex.split(line)
    return _READERS[verb](*rest)


def pretended() -> Lab:
    """Return a laboratory on a store that is pretended."""
    return Lab(durability=Pretended)


def on_disk(disk: Disk) -> Lab:
    """Return one on a real store."""
    return Lab(durability=lambda: OnDisk(disk))


def recover(lab: Lab) -> None:
    """Bring a run to its end."""
    for command in recovery(lab):
        lab.apply(command)


def _process(*words: str) -> c.Command:
    *event_id, word = words
    return c.Process(event_id[0] if event_id else None, word)


def _crash(point: str | None = None) -> c.Command:
    if point == "off":
        return c.Disarm()
    return c.Crash(None if point is None else CrashPoint(point))


def _restore(name: str | None = None) -> c.Command:
    number = name.removeprefix("int:") if name else name
    return c.Restore(name if name == number else int(number or 0))


_READERS: dict[str, Callable[..., c.Command]] = {
    "process": _process,
    "retry": c.Retry,
    "feed": lambda *text: c.Feed(tuple(word for each in text for word in each.split())),
    "checkpoint": c.Checkpoint,
    "restore": _restore,
    "commit": c.Commit,
    "rollback": c.Rollback,
    "crash": _crash,
    "restart": c.Restart,
    "replay": lambda *offset: c.Replay(*map(int, offset)),
    "lose": lambda _ack: c.LoseAck(),
    "mechanism": lambda name, on: c.Switch(SWITCHES[name], on == "on"),
    "guarantee": c.Guarantee,
}


def history(*lines: str, mechanisms: Mechanisms | None = None) -> History:
    """Carry out these lines."""
    done = History() if mechanisms is None else History(lambda: Lab(mechanisms))
    for line in lines:
        done.do(read(line))
    return done


def lab(*lines: str, mechanisms: Mechanisms | None = None) -> Lab:
    """Return the laboratory after these lines."""
    return history(*lines, mechanisms=mechanisms).lab


def refuse(lab: Lab, command: c.Command) -> Refused | None:
    """Return the refusal of a command, or None if it was carried out."""
    try:
        lab.step(command)
    except Refused as refusal:
        return refusal
    return None


def whole(lab: Lab) -> Hashable:
    """Return everything a laboratory holds, its bookkeeping included."""
    parts = {name: part for name, part in vars(lab).items() if name not in {"processor", "source"}}
    return repr((lab.freeze(), parts, lab.source.positions, lab.source.last))


def outputs(lab: Lab) -> tuple[list[Output], list[Output]]:
    """Return what is pending and what is in the sink."""
    return lab.processor.pending, lab.processor.sink


def ids(outputs: Sequence[Output]) -> list[EventId]:
    """Return the ids of outputs."""
    return [each.event_id for each in outputs]


# What hypothesis draws from: small pools, so that things meet.

some_ids = st.sampled_from(("e1", "e2", "e3", "x"))
some_words = st.sampled_from(("a", "b", "e1", "two words"))
some_names = st.sampled_from(("cp1", "cp2", "my cp"))
switches = st.builds(c.Switch, st.sampled_from(list(SWITCHES.values())), st.booleans())
settings = switches | st.builds(c.Guarantee, st.sampled_from(list(PRESETS)))
_yes, _no = map(st.just, (True, False))
raws = st.builds(c.Process, some_ids | st.sampled_from((1, "1", -7)), some_words, _yes)
_typed = st.builds(c.Process, st.none() | some_ids, some_words, _no)
_drive = (
    *[_typed] * 5,
    st.builds(c.Retry, st.none() | some_ids),
    st.builds(c.Feed, st.lists(st.sampled_from(("a", "e1", "w.", "?")), max_size=4).map(tuple)),
    st.builds(c.Checkpoint, st.none() | some_names),
    *[st.builds(c.Restore, st.none() | some_names)] * 2,
    *[st.just(c.Commit())] * 2,
    st.just(c.Rollback()),
)
_break = (
    st.just(c.Crash()),
    *[st.builds(c.Crash, st.sampled_from(CrashPoint))] * 2,
    st.just(c.Disarm()),
    *[st.just(c.Restart())] * 2,
    *[st.builds(c.Replay, st.none() | st.integers(0, 5))] * 3,
    st.just(c.LoseAck()),
)
schedules = st.one_of(*_drive, *_break)
"""Commands as a person gives them, faults included; the mechanisms stay as they are."""

anything = st.one_of(*_drive, *_break, settings, settings, raws)
"""Every command there is."""
