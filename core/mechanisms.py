"""The mechanisms that together make exactly-once, each with its switch, and the presets.

This is only data: what a mechanism does is in `core/processor.py` and `core/checkpoints.py`,
and for source-replay in `core/lab/world.py`.
"""

from typing import NamedTuple


class Mechanisms(NamedTuple):
    """Which mechanisms are on; the function `meaning` says what each of them does."""

    dedup: bool = True
    seen_in_checkpoints: bool = True
    transactional_output: bool = True
    idempotent_sink: bool = True
    source_replay: bool = True

    @property
    def exact(self) -> bool:
        """Whether all mechanisms of the processor are on (source-replay is the source's)."""
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

_MEANINGS = {
    "dedup": ("an id in seen is skipped", "a lost ack or a replay counts an event twice"),
    "seen-in-checkpoints": (
        "a checkpoint is saved with seen",
        "a checkpoint is saved without seen: its restore leaves that as it is",
    ),
    "transactional-output": (
        "outputs wait in pending until a commit",
        "outputs go out at once: crash and replay emit them again",
    ),
    "idempotent-sink": (
        "what the sink holds is not put into pending again",
        "a restore to before a commit emits its outputs again",
    ),
    "source-replay": (
        "the source sends again what was not acknowledged",
        "the source sends once, and nothing again by itself",
    ),
}
"""What each mechanism does, and what goes wrong without it."""

_PAST_THE_CHECK = "outputs go straight to the sink, past its check"


def meaning(switch: str, now: Mechanisms) -> str:
    """Return in words what a mechanism (as typed) does, or what goes wrong if it is off `now`."""
    does, without = _MEANINGS[switch]
    if not getattr(now, SWITCHES[switch]):
        return without
    past = switch == "idempotent-sink" and not now.transactional_output
    return _PAST_THE_CHECK if past else does


def guarantee(mechanisms: Mechanisms) -> str:
    """Return the name of the preset with just these mechanisms, or `custom`."""
    for name, preset in PRESETS.items():
        if preset == mechanisms:
            return name
    return "custom"
