"""The laboratory on a disk: the same as in memory, save that its crashes are real."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.errors import Refused, Unusable, WorkerEnded
from core.lab import commands as c
from core.lab.crash_points import CrashPoint
from core.lab.disk import Disk
from core.lab.facts import Crashed, Restarted, Skipped
from core.lab.history import History
from core.lab.judge import Judgement, score
from core.lab.lab import Lab
from core.lab.language import read
from core.lab.on_disk import take_over
from core.lab.record import EventState, Moment, MomentKind
from core.outputs import Columns
from core.rules import broken
from core.store.recorder import Batch
from core.store.sqlite import SqliteStore
from core.store.verify import verify
from tests.core.lab.scenes import on_disk, pretended, recover, schedules
from tests.core.store.kill_loop import NODE, ROOT

TWO = (c.Process("e1", "hello"), c.Process("e2", "world"))


class OnDisk(RuleBasedStateMachine):
    """Two laboratories with a store, one real and one pretended, that hear the same."""

    def __init__(self) -> None:
        """Begin with an empty store."""
        super().__init__()
        self._folder = TemporaryDirectory()
        self.path = str(Path(self._folder.name, "store"))
        self.real, self.pretended = on_disk(Disk(self.path)), pretended()

    @rule(command=schedules)
    def do(self, command: c.Command) -> None:
        """Carry out a command in both, or be refused in both."""
        self._do(command)

    @precondition(lambda self: not self.real.up)
    @rule()
    def come_back(self) -> None:
        """Come up again."""
        self._do(c.Restart())

    @precondition(lambda self: self.real.up and self.real.source.due)
    @rule()
    def catch_up(self) -> None:
        """Send what is due."""
        self._do(c.Replay())

    @precondition(lambda self: self.real.up)
    @rule()
    def leave_and_start_again(self) -> None:
        """A new prompt finds all of it, but for what was armed and sent last."""
        before = self.real.copy()
        disk_of(self.real).close()
        self.real = lab = on_disk(Disk(self.path))
        lab.source.last, lab.armed = before.source.last, before.armed
        assert lab.freeze() == before.freeze()
        for lab in (self.real, self.pretended):
            lab.number, lab.armed, lab.numbered = 1, None, 0
            lab.saved = {
                name: each._replace(replaced=False, sink=None) for name, each in lab.saved.items()
            }

    @invariant()
    def nothing_acknowledged_is_lost(self) -> None:
        """What the disk holds is what was answered, also while the processor is down."""
        assert not broken(self.real.copy()) or not self.real.up
        assert self.real.freeze() == self.pretended.freeze()

    def teardown(self) -> None:
        """The store is sound at the end, and a recovery ends as a clean run."""
        lab = self.real.copy()
        recover(lab)
        assert not broken(lab)
        assert self.real.durability.disk is not None
        self.real.durability.disk.close()
        assert verify(self.path).findings == []
        self._folder.cleanup()

    def _do(self, command: c.Command) -> None:
        refused = ""
        try:
            expected = self.pretended.step(command)
        except Refused as refusal:
            refused = refusal.text
        if refused:
            with pytest.raises(Refused) as raised:
                self.real.step(command)
            assert raised.value.text == refused
        else:
            assert self.real.step(command) == expected


@pytest.mark.parametrize(
    ("many", "sessions"),
    [
        (100_000, 7),
        (0, 4),
        pytest.param(100_000, 100, marks=pytest.mark.long),
        pytest.param(0, 100, marks=pytest.mark.long),
    ],
)
def test_on_disk_all_is_as_in_memory_and_nothing_acknowledged_is_lost(
    monkeypatch: pytest.MonkeyPatch, many: int, sessions: int
) -> None:
    """Without a snapshot, and with one at each step."""
    monkeypatch.setattr("core.store.recorder.MANY", many)
    monkeypatch.setattr("core.store.recorder.TIMES", 2 if many else 0)
    run_state_machine_as_test(
        OnDisk,
        settings=settings(
            max_examples=sessions,
            stateful_step_count=15,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
            phases=[
                Phase.generate
            ],  # a failure found on a disk is small enough, and shrinking slow
        ),
    )


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Name a store that is still to be made."""
    return str(tmp_path / "store")


