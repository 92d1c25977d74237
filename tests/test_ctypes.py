"""The library as another language sees it: through the shared object alone."""

import subprocess
import sys
from pathlib import Path

import ctypes_adamw
import numpy as np
import pytest
from built import built


@pytest.fixture(name="library")
def _library() -> Path:
    return built("GRADMARK_LIBRARY", "kernels/libgradmark.so")


@pytest.fixture(name="gradmark")
def _gradmark(library: Path) -> ctypes_adamw.Gradmark:
    return ctypes_adamw.Gradmark(str(library))


@pytest.mark.parametrize("name", ["adamw/f32", "adamw/f32/scalar"])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("size", [1, 1003, 100_000])
def test_adamw_follows_numpy_in_double(gradmark: ctypes_adamw.Gradmark, name: str, threads: int, size: int) -> None:
    random = np.random.default_rng(20240131)
    params = random.standard_normal(size).astype(np.float32)
    exp_avg, exp_avg_sq = np.zeros_like(params), np.zeros_like(params)
    p, m, v = params.astype(np.float64), np.zeros(size), np.zeros(size)
    lr, beta1, beta2, eps, decay = 0.01, 0.9, 0.999, 1e-8, 0.1
    for step in range(1, 6):
        grads = random.standard_normal(size).astype(np.float32)
        given = grads.copy()
        gradmark.run(name, threads, [size], [params, grads, exp_avg, exp_avg_sq], lr, beta1, beta2, eps, decay, step)
        assert np.array_equal(grads, given)
        g = grads.astype(np.float64)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        p = p * (1 - lr * decay) - lr * (m / (1 - beta1**step)) / (np.sqrt(v / (1 - beta2**step)) + eps)
    np.testing.assert_allclose(params, p, rtol=0, atol=4e-6)
    np.testing.assert_allclose(exp_avg, m, rtol=0, atol=1e-6)
    np.testing.assert_allclose(exp_avg_sq, v, rtol=1e-6)


def test_a_reduction_gives_its_result(gradmark: ctypes_adamw.Gradmark) -> None:
    grads, result = np.arange(1, 101, dtype=np.float32), np.zeros(1, np.float64)
    gradmark.run("grad_sumsq/f32", 2, [100], [grads, result])
    assert result[0] == 338350


@pytest.mark.parametrize(
    ("name", "hyper", "words"),
    [
        ("adamw/f16", (1e-3, 0.9, 0.999, 1e-8, 0.01, 1), "no implementation is named 'adamw/f16'"),
        ("adamw/f32", (1e-3, 1.5, 0.999, 1e-8, 0.01, 1), "adamw: beta1 is 1.5; it must be at least 0 and below 1"),
    ],
)
def test_errors_are_sentences(gradmark: ctypes_adamw.Gradmark, name: str, hyper: tuple[float, ...], words: str) -> None:
    arrays = [np.ones(10, np.float32) for _ in range(4)]
    with pytest.raises(ValueError, match=words):
        gradmark.run(name, 1, [10], list(arrays), *hyper)
    assert all(np.array_equal(array, np.ones(10)) for array in arrays)


def test_the_example_runs(library: Path) -> None:
    done = subprocess.run(
        [sys.executable, ctypes_adamw.__file__, str(library)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    # Three steps of 1e-3 against the gradient's sign, and a decay of 1e-5 each.
    assert done.stdout == "the first parameter went from 1 to 1.00297, the last to 0.99697\n"


def test_threads_keep_their_code_when_the_library_is_closed(library: Path) -> None:
    """OpenMP's threads wait in its code until the process ends; without the library nobody else may hold that."""
    script = """if True:
        import _ctypes, sys
        import ctypes_adamw, numpy as np
        gradmark = ctypes_adamw.Gradmark(sys.argv[1])
        gradmark.run("relu/f32", 2, [1000], [np.ones(1000, np.float32), np.ones(1000, np.float32)])
        _ctypes.dlclose(gradmark.c._handle)
        maps = open("/proc/self/maps").read()
        print("libgradmark" in maps)
    """
    done = subprocess.run(
        [sys.executable, "-c", script, str(library)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(ctypes_adamw.__file__).parent,
    )
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


def test_an_unknown_isa_is_an_error(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADMARK_ISA", "avx3")
    with pytest.raises(ValueError, match="unknown ISA 'avx3'"):
        ctypes_adamw.Gradmark(str(library))


def test_the_example_fits_into_the_readme() -> None:
    assert len(Path(ctypes_adamw.__file__).read_text(encoding="utf-8").splitlines()) <= 40
