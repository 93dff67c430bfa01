"""No control character reaches the screen raw, whichever way it came."""

import io
import json
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from repl.cli import main
from repl.session import on_disk
from tests.repl.render.test_hostile import obeyed

EVIL = "\x1b]0;owned\x07\u202e"
"""A title for the window, a bell, and what turns the direction of writing."""
WRITTEN = EVIL.encode("unicode_escape").decode()
"""The same as TOML, JSON and Python spell it."""
TOML = WRITTEN.replace("\\x", "\\u00")

LESSON = f"""\
```toml
title = "{TOML}"
summary = "{TOML}"
concepts = ["{TOML}"]
minutes = 8
```

One.

```run
process {EVIL} hello
```

Two.

```predict
after = ["process e2 '{TOML}'", "retry e2"]
question = "{TOML}?"
ask = "count '{TOML}'"
```

Three.

```try
goal = ["count '{TOML}' == 2"]
task = "{TOML}"
hints = ["{TOML}", "{TOML}"]
solution = ["process e3 '{TOML}'"]
```

End.
"""
SOUND = LESSON.replace(f"process {EVIL} hello", "process e1 hello")
NODE = f"""\
import sys
sys.stderr.write({EVIL!a})
for line in sys.stdin:
    print({EVIL!a}, flush=True)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of files that are full of them."""
    folder = tmp_path_factory.mktemp("evil")
    (folder / f"{EVIL}.lab").write_text(f"process {EVIL} {EVIL}\nshow all\nwhy nothing{EVIL}\n")
    (folder / "words.lab").write_text(
        f"{json.dumps({'type': 'process', 'event_id': EVIL, 'word': EVIL})}\n"
        f"checkpoint 'a{EVIL}'\nshow all\ntimeline\nhistory\ncrash\nexpect count '{EVIL}' == 1\n"
    )
    (folder / "bad.md").write_text(LESSON)
    (folder / "sound.md").write_text(SOUND)
    (folder / "broken.md").write_text(f"```{EVIL}\n```\n")
    (folder / "node.py").write_text(NODE)
    (folder / "record.txt").write_text(f"# oncelab record of {EVIL}\n{EVIL}\n")
    database = sqlite3.connect(folder / "other.db")
    database.execute(f"create table '{EVIL}' (a)")
    database.close()
    session = on_disk(str(folder / "lab.db"))
    session.run(json.dumps({"type": "process", "event_id": EVIL, "word": EVIL}))
    session.run("commit")
    store = session.lab.durability.disk
    assert store is not None
    store.close()
    database = sqlite3.connect(folder / "lab.db")
    with database:
        database.execute("update outputs set word = 'other'")
    database.close()
    return folder


WAYS: dict[str, tuple[Sequence[str], str]] = {
    "an argument": ([EVIL], ""),
    "an option": ([f"--{EVIL}"], ""),
    "a choice": (["store", EVIL, "x"], ""),
    "a number": (["search", "--events", EVIL], ""),
    "a mechanism": (["search", "--without", EVIL], ""),
    "an option of the raw mode": (["node", f"--{EVIL}"], ""),
    "a store of the raw mode": (["node", "--store", f"no{EVIL}/x.db"], ""),
    "a store": (["--store", f"no{EVIL}/x.db"], ""),
    "a script that is not there": (["run", f"no{EVIL}"], ""),
    "a script": (["run", f"{EVIL}.lab", "--keep-going"], ""),
    "its words": (["run", "words.lab", "--keep-going"], ""),
    "its words, as JSON": (["run", "--json", "words.lab", "--keep-going"], ""),
    "standard input": (["run", "-", "--keep-going"], f"{EVIL}\nprocess '{EVIL}'\nload '{EVIL}'\n"),
    "a search of a script": (["search", "words.lab"], ""),
    "an export": (["export", f"no{EVIL}", "-o", f"{EVIL}.txt"], ""),
    "an ending": (["export", "words.lab", "-o", f"x.{EVIL}"], ""),
    "a store to verify": (["store", "verify", "other.db"], ""),
    "a damaged store": (["store", "verify", "lab.db"], ""),
    "a store that is not there": (["store", "verify", f"no{EVIL}"], ""),
    "a lesson's name": (["lesson", EVIL], ""),
    "a lesson that cannot be read": (["lesson", "bad.md"], ""),
    "lessons checked": (["lesson", "--check", "bad.md", "broken.md", f"no{EVIL}.md"], ""),
    "a lesson checked": (["lesson", "--check", "sound.md"], ""),
    "a lesson walked": (
        ["lesson", "sound.md", "--script", "-"],
        f"next\nnext\nhint\nb\na\nnext\nhint\nsolution\nshow\nprocess e3 '{EVIL}'\nnext\n{EVIL}\n",
    ),
    "a record": (["lesson", "--verify", "record.txt", f"no{EVIL}"], ""),
    "a lesson to write": (["lesson", "--new", f"no{EVIL}/x.md"], ""),
    "a lesson written": (["lesson", "--new", f"{EVIL}.md"], ""),
    "progress": (["lesson", "--import", f"no{EVIL}"], ""),
    "a node": (["check", "--cases", "1", "--", sys.executable, "node.py"], ""),
    "a node that is not there": (["check", "--", f"no{EVIL}"], ""),
}


@pytest.mark.parametrize(("arguments", "typed"), WAYS.values(), ids=WAYS)
def test_no_control_character_gets_out(
    folder: Path,
    arguments: Sequence[str],
    typed: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / f"state{EVIL}"))
    monkeypatch.setattr(sys, "argv", ["oncelab", *arguments])
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    with suppress(SystemExit):
        main()
    out, err = capfd.readouterr()
    assert out + err
    assert not obeyed(out)
    assert not obeyed(err)
