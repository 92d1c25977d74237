"""gradmark-report compare, through its command line: what it says of sides whose truth is known."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import synthetic
from shape import check_shape
from synthetic import write
from two_sides import AABB, ABBA, ROW, Report, fail_proof, make_sides, of_rows, report, small_result, twice_the_work

__all__ = ["report"]
OTHER = "sgd/f32/avx512/L2/t1"

VERDICT = ("slower", "faster", "same", "small change", "inconclusive", "too few")
SIDE = {"processes": int, "files": [str, ...], "started": str, "finished": str, "partial": int}
INTERVAL = dict.fromkeys(("value", "low", "high"), float | None)
SHAPE = {
    "schema": ("gradmark.comparison/2",),
    "made_by": str,
    "paired": bool,
    "why_not_paired": str | None,
    "settings": {"margin": float, "alpha": float, "looks": int},
    "base": SIDE,
    "head": SIDE,
    "circumstances": [{"label": str, "same": bool, "base": [str], "head": [str]}],
    "warnings": [str],
    "counts": [VERDICT],
    "rows": [
        {
            "name": str,
            "verdict": VERDICT,
            "reason": str,
            "state": str | None,
            "pairs": int,
            "paired": bool,
            "left_out": int,
            "base_ns_per_element": INTERVAL,
            "head_ns_per_element": INTERVAL,
            "ratio": (None, INTERVAL),
            "pairs_to_decide": int | None,
        }
    ],
    "only_base": [str],
    "only_head": [str],
    "not_compared": [{"name": str, "why": str}],
    "broken": [str],
}


def as_json(report: Report, *arguments: str | Path) -> dict[str, Any]:
    said = report("compare", *arguments, "--format", "json")
    assert said.code == 0, said.err
    content: dict[str, Any] = json.loads(said.out)
    check_shape({**content, "counts": sorted(content["counts"])}, SHAPE)
    assert sum(content["counts"].values()) == len(content["rows"])
    assert all(row["pairs"] or row["ratio"] is None for row in content["rows"])
    return content


def verdicts(content: dict[str, Any]) -> dict[str, str]:
    return {row["name"]: row["verdict"] for row in content["rows"]}


# ---- what it finds --------------------------------------------------------------------------------------------------


def test_what_is_slower_and_faster_is_called_so(tmp_path: Path, report: Report) -> None:
    content = as_json(report, *make_sides(tmp_path, {ROW: 1.10, OTHER: 0.85}))
    found = verdicts(content)
    assert found.pop(ROW) == "slower"
    assert found.pop(OTHER) == "faster"
    assert set(found.values()) == {"same"}
    assert content["paired"]
    assert content["counts"] == {"slower": 1, "faster": 1, "same": 2}
    ratio = next(row["ratio"] for row in content["rows"] if row["name"] == ROW)
    assert ratio["low"] < ratio["value"] < ratio["high"]
    assert ratio["value"] == pytest.approx(1.10, rel=0.015)


def test_equal_sides_are_the_same(tmp_path: Path, report: Report) -> None:
    assert set(verdicts(as_json(report, *make_sides(tmp_path))).values()) == {"same"}


def test_wide_noise_is_inconclusive_and_says_how_many_pairs_would_decide(tmp_path: Path, report: Report) -> None:
    sides = make_sides(tmp_path, process=0.06)
    content = as_json(report, *sides)
    undecided = [row for row in content["rows"] if row["verdict"] == "inconclusive"]
    assert undecided
    assert all(row["pairs_to_decide"] > 12 for row in undecided)
    out = report("compare", *sides).out
    assert re.search(r"About \d+ pairs would decide", out)


def test_too_few_is_no_estimate(tmp_path: Path, report: Report) -> None:
    out = report("compare", *make_sides(tmp_path, order="ABBA")).out
    assert "4 rows have too few pairs: a verdict needs some ten" in out
    assert "would decide" not in out


def test_looks_are_told_and_the_interval_that_is_shown_is_the_one_that_judges(tmp_path: Path, report: Report) -> None:
    """With a hundred looks each judges by an interval so wide that what one look decides is open."""
    sides = make_sides(tmp_path, {ROW: 1.05}, process=0.018)
    once = next(row for row in as_json(report, *sides)["rows"] if row["name"] == ROW)
    content = as_json(report, *sides, "--looks", "100")
    row = next(row for row in content["rows"] if row["name"] == ROW)
    assert (once["verdict"], row["verdict"]) == ("slower", "small change")
    assert once["ratio"]["value"] == row["ratio"]["value"]
    assert row["ratio"]["low"] < 1 + content["settings"]["margin"] < once["ratio"]["low"]
    for form in ("terminal", "md"):
        out = report("compare", *sides, "--looks", "100", "--format", form).out.replace("\\", "")
        assert "100 looks at the verdicts were planned, and share an error of 5%" in out
        assert "change with its 99.95% interval" in out
    assert "looks" not in report("compare", *sides).out


# ---- states ---------------------------------------------------------------------------------------------------------

T2 = "adamw/f32/avx2/L2/t2"


def test_on_several_threads_only_rounds_of_one_state_are_compared(tmp_path: Path, report: Report) -> None:
    """Half of the head's rounds ran on one core, where everything takes twice as long. The others count alone."""

    def moved(result: dict[str, Any], letter: str, number: int) -> None:
        if letter == "B":
            result.update(small_result(threads=(1, 2), shared=4, seed=100 + number, started=result["started"]))

    sides = make_sides(tmp_path, threads=(1, 2), change=moved)
    rows = {row["name"]: row for row in as_json(report, *sides)["rows"]}
    assert (rows[T2]["state"], rows[T2]["verdict"], rows[T2]["pairs"]) == ("2 cores", "same", 12)
    assert rows[ROW]["state"] is None
    assert re.search(r"avx2 L2 t2 \(2 cores\) .* same +12", report("compare", *sides).out)
    assert f"| `{T2} (2 cores)` |" in report("compare", *sides, "--format", "md").out
    page = tmp_path / "page.html"
    assert report("compare", *sides, "--format", "html", "-o", page).code == 0
    assert f"{T2} (2 cores)" in page.read_text(encoding="utf-8")


