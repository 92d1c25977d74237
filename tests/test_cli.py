"""The program as its users meet it: what it prints, what it writes, and what it says when something is wrong."""

from __future__ import annotations

import itertools
import json
import os
import re
import resource
import select
import shutil
import signal
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from built import built
from program import PATIENCE, PROGRAM, SCHEMA, gradmark

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not built")

ROUNDS = 16  # of quick
FAST = ["--filter", "^sgd/f32/(scalar|autovec)$", "--level", "L2", "--threads", "1", "--profile", "quick"]


def complaint(result: subprocess.CompletedProcess[str], code: int = 2) -> str:
    """Exactly one sentence on stderr, and the exit code."""
    lines = result.stderr.strip().splitlines()
    assert result.returncode == code, result
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("gradmark: ")
    return lines[0]


def load_result(path: Path) -> dict:
    result = json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    jsonschema.validate(result, json.loads(SCHEMA.read_text()))
    return result


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], dict]:
    path = tmp_path_factory.mktemp("quick") / "result.json"
    completed = gradmark("run", *FAST, "-o", path)
    assert completed.returncode == 0, completed.stderr
    return completed, load_result(path)


# ---- what it prints and writes ------------------------------------------------------------------------------------


def test_version() -> None:
    assert re.fullmatch(r"gradmark \d+\.\d+\.\d+\n", gradmark("--version").stdout)


@pytest.mark.parametrize("command", ["info", "list", "verify", "run", "train", "limits"])
def test_help_of_each_subcommand(command: str) -> None:
    result = gradmark(command, "--help")
    assert result.returncode == 0
    assert result.stdout.startswith(f"usage: gradmark {command}")
    assert max(map(len, result.stdout.splitlines())) <= 110


def test_list_is_complete() -> None:
    listed = json.loads(gradmark("list", "--json").stdout)
    keys = {"name", "op", "dtype", "impl", "requires", "runnable", "bytes_per_element", "flops_per_element", "shape"}
    assert all(keys <= row.keys() for row in listed)
    assert all(row["name"] == f"{row['op']}/{row['dtype']}/{row['impl']}" for row in listed)
    by_name = {row["name"]: row for row in listed}
    assert len(by_name) == len(listed)
    assert by_name["adamw/f32/scalar"]["bytes_per_element"] == 28
    assert by_name["sgd/f32/scalar"]["bytes_per_element"] == 12
    flops = {"adamw": 14, "grad_sumsq": 2, "relu": 0, "rmsprop_centered": 14, "linear_backward": 4, "adamw_list": 14}
    assert {op: by_name[f"{op}/f32/scalar"]["flops_per_element"] for op in flops} == flops
    assert by_name["adamw_list/f32/scalar"]["shape"] == "list of tensors"
    impls = {row["impl"] for row in listed if row["op"] == "adamw"}
    assert {"scalar", "autovec", "avx2", "avx2_fast", "avx512", "avx512_fast", "neon"} <= impls
    assert "sgd/f32/avx512_fast" not in by_name
    for row in listed:
        assert row["runnable"] == (row["why_not"] is None)


def test_instructions_are_listed() -> None:
    result = gradmark("list", "--instructions", "--filter", "^adamw/", "--json")
    assert result.returncode == 0, result.stderr
    listed = json.loads(result.stdout)
    exact = [row["operations"] for row in listed if not row["impl"].endswith("_fast")]
    asked_for = {"fma": 4, "arith": 4, "div": 1, "sqrt": 1, "other": 0, "load": 4, "store": 3}
    assert exact == [asked_for] * len(exact)
    for row in listed:
        assert row["counted"] == sum(row["operations"].values())
        assert row["found"] is None or row["found"] > row["counted"]
        assert row["best_per_element"] <= row["per_element"]


def test_info_as_json() -> None:
    info = json.loads(gradmark("info", "--json").stdout)
    assert {"machine", "environment", "warnings", "isas", "placement"} <= info.keys()
    assert_placement(info["placement"])
    watched, why_not = info["placement"]["watched"], info["placement_why_not"]
    assert (why_not is None) == bool(watched)
    for one in watched:
        assert one["threads"] == info["machine"]["topology"]["cores"]
        assert sum(state["probes"] for state in one["states"]) <= one["probes"]
        assert one["moves"] < one["probes"]
    assert (info["environment"]["items"]["placement"]["state"] == "not visible") == (not watched)


def assert_placement(placement: dict) -> None:
    """As in a result file."""
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator({"$ref": "#/$defs/placement", "$defs": schema["$defs"]}).validate(placement)


@pytest.mark.parametrize(
    ("env", "why"),
    [
        ({"HWLOC_SYNTHETIC": "pack:1 core:4 pu:1"}, "not watched: the topology is another machine's"),
        ({"HWLOC_SYNTHETIC": "pack:1 core:1 pu:1"}, "not watched: "),
        ({"OMP_THREAD_LIMIT": "1"}, "not watched: "),
    ],
)
def test_info_says_why_it_did_not_watch(env: dict[str, str], why: str) -> None:
    result = gradmark("info", env=env)
    section = result.stdout.split("\nPlacement\n")[1].split("\n\n")[0]
    assert result.returncode == 0
    assert why in section
    assert "times as fast" not in section
    assert "move" in section


def test_verify_writes_what_it_prints(tmp_path: Path) -> None:
    path = tmp_path / "verify.json"
    result = gradmark("verify", "--filter", "^l2_penalty_grad/", "--seed", "7", "--json", path)
    written = json.loads(path.read_text())
    count = len(written["implementations"])
    assert result.returncode == 0
    assert result.stdout.splitlines()[-1] == f"{count} passed, 0 failed"
    assert written["seed"] == "7"
    assert all(one["passed"] and one["failure"] is None for one in written["implementations"])
    assert {one["bits"] for one in written["implementations"] if one["name"].endswith(("autovec", "avx2", "avx512"))}


def test_the_seed_decides_everything() -> None:
    first, second = (gradmark("verify", "--filter", "^sgd/f32/scalar$", "--seed", "11").stdout for _ in range(2))
    assert first == second
    assert "seed 11" in first


LIMITS = {
    *("twin_ns_per_element", "twin_stores", "core_twin_ns_per_element", "core_twin_build", "bound_by"),
    *("attainable_percent", "attainable_percent_low", "attainable_percent_high"),
}
OF_THE_CORE = {"divide/sqrt", "FMA", "other arithmetic", "load/store"}


