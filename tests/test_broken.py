"""`gradmark verify` against kernels that are wrong: each must be caught, for its own fault, and the run must go on.

The kernels are those of tests/broken/faults.def; beside them stand the same ones without the fault, which must pass.
Those that are wrong on many elements alone are for `gradmark run`."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from built import ROOT, built
from program import PATIENCE, gradmark

FAULTS = re.findall(
    r"^FAULT(?:_IN_TWO)?\((\w+), (\w+), \w+\)",
    (ROOT / "tests/broken/faults.def").read_text(encoding="utf-8"),
    re.MULTILINE,
)
BROKEN = [f"{op}/f32/{fault}" for op, fault in FAULTS if fault.startswith("broken_")]
FUSED = "sgd/f32/sound_fused"
LARGE = [f"{op}/f32/{fault}" for op, fault in FAULTS if fault.startswith("large_")]
SOUND = [f"{op}/f32/{fault}" for op, fault in FAULTS if fault.startswith("sound")]

# What the report must say where the fault alone decides it: another failure would mean that another thing was caught.
WORDS = {
    "broken_begin_ignored": r"[238] threads",
    "broken_split_seen": r"[238] threads",
    "broken_large_only": r"n \d{5,}",
    "broken_idle_on_many": r"n \d{6,}",
    "broken_block_lost": r"n \d{7,}",
    "broken_one_output": r"row \d+ of input_grads times a vector of random signs",
    "broken_reads_past_end": r"outside its arrays",
    "broken_reads_before_begin": r"outside its arrays",
    "broken_writes_past_end": r"outside",
    "broken_writes_before_begin": r"outside",
    "broken_input_modified": r"only read, was changed",
    "broken_aligned_only": r"SIG(SEGV|BUS)",
    "broken_illegal_instruction": r"illegal instruction",
    "broken_hangs": r"not coming back in time",
    "broken_hangs_over_an_alarm": r"not coming back in time .*[238] threads",
    "broken_aborts": r"SIGABRT",
    "broken_overflows_stack": r"stopped by an overflow of its stack",
    "broken_overflows_stack_on_workers": r"stopped by an overflow of its stack .*[238] threads",
    "broken_traps_in_tiles": r"illegal instruction",
    "broken_traps_in_scratch_bytes": r"illegal instruction",
    "broken_overflows_stack_in_tiles": r"an overflow of its stack",
    "broken_endless_tiles": r"outside its arrays",
    "broken_endless_scratch": r"its scratch space, which is more than any memory has",
    "broken_flushes_in_tiles": r"changed how floating-point arithmetic is done, in its `tiles`",
    "broken_flushes_in_scratch_bytes": r"changed how floating-point arithmetic is done, in its `scratch_bytes`",
    "broken_flushes_in_prepare": r"changed how floating-point arithmetic is done, in its `prepare`",
    "broken_flushes_in_conclude": r"changed how floating-point arithmetic is done, in its `conclude`",
    "broken_flushes_in_apply": r"changed how floating-point arithmetic is done, in its `apply`",
    "broken_rounds_down_elsewhere": r"changed how floating-point arithmetic is done, in its `run`, at another place",
    "broken_rounds_down": r"changed how floating-point arithmetic is done, in its `run` \(.*; 1 thread",
    "broken_rounds_down_on_workers": r"changed how floating-point arithmetic is done, in its `run` .*[238] threads",
    "broken_flushes_subnormals": r"changed how floating-point arithmetic is done",
    "broken_closes_stdout": r"open descriptor 1,",
    "broken_closes_stderr": r"open descriptor 2,",
    "broken_closes_others": r"open descriptor \d+,",
    "broken_nan_lost": r"nan",
    "broken_infinity_clamped": r"inf",
    "broken_overflows": r"is inf, .*: f32 overflows on the way to it: .*GM_OVERFLOWS \(",
    "broken_zero_by_zero": r"nan",
    "broken_tail_rounds_otherwise": r"bits",
    "broken_never_fused": r"other bits than sgd/f32/\w+, which is fused too",
}

# The same of those that are wrong on many elements alone.
WORDS_AT_SIZE = {
    "sgd/f32/large_idle": r"params\[0\] is",
    "sgd/f32/large_half": r"params\[\d+\] is",
    "sgd/f32/large_border": r"params\[\d+\] is 0,",
    "sgd/f32/large_writes_past_end": r"a byte outside params was changed",
    "sgd/f32/large_writes_before_begin": r"a byte outside params was changed",
    "sgd/f32/large_input_modified": r"on guarded pages",
    "sgd/f32/large_reads_past_end": r"outside its arrays.*on guarded pages",
    "sgd/f32/large_other_memory": r"params has other bits on guarded small pages",
    "sgd/f32/large_rounds_down": r"changed how floating-point arithmetic is done, in its `run`",
    "sgd/f32/large_rounds_down_once": r"changed how floating-point arithmetic is done, while it was timed",
    "sgd/f32/large_flushes_once": r"changed how floating-point arithmetic is done, while it was timed",
    "sgd/f32/large_traps": r"stopped by an illegal instruction",
    "sgd/f32/large_closes_stdout": r"open descriptor 1,",
    "grad_sumsq/f32/large_block_lost": r"sumsq\[0\] is",
    "softmax_xent/f32/large_last_row": r"logit_grads\[\d+\] is",
    "linear_backward/f32/large_one_output": r"input_grads",
    "linear_backward/f32/large_scratch_refused": r"no memory for the threads' scratch space",
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
    """Of the broken ones and of the sound ones, at once: of the former two hang, for half a minute each. Beside the
    broken ones is a sound one."""
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


def test_fused_bits_are_those_of_the_librarys_own(tmp_path: Path) -> None:
    """Also of what is proved alone, where nothing else that is selected has fused bits."""
    process, report = start(tmp_path, "/broken_never_fused$")
    alone = finish(process, report)
    assert alone.code == 1
    failure = alone.verdicts["sgd/f32/broken_never_fused"]["failure"]
    assert re.fullmatch(r"other bits than sgd/f32/(scalar|autovec|avx2|avx512|neon), which is fused too", str(failure))


def test_who_failed_is_no_reference_for_fused_bits() -> None:
    """Where none of the library's own is fused, a plug-in's is the first."""
    plugin = built("GRADMARK_BROKEN", "tests/broken/libbroken.so")
    pattern = f"^(sgd/f32/broken_closes_stdout_unfused|{FUSED})$"
    done = gradmark("verify", "--plugin", plugin, "--filter", pattern, env={"GRADMARK_ISA": "scalar"})
    assert re.search(f"^{FUSED} +passed", done.stdout, re.MULTILINE), done.stdout
    assert done.stdout.endswith("\n1 passed, 1 failed\n")
    assert done.returncode == 1


# The first wrong on several threads alone: what is not called on them passes.
THREADED = "^sgd/f32/broken_(begin_ignored|rounds_down_on_workers)$"


@pytest.mark.parametrize("variable", [{"OMP_DYNAMIC": "true"}, {"OMP_MAX_ACTIVE_LEVELS": "0"}])
def test_threads_that_a_variable_withholds_are_had_all_the_same(variable: dict[str, str]) -> None:
    plugin = built("GRADMARK_BROKEN", "tests/broken/libbroken.so")
    done = gradmark("verify", "--plugin", plugin, "--filter", THREADED, env=variable)
    assert done.stdout.endswith("\n0 passed, 2 failed\n"), done.stdout + done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize("command", [["verify"], ["run", "--level", "L1", "--threads", "1", "--profile", "quick"]])
def test_nothing_is_proved_on_threads_that_are_not_given(command: list[str]) -> None:
    plugin = built("GRADMARK_BROKEN", "tests/broken/libbroken.so")
    done = gradmark(*command, "--plugin", plugin, "--filter", THREADED, env={"OMP_THREAD_LIMIT": "7"})
    assert done.stderr.splitlines()[-1] == (
        "gradmark: 8 threads are needed, and OpenMP gives 7: raise OMP_THREAD_LIMIT, or unset it"
    )
    assert done.returncode == 2
    assert "passed" not in done.stdout
    assert "Use, on" not in done.stdout


def test_nothing_is_trained_with_what_was_not_proved_on_threads() -> None:
    done = gradmark("train", "quadratic", "--threads", "1", env={"OMP_THREAD_LIMIT": "7"})
    assert "8 threads are needed, and OpenMP gives 7: raise OMP_THREAD_LIMIT" in done.stderr
    assert done.returncode == 2


@pytest.mark.parametrize("name", SOUND)
def test_the_same_kernel_without_a_fault_passes(sound: Run, name: str) -> None:
    assert sound.verdicts[name]["passed"] is True, sound.verdicts[name]["failure"]


def test_a_run_without_failures_says_so(sound: Run) -> None:
    assert sorted(sound.verdicts) == sorted(SOUND)
    assert sound.code == 0
    assert sound.lines[-1] == f"{len(SOUND)} passed, 0 failed"


class Timed(NamedTuple):
    code: int
    told: str
    errors: str
    rows: list[dict[str, Any]]


def time_kernels(directory: Path, *arguments: str) -> Timed:
    program = built("GRADMARK_PROGRAM", "harness/gradmark")
    plugin = built("GRADMARK_BROKEN", "tests/broken/libbroken.so")
    file = directory / "result.json"
    command = [program, "run", "--plugin", plugin, "--profile", "quick", "--seed", "1", "-o", file, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert file.is_file(), done.stderr
    return Timed(done.returncode, done.stdout, done.stderr, json.loads(file.read_text(encoding="utf-8"))["rows"])


@pytest.fixture(scope="module")
def timed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Timed, Timed]:
    """Everything in memory, and the matrices, which are never so large, on a sweep of sizes."""
    kernels = f"/large_|^({'|'.join({name.split('/')[0] for name in LARGE})})/f32/sound$"
    in_memory = time_kernels(
        tmp_path_factory.mktemp("memory"), "--filter", kernels, "--level", "DRAM", "--threads", "2"
    )
    matrices = time_kernels(
        tmp_path_factory.mktemp("sweep"), "--filter", "^linear.*/large_", "--level", "L2", "--sweep"
    )
    return in_memory, matrices


@pytest.mark.parametrize("name", LARGE)
def test_what_is_wrong_on_many_elements_alone_is_not_shown(timed: tuple[Timed, Timed], name: str) -> None:
    of_name = timed[name.startswith("linear")]
    said = [line for line in of_name.errors.splitlines() if f"{name}/" in line and "FAILED its proof at size" in line]
    assert len(said) == 1, of_name.errors
    assert re.search(WORDS_AT_SIZE.get(name, "."), said[0]), said[0]
    assert of_name.code == 1
    rows = [row for row in of_name.rows if row["name"].startswith(f"{name}/")]
    assert {row["status"] for row in rows} == {"failed"}  # those of other sizes, timed before, too
    assert rows[-1]["ns_per_element"] is None
    assert not rows[-1]["verified_at_size"]


def test_what_is_right_on_many_elements_is_shown(timed: tuple[Timed, Timed]) -> None:
    rows = [row for row in timed[0].rows if row["impl"] == "sound"]
    assert rows
    assert all(row["status"] == "measured" and row["verified_at_size"] for row in rows)


def test_what_google_benchmark_paces_is_verified_at_size(tmp_path: Path) -> None:
    kernels = "^sgd/f32/(large_idle|sound)$"
    done = time_kernels(tmp_path, "--filter", kernels, "--level", "DRAM", "--threads", "1", "--benchmark_min_time=0.01")
    assert done.code == 1
    assert [row["verified_at_size"] for row in done.rows] == [False, True]


def test_a_run_goes_on_over_what_fails_when_it_is_counted(tmp_path: Path) -> None:
    """A matrix's tiles are counted before its proof, to see which rows make sense."""
    faults = ["traps_in_tiles", "overflows_stack_in_tiles", "no_tiles", "flushes_in_tiles"]
    kernels = f"^linear_backward/f32/(broken_({'|'.join(faults)})|sound)$"
    done = time_kernels(tmp_path, "--filter", kernels, "--level", "L1", "--threads", "1")
    assert done.code == 1
    for fault in faults:
        words = WORDS.get(f"broken_{fault}", "")
        assert re.search(f"broken_{fault} FAILED its proof and is not timed: .*{words}", done.errors), done.errors
    assert {row["impl"]: row["status"] for row in done.rows} == {
        **{f"broken_{fault}": "failed" for fault in faults},
        "sound": "measured",
    }


