"""A terminal that is closed ends a run or a training as SIGTERM does: what was finished is written."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
from program import PATIENCE, PROGRAM
from test_cli import MANY, NEVER, load_result, read_until, start

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not built")

WRITTEN = "interrupted; what was finished is written, marked as partial"


@pytest.mark.parametrize("watched", [False, True])
def test_a_run_keeps_what_was_finished(tmp_path: Path, watched: bool) -> None:
    path = tmp_path / "result.json"
    process, terminal = start(path, watched)
    assert "round" in read_until(terminal, r"round ([5-9]|\d\d+) of")
    process.send_signal(signal.SIGHUP)
    assert WRITTEN in read_until(terminal, NEVER)
    os.close(terminal)
    assert process.wait(PATIENCE) == 130
    assert load_result(path)["partial"] is True


def test_a_training_keeps_what_was_finished(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    command = [str(PROGRAM), "train", "mnist-sgd", "--hidden", "16", "--epochs", "100000", "-o", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert any(re.match(r"\s+1 ", line) for line in process.stdout), "no epoch"
        process.send_signal(signal.SIGHUP)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert WRITTEN in errors
    assert json.loads(path.read_text(encoding="utf-8"))["partial"] is True


def test_under_nohup_a_run_goes_on(tmp_path: Path) -> None:
    """Who starts it may have it ignored."""
    command = [str(PROGRAM), "run", *MANY, "--threads", "1", "-o", str(tmp_path / "result.json")]
    terminal, its_end = os.openpty()

    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=its_end, preexec_fn=ignore) as process:
        os.close(its_end)
        read_until(terminal, r"round ([5-9]|\d\d+) of")
        process.send_signal(signal.SIGHUP)
        read_until(terminal, r"round ([7-9]|\d\d+) of")
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert WRITTEN in read_until(terminal, NEVER)
        assert process.wait(PATIENCE) == 130
    os.close(terminal)
