"""The store: what a processor did, kept on disk, where it survives a crash.

`changes.py`   the changes that are written, as JSON values
`recorder.py`  a processor that notes its changes, and does written ones again
`rows.py`      the tables, and how changes become rows
`file.py`      the file they are in, and the lock that says which process has it
`sqlite.py`    the store: one transaction for each batch
`node.py`      a node that replies only when the effect is on disk
`verify.py`    whether a file holds what it should

The process that writes the store of a prompt, and can be killed, is in `core/lab/disk.py`.
"""
