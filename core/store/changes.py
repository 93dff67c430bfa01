"""The changes of a processor and of its source that a store writes.

A change is a list of JSON values, as it is written to the journal:

    ["apply", LENGTH, [ID, WORD, ...]]              events were applied
    ["checkpoint", LENGTH, [], NAME, OUT]           a checkpoint was saved; OUT: size of the sink
    ["restore", LENGTH, [ID, WORD, ...], NAME]      the processor went to a checkpoint
    ["rollback", LENGTH, [ID, WORD, ...]]           what was pending was undone
    ["commit", COUNT]                               so many outputs went to the sink
    ["source", START, [ID, WORD, ...]]              the source's log, from an entry on
    ["offset", OFFSET, NAME]                        the source's offset; NAME: at a checkpoint
    ["effects", [[ID, APPLIED, SHOWN], ...]]        how often, if not once each; null: not known
    ["opened", BY], ["carrying"], ["carried"], ["closed"]        `core/store/sqlite.py`

LENGTH says what became of `seen`: its first LENGTH events stayed, and the listed ones were
added behind them. So seen can be read from the journal without the mechanism, too. After a
snapshot nothing before it matters. Then come: the sink, the events of each branch with the
checkpoints there, the checkpoints once more in the order of saving, the source.

    ["snapshot", 0, []]
    ["sink", START, [ID, WORD, COUNT, ...]]
    ["saved", LENGTH, [], NAME, OUT]                and so on, in the order of saving
    ["whole"]
"""

from typing import Any

Change = list[Any]

LISTS = {"apply", "restore", "rollback", "source", "sink"}
"""Changes with a list that can be split in two. The second half is then an `apply`; that of a
`source` or a `sink` is one of the same kind."""
