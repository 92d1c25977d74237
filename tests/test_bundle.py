"""scripts/bundle: what it packs runs where nothing is installed; by ssh on other machines, with one page of them all.

The suite (scripts/test --suite bundle) makes the bundles and the roots, and names them in GRADMARK_BUNDLES: a folder
with ARCH.tar.xz, and roots/NAME, each the root of a system that was unpacked and never installed."""

import getpass
import hashlib
import json
import os
import re
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from built import ROOT, built

BUNDLES = Path(os.environ["GRADMARK_BUNDLES"]) if "GRADMARK_BUNDLES" in os.environ else None
pytestmark = pytest.mark.skipif(BUNDLES is None, reason="scripts/test --suite bundle makes the bundles")
HERE, OTHER = ("x86_64", "aarch64")
MOST_BYTES = 5 << 20
QUICKLY = ("run", "--filter", "^(sgd|relu)/", "--level", "L2", "--threads", "1", "--budget", "4")


def archive(arch: str) -> Path:
    assert BUNDLES
    return BUNDLES / f"{arch}.tar.xz"


def unpack(arch: str, folder: Path) -> Path:
    """Where its start script is."""
    subprocess.run(["tar", "xf", archive(arch), "-C", folder], check=True)
    (bundle,) = folder.glob("gradmark-*")
    return bundle