def assert_rounds(row: dict, rounds: int) -> None:
    """Of a row that was visited in each."""
    time = row["ns_per_element"]
    assert len(time["rounds"]) == rounds
    sizes = [one["samples"] for one in time["rounds"]]
    assert sum(sizes) == len(time["samples"])
    assert time["low"] <= time["undisturbed"] <= time["high"]
    assert time["typical"] == pytest.approx(statistics.median(time["samples"]), rel=1e-4)  # written with five digits
    states = {one["state"] for one in time["rounds"]}
    if row["threads"] == 1 or states == {None}:
        assert row["placement"] is None
        assert states == {None}
        state = None
    else:
        state = row["placement"]["state"]
        assert state in states
    ends = list(itertools.accumulate(sizes))
    taken = [
        statistics.median(time["samples"][end - one["samples"] : end])
        for end, one in zip(ends, time["rounds"], strict=True)
        if one["state"] == state
    ]
    assert time["undisturbed"] == pytest.approx(sorted(taken)[(len(taken) + 3) // 4 - 1], rel=1e-4)


def assert_limits_belong_together(row: dict) -> None:
    """Quartiles' ratio: it lies between what the slowest and what the fastest sample would give."""
    twin, core = row["twin_ns_per_element"], row["core_twin_ns_per_element"]
    percent, samples = row["attainable_percent"], row["ns_per_element"]["samples"]
    assert 0 < row["attainable_percent_low"] <= percent <= row["attainable_percent_high"]
    near = 1.01  # medians of an even number
    assert 100 * max(twin, core) / max(samples) / near < percent < 100 * max(twin, core) / min(samples) * near
    memory = "load/store" if row["level"] == "L1" else row["level"]
    close = 0.9 < twin / core < 1.1  # by lower quartiles it may be the other
    assert row["bound_by"] in ({memory, *OF_THE_CORE} if close else {memory} if twin >= core else OF_THE_CORE)
    assert row["believable"] == (percent <= 150)
    assert row["core_twin_build"]
    assert row["verified_at_size"]


def test_a_run_and_its_result(quick: tuple[subprocess.CompletedProcess[str], dict]) -> None:
    completed, result = quick
    assert [row["name"] for row in result["rows"]] == ["sgd/f32/scalar/L2/t1", "sgd/f32/autovec/L2/t1"]
    scalar, autovec = result["rows"]
    assert scalar["speedup_scalar"] == 1
    assert autovec["speedup_autovec"] == 1
    assert autovec["speedup_scalar"] == pytest.approx(
        scalar["ns_per_element"]["undisturbed"] / autovec["ns_per_element"]["undisturbed"], rel=1e-6
    )
    for row in result["rows"]:
        assert_rounds(row, ROUNDS)
        undisturbed = row["ns_per_element"]["undisturbed"]
        assert row["gb_per_s"] == pytest.approx(row["bytes_per_element"] / undisturbed, rel=1e-6)
        assert_limits_belong_together(row)
    assert result["partial"] is False
    assert "Findings" in completed.stdout
    assert "sgd/f32, in L2 on 1 thread" in completed.stdout


def test_the_larger_twin_is_the_limit(tmp_path: Path) -> None:
    """A kernel of much arithmetic, whose two twins are far apart, and one that moves data, which only writes some."""
    path = tmp_path / "result.json"
    arguments = ["--filter", "^(sigmoid|relu)/f32/autovec$", "--level", "L1,L2", "--threads", "1", "--profile", "quick"]
    assert gradmark("run", *arguments, "-o", path).returncode == 0
    rows = load_result(path)["rows"]
    assert {row["op"]: row["twin_stores"] is not None for row in rows} == {"sigmoid": True, "relu": True}
    for row in rows:
        assert_limits_belong_together(row)
        if row["op"] == "sigmoid":
            assert row["core_twin_ns_per_element"] > row["twin_ns_per_element"]
            assert row["bound_by"] == "FMA"


def test_a_result_says_under_which_circumstances(quick: tuple[subprocess.CompletedProcess[str], dict]) -> None:
    _, result = quick
    assert result["settings"]["filter"] == FAST[1]
    assert result["settings"]["placement"] == "staggered"
    assert result["settings"]["command"][0] == "run"
    assert result["build"]["compiler_version"]
    assert result["started"] <= result["finished"]


def test_placement_and_pages_are_recorded(tmp_path: Path) -> None:
    path = tmp_path / "aligned.json"
    assert gradmark("run", *FAST, "--placement", "aligned", "--pages", "small", "-o", path).returncode == 0
    settings = load_result(path)["settings"]
    assert (settings["placement"], settings["pages"]) == ("aligned", "small")


def test_google_benchmarks_flags_pass_through(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    result = gradmark("run", *FAST, "--benchmark_filter=autovec", "-o", path)
    assert result.returncode == 0
    assert {row["name"]: (row["status"], row["why_not"]) for row in load_result(path)["rows"]} == {
        "sgd/f32/scalar/L2/t1": ("skipped", "--benchmark_filter leaves it out"),
        "sgd/f32/autovec/L2/t1": ("measured", None),
    }


def test_rows_are_listed_without_a_proof_and_timed_with_one(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    listed = gradmark("run", *FAST, "--benchmark_list_tests=true")
    assert "sgd/f32/scalar/L2/t1" in listed.stdout
    assert "verified" not in listed.stderr
    arguments = ["--benchmark_list_tests=true", "--benchmark_list_tests=false"]
    assert "verified" in gradmark("run", *FAST, *arguments, "-o", path).stderr
    assert [(row["verified"], row["status"]) for row in load_result(path)["rows"]] == [(True, "measured")] * 2


def test_ops_of_every_shape_are_timed(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    ops = ["adamw", "grad_sumsq", "clip_norm", "softmax_xent", "linear_backward", "quantize_rows"]
    completed = gradmark(
        "run", "--profile", "compare", "--level", "L2", "--filter", f"^({'|'.join(ops)})/f32/autovec$", "-o", path
    )
    assert completed.returncode == 0, completed.stderr
    rows = load_result(path)["rows"]
    assert {row["op"]: row["status"] for row in rows} == dict.fromkeys(ops, "measured")


def test_isas_can_be_forced_and_forbidden() -> None:
    forced = json.loads(gradmark("list", "--json", env={"GRADMARK_ISA": "autovec"}).stdout)
    assert {row["impl"] for row in forced if row["runnable"]} == {"scalar", "autovec"}
    forbidden = json.loads(gradmark("list", "--json", env={"GRADMARK_ISA": "-autovec"}).stdout)
    assert all(not row["runnable"] for row in forbidden if row["impl"] == "autovec")
    assert any(row["why_not"] == "excluded by GRADMARK_ISA" for row in forbidden)


# ---- working sets -------------------------------------------------------------------------------------------------

UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def sweep_size_of(row: dict) -> int:
    """The size in a sweep row's name, in bytes."""
    number, unit = re.fullmatch(r"(\d+)(KiB|MiB|GiB)", row["name"].split("/")[3]).groups()
    return int(number) * UNITS[unit]


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], dict]:
    path = tmp_path_factory.mktemp("sweep") / "result.json"
    arguments = ["--filter", "^sgd/f32/(scalar|autovec)$", "--level", "none", "--profile", "quick", "--sweep"]
    completed = gradmark("run", *arguments, "-o", path)
    assert completed.returncode == 0, completed.stderr
    return completed, load_result(path)


def test_a_sweep_climbs_from_4_kib_past_the_last_cache(
    swept: tuple[subprocess.CompletedProcess[str], dict],
) -> None:
    _, result = swept
    rows = [row for row in result["rows"] if row["impl"] == "scalar"]
    sizes = [sweep_size_of(row) for row in rows]
    assert sizes[:7] == [kib << 10 for kib in (4, 6, 8, 12, 16, 24, 32)]
    assert sizes == sorted(sizes)
    assert all(high / low in (4 / 3, 3 / 2) for low, high in pairwise(sizes))
    caches = [cache["bytes"] for cache in result["machine"]["caches"] if cache["bytes"]]
    shortened = any(one["id"] == "sweep_shortened" for one in result["warnings"])
    if caches and not shortened:
        assert sizes[-2] < 2 * caches[-1] <= sizes[-1]
    assert all(row["threads"] == 1 and row["sweep"] for row in result["rows"])
    assert result["settings"]["sweep"] is True
    assert result["settings"]["levels"] == []
    for row in rows:
        assert row["elements"] * 8 == row["working_set_bytes"]
        assert row["working_set_bytes"] == pytest.approx(sweep_size_of(row), rel=0.1)
        assert_rounds(row, ROUNDS)


def test_a_sweep_size_near_a_border_is_measured_and_not_scored(
    swept: tuple[subprocess.CompletedProcess[str], dict],
) -> None:
    _, result = swept
    levels = ["L1", "L2", "L3"]
    capacity = {level: cache["bytes"] for level, cache in zip(levels, result["machine"]["caches"], strict=True)}
    for row in result["rows"]:
        assert row["twin_ns_per_element"] > 0
        assert row["core_twin_ns_per_element"] > 0
        near = any(size and size / 1.5 < sweep_size_of(row) < 1.5 * size for size in capacity.values())
        assert row["status"] == ("border" if near else "measured")
        assert (row["attainable_percent"] is None) == near
        assert row["level"] == next((level for level in levels if (capacity[level] or 0) >= sweep_size_of(row)), "DRAM")


def test_a_sweep_on_the_terminal_is_one_block_per_op(
    swept: tuple[subprocess.CompletedProcess[str], dict],
) -> None:
    completed, result = swept
    text = completed.stdout
    assert text.count("sgd/f32 over working sets, on 1 thread, ns/element") == 1
    assert re.search(r"^ +scalar +autovec +limit$", text, re.MULTILINE)
    assert re.search(r"^ +4KiB( +[0-9.]+){3}$", text, re.MULTILINE)
    assert re.search(r"^ +6KiB ", text, re.MULTILINE) is None
    assert "Findings" not in text
    for level in {row["level"] for row in result["rows"]}:
        assert len(re.findall(rf"^  -- {level}(, [0-9.]+ [KMG]iB)? -+$", text, re.MULTILINE)) == 1
    assert len(text.splitlines()) < 60
    assert "round" in completed.stderr


def listed(*arguments: str) -> list[str]:
    """The names of the rows that a run would take, with two ISAs."""
    result = gradmark("run", *arguments, "--benchmark_list_tests=true", env={"GRADMARK_ISA": "autovec"})
    assert result.returncode == 0, result.stderr
    return [line.split("/iterations:")[0] for line in result.stdout.splitlines() if "/iterations:" in line]


def test_which_ops_a_sweep_covers() -> None:
    def swept_by(*arguments: str) -> set[tuple[str, str]]:
        names = [name.split("/") for name in listed("--sweep", *arguments)]
        return {(name[0], name[4]) for name in names if name[3] not in ("L1", "L2", "L3", "DRAM")}

    threads = {name.split("/")[4] for name in listed("--filter", "^sgd/", "--profile", "default", "--level", "L2")}
    headline = {"adamw", "sgd", "grad_sumsq", "softmax_xent"}
    assert swept_by("--profile", "quick") == {("adamw", "t1")}
    assert swept_by("--profile", "default", "--level", "L2") == {(op, t) for op in headline for t in threads}
    assert swept_by("--profile", "quick", "--filter", "^(mse|sgd)/") == {("mse", "t1"), ("sgd", "t1")}
    assert len({op for op, _ in swept_by("--profile", "quick", "--isa", "scalar")}) > len(headline)


def test_a_levels_list_restricts_the_levels_rows_alone() -> None:
    names = listed("--profile", "quick", "--filter", "^sgd/f32/scalar$", "--level", "L2", "--threads", "1", "--sweep")
    assert names[0] == "sgd/f32/scalar/L2/t1"
    assert names[1] == "sgd/f32/scalar/4KiB/t1"
    assert all(name.split("/")[3][0].isdigit() for name in names[1:])
    assert "/L2/" not in " ".join(listed("--profile", "quick", "--filter", "^sgd/", "--level", "none", "--sweep"))


def test_a_matrix_product_is_swept_while_it_is_quick() -> None:
    names = listed("--profile", "quick", "--filter", "^linear_backward/", "--level", "none", "--sweep")
    sizes = [sweep_size_of({"name": name}) for name in names]
    assert sizes
    assert max(sizes) < 16 << 20


# ---- rounds ---------------------------------------------------------------------------------------------------------


SHORT = ["--profile", "quick", "--filter", "^(sgd|relu|mse)/f32/(scalar|autovec)$", "--level", "L2", "--threads", "1"]


def order_of_rounds(*arguments: str) -> list[list[str]]:
    """Names, in the order in which they were visited."""
    shown = json.loads(gradmark("run", *SHORT, *arguments, "--benchmark_format=json").stdout)["benchmarks"]
    rounds: dict[int, list[str]] = {}
    for one in shown:
        rounds.setdefault(one["repetition_index"], []).append(one["name"].split("/iterations:")[0])
    return list(rounds.values())


def test_rounds_have_orders_of_their_own_that_a_seed_repeats() -> None:
    first, again, other = order_of_rounds("--seed", "7"), order_of_rounds("--seed", "7"), order_of_rounds("--seed", "8")
    assert len(first) == ROUNDS
    assert len({tuple(one) for one in first}) > 4
    assert len({tuple(sorted(one)) for one in first}) == 1
    assert first == again != other


def test_rows_for_which_time_is_not_enough_are_left_out_and_listed(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    arguments = ["--profile", "quick", "--threads", "1", "--filter", "^(sgd|relu)/", "--level", "L2,DRAM"]
    completed = gradmark("run", *arguments, "--budget", "1.6", "-o", path, env={"GRADMARK_ISA": "autovec"})
    assert completed.returncode == 0, completed.stderr
    result = load_result(path)
    assert result["settings"]["budget_seconds"] == 1.6
    names, left_out = [row["name"] for row in result["rows"]], result["left_out"]
    assert f"{len(left_out)} rows, for which 1.6 s are not enough" in completed.stdout
    assert sorted([*names, *left_out]) == sorted(listed(*arguments))
    assert {row["status"] for row in result["rows"]} == {"measured"}
    # What comes first: the headline, and of another op what a caller gets.
    assert "sgd/f32/scalar/L2/t1" in names
    assert "relu/f32/scalar/DRAM/t1" in left_out


@pytest.mark.parametrize("budget", ["0", "-1", "much", "nan"])
def test_a_budget_is_a_time(budget: str) -> None:
    assert "--budget is" in complaint(gradmark("run", *FAST, "--budget", budget))


def test_sweep_sizes_that_lack_a_row_keep_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    arguments = ["--profile", "quick", "--filter", "^sgd/f32/(scalar|autovec)$", "--level", "none", "--sweep"]
    completed = gradmark("run", *arguments, "--threads", "1", "--budget", "1.9", "-o", path)
    assert completed.returncode == 0, completed.stderr
    times = {row["name"]: row["ns_per_element"]["undisturbed"] for row in load_result(path)["rows"]}
    for line in re.findall(r"^ +(\d+[KM]iB) +(\S+) +(\S+) +\S+$", completed.stdout, re.MULTILINE):
        for impl, shown in zip(("scalar", "autovec"), line[1:], strict=True):
            time = times.get(f"sgd/f32/{impl}/{line[0]}/t1")
            assert shown == "-" if time is None else float(shown) == pytest.approx(time, rel=0.01)


def test_a_budget_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    completed = gradmark("run", *FAST, "--budget", "0.01", "-o", path)
    assert completed.returncode == 2
    assert completed.stderr.splitlines()[-1].endswith(
        "0.01 seconds are not enough for a single row: give a longer --budget"
    )
    assert not path.exists()


def test_chosen_rows_have_no_budget(quick: tuple[subprocess.CompletedProcess[str], dict]) -> None:
    _, result = quick
    assert result["settings"]["budget_seconds"] is None
    assert result["left_out"] == []
    assert result["settings"]["rounds"] == ROUNDS


def test_a_row_claims_no_threads_that_it_had_not(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    arguments = ["--filter", "^sgd/f32/autovec$", "--level", "L2", "--threads", "1,2", "--profile", "quick"]
    said = complaint(gradmark("run", *arguments, "-o", path, env={"OMP_THREAD_LIMIT": "1"}))
    if "may use 1 processing unit" in said:
        pytest.skip("one processor")
    assert "OpenMP gives 1: raise OMP_THREAD_LIMIT" in said
    assert not path.exists()


def test_a_row_has_its_threads_whatever_a_variable_says(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    arguments = ["--filter", "^sgd/f32/autovec$", "--level", "L2", "--threads", "1,2", "--profile", "quick"]
    completed = gradmark("run", *arguments, "-o", path, env={"OMP_DYNAMIC": "true"})
    if "may use 1 processing unit" in completed.stderr:
        pytest.skip("one processor")
    assert completed.returncode == 0, completed.stderr
    assert [row["status"] for row in load_result(path)["rows"]] == ["measured", "measured"]


def test_a_span_of_one_value_is_said_once(tmp_path: Path) -> None:
    """One op alone has both the smallest and the greatest gain."""
    arguments = ["--filter", "^sgd/f32/autovec$", "--level", "L2", "--threads", "1,2", "--profile", "quick"]
    completed = gradmark("run", *arguments, "-o", tmp_path / "result.json")
    if "more threads than" in completed.stderr or "may use 1 processing unit" in completed.stderr:
        pytest.skip("one processor")
    said = " ".join(completed.stdout.split())
    gains = re.findall(r"L2: 2 threads[a-z0-9, ]* are (.*?) times as fast as one", said)
    assert gains, said
    assert all(re.fullmatch(r"[0-9.]+ \(sgd\)", gain) for gain in gains)


def test_nothing_is_said_of_threads_that_were_not_compared() -> None:
    """Of a plug-in's kernel on several threads alone: neither with one, nor what it costs to enter."""
    broken = built("GRADMARK_BROKEN", "tests/broken/libbroken.so")
    kernel = ["--plugin", broken, "--filter", "^sgd/f32/sound$", "--level", "L2", "--threads", "2"]
    completed = gradmark("run", *kernel, "--profile", "quick")
    if "more threads than" in completed.stderr or "may use 1 processing unit" in completed.stderr:
        pytest.skip("one processor")
    assert completed.returncode == 0, completed.stderr
    findings = completed.stdout.split("\nFindings\n")[1].splitlines()
    assert not [line for line in findings if line.startswith("  Threads")]


def test_a_row_on_threads_says_where_they_ran(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    arguments = ["--filter", "^sgd/f32/autovec$", "--level", "L2,DRAM", "--threads", "2", "--profile", "quick"]
    completed = gradmark("run", *arguments, "-o", path)
    if "more threads than" in completed.stderr:
        pytest.skip("one processor")
    result = load_result(path)
    (watched,) = result["placement"]["watched"]
    assert watched["threads"] == 2
    assert watched["probes"] >= 2 * ROUNDS + 1  # what is felt after one visit counts as before the next
    for row in result["rows"]:
        assert_rounds(row, ROUNDS)
        if row["placement"]:
            assert row["placement"]["samples"] + row["placement"]["other_samples"] == len(
                row["ns_per_element"]["samples"]
            )
            assert row["placement"]["state"] in completed.stdout


# ---- proved by another process ------------------------------------------------------------------------------------


def test_one_process_proves_for_others(tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    assert gradmark("run", *FAST, "-o", first).returncode == 0
    completed = gradmark("run", *FAST, "--verified", first, "-o", second)
    assert completed.returncode == 0, completed.stderr
    assert "verified: 0 in" in completed.stderr
    one, other = load_result(first), load_result(second)
    assert one["settings"]["verified_by"] is None
    assert other["settings"]["verified_by"] == str(first)
    assert one["settings"]["code_hash"] == other["settings"]["code_hash"] is not None
    for a, b in zip(one["rows"], other["rows"], strict=True):
        assert (a["verified"], a["verified_at_size"], a["max_ulp"]) == (True, True, b["max_ulp"])
        assert (b["verified"], b["verified_at_size"]) == (True, True)


def test_what_another_did_not_prove_is_proved(tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    assert gradmark("run", *FAST, "--benchmark_filter=scalar", "-o", first).returncode == 0
    result = json.loads(first.read_text())
    for row in result["rows"]:
        row["verified"] = row["impl"] == "scalar"
    first.write_text(json.dumps(result))
    completed = gradmark("run", *FAST, "--verified", first, "-o", second)
    assert "verified: 1 in" in completed.stderr
    assert all(row["verified"] for row in load_result(second)["rows"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda root: root["settings"].update(code_hash="0" * 16), "another program, library or plug-in"),
        (lambda root: root["settings"].update(code_hash=None), "another program, library or plug-in"),
        (lambda root: root["machine"].update(host="elsewhere"), "it is of another machine"),
        (lambda root: root["machine"]["processor"].update(name="another"), "it is of another machine"),
        (lambda root: root["settings"].update(isa_rule="scalar"), "GRADMARK_ISA was another"),
        (lambda root: root.update(schema="gradmark.info/1"), "it is no result file"),
    ],
)
def test_other_proofs_are_refused(
    quick: tuple[subprocess.CompletedProcess[str], dict],
    tmp_path: Path,
    change: Callable[[dict], None],
    words: str,
) -> None:
    root = json.loads(json.dumps(quick[1]))
    change(root)
    path, output = tmp_path / "other.json", tmp_path / "result.json"
    path.write_text(json.dumps(root))
    refused = gradmark("run", *FAST, "--verified", path, "-o", output)
    assert refused.returncode == 2
    assert words in refused.stderr
    assert not output.exists()


@pytest.mark.parametrize("text", [None, "", "{", "[]", "7"])
def test_what_is_no_file_proves_nothing(tmp_path: Path, text: str | None) -> None:
    path, output = tmp_path / "other.json", tmp_path / "result.json"
    if text is not None:
        path.write_text(text)
    refused = gradmark("run", *FAST, "--verified", path, "-o", output)
    assert refused.returncode == 2
    assert "--verified" in refused.stderr
    assert not output.exists()


# ---- comparisons --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delay", [0, 50])
def test_a_delay_on_purpose_is_seen_and_said(tmp_path: Path, delay: int) -> None:
    path = tmp_path / "result.json"
    arguments = ["--filter", "^sgd/f32/autovec$", "--level", "L2", "--threads", "1", "--profile", "quick"]
    extra = ["--test-delay", str(delay)] if delay else []
    completed = gradmark("run", *arguments, *extra, "-o", path)
    assert completed.returncode == 0, completed.stderr
    assert completed.stdout.count(f"slowed on purpose by {delay}%") == (delay > 0)
    result = load_result(path)
    assert result["settings"]["test_delay_percent"] == delay
    causes = [one["cause"] for one in result["warnings"] if one["id"] == "test_delay"]
    assert len(causes) == (delay > 0)
    for cause in causes:  # at least a third of 1.5 times as long; more where something else came in between
        waited, timed = re.search(r": (\S+) of (\S+) timed seconds were waited$", cause).groups()
        assert 0.999 / 3 <= float(waited) / float(timed) < 1


def test_the_compare_profile_takes_times_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    completed = gradmark("run", "--profile", "compare", "--filter", "^sgd/f32/(scalar|autovec)$", "-o", path)
    assert completed.returncode == 0, completed.stderr
    result = load_result(path)
    assert result["settings"]["profile"] == "compare"
    assert result["machine"]["ceilings"] == []
    assert {row["threads"] for row in result["rows"]} == {1}
    assert {row["level"] for row in result["rows"]} <= {"L2", "DRAM"}
    for row in result["rows"]:
        assert row["verified"]
        assert_rounds(row, 8)
        for member in LIMITS:
            assert row[member] is None
    assert re.search(r"^  scalar .* -  - ", completed.stdout, re.MULTILINE)
    assert "Findings" not in completed.stdout
    assert len(completed.stdout.splitlines()) < 20


def test_the_compare_profile_goes_to_memory_with_what_a_caller_gets() -> None:
    impls: dict[str, set[str]] = {}
    for name in listed("--profile", "compare"):
        _, _, impl, level, *_ = name.split("/")
        impls.setdefault(level, set()).add(impl)
    assert impls == {"L2": {"scalar", "autovec"}, "DRAM": {"autovec"}}


def wait_for_turn(pipe: int, seconds: float) -> bool:
    ready, _, _ = select.select([pipe], [], [], seconds)
    return bool(ready) and len(os.read(pipe, 1)) == 1


def test_a_process_measures_only_while_it_has_the_turn(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    (theirs, ours), (back, away) = os.pipe(), os.pipe()
    turns = f"{theirs},{away},one-ring"
    command = [PROGRAM, "run", "--profile", "compare", "--filter", "^sgd/f32/scalar$", "--level", "L2", "-o", path]
    process = subprocess.Popen([*command, "--turns", turns], pass_fds=(theirs, away), stdout=subprocess.DEVNULL)
    os.close(theirs)
    os.close(away)
    try:
        assert not wait_for_turn(back, 0.2)  # it has none to give
        given = 0
        while process.poll() is None and given < 1000:
            os.write(ours, b"x")
            given += 1
            if not wait_for_turn(back, PATIENCE):
                break
            if given == 3:  # it waits, and is not done
                assert not wait_for_turn(back, 0.5)
                assert process.poll() is None
        assert process.wait(PATIENCE) == 0
        # Twice round until all are ready, then its proof at size and eight rounds.
        assert given == 2 + 1 + 8
        assert load_result(path)["settings"]["turns_group"] == "one-ring"
    finally:
        process.kill()
        process.wait()
        for end in (ours, back):
            os.close(end)


def test_who_is_left_alone_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    (theirs, ours), (back, away) = os.pipe(), os.pipe()
    for end in (ours, back):  # the others have ended
        os.close(end)
    command = [PROGRAM, "run", "--profile", "compare", "--filter", "^sgd/f32/scalar$", "--level", "L2", "-o", path]
    turns = ["--turns", f"{theirs},{away},alone"]
    done = subprocess.run(
        [*command, *turns], pass_fds=(theirs, away), stdout=subprocess.DEVNULL, timeout=PATIENCE, check=False
    )
    for end in (theirs, away):
        os.close(end)
    assert done.returncode == 0
    assert_rounds(load_result(path)["rows"][0], 8)


@pytest.mark.parametrize("turns", ["", "0", "0,1", "0,1,", "0,1,a b", "0,999999,x", "-1,1,x", "0,1," + "x" * 65])
def test_wrong_turns_are_refused(turns: str) -> None:
    completed = gradmark("run", "--turns", turns)
    assert completed.returncode == 2
    assert "it must be IN,OUT,GROUP" in completed.stderr


# ---- the result file ----------------------------------------------------------------------------------------------


def test_the_topology_is_kept_as_hwloc_writes_it(quick: tuple[subprocess.CompletedProcess[str], dict]) -> None:
    _, result = quick
    topology = result["machine"]["topology"]
    assert (topology["xml"] is not None) == topology["visible"]
    if topology["visible"]:
        assert topology["xml"].startswith("<?xml")
        assert ElementTree.fromstring(topology["xml"]).tag == "topology"


def test_no_topology_is_null_and_said_and_not_fatal(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    result = gradmark("run", *FAST, "-o", path, env={"HWLOC_COMPONENTS": "stop"})
    assert result.returncode == 0, result.stderr
    written = load_result(path)
    assert written["machine"]["topology"]["xml"] is None
    assert any("topology" in one["what"].lower() or "hwloc" in one["what"].lower() for one in written["warnings"])


def test_the_cores_ceilings_are_kept(quick: tuple[subprocess.CompletedProcess[str], dict]) -> None:
    _, result = quick
    ceilings = {(one["isa"], one["threads"]): one for one in result["machine"]["ceilings"]}
    assert ("scalar", 1) in ceilings
    assert ceilings["scalar", 1]["lanes"] == 1
    assert len(ceilings) == len(result["machine"]["ceilings"]) == 2  # autovec is held against the lanes of its features
    for one in ceilings.values():
        assert one["divide_ns"] > 0
        assert one["fma_ns"] > 0


def test_what_is_attained_has_an_interval(quick: tuple[subprocess.CompletedProcess[str], dict]) -> None:
    _, result = quick
    for row in result["rows"]:
        assert 0 < row["attainable_percent_low"] <= row["attainable_percent_high"]
        assert row["attainable_percent_low"] < 2 * row["attainable_percent"]
        assert row["attainable_percent_high"] > 0.5 * row["attainable_percent"]
        assert row["sweep"] is False


def test_google_benchmark_can_set_the_pace(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    printed = gradmark("run", *FAST, "--benchmark_min_time=0.005", "--benchmark_format=json", "-o", path)
    assert printed.returncode == 0, printed.stderr
    shown = json.loads(printed.stdout)["benchmarks"]
    rows = load_result(path)["rows"]
    assert {row["status"] for row in rows} == {"measured"}
    for row in rows:  # however often Google Benchmark comes, it is one visit
        assert len(row["ns_per_element"]["rounds"]) == ROUNDS
    # One document of all rounds, each of which has every row once.
    for number in range(ROUNDS):
        names = {one["name"].split("/manual_time")[0] for one in shown if one["repetition_index"] == number}
        assert names == {row["name"] for row in rows}
    assert {one["repetition_index"] for one in shown} == set(range(ROUNDS))


def test_google_benchmarks_file_has_all_rounds(tmp_path: Path) -> None:
    file = tmp_path / "benchmark.json"
    filtered = [*FAST, "--benchmark_filter=scalar/L2/t1"]
    completed = gradmark("run", *filtered, f"--benchmark_out={file}", "--benchmark_out_format=json")
    assert completed.returncode == 0, completed.stderr
    assert [one["repetition_index"] for one in json.loads(file.read_text())["benchmarks"]] == list(range(ROUNDS))
    before = file.read_bytes()
    refused = gradmark("run", *filtered, f"--benchmark_out={file}")
    assert (refused.returncode, file.read_bytes()) == (2, before)
    assert "exists already" in refused.stderr


# ---- are the limits true -------------------------------------------------------------------------------------------


def test_limits_of_which_none_can_be_checked_do_not_hold() -> None:
    completed = gradmark("limits", "--filter", "^sgd/f32/autovec$")
    assert completed.returncode == 2
    assert "nothing of what was chosen can be checked" in completed.stderr
    assert "passed" not in completed.stdout


def test_limits_are_checked() -> None:
    """Whether they hold depends on what else the machine does: here only that it is told."""
    listed = json.loads(gradmark("list", "--json").stdout)
    runs = {row["impl"] for row in listed if row["runnable"]}
    isa = "avx2" if "avx2" in runs else "scalar"
    completed = gradmark("limits", "--filter", f"^sgd/f32/{isa}$")
    wrong = completed.stdout.count("WRONG:")
    assert completed.returncode == (1 if wrong else 0), completed.stderr
    assert completed.stderr == ""
    peaks, twins = re.split(r"^Twins, .*\n", completed.stdout, flags=re.MULTILINE)
    kinds = re.findall(rf"^  {isa} +(\S+) ", peaks, re.MULTILINE)
    assert kinds == (["multiply-add", "divide", "sqrt", "maximum", "load", "store"] if isa == "avx2" else [])
    assert re.findall(r"^  (\w+) +2 twins beside their kernels", twins, re.MULTILINE)[0] == "L1"
    assert re.search(rf"^{wrong} of \d+ checks failed" if wrong else r"^All \d+ checks passed", twins, re.MULTILINE)


# ---- where it prints to -------------------------------------------------------------------------------------------

VERIFIED = ["verify", "--filter", "^sgd/f32/scalar$", "--seed", "1"]
PRINTING: list[list[str]] = [
    ["--help"],
    ["--version"],
    ["info"],
    ["info", "--json"],
    ["list"],
    ["list", "--json"],
    ["list", "--instructions", "--filter", "^sgd/"],
    ["list", "--instructions", "--filter", "^sgd/", "--json"],
    VERIFIED,
    ["run", *FAST],
    ["run", *FAST, "--benchmark_format=json"],
    ["run", *FAST, "--benchmark_list_tests"],
    ["train", "linear"],
    *([command, "--help"] for command in ("info", "list", "verify", "run", "limits", "train")),
]


def without(arguments: list[str], closed: tuple[int, ...]) -> subprocess.CompletedProcess[str]:
    """Started with these descriptors closed."""
    pipes: dict[str, int] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}

    def close() -> None:
        for descriptor in closed:
            os.close(descriptor)

    return subprocess.run(
        [str(PROGRAM), *arguments], text=True, timeout=PATIENCE, check=False, preexec_fn=close, **pipes
    )


@pytest.mark.parametrize("closed", [(1,), (2,), (0, 1, 2)])
@pytest.mark.parametrize(
    ("arguments", "option"),
    [(["run", *FAST], "-o"), (["run", *FAST], "--benchmark_out"), (VERIFIED, "--json"), (["train", "linear"], "-o")],
)
def test_what_is_printed_never_gets_into_a_file(
    tmp_path: Path, arguments: list[str], option: str, closed: tuple[int, ...]
) -> None:
    """Where a standard stream is closed, the next file that is opened would take its place."""
    path = tmp_path / "result.json"
    given = [f"{option}={path}"] if option.startswith("--") else [option, str(path)]
    completed = without([*arguments, *given], closed)
    assert completed.returncode == 0, completed
    assert isinstance(json.loads(path.read_text()), dict)
    assert list(tmp_path.iterdir()) == [path]


def to_a_full_disk(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    with Path("/dev/full").open("w") as full:
        return subprocess.run(
            [str(PROGRAM), *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False
        )


@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_what_cannot_be_printed_is_not_fine(arguments: list[str]) -> None:
    completed = to_a_full_disk(arguments)
    assert completed.returncode == 2, completed
    assert completed.stderr.splitlines()[-1].startswith("gradmark: standard output could not be written")


def test_a_proof_that_failed_is_graver_than_a_full_disk() -> None:
    broken = built("GRADMARK_BROKEN", "tests/broken/libbroken.so")
    completed = to_a_full_disk(["verify", "--plugin", str(broken), "--filter", "^sgd/f32/broken_begin_ignored$"])
    assert completed.returncode == 1
    assert "standard output could not be written" in completed.stderr


# ---- what it says when something is wrong -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fly"], "unknown command 'fly'"),
        (["run", "--speed"], "unknown option '--speed'"),
        (["run", "--fliter", "x"], "did you mean '--filter'"),
        (["run", "--filter"], "--filter needs a value"),
        (["verify", "adamw"], "unexpected argument 'adamw'"),
        (["run", "--filter", "^nothing/"], "no implementation matches --filter ^nothing/"),
        (["verify", "--filter", "("], "is not a regular expression"),
        (["run", "--isa", "mmx"], "unknown ISA 'mmx'"),
        (["run", "--level", "L9"], "unknown level 'L9'"),
        (["run", "--level", "none"], "--level none leaves nothing to time without --sweep"),
        (["run", "--sweep=yes"], "--sweep takes no value"),
        (["run", "--sweep", "--profile", "compare"], "--profile compare takes no sweep"),
        (["run", "--test-delay", "0"], "--test-delay is '0'; it must be a number above 0, at most 100"),
        (["run", "--test-delay", "101"], "--test-delay is '101'"),
        (["run", "--test-delay", "nan"], "--test-delay is 'nan'"),
        (["run", "--test-delay", "5%"], "--test-delay is '5%'"),
        (["run", "--test-delay"], "--test-delay needs a value: PERCENT"),
        (["run", "--profile", "slow"], "unknown profile 'slow'"),
        (["run", "--threads", "0"], "--threads is '0'"),
        (["run", "--threads", "many"], "--threads is 'many'"),
        (["run", "--threads", "1000"], "--threads 1000: this process may use"),
        (["run", "--placement", "heap"], "--placement is 'heap'"),
        (["run", "--pages", "giant"], "--pages is 'giant'"),
        (["verify", "--seed", "x"], "--seed is 'x'"),
        (["run", "--seed", "-1"], "--seed is '-1'"),
        (["run", "--seed", "18446744073709551616"], "--seed is '18446744073709551616'"),
        (["verify", "--plugin", "/nowhere/plugin.so"], "plug-in cannot be loaded"),
        (["run", "--benchmark_speed=1"], "Google Benchmark does not know '--benchmark_speed=1'"),
        *(
            (["run", f"--benchmark_min_time={value}"], "--benchmark_min_time is '")
            for value in ("", "0", "-1", "nan", "inf", "0x1p-8", "1e300", "nans", "0s", "much", "0x", "-1x", "1.5x")
        ),
        *(
            (["run", f"--benchmark_min_warmup_time={value}"], f"--benchmark_min_warmup_time is '{value}'")
            for value in ("", "-1", "nan", "inf", "0x1", "1s", "10x")
        ),
        *(
            (["run", f"--benchmark_repetitions={value}"], f"--benchmark_repetitions is '{value}'")
            for value in ("", "0", "-1", "1.5", "0x2", "many")
        ),
        (["run", "--benchmark_time_unit=year"], "'--benchmark_time_unit=year': it must be one of ns,us,ms,s"),
        (["run", "--benchmark_format="], "'--benchmark_format=': it must be one of console,json,csv"),
        (["run", "--benchmark_out_format=xml"], "'--benchmark_out_format=xml': it must be one of console,json,csv"),
        (["run", "--benchmark_list_tests=1"], "'--benchmark_list_tests=1': it must be one of true,false"),
        (["run", "-o", "a.json", "--benchmark_out=a.json"], "-o and --benchmark_out are both 'a.json'"),
        (["run", "--budget", "0x10"], "--budget is '0x10'; it must be a number above 0"),
        (["info", "--xml"], "unknown option '--xml'"),
        (["list", "--xml"], "unknown option '--xml'"),
        (["limits", "--sped"], "unknown option '--sped'"),
        (["limits", "--filter", "^nothing/"], "no implementation matches --filter ^nothing/"),
        (["limits", "--isa", "mmx"], "unknown ISA 'mmx'"),
    ],
)
def test_a_wrong_command(arguments: list[str], words: str) -> None:
    assert words in complaint(gradmark(*arguments))


@pytest.mark.parametrize("word", ["--bogus", "--x", "--fi", "--a-very-long-option"])
def test_nothing_is_suggested_for_a_word_unlike_all(word: str) -> None:
    assert "did you mean" not in complaint(gradmark("run", word))


@pytest.mark.parametrize(
    ("word", "meant"),
    [("--thread", "threads"), ("--prof", "profile"), ("--placment", "placement"), ("--fliter", "filter")],
)
def test_a_word_like_an_option_is_asked_about(word: str, meant: str) -> None:
    assert f"did you mean '--{meant}'?" in complaint(gradmark("run", word))


WRONG_VARIABLES = {
    "BENCHMARK_LIST_TESTS": "true",
    "BENCHMARK_FILTER": "nothing",
    "BENCHMARK_REPETITIONS": "0",
    "BENCHMARK_MIN_TIME": "nan",
    "BENCHMARK_MIN_WARMUP_TIME": "inf",
    "BENCHMARK_FORMAT": "xml",
    "BENCHMARK_OUT_FORMAT": "xml",
    "BENCHMARK_TIME_UNIT": "year",
    "BENCHMARK_CONTEXT": "somebody=said",
    "BENCHMARK_COLOR": "",
    "BENCHMARK_COUNTERS_TABULAR": "true",
    "BENCHMARK_V": "3",
    "BENCHMARK_DRY_RUN": "true",
}


def test_google_benchmarks_variables_count_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    variables = {**WRONG_VARIABLES, "BENCHMARK_OUT": str(tmp_path / "benchmark.json")}
    completed = gradmark("run", *FAST, "-o", path, env=variables)
    assert completed.returncode == 0, completed.stderr
    assert {row["status"] for row in load_result(path)["rows"]} == {"measured"}
    assert list(tmp_path.iterdir()) == [path]
    assert [
        line for line in completed.stderr.splitlines() if not re.match(r"(verified|prepared|rounds?)\b", line)
    ] == []


def test_google_benchmarks_variables_are_not_shown() -> None:
    completed = gradmark("run", *FAST, "--benchmark_format=json", env=WRONG_VARIABLES)
    assert completed.returncode == 0, completed.stderr
    assert "somebody" not in json.loads(completed.stdout)["context"]


def test_google_benchmark_complains_of_no_variable() -> None:
    """It reads them before main()."""
    assert gradmark("list", env={"BENCHMARK_REPETITIONS": "many"}).stderr == ""


@pytest.mark.parametrize(
    "refused",
    [
        ["--profile", "bogus"],
        ["--filter", "^nothing/"],
        ["--filter", "("],
        ["--isa", "mmx"],
        ["--level", "L9"],
        ["--threads", "0"],
        ["--threads", "1000"],
        ["--seed", "x"],
        ["--plugin", "/nowhere/plugin.so"],
        ["--verified", "/nowhere/result.json"],
        ["--budget", "0.01"],
        ["--benchmark_filter=nothing"],
        ["--benchmark_repetitions=0"],
        ["--benchmark_speed=1"],
        ["--bogus"],
        ["-o", "there"],
        ["-o", "nowhere/result.json"],
        ["--benchmark_out=there"],
        ["--benchmark_out=nowhere/benchmark.json"],
    ],
    ids=" ".join,
)
def test_a_refused_run_touches_nothing(tmp_path: Path, refused: list[str]) -> None:
    (tmp_path / "there").write_text("precious")
    files = ["-o", "result.json", "--benchmark_out=benchmark.json"]
    result = run_with(["run", *FAST, *files, *refused], cwd=tmp_path)
    assert result.returncode == 2, result
    assert result.stderr.splitlines()[-1].startswith("gradmark: ")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert (tmp_path / "there").read_text() == "precious"


def test_no_warm_up_is_what_google_benchmark_does_unasked() -> None:
    completed = gradmark("run", *FAST, "--benchmark_min_warmup_time=0")
    assert completed.returncode == 0, completed.stderr


def test_a_plug_ins_bare_name_is_a_file_of_this_folder() -> None:
    """Also while its constructors are watched: where libraries are looked for is another file, or none."""
    ends = built("GRADMARK_ENDS", "tests/broken/libends.so")
    arguments = ["verify", "--filter", "^sgd/f32/no_such$", "--plugin", ends.name]
    done = run_with(arguments, cwd=ends.parent, env={"GRADMARK_ENDS_IN": "constructor_flushes"})
    assert "how floating-point arithmetic is done in a constructor" in done.stderr
    assert done.returncode == 1


def test_what_google_benchmark_shows_of_no_row_is_a_document_too(tmp_path: Path) -> None:
    broken = str(built("GRADMARK_BROKEN", "tests/broken/libbroken.so"))
    kernel = ["--plugin", broken, "--filter", "^sgd/f32/broken_nan_lost$", "--level", "L2", "--threads", "1"]
    path = tmp_path / "benchmark.json"
    done = run_with(["run", *kernel, "--benchmark_format=json", f"--benchmark_out={path}"])
    assert done.returncode == 1, done.stderr
    for text in (done.stdout, path.read_text(encoding="utf-8")):
        document = json.loads(text)
        assert document["benchmarks"] == []
        assert document["context"]["num_cpus"] >= 1


def test_a_list_of_too_many_thread_counts() -> None:
    counts = ",".join(map(str, range(1, 18)))
    made_up = {"HWLOC_SYNTHETIC": "pack:1 core:32 pu:1"}
    result = gradmark("run", "--filter", "^sgd/f32/scalar$", "--threads", counts, env=made_up)
    assert "--threads names more than 16 thread counts" in complaint(result)


def test_no_command_shows_the_usage() -> None:
    result = gradmark()
    assert result.returncode == 2
    assert result.stderr.startswith("usage: gradmark COMMAND")


def test_an_unknown_isa_in_the_environment() -> None:
    assert "GRADMARK_ISA: unknown ISA 'mmx'" in complaint(gradmark("list", env={"GRADMARK_ISA": "mmx"}))


def test_an_op_that_cannot_run_here_says_why() -> None:
    result = gradmark("verify", "--filter", "/autovec$", env={"GRADMARK_ISA": "-autovec"})
    assert "can run here: excluded by GRADMARK_ISA" in complaint(result)
    # Those that the build has not got, too, are of the op; that is the least of reasons.
    every = "-scalar,-autovec,-avx2,-avx2_fast,-avx512,-avx512_fast,-neon"
    result = gradmark("verify", "--filter", "^sgd/", env={"GRADMARK_ISA": every})
    assert "can run here: excluded by GRADMARK_ISA" in complaint(result)


def test_a_benchmark_filter_that_matches_nothing(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    result = gradmark("run", *FAST, "--benchmark_filter=nothing", "-o", path)
    assert result.returncode == 2
    assert "--benchmark_filter matches none" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_existing_output_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text("precious")
    assert "exists already" in complaint(gradmark("run", *FAST, "-o", path))
    assert "exists already" in complaint(gradmark("verify", "--filter", "^sgd/", "--json", path))
    assert path.read_text() == "precious"
    dangling = tmp_path / "dangling.json"
    dangling.symlink_to(tmp_path / "elsewhere.json")
    assert "exists already" in complaint(gradmark("run", *FAST, "-o", dangling))


def test_an_output_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "No such file or directory" in complaint(gradmark("run", *FAST, "-o", tmp_path / "no" / "result.json"))


def run_with(
    arguments: list[str],
    *,
    program: Path = PROGRAM,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    preexec: Callable[[], None] | None = None,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(program), *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        preexec_fn=preexec,
    )


NOBODY = 54321  # a user who runs nothing else


def as_nobody() -> None:
    if os.geteuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)


@pytest.fixture(scope="module")
def anybodys() -> Iterator[Path]:
    """A copy of the program where anybody can start it, and its library where it looks for one."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        folder.chmod(0o755)
        for file in [PROGRAM, *(PROGRAM.parent.parent / "kernels").glob("libgradmark.so*")]:
            (folder / file.parent.name).mkdir(exist_ok=True)
            if file.is_file():
                shutil.copy(file, folder / file.parent.name)
        yield folder / PROGRAM.parent.name / PROGRAM.name


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["run", *FAST], "-o"),
        (["run", *FAST], "--benchmark_out"),
        (["verify", "--filter", "^sgd/"], "--json"),
        (["train", "linear"], "-o"),
        (["train", "mnist-sgd"], "--save"),
    ],
)
def test_an_output_without_permission(anybodys: Path, tmp_path: Path, arguments: list[str], option: str) -> None:
    """Is refused before anything is measured."""
    with tempfile.TemporaryDirectory() as place:
        output = Path(place) / "closed" / "result.json"
        Path(place).chmod(0o755)
        output.parent.mkdir(mode=0o555)
        given = [f"{option}={output}"] if option.startswith("--") else [option, str(output)]
        result = run_with([*arguments, *given], program=anybodys, preexec=as_nobody)
        assert "cannot be written: Permission denied" in complaint(result)
        assert result.stdout == ""
        assert not output.exists()


# ---- threads and files that the system refuses ---------------------------------------------------------------------

THREADED = [VERIFIED, ["run", *FAST], ["train", "linear"]]


def with_one_thread() -> None:
    resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
    as_nobody()  # root has as many as it likes


def with_no_room_for_stacks() -> None:
    resource.setrlimit(resource.RLIMIT_STACK, (1 << 30, 1 << 30))
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))


@pytest.mark.parametrize("preexec", [with_one_thread, with_no_room_for_stacks])
@pytest.mark.parametrize("arguments", THREADED, ids=lambda arguments: arguments[0])
def test_threads_that_the_system_refuses(anybodys: Path, arguments: list[str], preexec: Callable[[], None]) -> None:
    """The OpenMP runtime would end the process, with an exit code that means a failed proof here."""
    words = complaint(run_with(arguments, program=anybodys, preexec=preexec))
    assert re.search(r"8 threads are needed, up to 15 while a team is made, and the system gives [1-9]: ", words)
    assert "(ulimit -u, -v or -s, OMP_STACKSIZE, or a" in words


@pytest.mark.parametrize("variable", ["OMP_STACKSIZE", "GOMP_STACKSIZE"])
@pytest.mark.parametrize("size", ["1G", "1024 m", "1048576", " 1048576K ", "1073741824B"])
def test_stacks_are_tried_in_the_size_that_openmp_gives_them(variable: str, size: str) -> None:
    def with_little_room() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))

    words = complaint(run_with(VERIFIED, env={variable: size}, preexec=with_little_room))
    assert "8 threads are needed" in words


def test_small_stacks_that_openmp_was_told_of_are_enough() -> None:
    result = run_with(VERIFIED, env={"OMP_STACKSIZE": "1M"}, preexec=with_no_room_for_stacks)
    assert result.returncode == 0, result.stderr


def test_a_machine_is_told_about_without_threads(anybodys: Path) -> None:
    result = run_with(["info"], program=anybodys, preexec=with_one_thread)
    assert (result.returncode, result.stderr) == (0, "")
    assert re.search("not watched: (.* and the system gives 1|there is one usable core)", result.stdout)


@pytest.mark.parametrize("variable", [{"OMP_PROC_BIND": "true"}, {"OMP_PLACES": "threads"}, {"GOMP_CPU_AFFINITY": "0"}])
@pytest.mark.parametrize("arguments", [["run", *FAST], ["train", "linear"]], ids=lambda arguments: arguments[0])
def test_threads_that_openmp_binds_to_one_processor(arguments: list[str], variable: dict[str, str]) -> None:
    """It does so before main(), and the machine seems to have that one alone."""
    (name,) = variable
    if len(os.sched_getaffinity(0)) == 1:
        pytest.skip("one processor")
    refused = gradmark(*arguments, "--threads", "1,2", env=variable)
    if refused.returncode == 0:
        pytest.skip("this OpenMP runtime binds nothing before main()")
    words = complaint(refused)
    assert re.search(rf"--threads 2: {name} makes the OpenMP runtime bind this process to 1 of \d+ .*; unset it", words)
    shown = gradmark("info", env=variable).stdout
    assert "not watched: a variable of the OpenMP runtime binds this process to one core" in shown


@pytest.mark.skipif(os.geteuid() != 0, reason="nobody else can start as a user who runs nothing")
def test_as_many_threads_as_are_needed_are_enough(anybodys: Path) -> None:
    def with_enough_threads() -> None:
        resource.setrlimit(resource.RLIMIT_NPROC, (15, 15))
        as_nobody()

    result = run_with(VERIFIED, program=anybodys, preexec=with_enough_threads)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("arguments", [["list"], ["info"], *THREADED], ids=lambda arguments: arguments[0])
def test_files_that_the_system_refuses(arguments: list[str]) -> None:
    result = run_with(arguments, preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5)))
    assert re.search(r"2 files can be opened here, and 16 must be: .* \(ulimit -n\)", complaint(result))


# ---- files that cannot be finished ----------------------------------------------------------------------------------


def small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["run", *FAST], "--benchmark_out"),
        (["verify", "--filter", "^(sgd|adam)/"], "--json"),
        (["train", "linear"], "-o"),
        (["train", "mnist-sgd", "--epochs", "1"], "--save"),
    ],
)
def test_a_file_that_cannot_grow_is_never_half_written(tmp_path: Path, arguments: list[str], option: str) -> None:
    path = tmp_path / "written"
    given = [f"{option}={path}"] if option.startswith("--") else [option, str(path)]
    result = run_with([*arguments, *given], preexec=small_files)
    assert result.returncode == 2, result
    assert result.stderr.splitlines()[-1] == f"gradmark: '{path}' was not written: File too large"
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_while_writing(tmp_path: Path) -> None:
    """A limit on the file's size stops the writing at the same place as a full disk does, which only some may mount."""
    output = tmp_path / "result.json"
    result = run_with(["run", *FAST, "-o", str(output)], preexec=small_files)
    assert result.returncode == 2
    assert "result.json' was not written: File too large" in result.stderr
    assert list(tmp_path.iterdir()) == []
    mount = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(tmp_path)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        return
    try:
        result = gradmark("run", *FAST, "-o", output)
        assert result.returncode == 2
        assert "was not written: No space left on device" in result.stderr
        assert list(tmp_path.iterdir()) == []
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


# A sweep of many short rows.
MANY = ["--profile", "full", "--filter", "^(sgd|sgd_ema|l2_penalty_grad)/f32/scalar$", "--level", "none", "--sweep"]


def start(path: Path, watched: bool) -> tuple[subprocess.Popen[bytes], int]:
    """A run of MANY, and the terminal on which it tells how far it is. With a plug-in it is two processes."""
    terminal, its_end = os.openpty()
    command = [str(PROGRAM), "run", *MANY, "--threads", "1", "-o", str(path)]
    if watched:
        command += ["--plugin", str(built("GRADMARK_BROKEN", "tests/broken/libbroken.so"))]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=its_end)
    os.close(its_end)
    return process, terminal


def read_until(terminal: int, pattern: str) -> str:
    """What is shown, up to what matches the pattern or to the end."""
    shown = ""
    while not re.search(pattern, shown):
        ready, _, _ = select.select([terminal], [], [], PATIENCE)
        assert ready, f"{pattern} did not come after {shown}"
        try:
            part = os.read(terminal, 4096)
        except OSError:  # so Linux says that the program has closed it
            break
        shown += part.decode()
    return shown


NEVER = r"(?!)"


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_what_was_finished(tmp_path: Path, number: signal.Signals, watched: bool) -> None:
    path = tmp_path / "result.json"
    process, terminal = start(path, watched)
    assert "round" in read_until(terminal, r"round ([5-9]|\d\d+) of")
    process.send_signal(number)
    assert "interrupted; what was finished is written, marked as partial" in read_until(terminal, NEVER)
    os.close(terminal)
    assert process.wait(PATIENCE) == 130
    result = load_result(path)
    assert result["partial"] is True
    assert {row["status"] for row in result["rows"]} <= {"measured", "border"}
    for row in result["rows"]:
        assert 3 < len(row["ns_per_element"]["rounds"]) <= result["settings"]["rounds"]


def test_two_rounds_say_nothing(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    process, terminal = start(path, False)
    read_until(terminal, "round 1 of")
    process.send_signal(signal.SIGINT)
    read_until(terminal, NEVER)
    os.close(terminal)
    assert process.wait(PATIENCE) == 130
    assert {row["status"] for row in load_result(path)["rows"]} == {"skipped"}


@pytest.mark.parametrize("watched", [False, True])
def test_a_killed_run_leaves_nothing_behind(tmp_path: Path, watched: bool) -> None:
    process, terminal = start(tmp_path / "result.json", watched)
    assert "round" in read_until(terminal, "round 1 of")
    process.kill()
    assert process.wait(PATIENCE) == -signal.SIGKILL
    read_until(terminal, NEVER)  # until nobody writes there
    os.close(terminal)
    assert list(tmp_path.iterdir()) == []


def test_another_machines_topology_is_not_measured_as_ours(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    synthetic = "pack:1 core:4 l3:1(size=8388608) l2:1(size=1048576) l1:1(size=32768) pu:1"
    result = gradmark("run", *FAST, "-o", path, env={"HWLOC_SYNTHETIC": synthetic})
    if result.returncode == 0:
        assert load_result(path)["machine"]["topology"]["this_system"] is False


def test_too_little_memory_is_said(tmp_path: Path) -> None:
    """With no room for a DRAM set the rows are not timed, and the result says so."""
    path = tmp_path / "result.json"

    def little_memory() -> None:
        limit = 400 << 20
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    arguments = ["run", "--filter", "^sgd/f32/autovec$", "--level", "L2,DRAM", "--threads", "1", "--profile", "default"]
    result = run_with([*arguments, "-o", str(path)], preexec=little_memory)
    if result.returncode == 0:
        written = load_result(path)
        states = {row["level"]: row["status"] for row in written["rows"]}
        assert states["L2"] == "measured"
        if states["DRAM"] == "skipped":
            assert any("memory" in one["what"] for one in written["warnings"])
            assert "memory" in result.stderr
    else:
        assert "memory" in result.stderr
