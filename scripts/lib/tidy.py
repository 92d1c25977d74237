"""Runs clang-tidy over the C sources of a build: `fine FILE` or `BAD FILE: WHY` for each.

    python3 scripts/lib/tidy.py BUILD_DIRECTORY [--since FILE] [--only-tell]

A kernel is compiled once per ISA and looked at once: as compiled for the last exact one of the build's flag table. With
--since only what has changed since the revision that FILE names is looked at, and for each changed header one source
that includes it. Where git does not know that revision, or what clang-tidy looks for has changed, all is looked at.
With --only-tell findings are printed as clang-tidy writes them, and fail nothing.
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path.cwd()


Command = dict[str, str]


def commands_of(build: Path) -> dict[Path, list[Command]]:
    """The compile commands of each C source, the one to look at first: the last exact one."""
    found: dict[Path, list[Command]] = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = (build / entry["file"]).resolve()
        if file.suffix == ".c":
            found.setdefault(file, []).insert(0, entry)
    for commands in found.values():
        commands.sort(key=lambda entry: "-DGM_FAST=1" in entry["command"])
    return dict(sorted(found.items()))


def git(*arguments: str) -> list[Path] | None:
    """The files that git names; None where it fails or is missing."""
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return [(ROOT / line).resolve() for line in done.stdout.splitlines()]


def changed_since(revision: str) -> set[Path] | None:
    """What differs from the revision, committed or not; None where that cannot be told, or where all is to be read."""
    differ = git("diff", "--name-only", revision)
    new = git("ls-files", "--others", "--exclude-standard")
    if differ is None or new is None or any(file.name == ".clang-tidy" for file in [*differ, *new]):
        return None
    return {*differ, *new}


def includes(build: Path) -> dict[str, set[Path]]:
    """What each object of the build was made of, as ninja has it from the compiler."""
    text = subprocess.run(["ninja", "-C", str(build), "-t", "deps"], capture_output=True, text=True, check=True).stdout
    blocks = (block.splitlines() for block in text.split("\n\n") if block)
    return {block[0].partition(":")[0]: {(build / line.strip()).resolve() for line in block[1:]} for block in blocks}


def to_look_at(commands: dict[Path, list[Command]], changed: set[Path], build: Path) -> list[tuple[Path, Command]]:
    """The changed sources, and for every changed header one command, if there is any, whose object includes it."""
    chosen = [(file, of_file[0]) for file, of_file in commands.items() if file in changed]
    read = includes(build)
    for header in sorted(file for file in changed if file.suffix in {".h", ".def"}):
        if any(header in read.get(command["output"], ()) for _, command in chosen):
            continue
        including = (
            (file, command)
            for file, of_file in commands.items()
            for command in of_file
            if header in read.get(command["output"], ())
        )
        chosen.extend(itertools.islice(including, 1))
    return chosen


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=Path)
    parser.add_argument("--since", type=Path, metavar="FILE")
    parser.add_argument("--only-tell", action="store_true")
    options = parser.parse_args()
    no_errors = ["--warnings-as-errors=-*"] if options.only_tell else []
    build = options.build.resolve()
    commands = commands_of(build)
    looked_at = [(file, of_file[0]) for file, of_file in commands.items()]
    changed = changed_since(options.since.read_text().strip()) if options.since else None
    if changed is not None:
        looked_at = to_look_at(commands, changed, build)
        print(f"fine what has not changed since {options.since}: all but {len(looked_at)} of {len(commands)} sources")
    elif options.since:
        print(f"all is looked at: git does not know what has changed since {options.since}, or .clang-tidy has")
    bad = 0
    with tempfile.TemporaryDirectory() as database:
        for file, entry in looked_at:
            (Path(database) / "compile_commands.json").write_text(json.dumps([entry]))
            command = ["clang-tidy", "--quiet", *no_errors, "-p", database, str(file)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            name = file.relative_to(ROOT)
            problems = [line for line in done.stdout.splitlines() if " error: " in line or " warning: " in line]
            if done.returncode or problems:
                print(done.stdout or done.stderr, file=sys.stderr)
            if done.returncode == 0:
                print(f"fine {name}", flush=True)
                continue
            bad += 1
            why = problems[0].replace(f"{ROOT}/", "") if problems else f"clang-tidy ended with {done.returncode}"
            print(f"BAD {name}: {why}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
