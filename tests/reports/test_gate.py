"""gradmark-report gate: its exit codes, and what it says."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from synthetic import scaled, write
from two_sides import ROW, Change, Report, fail_proof, make_sides, of_rows, report, small_result

__all__ = ["report"]


def test_equal_sides_pass(tmp_path: Path, report: Report) -> None:
    said = report("gate", *make_sides(tmp_path))
    assert said.code == 0
    assert "PASS: no row is slower" in said.out


def test_what_is_faster_passes(tmp_path: Path, report: Report) -> None:
    said = report("gate", *make_sides(tmp_path, {ROW: 0.8}), "--strict")
    assert said.code == 0
    assert "1 faster" in said.out


def test_what_is_slower_is_a_regression(tmp_path: Path, report: Report) -> None:
    said = report("gate", *make_sides(tmp_path, {ROW: 1.10}))
    assert said.code == 1
    assert f"REGRESSION: 1 row slower, most of all {ROW} +" in said.out


def test_a_slowdown_within_the_margin_passes(tmp_path: Path, report: Report) -> None:
    assert report("gate", *make_sides(tmp_path, {ROW: 1.10}), "--margin", "15", "--strict").code == 0


def test_a_proof_that_fails_in_the_head_alone_is_a_regression(tmp_path: Path, report: Report) -> None:
    def broken(sides: str) -> Change:
        return of_rows(fail_proof, name=ROW, sides=sides)

    in_head = report("gate", *make_sides(tmp_path / "head", change=broken("B")))
    assert in_head.code == 1
    assert f"REGRESSION: {ROW} failed the proof in the head alone" in in_head.out
    assert report("gate", *make_sides(tmp_path / "both", change=broken("AB"))).code == 0
    assert report("gate", *make_sides(tmp_path / "base", change=broken("A"))).code == 0


def test_everything_that_fails_its_proof_is_a_regression_not_an_error(tmp_path: Path, report: Report) -> None:
    said = report("gate", *make_sides(tmp_path, change=of_rows(fail_proof), order="ABBA"))
    assert said.code == 1, said.err
    assert "failed the proof" in said.out


def test_what_nobody_knows_passes_unless_strict(tmp_path: Path, report: Report) -> None:
    sides = make_sides(tmp_path, order="ABBA")
    loose, strict = report("gate", *sides), report("gate", *sides, "--strict")
    assert loose.code == 0
    assert "--strict would not let that pass" in loose.out
    assert strict.code == 3
    assert "INCONCLUSIVE: 4 rows without a verdict" in strict.out


def test_a_regression_outweighs_what_nobody_knows(tmp_path: Path, report: Report) -> None:
    def one_noisy(result: dict[str, Any], letter: str, number: int) -> None:
        for row in result["rows"]:
            if row["name"] == "sgd/f32/avx2/L2/t1":
                factor = 1 + 0.3 * ((number * 7) % 5)
                scaled(row, factor)

    assert report("gate", *make_sides(tmp_path, {ROW: 1.10}, change=one_noisy), "--strict").code == 1


def test_broken_files_are_exit_code_2(tmp_path: Path, report: Report) -> None:
    base, head = make_sides(tmp_path, order="ABBA")
    (Path(head) / "01.json").write_text("no JSON", encoding="utf-8")
    assert report("gate", base, head).code == 2
    assert report("gate", base).code == 2
    assert report("gate").code == 2


def test_nothing_in_common_is_exit_code_4(tmp_path: Path, report: Report) -> None:
    write(tmp_path / "a.json", small_result(ops=("sgd",)))
    write(tmp_path / "b.json", small_result(ops=("adamw",)))
    said = report("gate", tmp_path / "a.json", tmp_path / "b.json")
    assert said.code == 4
    assert "no row in common" in said.err


def test_forms_keep_the_exit_code(tmp_path: Path, report: Report) -> None:
    sides = make_sides(tmp_path, {ROW: 1.10})
    said = report("gate", *sides, "--format", "json")
    assert said.code == 1
    assert json.loads(said.out)["counts"]["slower"] == 1
    file = tmp_path / "junit.xml"
    said = report("gate", *sides, "--format", "junit", "-o", file)
    assert said.code == 1
    assert "REGRESSION" in said.out
    assert ET.parse(file).getroot().find(".//failure") is not None
