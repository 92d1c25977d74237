"""Kernels that are right and slow on purpose (slow/slow.c): proved as any other, held against the best of their ops."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from built import built
from program import gradmark

SLOW = {
    "sgd/f32/slow_half_width",
    "adamw/f32/slow_division_too_many",
    "mse/f32/slow_not_unrolled",
    "relu/f32/slow_extra_pass",
    "sigmoid/f32/slow_spilled",
}


def with_slow(command: str) -> subprocess.CompletedProcess[str]:
    plugin: Path = built("GRADMARK_SLOW", "tests/slow/libslow.so")
    completed = gradmark(command, "--plugin", plugin, "--filter", "/slow_")
    if "no implementation matches" in completed.stderr:
        pytest.skip("this processor has not got their vectors")
    return completed


def test_they_are_right() -> None:
    completed = with_slow("verify")
    assert completed.returncode == 0, completed.stdout
    assert set(re.findall(r"^(\S+) +passed ", completed.stdout, re.MULTILINE)) == SLOW


def test_each_is_held_against_the_best_of_its_op() -> None:
    """Whether they attain less by what they take longer depends on what else the machine does: scripts/limits asks."""
    completed = with_slow("limits")
    wrong = completed.stdout.count("WRONG:")
    assert completed.returncode == (1 if wrong else 0), completed.stderr
    line = r"^  (\S+) +(L[12]) +[0-9.]+ times the time of \S+ +[0-9.]+%, beside +[0-9.]+%$"
    rows = re.findall(line, completed.stdout, re.MULTILINE)
    assert {name for name, _ in rows} == SLOW
    assert len(rows) == len(set(rows)) <= 2 * len(SLOW)
