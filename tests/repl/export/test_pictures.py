"""README's pictures are current: each carries the digest of what it shows."""

import xml.etree.ElementTree as ET

from tests.repl.export import pictures

AGAIN = "run `python -m tests.repl.export.pictures`"


def test_the_picture_of_the_prompt_is_current() -> None:
    made = pictures.PROMPT.read_text(encoding="utf-8")
    assert f"<!-- {pictures.prompt_digest()} -->" in made, AGAIN


def test_the_picture_of_the_player_is_current() -> None:
    assert pictures.mark(pictures.PLAYER.read_bytes()) == pictures.player_digest(), AGAIN


def test_the_picture_of_the_prompt_is_of_the_run_as_it_was() -> None:
    """Each step is drawn with the laboratory as it was then."""
    made = pictures.prompt().replace("&#160;", " ")
    assert "e2: a new id" in made
    assert "[6 down] &gt; " in made


def test_the_picture_of_the_prompt_fetches_nothing() -> None:
    made = pictures.prompt()
    ET.fromstring(made)  # noqa: S314 - made a line above
    assert "@font-face" not in made
    assert made.count("http") == 1  # the name of the language


def test_the_pictures_are_small() -> None:
    assert pictures.PROMPT.stat().st_size < 60_000
    assert pictures.PLAYER.stat().st_size < 150_000
