"""The durable half: what a processor did, kept where a crash cannot reach it.

`changes.py`   what there is to write down, and how a store refuses
`recorder.py`  a processor that notes its changes, and does them again
`rows.py`      the tables, and what stands in them
`file.py`      the file they are in, and who has it
`sqlite.py`    the store: one transaction a batch
`node.py`      a node that answers only when that is on disk
`disk.py`      a store as the prompt has it: with a process that can be killed
`verify.py`    whether a file holds what it should
"""
