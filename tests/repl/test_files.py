"""The one writer of files: whole or not at all, and over nobody's file; and the one reader.

Every way a command writes meets everything that can lie where it writes.
"""

import ast
import errno
import os
import pty
import resource
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Mistyped, Refused
from core.store.sqlite import SqliteStore
from lessons import catalog, lines, progress
from lessons.progress import Bookmark
from repl import cli, export, files, script, shared
from repl.lesson import entry
from repl.session import Session, on_disk

ROOT = Path(__file__).parents[2]
SOMEBODY = b"what somebody has written\n"


def played() -> Session:
    """Return a session of two steps."""
    session = Session()
    for line in ("process e1 hello", "process e2 world"):
        session.run(line)
    return session


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is remembered in a folder of the test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder."""
    path = tmp_path / "folder"
    path.mkdir()
    return path


@contextmanager
def limited(size: int) -> Iterator[None]:
    """Let no file grow beyond a size: a disk that is full half-way."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def content(folder: Path) -> dict[str, object]:
    """Return all that stands in a folder: what it is, its mode, and what is in it."""
    found: dict[str, object] = {}
    for each in folder.iterdir():
        mode = each.lstat().st_mode
        held = str(each.readlink()) if each.is_symlink() else None
        found[each.name] = mode, held or (each.read_bytes() if stat.S_ISREG(mode) else b"")
    return found


# Every way in which a command writes a file.


def typed(*words: str) -> int:
    """Run a subcommand; return its exit status."""
    options = cli.parser(words).parse_args(words)
    status = import_module(f"repl.cli.{options.subcommand}").run(options)
    assert isinstance(status, int)
    return status


def refusal(session: Session, line: str) -> Refused | None:
    """Run a line; return how it was refused, if it was."""
    try:
        session.run(line)
    except Refused as fault:
        return fault
    return None


def at_prompt(verb: str) -> Callable[[str], int]:
    """Return a way to write: a command of the prompt, which answers with 2 where it is refused."""

    def write(file: str) -> int:
        session = played()
        fault = refusal(session, f"{verb} '{file}'")
        if fault is None:
            return 0
        assert fault.text.startswith("cannot write")
        assert session.takes(fault.hint)
        assert ("a file is there" in fault.text) == fault.hint.startswith(f"{verb}! ")
        return 2

    return write


def on_the_command_line(*words: str) -> Callable[[str], int]:
    """Return a way to write: a subcommand, whose last word is the file."""

    def write(file: str) -> int:
        return typed(*words, file)

    return write


STORY = str(Path(__file__).with_name("story.lab"))
"""A script. As one of a lesson, it does not get to the end."""

KIND, NEVER, ANY = "kind", "never", "any"
"""What a way may write over: a file of its own kind, none, any."""

WAYS: dict[str, tuple[str, str, Callable[[str], int]]] = {
    "save": ("x.lab", KIND, at_prompt("save")),
    "save!": ("x.lab", ANY, at_prompt("save!")),
    "export page": ("x.html", KIND, at_prompt("export")),
    "export picture": ("x.svg", KIND, at_prompt("export")),
    "export recording": ("x.cast", KIND, at_prompt("export")),
    "export text": ("x.txt", NEVER, at_prompt("export")),
    "export! text": ("x.txt", ANY, at_prompt("export!")),
    "oncelab export page": ("x.html", KIND, on_the_command_line("export", STORY, "-o")),
    "oncelab export text": ("x.txt", NEVER, on_the_command_line("export", STORY, "-o")),
    "oncelab export --force": (
        "x.html",
        ANY,
        on_the_command_line("export", STORY, "--force", "-o"),
    ),
    "lesson --export": ("x.json", KIND, on_the_command_line("lesson", "--export")),
    "lesson --export --force": (
        "x.json",
        ANY,
        on_the_command_line("lesson", "--force", "--export"),
    ),
    "lesson --new": ("x.md", NEVER, on_the_command_line("lesson", "--new")),
    "lesson --new --force": ("x.md", ANY, on_the_command_line("lesson", "--force", "--new")),
    "--record": (
        "x.txt",
        NEVER,
        on_the_command_line("lesson", "1", "--script", STORY, "--record"),
    ),
    "--record --force": (
        "x.txt",
        ANY,
        on_the_command_line("lesson", "1", "--script", STORY, "--force", "--record"),
    ),
}
"""A way to write: a name that it may be given, what it may write over, and how it is done."""

