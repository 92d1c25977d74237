"""hwloc's drawing of an untrusted topology is bounded in time, in memory and in what it writes."""

from pathlib import Path

import pytest
import synthetic
from gradmark_report import drawing
from gradmark_report.result import Result
from gradmark_report.result_file import read


@pytest.fixture
def result(tmp_path: Path) -> Result:
    raw = synthetic.make_result(ops=("sgd",), impls=("scalar",), levels=("L2",), sweep=False)
    raw["machine"]["topology"]["xml"] = "<topology/>"
    return read(synthetic.write(tmp_path / "result.json", raw))


def program(path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """What stands for lstopo; its last argument is the picture."""
    path.write_text(f'#!/bin/bash\ntarget="${{!#}}"\n{body}\n')
    path.chmod(0o755)
    monkeypatch.setattr(drawing, "PROGRAMS", (str(path),))


def test_a_picture_is_taken_as_it_is(result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "draw", monkeypatch, 'echo "<svg/>" > "$target"')
    assert drawing.topology(result) == (b"<svg/>\n", "")


@pytest.mark.parametrize(
    "body",
    [
        'head -c 5000000 /dev/zero > "$target"',  # a picture of 5 MB
        "exit 3",
        "true",  # no picture
        'echo "<svg/>" > "$target"; ulimit -c | grep -qx 0 && exit 1',
    ],
)
def test_what_goes_wrong_is_one_sentence(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    program(tmp_path / "draw", monkeypatch, body)
    assert drawing.topology(result) == (
        None,
        "hwloc's lstopo could not draw the topology that the result file carries.",
    )
