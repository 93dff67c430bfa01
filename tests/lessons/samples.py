"""A sound lesson to walk, to break and to check; and how one is read in tests."""

from lessons import lint, model, parse
from lessons.runner import Runner
from repl import registry

GOOD = """\
```toml
title = "A sample"
summary = "For tests."
concepts = ["event"]
minutes = 5
start = ["mechanism dedup off"]
teaches = ["process", "retry", "mechanism", "show", "commit"]
```

Something goes *wrong*.

```run
process e1 hello
retry e1
expect count hello == 2
```

So it went wrong.

```predict
after = ["mechanism dedup on", "process e2 world", "retry e2"]
ask = "count world"
```

```try
goal = ["count again == 1", "sink holds e3 once"]
hints = ["A nudge.", "Nearly the answer."]
solution = ["process e3 again", "commit"]
```

```show
show
```

```break
mutant = "no-dedup"
hints = ["A nudge.", "Send it twice."]
```

The end.
"""
RUN, PREDICT, TRY, SHOW, BREAK, END = range(6)
"""The steps of it, from 0."""


def lesson(text: str = GOOD, file: str = "sample.md") -> model.Lesson:
    """Return a lesson."""
    return parse.lesson(text, file)


def runner(text: str = GOOD) -> Runner:
    """Return a walk through a lesson."""
    return Runner(lesson(text))


def findings(text: str, *, taught: set[str] | None = None) -> list[model.Finding]:
    """Return what is wrong with a lesson; outside the course, where everything is taught."""
    commands = registry.load()
    try:
        read = lesson(text)
    except model.LessonError as unsound:
        return list(unsound.findings)
    known = set(commands) if taught is None else taught | set(read.teaches)
    return lint.check_lesson(read, commands, known)


def line_of(text: str, part: str) -> int:
    """Return the number of the first line that holds a text."""
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)