@pytest.fixture
def lab(path: str) -> Iterator[Lab]:
    """Make a laboratory on a new store."""
    with closing(Disk(path)) as disk:
        yield on_disk(disk)


def do(lab: Lab, *commands: c.Command) -> None:
    """Carry out commands."""
    for command in commands:
        lab.step(command)


def disk_of(lab: Lab) -> Disk:
    """Return the disk of a laboratory that has one."""
    assert lab.durability.disk is not None
    return lab.durability.disk


REACHING: dict[CrashPoint, c.Command] = {
    CrashPoint.BEFORE_APPLY: c.Process("e3", "late"),
    CrashPoint.BEFORE_ACK: c.Process("e3", "late"),
    CrashPoint.IN_CHECKPOINT: c.Checkpoint("cp1"),
    CrashPoint.BEFORE_COMMIT: c.Commit(),
    CrashPoint.IN_COMMIT: c.Commit(),
    CrashPoint.AFTER_COMMIT: c.Commit(),
}


@pytest.mark.parametrize("point", CrashPoint)
def test_at_every_point_the_process_is_killed_and_the_disk_keeps_what_was_answered(
    lab: Lab, point: CrashPoint
) -> None:
    do(lab, *TWO, c.Crash(point))
    disk = disk_of(lab)
    worker = disk.worker
    crashed = lab.step(REACHING[point]).facts[-1]
    assert isinstance(crashed, Crashed)
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    _, held = disk.read()
    assert list(held.seen) == ["e1", "e2", "e3"][: 2 + (point is CrashPoint.BEFORE_ACK)]
    assert len(held.sink) == 2 * (point is CrashPoint.AFTER_COMMIT)
    assert held.checkpoints == []
    assert crashed.kept is not None
    assert crashed.kept.seen == len(held.seen)
    (restarted,) = lab.step(c.Restart()).facts
    assert isinstance(restarted, Restarted)
    assert restarted.kept == crashed.kept
    recover(lab.copy())
    assert verify(disk.path).findings == []


def test_a_commit_of_nothing_can_be_died_in_too(lab: Lab) -> None:
    do(lab, c.Crash(CrashPoint.IN_COMMIT), c.Commit())
    assert not lab.up


def test_the_restart_after_a_crash_does_not_move_the_offset_back(lab: Lab) -> None:
    do(lab, *TWO, c.Crash(), c.Restart())
    assert (lab.source.offset, lab.source.due) == (2, None)
    assert lab.processor.counts == {"hello": 1, "world": 1}


def test_a_restore_brings_the_processor_up_and_the_source_back(lab: Lab) -> None:
    do(lab, TWO[0], c.Checkpoint("cp1"), TWO[1], c.Crash(), c.Restore())
    assert (lab.up, lab.source.offset, list(lab.processor.seen)) == (True, 1, ["e1"])
    do(lab, c.Crash(), c.Restart())
    assert (lab.source.offset, list(lab.processor.seen)) == (1, ["e1"])


def test_a_worker_killed_from_outside_is_a_crash_and_comes_back(lab: Lab) -> None:
    do(lab, *TWO)
    os.kill(disk_of(lab).worker, signal.SIGKILL)
    os.waitid(os.P_PID, disk_of(lab).worker, os.WEXITED | os.WNOWAIT)
    step = lab.step(c.Commit())
    (crashed,) = step.facts
    assert isinstance(crashed, Crashed)
    assert crashed.cause == "the process has been killed (signal 9)"
    assert not crashed.unanswered
    assert (step.command, lab.up) == (c.Crash(), False)
    do(lab, c.Restart(), c.Commit())
    assert len(lab.processor.sink) == 2


