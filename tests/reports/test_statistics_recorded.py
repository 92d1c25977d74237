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
from gradmark_report.statistics import Comparison, Settings, compare_rows
from simulate import Machine, comparison

FILE = Path(__file__).parent / "recorded_statistics.json"
QUIET = replace(Machine(), drift=0, walk=0)
SLOWDOWNS = {0: 1.10, 1: 1.05, 2: 1.03, 3: 0.94}
CASES: dict[str, tuple[Machine, dict[str, Any], dict[str, Any]]] = {  # how it is simulated, and how compared
    "pairs": (Machine(), {"pairs": 10}, {}),
    "for a report, with looks and another margin": (
        Machine(),
        {"pairs": 10},
        {"settings": Settings(margin=0.02, looks=3), "purpose": "report"},
    ),
    "few pairs": (Machine(), {"pairs": 6}, {}),
    "many pairs": (Machine(), {"pairs": 20}, {}),
    "much noise": (Machine().noisier(3), {"pairs": 12}, {}),
    "a measured noise": (Machine().noisier(2), {"pairs": 10}, {"noise": {"row1": 0.02, "row4": 0.04}}),
    "disturbed and unsteady": (replace(Machine(), burst=0.1, walk=0.02, warm_up=0.9), {"pairs": 16}, {}),
    "short": (Machine(), {"pairs": 10, "samples": 7}, {}),
    "not paired": (QUIET, {"pairs": 9}, {"paired": False}),
    "few, not paired": (QUIET, {"pairs": 5}, {"paired": False}),
}


def figures(row: Comparison) -> dict[str, Any]:
    """All that a comparison says, as JSON has it."""

    def digits(value: float | None) -> float | None:
        return None if value is None or math.isnan(value) else float(f"{value:.7g}")

    found: dict[str, Any] = {"verdict": row.verdict.value}
    for name in ("base", "head", "ratio"):
        interval = getattr(row, name)
        found[name] = interval and [digits(one) for one in (interval.value, interval.low, interval.high)]
    for name in ("p_change", "p_adjusted", "p_slower", "p_faster", "noise", "margin"):
        found[name] = digits(getattr(row, name))
    return found | {name: getattr(row, name) for name in ("pairs", "pairs_to_decide", "left_out", "reason")}


def compared(case: str) -> dict[str, Any]:
    machine, simulated, how = CASES[case]
    rows = comparison(np.random.default_rng(11), machine, rows=6, slowdowns=SLOWDOWNS, **simulated)
    made = compare_rows(rows, **{"settings": Settings(), "paired": True, "purpose": "gate", **how})
    return {name: figures(row) for name, row in made.items()}


@pytest.mark.parametrize("case", CASES)
def test_they_say_what_they_said(case: str) -> None:
    recorded = json.loads(FILE.read_text(encoding="utf-8"))[case]
    found = compared(case)
    assert found.keys() == recorded.keys()
    for row, said in recorded.items():
        assert found[row].keys() == said.keys()
        for name, value in said.items():
            # Processors differ in the last bits of logarithms, which p-values far out in the tail show most.
            expected = value if value is None or isinstance(value, str | int) else pytest.approx(value, rel=1e-4)
            assert found[row][name] == expected, f"{row}: {name}"


def text(rows: dict[str, Any]) -> str:
    """A line for each."""
    return "{\n" + ",\n".join(f" {json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items()) + "\n}"


if __name__ == "__main__":
    made = ",\n".join(f"{json.dumps(case)}: {text(compared(case))}" for case in CASES)
    FILE.write_text(f"{{\n{made}\n}}\n", encoding="utf-8")
