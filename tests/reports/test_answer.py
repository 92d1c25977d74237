"""The answer's sentences follow the data, and none of them says what was not measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import synthetic
from gradmark_report import faults, placement
from gradmark_report.answer import answer
from gradmark_report.record import FIRST_MODEL
from gradmark_report.result_file import read

Json = dict[str, Any]


def said(folder: Path, made: Json) -> dict[str, str]:
    points = answer(read(synthetic.write(folder / "result.json", made)))
    assert 3 <= len(points) <= 7
    assert len({lead for lead, _ in points}) == len(points)
    for lead, sentence in points:
        assert sentence.endswith(".")
        assert not {"None", "nan", "–", "inf"} & set(sentence.replace(",", " ").split())
        assert "1 threads" not in sentence
        assert "1 rows" not in sentence
        assert lead
    return dict(points)


def make(
    *, ops: Sequence[str] = ("adamw",), impls: Sequence[str] = ("scalar", "avx2", "avx512"), **options: Any
) -> Json:
    return synthetic.make_result(ops=ops, impls=impls, sweep=False, within=0.001, **options)


def rows(made: Json, **members: Any) -> list[Json]:
    return [row for row in made["rows"] if all(row[name] == value for name, value in members.items())]


def not_timed(row: Json, status: str) -> None:
    row.update({"status": status, "ns_per_element": None, "attainable_percent": None})
    row.update({"attainable_percent_low": None, "attainable_percent_high": None})


def without(made: Json, **members: Any) -> Json:
    gone = rows(made, **members)
    made["rows"] = [row for row in made["rows"] if row not in gone]
    return made


def avx512_at(factor: float, **options: Any) -> Json:
    names = [row["name"] for row in make(**options)["rows"] if row["impl"] == "avx512"]
    return make(slower=dict.fromkeys(names, factor), **options)


# ---- AVX-512 ---------------------------------------------------------------------------------------------------------


def test_implementations_are_compared_in_one_state(tmp_path: Path) -> None:
    """Of which one may have been seen in another most of the time."""
    made = make(levels=("L2",), threads=(2,), impls=("avx2", "avx512"), shared=4)
    narrow, wide = made["rows"]
    alone, shared = wide["ns_per_element"], dict(wide["placement"]["others"][0])
    wide["placement"].update(state="1 core", others=[])
    wide["ns_per_element"] = {**alone, **{name: shared[name] for name in ("undisturbed", "low", "high")}}
    assert "nowhere is AVX2 clearly faster" in said(tmp_path, made)["AVX-512"]
    narrow["placement"]["others"] = []
    points = said(tmp_path, made)
    assert "nowhere is AVX2 clearly faster" in points["AVX-512"]
    assert points["Use"].startswith("States that fit L2: avx2 on 2 threads, on 2 cores")


def test_avx512_wins_everywhere(tmp_path: Path) -> None:
    assert said(tmp_path, avx512_at(0.8))["AVX-512"] == "It pays over AVX2 in all 8 cases timed."


def test_avx512_loses_everywhere(tmp_path: Path) -> None:
    sentence = said(tmp_path, avx512_at(1.3))["AVX-512"]
    assert sentence.startswith("It pays over AVX2 in 0 of 8 cases. Do not use it for adamw/f32 in L1 on 1 thread,")
    assert sentence.endswith("and 4 more: there AVX2 was clearly faster in this run.")


def test_avx512_ties_everywhere(tmp_path: Path) -> None:
    sentence = said(tmp_path, avx512_at(1.01))["AVX-512"]
    assert sentence.startswith("It pays over AVX2 in none of the 8 cases timed, and nowhere is AVX2 clearly faster")


@pytest.mark.parametrize(
    ("factor", "says"),
    [
        (0.8, "It pays over AVX2 in the one case timed."),
        (1.01, "It does not pay over AVX2 in the one case timed, and nowhere is AVX2 clearly faster"),
        (1.3, "It pays over AVX2 in 0 of 1 case. Do not use it for adamw/f32 in DRAM on 1 thread: there"),
    ],
)
def test_avx512_in_one_case(tmp_path: Path, factor: float, says: str) -> None:
    assert said(tmp_path, avx512_at(factor, levels=("DRAM",), threads=(1,)))["AVX-512"].startswith(says)


def test_avx512_loses_somewhere(tmp_path: Path) -> None:
    made = make(slower={"adamw/f32/avx512/L2/t1": 1.2, "adamw/f32/avx512/L1/t1": 0.7})
    assert said(tmp_path, made)["AVX-512"] == (
        "It pays over AVX2 in 1 of 8 cases; in 6 neither is clearly faster (beyond doubt, and by 3%). "
        "Do not use it for adamw/f32 in L2 on 1 thread: there AVX2 was clearly faster in this run."
    )


@pytest.mark.parametrize("impls", [("scalar", "avx2"), ("scalar", "avx512"), ("scalar",)])
def test_avx512_is_not_spoken_of_without_both(tmp_path: Path, impls: Sequence[str]) -> None:
    assert "AVX-512" not in said(tmp_path, make(impls=impls))


# ---- what to use, threads, the step ----------------------------------------------------------------------------------


def test_the_usual(tmp_path: Path) -> None:
    points = said(tmp_path, make(impls=("scalar", "avx2", "avx512", "avx512_fast")))
    assert list(points) == ["Use", "In the caches", "AVX-512", "Threads", "AdamW step", "Trust"]
    assert points["Use"].startswith(
        "States larger than the caches: avx512 on 2 threads, on 2 cores, 1.20 ns per element of adamw/f32"
    )
    assert "the bandwidth of the memory binds it." in points["Use"]
    assert "avx512_fast is 1.6" in points["In the caches"] or "avx512_fast is 1.3" in points["In the caches"]
    assert "its largest error in the proof was 3.5 ulp" in points["In the caches"]
    assert points["AdamW step"].startswith(
        "One AdamW step would take 1.2 s on 1 billion parameters and 8.4 s on 7 billion"
    )


@pytest.mark.parametrize(
    ("by", "says"),
    [
        ("load/store", "; the loads and stores of a core bind it."),
        ("FMA", "; the multiply-add units bind it."),
        ("divide/sqrt", "; the divide and square-root unit binds it."),
        ("L2", "; the bandwidth of the L2 cache binds it."),
    ],
)
def test_what_binds_is_one_or_many(tmp_path: Path, by: str, says: str) -> None:
    made = make()
    for row in made["rows"]:
        row["bound_by"] = by
    assert says in said(tmp_path, made)["Use"]


def test_one_thread(tmp_path: Path) -> None:
    points = said(tmp_path, make(threads=(1,)))
    assert "Threads" not in points
    assert "on 1 thread (the only count that was timed)" in points["Use"]
    assert "avx512 moves 13.3 GB/s on 1 thread" in points["AdamW step"]


def test_more_threads_that_were_not_timed_there_gain_nobody_knows(tmp_path: Path) -> None:
    """Two threads in L2, one alone in DRAM."""
    made = make()
    points = said(tmp_path, without(made, level="DRAM", threads=2))
    assert "Threads" not in points
    assert "the only count" in points["Use"]


def test_more_threads_that_gain_nothing(tmp_path: Path) -> None:
    made = make(threads=(1, 2), slower={f"adamw/f32/{impl}/DRAM/t2": 1.75 for impl in ("scalar", "avx2", "avx512")})
    assert said(tmp_path, made)["Threads"].startswith(
        "DRAM-sized states want 1 thread; more gain nothing (2 threads, on 2 cores: 1.00×). Entering"
    )


def test_threads_that_never_pay(tmp_path: Path) -> None:
    made = make()
    made["machine"]["threads_cost"]["pays_from_elements"] = None
    assert "pay from" not in said(tmp_path, made)["Threads"]
    made["machine"]["threads_cost"] = None
    assert "Entering" not in said(tmp_path, made)["Threads"]


def test_no_dram(tmp_path: Path) -> None:
    points = said(tmp_path, make(levels=("L1", "L2")))
    assert points["Use"].startswith("States that fit L2:")
    assert not {"Threads", "AdamW step"} & set(points)
    assert "DRAM" not in " ".join(points.values())


def test_no_adamw(tmp_path: Path) -> None:
    points = said(tmp_path, make(ops=("sgd",)))
    assert "AdamW step" not in points
    assert "adamw" not in points["Use"]
    assert "per element of sgd/f32" in points["Use"]


def test_only_fast_implementations(tmp_path: Path) -> None:
    points = said(tmp_path, make(impls=("avx2_fast", "avx512_fast")))
    assert list(points) == ["Estimates alone", "What to use", "AdamW step", "Trust"]
    assert points["Estimates alone"].startswith("adamw/f32 in DRAM on 2 threads, on 2 cores: avx")
    assert "it estimates divisions and roots." in points["Estimates alone"]
    assert points["What to use"].startswith("No exact implementation was timed at a level")


def test_only_the_sweep(tmp_path: Path) -> None:
    made = synthetic.make_result(ops=("adamw",), impls=("avx2", "avx2_fast"), levels=(), sweep=True, within=0.001)
    points = said(tmp_path, made)
    assert list(points) == ["Sweep", "What to use", "AdamW step", "Trust"]
    assert points["Sweep"] == (
        "adamw/f32 on 1 thread, the quickest exact implementation: 0.577 ns per element in 4 KiB (avx2) and "
        "2.10 ns per element in 64 MiB (avx2)."
    )
    assert points["What to use"].startswith("No row was timed at a level")
    assert "--filter '^adamw/f32/' --level DRAM" in points["AdamW step"]


def test_one_row_says_what_is_missing(tmp_path: Path) -> None:
    points = said(tmp_path, make(ops=("sgd",), levels=("L2",), threads=(1,), impls=("scalar",)))
    assert list(points) == ["Use", "AdamW step", "Trust"]
    assert points["AdamW step"].startswith("How long one would take here is not known")


def at_a_border(made: Json, **members: Any) -> Json:
    for row in rows(made, **members):
        nothing = dict.fromkeys(("attainable_percent", "attainable_percent_low", "attainable_percent_high"))
        row.update({"status": "border", **nothing})
    return made


def test_rows_at_a_border_are_not_scored(tmp_path: Path) -> None:
    """What lies between two levels says nothing of either."""
    points = said(tmp_path, at_a_border(make(), level="DRAM"))
    assert points["Use"].startswith("States that fit L3:")
    assert not {"Threads", "AdamW step"} & set(points)
    assert "larger than the caches" not in " ".join(points.values())
    assert points["AVX-512"].startswith("It pays over AVX2 in none of the 6 cases timed")
    points = said(tmp_path, at_a_border(make(), impl="avx512"))
    assert "AVX-512" not in points
    assert "avx512" not in points["Use"]
    points = said(tmp_path, at_a_border(make()))
    assert list(points) == ["What to use", "AdamW step", "Trust"]


def test_what_binds_is_not_said_where_nobody_looked(tmp_path: Path) -> None:
    """The profile `compare` takes no twins."""
    made = make()
    for row in made["rows"]:
        row.update(bound_by=None, attainable_percent=None, twin_ns_per_element=None, core_twin_ns_per_element=None)
    text = " ".join(said(tmp_path, made).values())
    assert "bind" not in text
    assert "attainable" not in text


@pytest.mark.parametrize(
    ("total", "says"),
    [
        (None, ""),
        (
            8 << 30,
            "The states of 1 billion (16.0 GB) and 7 billion (112 GB) do not fit the 8.59 GB that a process may use "
            "here.",
        ),
        (64 << 30, "The states of 7 billion (112 GB) do not fit the 68.7 GB that a process may use here."),
        (1 << 40, ""),
    ],
)
def test_memory(tmp_path: Path, total: int | None, says: str) -> None:
    made = make()
    made["machine"]["memory"]["total_bytes"] = total
    sentence = said(tmp_path, made)["AdamW step"]
    assert sentence.endswith(says)
    assert ("fit" in sentence) == bool(says)


def test_a_containers_limit_counts_as_memory(tmp_path: Path) -> None:
    made = make()
    made["machine"]["memory"].update(total_bytes=1 << 40, limit_bytes=8 << 30)
    assert "do not fit the 8.59 GB that a process may use here." in said(tmp_path, made)["AdamW step"]
    made["machine"]["memory"].update(total_bytes=8 << 30, limit_bytes=1 << 40)
    assert "do not fit the 8.59 GB that a process may use here." in said(tmp_path, made)["AdamW step"]
    made["machine"]["memory"].update(total_bytes=None, limit_bytes=64 << 30)
    assert "do not fit the 68.7 GB" in said(tmp_path, made)["AdamW step"]


def test_the_step_is_of_the_undisturbed_time(tmp_path: Path) -> None:
    made = make(levels=("DRAM",), threads=(1,), impls=("avx2",), samples=1)
    made["rows"][0]["ns_per_element"] = time = synthetic.exactly(2.0)
    made["rows"][0]["gb_per_s"] = 14.0
    assert said(tmp_path, made)["AdamW step"].startswith(
        "One AdamW step would take 2.0 s on 1 billion parameters and 14 s on 7 billion parameters (±0.0%): each "
        "parameter moves 28 bytes, and avx2 moves 14.0 GB/s on 1 thread."
    )
    made["rows"][0]["ns_per_element"] = {**time, "low": 1.9, "high": 2.1, "typical": 2.2, "samples": [*[2.0] * 7, 2.2]}
    assert said(tmp_path, made)["AdamW step"].startswith(
        "One AdamW step would take 2.0 s on 1 billion parameters and 14 s on 7 billion parameters (±5.0%) undisturbed, "
        "typically 2.2 s and 15 s: each"
    )


# ---- states ----------------------------------------------------------------------------------------------------------


def test_a_sentence_about_threads_names_the_state(tmp_path: Path) -> None:
    """What two threads bring is one thing on two cores, and another on two threads of one."""
    points = said(tmp_path, make(levels=("DRAM",), shared=3, unknown=1))
    assert "avx512 on 2 threads, on 2 cores, 1.20 ns" in points["Use"]
    assert "GB/s on 2 threads, on 2 cores." in points["AdamW step"]
    assert points["Threads"].startswith(
        "DRAM-sized states want 2 threads, on 2 cores: 1.75× as fast as one (88% efficiency); 2 threads, on 1 core: "
        "0.875×. Entering"
    )
    seen = " 2 threads were seen 50 times on 2 cores and 30 times on 1 core, and moved at least 6 times."
    assert seen in points["Trust"]
    points = said(tmp_path, make(levels=("DRAM",), shared=8))
    assert points["Threads"].startswith(
        "DRAM-sized states want 1 thread; more gain nothing (2 threads, on 1 core: 0.875×)."
    )
    assert "seen" not in points["Trust"]
    made = make(levels=("DRAM",))
    for row in made["rows"]:
        row["placement"] = None
    assert "want 2 threads: 1.75× as fast as one" in said(tmp_path, made)["Threads"]


# ---- trust -----------------------------------------------------------------------------------------------------------


def interrupted(made: Json) -> None:
    made["partial"] = True
    for row in made["rows"][-3:]:
        not_timed(row, "skipped")


def failed(count: int) -> Callable[[Json], None]:
    def change(made: Json) -> None:
        for row in made["rows"][:count]:
            not_timed(row, "failed")

    return change


TRUST: list[tuple[Callable[[Json], Any], str]] = [
    (lambda made: None, "; 1 warning below."),
    (lambda made: made["warnings"].clear(), "(another run should agree within that)."),
    (lambda made: made["left_out"].append("sgd/f32/avx2/L2/t1"), "; 1 warning below. 1 row was left out for want of"),
    (lambda made: made["left_out"].extend("ab"), "2 rows were left out for want of time."),
    (lambda made: made["warnings"].extend(made["warnings"] * 2), "; 3 warnings below."),
    (interrupted, "The run was interrupted before its end: 3 rows not reached."),
    (failed(1), "One row failed its proof and was not timed: adamw/f32/scalar/L1/t1."),
    (failed(2), "2 rows failed their proof and were not timed, such as adamw/f32/scalar/L1/t1."),
    (
        lambda made: made["settings"].update(test_delay_percent=5.0),
        "Every time was lengthened on purpose by 5%: a test, no measurement.",
    ),
    (lambda made: made["environment"].update(emulated=True), "An emulator ran this: the times say nothing about any"),
]


@pytest.mark.parametrize(("change", "says"), TRUST)
def test_trust(tmp_path: Path, change: Callable[[Json], Any], says: str) -> None:
    made = make()
    change(made)
    sentence = said(tmp_path, made)["Trust"]
    assert says in sentence
    for other in ("interrupted", "failed", "on purpose", "emulator"):
        assert (other in sentence) == (other in says)


def test_failed_rows_are_never_recommended(tmp_path: Path) -> None:
    made = make()
    for row in rows(made, impl="avx512"):
        not_timed(row, "failed")
    points = said(tmp_path, made)
    assert "avx512" not in points["Use"] + points["In the caches"] + points["AdamW step"]
    assert "AVX-512" not in points


# ---- limits ----------------------------------------------------------------------------------------------------------


def test_what_is_not_believable_is_chosen_and_predicted_by_nothing(tmp_path: Path) -> None:
    """Though it is by far the fastest."""
    wide = [row["name"] for row in make()["rows"] if row["impl"] == "avx512"]
    points = said(tmp_path, synthetic.at_percent(make(slower=dict.fromkeys(wide, 0.1)), 237.0, *wide))
    assert "avx512" not in points["Use"] + points["In the caches"] + points["AdamW step"]
    assert "avx2" in points["Use"]
    assert "AVX-512" not in points
    assert points["Limits"] == (
        "8 rows came out above 103% of attainable, at most adamw/f32/avx512/L1/t1 with 237%: a fault of gradmark's "
        "model of the limits, to be looked for with scripts/limits. All are not believable (above 150%), and left out "
        "of all else that is said here."
    )


def test_what_is_above_the_limit_is_a_fault_of_the_model(tmp_path: Path) -> None:
    points = said(tmp_path, synthetic.at_percent(make(), 112.0, "adamw/f32/avx512/L2/t1"))
    assert points["Limits"] == (
        "1 row came out above 103% of attainable, at most adamw/f32/avx512/L2/t1 with 112%: a fault of gradmark's "
        "model of the limits, to be looked for with scripts/limits."
    )
    assert "112% of what is attainable (model at fault)" in points["In the caches"]
    assert "Limits" not in said(tmp_path, synthetic.at_percent(make(), 102.9, "adamw/f32/avx512/L2/t1"))


def test_where_nothing_is_believable_nothing_is_recommended(tmp_path: Path) -> None:
    made = make()
    points = said(tmp_path, synthetic.at_percent(made, 160.0, *(row["name"] for row in made["rows"])))
    assert list(points) == ["What to use", "AdamW step", "Limits", "Trust"]


def test_a_file_of_the_first_model_says_so_once_and_no_percent(tmp_path: Path) -> None:
    points = dict(answer(read(synthetic.FIRST_RESULT)))
    assert points["Limits"] == FIRST_MODEL
    others = " ".join(sentence for lead, sentence in points.items() if lead != "Limits")
    assert "attainable" not in others
    assert "bind" not in others
    assert "avx2 on 1 thread" in points["Use"]


def test_uncertainty_is_that_of_the_rows(tmp_path: Path) -> None:
    made = make(levels=("L2",), threads=(1,), impls=("avx2",))
    made["rows"][0]["ns_per_element"] = {**synthetic.exactly(1.0), "low": 0.9, "high": 1.1}
    trust = "Half of the undisturbed times are known to ±10.0%, nine in ten to ±10.0% ("
    assert said(tmp_path, made)["Trust"].startswith(trust)


def test_nine_in_ten_are_never_known_better_than_half(tmp_path: Path) -> None:
    """Of two, of ten and of eleven rows."""
    for count, half, most in ((2, 1, 2), (10, 5, 9), (11, 6, 10)):
        made = make(levels=("L2",), threads=tuple(range(1, count + 1)), impls=("avx2",))
        for width, row in enumerate(made["rows"], 1):
            row["ns_per_element"] = {**synthetic.exactly(1.0), "low": 1 - width / 100, "high": 1 + width / 100}
        trust = f"Half of the undisturbed times are known to ±{half}.0%, nine in ten to ±{most}.0% ("
        assert said(tmp_path, made)["Trust"].startswith(trust)


def test_a_file_from_before_there_were_rounds_says_so() -> None:
    for file in (synthetic.FIRST_RESULT, synthetic.SECOND_RESULT):
        points = dict(answer(read(file)))
        assert placement.BEFORE_ROUNDS in points["Trust"]
        assert "(within this one process)" in points["Trust"]
        assert "typically" not in points["AdamW step"]


@dataclass(frozen=True)
class Attained:
    attainable_percent: float
    attainable_low: float | None
    name: str = "adamw/f32/avx2/DRAM/t2"
    believable: bool = True


def test_what_chance_explains_is_no_fault() -> None:
    """A row on a busy machine may come out above; its interval says so."""
    assert not faults.at_fault(Attained(112.0, 99.0))
    assert faults.at_fault(Attained(112.0, 104.0))
    assert faults.at_fault(Attained(112.0, None))
    assert not faults.at_fault(Attained(102.0, None))
