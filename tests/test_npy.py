"""Arrays that harness/train/export.c writes, read by NumPy."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from built import built
from program import PATIENCE

MATRIX = (np.arange(37000, dtype=np.float32) / np.float32(3)).reshape(1000, 37)


@pytest.fixture(scope="module")
def sample() -> Path:
    path: Path = built("GRADMARK_NPY_SAMPLE", "tests/harness/npy_sample")
    return path


def write(sample: Path, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sample, directory], capture_output=True, text=True, timeout=PATIENCE, check=False)


def test_numpy_reads_them(sample: Path, tmp_path: Path) -> None:
    assert write(sample, tmp_path).returncode == 0
    expected = {
        "matrix": MATRIX,
        "specials": np.array([0x80000000, 1, 0x7F800000, 0x7FC12345, 0x3F800000], np.uint32).view(np.float32),
        "column": np.array([[0], [1], [-1], [2**31 - 1], [-(2**31)]], np.int32),
        "row": np.array([[0, 1, 2**32 - 1]], np.uint32),
        "empty": np.array([], np.uint32),
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"{name}.npy" for name in expected)
    for name, array in expected.items():
        read = np.load(tmp_path / f"{name}.npy", allow_pickle=False)
        assert (read.dtype, read.shape) == (array.dtype, array.shape), name
        assert read.flags.c_contiguous
        assert read.tobytes() == array.tobytes(), name


def test_the_file_is_the_one_that_numpy_writes(sample: Path, tmp_path: Path) -> None:
    assert write(sample, tmp_path).returncode == 0
    np.save(tmp_path / "by_numpy.npy", MATRIX)
    assert (tmp_path / "by_numpy.npy").read_bytes() == (tmp_path / "matrix.npy").read_bytes()


def test_they_can_be_mapped(sample: Path, tmp_path: Path) -> None:
    assert write(sample, tmp_path).returncode == 0
    assert np.array_equal(np.load(tmp_path / "matrix.npy", mmap_mode="r"), MATRIX)


def test_nothing_is_overwritten(sample: Path, tmp_path: Path) -> None:
    (tmp_path / "matrix.npy").write_text("precious")
    result = write(sample, tmp_path)
    assert result.returncode == 2
    assert "matrix.npy' exists already" in result.stderr
    assert result.stderr.count("\n") == 1
    assert (tmp_path / "matrix.npy").read_text() == "precious"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_is_not_there(sample: Path, tmp_path: Path) -> None:
    result = write(sample, tmp_path / "missing")
    assert result.returncode == 2
    assert "No such file or directory" in result.stderr
