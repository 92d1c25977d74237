"""gradmark-report aa, on trials whose truth is known."""

import json
from pathlib import Path
from typing import Any

import pytest
from gradmark_report.comparison.noise_file import validator
from gradmark_report.comparison.schedule import blocks
from gradmark_report.comparison.trial import DELAYS, EQUAL, folder_of
from synthetic import write
from test_compare import fail_proof
from two_sides import Change, Report, moment, report, small_result

__all__ = ["report"]
ARMS = {**dict.fromkeys(EQUAL, 0), **{folder_of(delay): delay for delay in DELAYS}}


def make_trial(folder: Path, pairs: int = 10, *, change: Change | None = None, **keywords: Any) -> Path:
    """All arms by turns, as scripts/compare --self runs them."""
    wanted = {"process": 0.006, **keywords}
    done = dict.fromkeys(ARMS, 0)
    place = 0
    for block in blocks(list(ARMS), seed=1):
        if min(done.values()) >= pairs:
            return folder
        for arm in block:
            place += 1
            result = small_result(seed=place, started=moment(20 * place), **wanted)
            result["settings"]["test_delay_percent"] = float(ARMS[arm])
            for row in result["rows"]:
                time = row["ns_per_element"]
                for member in ("median", "low", "high"):
                    time[member] *= 1 + ARMS[arm] / 100
                time["samples"] = [sample * (1 + ARMS[arm] / 100) for sample in time["samples"]]
            if change:
                change(result, arm, done[arm])
            (folder / arm).mkdir(parents=True, exist_ok=True)
            write(folder / arm / f"{done[arm]:04}.json", result)
            done[arm] += 1
    raise AssertionError


def test_no_false_alarms_and_large_slowdowns_found(tmp_path: Path, report: Report) -> None:
    noise = tmp_path / "noise.json"
    said = report("aa", make_trial(tmp_path / "trial", 20), "-o", noise)
    assert said.code == 0, said.err
    assert "of 8 rows that did not change, 0 were called slower or faster" in said.out
    assert "of 2 whole comparisons, 0 had such a row (0 to 66%)" in said.out
    assert "must not be called slower" in said.out
    content = json.loads(noise.read_text(encoding="utf-8"))
    validator().validate(content)
    assert content["false_alarms"]["rows"] == {
        "hits": 0,
        "of": 8,
        "low": 0,
        "high": pytest.approx(0.324, abs=0.01),
    }
    found = {one["delay_percent"]: one for one in content["slowdowns"]}
    assert found[10]["verdicts"]["slower"]["hits"] == 8
    assert found[10]["median_change_percent"] == pytest.approx(10, abs=1)
    assert found[5]["median_change_percent"] == pytest.approx(5, abs=1)
    assert "slower" not in found[1]["verdicts"]
    assert 0 < content["overall"] < 0.01
    assert set(content["rows"]) == {f"{op}/f32/{impl}/L2/t1" for op in ("adamw", "sgd") for impl in ("avx2", "avx512")}


def test_several_trials_count_together(tmp_path: Path, report: Report) -> None:
    trials = [make_trial(tmp_path / name, 10) for name in "ab"]
    assert "of 2 whole comparisons" in report("aa", *trials).out


def test_what_is_left_over_is_no_comparison(tmp_path: Path, report: Report) -> None:
    trial = make_trial(tmp_path, 18)
    assert "of 1 whole comparison," in report("aa", trial).out
    assert "of 2 whole comparisons" in report("aa", trial, "--pairs", "8").out


def test_markdown_is_a_table_for_a_readme(tmp_path: Path, report: Report) -> None:
    out = report("aa", make_trial(tmp_path), "--format", "md").out
    assert "| slowed by |" in out
    assert "| 10% |" in out


def test_its_noise_file_is_taken_by_compare(tmp_path: Path, report: Report) -> None:
    trial = make_trial(tmp_path / "trial")
    noise = tmp_path / "noise.json"
    assert report("aa", trial, "-o", noise).code == 0
    said = report("compare", trial / EQUAL[0], trial / EQUAL[1], "--noise", noise)
    assert said.code == 0, said.err
    assert report("aa", trial, "-o", noise).code == 2  # never over a file


