"""Breaks the program on purpose, one mistake at a time: the tests must notice each.

    python3 tests/mutants.py [TREE] [--only NAME...] [--suite NAME...]

tests/mutants.toml lists the mistakes, each with the suite of scripts/test and the test in it that catches it. TREE is a
scratch clone that may be changed and built in; by default it is build-test/mutants/tree, a clone of HEAD. Every test
must pass there before anything is broken, so that it is the mistake that is caught. Prints `fine NAME` or
`BAD NAME: WHY` for each mistake; exit code 1 if one is bad, 2 if nothing could be tried. What tests printed is kept in
build-test/mutants/logs/.
"""

import argparse
import fcntl
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "tests/mutants.toml"
WORK = ROOT / "build-test/mutants"
HANGS = 600  # seconds after which a test counts as having failed
BUILD_HANGS = 3600
# It is the usual run that must notice, whatever the long one would.
LONGER = {"GRADMARK_LONG", "GRADMARK_FUZZ_SECONDS", "GRADMARK_FUZZ_CASES", "GRADMARK_TEST_RUNS"}


@dataclass(frozen=True)
class Suite:
    """How scripts/lib/suites.sh runs a suite's tests, and which of scripts/lib/builds.sh it looks at."""

    builds: tuple[str, ...] = ()  # the first is what is tested
    compilers: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    meson: tuple[str, ...] = ("--timeout-multiplier", "4")  # options of meson test, for a machine that is not idle
    emulator: tuple[str, ...] = ()  # before the program's own name

    @property
    def directory(self) -> str:
        return f"build-test/{self.builds[0]}" if self.builds else ""


_CLANG = {"CC": "clang", "CXX": "clang++"}
SUITES = {
    **dict.fromkeys(("release", "warnings", "isolation", "python", "reports"), Suite(("release",))),
    "oldcpu": Suite(("release",), emulator=("qemu-x86_64", "-cpu", "Nehalem")),
    "style": Suite(),
    "clang": Suite(("clang",), _CLANG),
    "tidy": Suite(("clang",), _CLANG),
    "sanitize": Suite(
        ("sanitize",),
        environment={
            "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
            "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:allocator_may_return_null=1",
        },
        meson=("--timeout-multiplier", "5"),
    ),
    "threads": Suite(
        ("threads",),
        _CLANG,
        {
            "OMP_NUM_THREADS": "4",
            "TSAN_OPTIONS": "ignore_noninstrumented_modules=1:halt_on_error=1:allocator_may_return_null=1",
        },
        ("--timeout-multiplier", "10"),
    ),
    "neon": Suite(("neon", "release"), emulator=("qemu-aarch64", "-L", "/usr/aarch64-linux-gnu")),
}
OF_ONE_FILE = {"tidy", "clang-format", "ruff", "shellcheck"}
IN_VENV = {"pytest", "clang-format", "ruff", "mypy"}
TESTED_BY_PYTHON = (
    "harness/gradmark",
    "kernels/libgradmark.so",
    "tests/broken/libbroken.so",
    "tests/harness/executed",
    "tests/harness/executed_twins",
    "tests/broken/libends.so",
    "tests/harness/npy_sample",
    "tests/slow/libslow.so",
)
OF_BUILDS = {"meson", "verify", "bits", "train", "nehalem", "haswell", "build", "isolation", "rows"}
KINDS = IN_VENV | OF_BUILDS | {"tidy", "shellcheck"}


@dataclass(frozen=True)
class Mutant:
    name: str
    suite: str
    test: str
    file: str
    before: str = ""
    after: str = ""

    @property
    def kind(self) -> str:
        return self.test.split(maxsplit=1)[0]

    @property
    def of(self) -> str:
        """What the kind of test is given."""
        return self.test.partition(" ")[2]


@dataclass
class Done:
    """A command that came to its end, or was stopped."""

    code: int | None
    output: str

    @property
    def passed(self) -> bool:
        return self.code == 0


def stop(why: str) -> NoReturn:
    print(f"mutants.py: {why}", file=sys.stderr)
    sys.exit(2)


