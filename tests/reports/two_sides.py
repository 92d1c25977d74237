"""Two sets of synthetic result files with known truth, and gradmark-report as its command line runs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from gradmark_report.cli import main
from synthetic import make_result, write

ABBA = "ABBABAAB" * 3  # twelve processes of each side
AABB = "A" * 12 + "B" * 12
ROW = "adamw/f32/avx2/L2/t1"
BEGIN = datetime(2026, 5, 4, 10)

Change = Callable[[dict[str, Any], str, int], None]


def moment(seconds: float) -> str:
    return (BEGIN + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def small_result(**keywords: Any) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "ops": ("adamw", "sgd"),
        "impls": ("avx2", "avx512"),
        "levels": ("L2",),
        "threads": (1,),
        "sweep": False,
        "samples": 20,
        "process": 0.008,
        "within": 0.01,
    }
    return make_result(**{**wanted, **keywords})


def make_sides(
    folder: Path,
    slower: Mapping[str, float] | None = None,
    *,
    order: str = ABBA,
    change: Change | None = None,
    seed: int = 1,
    **keywords: Any,
) -> tuple[str, str]:
    """One process for each letter, a minute apart; `slower` is the truth of B. `change` alters a result before it is
    written: it is told the result, A or B, and the number of the process on its side."""
    for place, letter in enumerate(order):
        side = folder / {"A": "base", "B": "head"}[letter]
        side.mkdir(parents=True, exist_ok=True)
        number = order[:place].count(letter)
        result = small_result(
            slower=slower if letter == "B" else None,
            seed=seed * 1000 + place,
            started=moment(60 * place),
            revision="aaaaaaaaaaaa" if letter == "A" else "bbbbbbbbbbbb",
            **keywords,
        )
        if change:
            change(result, letter, number)
        write(side / f"{number:02}.json", result)
    return str(folder / "base"), str(folder / "head")


def of_rows(alter: Callable[[dict[str, Any]], object], *, name: str = "", sides: str = "B") -> Change:
    """Alters the row of this name, or every one, on these sides."""

    def change(result: dict[str, Any], letter: str, number: int) -> None:
        for row in result["rows"]:
            if letter in sides and name in ("", row["name"]):
                alter(row)

    return change


def fail_proof(row: dict[str, Any]) -> None:
    for member in ("ns_per_element", "attainable_percent", "attainable_percent_low", "attainable_percent_high"):
        row[member] = None
    for member in ("gb_per_s", "gflop_per_s", "bound_by", "speedup_scalar", "speedup_autovec", "max_ulp"):
        row[member] = None
    row.update(status="failed", verified=False)


def twice_the_work(row: dict[str, Any]) -> None:
    row["working_set_bytes"] *= 2


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


class Report:
    """gradmark-report with these arguments: what it printed, and its exit code."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: str | Path) -> Said:
        self.capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as error:  # argparse
            code = int(str(error.code))
        out, err = self.capsys.readouterr()
        return Said(code, out, err)


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Report:
    return Report(capsys)
