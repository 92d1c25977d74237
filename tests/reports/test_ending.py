"""Exit codes where something goes wrong: never 1, which says that a row is slower."""

import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
from gradmark_report.commands import compare
from two_sides import Report, make_sides, report

__all__ = ["report"]
REPORTS = Path(__file__).parent.parent.parent / "reports"


@pytest.mark.parametrize("command", ["gate", "compare"])
def test_a_closed_pipe_is_no_regression(tmp_path: Path, command: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "gradmark_report", command, *make_sides(tmp_path, order="ABBA")],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
        env={**os.environ, "PYTHONPATH": str(REPORTS)},
    )
    os.close(writing)
    assert done.returncode == 141
    assert done.stderr == b""


def test_an_error_of_the_program_itself_is_one_sentence(
    tmp_path: Path, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "make", Mock(side_effect=RuntimeError("a\nbug")))
    said = report("gate", "a", "b")
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert "error of gradmark-report itself: RuntimeError: a" in said.err
    monkeypatch.setenv("GRADMARK_TRACEBACK", "1")
    assert "Traceback" in report("gate", "a", "b").err
