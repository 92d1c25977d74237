"""Files are written whole or not at all, and never over another one unasked."""

import errno
import os
import resource
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gradmark_report import output
from gradmark_report.errors import BadInput
from gradmark_report.output import check_writable, write_whole
from limits import not_forever


def refusal(path: Path | str, *, force: bool = False) -> str:
    """What write_whole says; check_writable says the same before."""
    with pytest.raises(BadInput) as caught:
        write_whole(path, "new", force=force)
    said = str(caught.value)
    with pytest.raises(BadInput) as caught:
        check_writable(path, force=force)
    assert str(caught.value) == said
    assert said.isprintable()
    return said


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file(tmp_path: Path) -> None:
    check_writable(tmp_path / "a", force=False)
    assert names(tmp_path) == []
    write_whole(tmp_path / "a", "é – \ud800")
    assert (tmp_path / "a").read_bytes() == "é – ?".encode()
    write_whole(tmp_path / "b", b"\xff")
    assert (tmp_path / "b").read_bytes() == b"\xff"
    assert names(tmp_path) == ["a", "b"]


def test_no_path_needs_no_check() -> None:
    check_writable(None, force=False)


def test_a_name_without_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_whole("a", "new")
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
@pytest.mark.parametrize("force", [False, True])
def test_the_umask_is_respected(tmp_path: Path, mask: int, mode: int, force: bool) -> None:
    before = os.umask(mask)
    try:
        write_whole(tmp_path / "a", "new", force=force)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == mode


def test_an_existing_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    assert refusal(path) == f"{path} exists; --force overwrites it"
    assert path.read_text() == "old"
    write_whole(path, "new", force=True)
    assert path.read_text() == "new"
    assert names(tmp_path) == ["a"]


def test_an_existing_file_that_appears_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = output._write

    def slow(path: Path, data: bytes) -> None:
        write(path, data)
        (tmp_path / "a").write_text("other")

    monkeypatch.setattr(output, "_write", slow)
    with pytest.raises(BadInput, match="exists; --force overwrites it"):
        write_whole(tmp_path / "a", "new")
    assert (tmp_path / "a").read_text() == "other"
    assert names(tmp_path) == ["a"]


