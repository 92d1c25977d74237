"""What the loops of single kinds of instructions (harness/machine/core_loops.c) are counted to do in each turn, against
their disassembly: as many as that, no more, no fewer, of the ISA's width, and nothing beside them but the loop's own
control. What the compiler merged, dropped or put on the stack would make a rate that no core has.

With another compiler's build: GRADMARK_PROGRAM=build-clang/harness/gradmark"""

import platform
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from built import ROOT, built

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="looks at x86-64 instructions")

WIDTH = {"scalar": "xmm", "avx2": "ymm", "avx512": "zmm"}
EACH = {"divide": r"v?div[ps]s$", "sqrt": r"v?sqrt[ps]s$", "other": r"v?max[ps]s$", "load": r"v?mov", "store": r"v?mov"}
FUSED = r"vfmadd\d+ps$"
UNFUSED = (r"mulss$", r"addss$")  # where an ISA has no multiply-add
MOST_CONTROL = 3


class Instruction(NamedTuple):
    address: int
    mnemonic: str
    operands: str

    @property
    def of_vectors(self) -> bool:
        return re.search(r"%[xyz]mm", self.operands) is not None

    @property
    def destination(self) -> str:
        return re.split(r",(?![^(]*\))", self.operands)[-1]


class Loop(NamedTuple):
    kind: str
    isa: str
    turn: list[Instruction]

    @property
    def register(self) -> str:
        return WIDTH[self.isa.removesuffix("_fast")]


def counts() -> tuple[int, int]:
    """Chains of multiply-adds, and of each other kind how many."""
    header = (ROOT / "harness/machine/core.h").read_text(encoding="utf-8")
    found = re.search(r"CORE_FMA_CHAINS = (\d+), CORE_EACH = (\d+)", header)
    assert found
    return int(found[1]), int(found[2])


def turn_of(body: list[Instruction]) -> list[Instruction]:
    """From where the only jump back goes, up to it."""
    jumps = [(i, int(one.operands.split()[0], 16)) for i, one in enumerate(body) if re.match(r"j[a-z]+$", one.mnemonic)]
    back = [(i, to) for i, to in jumps if body[0].address <= to <= body[i].address]
    assert len(back) == 1, back
    end, to = back[0]
    return [one for one in body[: end + 1] if one.address >= to]


@pytest.fixture(name="loops", scope="module")
def _loops() -> list[Loop]:
    program: Path = built("GRADMARK_PROGRAM", "harness/gradmark")
    command = ["objdump", "--disassemble", "--wide", "--no-show-raw-insn", str(program)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    loops = []
    for found in re.finditer(r"^[0-9a-f]+ <core_loop_([a-z]+)_(\w+)>:\n((?:.+\n)+)", text, re.MULTILINE):
        lines = re.findall(r"^\s*([0-9a-f]+):\t(\S+)[^\S\n]*([^\n#<]*)", found[3], re.MULTILINE)
        body = [Instruction(int(address, 16), mnemonic, operands.strip()) for address, mnemonic, operands in lines]
        loops.append(Loop(found[1], found[2], turn_of(body)))
    return loops


def test_every_isa_has_a_loop_of_each_kind(loops: list[Loop]) -> None:
    isas = {loop.isa for loop in loops}
    assert "scalar" in isas
    assert sorted((loop.kind, loop.isa) for loop in loops) == sorted(
        (kind, isa) for kind in ["fma", *EACH] for isa in isas
    )


def fault(loop: Loop, patterns: tuple[str, ...], count: int) -> str | None:
    vectors = [one for one in loop.turn if one.of_vectors]
    # Two operands of three overwrite one: independent instructions of single floats have it copied, or cleared before.
    copies = [one for one in vectors if one.mnemonic in ("movaps", "xorps") and "(" not in one.operands]
    if loop.isa == "scalar" and loop.kind in ("divide", "sqrt", "other") and len(copies) <= count:
        vectors = [one for one in vectors if one not in copies]
    counted = [[one for one in vectors if re.match(pattern, one.mnemonic)] for pattern in patterns]
    if any(len(ones) != count for ones in counted):
        return f"{[len(ones) for ones in counted]} in a turn, not {count}"
    if len(vectors) != count * len(patterns):
        return f"{len(vectors)} instructions with vectors, not {count * len(patterns)}"
    if any(set(re.findall(r"%([xyz]mm)", one.operands)) != {loop.register} for one in vectors):
        return f"not of %{loop.register} alone"
    if loop.isa == "scalar" and any(not one.mnemonic.endswith("ss") for one in vectors):
        return "not of single floats"
    if loop.kind in ("load", "store") and any(("(" in one.destination) != (loop.kind == "store") for one in vectors):
        return f"no {loop.kind}"
    if any(("(" in one.operands) != (loop.kind in ("load", "store")) for one in vectors):
        return "memory"
    if loop.kind == "fma" and any(len({one.destination for one in ones}) != count for ones in counted):
        return "chains share a register"
    control = len(loop.turn) - sum(one.of_vectors for one in loop.turn)
    return f"{control} instructions of control" if control > MOST_CONTROL else None


def test_a_turn_is_what_is_counted_and_nothing_else(loops: list[Loop]) -> None:
    chains, each = counts()
    wrong = []
    for loop in loops:
        patterns = (EACH[loop.kind],) if loop.kind in EACH else UNFUSED if loop.isa == "scalar" else (FUSED,)
        why = fault(loop, patterns, chains if loop.kind == "fma" else each)
        if why:
            turn = "\n".join(f"    {one.mnemonic} {one.operands}" for one in loop.turn)
            wrong.append(f"{loop.kind} of {loop.isa}: {why}\n{turn}")
    assert not wrong, "\n".join(wrong)
