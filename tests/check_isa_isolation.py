"""Looks for instructions outside the objects that were built for them.

    python3 tests/check_isa_isolation.py BUILD_DIRECTORY

An old processor must be able to start the program, find out what it lacks and run the rest: so only an object of an
ISA's own build target (its name holds the ISA's: libgradmark_isa_avx512) may hold that ISA's instructions, and such an
object may not define a weak symbol, which the linker might take in place of a baseline one. What an ISA allows is read
from kernels/isas.def, through the compiler's preprocessor.

For x86-64. Prints `fine OBJECT` or `BAD OBJECT: WHY` for every object file; exit code 1 if
one is bad, 2 if there is none.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

KERNELS = Path(__file__).resolve().parent.parent / "kernels"

LEGACY_PREFIXES = {0x66, 0xF2, 0xF3, 0x2E, 0x36, 0x3E, 0x26, 0x64, 0x65, 0x67, 0xF0}
INSTRUCTION = re.compile(r"^\s*[0-9a-f]+:\t((?:[0-9a-f]{2} )+)\s*\t(.*)$")
FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")

# What a VEX-encoded instruction needs; the first that fits.
VEX_FEATURES = [
    (re.compile(r"tile|tdp|ldtilecfg|sttilecfg"), {"AMX_TILE"}),
    (re.compile(r"k"), {"AVX512F"}),
    (re.compile(r"vfn?m(add|sub)"), {"FMA"}),
    (re.compile(r"vcvtph2ps|vcvtps2ph"), {"F16C"}),
    (re.compile(r"v"), {"AVX"}),
    (re.compile(r""), {"BMI", "BMI2"}),
]


def features_needed(code: bytes, mnemonic: str) -> set[str]:
    """The processor features of which one must be there for this instruction; empty if x86-64's base has it."""
    at = 0
    prefixes = set()
    while at < len(code) and code[at] in LEGACY_PREFIXES:
        prefixes.add(code[at])
        at += 1
    if at < len(code) and code[at] & 0xF0 == 0x40:  # REX
        at += 1
    opcode = code[at : at + 3]
    if opcode[:1] == b"\x62":
        return {"AVX512F"}
    if opcode[:1] in (b"\xc4", b"\xc5"):
        return next(needed for pattern, needed in VEX_FEATURES if pattern.match(mnemonic))
    if opcode in (b"\x0f\x38\xf0", b"\x0f\x38\xf1"):
        return {"SSE4_2"} if 0xF2 in prefixes else {"MOVBE"}
    if opcode[:2] in (b"\x0f\x38", b"\x0f\x3a"):
        return {"SSSE3_OR_LATER"}
    if 0xF3 in prefixes and opcode[:2] == b"\x0f\xb8":
        return {"POPCNT"}
    if 0xF3 in prefixes and opcode[:2] == b"\x0f\xbd":
        return {"LZCNT"}
    return set()


def isa_features(compiler: str = os.environ.get("CC", "cc")) -> dict[str, set[str]]:
    """What each row of isas.def requires."""
    source = '#include "cpu.h"\n#define ISA(name, features, ...) @row name : features\n#include "isas.def"\n'
    command = [*compiler.split(), "-E", "-P", "-I", str(KERNELS), "-x", "c", "-"]
    text = subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout
    rows = (row.partition(":") for row in text.split("@row")[1:])
    return {name.strip(): set(re.findall(r"GM_INDEX_(\w+)", features)) for name, _, features in rows}


def isa_of(target: str, isas: dict[str, set[str]]) -> str | None:
    """The ISA that a build target's name holds, as words between underscores; the longest one, if several."""
    words = "_" + re.sub(r"\.(a|so|p)\b.*$", "", target) + "_"
    return max((isa for isa in isas if f"_{isa}_" in words), key=len, default=None)


def instructions(object_file: Path) -> Iterator[tuple[str, bytes, str]]:
    """Function, bytes and text of every instruction."""
    command = ["objdump", "--disassemble", "--wide", "--show-raw-insn", str(object_file)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    function = "?"
    for line in text.splitlines():
        if found := INSTRUCTION.match(line):
            yield function, bytes.fromhex(found[1]), found[2].strip()
        elif found := FUNCTION.match(line):
            function = found[1]


def weak_symbols(object_file: Path) -> list[str]:
    text = subprocess.run(["nm", "--defined-only", str(object_file)], capture_output=True, text=True, check=True).stdout
    return [name for _, kind, name in (line.split(maxsplit=2) for line in text.splitlines()) if kind in "WwVvu"]


def fault(object_file: Path, isa: str | None, allowed: set[str]) -> str | None:
    """What is wrong with an object that may use only these features."""
    if isa and allowed and (weak := weak_symbols(object_file)):
        return f"is built for {isa} and defines a weak symbol, {weak[0]}, which may replace a baseline one"
    for function, code, text in instructions(object_file):
        needed = features_needed(code, text)
        if needed and not needed & allowed:
            place = f"is built for {isa}" if isa else "belongs to no ISA"
            return f"{place}, but {function} holds `{text}`, which needs {' or '.join(sorted(needed))}"
    return None


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: check_isa_isolation.py BUILD_DIRECTORY", file=sys.stderr)
        return 2
    build = Path(sys.argv[1])
    isas = isa_features()
    objects = [path for path in sorted(build.rglob("*.o")) if "meson-private" not in path.parts]
    bad = 0
    for path in objects:
        isa = isa_of(path.parent.name, isas)
        why = fault(path, isa, isas[isa] if isa else set())
        bad += why is not None
        name = path.relative_to(build)
        print(f"BAD {name}: {why}" if why else f"fine {name}")
    if not objects:
        print(f"check_isa_isolation.py: there is no object file under {build}", file=sys.stderr)
        return 2
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
