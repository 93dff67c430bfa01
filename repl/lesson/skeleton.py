"""The lesson that `oncelab lesson --new` writes: it can be walked as it stands."""

SKELETON = """\
```toml
# The header. TODO: your own title, summary and terms.
title = "TODO: what the student will be able to say"
summary = "TODO: one sentence for the list of lessons."
concepts = ["TODO"]
minutes = 8
# Commands carried out, unseen, before the first step, such as
# ["mechanism dedup off", "process e1 hello"]
start = ["mechanism dedup off"]
```

TODO: begin with something that goes wrong, before any term is named. Write plain Markdown.
Pages are cut by themselves; a line `---` between two paragraphs cuts where you want it.

```run
# Carried out for the student, each command shown as a step.
process e1 hello
retry e1
# Not shown, but --check fails where it does not hold:
expect count hello == 2
```

TODO: say what was seen. Then ask before you tell: nobody types the answer, nor the wrong
ones. They are worked out, the wrong ones by engines that make a well-known mistake.

```predict
after = ["mechanism dedup on", "process e2 world", "retry e2"]
ask = "count world"
# Or in your own words:
# question = "How many worlds are there then?"
```

TODO: say why. Then let the student do it.

```try
# Conditions: count WORD OP N, seen|pending|sink holds ID [once], seen|pending|sink OP N,
# up, down, rule NAME holds|broken. The step is done when all of them hold.
goal = ["count again == 1", "sink holds e3 once"]
hints = [
  "TODO: a nudge: which command sends an event?",
  "TODO: nearly the answer: what is pending comes out with `commit`.",
]
# A shortest way. --check looks for a shorter one.
solution = ["process e3 again", "commit"]
# Where some commands would be a short cut, name those that may be used:
# allow = ["process", "retry", "commit"]
```

A picture of the moment:

```show
show
timeline
```

TODO: a processor to beat, if you like. The names stand in core/mutants.py.

```break
mutant = "no-dedup"
hints = [
  "TODO: a nudge: when does an event arrive twice?",
  "TODO: nearly the answer: send an event, lose its ack, send it again.",
]
```

TODO: **one sentence to take away**, and what it is called elsewhere.
"""
