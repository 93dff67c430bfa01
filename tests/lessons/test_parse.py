"""Text into pages: which headings are shown, and with what they stand."""

import pytest

from lessons.model import MOST_LINES
from tests.lessons.samples import GOOD, PREDICT, RUN, lesson

HEADER, REST = GOOD.split("Something goes *wrong*.")


def first(text: str) -> str:
    """Return the text of the first step of a lesson that begins with this."""
    return lesson(f"{HEADER}{text}\n\nSomething goes *wrong*.{REST}").steps[RUN].text


def test_a_heading_at_the_beginning_that_repeats_the_title_is_left_out() -> None:
    assert first("# A sample") == "Something goes *wrong*."


@pytest.mark.parametrize(
    "text", ["# Another sample", "## A sample", "Some text.\n\n# A sample", "# A", "#"]
)
def test_every_other_heading_is_shown(text: str) -> None:
    assert first(text) == f"{text}\n\nSomething goes *wrong*."


def test_the_title_behind_a_step_is_shown() -> None:
    text = GOOD.replace("So it went wrong.", "# A sample\n\nSo it went wrong.")
    assert lesson(text).steps[PREDICT].text == "# A sample\n\nSo it went wrong."


def test_a_heading_goes_to_the_page_of_what_it_heads() -> None:
    """Where that has no room any more on the page of the heading."""
    full = "\n".join(["line"] + [f"- {number}" for number in range(MOST_LINES - 4)])
    head, *_, last = full.partition("\n")
    page, rest, *_ = lesson(f"{HEADER}{head}\n\n{last}\n\n## Head\n\nBehind.{REST}").steps
    assert page.text == f"{head}\n\n{last}"
    assert rest.text == "## Head\n\nBehind."
