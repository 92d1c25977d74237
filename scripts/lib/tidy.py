"""Runs clang-tidy over the C sources of a build, several at once: `fine FILE` or `BAD FILE: WHY` for each.

    python3 scripts/lib/tidy.py BUILD_DIRECTORY JOBS

A kernel is compiled once per ISA and looked at once: as compiled for the last exact one of the build's flag table.
"""

import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def commands_once(build: Path) -> list[dict[str, str]]:
    """The compile commands, one for each C source."""
    chosen: dict[str, dict[str, str]] = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if entry["file"].endswith(".c") and (entry["file"] not in chosen or "-DGM_FAST=1" not in entry["command"]):
            chosen[entry["file"]] = entry
    return sorted(chosen.values(), key=lambda entry: entry["file"])


def main() -> int:
    build = Path(sys.argv[1]).resolve()
    root = Path.cwd()
    commands = commands_once(build)
    files = [(build / entry["file"]).resolve() for entry in commands]

    def look_at(file: Path) -> str | None:
        command = ["clang-tidy", "--quiet", "-p", database, str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return None
        problems = [line for line in done.stdout.splitlines() if " error: " in line or " warning: " in line]
        print(done.stdout or done.stderr, file=sys.stderr)
        return problems[0].replace(f"{root}/", "") if problems else f"clang-tidy ended with {done.returncode}"

    bad = 0
    with tempfile.TemporaryDirectory() as database, ThreadPoolExecutor(int(sys.argv[2])) as pool:
        (Path(database) / "compile_commands.json").write_text(json.dumps(commands))
        for file, why in zip(files, pool.map(look_at, files), strict=True):
            bad += why is not None
            name = file.relative_to(root)
            print(f"BAD {name}: {why}" if why else f"fine {name}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
