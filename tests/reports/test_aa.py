"""gradmark-report aa, on trials whose truth is known."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradmark_report.comparison.schedule import blocks
from gradmark_report.comparison.trial import ARMS, read
from gradmark_report.statistics import Settings, Verdict
from synthetic import scaled, write
from two_sides import Change, Report, fail_proof, moment, report, small_result

__all__ = ["report"]


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
                scaled(row, 1 + ARMS[arm] / 100)
            if change:
                change(result, arm, done[arm])
            (folder / arm).mkdir(parents=True, exist_ok=True)
            write(folder / arm / f"{done[arm]:04}.json", result)
            done[arm] += 1
    raise AssertionError


def test_no_false_alarms_and_large_slowdowns_found(tmp_path: Path, report: Report) -> None:
    trial = make_trial(tmp_path, 20)
    said = report("aa", trial, "--pairs", "10")
    assert said.code == 0, said.err
    assert "of 8 rows that did not change, 0 were called slower or faster (0 to 32%)" in said.out
    assert "of 2 whole comparisons, 0 had such a row (0 to 66%)" in said.out
    assert "must not be called slower" in said.out
    made = read([trial], Settings(), pairs=10)
    found = {one.delay: one for one in made.outcomes}
    assert found[10].verdicts == {Verdict.SLOWER: 8}
    assert float(np.median(found[10].changes)) == pytest.approx(10, abs=1)
    assert float(np.median(found[5].changes)) == pytest.approx(5, abs=1)
    assert not found[1].verdicts[Verdict.SLOWER]
    assert made.equal.judged == 8


def test_several_trials_count_together(tmp_path: Path, report: Report) -> None:
    trials = [make_trial(tmp_path / name, 10) for name in "ab"]
    assert "of 2 whole comparisons" in report("aa", *trials).out


def test_what_is_left_over_is_no_comparison(tmp_path: Path, report: Report) -> None:
    trial = make_trial(tmp_path, 18)
    assert "of 1 whole comparison," in report("aa", trial).out
    assert "of 1 whole comparison," in report("aa", trial, "--pairs", "10").out
    assert "of 2 whole comparisons" in report("aa", trial, "--pairs", "8").out


def test_markdown_is_a_table_for_a_readme(tmp_path: Path, report: Report) -> None:
    out = report("aa", make_trial(tmp_path), "--format", "md").out
    assert "| slowed by |" in out
    assert "| 10% |" in out


def test_what_is_no_trial(tmp_path: Path, report: Report) -> None:
    trial = make_trial(tmp_path / "trial", 2)
    assert "this is no folder" in report("aa", tmp_path / "none").err
    assert "has 0" in report("aa", tmp_path).err
    lonely = tmp_path / "lonely"
    (lonely / "same-a").mkdir(parents=True)
    write(lonely / "same-a" / "1.json", small_result())
    assert "has 1" in report("aa", lonely).err
    (trial / "same-a" / "0000.json").write_bytes((trial / "slow05" / "0000.json").read_bytes())
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
        if where == "in two folders" or arm == "same-b":
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
    said = report("aa", make_trial(tmp_path, 4))
    assert said.code == 2
    assert "has 4 processes" in said.err
    assert "of 6 pairs at the least" in said.err
    assert report("aa", make_trial(tmp_path / "more", 6)).code == 0
    assert "--pairs 5 is too small" in report("aa", tmp_path / "more", "--pairs", "5").err


def test_what_cannot_alarm_is_in_no_rate(tmp_path: Path, report: Report) -> None:
    """One row of four has two rounds in most processes."""

    def short(result: dict[str, Any], arm: str, number: int) -> None:
        if number > 4:
            time = result["rows"][0]["ns_per_element"]
            time["rounds"] = [{"samples": len(time["samples"]) // 2, "state": None}] * 2

    trial = make_trial(tmp_path, change=short)
    said = report("aa", trial)
    assert said.code == 0, said.err
    assert "of 3 rows that did not change, 0 were" in said.out
    slow = read([trial], Settings()).outcomes[-1]
    assert (slow.judged, slow.verdicts[Verdict.TOO_FEW]) == (3, 1)
    assert slow.share(Verdict.SLOWER)[1].value == 1


def test_where_all_rows_fail_there_is_no_rate(tmp_path: Path, report: Report) -> None:
    def fail(result: dict[str, Any], arm: str, number: int) -> None:
        for row in result["rows"]:
            if arm != "same-a":
                fail_proof(row)

    said = report("aa", make_trial(tmp_path, 6, change=fail))
    assert said.code == 2
    assert "no row of equal builds has a verdict" in said.err


def test_the_looks_are_those_of_a_campaign_of_so_many_pairs(tmp_path: Path, report: Report) -> None:
    trial = make_trial(tmp_path, 14)
    assert "at the last of its 2 looks." in report("aa", trial).out
    assert "at the last of its 1 look." in report("aa", trial, "--pairs", "10").out
