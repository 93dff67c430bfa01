"""The player in a real browser: what it shows is what the engine says, and nothing else happens."""

from pathlib import Path

import pytest

from core.lab.changes import picture
from core.lab.history import History
from core.lab.lab import Lab
from core.outputs import EventId, Output
from repl.export.moments import moments
from repl.export.names import shown
from repl.render.reports import report
from tests.repl.export.browser import Browser
from tests.repl.export.golden import GOLDEN, HOSTILE, exported, hostile, long
from tests.repl.render.sessions import STORY, TROUBLE, played, wild

PLACE = "document.querySelector('nav [aria-current]').querySelector('.number').textContent"
VALUES = """(() => {
  const all = (chosen) => Array.from(document.querySelectorAll(chosen));
  const texts = (chosen) => all(chosen).map((each) => each.textContent);
  return Array.from({ length: run.steps.length + 1 }, (_, at) => {
    show(at);
    const parts = {};
    for (const list of document.querySelectorAll("#values ul")) {
      parts[list.dataset.part] = Array.from(list.children, (each) => each.textContent);
    }
    return { ...parts, power: texts("svg .power"), verdict: texts("#verdict")[0],
      boxes: texts("svg.wide-machine .line:nth-of-type(2)"), headline: texts("#headline")[0],
      same: texts("#same")[0] };
  });
})()"""


def identity(value: EventId) -> str:
    """Return an id as the page shows it."""
    return f"int:{value}" if isinstance(value, int) else shown(value)


def output(out: Output) -> str:
    """Return an output as the page shows it."""
    return f"({identity(out.event_id)}, {shown(out.word)}, {out.count})"


def values(lab: Lab) -> dict[str, list[str]]:
    """Return what the page should list of a state."""
    now = picture(lab)
    log = [(identity(each), shown(word)) for each, word in lab.source.log]
    marks = [
        "acked" if n < now.offset else "due  " if n == now.offset else "waits"
        for n in range(len(log))
    ]
    return {
        "source": [
            f"{mark}  {each}  {word}" for mark, (each, word) in zip(marks, log, strict=True)
        ],
        "seen": [identity(each) for each in now.seen],
        "counts": [f"{shown(word)}  {count}" for word, count in now.counts.items()],
        "pending": [output(each) for each in now.pending],
        "sink": [output(each) for each in now.sink],
    }


@pytest.mark.parametrize(
    "history",
    [played(*GOLDEN), played(*TROUBLE), hostile(), wild(3)],
    ids=["golden", "trouble", "hostile", "wild"],
)
def test_every_steps_values_in_the_page_are_the_engines(
    history: History, browser: Browser, tmp_path: Path
) -> None:
    browser.open(exported(history, tmp_path))
    pages = browser("evaluate", VALUES)
    assert len(pages) == len(history.steps) + 1
    for page, (step, lab) in zip(pages[1:], moments(history), strict=True):
        expected = values(lab)
        assert {part: page[part] for part in expected} == expected
        told = report(step, history)
        subject = f" {told.subject}" if told.subject else ""
        assert page["verdict"] == f"{told.verdict}{subject}:"
        assert page["headline"].removesuffix(" (lost or undone later)") == told.headline
        power = "processor UP" if lab.up else "processor DOWN: memory is gone"
        assert page["power"] == [power, power]


def arrived(step: int) -> str:
    """Return an expression for the place shown, as soon as a link has led to this step."""
    link = f"location.hash === '#step-{step}'"
    event = "new Promise(done => setTimeout(done))"  # a turn of the page's events
    return f"(async () => {{ while (!({link})) await {event}; await {event}; return {PLACE}; }})()"


def test_a_jump_shows_what_the_walk_showed(browser: Browser, tmp_path: Path) -> None:
    """Back and forth, from whichever copy of the state is near."""
    browser.open(exported(long(400), tmp_path))
    jumped = """(() => {
      const told = (id) => document.getElementById(id).textContent;
      const at = (step) => {
        goTo(step);
        showValues();
        showBeside();
        return told("values") + told("compared");
      };
      const walked = Array.from({ length: 401 }, (_, step) => at(step));
      const jumps = Array.from({ length: 200 }, (_, turn) => (turn * 173) % 401);
      return [frames.length, jumps.filter((step) => at(step) !== walked[step])];
    })()"""
    kept, wrong = browser("evaluate", jumped)
    assert kept >= 2
    assert wrong == []


