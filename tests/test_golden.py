"""Every runnable implementation against what a real PyTorch computed: golden/FAMILY.json, made by golden/make.py.

The vectors come from PyTorch in double on f32 inputs, so an output may be off by the op's own bound, in units in the
last place of its scale, and by the half unit that the file's f32 is off.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from built import built
from library import F32, Impl, Library, Stream
from numpy.typing import NDArray

FILES = sorted((Path(__file__).resolve().parent / "golden").glob("*.json"))
FAMILIES = ("optim", "loss", "activation", "linear")
# Not PyTorch's: the tutorial forms, which tests/kernels/test_golden_formulas.c works out by hand.
OTHERS = {"sgd_ema", "rmsprop_tutorial"}


def _cases() -> Iterator[Any]:
    for file in FILES:
        content = json.loads(file.read_text(encoding="utf-8"))
        for number, case in enumerate(content["cases"]):
            yield pytest.param(content["arrays"], case, id=f"{file.stem}-{number}-{case['op']}")


@pytest.fixture(name="library", scope="module")
def _library() -> Library:
    return Library(built("GRADMARK_LIBRARY", "kernels/libgradmark.so"))


def _array(stream: Stream, values: Any, arrays: dict[str, list[float]]) -> NDArray[Any]:
    """`values` may be the name of one of the file's arrays."""
    return np.array(arrays[values] if isinstance(values, str) else values, stream.type).reshape(-1)


def _compare(impl: Impl, stream: Stream, what: str, got: NDArray[Any], wanted: NDArray[Any], scale: Any) -> None:
    values = wanted.astype(np.float64)
    size = np.abs(values) if scale is None else np.maximum(np.abs(values), scale)
    finite = np.isfinite(values)
    unit = np.spacing(size[finite].astype(np.float32)).astype(np.float64)
    bound = impl.ulp_result if stream.result else impl.ulp + 0.5
    off = np.abs(got.astype(np.float64)[finite] - values[finite]) / unit
    assert np.array_equal(got[~finite], wanted[~finite], equal_nan=True), f"{what}: {got} is not {wanted}"
    assert (off <= bound).all(), (
        f"{what}[{np.flatnonzero(finite)[off.argmax()]}] is {got[finite][off.argmax()]:.9g},"
        f" PyTorch has {wanted[finite][off.argmax()]:.9g}: {off.max():.3g} units off, {bound} allowed"
    )


def _follow(impl: Impl, arrays: dict[str, list[float]], case: dict[str, Any]) -> None:
    state, scale = case.get("start", {}), case.get("scale", {})
    for number, step in enumerate(case["steps"], 1):
        given = state | step.get("inputs", {})
        memory = {
            stream.name: _array(stream, given[stream.name], arrays)
            if stream.name in given
            else np.full(np.size(step["outputs"][stream.name]), np.nan, stream.type)
            for stream in impl.streams
        }
        hyper = case.get("hyper", {}) | step.get("hyper", {})
        assert set(hyper) == set(impl.hypers)
        before = {name: array.copy() for name, array in memory.items()}
        impl.run(1, case["sizes"], memory, hyper)
        for stream in impl.streams:
            what = f"{impl.name}, step {number} of {case['torch']}: {stream.name}"
            if not stream.written:
                assert np.array_equal(memory[stream.name], before[stream.name], equal_nan=True), what
                continue
            wanted = _array(stream, step["outputs"][stream.name], arrays)
            _compare(impl, stream, what, memory[stream.name], wanted, scale.get(stream.name))
        # The next step starts from what PyTorch had, so that no error is carried along.
        state = state | {s.name: step["outputs"][s.name] for s in impl.streams if s.updated and s.type == F32}


@pytest.mark.parametrize(("arrays", "case"), _cases())
def test_every_implementation_follows_pytorch(library: Library, arrays: dict[str, Any], case: dict[str, Any]) -> None:
    ran = [impl for impl in library if impl.op == case["op"] and impl.runnable]
    assert ran, f"there are vectors for {case['op']}, which the library does not have"
    for impl in ran:
        _follow(impl, arrays, case)


def test_there_are_vectors_for_every_op_that_pytorch_has(library: Library) -> None:
    vectors = {case["op"] for file in FILES for case in json.loads(file.read_text(encoding="utf-8"))["cases"]}
    ops = {impl.op for impl in library if impl.family in FAMILIES and not impl.is_list}
    assert ops - vectors == OTHERS
