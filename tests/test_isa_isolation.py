"""The check for stray instructions must catch what is planted, and pass what is right."""

import platform
import subprocess
from pathlib import Path

import check_isa_isolation as check
import pytest

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="looks at x86-64 instructions")

SUM = "float f(const float *a) { float s = 0; for (int i = 0; i < 1024; i++) s += a[i] * a[i]; return s; }"
SCALE = "void f(float *a) { for (int i = 0; i < 1024; i++) a[i] *= 3; }"
BASELINE = "-O2"
AVX2 = "-O3 -mavx2 -mfma -mbmi2 -ftree-vectorize"
AVX512 = "-O3 -mavx512f -mavx512bw -mavx512vl -mprefer-vector-width=512 -ftree-vectorize"


def run_on(build: Path, target: str, flags: str, source: str) -> tuple[int, str]:
    """The check's verdict on a build directory with one object, of `source`, in `target`."""
    directory = build / "kernels" / target
    directory.mkdir(parents=True)
    command = ["cc", *flags.split(), "-c", "-x", "c", "-", "-o", str(directory / "planted.c.o")]
    subprocess.run(command, input=source, text=True, check=True)
    script = ["python3", check.__file__, str(build)]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("target", "flags"),
    [
        ("libgradmark_core.a.p", BASELINE),
        ("libgradmark_isa_scalar.a.p", BASELINE),
        ("libgradmark_isa_avx2.a.p", AVX2),
        ("libgradmark_isa_autovec.a.p", AVX2),
        ("libgradmark_isa_avx2_fast.a.p", AVX2),
        ("libgradmark_isa_avx512.a.p", AVX512),
        ("twin_avx512_fast.p", AVX512),
    ],
)
def test_right_objects_pass(tmp_path: Path, target: str, flags: str) -> None:
    code, output = run_on(tmp_path, target, flags, SCALE)
    assert (code, output) == (0, f"fine kernels/{target}/planted.c.o\n")


@pytest.mark.parametrize(
    ("target", "flags", "source", "needed"),
    [
        ("libgradmark_core.a.p", AVX2, SCALE, "AVX"),
        ("libgradmark_core.a.p", "-O2 -mavx", "double f(double a) { return a + 1; }", "AVX"),  # no ymm, but VEX
        ("libgradmark_core.a.p", "-O2 -msse4.1", "double f(double a) { return __builtin_floor(a); }", "SSSE3_OR_LATER"),
        ("libgradmark_core.a.p", "-O2 -mlzcnt", "int f(unsigned a) { return __builtin_clz(a); }", "LZCNT"),
        ("libgradmark_core.a.p", "-O2 -mpopcnt", "int f(unsigned a) { return __builtin_popcount(a); }", "POPCNT"),
        ("libgradmark_core.a.p", "-O2 -mmovbe", "int f(int *a) { return __builtin_bswap32(*a); }", "MOVBE"),
        ("libgradmark_core.a.p", "-O2 -mbmi2", "unsigned f(unsigned a, int n) { return a << n; }", "BMI or BMI2"),
        ("libgradmark_isa_scalar.a.p", AVX2, SUM, "FMA"),
        ("libgradmark_oracle.a.p", AVX512, SCALE, "AVX512F"),
        ("libgradmark_isa_avx2.a.p", AVX512, SCALE, "AVX512F"),
        ("libgradmark_isa_autovec.a.p", AVX512, SCALE, "AVX512F"),
        (
            "gradmark.p",
            "-O2 -mavx512bw",
            'unsigned f(unsigned a) { asm volatile("kmovd %0, %%k1" :: "r"(a)); return a; }',
            "AVX512F",
        ),
    ],
)
def test_planted_instruction_is_caught(tmp_path: Path, target: str, flags: str, source: str, needed: str) -> None:
    code, output = run_on(tmp_path, target, flags, source)
    assert code == 1
    assert output.startswith(f"BAD kernels/{target}/planted.c.o: ")
    assert "f holds `" in output
    if needed != "FMA":  # AVX comes first in that function
        assert output.rstrip().endswith(f"needs {needed}")


def test_weak_symbol_in_an_isa_object_is_caught(tmp_path: Path) -> None:
    code, output = run_on(
        tmp_path, "libgradmark_isa_avx2.a.p", AVX2, "__attribute__((weak)) int shared_name(void) { return 1; }"
    )
    assert code == 1
    assert "weak symbol, shared_name" in output


def test_no_objects_is_no_pass(tmp_path: Path) -> None:
    done = subprocess.run(["python3", check.__file__, str(tmp_path)], capture_output=True, check=False)
    assert done.returncode == 2


def test_every_isa_of_the_list_is_known() -> None:
    isas = check.isa_features()
    assert isas["scalar"] == set()
    assert {"AVX", "AVX2", "FMA"} <= isas["avx2"]
    assert "AVX512F" not in isas["avx2"]
    assert isas["avx2"] < isas["avx512"] == isas["avx512_fast"]
    assert check.isa_of("libgradmark_isa_avx512_fast.a.p", isas) == "avx512_fast"
    assert check.isa_of("libgradmark_isa_avx512.a.p", isas) == "avx512"
    assert check.isa_of("gradmark.p", isas) is None
