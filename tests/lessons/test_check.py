"""`--check`: one bad lesson for each rule, refused at its line, with a mend."""

from pathlib import Path

import pytest

from lessons import catalog, lint
from lessons.model import Finding
from repl import registry
from tests.lessons.samples import GOOD, findings, line_of

NEW_TRY = """\
```try
goal = ["{goal}"]
hints = ["A nudge.", "More."]
solution = {solution}
{more}
```
"""


def _try(goal: str, solution: list[str], more: str = "") -> str:
    """Return the sample with this exercise at its end."""
    written = str(solution).replace("'", '"')
    return GOOD + "\n" + NEW_TRY.format(goal=goal, solution=written, more=more)


BAD = {
    "no header": (GOOD.replace("```toml", "```text", 1), "```text", "does not begin with a header"),
    "a header that is not TOML": (
        GOOD.replace('"A sample"', "A sample"),
        "title = A sample",
        "not TOML",
    ),
    "a second header": (f'{GOOD}\n```toml\nx = "y"\n```\n', "", "a second header"),
    "a missing key": (
        GOOD.replace('summary = "For tests."\n', ""),
        "```toml",
        "summary is missing",
    ),
    "an unknown key in the header": (
        GOOD.replace("minutes = 5", "minutes = 5\nminuts = 5"),
        "minuts",
        "unknown key 'minuts'",
    ),
    "an unknown key in a step": (
        GOOD.replace('ask = "count world"', 'ask = "count world"\nanswer = 1'),
        "answer = 1",
        "unknown key 'answer'",
    ),
    "a value of the wrong type": (
        GOOD.replace("minutes = 5", 'minutes = "5"'),
        'minutes = "5"',
        "minutes is of the wrong type",
    ),
    "a lesson that is too long": (
        GOOD.replace("minutes = 5", "minutes = 21"),
        "minutes = 21",
        "more than 20 minutes",
    ),
    "an unknown fence": (GOOD.replace("```show", "```shoe"), "```shoe", "unknown fence 'shoe'"),
    "a fence without a name": (f"{GOOD}\n```\nlines\n```\n", "", "a fence without a name"),
    "a fence that is never closed": (
        f"{GOOD}\n```run\nretry e1\n",
        "",
        "never closed",
    ),
    "an empty run": (f"{GOOD}\n```run\n# nothing\n```\n", "", "this run is empty"),
    "HTML": (GOOD.replace("The end.", "<b>The end.</b>"), "<b>", "this is HTML"),
    "an image": (GOOD.replace("The end.", "![end](end.png)"), "![end]", "this is an image"),
    "a character no terminal should see": (
        GOOD.replace("The end.", "The \x1b[31mend."),
        "\x1b",
        "cannot be shown",
    ),
    "a condition that is none": (
        GOOD.replace("count again == 1", "count again = 1"),
        "count again = 1",
        "expected",
    ),
    "a question that asks nothing": (
        GOOD.replace('ask = "count world"', 'ask = "world"'),
        'ask = "world"',
        "expected",
    ),
    "one hint only": (
        GOOD.replace('["A nudge.", "Nearly the answer."]', '["A nudge."]'),
        'hints = ["A nudge."]',
        "one hint only",
    ),
    "a goal met before it starts": (
        _try("count world == 1", ["commit"]),
        "```try!",
        "the goal is met before it starts",
    ),
    "a solution that is refused": (
        GOOD.replace('"process e3 again", "commit"', '"process e3 again", "retry e9"'),
        "retry e9",
        "e9 was never sent",
    ),
    "a solution that does not reach the goal": (
        GOOD.replace('"process e3 again", "commit"', '"process e3 again"'),
        'solution = ["process e3 again"]',
        "does not reach sink holds e3 once",
    ),
    "a solution longer than par": (
        GOOD.replace('again", "commit"]\n```', 'again", "commit"]\npar = 1\n```'),
        "```try",
        "the solution takes 2 commands, par is 1",
    ),
    "a solution that goes on behind the goal": (
        GOOD.replace('"process e3 again", "commit"', '"process e3 again", "commit", "retry"'),
        '"retry"]',
        "the goal is met before 'retry'",
    ),
    "a shorter way than the solution": (
        _try("count once == 1", ["commit", "process e4 once"]),
        "```try!",
        "par is 2, but 1 will do: process e4 once",
    ),
    "a solution that may not be used": (
        GOOD.replace('again", "commit"]\n```', 'again", "commit"]\nallow = ["process"]\n```'),
        "solution = ",
        "the solution uses commit, which is not in allow",
    ),
    "an allow that names no command": (
        GOOD.replace(
            'again", "commit"]\n```', 'again", "commit"]\nallow = ["process", "comit"]\n```'
        ),
        "```try",
        "'comit'",
    ),
    "a prediction without a wrong choice": (
        GOOD.replace(
            'after = ["mechanism dedup on", "process e2 world", "retry e2"]', 'after = ["commit"]'
        ),
        "```predict",
        "no wrong engine gives another answer",
    ),
    "a mutant that there is not": (
        GOOD.replace('"no-dedup"', '"no-dedub"'),
        'mutant = "no-dedub"',
        "there is no mutant 'no-dedub'",
    ),
    "a mutant no schedule can expose": (
        GOOD.replace('mutant = "no-dedup"', 'mutant = "no-dedup"\nrule = "commit-whole"'),
        "```break",
        "no schedule was found that exposes no-dedup",
    ),
    "a rule that there is not": (
        GOOD.replace('mutant = "no-dedup"', 'mutant = "no-dedup"\nrule = "sink-one"'),
        'rule = "sink-one"',
        "there is no rule 'sink-one'",
    ),
    "a run that is refused": (
        GOOD.replace("retry e1\nexpect", "retry e9\nexpect"),
        "retry e9",
        "e9 was never sent",
    ),
    "a run that is no command": (GOOD.replace("retry e1\n", "retri e1\n"), "retri", "'retri'"),
    "a run that only looks": (GOOD.replace("retry e1\n", "score\n", 1), "score", "makes no step"),
    "an expectation that does not hold": (
        GOOD.replace("expect count hello == 2", "expect count hello == 1"),
        "expect count",
        "count hello is 2",
    ),
    "an expectation of nothing": (
        GOOD.replace("expect count hello == 2", "expect"),
        "expect!",
        "'expect' fails: expected a condition",
    ),
    "a show that does something": (
        GOOD.replace("```show\nshow\n", "```show\ncommit\n"),
        "```show+",
        "commit does not just look",
    ),
    "a start that is refused": (
        GOOD.replace('start = ["mechanism', 'start = ["retry", "mechanism'),
        "start = ",
        "nothing was sent yet",
    ),
    "a command in teaches that there is not": (
        GOOD.replace('"commit"]\n```\n\nSome', '"comit"]\n```\n\nSome'),
        "```toml",
        "'comit'",
    ),
}


