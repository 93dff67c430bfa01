"""Bad files, full disks: one clear line, a status that is not 0, and the file untouched."""

import json
import os
import resource
import shlex
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import Unusable
from core.store import verify
from core.store.sqlite import SqliteStore
from tests.core.store.kill_loop import NODE, ROOT
from tests.core.store.test_stores import state

LINES = b"".join(
    b'{"type":"process","msg_id":%d,"event_id":"e%d","word":"w%d"}\n' % (n, n, n % 7)
    for n in range(300)
)
COMMIT = b'{"type":"commit","msg_id":1}\n'


def node(path: Path, data: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """Run a node on a store to its end."""
    return subprocess.run(
        [*NODE, str(path)], input=data, capture_output=True, cwd=ROOT, check=False
    )


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Make a sound store with events, a checkpoint, commits and something pending."""
    path = tmp_path / "store"
    saved = b'{"type":"checkpoint","msg_id":1,"checkpoint_id":"cp1"}\n'
    assert node(path, LINES[:6000] + COMMIT + saved).returncode == 0
    assert node(path, LINES[6000:] + COMMIT + LINES.replace(b"e1", b"f1")).returncode == 0
    return path


def kill_behind(path: Path, data: bytes) -> None:
    """Leave the store as a killed node leaves it: with a log."""
    pipe = subprocess.PIPE
    with subprocess.Popen([*NODE, str(path)], stdin=pipe, stdout=pipe, cwd=ROOT) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(data)
        child.stdin.flush()
        child.stdout.readline()
        child.send_signal(signal.SIGKILL)


def not_ours(path: Path) -> None:
    path.write_bytes(b"# a shopping list\n" * 50)


def of_another_program(path: Path) -> None:
    path.unlink()
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE t (x)")
    database.commit()
    database.close()


def newer(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()


def older(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 1")
    database.close()


def without_a_log(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = DELETE")
    database.close()


def read_only(path: Path) -> None:
    path.chmod(0o444)


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def a_few_bytes(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    at = data.index(b'"e42",')
    data[at + 3] ^= 1
    path.write_bytes(data)


def senseless(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("UPDATE journal SET changes = X'FF' WHERE seq = 3")
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def of_other_tables(path: Path) -> None:
    """One letter of a type: which row comes last would be lost."""
    data = path.read_bytes()
    assert data.count(b"seq       INTEGER PRIMARY KEY") == 1
    path.write_bytes(data.replace(b"seq       INTEGER", b"seq       INTEGUR"))


def beyond_all_numbers(path: Path) -> None:
    database = sqlite3.connect(path)
    text = '[["commit",9223372036854775808,1]]' + "[" * 100_000
    put = "INSERT INTO journal SELECT max(seq) + 1, 99, ?, 1 FROM journal"
    database.execute(put, (text,))
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def zeroed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:8192] = bytes(4096)
    path.write_bytes(data)


def log_missing(path: Path) -> None:
    kill_behind(path, b'{"type":"process","msg_id":1,"event_id":"new","word":"w"}\n')
    Path(f"{path}-wal").unlink()
    Path(f"{path}-shm").unlink()


def emptied_beside_its_log(path: Path) -> None:
    kill_behind(path, COMMIT)
    path.write_bytes(b"")


BAD_DAYS: dict[Callable[[Path], None], bytes] = {
    not_ours: b"not a store of Oncelab",
    of_another_program: b"not a store of Oncelab",
    newer: b"a newer Oncelab wrote it",
    older: b"an older Oncelab wrote it",
    without_a_log: b"journal mode",
    read_only: b"read-only",
    half: b"damaged",
    a_few_bytes: b"not a store of Oncelab",
    flipped: b"damaged",
    senseless: b"damaged",
    beyond_all_numbers: b"damaged",
    of_other_tables: b"damaged",
    zeroed: b"damaged",
    log_missing: b"log",
    emptied_beside_its_log: b"-wal is there",
}


@pytest.mark.parametrize(("spoil", "words"), BAD_DAYS.items())
def test_a_bad_file_is_refused_and_left_alone(
    store: Path, spoil: Callable[[Path], None], words: bytes
) -> None:
    spoil(store)
    before = store.read_bytes()
    done = node(store, LINES)
    assert (done.returncode, done.stdout) == (1, b"")
    assert words in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert done.stderr.startswith(b"oncelab node: cannot use the store ")
    assert store.read_bytes() == before


@pytest.mark.parametrize("spoil", [each for each in BAD_DAYS if each is not read_only])
def test_verify_finds_what_is_wrong_and_changes_nothing(
    store: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(store)
    before, names = store.read_bytes(), sorted(store.parent.iterdir())
    findings = verify.verify(store).findings
    assert findings
    assert not any("\n" in text for _, text in findings)
    assert (store.read_bytes(), sorted(store.parent.iterdir())) == (before, names)


@pytest.mark.parametrize("spoil", BAD_DAYS)
def test_what_was_refused_once_is_refused_again(store: Path, spoil: Callable[[Path], None]) -> None:
    """SQLite makes an empty log, even to read: it must not pass for the one that is missing."""
    spoil(store)
    before = store.read_bytes()
    verify.verify(store)
    for _ in range(2):
        assert node(store, LINES).returncode == 1
    if spoil is not read_only:
        assert verify.verify(store).findings
    assert store.read_bytes() == before


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    done = node(tmp_path / "nowhere" / "store")
    assert done.returncode == 1
    assert b"there is no folder" in done.stderr
    assert not (tmp_path / "nowhere").exists()


def test_a_name_too_long_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 300)
    done = node(path)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert b"too long" in done.stderr
    assert verify.verify(path).findings


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    done = node(tmp_path)
    assert done.returncode == 1
    assert b"it is a folder" in done.stderr


def test_what_is_no_file_is_left_as_it_is(tmp_path: Path) -> None:
    """A device is as empty as a file that becomes a store, and would be replaced."""
    os.mkfifo(tmp_path / "pipe")
    done = node(tmp_path / "pipe")
    assert done.returncode == 1
    assert b"a device, a pipe or a socket: expected a file" in done.stderr
    assert (tmp_path / "pipe").is_fifo()
    assert verify.verify(tmp_path / "pipe").findings


BESIDE = ("-lock", "-wal", "-shm", "-journal")


@pytest.mark.parametrize("end", BESIDE)
@pytest.mark.parametrize("kind", ["file", "link", "link to nothing", "pipe", "folder"])
def test_a_file_of_somebody_under_a_name_that_a_store_needs_stays(
    tmp_path: Path, end: str, kind: str
) -> None:
    path, dear = tmp_path / "store", tmp_path / "dear"
    beside = Path(f"{path}{end}")
    dear.write_bytes(b"what somebody has written\n")
    if kind == "file":
        dear.rename(beside)
    elif kind.startswith("link"):
        beside.symlink_to("dear" if kind == "link" else "nowhere")
    elif kind == "pipe":
        os.mkfifo(beside)
    else:
        beside.mkdir()
    before = sorted(
        (each.name, each.lstat().st_mode, each.lstat().st_size) for each in tmp_path.iterdir()
    )
    with pytest.raises(Unusable, match=f"it needs the name store{end}"):
        SqliteStore(path)
    for each in {"store-lock"} - {beside.name}:
        (tmp_path / each).unlink(missing_ok=True)
    after = sorted(
        (each.name, each.lstat().st_mode, each.lstat().st_size) for each in tmp_path.iterdir()
    )
    assert after == before


@pytest.mark.parametrize("end", BESIDE)
def test_a_file_of_somebody_beside_a_store_stays_and_the_store_is_called_sound(
    tmp_path: Path, end: str
) -> None:
    path = tmp_path / "store"
    SqliteStore(path).close()
    for each in BESIDE:
        Path(f"{path}{each}").unlink(missing_ok=True)
    beside = Path(f"{path}{end}")
    beside.write_bytes(b"what somebody has written\n")
    with pytest.raises(Unusable, match=f"it needs the name store{end}"):
        SqliteStore(path)
    assert beside.read_bytes() == b"what somebody has written\n"
    beside.unlink()
    SqliteStore(path).close()


def test_a_file_of_somebody_that_looks_like_a_draft_stays(tmp_path: Path) -> None:
    for name in ("store-new", "store-new-journal"):
        (tmp_path / name).write_bytes(b"what somebody has written\n")
    SqliteStore(tmp_path / "store").close()
    for name in ("store-new", "store-new-journal"):
        assert (tmp_path / name).read_bytes() == b"what somebody has written\n"
    assert not list(tmp_path.glob(".*"))


def test_a_link_leads_to_a_store(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "folder" / "store")
    kill_behind(link, COMMIT)
    assert link.is_symlink()
    assert verify.verify(link).findings == []
    assert node(link, LINES).returncode == 0
    assert verify.verify(tmp_path / "folder" / "store").events == 300


def test_a_link_that_leads_to_itself_is_left_alone(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    done = node(loop)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert loop.is_symlink()


def test_no_file_of_a_store_is_taken_for_an_output_that_is_closed(tmp_path: Path) -> None:
    command = f"{shlex.join([*NODE, str(tmp_path / 'store')])} >&-"
    done = subprocess.run(
        ["sh", "-c", command], input=LINES, capture_output=True, cwd=ROOT, check=False
    )
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert Path(f"{tmp_path / 'store'}-lock").stat().st_size <= 160
    assert verify.verify(tmp_path / "store").findings == []


def test_an_interrupt_while_a_store_is_opened_is_no_fault(store: Path) -> None:
    code = (
        "import sys, core.__main__ as node, core.store.sqlite as sqlite\n"
        "def interrupted(*_): raise KeyboardInterrupt\n"
        "sqlite.load = interrupted\n"
        f"sys.exit(node.main(['--store', {str(store)!r}]))\n"
    )
    done = subprocess.run([NODE[0], "-c", code], capture_output=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")
    assert node(store).returncode == 0


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    path = tmp_path / "store"
    path.touch()
    assert node(path, LINES).returncode == 0
    assert verify.verify(path).findings == []


@pytest.mark.parametrize("step", [307, pytest.param(23, marks=pytest.mark.long)])
def test_no_flipped_byte_goes_unnoticed(store: Path, tmp_path: Path, step: int) -> None:
    """Either the store is refused and left alone, or it holds what it held."""
    whole = store.read_bytes()
    sound = SqliteStore(store)
    held = state(sound.load())
    sound.close()
    refused = 0
    for at in range(0, len(whole), step):
        path = tmp_path / "flipped"
        for each in tmp_path.glob("flipped*"):
            each.unlink()
        data = bytearray(whole)
        data[at] ^= 1 << at % 8
        path.write_bytes(data)
        try:
            opened = SqliteStore(path)
        except Unusable:
            refused += 1
            assert path.read_bytes() == data
        else:
            assert state(opened.load()) == held, at
            opened.close()
    assert refused > 20


def limited(path: Path, size: int, data: bytes) -> "subprocess.CompletedProcess[bytes]":
    """Run a node that cannot write beyond so many bytes into a file."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return subprocess.run(
        [*NODE, str(path)], input=data, capture_output=True, cwd=ROOT, check=False, preexec_fn=limit
    )


