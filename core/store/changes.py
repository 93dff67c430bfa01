"""What a store is told: the changes of a processor and of its source.

A change is a list of JSON values, as it stands in the journal:

    ["apply", LENGTH, [ID, WORD, ...]]              events were applied
    ["checkpoint", LENGTH, [], NAME, OUT]           a checkpoint was saved, OUT outputs were out
    ["restore", LENGTH, [ID, WORD, ...], NAME]      the processor went to a checkpoint
    ["rollback", LENGTH, [ID, WORD, ...]]           what was pending was undone
    ["commit", COUNT]                               so many outputs went to the sink
    ["source", START, [ID, WORD, ...]]              the source's log, from an entry on
    ["offset", OFFSET, NAME]                        the source's offset, now or at a checkpoint
    ["effects", [[ID, APPLIED, SHOWN], ...]]        how often, if not once each; or nobody knows
    ["opened", BY], ["carrying"], ["carried"], ["closed"]        `core/store/sqlite.py`

LENGTH says what it did to `seen`: that was cut to its first events, and these came behind.
So what is seen can be told without the mechanism, too. A snapshot begins anew: the sink,
the events of each branch with the checkpoints there, the checkpoints once more, the source.

    ["snapshot", 0, []]
    ["sink", START, [ID, WORD, COUNT, ...]]
    ["saved", LENGTH, [], NAME, OUT]                and so on, in the order of saving
    ["whole"]
"""

from typing import Any

Change = list[Any]

LISTS = {"apply", "restore", "rollback", "source", "sink"}
"""Changes that can be cut in two; the second half then is an `apply`, or like the first."""
