"""The two pictures in README, made from a real run: `python -m tests.repl.export.pictures`.

Each carries the digest of what it shows, so that a test can tell whether it is current
without a browser, and without comparing a pixel. Run it again where that test fails; the
picture of the player needs what `browser-setup` installs.
"""

import struct
import sys
import tempfile
import zlib
from hashlib import sha256
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from core.lab.history import History
from repl.export import html, transcript
from repl.render.theme import UNICODE
from tests.repl.export.browser import Browser, missing
from tests.repl.render.sessions import STORY, played

FOLDER = Path(__file__).parents[3] / ".github"
PROMPT, PLAYER = FOLDER / "prompt.svg", FOLDER / "player.png"
WIDTH = 76
SIZE = {"width": 1120, "height": 700}
STEP = 5
SHOWN = range(3, 8)
KEYWORD = b"Source"
SIGNATURE = b"\x89PNG\r\n\x1a\n"

FRAME = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<!-- DIGEST -->
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px;
  line-height: {line_height}px;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""rich's own frame names a font to be fetched; this one takes what there is."""


def story() -> History:
    """Return the run that README tells."""
    return played(*STORY)


def prompt_digest() -> str:
    """Return the digest of what the picture of the prompt shows."""
    return _digest(transcript.export(story()))


def player_digest() -> str:
    """Return the digest of what the picture of the player shows."""
    return _digest(html.export(story()))


def prompt() -> str:
    """Return the picture of the prompt."""
    console = Console(
        file=StringIO(),
        width=WIDTH,
        record=True,
        color_system="standard",
        force_terminal=True,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )
    for number, (before, command, view) in enumerate(transcript.read(story()), 1):
        if number in SHOWN:
            console.print(Text(before).append(command, "bold"))
            console.print(view.draw(UNICODE))
            console.print()
    made = console.export_svg(title="oncelab", code_format=FRAME, unique_id="prompt")
    lines = [line.rstrip() for line in made.splitlines()]
    return "\n".join(lines).replace("DIGEST", prompt_digest()) + "\n"


def player() -> bytes:
    """Return the picture of the player."""
    with tempfile.TemporaryDirectory() as folder:
        page, shot = Path(folder, "run.html"), Path(folder, "run.png")
        page.write_text(html.export(story()), encoding="utf-8")
        browser = Browser()
        browser.open(page, step=STEP, viewport=SIZE)
        browser("screenshot", str(shot), {})
        browser.close()
        return marked(shot.read_bytes(), player_digest())


def marked(picture: bytes, digest: str) -> bytes:
    """Return a PNG with a digest in a text chunk behind its header."""
    body = b"tEXt" + KEYWORD + b"\0" + digest.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    header = len(SIGNATURE) + 25  # the signature, and the header with its length, name and sum
    return picture[:header] + chunk + picture[header:]


def mark(picture: bytes) -> str:
    """Return the digest in a PNG, or nothing."""
    _, found, rest = picture.partition(b"tEXt" + KEYWORD + b"\0")
    return rest[:64].decode() if found else ""


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def main() -> int:
    """Make both pictures; return the exit status."""
    PROMPT.write_text(prompt(), encoding="utf-8")
    reason = missing()
    if reason is not None:
        sys.stderr.write(f"no picture of the player: {reason}\n")
        return 1
    PLAYER.write_bytes(player())
    return 0


if __name__ == "__main__":
    sys.exit(main())