def test_a_worker_that_dies_with_a_request_in_hand_leaves_all_of_it_or_nothing(
    lab: Lab,
) -> None:
    do(lab, *TWO)
    os.kill(disk_of(lab).worker, signal.SIGSTOP)
    subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import os, time; time.sleep(.3); os.kill({disk_of(lab).worker}, 9)",
        ]
    )
    (crashed,) = lab.step(c.Checkpoint("cp1")).facts
    assert isinstance(crashed, Crashed)
    assert "signal 9" in crashed.cause
    assert crashed.unanswered
    assert lab.saved == {}
    do(lab, c.Restart(), c.Checkpoint("cp1"))
    assert list(lab.saved) == ["cp1"]


UNANSWERED: list[tuple[c.Command, ...]] = [
    (*TWO, c.Commit()),
    TWO,
    (c.Feed(("a", "b", "a")),),
    (TWO[0], c.Checkpoint("cp1")),
    (TWO[0], c.Checkpoint("cp1"), TWO[1], c.Checkpoint("cp1")),
    (TWO[0], c.Rollback()),
    (TWO[0], c.Rollback(), c.Replay()),
    (TWO[0], c.Checkpoint("cp1"), TWO[1], c.Restore("cp1")),
]


@pytest.mark.parametrize("commands", UNANSWERED, ids=lambda commands: c.typed(commands[-1]))
def test_of_what_was_done_and_never_answered_the_record_has_what_the_disk_has(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, commands: tuple[c.Command, ...]
) -> None:
    history = History(lambda: lab)
    for command in commands[:-1]:
        history.do(command)
    sink = len(lab.processor.sink)
    with monkeypatch.context() as patch:
        patch.setattr(Disk, "write", _and_die(Disk.write))
        crashed = history.do(commands[-1]).facts[-1]
    assert isinstance(crashed, Crashed)
    assert crashed.unanswered
    assert (crashed.sink, crashed.out) == (len(lab.state.sink), len(lab.state.sink) - sink)
    _record_agrees(history)
    history.do(c.Restart())
    _record_agrees(history)
    if lab.saved:
        history.do(c.Restore())
        _record_agrees(history)


def _and_die(write: Callable[..., None]) -> Callable[..., None]:
    """Have the worker write what it is told, and die before it answers."""

    def dying(*told: object) -> None:
        write(*told)
        raise WorkerEnded("the process has been killed")

    return dying


def _record_agrees(history: History) -> None:
    """Hold the record of each event against what there is."""
    lab, record = history.lab, history.record
    processor = lab.state
    saved = {name: processor.saved(name) for name in processor.checkpoints}
    assert list(saved) == list(lab.saved)
    counts: Counter[str] = Counter()
    for event_id, word in lab.source.log:
        trace = record.trace(lab, event_id)
        now = trace.now
        counts.update({word: len(now.counted)})
        assert (now.seen, len(now.pending), now.sink) == (
            event_id in processor.seen,
            processor.outputs.pending_ids().count(event_id),
            [each.event_id for each in processor.sink].count(event_id),
        )
        assert (record.since(event_id) is not None) is now.seen
        assert trace.checkpoints == tuple(
            n for n, each in saved.items() if event_id in (each.seen or {})
        )
    for event_id in processor.seen.keys() - lab.source.positions.keys():
        counts.update({processor.seen[event_id]: len(record.state(event_id).counted)})
    assert +counts == Counter(processor.counts)


def test_a_node_that_takes_over_fences_the_prompt_which_says_so(lab: Lab, path: str) -> None:
    do(lab, *TWO)
    with closing(Disk(path, take_over=True)):
        (crashed,) = lab.step(c.Commit()).facts
        assert isinstance(crashed, Crashed)
        assert "taken the store over" in crashed.cause
        assert (crashed.unanswered, crashed.owner) == (True, 2)
        with pytest.raises(Refused, match="another node has it") as raised:
            lab.step(c.Restart())
        assert raised.value.text.endswith(f"quit, and then in a shell: {take_over(path)}")
        assert raised.value.hint == "quit"
    do(lab, c.Restart(), c.Commit())
    assert len(lab.processor.sink) == 2


