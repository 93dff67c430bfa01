"""What is said around the steps: help from the registry's declarations, and JSON."""

import json

from core.errors import Refused
from core.lab import commands as c
from core.lab.history import History
from repl import registry
from repl.export import data
from repl.render import notes
from tests.repl.render.sessions import TROUBLE, drawn, wild


class Said:
    """What an outcome of the session holds."""

    def __init__(self, **held: object) -> None:
        """Hold a step, a view or the wire."""
        self.step = held.get("step")
        self.view = held.get("view")
        self.wire = held.get("wire", ())
        self.failed = held.get("failed", False)


def as_json(line: str, history: History | None = None, **held: object) -> dict[str, object] | None:
    """Return what came of a line, through JSON and back."""
    after = History() if history is None else history
    shown = data.as_json(Said(**held), line, after)  # type: ignore[arg-type]  # it looks like one
    assert shown is None or json.loads(json.dumps(shown)) == shown
    return shown


def test_a_step_as_json_has_its_verdict_facts_and_changes() -> None:
    """One object a step, made of plain values."""
    made = History()
    shown = as_json("process hello", made, step=made.do(c.Process(None, "hello")))
    assert shown is not None
    assert shown["step"] == 1
    assert shown["command"] == "process e1 hello"
    assert shown["verdict"] == "APPLIED"
    facts, changes = shown["facts"], shown["changes"]
    assert isinstance(facts, list)
    assert isinstance(changes, dict)
    assert facts[0]["fact"] == "Applied"
    assert facts[0]["event_id"] == "e1"
    assert changes["pending_added"] == [{"event_id": "e1", "word": "hello", "count": 1}]


def test_every_step_can_be_put_as_json() -> None:
    """Whatever happened, the facts survive the way through JSON."""
    commands = [*TROUBLE, *(step.command for step in wild(7, 60).steps)]
    made = History()
    for command in commands:
        try:
            step = made.do(command)
        except Refused:
            continue
        assert as_json("", made, step=step) is not None


def test_a_line_without_an_outcome_has_no_json() -> None:
    """A comment says nothing."""
    assert as_json("# nothing") is None


def test_a_view_as_json_is_its_plain_text() -> None:
    """What is looked at comes as lines."""
    view = notes.expected("count a == 1", met=False, found="count a is 0")
    shown = as_json("expect count a == 1", view=view, failed=True)
    assert shown == {
        "command": "expect count a == 1",
        "failed": True,
        "text": ["NOT MET (count a == 1; found count a is 0)"],
    }


def test_a_refusal_is_two_lines_with_what_to_type_instead() -> None:
    """One line says what is wrong, the other what to do."""
    shown = drawn(notes.refused("e1 is an id", "retry e1"))
    assert shown.splitlines() == ["REFUSED: e1 is an id", "  try      retry e1"]


def test_wire_lines_are_printed_whole() -> None:
    """A request is shown as it was sent, whatever its length."""
    line = json.dumps({"type": "process", "word": "x" * 1000})
    assert notes.wire_lines([line]).plain() == line
    assert drawn(notes.wire_lines([line]), 80).replace("\n", "") == line


def test_help_fits_a_small_terminal_and_names_every_command() -> None:
    """The list of commands is read without scrolling."""
    declared = registry.load()
    view = notes.commands(declared.values(), registry.GROUPS)
    shown = drawn(view)
    assert shown.count("\n") <= 23
    assert all(name in shown and name in view.plain() for name in declared)


def test_every_command_can_be_explained() -> None:
    """Help of one command shows its use, what it does, and an example."""
    for declared in registry.load().values():
        view = notes.command(declared)
        for shown in (" ".join(drawn(view).split()), view.plain()):
            assert declared.usage in shown
            assert declared.summary in shown
            assert f"{declared.example}" in shown
