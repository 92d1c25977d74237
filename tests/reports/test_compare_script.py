"""scripts/compare in a repository of its own, whose `gradmark` is a fake that needs no compiler: what it builds, cleans
up, refuses, and ends with. Where a build need only succeed or fail, meson is a fake as well."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from fake_gradmark import fake_program
from limits import SECONDS
from two_sides import ROW

ROOT = Path(__file__).resolve().parent.parent.parent

_SETUP = """
set_up() { :; }
set_up_python() { :; }
need() { :; }
needs_build() { :; }
venv_possible() { :; }
"""

_MESON = """\
#!/bin/sh -e
case $1 in
setup) grep -q '^project(' "$3/meson.build" && mkdir -p "$2/meson-private" "$2/harness" && echo "$3" >"$2/source" ;;
compile) cp "$(cat "$3/source")/harness/program" "$3/harness/gradmark" ;;
esac
"""


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits: the second one is 20% slower in one row."""
    folder = tmp_path / "repository"
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    (folder / "scripts" / "lib" / "setup.sh").write_text(_SETUP, encoding="utf-8")
    (folder / ".gitignore").write_text("/build*/\n/results/\n.venv/\n", encoding="utf-8")
    (folder / "meson.build").write_text("project('fake')\nsubdir('harness')\n", encoding="utf-8")
    (folder / "harness").mkdir()
    (folder / "harness" / "meson.build").write_text(
        "configure_file(input: 'program', output: 'gradmark', copy: true)\n", encoding="utf-8"
    )
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT / "reports"}" exec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    meson = tmp_path / "fakes" / "meson"
    meson.parent.mkdir()
    meson.write_text(_MESON, encoding="utf-8")
    meson.chmod(0o755)
    git(folder, "init", "-q")
    for slower in ({}, {ROW: 1.2}):
        fake_program(folder / "harness" / "program", slower=slower, revision="a" * 12 if not slower else "b" * 12)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "one")
    return folder


def compare(
    repository: Path, *arguments: str, env: Mapping[str, str] | None = None, meson: bool = False
) -> subprocess.CompletedProcess[str]:
    path = os.environ["PATH"] if meson else f"{repository.parent / 'fakes'}:{os.environ['PATH']}"
    return subprocess.run(
        ["scripts/compare", *arguments],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        env={**os.environ, "PATH": path, "CC": "true", **(env or {})},  # a compiler is asked for its version alone
    )


def without_campaign(repository: Path) -> Path:
    """Where the building is what is tested: in the place of the campaign its arguments are written into this file."""
    python = repository / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@" >"$0.arguments"\n', encoding="utf-8")
    return python.with_name("python.arguments")


def test_two_revisions_are_built_run_and_cleaned_up_after(repository: Path) -> None:
    done = compare(repository, "--base", "HEAD~1", "--head", "HEAD", "--pairs", "2", "--filter", "^adamw/", meson=True)
    assert done.returncode in (0, 1), done.stderr
    out = next((repository / "results").iterdir())
    assert out.name.startswith(f"compare-{git(repository, 'rev-parse', '--short=12', 'HEAD~1')}-")
    assert len(list((out / "head").glob("*.json"))) == 2
    assert "adamw/f32" in done.stdout
    assert f"page: {out.relative_to(repository)}/comparison.html" in done.stdout
    assert git(repository, "worktree", "list").count("\n") == 0
    assert git(repository, "status", "--porcelain") == ""
    assert not list((repository / "build-compare").glob("source-*"))
    arguments = without_campaign(repository)
    options = ["--strict", "--out", "results/again", "--isa", "avx2"]
    again = compare(repository, "--base", "HEAD~1", "--head", "HEAD", *options, meson=True)
    assert "Building" not in again.stderr
    given = arguments.read_text(encoding="utf-8").splitlines()
    assert given[-5:] == ["--out", "results/again", "--", "--isa", "avx2"]
    assert "--strict" in given


def test_the_working_tree_is_the_head_with_its_changes(repository: Path) -> None:
    with (repository / "harness" / "program").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    arguments = without_campaign(repository)
    done = compare(repository, "--base", "HEAD")
    assert done.returncode == 0, done.stderr
    assert "-dirty-" in arguments.read_text(encoding="utf-8")
    assert (repository / "build-compare" / "working-tree" / "harness" / "gradmark").read_text().endswith("# changed\n")