def test_a_restore_brought_an_id_back_only_where_it_was_not_on_the_disk(lab: Lab) -> None:
    """A restart brings all of it back from the disk, whatever was restored before."""
    history = History(lambda: lab)
    for command in (TWO[0], c.Checkpoint("cp1"), c.Restore(), TWO[1], c.Crash(), c.Restart()):
        history.do(command)
    assert history.do(c.Retry("e2")).facts == (Skipped("e2", "world", 1, "world"),)
    since = history.record.since("e2")
    assert since is not None
    assert (since.step, since.restored) == (4, None)
    for command in (c.Crash(), c.Restore("cp1")):
        history.do(command)
    assert history.do(c.Retry("e1")).facts == (Skipped("e1", "hello", 1, "hello"),)
    assert history.record.since("e2") is None, "the restore undid it"
    since = history.record.since("e1")
    assert since is not None
    assert (since.step, since.restored) == (1, None), "in seen all along: the disk had it"
    history.do(c.Replay())
    for command in (c.Checkpoint("cp2"), c.Restore("cp1"), c.Crash(), c.Restore("cp2")):
        history.do(command)
    since = history.record.since("e2")
    assert since is not None
    assert (since.step, since.restored) == (15, "cp2")


def test_what_a_store_held_is_in_the_record_as_of_before_the_first_step(
    lab: Lab, path: str
) -> None:
    do(lab, TWO[0], c.Commit(), c.Checkpoint("cp1"), TWO[1])
    disk_of(lab).close()
    with closing(Disk(path)) as disk:
        history = History(lambda: on_disk(disk))
        record = history.record
        told = {each: record.trace(history.lab, each) for each in ("e1", "e2")}
        assert told["e1"].now == EventState(*(True, (0,), (), 1, 1, 1))
        assert told["e1"].checkpoints == ("cp1",)
        assert told["e2"].now == EventState(*(True, (0,), (0,), 0, 1, 1))
        assert told["e2"].checkpoints == ()
        assert [each.what for each in told["e1"].moments] == [
            MomentKind.APPLIED,
            MomentKind.COMMITTED,
            MomentKind.SAVED,
        ]
        assert [each.what for each in told["e2"].moments] == [MomentKind.APPLIED, MomentKind.STAGED]
        assert record.since("e1") == (0, None, None, None)
        history.do(c.Restore("cp1"))
        assert record.since("e2") is None
        assert record.trace(history.lab, "e2").moments[-2:] == (
            Moment(1, MomentKind.UNDONE_BY_RESTORE, "cp1", of=(0,)),
            Moment(1, MomentKind.OUTPUT_UNDONE, "cp1"),
        )
        history.do(c.Replay())
        assert record.applications("e2") == (0, 2)


@pytest.mark.parametrize(
    "commands", [(c.Rollback(), c.Replay()), (c.Rollback(),), (c.Commit(), c.Retry())]
)
def test_the_score_is_the_same_when_the_store_is_opened_again(
    lab: Lab, path: str, commands: tuple[c.Command, ...]
) -> None:
    history = History(lambda: lab)
    for command in (TWO[0], *commands):
        history.do(command)
    before = score(history)
    disk_of(lab).close()
    with closing(Disk(path)) as disk:
        assert score(History(lambda: on_disk(disk))) == before


@pytest.mark.parametrize("command", [c.Retry(), c.Retry("e1"), c.Retry("e9"), c.LoseAck()])
def test_in_a_store_opened_again_the_hint_of_a_refusal_is_accepted(
    lab: Lab, path: str, command: c.Command
) -> None:
    do(lab, *TWO, c.Rollback())
    disk_of(lab).close()
    with closing(Disk(path)) as disk:
        again = on_disk(disk)
        assert again.source.due == ("e1", "hello")
        refusal = again.refusal(command)
        if refusal is not None:
            looks = refusal.hint == "show source"
            assert looks or again.refusal(read(refusal.hint)) is None


