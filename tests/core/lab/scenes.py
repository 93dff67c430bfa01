"""What the tests of the laboratory share: shorthands, whole states, pools to draw from."""

from collections.abc import Hashable, Sequence

from hypothesis import strategies as st

from core.errors import Refused
from core.lab import commands as c
from core.lab.crash_points import CrashPoint
from core.lab.disk import Disk
from core.lab.durability import Pretended
from core.lab.history import History
from core.lab.judge import recovery
from core.lab.lab import Lab
from core.lab.language import read
from core.lab.on_disk import OnDisk
from core.mechanisms import PRESETS, SWITCHES, Mechanisms
from core.outputs import EventId, Output


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


_SPECIAL = "'\"\\$#?{} -\n\r\t\0\x1b\x85\xa0\u2028\ufeff\u200d\ud800\udfff"
ODD = st.text(st.characters() | st.sampled_from(_SPECIAL), max_size=6) | st.sampled_from(
    ("?", "#x", "{a}", "$'", "$'a'", "-1", "5", "int:5", "'int:5'", " a ", "a\n")
)
"""Words as nobody should type them."""


# What hypothesis draws from: small pools, so that things meet.

_ids = st.sampled_from(("e1", "e2", "e3", "x"))
_words = st.sampled_from(("a", "b", "e1", "two words"))
_names = st.sampled_from(("cp1", "cp2", "my cp"))
_yes, _no = map(st.just, (True, False))
_raws = st.builds(c.Process, _ids | st.sampled_from((1, "1", -7)), _words, _yes)

POOL: dict[type[c.Command], tuple[int, st.SearchStrategy[c.Command]]] = {
    c.Process: (5, st.builds(c.Process, st.none() | _ids, _words, _no)),
    c.Retry: (1, st.builds(c.Retry, st.none() | _ids)),
    c.Feed: (
        1,
        st.builds(c.Feed, st.lists(st.sampled_from(("a", "e1", "w.", "?")), max_size=4).map(tuple)),
    ),
    c.Checkpoint: (1, st.builds(c.Checkpoint, st.none() | _names)),
    c.Restore: (2, st.builds(c.Restore, st.none() | _names)),
    c.Commit: (2, st.just(c.Commit())),
    c.Rollback: (1, st.just(c.Rollback())),
    c.Crash: (3, st.builds(c.Crash, st.sampled_from((None, None, *CrashPoint)))),
    c.Disarm: (1, st.just(c.Disarm())),
    c.Restart: (2, st.just(c.Restart())),
    c.Replay: (3, st.builds(c.Replay, st.none() | st.integers(0, 5))),
    c.LoseAck: (1, st.just(c.LoseAck())),
    c.LoseEvent: (1, st.builds(c.LoseEvent, st.none() | _words)),
    c.Switch: (
        2,
        st.builds(
            c.Switch,
            st.sampled_from(list(SWITCHES.values())),
            st.sampled_from((True, False)),
        ),
    ),
    c.Guarantee: (2, st.builds(c.Guarantee, st.sampled_from(list(PRESETS)))),
}
"""How each command is drawn, and how often."""

schedules = st.one_of(
    *(each for kind, (often, each) in POOL.items() if not kind.switches for _ in range(often))
)
"""Commands as a person gives them, faults included; the mechanisms stay as they are."""

anything = st.one_of(*(each for often, each in POOL.values() for _ in range(often)), _raws)
"""Every command there is."""