def test_sides_that_never_ran_alike_are_not_compared(tmp_path: Path, report: Report) -> None:
    def moved(result: dict[str, Any], letter: str, number: int) -> None:
        if letter == "B":
            result.update(small_result(threads=(1, 2), shared=8, seed=100 + number, started=result["started"]))

    content = as_json(report, *make_sides(tmp_path, threads=(1, 2), change=moved))
    why = {one["name"]: one["why"] for one in content["not_compared"]}
    assert why[T2] == "its threads ran on 2 cores in the base and on 1 core in the head"
    assert T2 not in verdicts(content)
    assert verdicts(content)[ROW] == "same"


def test_a_process_with_few_rounds_in_the_state_is_counted_beside_the_others(tmp_path: Path, report: Report) -> None:
    def moved(result: dict[str, Any], letter: str, number: int) -> None:
        if letter == "B" and number == 4:
            result.update(small_result(threads=(2,), shared=6, started=result["started"]))

    sides = make_sides(tmp_path, change=moved, threads=(2,))
    for form in ("terminal", "md"):
        assert "11 (1 left out)" in report("compare", *sides, "--format", form).out
    assert "11 pairs, 1 left out" in report("compare", *sides, "--format", "junit").out


def test_the_profile_compare_says_what_it_leaves_aside(tmp_path: Path, report: Report) -> None:
    def compare_profile(result: dict[str, Any], letter: str, number: int) -> None:
        result["settings"]["profile"] = "compare"

    sides = make_sides(tmp_path, order="ABBA", change=compare_profile, levels=("L2", "DRAM"))
    sentence = "L2 and DRAM on 1 thread, in DRAM only the implementation that a caller gets who names none; nothing is"
    for form in ("terminal", "md"):
        assert sentence in report("compare", *sides, "--format", form).out
    assert sentence in report("gate", *sides).out
    assert "who names none" not in report("compare", *make_sides(tmp_path / "other", order="ABBA")).out


def test_a_margin_decides_what_counts(tmp_path: Path, report: Report) -> None:
    sides = make_sides(tmp_path, {ROW: 1.10})
    assert verdicts(as_json(report, *sides, "--margin", "20"))[ROW] == "same"


def test_the_looks_reach_the_statistics(tmp_path: Path, report: Report) -> None:
    content = as_json(report, *make_sides(tmp_path), "--looks", "6")
    assert content["settings"] == {"margin": 0.03, "alpha": 0.05, "looks": 6}