# Everything that can lie there. Each is made at a path, and gives the path to write to.


def ours(way: str, path: Path) -> None:
    """Write what this way writes."""
    WAYS[way][2](str(path))


def nothing(_way: str, path: Path) -> Path:
    """Nothing."""
    return path


def of_that_kind(way: str, path: Path) -> Path:
    """What it wrote before."""
    ours(way, path)
    path.chmod(0o640)
    return path


def of_another_kind(way: str, path: Path) -> Path:
    """What another command of ours wrote."""
    text = export.chosen("x.mmd").make(played().history)
    other = text if WAYS[way][0] == "x.lab" else script.text(played().history.steps)
    path.write_text(other, encoding="utf-8")
    return path


def of_somebody(_way: str, path: Path) -> Path:
    """What somebody wrote."""
    path.write_bytes(SOMEBODY)
    return path


def empty(_way: str, path: Path) -> Path:
    """A file with nothing in it."""
    path.touch()
    return path


def link_to(made: Callable[[str, Path], Path]) -> Callable[[str, Path], Path]:
    """Return what makes a link to something."""

    def make(way: str, path: Path) -> Path:
        target = made(way, path.with_name(f"linked-{path.name}"))
        path.symlink_to(target.name)
        return path

    return make


def loop(_way: str, path: Path) -> Path:
    """A link that leads to itself."""
    path.symlink_to(path.name)
    return path


def pipe(_way: str, path: Path) -> Path:
    """A pipe that nobody reads from."""
    os.mkfifo(path)
    return path


def device(which: str) -> Callable[[str, Path], Path]:
    """Return what makes a link to a device."""

    def make(_way: str, path: Path) -> Path:
        path.symlink_to(which)
        return path

    return make


def a_socket(_way: str, path: Path) -> Path:
    """A socket."""
    os.mknod(path, stat.S_IFSOCK | 0o600)
    return path


def a_folder(_way: str, path: Path) -> Path:
    """A folder."""
    path.mkdir()
    return path


def in_a_file(_way: str, path: Path) -> Path:
    """A file, where a folder should be."""
    (path.parent / "file").write_bytes(SOMEBODY)
    return path.parent / "file" / path.name


def draft_beside(_way: str, path: Path) -> Path:
    """A file of somebody's, and a link to one, that look like drafts."""
    for end in (".new", "-new", ".tmp", "~"):
        path.with_name(f".{path.name}{end}").write_bytes(SOMEBODY)
    (path.parent / "dear").write_bytes(SOMEBODY)
    path.with_name(f"{path.name}.new").symlink_to("dear")
    return path


def named(long: int) -> Callable[[str, Path], Path]:
    """Return what gives a name of so many bytes."""

    def make(_way: str, path: Path) -> Path:
        return path.with_name(path.name.rjust(long, "x"))

    return make


def in_no_folder(_way: str, path: Path) -> Path:
    """A folder that there is not."""
    return path.parent / "nowhere" / path.name


def in_a_long_name(_way: str, path: Path) -> Path:
    """A folder that there cannot be."""
    return path.parent / ("x" * 256) / path.name


WRITTEN, POURED, ASKED, REFUSED = "written", "poured", "asked", "refused"
"""It is written; into what is no file; refused unless forced; refused."""

