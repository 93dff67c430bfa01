"""The durable half: what a processor did, kept where a crash cannot reach it.

`changes.py`   what there is to write down, and the protocol `Store`
`recorder.py`  a processor that notes its changes
`node.py`      a node that answers only when they are on disk
`memory.py`    a store that forgets with the process
`sqlite.py`    a store on SQLite; `schema.py` is its tables, `writer.py` fills them, `load.py`
               and `sink.py` read them back
`redo.py`      the log before the tables, `wal.py` a look at SQLite's own, `file.py` where
               all of it stands, `lock.py` who has it
`source.py`    the source's log and offset, which live there at the prompt
`disk.py`      a store as the prompt has it: with a process, `worker.py`, that can be killed
`verify.py`    whether a file holds what it should

Nothing here imports sqlite3 unless it is about SQLite.
"""
