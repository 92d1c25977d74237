"""scripts/ci/check, as a CI calls it: from a clone in an empty folder."""

import subprocess
from pathlib import Path

import pytest
from built import ROOT

RELU = "kernels/activation/relu.c"
LOOP = "  forward_loop(v_relu, a.inputs, a.outputs, begin, end);\n"
# What is done once more for 15 of 100 elements.
SLOWER = LOOP + "  forward_loop(v_relu, a.inputs, a.outputs, begin, begin + (end - begin) * 15 / 100);\n"


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def git(folder: Path, *arguments: str | Path) -> str:
    done = run("git", "-c", "user.name=A CI", "-c", "user.email=ci@example.org", *arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(name="clone")
def _clone(tmp_path: Path) -> Path:
    if run("git", "rev-parse", "HEAD", cwd=ROOT).returncode:
        pytest.skip("this is no git repository")
    git(tmp_path, "clone", "--quiet", "--no-local", "--depth=2", f"file://{ROOT}", "clone")
    return tmp_path / "clone"


def refusal(clone: Path, *arguments: str) -> str:
    done = run("scripts/ci/check", *arguments, cwd=clone)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("check: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_what_has_no_base_is_said(clone: Path) -> None:
    assert "--base needs a revision" in refusal(clone, "--base")
    assert "git knows no revision 'nowhere' here" in refusal(clone, "--time-limit", "1", "--base", "nowhere")
    git(clone, "checkout", "--quiet", "--orphan", "alone")
    git(clone, "commit", "--quiet", "--message", "alone")
    assert "a deeper clone has (fetch-depth: 0)" in refusal(clone)
    git(clone, "remote", "remove", "origin")
    assert "there is no origin/HEAD to find a base by: --base names one" in refusal(clone)


@pytest.mark.long
@pytest.mark.parametrize("slower", [True, False])
def test_a_slowdown_is_found_and_nothing_passes(clone: Path, slower: bool) -> None:
    git(clone, "checkout", "--quiet", "-b", "change")
    if slower:
        source = (clone / RELU).read_text()
        assert source.count(LOOP) == 1
        (clone / RELU).write_text(source.replace(LOOP, SLOWER))
    git(clone, "commit", "--quiet", "--all", "--allow-empty", "--message", "a change")
    done = run("scripts/ci/check", "--time-limit", "6", "--filter", "^(relu|sgd)/", cwd=clone)
    assert done.returncode == (1 if slower else 0), done.stdout + done.stderr
    assert ("REGRESSION" in done.stdout) is slower