def test_the_run_without_a_fault_stands_beside(browser: Browser, tmp_path: Path) -> None:
    browser.open(exported(played(*STORY), tmp_path))
    same = [page["same"] for page in browser("evaluate", VALUES)]
    assert same == ["SAME"] * 5 + ["DIFFERENT", "DIFFERENT", "SAME"]
    rows = browser("evaluate", "show(6), document.getElementById('compared').textContent")
    assert "counts hello121 missing" in rows


def test_without_a_fault_there_is_nothing_beside(browser: Browser, tmp_path: Path) -> None:
    browser.open(exported(played(*STORY[:2]), tmp_path))
    assert browser("evaluate", "document.getElementById('beside').hidden") is True


def test_the_arrows_home_and_end_go_from_step_to_step(browser: Browser, tmp_path: Path) -> None:
    browser.open(exported(played(*STORY), tmp_path))
    seen = []
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "End", "ArrowRight", "ArrowLeft", "Home"):
        browser("press", key)
        seen.append(browser("evaluate", PLACE))
    assert seen == ["1", "2", "1", "7", "7", "6", "·"]


def test_the_keyboard_alone_reaches_and_works_everything(browser: Browser, tmp_path: Path) -> None:
    browser.open(exported(played(*STORY), tmp_path), step=7)
    reached = []
    for _ in range(9):
        browser("press", "Tab")
        name = "document.activeElement.id || document.activeElement.getAttribute('href')"
        reached.append(browser("evaluate", name))
    controls = ["first", "previous", "play", "next", "last", "scrubber"]
    assert reached == ["#step", *controls, "#step-7", "#step-4"]
    browser("press", "Enter")  # the link from the replay to the step it repeats
    assert browser("evaluate", arrived(4)) == "4"
    browser("press", "Shift+Tab", "Home", "ArrowRight")  # the list: the current step alone
    assert browser("evaluate", "document.activeElement.getAttribute('href')") == "#step-1"
    browser("press", "Shift+Tab", "End")  # the scrubber
    assert browser("evaluate", PLACE) == "7"
    browser("press", "Shift+Tab", "Shift+Tab", "Shift+Tab", "Enter")  # play, from the start again
    assert browser("evaluate", "document.getElementById('play').textContent") == "Pause"
    browser("press", "Enter")
    assert browser("evaluate", "[playing, place]") == [0, 0]


def test_what_has_the_focus_is_seen(browser: Browser, tmp_path: Path) -> None:
    browser.open(exported(played(*STORY), tmp_path))
    for _ in range(8):
        browser("press", "Tab")
        looks = "(({outlineStyle, outlineWidth}) => [outlineStyle, outlineWidth])"
        assert browser("evaluate", f"{looks}(getComputedStyle(document.activeElement))") == [
            "solid",
            "3px",
        ]


def test_an_address_names_a_step_both_ways(browser: Browser, tmp_path: Path) -> None:
    browser.open(exported(played(*STORY), tmp_path), step=5)
    assert browser("evaluate", PLACE) == "5"
    browser("press", "ArrowRight")
    waited = "new Promise((done) => setTimeout(() => done(location.hash), 400))"
    assert browser("evaluate", waited) == "#step-6"
    moved = "location.hash = '#step-2', new Promise((done) => setTimeout(done, 100))"
    browser("evaluate", moved)
    assert browser("evaluate", PLACE) == "2"


def test_it_plays_to_the_end_and_says_each_step(browser: Browser, tmp_path: Path) -> None:
    browser.open(exported(played(*STORY[:1]), tmp_path))
    browser("evaluate", "document.getElementById('play').click()")
    waited = f"new Promise((done) => setTimeout(() => done({PLACE}), 1500))"
    assert browser("evaluate", waited) == "1"
    banner = "document.querySelector('[aria-live=polite]').innerText"
    assert "APPLIED e1: a new id" in browser("evaluate", banner)
    assert browser("evaluate", "document.getElementById('play').textContent") == "Play"