def fifo(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/full")


def loop(path: Path) -> None:
    path.symlink_to(path)


def to_a_folder(path: Path) -> None:
    path.symlink_to("/")


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("make", [Path.mkdir, fifo, device, loop, to_a_folder])
def test_what_is_no_file_stays_what_it_is(tmp_path: Path, make: Callable[[Path], object], force: bool) -> None:
    path = tmp_path / "a"
    make(path)
    before = path.lstat()
    said = refusal(path, force=force)
    assert "this is a" in said or said.endswith("exists; --force overwrites it")
    assert path.lstat().st_ino == before.st_ino
    assert names(tmp_path) == ["a"]


def test_a_link_is_written_through_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    real, link = tmp_path / "there" / "real", tmp_path / "link"
    link.symlink_to(real)
    assert "exists" in refusal(link)  # though it leads nowhere yet
    write_whole(link, "one", force=True)
    write_whole(link, "two", force=True)
    assert link.is_symlink()
    assert real.read_text() == "two"
    assert names(tmp_path / "there") == ["real"]


@pytest.mark.parametrize("force", [False, True])
def test_what_cannot_be_written(tmp_path: Path, force: bool) -> None:
    (tmp_path / "file").touch()
    assert refusal(tmp_path / "no" / "a", force=force).endswith(f"there is no folder {tmp_path / 'no'}")
    assert "Not a directory" in refusal(tmp_path / "file" / "a", force=force)
    assert "File name too long" in refusal(tmp_path / ("n" * 300), force=force)
    assert "no name of a file" in refusal(f"{tmp_path}/new/", force=force)
    assert "no name of a file" in refusal("", force=force)
    assert names(tmp_path) == ["file"]


def test_the_longest_name_that_there_is(tmp_path: Path) -> None:
    for name in ("n" * 255, "é" * 127):
        write_whole(tmp_path / name, "new")
        assert (tmp_path / name).read_text() == "new"


# ---- disks that are full or closed -----------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root may mount a file system of 8 KiB")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(small_disk: Path) -> None:
    path = small_disk / "a"
    write_whole(path, "old")
    for force in (False, True):
        with pytest.raises(BadInput, match="cannot be written: No space left on device"):
            write_whole(small_disk / "b", "x" * 100_000, force=force)
    with pytest.raises(BadInput, match="No space left on device"):
        write_whole(path, "x" * 100_000, force=True)
    assert path.read_text() == "old"
    assert names(small_disk) == ["a"]


def test_a_disk_that_cannot_be_written_to(small_disk: Path) -> None:
    remount = ["mount", "-o", "remount,ro", str(small_disk)]
    subprocess.run(remount, check=True)
    assert "cannot be written" in refusal(small_disk / "a")
    assert "cannot be written" in refusal(small_disk / "a", force=True)


def test_a_limit_on_the_size_of_files(tmp_path: Path) -> None:
    limit, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limit[1]))
    try:
        with pytest.raises(BadInput, match="cannot be written: File too large"):
            write_whole(tmp_path / "a", "x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert names(tmp_path) == []


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP])
def test_a_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def no_link(source: Path, target: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", no_link)
    write_whole(tmp_path / "a", "new")
    assert (tmp_path / "a").read_text() == "new"
    with pytest.raises(BadInput, match="exists"):
        write_whole(tmp_path / "a", "newer")
    assert names(tmp_path) == ["a"]


# ---- others at the same time, and the end in the middle --------------------------------------------------------------


@pytest.mark.parametrize("force", [False, True])
def test_two_writers_at_once(tmp_path: Path, force: bool) -> None:
    """One of them wins, whole; without --force the others are told."""
    path, said = tmp_path / "a", list[str]()
    contents = [letter * 200_000 for letter in "abcdefgh"]

    def write(content: str) -> None:
        try:
            write_whole(path, content, force=force)
        except BadInput as error:
            said.append(str(error))

    writers = [threading.Thread(target=write, args=(content,)) for content in contents]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert path.read_text() in contents
    assert len(said) == (0 if force else len(contents) - 1)
    assert all("exists" in one for one in said)
    assert names(tmp_path) == ["a"]


SLOW = """
import os, sys, time
from gradmark_report import output
sync = os.fsync
def slow(descriptor):
    sync(descriptor)
    print("written", flush=True)
    time.sleep(3600)
os.fsync = slow
output.write_whole(sys.argv[1], "new" * 1000, force=True)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_the_end_in_the_middle(tmp_path: Path, number: signal.Signals) -> None:
    """The target is as it was. What SIGKILL leaves behind is hidden, and named after what it was for."""
    path = tmp_path / "a.html"
    path.write_text("old")
    environment = {**os.environ, "PYTHONPATH": str(Path(output.__file__).parent.parent)}
    command = [sys.executable, "-c", SLOW, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(number)
        with not_forever():
            process.wait()
    assert path.read_text() == "old"
    left = [name for name in names(tmp_path) if name != "a.html"]
    if number == signal.SIGKILL:
        assert len(left) == 1
        assert left[0].startswith(".a.html.")
        assert left[0].endswith(".part")
    else:
        assert left == []


def test_a_reader_sees_the_old_or_the_new(tmp_path: Path) -> None:
    path, done = tmp_path / "a", threading.Event()
    contents = {letter * 300_000 for letter in "xy"}
    write_whole(path, "x" * 300_000)

    def rewrite() -> None:
        while not done.is_set():
            for content in contents:
                write_whole(path, content, force=True)

    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        seen = {path.read_text() for _ in range(200)}
    finally:
        done.set()
        writer.join()
    assert seen <= contents
