"""An emulator may access lanes that a mask leaves out, and fault beyond an array: no kernel is blamed for it."""

import platform
import re
import shutil
import subprocess

import pytest
from program import PATIENCE, PROGRAM

EMULATOR = shutil.which("qemu-x86_64")
pytestmark = [
    pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not built"),
    pytest.mark.skipif(not EMULATOR or platform.machine() != "x86_64", reason="there is no qemu-x86_64 here"),
]

WHY_NOT = (
    "gradmark: this processor, or what emulates it (QEMU (TCG)), accesses more than instructions of AVX2 ask for: "
)


def verify(isas: str) -> tuple[int, list[str], list[str]]:
    """Exit code, what is told and what is complained of, without what the emulator says of itself."""
    command = [
        str(EMULATOR),
        "-cpu",
        "Haswell",
        str(PROGRAM),
        "verify",
        "--filter",
        "^sgd/",
        "--isa",
        isas,
        "--seed",
        "1",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    complaints = [line for line in done.stderr.splitlines() if not line.startswith("qemu-x86_64: warning")]
    return done.returncode, done.stdout.splitlines(), complaints


def test_kernels_are_not_blamed_for_an_emulator() -> None:
    code, told, complaints = verify("scalar,autovec,avx2")
    assert code == 0
    assert not any("FAILED" in line for line in told)
    if complaints:
        assert complaints == [f"{WHY_NOT}2 implementations that rest on it cannot be proved here"]
        assert told[-1] == "1 passed, 0 failed, 2 not proved"
    else:  # one that does as processors do
        assert told[-1] == "3 passed, 0 failed"


def test_nothing_that_can_be_proved_is_an_error() -> None:
    code, told, complaints = verify("avx2")
    if complaints:
        assert complaints == [f"{WHY_NOT}1 implementation that rests on it cannot be proved here"]
        assert code == 2
        assert told[-1] == "0 passed, 0 failed, 1 not proved"
    else:
        assert re.match("1 passed, 0 failed", told[-1])