def run(command: list[str], tree: Path, environment: dict[str, str], seconds: float) -> Done:
    """In a group of processes of its own, which ends as a whole. None is the code of what took too long."""
    with subprocess.Popen(
        command,
        cwd=tree,
        env={**{name: value for name, value in os.environ.items() if name not in LONGER}, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=seconds)
            return Done(process.returncode, output)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            return Done(None, process.communicate()[0])


def in_bash(script: str, tree: Path) -> Done:
    """With what the scripts share."""
    libraries = "".join(f". scripts/lib/{name}.sh; " for name in ("common", "setup", "build", "compilers", "builds"))
    return run(["bash", "-euc", libraries + script], tree, {}, BUILD_HANGS)


class Tries:
    """The tests of a tree, unbroken and broken."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree

    # ---- builds -----------------------------------------------------------------------------------------------------

    def set_up(self, suite: Suite) -> Done:
        """As scripts/lib/build.sh does: configured anew only if it was configured otherwise."""
        return in_bash("".join(f"build_for {name}; " for name in suite.builds), self.tree)

    def ninja(self, suite: Suite, *targets: str) -> Done:
        command = ["ninja", "-C", suite.directory, *targets]
        return run(command, self.tree, suite.compilers, BUILD_HANGS)

    @cache  # noqa: B019 - there is one of these, for as long as the program runs
    def programs(self, directory: str) -> dict[str, str]:
        """Of each meson test its program, as a target of ninja."""
        told = run(["meson", "introspect", directory, "--tests"], self.tree, {}, HANGS)
        build = (self.tree / directory).resolve()
        return {test["name"]: str(Path(test["cmd"][0]).relative_to(build)) for test in json.loads(told.output)}

    def targets(self, mutant: Mutant, suite: Suite) -> list[str] | None:
        """What the test looks at; nothing: all that there is. None where nothing is compiled."""
        compiled = not mutant.file.endswith((".py", ".js", ".css", ".html", ".json", ".sh"))
        match mutant.kind:
            case "meson":
                return [self.programs(suite.directory)[mutant.of]]
            case "verify" | "bits" | "train" | "nehalem" | "haswell":
                return ["harness/gradmark"]
            case "pytest":
                return [path for path in TESTED_BY_PYTHON if not path.endswith("gradmark.so")] if compiled else None
            case "isolation" | "rows":
                return []
        return None

    # ---- tests ------------------------------------------------------------------------------------------------------

    def command(self, mutant: Mutant, suite: Suite) -> list[str]:
        words = shlex.split(mutant.of)
        program = f"{suite.directory}/harness/gradmark"
        venv = ".venv/bin/"
        match mutant.kind:
            case "meson":
                return ["meson", "test", "-C", suite.directory, "--no-rebuild", *suite.meson, *words]
            case "verify":
                return [*suite.emulator, program, "verify", "--seed", "1", *words]
            case "bits":
                proved = shlex.join([*suite.emulator, program, "verify", "--seed", "1", *words])
                here = shlex.join(["build-test/release/harness/gradmark", "verify", "--seed", "1", *words])
                compare = f"same_bits <({proved}) <({here} --isa autovec)"
                return ["bash", "-euc", f". scripts/lib/common.sh; . scripts/lib/suites.sh; {compare}"]
            case "train":
                return [*suite.emulator, program, "train", *words]
            case "nehalem" | "haswell":
                return ["qemu-x86_64", "-cpu", mutant.kind.capitalize(), program, *words]
            case "pytest":
                options = ["-c", "tests/pyproject.toml", "--rootdir", ".", "-x", "-q", "-p", "no:cacheprovider"]
                return [f"{venv}python", "-m", "pytest", *options, *words]
            case "isolation":
                return [sys.executable, "tests/check_isa_isolation.py", suite.directory]
            case "rows":
                return [sys.executable, "tests/check_rows.py", suite.directory]
            case "tidy":
                return ["clang-tidy", "--quiet", "-p", suite.directory, mutant.file]
            case "clang-format":
                return [f"{venv}clang-format", "--dry-run", "-Werror", mutant.file]
            case "ruff":
                return [f"{venv}ruff", *words, "--config", "tests/pyproject.toml", "--no-cache", mutant.file]
            case "mypy":
                options = ["--config-file", "tests/pyproject.toml", "reports/gradmark_report", "tests/reports"]
                return [f"{venv}mypy", *options]
            case "shellcheck":
                return ["shellcheck", "-x", mutant.file]
        raise AssertionError(mutant.kind)

    def environment(self, mutant: Mutant, suite: Suite) -> dict[str, str]:
        environment = {**suite.compilers, **suite.environment, "OMP_WAIT_POLICY": "passive"}
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        if mutant.suite == "threads":
            environment["OMP_TOOL_LIBRARIES"] = archer()
        if mutant.kind == "pytest":
            names = ("PROGRAM", "LIBRARY", "BROKEN", "EXECUTED", "EXECUTED_TWINS", "ENDS", "NPY_SAMPLE", "SLOW")
            for name, path in zip((f"GRADMARK_{name}" for name in names), TESTED_BY_PYTHON, strict=True):
                environment[name] = f"{suite.directory}/{path}"
        return environment

    def test(self, mutant: Mutant, suite: Suite) -> Done:
        return run(self.command(mutant, suite), self.tree, self.environment(mutant, suite), HANGS)

    # ---- a mistake --------------------------------------------------------------------------------------------------

    @contextmanager
    def broken(self, mutant: Mutant) -> Iterator[None]:
        path = self.tree / mutant.file
        whole = path.read_bytes()
        path.write_bytes(whole.replace(mutant.before.encode(), mutant.after.encode()))
        try:
            yield
        finally:
            path.write_bytes(whole)

    def fault_of(self, mutant: Mutant) -> str | None:
        """Why the list is wrong about it."""
        path = self.tree / mutant.file
        if not path.is_file():
            return f"there is no {mutant.file}"
        found = path.read_bytes().count(mutant.before.encode())
        if found != 1:
            return f"`from` occurs {found} times in {mutant.file}"
        return "it changes nothing" if mutant.before == mutant.after else None

    def built(self, mutant: Mutant, suite: Suite) -> Done:
        """What the test looks at, made of what is there now."""
        if mutant.kind == "build":
            return self.ninja(suite)
        targets = self.targets(mutant, suite)
        return Done(0, "") if targets is None else self.ninja(suite, *targets)

    def sound(self, mutant: Mutant, suite: Suite) -> str | None:
        """Why its test does not pass, though nothing is broken."""
        done, why = self.built(mutant, suite), "the build fails before anything is broken"
        if done.passed and mutant.kind != "build":
            done, why = self.test(mutant, suite), f"`{mutant.test}` fails before anything is broken"
        if not done.passed:
            keep(f"sound-{mutant.name}", done)
        return None if done.passed else why

    def caught(self, mutant: Mutant, suite: Suite) -> str | None:
        """Why it is not caught."""
        with self.broken(mutant):
            done = self.built(mutant, suite)
            if mutant.kind == "build":
                why = "it is built without a complaint" if done.passed else None
            elif not done.passed:
                why = "it does not compile"
            else:
                done = self.test(mutant, suite)
                why = f"`{mutant.test}` of the suite {mutant.suite} passes" if done.passed else None
            keep(mutant.name, done)
            return why


def keep(name: str, done: Done) -> None:
    logs = WORK / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    (logs / f"{name}.log").write_text(f"{done.output}\nexit code {done.code}\n", encoding="utf-8")


@cache
def archer() -> str:
    """The library that explains LLVM's OpenMP to ThreadSanitizer."""
    version = subprocess.run(["clang", "-dumpversion"], capture_output=True, text=True, check=True).stdout
    told = subprocess.run(["clang", "-print-file-name=libarcher.so"], capture_output=True, text=True, check=True).stdout
    for place in (told.strip(), f"/usr/lib/llvm-{version.split('.')[0]}/lib/libarcher.so"):
        if Path(place).is_file():
            return place
    stop("libarcher.so is not here, which comes with LLVM's OpenMP")


# ---- the list --------------------------------------------------------------------------------------------------------


def mutant_of(entry: dict[str, Any]) -> Mutant:
    members = {"name", "file", "from", "to", "suite", "test"}
    name = entry.get("name", "?")
    if entry.keys() != members or not all(isinstance(value, str) for value in entry.values()):
        stop(f"{LIST.name}: '{name}' has not just the members {', '.join(sorted(members))}")
    mutant = Mutant(name, entry["suite"], entry["test"], entry["file"], entry["from"], entry["to"])
    if mutant.suite not in SUITES or mutant.kind not in KINDS:
        stop(f"{LIST.name}: '{name}': there is no suite '{mutant.suite}', or no kind of test '{mutant.kind}'")
    return mutant


def read_list() -> tuple[list[Mutant], Mutant]:
    """The mistakes, and the group of broken kernels, which need no mistake."""
    if sys.version_info < (3, 11):
        stop("Python 3.11 is needed, whose standard library reads TOML")
    import tomllib

    listed = tomllib.loads(LIST.read_text(encoding="utf-8"))
    group = listed["broken_kernels"]
    mutants = [mutant_of(entry) for entry in listed["mutant"]]
    names = [mutant.name for mutant in mutants]
    for name in names:
        if names.count(name) > 1:
            stop(f"{LIST.name}: two have the name '{name}'")
    return mutants, Mutant("broken_kernels", group["suite"], group["test"], group["file"])


def chosen(mutants: list[Mutant], only: list[str], suites: list[str]) -> list[Mutant]:
    """By suite and file, so that little is built between one and the next."""
    for name in only:
        if all(mutant.name != name for mutant in mutants):
            stop(f"there is no mutant '{name}'")
    for name in suites:
        if name not in SUITES:
            stop(f"there is no suite '{name}'; there are: {' '.join(SUITES)}")
    order = list(SUITES)
    kept = [mutant for mutant in mutants if mutant.name in (only or [mutant.name])]
    kept = [mutant for mutant in kept if mutant.suite in (suites or [mutant.suite])]
    return sorted(kept, key=lambda mutant: (order.index(mutant.suite), mutant.file, mutant.test))


# ---- the tree --------------------------------------------------------------------------------------------------------


def git(tree: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(tree), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        stop(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def keep_others_out(tree: Path) -> None:
    """Until the end of the program, by which the lock goes."""
    lock = os.open(tree / ".git/mutants.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stop(f"another one is at work in {tree}")


def scratch_tree() -> Path:
    """A clone of HEAD, kept from one time to the next for what was built in it."""
    if git(ROOT, "status", "--porcelain", "--untracked-files=no"):
        print("mutants.py: the working tree has changes; what is tried is HEAD, without them", file=sys.stderr)
    tree = WORK / "tree"
    if not (tree / ".git").exists():
        WORK.mkdir(parents=True, exist_ok=True)
        git(ROOT, "clone", "--quiet", "--no-checkout", str(ROOT), str(tree))
    keep_others_out(tree)
    git(tree, "fetch", "--quiet", str(ROOT), "HEAD")
    git(tree, "checkout", "--quiet", "--detach", "--force", "FETCH_HEAD")
    return tree


def given_tree(path: Path) -> Path:
    tree = path.resolve()
    if not (tree / "scripts/lib/build.sh").is_file() or tree == ROOT:
        stop(f"{path} is no scratch clone of this repository")
    keep_others_out(tree)
    if git(tree, "status", "--porcelain", "--untracked-files=no"):
        stop(f"{path} has changes already; `git checkout .` there takes them back")
    return tree


# ---- all of it -------------------------------------------------------------------------------------------------------


class Report:
    def __init__(self) -> None:
        self.good = self.bad = 0

    def tell(self, mutant: Mutant, why: str | None, words: str = "") -> None:
        self.good += why is None
        self.bad += why is not None
        name = mutant.name + words
        print(f"BAD {name}: {why}" if why else f"fine {name}", flush=True)


def by_suite(mutants: list[Mutant]) -> dict[str, list[Mutant]]:
    found: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        found.setdefault(mutant.suite, []).append(mutant)
    return found


def try_suite(tries: Tries, name: str, mutants: list[Mutant], tell: Callable[[Mutant, str | None], None]) -> None:
    suite = SUITES[name]
    built = tries.set_up(suite)
    if not built.passed:
        keep(f"suite-{name}", built)
        for mutant in mutants:
            tell(mutant, f"the suite {name} is not built")
        return
    tests: dict[tuple[str, str], str | None] = {}
    for mutant in mutants:
        key = (mutant.test, mutant.file if mutant.kind in OF_ONE_FILE else "")
        if key not in tests:
            tests[key] = tries.sound(mutant, suite)
        begin = time.monotonic()
        tell(mutant, tests[key] or tries.caught(mutant, suite))
        print(f"{name} {mutant.name}: {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Breaks the program on purpose: the tests must notice.")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these mutants")
    parser.add_argument("--suite", nargs="+", default=[], metavar="NAME", help="only those of these suites")
    parser.add_argument("tree", nargs="?", type=Path, metavar="TREE", help="a scratch clone that may be changed")
    arguments = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started this ignored it: tests send it, too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # by way of all that is put back
    begin = time.monotonic()
    mutants, kernels = read_list()
    mutants = chosen([*mutants, kernels], arguments.only, arguments.suite)
    if not mutants:
        stop("there is nothing to try")
    tries = Tries(given_tree(arguments.tree) if arguments.tree else scratch_tree())
    if any(mutant.kind in IN_VENV for mutant in mutants):
        filled = in_bash("set_up_python tests", tries.tree)
        if not filled.passed:
            stop(f"the Python packages of the tests cannot be had: {filled.output.strip()}")
    report = Report()
    sound = []
    for mutant in mutants:
        why = None if mutant is kernels else tries.fault_of(mutant)
        if why:
            report.tell(mutant, why)
        elif mutant is not kernels:
            sound.append(mutant)
    if kernels in mutants:
        suite = SUITES[kernels.suite]
        built = tries.set_up(suite)
        count = len(re.findall(r"^FAULT(?:_IN_TWO)?\(\w+, broken_", (tries.tree / kernels.file).read_text(), re.M))
        why = tries.sound(kernels, suite) if built.passed else f"the suite {kernels.suite} is not built"
        report.tell(kernels, why, f" ({count} of {Path(kernels.file).name})")
    for name, of_suite in by_suite(sound).items():
        try_suite(tries, name, of_suite, report.tell)
    print(f"{report.good} caught, {report.bad} not, in {time.monotonic() - begin:.0f} s", file=sys.stderr)
    return 1 if report.bad else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