@pytest.mark.parametrize("size", [0, 1000, 5000])
def test_no_room_for_a_new_store_is_said_in_one_line(tmp_path: Path, size: int) -> None:
    path = tmp_path / "store"
    done = limited(path, size, LINES)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.count(b"\n") == 1
    assert not path.exists()


def test_what_cannot_be_made_durable_is_an_error_and_has_no_effect(store: Path) -> None:
    size = store.stat().st_size
    before = verify.verify(store)
    requests = b"".join(
        b'{"type":"process","msg_id":%d,"event_id":"g%d","word":"%s"}\n' % (n, n, b"x" * 90)
        for n in range(20_000)
    )
    done = limited(store, size + 100_000, requests)
    replies = [json.loads(line) for line in done.stdout.splitlines()]
    errors = [reply for reply in replies if reply["type"] == "error"]
    done_well = [reply["in_reply_to"] for reply in replies if reply["type"] == "processed"]
    assert len(replies) == 20_000
    assert [reply["in_reply_to"] for reply in replies] == list(range(20_000))
    assert {reply["code"] for reply in errors} == {13}
    assert errors[0]["text"].startswith("the request could not be made durable")
    could_not_at_its_end = replies[-1]["type"] == "error"  # a small last batch may find room
    assert done.returncode == int(could_not_at_its_end)
    assert done.stderr.count(b"\n") == int(could_not_at_its_end)
    report = verify.verify(store)
    assert report.findings == []
    assert report.events == before.events + len(done_well)


