"""The table of exit codes in the README: what each command ends with, asked of every command in the same way."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from built import ROOT, built
from program import PATIENCE, PROGRAM

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not built")

REPORT = [sys.executable, "-m", "gradmark_report"]
TORCH = [sys.executable, str(ROOT / "scripts" / "peers" / "train_torch.py")]
RESULT = str(ROOT / "tests" / "reports" / "second_result.json")
TRAINING = str(ROOT / "tests" / "reports" / "first_training.json")
SCALAR = ["--filter", "^sgd/f32/scalar$"]
SCRIPTS = ["bench", "compare", "limits", "test", "fresh-root"]


def script(name: str) -> list[str]:
    return [str(ROOT / "scripts" / name)]


def of_gradmark(*arguments: str) -> list[str]:
    return [str(PROGRAM), *arguments]


def ends(
    command: list[str], cwd: Path, env: dict[str, str] | None = None, **streams: object
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "reports"), "OMP_WAIT_POLICY": "passive", **(env or {})}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **streams}
    return subprocess.run(command, text=True, timeout=PATIENCE, check=False, cwd=cwd, env=environment, **pipes)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


FINE = [
    of_gradmark("--help"),
    of_gradmark("--version"),
    of_gradmark("list"),
    of_gradmark("verify", *SCALAR),
    of_gradmark("train", "linear"),
    [*REPORT, "--help"],
    [*REPORT, "--version"],
    [*REPORT, "md", RESULT],
    [*REPORT, "md", TRAINING],
    [*REPORT, "svg", RESULT, "--plot", "attainable"],
    [*REPORT, "compare", RESULT, RESULT],
    [*REPORT, "gate", RESULT, RESULT],
    *([*REPORT, name, "--help"] for name in ("html", "md", "svg", "compare", "gate", "aa", "history", "merge")),
    *(of_gradmark(name, "--help") for name in ("info", "list", "verify", "run", "limits", "train")),
    *([*script(name), "--help"] for name in SCRIPTS),
    [*script("test"), "--list"],
]
# Of each kind one: what is printed by rich, by print(), by what a shell starts, by a program that ignores SIGPIPE.
PRINTED = [
    of_gradmark("--help"),
    of_gradmark("train", "linear"),
    [*REPORT, "--help"],
    [*REPORT, "md", RESULT],
    [*REPORT, "svg", RESULT, "--plot", "attainable"],
    [*REPORT, "gate", RESULT, RESULT],
    [*REPORT, "gate", "--help"],
    [*script("bench"), "--help"],
    [*script("test"), "--list"],
]


def names(command: list[str]) -> str:
    return " ".join(Path(word).name for word in command if word not in (sys.executable, "-m"))


def close_all() -> None:
    for descriptor in range(3):
        os.close(descriptor)


@pytest.mark.parametrize("command", FINE, ids=names)
def test_0_is_fine(tmp_path: Path, command: list[str]) -> None:
    done = ends(command, tmp_path)
    assert done.returncode == 0, done
    assert done.stdout
    assert files(tmp_path) == []


@pytest.mark.parametrize("command", PRINTED, ids=names)
def test_0_is_fine_where_nobody_listens(tmp_path: Path, command: list[str]) -> None:
    """A standard stream that is closed is /dev/null."""
    assert ends(command, tmp_path, preexec_fn=close_all).returncode == 0


@pytest.mark.parametrize("command", PRINTED, ids=names)
def test_2_is_what_cannot_be_printed(tmp_path: Path, command: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = ends(command, tmp_path, stdout=full)
    assert done.returncode == 2, done
    assert len(done.stderr.splitlines()) == 1
    assert "No space left on device" in done.stderr or "standard output could not be written" in done.stderr


@pytest.mark.parametrize("command", PRINTED, ids=names)
def test_141_is_a_reader_that_had_enough(tmp_path: Path, command: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = ends(command, tmp_path, stdout=writing)
    os.close(writing)
    assert done.returncode in (141, -13), done
    assert done.stderr == ""


REFUSED = [
    of_gradmark(),
    of_gradmark("fly"),
    *(of_gradmark(name, "--bogus") for name in ("info", "list", "verify", "run", "limits", "train")),
    *(of_gradmark(name, *SCALAR, "--plugin", "/nowhere.so") for name in ("verify", "run", "limits")),
    *(of_gradmark(name, "--filter", "(") for name in ("verify", "run", "limits")),
    of_gradmark("list", "--filter", "x"),
    of_gradmark("verify", *SCALAR, "--json", "nowhere/verify.json"),
    of_gradmark("run", *SCALAR, "-o", "nowhere/result.json"),
    of_gradmark("train", "fly"),
    of_gradmark("train", "linear", "-o", "nowhere/training.json"),
    of_gradmark("train", "mnist-sgd", "--data", "nowhere"),
    of_gradmark("train", "mnist-sgd", "--resume", "nowhere"),
    REPORT,
    [*REPORT, "fly"],
    *([*REPORT, name] for name in ("html", "md", "svg", "compare", "gate", "aa", "history", "merge")),
    *([*REPORT, name, "nowhere"] for name in ("html", "md", "svg", "compare", "gate", "aa", "history", "merge")),
    *([*REPORT, name, "--bogus"] for name in ("html", "md", "svg", "compare", "gate", "aa", "history", "merge")),
    [*REPORT, "html", RESULT, "-o", "nowhere/page.html"],
    [*REPORT, "svg", RESULT, "--plot", "fly"],
    [*REPORT, "gate", RESULT, "nowhere"],
    [*REPORT, "merge", RESULT, RESULT],
    [*REPORT, "history", "."],
    [*script("bench"), "-o"],
    [*script("compare")],
    [*script("compare"), "--base"],
    [*script("compare"), "--base", "no-such-revision"],
    [*script("compare"), "--self", "--head", "main"],
    [*script("compare"), "--base", "main", "-o", "x"],
    [*script("test"), "--bogus"],
    [*script("test"), "--suite"],
    [*script("test"), "--suite", "fly"],
    [*script("test"), "--jobs", "0"],
    [*script("fresh-root")],
    [*script("fresh-root"), "--bogus"],
    [*script("fresh-root"), "--release"],
    [*TORCH, "--program", "/nowhere/gradmark"],
    [*TORCH, "--program", "/bin/false"],
    [*TORCH, "--program", "/bin/true"],
    [*TORCH, "--threads", "many"],
    [*TORCH, "--rounds", "0"],
]


@pytest.mark.parametrize("command", REFUSED, ids=names)
def test_2_is_what_cannot_be_done(tmp_path: Path, command: list[str]) -> None:
    """Nothing is left behind, and the last line says why."""
    done = ends(command, tmp_path)
    assert done.returncode == 2, done
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert files(tmp_path) == []


@pytest.fixture
def tools(tmp_path: Path) -> Callable[[dict[str, str]], dict[str, str]]:
    """A PATH before whose programs others stand, as scripts of sh."""

    def make(instead: dict[str, str]) -> dict[str, str]:
        folder = tmp_path / "instead"
        folder.mkdir()
        for name, body in instead.items():
            (folder / name).write_text(f"#!/bin/sh\n{body}\n")
            (folder / name).chmod(0o755)
        return {"PATH": f"{folder}:{os.environ['PATH']}"}

    return make


@pytest.mark.parametrize("name", ["bench", "limits"])
def test_2_is_a_build_that_fails(name: str, tmp_path: Path, tools: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """The code of the tool that failed is 1, which would say that a kernel failed its proof."""
    env = tools({"meson": '[ "$1" = --version ] && echo 0.0 && exit\necho "no build today" >&2\nexit 1'})
    copy = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", ROOT, copy], check=True, timeout=PATIENCE)
    for changed in (ROOT / "scripts").rglob("*"):  # as they are here, committed or not
        if changed.is_file():
            (copy / changed.relative_to(ROOT)).write_bytes(changed.read_bytes())
    command = [str(copy / "scripts" / name), *(["--no-report"] if name == "bench" else [])]
    done = ends(command, tmp_path, env)
    assert done.returncode == 2, done
    assert "no build today" in done.stderr


def test_1_is_a_proof_that_failed(tmp_path: Path) -> None:
    broken = str(built("GRADMARK_BROKEN", "tests/broken/libbroken.so"))
    chosen = ["--plugin", broken, "--filter", "^sgd/f32/(scalar|broken_begin_ignored)$"]
    assert ends(of_gradmark("verify", *chosen), tmp_path).returncode == 1
    timed = ["--profile", "compare", "--level", "L2", "-o", "result.json"]
    assert ends(of_gradmark("run", *chosen, *timed), tmp_path).returncode == 1
    assert json.loads((tmp_path / "result.json").read_text())["rows"]


def test_4_is_nothing_to_compare(tmp_path: Path) -> None:
    done = ends([*REPORT, "md", RESULT, "--filter", "^nothing"], tmp_path)
    assert done.returncode == 4
    assert len(done.stderr.splitlines()) == 1


def test_the_table_says_so_and_the_program_knows_no_other() -> None:
    """The codes of the README's table are those that the sources have names for."""
    listed = {int(code) for code in re.findall(r"^\| (\d+) \| ", (ROOT / "README.md").read_text(), re.MULTILINE)}
    of_program = re.findall(r"EXIT_[A-Z]+ = (\d+)", (ROOT / "harness" / "cli.h").read_text())
    sys.path.insert(0, str(ROOT / "reports"))
    from gradmark_report import ending, errors

    of_reports = {*map(int, errors.Exit), ending.INTERRUPTED, ending.PIPE_CLOSED}
    assert listed == {int(code) for code in of_program} | of_reports


def test_1_is_a_training_that_missed_its_solution(tmp_path: Path) -> None:
    assert ends(of_gradmark("train", "linear", "--epochs", "1"), tmp_path).returncode == 1
