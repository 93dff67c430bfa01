"""The common misconceptions about exactly-once, and what is true instead: data, by number."""

from typing import NamedTuple


class Misconception(NamedTuple):
    """A belief that sounds right and is wrong, with what is true. `number` counts from 1."""

    number: int
    belief: str
    truth: str


_TEXT = (
    (
        "Exactly-once means the code runs once.",
        "It runs as often as it must; the effect is one.",
    ),
    (
        "A snapshot of the counts is enough.",
        "Without seen, a replay doubles; with a seen that did not go back, it loses.",
    ),
    (
        "Save the position first, to be safe.",
        "That is at-most-once: crash, and it is lost.",
    ),
    (
        "Checkpoints cover the output.",
        "What was emitted before the crash is emitted again.",
    ),
    (
        "A crash before the commit: start again and go on.",
        "Only if the events are re-delivered and processed again.",
    ),
    (
        "Rollback throws the outputs away, that is all.",
        "Then the ids stay seen, and the outputs are lost for ever.",
    ),
    (
        "Any checkpoint is safe to go back to.",
        "One older than a commit emits twice, unless the sink knows the ids.",
    ),
    (
        "Readers never see aborted output.",
        "An uncommitted reader does.",
    ),
    (
        "Dedup catches every duplicate.",
        "Not the same payment under a new id; not where seen is forgotten and the counts stay.",
    ),
    (
        "The same id with another word is another event.",
        "The id is the identity.",
    ),
    (
        "A dead worker stays dead.",
        "A slow one wakes up and commits: it must be fenced.",
    ),
    (
        "E-mails are covered too.",
        "What leaves the transaction is at-least-once.",
    ),
)

MISCONCEPTIONS = {
    number: Misconception(number, belief, truth) for number, (belief, truth) in enumerate(_TEXT, 1)
}
