"""The five mechanisms that make exactly-once, each with its switch, and the three presets.

This is data alone: what a switch does stands in `core/processor.py` (the first four)
and in `core/lab/source.py` (`source_replay`).
"""

from typing import NamedTuple


class Mechanisms(NamedTuple):
    """Which mechanisms are on. All five together give exactly-once.

    `dedup`
        An id in seen is skipped.
    `seen_in_checkpoints`
        A checkpoint holds seen together with the counts.
    `transactional_output`
        Outputs wait in pending until a commit.
    `idempotent_sink`
        Neither a restore nor a replay stages what the sink already holds.
    `source_replay`
        The source re-sends after a crash, from the restored offset.
    """

    dedup: bool = True
    seen_in_checkpoints: bool = True
    transactional_output: bool = True
    idempotent_sink: bool = True
    source_replay: bool = True

    @property
    def exact(self) -> bool:
        """Whether all that the processor itself has a part in is on (the source is not)."""
        return all(self[:4])


EXACTLY_ONCE = Mechanisms()
AT_LEAST_ONCE = Mechanisms(dedup=False, transactional_output=False)
AT_MOST_ONCE = Mechanisms(source_replay=False)

PRESETS = {
    "exactly-once": EXACTLY_ONCE,
    "at-least-once": AT_LEAST_ONCE,
    "at-most-once": AT_MOST_ONCE,
}

# Typed with hyphens at the prompt, spelled with underscores in Python: `seen-in-checkpoints`.
SWITCHES = {field.replace("_", "-"): field for field in Mechanisms._fields}


def guarantee(mechanisms: Mechanisms) -> str:
    """Return the name of the preset these mechanisms make up, or `custom`."""
    for name, preset in PRESETS.items():
        if preset == mechanisms:
            return name
    return "custom"