def test_one_file_of_a_side_has_no_verdict_and_is_told_how_to_get_one(tmp_path: Path, report: Report) -> None:
    base, head = make_sides(tmp_path, {ROW: 1.5}, order="AB")
    content = as_json(report, f"{base}/00.json", f"{head}/00.json")
    assert set(verdicts(content).values()) == {"too few"}
    out = report("compare", f"{base}/00.json", f"{head}/00.json").out
    assert "scripts/compare --base REV --head REV" in out
    assert re.search(r"avx2 L2 t1 .*\+(4[5-9]|5[0-5])% +– +too few", out)


def test_two_processes_of_a_side_are_too_few(tmp_path: Path, report: Report) -> None:
    assert set(verdicts(as_json(report, *make_sides(tmp_path, {ROW: 2.0}, order="ABBA"))).values()) == {"too few"}


# ---- pairs ----------------------------------------------------------------------------------------------------------


def test_sides_one_after_the_other_are_not_paired(tmp_path: Path, report: Report) -> None:
    sides = make_sides(tmp_path, order=AABB)
    content = as_json(report, *sides)
    assert not content["paired"]
    assert "did not take turns" in content["why_not_paired"]
    assert "cannot be told from a change" in report("compare", *sides).out


def test_drift_that_hits_both_alike_cancels_only_in_pairs(tmp_path: Path, report: Report) -> None:
    """The machine loses half of its speed during the campaign."""

    def drift(result: dict[str, Any], letter: str, number: int) -> None:
        factor = 1 + 0.5 * number / 12
        for row in result["rows"]:
            synthetic.scaled(row, factor)

    content = as_json(report, *make_sides(tmp_path, change=drift))
    assert set(verdicts(content).values()) == {"same"}


@pytest.mark.parametrize(
    ("order", "paired"),
    [("ABAB", True), ("ABBA", True), ("BAABABBA", True), ("ABBAA", True), ("AABB", False), ("ABBBAA", False)],
)
def test_what_turns_are(tmp_path: Path, report: Report, order: str, paired: bool) -> None:
    assert as_json(report, *make_sides(tmp_path, order=order))["paired"] is paired


def test_processes_at_the_same_time_are_no_pairs(tmp_path: Path, report: Report) -> None:
    def longer(result: dict[str, Any], letter: str, number: int) -> None:
        result["finished"] = "2026-05-04T12:00:00Z"

    assert "same time" in as_json(report, *make_sides(tmp_path, order="ABBA", change=longer))["why_not_paired"]


def test_two_machines_are_no_pairs(tmp_path: Path, report: Report) -> None:
    def elsewhere(result: dict[str, Any], letter: str, number: int) -> None:
        result["machine"]["host"] = letter

    content = as_json(report, *make_sides(tmp_path, change=elsewhere))
    assert "more than one machine" in content["why_not_paired"]


def test_a_row_that_one_process_lacks_loses_that_pair_alone(tmp_path: Path, report: Report) -> None:
    def without(result: dict[str, Any], letter: str, number: int) -> None:
        if letter == "A" and number == 3:
            result["rows"] = [row for row in result["rows"] if row["name"] != ROW]

    pairs = {row["name"]: row["pairs"] for row in as_json(report, *make_sides(tmp_path, change=without))["rows"]}
    assert pairs.pop(ROW) == 11
    assert set(pairs.values()) == {12}


# ---- circumstances --------------------------------------------------------------------------------------------------


def test_what_differs_comes_first_and_what_is_alike_in_one_line(tmp_path: Path, report: Report) -> None:
    def other(result: dict[str, Any], letter: str, number: int) -> None:
        if letter == "B":
            result["build"]["compiler"] = "clang"
            result["build"]["kernel_flags"] = "-O2"
            result["machine"]["processor"]["microcode"] = "0x2b"
            result["settings"]["placement"] = "aligned"
            result["environment"]["items"]["governor"].update(state="warned", value="powersave")
            result["settings"]["test_delay_percent"] = 5.0

    sides = make_sides(tmp_path, change=other)
    content = as_json(report, *sides)
    differ = {one["label"] for one in content["circumstances"] if not one["same"]}
    assert differ == {
        "revision",
        "compiler",
        "flags of the kernels",
        "microcode",
        "placement",
        "frequency governor",
        "test delay",
    }
    out = report("compare", *sides).out
    assert out.index("What differs") < out.index("adamw/f32")
    assert "Alike on both sides: host ada" in out
    assert "lengthened on purpose, by 5%" in out