def test_what_is_no_trial(tmp_path: Path, report: Report) -> None:
    trial = make_trial(tmp_path / "trial", 2)
    assert "this is no folder" in report("aa", tmp_path / "none").err
    assert "has 0" in report("aa", tmp_path).err
    lonely = tmp_path / "lonely"
    (lonely / EQUAL[0]).mkdir(parents=True)
    write(lonely / EQUAL[0] / "1.json", small_result())
    assert "has 1" in report("aa", lonely).err
    (trial / EQUAL[0] / "0000.json").write_bytes((trial / folder_of(5) / "0000.json").read_bytes())
    said = report("aa", trial)
    assert said.code == 2
    assert "do not have the same test delay" in said.err


@pytest.mark.parametrize("where", ["in one folder", "in two folders"])
@pytest.mark.parametrize(
    ("what", "place", "member"),
    [
        ("revisions", "build", "revision"),
        ("hosts", "machine", "host"),
        ("processors", "machine", "processor"),
    ],
)
def test_a_trial_of_two_things_is_none(
    tmp_path: Path, report: Report, what: str, place: str, member: str, where: str
) -> None:
    def other(result: dict[str, Any], arm: str, number: int) -> None:
        if where == "in two folders" or arm == EQUAL[1]:
            held = result[place]
            if member == "processor":
                held, name = held["processor"], "name"
            else:
                name = member
            held[name] = "another"

    trials = [make_trial(tmp_path / "b", 1, change=other)]
    if where == "in two folders":
        trials.append(make_trial(tmp_path / "a", 1))
    said = report("aa", *trials)
    assert said.code == 2
    assert f"of different {what}" in said.err
    assert "another" in said.err


def test_too_few_pairs_have_no_rates(tmp_path: Path, report: Report) -> None:
    trial = make_trial(tmp_path, 4)
    said = report("aa", trial)
    assert said.code == 2
    assert "has 4 processes" in said.err
    assert "of 6 at the least" in said.err
    assert report("aa", make_trial(tmp_path / "more", 6)).code == 0
    assert "--pairs 5 is too small" in report("aa", tmp_path / "more", "--pairs", "5").err


def test_what_cannot_alarm_is_in_no_rate(tmp_path: Path, report: Report) -> None:
    """One row of four never settles."""

    def drift(result: dict[str, Any], arm: str, number: int) -> None:
        times = result["rows"][0]["ns_per_element"]
        count = len(times["samples"])
        times["samples"] = [times["median"] * (1 + place / count) for place in range(count)]
        times.update(low=times["samples"][0], high=times["samples"][-1])

    noise = tmp_path / "noise.json"
    said = report("aa", make_trial(tmp_path / "trial", change=drift), "-o", noise)
    assert said.code == 0, said.err
    assert "of 3 rows that did not change, 0 were" in said.out
    content = json.loads(noise.read_text(encoding="utf-8"))
    assert content["false_alarms"]["rows"]["of"] == 3
    slow = content["slowdowns"][-1]["verdicts"]
    assert (slow["slower"]["of"], slow["unstable"]["of"]) == (3, 4)


def test_where_all_rows_fail_there_is_no_rate(tmp_path: Path, report: Report) -> None:
    def fail(result: dict[str, Any], arm: str, number: int) -> None:
        for row in result["rows"]:
            if arm != EQUAL[0]:
                fail_proof(row)

    said = report("aa", make_trial(tmp_path, 6, change=fail))
    assert said.code == 2
    assert "no row of equal builds has a verdict" in said.err


def test_the_looks_are_those_of_a_campaign_of_so_many_pairs(tmp_path: Path, report: Report) -> None:
    trial = make_trial(tmp_path, 14)
    assert "at the last of its 1 look." in report("aa", trial).out
    assert "at the last of its 2 looks." in report("aa", trial, "--pairs", "14").out