def mounted(folder: Path) -> bool:
    """Mount a small disk there; False where that is not allowed."""
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    return (
        bool(shutil.which("mount"))
        and not subprocess.run(command, capture_output=True, check=False).returncode
    )


def test_a_node_goes_on_when_a_full_disk_has_room_again(tmp_path: Path) -> None:
    if not mounted(tmp_path):
        pytest.skip("mounting a small disk is not allowed here")
    try:
        pipe, path = subprocess.PIPE, tmp_path / "store"
        command = [*NODE, str(path)]
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=ROOT, bufsize=0) as child:
            assert child.stdin is not None
            assert child.stdout is not None

            def ask(number: int) -> dict[str, object]:
                assert child.stdin is not None
                assert child.stdout is not None
                line = b'{"type":"process","msg_id":1,"event_id":"e%d","word":"w"}\n' % number
                child.stdin.write(line)
                reply: dict[str, object] = json.loads(child.stdout.readline())
                return reply

            assert ask(1)["count"] == 1
            ballast = tmp_path / "ballast"
            with ballast.open("wb", buffering=0) as file:
                try:
                    while file.write(bytes(4096)):
                        pass
                except OSError:
                    pass
            number = 2
            while (reply := ask(number))["type"] == "processed":
                number += 1
            assert reply["code"] == 13
            assert ask(number)["code"] == 13
            ballast.unlink()
            assert ask(number) == {
                "type": "processed",
                "in_reply_to": 1,
                "word": "w",
                "count": number,
                "was_duplicate": False,
            }
            child.stdin.close()
        assert child.returncode == 0
        assert verify.verify(path).findings == []
    finally:
        subprocess.run(["umount", tmp_path], check=False)


def test_a_store_in_a_working_folder_that_is_gone_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    with pytest.raises(Unusable, match="the working folder cannot be found"):
        SqliteStore("store.db")
