"""Share: write the session as something to look at, to play, or to pipe."""

from core.lab.declaration import Argument, Choice
from repl.commands import arguments
from repl.registry import command
from repl.render import View
from repl.render.theme import safe
from repl.session import Session


def _endings(_: Session) -> list[Choice]:
    from repl.export import FORMATS

    return [(f"run{each.ending}", each.meaning) for each in FORMATS]


@command(
    "export",
    group="keep",
    arguments=(
        Argument("FILE", "a path, whose ending says what to write", _endings, required=True),
    ),
    example="export run.html",
    forces=True,
)
def export(session: Session, file: str, *, force: bool = False) -> View:
    """Write the session as a page to play, a picture, a recording or a lesson.

    The ending says which: .html .svg .txt .cast .mmd .jsonl .lesson.md. The page works
    without a network, and fetches nothing. `save` keeps what can be loaded again.

    A page, a picture or a recording that `export` wrote is written over, and no other file:
    `export! FILE` does that.
    """
    from repl.export import EXAMPLE, write
    from repl.render.report import Report
    from repl.render.report_view import ReportView
    from repl.render.wording import number

    with arguments.writing("export", file, EXAMPLE):
        kind = write(session.history, file, force=force, spare=arguments.spared(session))
    steps = number(len(session.history.steps), "step")
    headline = f"{steps} · {kind.meaning}"
    return ReportView(Report("EXPORTED", headline, subject=safe(file, 200)))