def test_a_load_of_the_moment_is_no_difference(tmp_path: Path, report: Report) -> None:
    def load(result: dict[str, Any], letter: str, number: int) -> None:
        result["environment"]["items"]["load"]["value"] = f"{letter}{number}"

    content = as_json(report, *make_sides(tmp_path, change=load))
    assert [one["label"] for one in content["circumstances"] if not one["same"]] == ["revision"]
    assert not any("no single thing" in warning for warning in content["warnings"])


def test_a_side_of_several_revisions_is_warned_of(tmp_path: Path, report: Report) -> None:
    def mixed(result: dict[str, Any], letter: str, number: int) -> None:
        result["build"]["revision"] = f"r{number % 2}"

    assert "The base is no single thing: revision r0, r1" in report("compare", *make_sides(tmp_path, change=mixed)).out


def test_a_partial_run_is_warned_of(tmp_path: Path, report: Report) -> None:
    def cut(result: dict[str, Any], letter: str, number: int) -> None:
        result["partial"] = letter == "B" and number == 2

    said = report("compare", *make_sides(tmp_path, change=cut))
    assert said.code == 0
    assert "1 of 12 files of the head is of an interrupted run" in said.out


def test_warnings_of_the_runs_are_said_once(tmp_path: Path, report: Report) -> None:
    assert report("compare", *make_sides(tmp_path)).out.count("This is a virtual machine (both sides)") == 1


# ---- rows without a partner -----------------------------------------------------------------------------------------


def test_other_working_sets_are_not_compared(tmp_path: Path, report: Report) -> None:
    sides = make_sides(tmp_path, change=of_rows(twice_the_work, name=ROW))
    content = as_json(report, *sides)
    assert ROW not in verdicts(content)
    assert [one["name"] for one in content["not_compared"]] == [ROW]
    assert "1 MiB in the base and 2 MiB in the head" in report("compare", *sides).out


def test_a_page_more_or_less_is_the_same_work(tmp_path: Path, report: Report) -> None:
    def a_page(row: dict[str, Any]) -> None:
        row["working_set_bytes"] += 4096

    assert as_json(report, *make_sides(tmp_path, change=of_rows(a_page)))["not_compared"] == []


def test_rows_of_one_side_are_listed(tmp_path: Path, report: Report) -> None:
    def renamed(row: dict[str, Any]) -> None:
        row.update({member: row[member].replace("sgd", "lion") for member in ("op", "name")})

    sides = make_sides(tmp_path, change=of_rows(renamed))
    content = as_json(report, *sides)
    assert content["only_base"] == ["sgd/f32/avx2/L2/t1", "sgd/f32/avx512/L2/t1"]
    assert content["only_head"] == ["lion/f32/avx2/L2/t1", "lion/f32/avx512/L2/t1"]
    out = report("compare", *sides).out
    assert "Only in the base: sgd/f32/avx2/L2/t1" in out
    assert "Only in the head: lion/f32/avx2/L2/t1" in out


def test_a_row_that_failed_its_proof_is_not_compared(tmp_path: Path, report: Report) -> None:
    content = as_json(report, *make_sides(tmp_path, change=of_rows(fail_proof, name=ROW)))
    assert content["broken"] == [ROW]
    assert "failed its proof in the head" in content["not_compared"][0]["why"]


def test_a_row_that_is_not_believable_is_not_compared(tmp_path: Path, report: Report) -> None:
    def above(result: dict[str, Any], letter: str, number: int) -> None:
        if letter == "B":
            synthetic.at_percent(result, 180.0, ROW)

    content = as_json(report, *make_sides(tmp_path, {ROW: 0.5}, change=above))
    assert ROW not in verdicts(content)
    why = "its time in the head is not believable: above 150% of attainable (scripts/limits)"
    assert content["not_compared"] == [{"name": ROW, "why": why}]