@pytest.mark.parametrize(("step", "scheme"), [(15, "light"), (5, "dark")])
def test_axe_finds_no_violation(step: int, scheme: str, browser: Browser, tmp_path: Path) -> None:
    browser.open(exported(played(*TROUBLE), tmp_path), step=step, colorScheme=scheme)
    assert browser("axe") == []


def test_axe_finds_no_violation_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    phone = {"width": 390, "height": 844}
    browser.open(exported(played(*TROUBLE), tmp_path), step=9, viewport=phone)
    assert browser("axe") == []
    assert browser("evaluate", "document.documentElement.scrollWidth") <= 390


def test_light_or_dark_is_the_readers_choice(browser: Browser, tmp_path: Path) -> None:
    file = exported(played(*STORY), tmp_path)
    papers = []
    for scheme in ("light", "dark"):
        browser.open(file, colorScheme=scheme)
        papers.append(browser("evaluate", "getComputedStyle(document.body).backgroundColor"))
    assert papers == ["rgb(251, 250, 247)", "rgb(20, 23, 28)"]


def test_printed_it_is_a_sheet_without_the_controls(browser: Browser, tmp_path: Path) -> None:
    browser.open(exported(played(*STORY), tmp_path), step=5)
    browser("media", {"media": "print"})
    assert (
        browser("evaluate", "getComputedStyle(document.querySelector('.controls')).display")
        == "none"
    )
    sheet = tmp_path / "sheet.pdf"
    browser("pdf", str(sheet))
    assert sheet.read_bytes().startswith(b"%PDF")
    assert browser("evaluate", PLACE) == "5"


def test_hostile_words_stay_text(browser: Browser, tmp_path: Path) -> None:
    browser.open(exported(hostile(), tmp_path))
    pages = browser("evaluate", VALUES)
    words = [each.partition("  ")[0] for each in pages[-1]["counts"]]
    assert words == [shown(word) for word in HOSTILE]
    assert words[0] == "'</script><img src=x onerror=hit()>'"
    assert "</script><img src=x onerror=hit()>" in str(
        browser("evaluate", "show(1), document.body.innerText")
    )
    assert browser("evaluate", "document.querySelectorAll('img, iframe, nav b').length") == 0
    assert browser("evaluate", "document.scripts.length") == 2


def test_the_policy_lets_nothing_run_that_the_page_did_not_bring(
    browser: Browser, tmp_path: Path
) -> None:
    browser.open(exported(played(*STORY), tmp_path))
    added = (
        "const made = document.createElement('script'); made.textContent = 'globalThis.hit = 1';"
        "document.body.append(made); globalThis.hit"
    )
    assert browser("evaluate", added) is None
    refused = "fetch('data:text/plain,x').then(() => 'fetched', () => 'refused')"
    assert browser("evaluate", refused) == "refused"
    complaints = browser("traffic")["complaints"]
    assert all("Content Security Policy" in each or "Fetch" in each for each in complaints)
    assert len(complaints) >= 2
    browser.quiet = False


def test_a_run_without_steps_is_a_page_too(browser: Browser, tmp_path: Path) -> None:
    browser.open(exported(History(), tmp_path))
    browser("press", "ArrowRight", "End")
    assert (
        browser("evaluate", "document.getElementById('headline').textContent")
        == "This run has no steps."
    )


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session of 5,000 steps, exported."""
    return exported(long(5000), tmp_path_factory.mktemp("long"))


def test_a_session_of_five_thousand_steps_can_be_walked_from_end_to_end(
    browser: Browser, endless: Path
) -> None:
    browser.open(endless, step=2500)
    browser("press", "End")
    assert "5000" in browser("evaluate", PLACE) + browser("evaluate", "location.hash")
    browser("press", "Home")
    assert browser("evaluate", PLACE) in {"·", "0", "1"}
