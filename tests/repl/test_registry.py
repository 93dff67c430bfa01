"""The registry: what holds for every command there is, and how a mistyped one is answered."""

from collections.abc import Iterable

import pytest

from core.errors import Mistyped
from core.lab.declaration import Declaration
from repl import registry
from repl.session import Session

COMMANDS = registry.load()
EVERY = pytest.mark.parametrize("declared", COMMANDS.values(), ids=list(COMMANDS))


def story() -> Session:
    """Return a session in which every command has something to work on."""
    session = Session()
    for line in ("process e1 hello", "checkpoint cp1", "process e2 world", "commit", "undo"):
        session.run(line)
    return session


@EVERY
def test_a_command_says_what_it_does_in_one_short_line(declared: Declaration) -> None:
    assert declared.summary
    assert len(declared.summary) <= 76
    assert declared.summary[0].isupper()


@EVERY
def test_a_command_stands_in_a_group_of_help(declared: Declaration) -> None:
    assert declared.group in registry.GROUPS


@EVERY
def test_an_example_is_a_line_of_that_command(declared: Declaration) -> None:
    assert declared.example.split()[0] == declared.name
    declared.check(declared.example.split()[1:])


def _names() -> Iterable[str]:
    for declared in COMMANDS.values():
        yield declared.name
        yield from declared.aliases


def test_no_two_commands_share_a_name_or_an_alias() -> None:
    names = list(_names())
    assert len(names) == len(set(names))


def test_a_synonym_is_no_command_and_means_but_one() -> None:
    synonyms = [synonym for declared in COMMANDS.values() for synonym in declared.synonyms]
    assert len(synonyms) == len(set(synonyms))
    assert not set(synonyms) & set(_names())


@EVERY
def test_every_name_and_alias_finds_its_command(declared: Declaration) -> None:
    for name in (declared.name, *declared.aliases):
        assert registry.find(name, prefixes=False) is declared


@EVERY
def test_a_word_too_many_is_named(declared: Declaration) -> None:
    if declared.arguments and declared.arguments[-1].many:
        return
    words = [next((name for name, _ in each.offered(story())), "1") for each in declared.arguments]
    with pytest.raises(Mistyped, match="'extra' is one word too many"):
        declared.check([*words, "extra"])


@EVERY
def test_a_missing_word_is_named_with_an_example(declared: Declaration) -> None:
    if not any(each.required for each in declared.arguments):
        return
    with pytest.raises(Mistyped, match=f"{declared.name} needs ") as caught:
        declared.check([])
    assert caught.value.hint == declared.example


@EVERY
def test_a_word_that_cannot_stand_in_a_closed_place_is_named(declared: Declaration) -> None:
    for place, argument in enumerate(declared.arguments):
        if argument.closed is not None:
            before = [next(iter(each.offered(story())))[0] for each in declared.arguments[:place]]
            with pytest.raises(Mistyped, match="not 'nonsense'"):
                declared.check([*before, "nonsense"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("procces", "process"),
        ("comit", "commit"),
        ("kill", "crash"),
        ("snapshot", "checkpoint"),
        ("recover", "restore"),
        ("COMMIT", "commit"),
        ("abort", "rollback"),
        ("xyzzy", "help"),
    ],
)
def test_an_unknown_command_gets_one_suggestion(typed: str, meant: str) -> None:
    with pytest.raises(Mistyped, match="there is no command") as caught:
        registry.find(typed, prefixes=True)
    assert caught.value.hint == meant


def test_a_unique_beginning_is_enough_at_the_prompt_alone() -> None:
    assert registry.find("chec", prefixes=True).name == "checkpoint"
    with pytest.raises(Mistyped):
        registry.find("chec", prefixes=False)


def test_a_beginning_of_several_commands_names_them() -> None:
    with pytest.raises(Mistyped, match=r"'re' can be .*retry.*restore"):
        registry.find("re", prefixes=True)


FORCING = ["save", "export"]


@EVERY
def test_a_command_that_can_be_forced_is_found_with_its_mark_and_no_other(
    declared: registry.PromptCommand,
) -> None:
    assert declared.forces == (declared.name in FORCING)
    if declared.forces:
        forced = registry.find(f"{declared.name}!", prefixes=False)
        assert forced.usage == declared.usage.replace(declared.name, f"{declared.name}!", 1)
        assert forced.name in declared.details.replace("\n", " ")
        assert f"{declared.name}!" not in COMMANDS
    else:
        with pytest.raises(Mistyped):
            registry.find(f"{declared.name}!", prefixes=True)


def test_the_beginning_of_a_forced_command_is_echoed_in_full_and_explained() -> None:
    session = Session()
    outcome = session.run("sa! /dev/null", prefixes=True)
    assert outcome.name == "save!"
    with pytest.raises(Mistyped) as fault:
        session.run("sa! /dev/null")
    assert session.takes(fault.value.hint)
    view = session.run("help save!").view
    assert view is not None
    assert view.plain().startswith("save! FILE")