@pytest.mark.parametrize("form", ["md", "json", "html"])
def test_files_of_both_models_are_compared_by_their_times_alone(tmp_path: Path, report: Report, form: str) -> None:
    """The old one has 237%, and warns of it."""
    new = synthetic.make_result(impls=("scalar", "avx2"), levels=("L2", "DRAM"), threads=(1,), sweep=False, samples=3)
    head = synthetic.write(tmp_path / "head.json", synthetic.at_percent(new, 96.5, ROW))
    made = tmp_path / "made"
    assert report("compare", synthetic.FIRST_RESULT, head, "--all", "--format", form, "-o", made).code == 0
    text = made.read_text(encoding="utf-8")
    assert ROW in text
    base = json.loads(synthetic.FIRST_RESULT.read_text(encoding="utf-8"))
    samples = next(row["ns_per_element"]["samples"] for row in base["rows"] if row["name"] == ROW)
    assert len(samples) == 3  # as many rounds, of which the lower quartile is the shortest
    assert f"{min(samples):.3g}" in text
    for never in ("attainable", "quieter", *(("237", "96.5", "97%") if form != "html" else ())):
        assert never not in text


# ---- forms ----------------------------------------------------------------------------------------------------------


def test_the_table_has_a_tilde_where_nothing_was_seen(tmp_path: Path, report: Report) -> None:
    out = report("compare", *make_sides(tmp_path, {ROW: 1.10})).out
    assert re.search(r"avx\d+ L2 t1 .* ~ +[−\d.]+% to \+[\d.]+% +same", out)
    assert re.search(r"avx2 L2 t1 .*ns ±.*ns ±.*\+\d+(\.\d)?% .*\+.* to \+.*slower", out)
    assert "4 rows: 1 slower, 3 same" in out
    assert re.search(r"· Slower: adamw/f32/avx2/L2/t1 \+", out)
    assert "\x1b" not in out


def test_many_rows_hide_those_where_nothing_was_seen(tmp_path: Path, report: Report) -> None:
    wide: dict[str, Any] = {
        "levels": ("L1", "L2", "L3", "DRAM"),
        "impls": ("scalar", "autovec", "avx2", "avx512"),
        "threads": (1, 2),
    }
    sides = make_sides(tmp_path, {ROW: 1.10}, **wide)
    out = report("compare", *sides).out
    hidden = re.search(r"(\d+) rows in which nothing was seen .*; --all shows them", out)
    assert hidden
    table = [line for line in out.splitlines() if re.match(r"  \w+ (L1|L2|L3|DRAM) t\d ", line)]
    assert len(table) == 64 - int(hidden[1])
    assert any("avx2 L2 t1" in line for line in table)
    everything = report("compare", *sides, "--all").out
    assert len([line for line in everything.splitlines() if re.match(r"  \w+ (L1|L2|L3|DRAM) t\d ", line)]) == 64


def test_markdown_has_the_answer_first(tmp_path: Path, report: Report) -> None:
    out = report("compare", *make_sides(tmp_path, {ROW: 1.10}), "--format", "md").out
    assert re.match(
        r"# gradmark: .*\n\n.*\n\n- \*\*Slower.\*\* adamw/f32/avx2/L2/t1 .*\n- \*\*Counted.\*\* 4 rows: 1 ", out
    )
    assert "| `adamw/f32/avx2/L2/t1` |" in out
    assert "**slower**" in out


def test_junit_fails_what_is_slower_and_skips_what_is_undecided(tmp_path: Path, report: Report) -> None:
    def cases(*arguments: str) -> list[ET.Element]:
        said = report("compare", *arguments, "--format", "junit")
        return list(ET.fromstring(said.out).iter("testcase"))

    slow = cases(*make_sides(tmp_path / "slow", {ROW: 1.10}))
    assert [case.get("name") for case in slow if case.find("failure") is not None] == [ROW]
    assert len(slow) == 4
    few = cases(*make_sides(tmp_path / "few", order="ABBA"))
    assert all(case.find("skipped") is not None for case in few)
    assert "too few" in str(few[0].find("skipped").get("message"))  # type: ignore[union-attr]


def test_a_page_has_both_plots_and_the_answer(tmp_path: Path, report: Report) -> None:
    sides = make_sides(tmp_path, {ROW: 1.10}, order=ABBA, sweep=True, impls=("avx2",))
    page = tmp_path / "page.html"
    said = report("compare", *sides, "--format", "html", "-o", page)
    assert said.code == 0, said.err
    text = page.read_text(encoding="utf-8")
    for part in ("Slower", ROW, "What differs", "Change of every row", "Both sides against the working set"):
        assert part in text