def test_a_death_is_noticed_once_and_without_a_command(lab: Lab) -> None:
    history = History(lambda: lab)
    history.do(TWO[0])
    assert history.notice() is None
    os.kill(disk_of(lab).worker, signal.SIGKILL)
    os.waitid(os.P_PID, disk_of(lab).worker, os.WEXITED | os.WNOWAIT)
    assert (lab.up, lab.alive) == (True, False)
    step = history.notice()
    assert step is not None
    assert (step.number, history.steps[-1], lab.up) == (2, step, False)
    assert history.notice() is None
    history.do(c.Restart())
    assert lab.alive


def test_a_store_that_is_gone_is_not_made_anew(lab: Lab, path: str) -> None:
    do(lab, TWO[0], c.Crash())
    for file in Path(path).parent.iterdir():
        file.unlink()
    with pytest.raises(Refused, match="it is gone") as raised:
        lab.step(c.Restart())
    assert raised.value.hint == "quit"
    assert not Path(path).exists()


def test_what_a_raw_node_did_to_the_store_is_taken_over(lab: Lab, path: str) -> None:
    """Its events come into the log; what it undid is due; its checkpoints have an offset."""
    do(lab, *TWO, c.Checkpoint("old"), c.Commit(), c.Crash(CrashPoint.BEFORE_APPLY))
    do(lab, c.Process("late", "x"))
    lines = [
        {"type": "process", "event_id": "raw", "word": "hello"},
        {"type": "checkpoint", "checkpoint_id": "mine"},
        {"type": "process", "event_id": "undone", "word": "x"},
        {"type": "rollback"},
        {"type": "process", "event_id": "last", "word": "x"},
    ]
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    subprocess.run([*NODE, path], input=data, cwd=ROOT, check=True, capture_output=True)
    do(lab, c.Restart())
    assert [event_id for event_id, _ in lab.source.log] == ["e1", "e2", "last", "late"]
    assert (lab.source.offset, lab.saved["old"].offset) == (3, 2)
    assert lab.saved["mine"].offset == 2
    do(lab, c.Replay(), c.Commit())
    assert not broken(lab.copy())
    disk_of(lab).close()
    with closing(Disk(path)) as again:
        assert on_disk(again).source.log == lab.source.log


@pytest.mark.parametrize("option", [None, "--take-over"])
def test_a_checkpoint_that_a_raw_node_replaced_has_an_offset_of_its_own(
    lab: Lab, path: str, option: str | None
) -> None:
    """With that of the older one, what the new one does not hold would never be sent again."""
    do(lab, c.Checkpoint("empty"), *TWO, c.Checkpoint("cp1"))
    if option is None:
        do(lab, c.Crash())
    lines = [
        {"type": "restore", "checkpoint_id": "empty"},
        {"type": "process", "event_id": "e1", "word": "hello"},
        {"type": "checkpoint", "checkpoint_id": "cp1"},
    ]
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    node = [*NODE, path, *([] if option is None else [option])]
    subprocess.run(node, input=data, cwd=ROOT, check=True, capture_output=True)
    if lab.up:
        do(lab, c.Crash())
    do(lab, c.Restart())
    assert {name: each.offset for name, each in lab.saved.items()} == {"empty": 0, "cp1": 1}
    do(lab, c.Restore("cp1"), c.Replay(), c.Commit())
    assert lab.processor.counts == {"hello": 1, "world": 1}


def test_of_what_a_raw_node_did_to_the_store_the_record_has_what_the_disk_has(
    lab: Lab, path: str
) -> None:
    history = History(lambda: lab)
    for command in (*TWO, c.Checkpoint("old"), c.Commit(), c.Crash(CrashPoint.BEFORE_APPLY)):
        history.do(command)
    history.do(c.Process("late", "x"))
    lines = [
        {"type": "process", "event_id": "raw", "word": "hello"},
        {"type": "checkpoint", "checkpoint_id": "mine"},
        {"type": "process", "event_id": "undone", "word": "x"},
        {"type": "rollback"},
        {"type": "process", "event_id": "last", "word": "x"},
    ]
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    subprocess.run([*NODE, path], input=data, cwd=ROOT, check=True, capture_output=True)
    step = history.do(c.Restart())
    assert step.changes.sent == (("last", "x"),), "late was sent before"
    _record_agrees(history)
    assert {group.judgement for each in score(history)[:2] for group in each.groups} <= {
        Judgement.ONCE,
        Judgement.WAITING,
    }
    history.do(c.Restore("mine"))
    _record_agrees(history)