def test_a_report_says_what_failed_and_leaves_out_what_is_empty(tmp_path: Path) -> None:
    where = ("--level", "L1", "--threads", "1")
    (tmp_path / "none").mkdir()
    none = time_kernels(tmp_path / "none", "--filter", "^sgd/f32/broken_(nan_lost|illegal_instruction)$", *where)
    assert none.code == 1
    assert "Failed:   2 implementations did not pass their proofs: sgd/f32/broken_illegal_instruction," in none.told
    assert "Findings" not in none.told
    assert "Use, on" not in none.told
    assert "verified: 0 in" in none.errors
    some = time_kernels(tmp_path, "--filter", "^sgd/f32/(broken_nan_lost|sound)$", *where)
    assert some.code == 1
    assert "Failed:   1 implementation did not pass its proof: sgd/f32/broken_nan_lost.\n" in some.told
    assert re.search(r"Use, on 1 thread:\n    sgd  .*L1: sound", some.told)
    assert "verified: 1 in" in some.errors


def test_a_kernel_that_traps_is_named_by_limits() -> None:
    plugin = built("GRADMARK_BROKEN", "tests/broken/libbroken.so")
    done = gradmark("limits", "--plugin", plugin, "--filter", "^sgd/f32/broken_illegal_instruction$")
    assert done.returncode == 1, done.stderr
    assert "WRONG: sgd/f32/broken_illegal_instruction failed: stopped by an illegal instruction (SIGILL)" in done.stdout