def test_a_page_without_a_sweep_has_both_times_of_every_row(tmp_path: Path, report: Report) -> None:
    page = tmp_path / "page.html"
    assert report("compare", *make_sides(tmp_path, {ROW: 1.10}), "--format", "html", "-o", page).code == 0
    text = page.read_text(encoding="utf-8")
    assert "Both sides, row by row" in text
    assert "the intervals of base and head leave each other out in 1." in text
    assert "Both sides against the working set" not in text


def title(page: Path) -> str:
    found = re.search("<title>(.*?)</title>", page.read_text(encoding="utf-8"))
    assert found
    return found[1]


def test_a_page_is_titled_with_what_differs(tmp_path: Path, report: Report) -> None:
    def machines(result: dict[str, Any], letter: str, number: int) -> None:
        result["build"]["revision"] = "cccccccccccc"
        if letter == "B":
            result["machine"]["host"] = "bob"
            result["machine"]["processor"]["name"] = "Other 9"

    def compiler(result: dict[str, Any], letter: str, number: int) -> None:
        result["build"]["revision"] = "cccccccccccc"
        result["build"]["compiler"] = {"A": "gcc", "B": "clang"}[letter]

    def nothing(result: dict[str, Any], letter: str, number: int) -> None:
        result["build"]["revision"] = "cccccccccccc"

    titles = {}
    for name, change in (("machines", machines), ("compiler", compiler), ("nothing", nothing), ("revisions", None)):
        page = tmp_path / f"{name}.html"
        sides = make_sides(tmp_path / name, order="ABBA", change=change)
        assert report("compare", *sides, "--format", "html", "-o", page).code == 0
        titles[name] = title(page)
    assert titles["machines"] == "gradmark: host ada against bob"
    assert titles["compiler"].startswith("gradmark: compiler gcc ")
    assert " against clang " in titles["compiler"]
    assert titles["nothing"] == "gradmark: revision cccccccccccc against itself"
    assert titles["revisions"] == "gradmark: aaaaaaaaaaaa against bbbbbbbbbbbb"
    assert "Example(R) Processor 4000, ada against Other 9, bob" in (tmp_path / "machines.html").read_text()


def test_a_page_needs_a_file(tmp_path: Path, report: Report) -> None:
    said = report("compare", *make_sides(tmp_path, order="AB"), "--format", "html")
    assert said.code == 2
    assert "-o FILE" in said.err


@pytest.mark.parametrize("form", ["terminal", "md", "json", "junit", "html"])
def test_every_form_goes_into_a_file_and_over_none_unasked(tmp_path: Path, report: Report, form: str) -> None:
    sides = make_sides(tmp_path, order="ABBA")
    file = tmp_path / "out"
    assert report("compare", *sides, "--format", form, "-o", file).code == 0
    before = file.read_bytes()
    assert before
    refused = report("compare", *sides, "--format", form, "-o", file)
    assert refused.code == 2
    assert "--force overwrites it" in refused.err
    assert report("compare", *sides, "--format", form, "-o", file, "--force").code == 0


# ---- wrong input ----------------------------------------------------------------------------------------------------


def test_what_is_wrong_with_the_words(tmp_path: Path, report: Report) -> None:
    base, head = make_sides(tmp_path, order="ABBA")
    for arguments, sentence in (
        ((base,), "one path is one side"),
        ((base, head, base), "must say where the other side begins"),
        ((base, "vs", head, "vs", base), "stands here 2 times"),
        (("vs", head), "before the word vs"),
        ((base, "vs"), "after the word vs"),
        ((base, str(tmp_path / "none")), "there is no such file"),
        ((base, str(tmp_path)), "no result file (*.json) in this folder"),
        ((f"{base}/00.json", base, "vs", head), "stands twice on the base side"),
        ((base, head, "--filter", "("), "no regular expression"),
        ((base, head, "--filter", "nothing like this"), "matches no row"),
        ((base, head, "--margin", "0"), "no margin"),
        ((base, head, "--margin", "nan"), "no margin"),
        ((base, head, "--margin", "x"), "no number of percent"),
        ((base, head, "--looks", "0"), "no number of looks"),
        ((base, head, "-o", str(tmp_path / "no" / "where")), "there is no folder"),
    ):
        said = report("compare", *arguments)
        assert said.code == 2, arguments
        assert sentence in said.err, arguments
        assert said.err.count("\n") == 1