def _at(text: str, marker: str) -> int:
    """Return the line a finding should name: of a marker, the last fence, or the line behind."""
    if not marker:
        fences = [number for number, line in enumerate(text.split("\n"), 1) if line[:3] == "```"]
        closed = text.rstrip().endswith("```")
        return fences[-2] if closed else fences[-1]
    if marker.endswith("!"):
        every = [n for n, line in enumerate(text.split("\n"), 1) if marker[:-1] in line]
        return every[-1]
    if marker.endswith("+"):
        return line_of(text, marker[:-1]) + 1
    return line_of(text, marker)


def test_the_sample_itself_is_sound() -> None:
    assert findings(GOOD) == []
    assert findings(GOOD, taught=set()) == []


@pytest.mark.parametrize("name", BAD)
def test_a_bad_lesson_is_refused_at_its_line_with_a_mend(name: str) -> None:
    text, marker, said = BAD[name]
    found = findings(text)
    assert found, name
    matching = [each for each in found if said in each.text]
    assert matching, [str(each) for each in found]
    assert matching[0].line == _at(text, marker), str(matching[0])
    assert matching[0].mend
    assert str(matching[0]).startswith(f"sample.md:{matching[0].line}: ")


def test_a_command_is_refused_that_neither_this_nor_an_earlier_lesson_teaches() -> None:
    text = GOOD.replace('"retry", ', "")
    found = findings(text, taught={"process"})
    untaught = [each.line for each in found if "retry is not taught" in each.text]
    assert untaught[0] == line_of(text, "retry e1")
    assert findings(text, taught={"retry"}) == []


def test_outside_the_course_every_command_may_be_used() -> None:
    assert (
        findings(GOOD.replace('teaches = ["process", "retry", "mechanism"', 'teaches = ["show"'))
        == []
    )


def test_all_that_is_wrong_is_found_in_one_go() -> None:
    text = GOOD.replace("minutes = 5", "minutes = 50").replace("```show", "```shoe")
    text = text.replace('"no-dedup"', '"nothing"')
    assert len(findings(text)) == 3


def test_two_lessons_of_the_same_number_are_refused(tmp_path: Path) -> None:
    for name in ("01-one.md", "01-two.md"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    found = lint.check(catalog.at(tmp_path), registry.load())
    assert [each.text.split(" is that of ")[0] for each in found] == ["number 1"]


def test_a_file_that_is_not_utf_8_is_refused_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "odd.md"
    file.write_bytes(b"one\ntwo \xff\n")
    found = lint.check(catalog.at(file), registry.load())
    assert found == [Finding(str(file), 2, "this is not UTF-8 text", "save the file as UTF-8")]
