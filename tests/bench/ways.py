"""How many files and calls stand behind what one does: `python -m tests.bench.ways [--files]`.

Each way is gone once before it is traced: what is loaded once is loaded then. Of the product's
own files those are counted that were entered, and the calls of Python functions in them.
"""

import io
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from core.node import Node
from core.processor import Processor
from lessons.progress import Progress
from repl.lesson import entry
from repl.render import notes
from repl.render.terminal import Terminal
from repl.render.theme import UNICODE
from repl.session import Session

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = tuple(f"{ROOT}/{package}/" for package in ("core", "lessons", "repl"))
REQUEST = '{"type": "process", "msg_id": 1, "event_id": "%s", "word": "hello"}'
LOST_ACK = ["git", "grep", "--name-only", "-wE", "LoseAck|AckLost", "--", "core", "lessons", "repl"]
TERMINAL = Terminal(io.StringIO(), colour=True, plain=False, glyphs=UNICODE)


def traced(do: Callable[[], object]) -> Counter[str]:
    """Return the product's files that a call enters, each with how many calls in it."""
    calls: Counter[str] = Counter()

    def heard(frame: FrameType, event: str, _arg: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(PRODUCT):
            calls[frame.f_code.co_filename.removeprefix(f"{ROOT}/")] += 1

    sys.setprofile(heard)
    do()
    sys.setprofile(None)
    return calls


def run(session: Session, line: str) -> None:
    """Carry out a line and draw what comes of it, without what the shell keeps beside."""
    outcome = session.run(line, prefixes=True)
    if outcome.step is not None:
        TERMINAL.show(notes.step(outcome.step, session.history, session.takes))
    for view in (outcome.view, outcome.guidance):
        if view is not None:
            TERMINAL.show(view)


def main() -> None:
    """Go each way twice; print what the second time entered."""
    node, prompt, student = Node(Processor()), Session(), Session()
    node.answer(REQUEST % "e1")
    ways = {"process, by the node": traced(lambda: node.answer(REQUEST % "e2"))}
    run(prompt, "process e1 hello")
    ways["process, at the prompt"] = traced(lambda: run(prompt, "process e2 hello"))
    TERMINAL.show(entry.begin(student, "1", Progress(None)))
    for _ in range(4):  # up to where the next Enter asks a question
        run(student, "")
    ways["predict: the question"] = traced(lambda: run(student, ""))
    ways["predict: an answer"] = traced(lambda: run(student, "a"))
    run(prompt, "checkpoint cp1")
    ways["checkpoint cp1"] = traced(lambda: prompt.run("checkpoint cp1"))
    for way, calls in ways.items():
        drawing = sum(count for file, count in calls.items() if file.startswith("repl/render/"))
        print(f"{way:24} {len(calls):3} files, {calls.total():5} calls, {drawing} to draw")
        if "--files" in sys.argv:
            print(*(f"    {count:5} {file}" for file, count in calls.items()), sep="\n")
    found = subprocess.check_output(LOST_ACK, cwd=ROOT, text=True)
    print(f"{'LoseAck or AckLost':24} {len(found.splitlines()):3} files")


if __name__ == "__main__":
    main()