def test_a_copied_file_is_one_process(tmp_path: Path, report: Report) -> None:
    base, head = make_sides(tmp_path, order="ABBA")
    (Path(base) / "copy.json").write_bytes((Path(base) / "00.json").read_bytes())
    said = report("compare", base, head)
    assert said.code == 2
    assert "hold the same process" in said.err


def test_a_process_on_both_sides_is_warned_of(tmp_path: Path, report: Report) -> None:
    base, _ = make_sides(tmp_path, order="ABBA")
    assert "One process is on both sides" in report("compare", base, base).out


def test_files_and_folders_mix(tmp_path: Path, report: Report) -> None:
    base, head = make_sides(tmp_path, order="ABBA")
    said = report("compare", f"{base}/00.json", f"{base}/01.json", "vs", head)
    assert said.code == 0
    assert "base  2 processes" in said.out


def test_broken_json_among_many_is_named(tmp_path: Path, report: Report) -> None:
    base, head = make_sides(tmp_path, order="ABBA")
    (Path(head) / "07.json").write_text("{", encoding="utf-8")
    said = report("compare", base, head)
    assert said.code == 2
    assert "07.json" in said.err


def test_nothing_in_common_is_not_comparable(tmp_path: Path, report: Report) -> None:
    write(tmp_path / "a.json", small_result(ops=("sgd",)))
    other = small_result(ops=("adamw",))
    other["machine"]["processor"]["architecture"] = "aarch64"
    write(tmp_path / "b.json", other)
    said = report("compare", tmp_path / "a.json", tmp_path / "b.json")
    assert said.code == 4
    assert "no row in common" in said.err
    assert "base is x86_64, head is aarch64" in said.err


def test_common_names_of_other_work_are_not_comparable(tmp_path: Path, report: Report) -> None:
    said = report("compare", *make_sides(tmp_path, order="ABBA", change=of_rows(twice_the_work)))
    assert said.code == 4
    assert "other work" in said.err


def test_one_sample_of_a_process_is_no_crash(tmp_path: Path, report: Report) -> None:
    for form in ("terminal", "md", "json", "junit"):
        assert report("compare", *make_sides(tmp_path / form, samples=1), "--format", form).code == 0
        assert report("compare", *make_sides(tmp_path / f"{form}1", samples=1, order="AB"), "--format", form).code == 0


HOSTILE = "<img src=x onerror=alert(1)>|`x`\x1b[31mred\x00\ufffe\u202e[bold]b[/bold]$" + "{1}"


def test_hostile_names_are_harmless_in_every_form(tmp_path: Path, report: Report) -> None:
    def hostile(result: dict[str, Any], letter: str, number: int) -> None:
        result["machine"]["host"] = HOSTILE
        result["build"]["revision"] = HOSTILE + letter
        result["machine"]["processor"]["name"] = HOSTILE
        result["environment"]["items"]["governor"].update(label=HOSTILE, state="warned", value=HOSTILE + letter)
        result["warnings"][0]["what"] = HOSTILE
        for row in result["rows"]:
            row["impl"] = row["impl"] + HOSTILE.replace("/", "")
            row["name"] = f"{row['op']}/{row['dtype']}/{row['impl']}/L2/t1"

    sides = make_sides(tmp_path, {}, order="ABBA", change=hostile)
    for form in ("terminal", "md", "json", "junit", "html"):
        file = tmp_path / form
        said = report("compare", *sides, "--format", form, "-o", file)
        assert said.code == 0, (form, said.err)
        text = file.read_text(encoding="utf-8")
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e\ufffe]", text), form
        if form == "terminal":
            assert "[bold]b[bold]" in text
        if form in ("md", "html", "junit"):
            assert not re.search(r"(?<!\\)<img src=x", text), form
        if form == "junit":
            assert len(list(ET.fromstring(text).iter("testcase"))) == 4
        if form == "md":
            tables = [line for line in text.splitlines() if line.startswith("|") and "ns" in line]
            assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} == {8}
    assert report("gate", *sides).code == 0


def test_the_order_of_the_files_does_not_matter(tmp_path: Path, report: Report) -> None:
    base, head = make_sides(tmp_path, {ROW: 1.10}, order="ABBABAAB" * 2)
    names = sorted(Path(base).iterdir())
    forward = as_json(report, *map(str, names), "vs", head)
    backward = as_json(report, *map(str, reversed(names)), "vs", head)
    assert forward["rows"] == backward["rows"]
