"""Looks for objects that a changed row of ops.def would compile anew without need.

    python3 tests/check_rows.py BUILD_DIRECTORY

An op's kernel and oracle see its own rows alone, and the harness none: only the library's tables, and tests that go
over all ops, may include ops.def. What each object includes is read from ninja's log of it.

Prints `BAD OBJECT: WHY` for every object that sees more, or one line `fine ...`; exit code 1 if one is bad, 2 if there
is no object.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

TABLES = {
    "counted_table.c.o",
    "isa_table.c.o",
    "machine_core_twin.c.o",
    "machine_twin.c.o",
    "ops.c.o",
    "oracle_oracle.c.o",
    "registry.c.o",
    "typed.c.o",
}
ROW = re.compile(r"^kernels/row/(\w+)\.def$")


def objects(build: Path) -> Iterator[tuple[Path, list[str]]]:
    """Each object and the files that it was made of."""
    text = subprocess.run(["ninja", "-C", str(build), "-t", "deps"], capture_output=True, text=True, check=True).stdout
    for block in text.split("\n\n"):
        lines = block.splitlines()
        if lines and (name := lines[0].partition(":")[0]).endswith(".o"):
            yield Path(name), [line.strip() for line in lines[1:]]


def own_row(name: str, ops: set[str]) -> str | None:
    """The op whose object it is: optim_sgd_ema.c.o is that of sgd_ema, not of sgd; a tuned one's ends in its ISA."""
    words = "_" + name.removesuffix(".c.o") + "_"
    return max((op for op in ops if f"_{op}_" in words), key=len, default=None)


def fault(path: Path, files: list[str], ops: set[str]) -> str | None:
    """What an object includes beyond its own rows."""
    if path.name in TABLES:
        return None
    if any(file.endswith("kernels/ops.def") for file in files):
        return "includes all rows of ops.def: a change of any compiles it anew"
    rows = {found[1] for file in files if (found := ROW.match(file))}
    if foreign := sorted(rows - {own_row(path.name, ops)}):
        return f"includes the row of {foreign[0]}"
    return None


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: check_rows.py BUILD_DIRECTORY", file=sys.stderr)
        return 2
    looked, bad = 0, 0
    ops = {file.stem for file in Path(sys.argv[1], "kernels/row").glob("*.def")}
    for path, files in sorted(objects(Path(sys.argv[1]))):
        if path.parts[0] not in ("kernels", "harness"):
            continue
        looked += 1
        why = fault(path, files, ops)
        if why:
            bad += 1
            print(f"BAD {path}: {why}")
    if not looked:
        print(f"check_rows.py: ninja knows of no object under {sys.argv[1]}", file=sys.stderr)
        return 2
    if not bad:
        print(f"fine none of {looked} objects sees another op's row")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