# What is said where a plug-in's code ends the process, by where it does.
ENDS = {
    "sgd/f32/ends_in_run": "in its `run`",
    "sgd/f32/ends_in_run_at_once": "in its `run`",
    "sgd/f32/ends_in_run_with_two": "in its `run`",
    "sgd/f32/ends_in_run_on_another_thread": "in its `run`",
    "sgd/f32/ends_in_prepare": "in its `prepare`",
    "linear_backward/f32/ends_in_tiles": "in its `tiles`",
    "linear_backward/f32/ends_in_scratch_bytes": "in its `scratch_bytes`",
    "clip_norm/f32/ends_in_conclude": "in its `conclude`",
    "clip_norm/f32/ends_in_apply": "in its `apply`",
}
LOADS = {
    "constructor": "it ended the process in a constructor",
    "constructor_at_once": "it ended the process in a constructor",
    "constructor_abort": "it ended the process by a signal (Aborted) in a constructor",
    "constructor_closes": "it closed or replaced the open descriptor 1",
    "constructor_rounds": "it changed how floating-point arithmetic is done in a constructor",
    "constructor_flushes": "it changed how floating-point arithmetic is done in a constructor",
    "runnable_rounds": "it changed how floating-point arithmetic is done in a `runnable`",
    "destructor": "something that a plug-in left behind ended the process",
    "runnable": "it ended the process in a `runnable`",
}


