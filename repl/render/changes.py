"""`diff`: what differs between two moments, or between now and a run without a fault."""

from collections.abc import Sequence
from functools import partial

from core.checkpoints import CheckpointId
from core.lab.changes import Changes, Picture, difference
from core.outputs import Output
from repl.render import View, wording
from repl.render.report import Report, Row, change
from repl.render.report_view import ReportView
from repl.render.reports.saves import beyond, undone
from repl.render.table_view import Cells, Column, TableView
from repl.render.theme import safe
from repl.render.wording import name, number, word

_WORDS = 8
"""Words of which the counts are compared one by one."""
_SHOWN = 3


def between(before: Picture, after: Picture, names: tuple[str, str]) -> View:
    """Show what has to change for one moment to become another; `names` says which they are."""
    found = difference(before, after)
    headline = f"{names[0]} → {names[1]}"
    rows = (*undone(found), *_orders(found, before, after), *beyond(found, partial(_held, after)))
    rows += _last_saved(found, before, after)
    if found.up[0] and after.kept is not None:
        rows += (Row("KEPT", f"on disk: {wording.state(after.kept)}", "kept"),)
    return ReportView(Report("CHANGED" if rows else "UNCHANGED", headline, rows))


def against_clean(now: Picture, clean: Picture) -> View:
    """Put the state beside that of a run without a fault."""
    found = difference(clean, now)
    rows = [*_counts(found, now, clean), _seen(found, now, clean)]
    for part, here, there, added, removed in (
        ("pending", now.pending, clean.pending, found.pending_added, found.pending_removed),
        ("sink", now.sink, clean.sink, found.sink_added, found.sink_removed),
    ):
        wrong = _outputs(here, there, added, removed)
        rows.append((part, number(len(here), "output"), number(len(there), "output"), wrong))
    parts = list(dict.fromkeys(cells[0].partition(" ")[0] for cells in rows if cells[3] != "same"))
    looks = (*("" if cells[3] == "same" else "wrong" for cells in rows), "")
    due = clean.offset - now.offset
    rows.append(("offset", str(now.offset), str(clean.offset), f"{due} due" if due else "same"))
    title = f"SAME as a run without a fault{', but for what is due' if due else ''}"
    if parts:
        title = f"DIFFERENT from a run without a fault: {', '.join(parts)}"
    columns = (Column(""), Column("here"), Column("without a fault"), Column(""))
    return TableView(title, "", columns, tuple(rows), _due(now, clean), looks=looks)


def _last_saved(found: Changes, before: Picture, after: Picture) -> tuple[Row, ...]:
    """Return which checkpoint is the one saved last now, where that alone is another."""
    saved, same = after.checkpoints, before.checkpoints == after.checkpoints
    if same or found.checkpoints_added or found.checkpoints_changed or not saved:
        return ()
    return (change("saved", "", f"{name(saved[-1])} anew: it is the one saved last"),)


def _orders(found: Changes, before: Picture, after: Picture) -> list[Row]:
    """Return which parts hold the same in another order."""
    parts: dict[str, tuple[bool, Sequence[object], Sequence[object]]] = {
        "counts": (bool(found.counts), list(before.counts), list(after.counts)),
        "seen": (before.seen != after.seen, list(before.seen), list(after.seen)),
        "pending": (
            bool(found.pending_added or found.pending_removed),
            before.pending,
            after.pending,
        ),
    }
    rows = [
        change(part, "", "the same, in another order")
        for part, (told, then, now) in parts.items()
        if not told and then != now
    ]
    if before.seen != after.seen and not (found.seen_added or found.seen_removed):
        rows.append(change("seen", "", "the same ids, with other words"))
    return rows


def _counts(found: Changes, now: Picture, clean: Picture) -> list[Cells]:
    """Return a row for each word that differs, or one for all where none does."""
    if not found.counts:
        here, there = (
            wording.counts(each.counts.items(), len(each.counts)) for each in (now, clean)
        )
        alike = list(now.counts) == list(clean.counts)
        return [("counts", here, there, "same" if alike else "in another order")]
    rows: list[Cells] = [
        (
            f"counts {word(each)}",
            str(here),
            str(there),
            f"{abs(here - there)} {'missing' if here < there else 'too many'}",
        )
        for each, (there, here) in list(found.counts.items())[:_WORDS]
    ]
    if len(found.counts) > _WORDS:
        rows.append(("counts", "…", "…", f"{len(found.counts) - _WORDS} more words differ"))
    return rows


def _held(after: Picture, saved: CheckpointId) -> str:
    """Return what a checkpoint holds."""
    (counts, seen, pending), offset = after.saved[saved]
    held = wording.counts(counts.items(), len(counts))
    ids = "seen not saved" if seen is None else f"{len(seen)} seen"
    return f"{held}, {ids}, {len(pending)} pending, offset {offset}"


def _seen(found: Changes, now: Picture, clean: Picture) -> Cells:
    wrong = _sides(
        [name(each) for each in found.seen_removed[:_SHOWN]],
        len(found.seen_removed),
        [name(each) for each in found.seen_added[:_SHOWN]],
        len(found.seen_added),
    )
    if not wrong and list(now.seen.items()) != list(clean.seen.items()):
        wrong = "in another order" if now.seen == clean.seen else "with other words"
    return ("seen", number(len(now.seen), "id"), number(len(clean.seen), "id"), wrong or "same")


def _outputs(
    here: Sequence[Output],
    there: Sequence[Output],
    added: Sequence[Output],
    removed: Sequence[Output],
) -> str:
    wrong = _sides(
        [wording.output(each) for each in removed[:_SHOWN]],
        len(removed),
        [wording.output(each) for each in added[:_SHOWN]],
        len(added),
    )
    return wrong or ("same" if list(here) == list(there) else "in another order")


def _sides(missing: list[str], missed: int, extra: list[str], extras: int) -> str:
    """Return what is missing and what is too many."""
    sides = []
    if missed:
        sides.append(f"missing {wording.some(missing, _SHOWN, missed)}")
    if extras:
        sides.append(f"too many {wording.some(extra, _SHOWN, extras)}")
    return " · ".join(sides)


def _due(now: Picture, clean: Picture) -> str:
    """Return what has to come before the two can be the same."""
    if not now.up:
        back = now.checkpoints and now.kept is None
        return f"the processor is down: try {'restore' if back else 'restart'}"
    due = clean.offset - now.offset
    if not due:
        return ""
    again = now.mechanisms.source_replay
    send = "replay" if again else wording.command("retry", now.log[now.offset][0])
    hint = f": try {safe(send, None)}" if send else ""
    return f"{number(due, 'event')} not acknowledged yet{hint}"