def test_other_worktrees_are_left_alone(repository: Path, tmp_path: Path) -> None:
    """One whose folder is not there now, such as on a disk that is not mounted, is the user's to forget. Ours, left by
    a build that was killed, is in nobody's way."""
    elsewhere = tmp_path / "elsewhere"
    git(repository, "worktree", "add", "-q", "--detach", str(elsewhere))
    elsewhere.rename(tmp_path / "not mounted")
    name = git(repository, "rev-parse", "--short=12", "HEAD~1")
    left = repository / "build-compare" / f"source-{name}"
    git(repository, "worktree", "add", "-q", "--detach", str(left), "HEAD~1")
    shutil.rmtree(left)
    without_campaign(repository)
    done = compare(repository, "--base", "HEAD~1", "--head", "HEAD")
    assert done.returncode == 0, done.stderr
    known = git(repository, "worktree", "list", "--porcelain")
    assert str(elsewhere) in known
    assert "source-" not in known


def test_under_a_hook_the_users_index_is_left_alone(repository: Path) -> None:
    """git tells its hooks by variables which index a commit is made of."""
    hook = repository / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch ran-a-hook\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    (repository / "new").touch()
    git(repository, "add", "new")
    index = repository / ".git" / "index"
    before = index.read_bytes()
    without_campaign(repository)
    done = compare(
        repository,
        *("--base", "HEAD~1", "--head", "HEAD"),
        env={"GIT_DIR": str(repository / ".git"), "GIT_INDEX_FILE": str(index), "GIT_WORK_TREE": str(repository)},
    )
    assert done.returncode == 0, done.stderr
    assert index.read_bytes() == before
    assert git(repository, "status", "--porcelain") == "A  new"


def test_no_repository_is_one_sentence(repository: Path) -> None:
    shutil.rmtree(repository / ".git")
    done = compare(repository, "--base", "HEAD", env={"GIT_CEILING_DIRECTORIES": str(repository.parent)})
    assert done.returncode == 2
    assert "is no git repository" in done.stderr


def test_what_fails_in_the_script_is_no_regression(repository: Path) -> None:
    (repository / "build-compare").touch()
    done = compare(repository, "--base", "HEAD~1", "--head", "HEAD")
    assert done.returncode == 2
    (repository / "build-compare").unlink()
    (repository / "build-compare" / "lock").mkdir(parents=True)
    assert compare(repository, "--base", "HEAD~1", "--head", "HEAD").returncode == 2


def test_help_says_what_is_not_measured(repository: Path) -> None:
    said = " ".join(compare(repository, "--help").stdout.split())
    assert "in DRAM only the implementation that a caller gets who names none" in said
    assert "alive together and measure by turns" in said


def test_what_is_refused(repository: Path) -> None:
    for arguments, sentence in (
        ((), "--base REV is needed"),
        (("--base",), "--base needs a value"),
        (("--base", "nowhere"), "git knows no revision 'nowhere'"),
        (("--base", "--upload-pack=x"), "git knows no revision"),
        (("--base", "HEAD", "--head", "HEAD"), "nothing can differ"),
        (("--base", "HEAD"), "--self measures"),
        (("--self", "--head", "HEAD"), "there is no --head"),
        (("--base", "HEAD~1", "--head", "HEAD", "-o", "x"), "--out DIR"),
        (("--base", "HEAD~1", "--head", "HEAD", "--test-delay", "5"), "belongs to --self"),
    ):
        done = compare(repository, *arguments)
        assert done.returncode == 2, (arguments, done.stderr)
        assert sentence in done.stderr, (arguments, done.stderr)


def test_a_revision_without_the_profile_is_refused(repository: Path) -> None:
    fake_program(repository / "harness" / "program", help_text="profiles: quick default, for comparisons")
    git(repository, "commit", "-q", "-a", "-m", "old")
    done = compare(repository, "--base", "HEAD", "--head", "HEAD~1")
    assert done.returncode == 2
    assert "is older than the profile 'compare'" in done.stderr


def test_a_revision_that_cannot_be_built_is_named(repository: Path) -> None:
    (repository / "meson.build").write_text("nonsense(", encoding="utf-8")
    git(repository, "commit", "-q", "-a", "-m", "broken")
    name = git(repository, "rev-parse", "--short=12", "HEAD")
    done = compare(repository, "--base", "HEAD~1", "--head", "HEAD")
    assert done.returncode == 2
    assert f"{name} cannot be built" in done.stderr
    assert not list((repository / "build-compare").glob("source-*"))
    assert git(repository, "worktree", "list").count("\n") == 0


def test_two_at_once_are_refused(repository: Path) -> None:
    (repository / "build-compare").mkdir()
    with subprocess.Popen(
        ["flock", str(repository / "build-compare" / "lock"), "sh", "-c", "echo held; read line"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        done = compare(repository, "--base", "HEAD~1", "--head", "HEAD")
        holder.communicate("go\n")
    assert done.returncode == 2
    assert "another scripts/compare is running" in done.stderr