def test_the_past_behind_a_crash_by_itself_is_what_the_disk_held_and_not_what_was_done_here(
    lab: Lab, path: str
) -> None:
    history = History(lambda: lab)
    for command in TWO:
        history.do(command)
    raw = b'{"type":"process","event_id":"raw","word":"x"}\n'
    subprocess.run(
        [*NODE, path, "--take-over"], input=raw, cwd=ROOT, check=True, capture_output=True
    )
    history.do(c.Commit())
    history.do(c.Restart())
    assert list(history.at(2).state.seen) == ["e1", "e2"]
    for step in (3, 4):
        assert list(history.at(step).state.seen) == ["e1", "e2", "raw"]


def test_a_feed_is_one_transaction(lab: Lab) -> None:
    do(lab, c.Feed(tuple("abc" * 1000)), c.Crash(), c.Restart())
    assert lab.processor.counts == {"a": 1000, "b": 1000, "c": 1000}
    assert lab.source.offset == 3000


def test_what_a_disk_cannot_do_is_refused_with_what_can(lab: Lab) -> None:
    history = History(lambda: lab)
    history.do(TWO[0])
    for travel in (history.undo, history.redo, history.goto):
        with pytest.raises(Refused, match="without --store can") as raised:
            travel(1)
        assert raised.value.hint == "show disk"
    for command in (c.Switch("dedup", on=False), c.Guarantee("at-least-once")):
        with pytest.raises(Refused, match="keeps every mechanism on"):
            history.do(command)
    assert history.at(0).processor.seen == {}


def test_a_file_that_is_not_ours_is_refused_and_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "list"
    other.write_text("milk, bread\n" * 30)
    with pytest.raises(Unusable, match="not a store of Oncelab"):
        Disk(str(other))
    assert other.read_text() == "milk, bread\n" * 30


def test_what_another_node_wrote_is_on_the_disk_at_once(tmp_path: Path) -> None:
    with closing(Disk(str(tmp_path / "store"))) as disk:
        with closing(SqliteStore(tmp_path / "store", take_over=True)) as other:
            processor = other.load()
            processor.process("e1", "hello")
            other.write(processor.drain())
            assert list(disk.read()[1].seen) == ["e1"]
        assert list(disk.read()[1].seen) == ["e1"]


# What a dead worker said


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", "ended by itself (status 3)"),
        ("a line\nMemoryError: no room\n\n", "ended by itself (status 3, MemoryError: no room)"),
        ("\x1b[31mred\x07", r"ended by itself (status 3, \x1b[31mred\x07)"),
        ("x" * 5000, f"ended by itself (status 3, {'x' * 200})"),
    ],
)
def test_a_worker_that_cannot_start_is_told_with_the_last_line_that_it_said(
    said: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = f"import sys; sys.stderr.write({said!r}); sys.exit(3)"
    monkeypatch.setattr("core.lab.disk._PROGRAM", program)
    with pytest.raises(Unusable) as found:
        Disk(str(tmp_path / "store"))
    assert str(found.value) == f"no process can be started on it: the worker has {told}"


def test_a_worker_that_ends_by_itself_is_told_with_what_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = (
        "import sys; print('{\"epoch\": 1}', flush=True); input(); sys.exit('the disk is on fire')"
    )
    monkeypatch.setattr("core.lab.disk._PROGRAM", program)
    disk = Disk(str(tmp_path / "store"))
    with pytest.raises(WorkerEnded, match=r"ended by itself \(status 1, the disk is on fire\)"):
        disk.write(Batch([], Columns([], [], [])))
    assert not disk.running
    assert disk.end == "ended by itself (status 1, the disk is on fire)"


def test_a_worker_finds_no_module_in_the_path_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise RuntimeError")
    (tmp_path / "sitecustomize.py").write_text("raise RuntimeError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    Disk("store").close()