def end(directory: Path, *arguments: str, ends_in: str = "") -> tuple[int, str]:
    program = built("GRADMARK_PROGRAM", "harness/gradmark")
    plugin = built("GRADMARK_ENDS", "tests/broken/libends.so")
    command = [program, arguments[0], "--plugin", plugin, *arguments[1:]]
    environment = {**os.environ, "GRADMARK_ENDS_IN": ends_in}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment, cwd=directory
    )
    assert not list(directory.iterdir()), "a file was left behind"
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", ENDS)
def test_who_ends_the_process_is_named(tmp_path: Path, name: str) -> None:
    code, said = end(tmp_path, "verify", "--filter", f"^{name}$", "--json", "verdicts.json")
    assert said.endswith(f"gradmark: {name} FAILED its proof: it ended the process {ENDS[name]}\n"), said
    assert code == 1


def test_who_keeps_a_lock_is_named(tmp_path: Path) -> None:
    code, said = end(tmp_path, "verify", "--filter", "^sgd/f32/keeps_lock$", "--json", "verdicts.json")
    assert said == (
        "gradmark: sgd/f32/keeps_lock FAILED its proof: nothing could go on after it, as where it keeps a lock\n"
    )
    assert code == 1


def test_a_run_is_not_ended_by_a_kernel(tmp_path: Path) -> None:
    settings = ("--level", "DRAM", "--threads", "1", "--profile", "quick", "-o", "result.json")
    code, said = end(tmp_path, "run", "--filter", "^sgd/f32/ends_in_run$", *settings)
    assert said.endswith("sgd/f32/ends_in_run FAILED its proof: it ended the process in its `run`\n"), said
    assert code == 1
    code, said = end(tmp_path, "run", "--filter", "^sgd/f32/ends_later$", *settings)
    assert said.endswith("sgd/f32/ends_later FAILED its proof: it ended the process while it was timed\n"), said
    assert code == 1


@pytest.mark.parametrize("command", ["verify", "run"])
@pytest.mark.parametrize("ends_in", LOADS)
def test_a_plug_in_that_is_wrong_when_it_is_loaded_is_named(tmp_path: Path, command: str, ends_in: str) -> None:
    code, said = end(tmp_path, command, "--filter", "^sgd/f32/no_such$", ends_in=ends_in)
    assert LOADS[ends_in] in said
    assert "libends.so" in said
    assert code == 1