THERE: dict[str, tuple[Callable[[str, Path], Path], dict[str, str]]] = {
    "nothing": (nothing, dict.fromkeys((KIND, NEVER, ANY), WRITTEN)),
    "of that kind": (of_that_kind, {KIND: WRITTEN, NEVER: ASKED, ANY: WRITTEN}),
    "of another kind": (of_another_kind, {KIND: ASKED, NEVER: ASKED, ANY: WRITTEN}),
    "somebody's": (of_somebody, {KIND: ASKED, NEVER: ASKED, ANY: WRITTEN}),
    "empty": (empty, {KIND: ASKED, NEVER: ASKED, ANY: WRITTEN}),
    "link to that kind": (link_to(of_that_kind), {KIND: WRITTEN, NEVER: ASKED, ANY: WRITTEN}),
    "link to somebody's": (link_to(of_somebody), {KIND: ASKED, NEVER: ASKED, ANY: WRITTEN}),
    "link to nothing": (link_to(nothing), dict.fromkeys((KIND, NEVER, ANY), WRITTEN)),
    "link to itself": (loop, dict.fromkeys((KIND, NEVER, ANY), REFUSED)),
    "pipe without a reader": (pipe, dict.fromkeys((KIND, NEVER, ANY), REFUSED)),
    "/dev/full": (device("/dev/full"), dict.fromkeys((KIND, NEVER, ANY), REFUSED)),
    "/dev/null": (device("/dev/null"), dict.fromkeys((KIND, NEVER, ANY), POURED)),
    "socket": (a_socket, dict.fromkeys((KIND, NEVER, ANY), REFUSED)),
    "folder": (a_folder, dict.fromkeys((KIND, NEVER, ANY), REFUSED)),
    "link to a folder": (link_to(a_folder), dict.fromkeys((KIND, NEVER, ANY), REFUSED)),
    "in a file": (in_a_file, dict.fromkeys((KIND, NEVER, ANY), REFUSED)),
    "in no folder": (in_no_folder, dict.fromkeys((KIND, NEVER, ANY), REFUSED)),
    "in a long name": (in_a_long_name, dict.fromkeys((KIND, NEVER, ANY), REFUSED)),
    "drafts beside": (draft_beside, dict.fromkeys((KIND, NEVER, ANY), WRITTEN)),
    "a name of 251 bytes": (named(251), dict.fromkeys((KIND, NEVER, ANY), WRITTEN)),
    "a name of 255 bytes": (named(255), dict.fromkeys((KIND, NEVER, ANY), WRITTEN)),
    "a name of 256 bytes": (named(256), dict.fromkeys((KIND, NEVER, ANY), REFUSED)),
}


