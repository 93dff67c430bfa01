"""`.html`: the player, one file that works without a network and fetches nothing.

The page is data and one program. The session stands in it as JSON that no parser of HTML
can mistake for markup, and a Content-Security-Policy allows the one style sheet and the
one script below, by their digests, and nothing else at all.
"""

import json
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Any

from core.lab.history import History
from repl.export.captions import caption, faulty, meanings
from repl.export.moments import moments
from repl.export.tape import Tape


def export(history: History) -> str:
    """Return the player of a session."""
    return page(data(history))


def data(history: History) -> dict[str, Any]:
    """Return what the player plays: the start, and for each step what is said and changed."""
    start = history.at(0)
    tape = Tape(start)
    steps = []
    fault, undone = None, history.record.undone()
    for place, (step, lab) in enumerate(moments(history), 1):
        told = caption(step, history, lab, tape.names)
        steps.append(told | {"lost": step.number in undone, "change": tape.change(step, lab)})
        if fault is None and faulty(step):
            fault = place
    if tape.start.get("off") or not history.lab.faithful:
        fault = 0
    return {
        "start": tape.start,
        "durable": history.lab.durability.lasting,
        "steps": steps,
        "fault": fault,
        "names": tape.names.texts,
        "commands": meanings(history.steps),
    }


def page(played: dict[str, Any]) -> str:
    """Return the page that plays this."""
    style, script = _template("player.css"), _template("player.js")
    parts = {
        "POLICY": _policy(style, script),
        "STYLE": style,
        "SCRIPT": script,
        "DATA": embedded(played),
    }
    text = _template("page.html")
    before, *sections = text.split("{{")
    filled = [before]
    for section in sections:  # in one pass: what is filled in is never searched
        name, _, rest = section.partition("}}")
        filled += [parts[name], rest]
    return "".join(filled)


def embedded(value: object) -> str:
    """Return JSON that may stand in a script element, whatever the texts in it are."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _template(name: str) -> str:
    return files("repl.export").joinpath("player", name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
