"""The statistics still say of the same comparisons what they said when they were last calibrated, to many digits.

Whoever changes them on purpose runs test_statistics_calibration.py whole (scripts/test --long), and then

    PYTHONPATH=reports:tests/reports .venv/bin/python tests/reports/test_statistics_recorded.py

which records the figures anew; the differences say what has changed."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradmark_report.statistics import ComparedRow, Settings, compare
from simulate import Machine, comparison

FILE = Path(__file__).parent / "recorded_statistics.json"
QUIET = replace(Machine(), drift=0, walk=0)
SLOWDOWNS = {0: 1.10, 1: 1.05, 2: 1.03, 3: 0.94}
CASES: dict[str, tuple[Machine, int, Settings, bool]] = {
    "pairs": (Machine(), 10, Settings(), True),
    "with looks and another margin": (Machine(), 10, Settings(margin=0.02, looks=3), True),
    "few pairs": (Machine(), 6, Settings(), True),
    "many pairs": (Machine(), 20, Settings(), True),
    "much noise": (Machine().noisier(3), 12, Settings(), True),
    "too few": (Machine(), 5, Settings(), True),
    "not paired": (QUIET, 9, Settings(), False),
}


def figures(row: ComparedRow) -> dict[str, Any]:
    """All that a comparison says, as JSON has it."""

    def digits(value: float) -> float | None:
        return None if math.isnan(value) else float(f"{value:.7g}")

    found: dict[str, Any] = {"verdict": row.verdict.value}
    for name, interval in zip(("base", "head", "ratio"), (*row.times, row.ratio), strict=True):
        found[name] = [digits(one) for one in (interval.value, interval.low, interval.high)]
    return found | {name: getattr(row, name) for name in ("pairs", "pairs_to_decide", "left_out", "reason")}


def compared(case: str) -> list[dict[str, Any]]:
    machine, pairs, settings, paired = CASES[case]
    made = comparison(np.random.default_rng(11), machine, count=6, pairs=pairs, slowdowns=SLOWDOWNS)
    found = [compare(*sides, settings, paired=paired) for sides in made]
    return [figures(row) for row in found if row]


@pytest.mark.parametrize("case", CASES)
def test_they_say_what_they_said(case: str) -> None:
    recorded = json.loads(FILE.read_text(encoding="utf-8"))[case]
    found = compared(case)
    assert len(found) == len(recorded)
    for number, (row, said) in enumerate(zip(found, recorded, strict=True)):
        assert row.keys() == said.keys()
        for name, value in said.items():
            # Processors differ in the last bits of logarithms.
            expected = value if value is None or isinstance(value, str | int) else pytest.approx(value, rel=1e-4)
            assert row[name] == expected, f"row {number}: {name}"


def text(rows: list[dict[str, Any]]) -> str:
    """A line for each."""
    return "[\n" + ",\n".join(f" {json.dumps(row)}" for row in rows) + "\n]"


if __name__ == "__main__":
    made = ",\n".join(f"{json.dumps(case)}: {text(compared(case))}" for case in CASES)
    FILE.write_text(f"{{\n{made}\n}}\n", encoding="utf-8")
