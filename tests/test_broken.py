"""`gradmark verify` against kernels that are wrong: each must be caught, for its own fault, and the run must go on.

The kernels are those of tests/broken/faults.def; beside them stand the same ones without the fault, which must pass."""

import json
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from built import ROOT, built
from program import PATIENCE

FAULTS = re.findall(
    r"^FAULT(?:_IN_TWO)?\((\w+), (\w+), \w+\)",
    (ROOT / "tests/broken/faults.def").read_text(encoding="utf-8"),
    re.MULTILINE,
)
BROKEN = [f"{op}/f32/{fault}" for op, fault in FAULTS if fault.startswith("broken_")]
FUSED = "sgd/f32/sound_fused"
SOUND = [f"{op}/f32/{fault}" for op, fault in FAULTS if fault.startswith("sound")]

# What the report must say where the fault alone decides it: another failure would mean that another thing was caught.
WORDS = {
    "broken_begin_ignored": r"[238] threads",
    "broken_split_seen": r"[238] threads",
    "broken_large_only": r"n \d{5,}",
    "broken_reads_past_end": r"outside its arrays",
    "broken_reads_before_begin": r"outside its arrays",
    "broken_writes_past_end": r"outside",
    "broken_writes_before_begin": r"outside",
    "broken_input_modified": r"only read, was changed",
    "broken_aligned_only": r"SIG(SEGV|BUS)",
    "broken_illegal_instruction": r"illegal instruction",
    "broken_hangs": r"30 seconds",
    "broken_nan_lost": r"nan",
    "broken_infinity_clamped": r"inf",
    "broken_overflows": r"is (-?inf|0|-?nan)",
    "broken_zero_by_zero": r"nan",
    "broken_tail_rounds_otherwise": r"bits",
    "broken_never_fused": r"other bits than sgd/f32/sound_fused",
}


class Run(NamedTuple):
    code: int
    lines: list[str]
    errors: str
    verdicts: dict[str, dict[str, object]]


def start(directory: Path, pattern: str) -> tuple[subprocess.Popen[str], Path]:
    program = built("GRADMARK_PROGRAM", "harness/gradmark")
    plugin = built("GRADMARK_BROKEN", "tests/broken/libbroken.so")
    report = directory / "verdicts.json"
    command = [program, "verify", "--plugin", plugin, "--filter", pattern, "--seed", "1", "--json", report]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True), report


def finish(process: subprocess.Popen[str], report: Path) -> Run:
    told, errors = process.communicate(timeout=PATIENCE)
    assert report.is_file(), errors
    implementations = json.loads(report.read_text(encoding="utf-8"))["implementations"]
    return Run(process.returncode, told.splitlines(), errors, {i["name"]: i for i in implementations})


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """Of the broken ones and of the sound ones, at once: of the former one hangs, for half a minute. Beside the broken
    ones is the sound one whose bits they claim."""
    both = [start(tmp_path_factory.mktemp("verify"), pattern) for pattern in (f"/broken_|^{FUSED}$", "/sound")]
    try:
        broken, sound = (finish(process, report) for process, report in both)
    finally:
        for process, _ in both:
            process.kill()
    return broken, sound


@pytest.fixture(name="broken")
def _broken(runs: tuple[Run, Run]) -> Run:
    return runs[0]


@pytest.fixture(name="sound")
def _sound(runs: tuple[Run, Run]) -> Run:
    return runs[1]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_kernel_is_caught(broken: Run, name: str) -> None:
    verdict = broken.verdicts[name]
    assert verdict["passed"] is False
    failure = verdict["failure"]
    assert isinstance(failure, str)
    fault = name.split("/")[2]
    assert re.search(WORDS.get(fault, "."), failure), failure


def test_the_run_goes_on_to_the_end(broken: Run) -> None:
    assert sorted(broken.verdicts) == sorted([*BROKEN, FUSED])
    assert broken.code == 1
    assert broken.lines[-1] == f"1 passed, {len(BROKEN)} failed"


@pytest.mark.parametrize("name", SOUND)
def test_the_same_kernel_without_a_fault_passes(sound: Run, name: str) -> None:
    assert sound.verdicts[name]["passed"] is True, sound.verdicts[name]["failure"]


def test_a_run_without_failures_says_so(sound: Run) -> None:
    assert sorted(sound.verdicts) == sorted(SOUND)
    assert sound.code == 0
    assert sound.lines[-1] == f"{len(SOUND)} passed, 0 failed"