@pytest.mark.parametrize("there", THERE)
@pytest.mark.parametrize("way", WAYS)
def test_what_lies_there_is_written_over_only_where_it_may_be_and_nothing_else_changes(
    way: str, there: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, may, write = WAYS[way]
    make, expected = THERE[there]
    path = make(way, folder / name)
    before = content(folder)
    capsys.readouterr()
    status = write(str(path))
    said = capsys.readouterr().err
    after = content(folder)
    target = Path(os.path.realpath(path)) if expected[may] == WRITTEN else path
    fresh = after.pop(target.name, None) if expected[may] == WRITTEN else None
    old = before.pop(target.name, None) if expected[may] == WRITTEN else None
    assert after == before
    if expected[may] == WRITTEN:
        assert isinstance(fresh, tuple)
        assert len(fresh[1]) > 20
        assert fresh[1] != SOMEBODY
        assert old is None or (isinstance(old, tuple) and old[0] == fresh[0])
    if may == ANY or expected[may] != ASKED:
        assert "--force" not in said
    if expected[may] in {WRITTEN, POURED}:
        assert status in {0, 1}  # a lesson that was not walked to its end has failed
    elif there in {"/dev/full", "pipe without a reader"} and "--record" in way:
        assert status == 1  # it cannot be known before the walk
    else:
        assert status == 2
    if expected[may] in {ASKED, REFUSED} and "oncelab lesson:" in said:
        assert said.count("cannot write") == 1
        assert ("; --force writes over it" in said) == (expected[may] == ASKED)


@pytest.mark.parametrize("way", [each for each in WAYS if WAYS[each][1] == ANY])
@pytest.mark.usefixtures("capsys")  # what is printed is not on that disk
def test_a_full_disk_leaves_the_file_that_was_there(way: str, folder: Path) -> None:
    path = folder / WAYS[way][0]
    path.write_bytes(b"before\n")
    with limited(11):
        assert WAYS[way][2](str(path)) in {1, 2}
    assert content(folder) == {path.name: (path.stat().st_mode, b"before\n")}


@pytest.mark.parametrize("way", WAYS)
def test_a_pipe_with_a_reader_and_a_descriptor_are_written_to_as_they_are(
    way: str, folder: Path
) -> None:
    name, _, write = WAYS[way]
    path, heard = folder / name, []
    os.mkfifo(path)
    listener = threading.Thread(target=lambda: heard.append(path.read_bytes()), daemon=True)
    listener.start()
    for _ in range(500):
        if write(str(path)) != 2:  # the reader is there
            break
        time.sleep(0.01)
    listener.join(10)
    assert len(heard[0]) > 20
    assert path.is_fifo()


def test_a_redirected_descriptor_keeps_what_is_in_the_file_and_goes_on_behind_it(
    folder: Path,
) -> None:
    log = folder / "log"
    log.write_bytes(SOMEBODY)
    with log.open("ab") as opened:
        for each in (f"/dev/fd/{opened.fileno()}", f"/proc/self/fd/{opened.fileno()}"):
            files.write(each, "ours\n")
        opened.write(b"theirs\n")
    assert log.read_bytes() == SOMEBODY + b"ours\nours\ntheirs\n"


NAMES = {"surrogate": "\ud800", "NUL": "a\0b", "nothing": "", "of a folder": "folder/"}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_no_file_can_have_is_refused_in_a_line(name: str, folder: Path) -> None:
    file, session = NAMES[name], played()
    for verb in ("save", "load", "feed", "export") if {"\0", "\ud800"} & set(file) else ():
        fault = refusal(session, f"{verb} './{file}.html'")
        assert fault is not None
        assert "\n" not in fault.text
    with pytest.raises(OSError, match=r"no file can have this name|the name of a folder"):
        files.write(str(folder / file) + "/" if file.endswith("/") else file, "x")
    assert not list(folder.iterdir())


def test_a_path_is_meant_from_home_and_a_name_may_begin_with_a_dash(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.chdir(folder)
    session = played()
    for line in ("save ~/one.lab", "load ~/one.lab", "export ~/one.html", "save -x.lab"):
        session.run(line)
    assert typed("export", "~/one.lab", "-o", "~/two.html") == 0
    assert typed("lesson", "--new", "~/three.md") == 0
    assert typed("lesson", "--check", "~/three.md") == 0
    assert typed("run", "~/one.lab") == 0
    assert typed("search", "~/one.lab") == 0
    assert typed("lesson", "1", "--script", "~/one.lab", "--record", "~/four.txt") == 1
    made = {"one.lab", "one.html", "two.html", "three.md", "four.txt", "-x.lab"}
    assert {each.name for each in folder.iterdir()} == made


# What is never written to, whatever one says.


def test_the_store_of_a_session_is_never_written_to(folder: Path) -> None:
    store = folder / "lab.db"
    session = on_disk(str(store))
    disk = session.lab.durability.disk
    assert disk is not None
    with closing(disk):
        session.run("process e1 hello")
        (folder / "link").symlink_to("lab.db")
        (folder / "again.txt").hardlink_to(store)
        beside = [f"lab.db{end}" for end in ("", "-wal", "-shm", "-journal", "-lock")]
        for end in (*beside, "link", "again.txt"):
            for verb in ("save", "save!", "export!") if end == "again.txt" else ("save", "save!"):
                with pytest.raises(Mistyped, match="the store of this session is in it"):
                    session.run(f"{verb} {folder / end}")
        session.run("commit")
    again = on_disk(str(store))
    disk = again.lab.durability.disk
    assert disk is not None
    with closing(disk):
        assert again.run("expect count hello == 1").failed is False


def test_a_name_that_a_store_needs_is_refused_also_to_other_sessions(folder: Path) -> None:
    SqliteStore(folder / "lab.db").close()
    for end in ("-wal", "-shm", "-journal"):
        with pytest.raises(Mistyped, match="the store beside it needs this name"):
            played().run(f"save {folder / 'lab.db'}{end}")
    played().run(f"save {folder / 'lab.txt'}-wal")


@pytest.mark.parametrize("through", ["itself", "link", "second name"])
def test_what_is_read_is_never_written_over(
    through: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read = folder / "x.html"
    read.write_text("process e1 hello\n", encoding="utf-8")
    other = read if through == "itself" else folder / "y.html"
    if through == "link":
        other.symlink_to(read.name)
    elif through == "second name":
        other.hardlink_to(read)
    before = content(folder)
    assert typed("export", str(read), "--force", "-o", str(other)) == 2
    assert "it is the session to be exported" in capsys.readouterr().err
    assert typed("lesson", "1", "--script", str(read), "--force", "--record", str(other)) == 2
    assert "it is the script that is read" in capsys.readouterr().err
    assert content(folder) == before


@pytest.mark.parametrize("verb", ["save", "save!", "export!"])
def test_a_command_writes_over_no_script_and_no_lesson_that_it_stands_in(
    verb: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read, lesson = folder / "x.txt", folder / "y.lesson.md"
    read.write_text(f"{script.HEADER}\nprocess e1 hello\n{verb} {read}\n", encoding="utf-8")
    lesson.write_text(catalog.find("1").text(), encoding="utf-8")
    before = content(folder)
    assert typed("run", str(read)) == 1
    assert "it is the script that is read" in capsys.readouterr().err
    with pytest.raises(Mistyped, match="it is the lesson"):
        walking(lesson).run(f"{verb} {lesson}")
    typed("lesson", "1", "--script", str(read))
    assert content(folder) == before


def walking(lesson: Path) -> Session:
    """Return a session in the middle of a lesson."""
    session = Session()
    entry.guide(session, catalog.find(str(lesson)), progress.Progress(None)).begin()
    return session


def test_a_record_is_refused_before_the_walk_and_goes_beside_a_file_that_came_meanwhile(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "mine.txt"
    path.write_bytes(SOMEBODY)
    assert typed("lesson", "1", "--script", os.devnull, "--record", str(path)) == 2
    assert not capsys.readouterr().out
    path.unlink()
    walked = lines.model_answer(entry.runner(catalog.find("1")))
    (folder / "answers").write_text("\n".join(walked), encoding="utf-8")
    really = files.check

    def check(*given: object, **more: object) -> None:
        really(*given, **more)  # type: ignore[arg-type]
        path.write_bytes(SOMEBODY)

    monkeypatch.setattr(files, "check", check)
    words = ("lesson", "1", "--script", str(folder / "answers"), "--record", str(path))
    assert typed(*words) == 0
    assert "is there by now: the record is in" in capsys.readouterr().err
    assert path.read_bytes() == SOMEBODY
    assert typed("lesson", "--verify", str(folder / "mine-2.txt")) == 0


# Rights. To root nothing is protected, so root becomes nobody for a while.


@pytest.fixture
def shut() -> Iterator[Path]:
    """A folder that cannot be written to, with two files in it, one of them writable."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each, mode in {"open": 0o666, "shut": 0o444}.items():
            (folder / each).write_bytes(SOMEBODY)
            (folder / each).chmod(mode)
        folder.chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
            folder.chmod(0o755)


def test_a_writable_file_in_a_folder_that_is_not_is_written_in_place(shut: Path) -> None:
    before = (shut / "open").stat()
    files.write(shut / "open", "short", over=True)
    after = (shut / "open").stat()
    assert (shut / "open").read_bytes() == b"short"
    assert (before.st_ino, before.st_mode) == (after.st_ino, after.st_mode)


def test_what_was_there_is_put_back_where_writing_in_place_fails(
    shut: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with limited(40), pytest.raises(OSError, match="File too large"):
        files.write(shut / "open", "x" * 100, over=True)
    assert (shut / "open").read_bytes() == SOMEBODY
    with monkeypatch.context() as patch:
        interrupted(patch, len(SOMEBODY))
        with pytest.raises(KeyboardInterrupt):
            files.write(shut / "open", "x" * 100, over=True)
    assert (shut / "open").read_bytes() == SOMEBODY


@pytest.mark.parametrize("name", ["shut", "new"])
def test_what_may_not_be_written_stays(shut: Path, name: str) -> None:
    before = content(shut)
    for tried in (files.check, lambda path, over: files.write(path, "x", over=over)):
        with pytest.raises(PermissionError):
            tried(shut / name, over=True)
    assert content(shut) == before


def interrupted(patch: pytest.MonkeyPatch, spared: int) -> None:
    """Press Ctrl-C half-way through the first write that is not of so many bytes."""
    really = os.write

    def write(opened: int, data: memoryview) -> int:
        if len(data) == spared:
            return really(opened, data)
        really(opened, data[: len(data) // 2])
        raise KeyboardInterrupt

    patch.setattr(os, "write", write)


@pytest.mark.parametrize("there", [True, False])
def test_an_interrupt_half_way_leaves_all_as_it_was(
    folder: Path,
    there: bool,  # noqa: FBT001 - a row of the table
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if there:
        (folder / "x").write_bytes(SOMEBODY)
    before = content(folder)
    with monkeypatch.context() as patch:
        interrupted(patch, -1)
        with pytest.raises(KeyboardInterrupt):
            files.write(folder / "x", "y" * 100, over=True)
    assert content(folder) == before


def test_where_no_file_has_two_names_a_new_one_is_made_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    files.write(folder / "x", "ours")
    with pytest.raises(files.Occupied):
        files.write(folder / "x", "again")
    assert content(folder) == {"x": ((folder / "x").stat().st_mode, b"ours")}


def test_a_file_that_appears_meanwhile_is_not_written_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = os.fsync

    def slow(opened: int) -> None:
        really(opened)
        (folder / "x").write_bytes(SOMEBODY)

    monkeypatch.setattr(os, "fsync", slow)
    with pytest.raises(files.Occupied):
        files.write(folder / "x", "ours", over=script.SAVED)
    assert content(folder) == {"x": ((folder / "x").stat().st_mode, SOMEBODY)}


def test_a_file_that_takes_the_place_of_ours_meanwhile_is_not_written_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = os.fsync

    def slow(opened: int) -> None:
        really(opened)
        (folder / "theirs").write_bytes(SOMEBODY)
        (folder / "theirs").replace(folder / "x")

    script.write(folder / "x", ())
    monkeypatch.setattr(os, "fsync", slow)
    with pytest.raises(files.Occupied):
        script.write(folder / "x", ())
    assert content(folder) == {"x": ((folder / "x").stat().st_mode, SOMEBODY)}


def test_of_many_who_write_at_once_each_writes_whole(folder: Path) -> None:
    path, steps, wrong = folder / "x.lab", played().history.steps, []

    def save(count: int) -> None:
        try:
            for _ in range(20):
                script.write(path, steps[:count])
        except OSError as fault:
            wrong.append(fault)

    writers = [threading.Thread(target=save, args=(1 + n % 2,)) for n in range(6)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert not wrong
    assert path.read_text(encoding="utf-8") in {script.text(steps[:n]) for n in (1, 2)}
    assert [each.name for each in folder.iterdir()] == ["x.lab"]


def test_a_second_name_of_a_file_keeps_what_was_there(folder: Path) -> None:
    (folder / "one").write_bytes(SOMEBODY)
    (folder / "two").hardlink_to(folder / "one")
    files.write(folder / "one", "ours", over=True)
    assert (folder / "two").read_bytes() == SOMEBODY


def test_a_file_that_is_new_has_the_mode_of_any(folder: Path) -> None:
    (folder / "any").touch()
    files.write(folder / "one", "1")
    assert len({each.stat().st_mode for each in folder.iterdir()}) == 1


@pytest.mark.parametrize("kind", [each for each in export.FORMATS if each.mark])
def test_an_export_begins_with_the_mark_of_its_format(kind: export.Format) -> None:
    assert kind.make(played().history).partition("\n")[0].startswith(kind.mark)


# Reading.


READERS: dict[str, Callable[[str], int]] = {
    "run": lambda file: typed("run", file),
    "search": lambda file: typed("search", file),
    "export": lambda file: typed("export", file, "-o", f"{file}-{os.getpid()}.html"),
    "--script": lambda file: typed("lesson", "1", "--script", file),
    "--verify": lambda file: typed("lesson", "--verify", file),
    "--import": lambda file: typed("lesson", "--import", file),
    "--check": lambda file: typed("lesson", "--check", file),
    "lesson": lambda file: typed("lesson", file, "--script", os.devnull),
    "load": lambda file: 2 if refusal(played(), f"load {file}") else 0,
    "feed": lambda file: 2 if refusal(played(), f"feed {file}") else 0,
}


@pytest.mark.parametrize("endless", ["/dev/zero", "/dev/urandom", "pipe", "terminal", "line"])
@pytest.mark.parametrize("reader", READERS)
def test_what_never_ends_is_refused_in_a_line(
    reader: str, endless: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PATIENCE", 0.0)
    monkeypatch.setattr(files, "MOST", 1 << 22)
    monkeypatch.setattr(files, "_LARGEST", 1 << 22)
    monkeypatch.setattr(catalog, "_MOST", 1 << 20)
    monkeypatch.chdir(folder)
    file, opened = folder / "x", []
    if endless == "pipe":
        os.mkfifo(file)
    elif endless == "terminal":
        opened = list(pty.openpty())
        file.symlink_to(os.ttyname(opened[1]))
    elif endless == "line":
        file.write_text("x" * (files.MOST + 1), encoding="utf-8")
    else:
        file.symlink_to(endless)
    try:
        status = READERS[reader](str(file))
    finally:
        for each in opened:
            os.close(each)
    assert status == 2 or (reader, endless) in {("--check", "line"), ("lesson", "line")}


def test_a_slow_writer_is_waited_for_until_one_does_not_want_to(folder: Path) -> None:
    os.mkfifo(folder / "pipe")

    def write() -> None:
        time.sleep(0.05)
        with (folder / "pipe").open("wb", buffering=0) as opened:
            for piece in (b"process e1", b" hello\n"):
                opened.write(piece)
                time.sleep(0.15)

    writer = threading.Thread(target=write)
    writer.start()
    assert files.read(folder / "pipe") == "process e1 hello\n"
    writer.join()
    with pytest.raises(files.UnreadableFile, match="it was stopped"):
        files.read(folder / "pipe", lambda: False)


def test_a_mark_of_the_byte_order_is_taken_off(folder: Path) -> None:
    mark, text = b"\xef\xbb\xbf", catalog.find("1").text()
    kept = progress.text({"one": Bookmark(1, 2)})
    contents = {"x.lab": "process e1 hello\r\n", "x.json": kept, "x.md": text}
    for name, each in contents.items():
        (folder / name).write_bytes(mark + each.encode())
    for reader, name in {
        "run": "x.lab",
        "search": "x.lab",
        "load": "x.lab",
        "feed": "x.lab",
        "export": "x.lab",
        "--import": "x.json",
        "--check": "x.md",
    }.items():
        assert READERS[reader](str(folder / name)) == 0, reader
    assert files.read(folder / "x.lab") == "process e1 hello\n"
    assert progress.parse(f"\ufeff{kept}")


def test_a_line_as_long_as_one_may_have_is_saved_and_loaded(folder: Path) -> None:
    session = Session()
    session.run(f"process e1 {'x' * 3_000_000}")
    session.run(f"save {folder / 'x.lab'}")
    again = Session()
    again.run(f"load {folder / 'x.lab'}")
    assert again.lab.processor.counts == session.lab.processor.counts


def test_a_file_without_a_step_is_not_loaded_unless_it_is_a_session(folder: Path) -> None:
    session, path = played(), folder / "x.lab"
    for text in ("", "\n", "# nothing\nshow\n", "process a\nreset\n", '{"type": "bad"}\n'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(Mistyped, match=r"no step is in .*; nothing was loaded"):
            session.run(f"load {path}")
        assert len(session.history.steps) == 2
    path.unlink()
    Session().run(f"save {path}")
    view = session.run(f"load {path}").view
    assert view is not None
    assert "no step is in it" in view.plain()


@pytest.mark.parametrize("name", [b"caf\xe9.md", b"a\nb.md", b"a\\nb.md", b"\xf3\xa0\x80\x81.md"])
def test_a_lesson_of_any_name_is_checked_walked_and_recorded(
    name: bytes, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = os.fsdecode(os.fsencode(folder) + b"/" + name)
    Path(path).write_text(catalog.find("1").text(), encoding="utf-8")
    record = str(folder / "record.txt")
    assert typed("lesson", "--check", path) == 0
    assert typed("lesson", path, "--script", os.devnull, "--record", record) == 1
    capsys.readouterr()
    assert typed("lesson", "--verify", record) == 1
    assert "VERIFIED 0 of 1 complete" in capsys.readouterr().out
    Path(path).write_text("```shoe\n```\n", encoding="utf-8")
    assert typed("lesson", "--check", path) == 1
    capsys.readouterr().out.encode()  # there is nothing in it that cannot be printed


@given(st.text(st.characters(exclude_categories=[])))
def test_what_is_written_is_what_stands_there(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "round"
    encoded = text.encode("utf-8", "surrogatepass")
    files.write(path, text, over=True)
    assert path.read_bytes() == encoded
    own = shared.OwnFile(path)
    own.append(text)
    own.close()
    assert path.read_bytes() == encoded * 2


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\ufeff")))
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "round"
    files.write(path, text, over=True)
    assert files.read(path) == text


def test_a_file_that_cannot_be_read_is_named_with_the_reason(folder: Path) -> None:
    (folder / "binary").write_bytes(b"ab\xff")
    for name, reason in {
        "missing": "No such file or directory",
        "": "Is a directory",
        "binary": "it is not UTF-8 text (byte 3)",
    }.items():
        with pytest.raises(files.UnreadableFile) as fault:
            files.read(folder / name)
        assert str(fault.value) == f"cannot read {str(folder / name)!r}: {reason}"


def test_nothing_else_writes_files() -> None:
    """In `repl` and `lessons`; a store has rules of its own."""
    writing = {"write_text", "write_bytes", "open", "touch"}
    found = {
        f"{path.relative_to(ROOT)}: {call.func.attr}"
        for package in ("repl", "lessons")
        for path in (ROOT / package).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in writing
    }
    elsewhere = {each for each in found if not each.startswith("repl/files.py")}
    assert elsewhere == {
        "lessons/catalog.py: open",  # it reads
        "repl/shared.py: open",  # it locks, and writes to what `files` has made
    }


def test_progress_is_written_as_it_is_read() -> None:
    lessons = {"one": Bookmark(1, 2, ("next",), ("next", "ü"))}
    assert progress.parse(progress.text(lessons)) == lessons