def run(*command: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    given: dict[str, object] = {"capture_output": True, "text": True, "check": False} | options
    return subprocess.run(command, **given)  # type: ignore[call-overload,no-any-return]


# ---- what is in it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arch", [HERE, pytest.param(OTHER, marks=pytest.mark.long)])
def test_it_is_small_and_says_what_it_is(arch: str, tmp_path: Path) -> None:
    file = archive(arch)
    assert file.stat().st_size <= MOST_BYTES
    sum_, name = file.with_name(file.name + ".sha256").read_text().split()
    assert (sum_, name) == (hashlib.sha256(file.read_bytes()).hexdigest(), file.name)
    bundle = unpack(arch, tmp_path)
    assert bundle.name.endswith(arch)
    assert run("sha256sum", "--quiet", "-c", "complete", cwd=bundle).returncode == 0
    lines = (bundle / "built-from").read_text().splitlines()
    assert lines[0] == bundle.name
    assert "gcc" in lines[1]
    packed = {path.name for path in (bundle / "lib").iterdir()} - {"gradmark", "libgradmark.so.0"}
    packages = {line.split()[0]: line.split()[2] for line in lines[2:]}
    assert set(packages) == packed
    assert {path.name for path in (bundle / "licenses").iterdir()} == {"gradmark", "common", *packages.values()}
    texts = "".join((bundle / "licenses" / name).read_text() for name in packages.values())
    common = {Path(named).name for named in re.findall(r"/usr/share/common-licenses/[\w.-]*\w", texts)}
    assert {path.name for path in (bundle / "licenses/common").iterdir()} == common
    assert "LGPL-2.1" in common


def test_it_starts_from_wherever_it_is_called(tmp_path: Path) -> None:
    folder = tmp_path / "a folder's name"
    folder.mkdir()
    bundle = unpack(HERE, folder)
    (tmp_path / "link").symlink_to(bundle / "gradmark")
    (folder / "beside").symlink_to(Path(bundle.name) / "gradmark")
    nonsense = {"LD_LIBRARY_PATH": "/nowhere", "LD_PRELOAD": "", "PATH": f"{bundle}:{os.environ['PATH']}"}
    for command in (bundle / "gradmark", tmp_path / "link", folder / "beside", "gradmark", Path("..") / "link"):
        done = run(command, "--version", cwd=folder, env=nonsense)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("gradmark ")
    assert run("sh", "gradmark", "--version", cwd=bundle).stdout.startswith("gradmark ")
    there = tmp_path / "a:b"
    shutil.copytree(bundle, there)
    assert "with : ; or $ in its name" in refusal(there)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_packing_leaves_nothing_half_written(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        done = run(ROOT / "scripts/bundle", "-o", small / "b.tar.xz", cwd=ROOT)
        assert done.returncode == 2
        assert done.stderr.splitlines()[-1].endswith("b.tar.xz could not be written: No space left on device")
        assert list(small.iterdir()) == []
    finally:
        run("umount", small)


def test_nothing_is_taken_from_the_system(tmp_path: Path) -> None:
    bundle = unpack(HERE, tmp_path)
    (loader,) = (bundle / "lib").glob("ld-linux*")
    loaded = run(loader, "--library-path", bundle / "lib", "--list", bundle / "lib/gradmark").stdout
    places = [line.split("=>")[1].split()[0] for line in loaded.splitlines() if "=>" in line]
    assert len(places) > 5
    assert all(place.startswith(str(bundle)) for place in places)


# ---- where nothing is installed --------------------------------------------------------------------------------------


def as_anybody_in(root: Path) -> Callable[[], None]:
    """An ordinary user, whose home cannot be written, in that root."""

    def enter() -> None:
        os.chroot(root)
        os.chdir("/tmp")
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)

    return enter


@pytest.fixture(name="results", scope="module")
def _results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files of all roots come together."""
    return tmp_path_factory.mktemp("results")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change into another root")
@pytest.mark.parametrize("name", ["busybox", "older", "newer"])
def test_it_runs_where_nothing_is_installed(name: str, tmp_path: Path, results: Path) -> None:
    assert BUNDLES
    if not (BUNDLES / "roots" / name / "unpacked-for").exists():
        pytest.skip("its packages were not to be had")
    root = tmp_path / name
    shutil.copytree(BUNDLES / "roots" / name, root, symlinks=True, ignore=shutil.ignore_patterns("apt"))
    (root / "tmp").mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)
    (root / "home").mkdir(exist_ok=True)
    shell = next(path for path in ("/bin/sh", "/bin/dash", "/bin/busybox") if (root / path[1:]).exists())
    if shell != "/bin/sh":
        (root / "bin/sh").symlink_to(shell.rpartition("/")[2])
    shutil.copy(archive(HERE), root / "tmp/gradmark.tar.xz")
    unpacks = "busybox tar xJf" if name == "busybox" else "tar xf"
    commands = f"{unpacks} gradmark.tar.xz && gradmark-*/gradmark {shlex.join(QUICKLY)} -o here.json"
    there = {"preexec_fn": as_anybody_in(root), "env": {"HOME": "/home", "PATH": "/usr/bin:/bin"}}
    done = run("/bin/sh", "-c", commands, **there)
    assert done.returncode == 0, done.stderr
    result = json.loads((root / "tmp/here.json").read_text())
    (bundle,) = (root / "tmp").glob("gradmark-*-*")
    assert result["build"]["bundle"] == bundle.name
    assert result["build"]["revision"]
    assert {row["status"] for row in result["rows"]} <= {"measured", "border"}
    assert result["settings"]["code_hash"]
    shutil.copy(root / "tmp/here.json", results / f"{name}.json")


def test_what_they_wrote_becomes_one_page(results: Path) -> None:
    files = sorted(results.glob("*.json"))
    if len(files) < 2:
        pytest.skip("fewer than two roots wrote a file")
    one = results / "one.html"
    assert run(ROOT / ".venv/bin/gradmark-report", "html", files[0], "-o", one).returncode == 0
    assert json.loads(files[0].read_text())["build"]["bundle"] in one.read_text()
    names = [part for file in files for part in ("--name", f"{file}={file.stem}")]
    page = results / "page.html"
    made = run(ROOT / ".venv/bin/gradmark-report", "merge", *files, *names, "-o", page)
    assert made.returncode == 0, made.stderr
    assert all(f">{file.stem}<" in page.read_text() for file in files)


@pytest.mark.long
def test_another_processor_runs_it(tmp_path: Path) -> None:
    """All but timing, emulated; what would take times there is refused."""
    if not shutil.which("qemu-aarch64"):
        pytest.skip("no qemu-aarch64")
    bundle = unpack(OTHER, tmp_path)
    loader = bundle / "lib/ld-linux-aarch64.so.1"
    program = ("qemu-aarch64", loader, "--library-path", bundle / "lib", bundle / "lib/gradmark")
    proved = run(*program, "verify", "--filter", "^(adamw|grad_sumsq)/")
    assert proved.stdout.splitlines()[-1].endswith(" passed, 0 failed")
    assert "neon" in run(*program, "list").stdout
    assert "aarch64" in run(*program, "info").stdout
    refused = run(*program, "run", "-o", tmp_path / "here.json")
    assert refused.returncode == 2
    assert "this runs under qemu-aarch64" in refused.stderr


# ---- wrong use -------------------------------------------------------------------------------------------------------


def refusal(bundle: Path, *arguments: str, path: str | None = None) -> str:
    """Its one sentence."""
    done = run(bundle / "gradmark", *(arguments or ("list",)), env={"PATH": path or os.environ["PATH"]})
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("gradmark: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def with_uname(folder: Path, machine: str, kernel: str) -> str:
    """A PATH by which the machine is this one."""
    fake = folder / "uname"
    fake.write_text(f'#!/bin/sh\n[ "$1" = -r ] && echo {kernel} || echo {machine}\n')
    fake.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_another_architecture_is_said(tmp_path: Path) -> None:
    path = with_uname(tmp_path, OTHER, "6.1")
    assert f"this bundle is for {HERE}, and this machine is {OTHER}" in refusal(unpack(HERE, tmp_path), path=path)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    data = bytearray(archive(HERE).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "damaged.tar.xz").write_bytes(data)
    assert run("tar", "xf", tmp_path / "damaged.tar.xz", "-C", tmp_path).returncode != 0
    # What of it came out does not start.
    (bundle,) = tmp_path.glob("gradmark-*")
    if (bundle / "gradmark").exists():
        assert "this bundle is not complete: unpack it again" in refusal(bundle)


def test_a_bundle_that_was_cut_short_does_not_start(tmp_path: Path) -> None:
    with tarfile.open(archive(HERE)) as packed:
        assert packed.getnames()[-1].endswith("/complete")
    bundle = unpack(HERE, tmp_path)
    (bundle / "complete").unlink()
    assert "this bundle is not complete: unpack it again" in refusal(bundle)


@pytest.mark.parametrize(
    ("kernel", "is_old"), [("2.6.32-754.el6", True), ("3.1.9", True), ("3.2.0", False), ("6.1", False)]
)
def test_a_kernel_that_is_too_old_is_said(tmp_path: Path, kernel: str, is_old: bool) -> None:
    bundle = unpack(HERE, tmp_path)
    path = with_uname(tmp_path, HERE, kernel)
    if is_old:
        said = refusal(bundle, path=path)
        assert f"Linux {kernel} is too old for the libraries of this bundle, which need 3.2.0" in said
    else:
        assert run(bundle / "gradmark", "list", env={"PATH": path}).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--arch", "sparc"), "--arch is x86_64 or aarch64"),
        (("--try",), "--try needs the name of at least one host"),
        (("--try", "a", "--arch", "x86_64"), "leave --arch out"),
        (("-o",), "-o needs a name"),
        (("something",), "unknown argument 'something'"),
        (("-o", "/nowhere/b.tar.xz"), "/nowhere/b.tar.xz cannot be written"),
        (("-o", "README.md"), "README.md is there already"),
    ],
)
def test_a_wrong_command_is_said(arguments: tuple[str, ...], says: str) -> None:
    done = run(ROOT / "scripts/bundle", *arguments, cwd=ROOT)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("bundle: ")
    assert done.stderr.count("\n") == 1
    assert says in done.stderr


# ---- on other machines -----------------------------------------------------------------------------------------------

FEW = ("--", *QUICKLY[1:])


@pytest.fixture(name="machine", scope="module")
def _machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], None]]:
    """Makes other machines: each an sshd of this one; ssh knows them by the names that are asked for. `full` has no
    room for the program. GRADMARK_SSH finds them."""
    folder = tmp_path_factory.mktemp("ssh")
    started: list[subprocess.Popen[bytes]] = []
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True)
    shutil.copy(folder / "user.pub", folder / "authorized")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # as its service does
    names: list[str] = []

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, 4 << 20))

    def make(name: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        config = folder / f"{name}.conf"
        config.write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n"
            f"PidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\n"
        )
        command = ["/usr/sbin/sshd", "-D", "-f", config, "-E", folder / f"{name}.log"]
        if name != "gone":
            started.append(subprocess.Popen(command, preexec_fn=limited if name == "full" else None))
            for _ in range(1000):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
        names.append(f"Host {name}\n  HostName 127.0.0.1\n  Port {port}\n")
        (folder / "config").write_text(
            "".join(names) + f"Host *\n  User {getpass.getuser()}\n  IdentityFile {folder}/user\n"
            f"  UserKnownHostsFile {folder}/known\n  StrictHostKeyChecking no\n  BatchMode yes\n  LogLevel ERROR\n"
        )

    os.environ["GRADMARK_SSH"] = f"ssh -F {folder}/config"
    yield make
    del os.environ["GRADMARK_SSH"]
    for one in started:
        one.terminate()
        one.wait()


def left_behind() -> set[Path]:
    return set(Path("/tmp").glob("gradmark.*"))


def test_machines_are_tried_and_come_on_one_page(tmp_path: Path, machine: Callable[[str], None]) -> None:
    """Two that call themselves alike are told apart by what they were called."""
    for name in ("near", "far"):
        machine(name)
    before = left_behind()
    done = run(ROOT / "scripts/bundle", "--try", "near", "far", "-o", tmp_path / "tried", *FEW, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    files = [tmp_path / "tried" / f"{name}.json" for name in ("near", "far")]
    bundles = {json.loads(file.read_text())["build"]["bundle"] for file in files}
    assert len(bundles) == 1
    assert bundles != {None}
    page = (tmp_path / "tried/page.html").read_text()
    assert all(f">{name}<" in page for name in ("near", "far"))
    assert left_behind() == before


def test_what_a_machine_does_not_give_leaves_the_others(tmp_path: Path, machine: Callable[[str], None]) -> None:
    for name in ("whole", "full", "gone"):
        machine(name)
    before = left_behind()
    hosts = ("whole", "full", "gone", "whole")
    done = run(ROOT / "scripts/bundle", "--try", *hosts, "-o", tmp_path / "tried", *FEW, cwd=ROOT)
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert sum(line.startswith("gone: cannot be reached: ") and "refused" in line for line in lines) == 1
    assert sum(line.startswith("full: the bundle could not be unpacked there: ") for line in lines) == 1
    assert sum(line == "whole: it was named before: one run of each" for line in lines) == 1
    assert json.loads((tmp_path / "tried/whole.json").read_text())["rows"]
    assert (tmp_path / "tried/page.html").exists()
    assert not (tmp_path / "tried/full.json").exists()
    assert left_behind() == before


def test_a_failed_proof_there_is_said(tmp_path: Path, machine: Callable[[str], None]) -> None:
    """Of a plug-in, which is there as it is here; what else was timed is kept."""
    machine("wrong")
    broken = built("GRADMARK_BROKEN", "tests/broken/libbroken.so")
    filtered = "^sgd/f32/(avx2|broken_begin_ignored)$"
    options = ("--", "--plugin", broken, "--filter", filtered, "--level", "L2", "--threads", "1", "--budget", "4")
    done = run(ROOT / "scripts/bundle", "--try", "wrong", "-o", tmp_path / "tried", *options, cwd=ROOT)
    assert done.returncode == 1, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("wrong: a kernel failed its proof: ")]
    assert len(said) == 1
    assert "broken_begin_ignored" in said[0]
    assert (tmp_path / "tried/page.html").exists()


def test_an_interruption_keeps_what_was_finished(tmp_path: Path, machine: Callable[[str], None]) -> None:
    machine("slow")
    before = left_behind()
    command = [ROOT / "scripts/bundle", "--try", "slow", "-o", tmp_path / "tried", "--", "--filter", "^adamw?/"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True) as tried:
        there = tmp_path / "tried/slow.json.there"
        for _ in range(1000):
            folder = Path(shlex.split(there.read_text())[0]) if there.exists() and there.stat().st_size else None
            if (
                folder
                and (folder / "here.log").exists()
                and re.search(r"round ([2-9]|1\d) of", (folder / "here.log").read_text())
            ):
                break
            time.sleep(0.1)
        os.killpg(tried.pid, signal.SIGINT)
        said = tried.communicate()[1]
    assert tried.returncode == 130, said
    assert json.loads((tmp_path / "tried/slow.json").read_text())["partial"]
    assert left_behind() == before
    assert not [line for line in run("ps", "-eo", "args").stdout.splitlines() if line.startswith("bundle/lib")]


def test_a_bundle_that_cannot_be_made_is_its_hosts_fault_alone(
    tmp_path: Path, machine: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a host of a processor that this machine cannot compile for."""
    machine("able")
    ssh = os.environ["GRADMARK_SSH"]
    pretends = tmp_path / "pretends"
    # Whoever is called `other` says that it is of another kind.
    pretends.write_text(f'#!/bin/sh\ncase "$2" in other) echo gradmark:aarch64 ;; *) exec {ssh} "$@" ;; esac\n')
    nothing = tmp_path / "aarch64-linux-gnu-g++"
    nothing.write_text("#!/bin/sh\nexit 1\n")
    for file in (pretends, nothing, *(tmp_path / name for name in ("apt-get", "sudo"))):
        file.write_text(file.read_text() if file.exists() else "#!/bin/sh\nexit 1\n")
        file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("GRADMARK_SSH", str(pretends))
    alone = tmp_path / "bundles"
    alone.mkdir()
    (alone / f"{HERE}.tar.xz").symlink_to(archive(HERE))
    monkeypatch.setenv("GRADMARK_BUNDLES", str(alone))
    done = run(ROOT / "scripts/bundle", "--try", "other", "able", "-o", tmp_path / "tried", *FEW, cwd=ROOT)
    assert done.returncode == 2
    assert "other: a bundle for its processor, aarch64, could not be made (see above)" in done.stderr.splitlines()
    assert (tmp_path / "tried/able.json").exists()
    assert (tmp_path / "tried/page.html").exists()


def test_no_machine_is_no_page(tmp_path: Path, machine: Callable[[str], None]) -> None:
    machine("gone")
    done = run(ROOT / "scripts/bundle", "--try", "gone", "-o", tmp_path / "tried", *FEW, cwd=ROOT)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "bundle: no host gave a result file"
