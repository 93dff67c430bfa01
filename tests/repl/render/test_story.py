"""The seven steps, to the letter."""

from tests.repl.render.sessions import STORY, drawn, each_step

TRANSCRIPT = """\
[1] > process e1 hello
APPLIED e1: a new id
  counts   + hello  1
  seen     + e1                         1 id
  pending  + (e1, hello, 1)             not visible until commit

[2] > checkpoint cp1
SAVED cp1: hello 1 · 1 seen · 1 pending · offset 1

[3] > process e1 hello
SKIPPED e1: duplicate
  because    e1 is in seen since step 1 (hello, count 0 → 1)
  unchanged  counts, seen, pending
  otherwise  without dedup hello would now be 2: e1 counted twice
  try        why e1 · mechanism dedup off · retry

[4] > process e2 hello
APPLIED e2: a new id
  counts     hello  1 → 2
  seen     + e2                         2 ids
  pending  + (e2, hello, 2)             not visible until commit

[5] > crash
CRASHED: memory is gone
  LOST     counts hello 2 · 2 seen · 2 pending
  KEPT     cp1 (hello 1, 1 seen, 1 pending, offset 1)
           sink 0 · source e1 e2
  try      restore cp1

[6] > restore cp1
RESTORED cp1: hello 1 · 1 seen · 1 pending
  source   offset 2 → 1: e2 is due again
  try      replay

[7] > replay
REPLAYED 1 event: same as before the crash
  e2  APPLIED   hello 1 → 2
"""


def test_the_story_reads_as_it_was_designed() -> None:
    """The seven commands give the seven texts, to the letter."""
    steps = [f"{typed}\n{drawn(view)}" for typed, view in each_step(*STORY)]
    assert "\n".join(steps) == TRANSCRIPT


def test_a_duplicate_is_one_ascii_sentence() -> None:
    """The plain form of a step is one line that says what, and why."""
    _, view = list(each_step(*STORY))[2]
    assert view.plain() == (
        "step 3: process e1 hello: SKIPPED (e1; duplicate; "
        "because e1 is in seen since step 1 (hello, count 0 -> 1); "
        "unchanged counts, seen, pending; "
        "otherwise without dedup hello would now be 2: e1 counted twice; "
        "try why e1, mechanism dedup off, retry)"
    )
