"""How often the verdicts err and how often they find, on simulated comparisons whose truth is known (simulate.py).

Fixed seeds and few runs, ten times as many under scripts/test --long: a test fails only where the figures contradict
what must hold, at 1% by an exact binomial test, not where they merely fall short of it by chance.
test_statistics_recorded.py says when this must be looked at again. GRADMARK_TEST_RUNS multiplies the runs."""

import os
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import pytest
from gradmark_report.statistics import Settings, Verdict, compare_rows
from scipy.stats import binomtest
from simulate import Machine, comparison

MULTIPLIED = int(os.environ.get("GRADMARK_TEST_RUNS", "1"))
CALLED = (Verdict.SLOWER, Verdict.FASTER)


@dataclass
class Figures:
    runs: int = 0
    alarmed: int = 0  # runs with any unchanged row called slower or faster
    believed: int = 0  # runs with any unchanged row whose adjusted p is at most alpha
    covered: int = 0
    intervals: int = 0
    changed: Counter[Verdict] = field(default_factory=Counter)
    unchanged: Counter[Verdict] = field(default_factory=Counter)


@cache
def simulated(
    machine: Machine, runs: int, *, slowdown: float, rows: int = 60, pairs: int = 10, paired: bool = True
) -> Figures:
    """Runs in which the first row is slowed down and all others are not."""
    rng = np.random.default_rng(20240229)
    figures = Figures()
    for _ in range(runs * MULTIPLIED):
        data = comparison(rng, machine, rows=rows, pairs=pairs, slowdowns={0: slowdown})
        compared = compare_rows(data, Settings(), paired=paired, purpose="gate")
        figures.runs += 1
        figures.changed[compared.pop("row0").verdict] += 1
        rest = list(compared.values())
        figures.alarmed += any(row.verdict in CALLED for row in rest)
        figures.believed += any(row.p_adjusted is not None and row.p_adjusted <= 0.05 for row in rest)
        figures.unchanged.update(row.verdict for row in rest)
        ratios = [row.ratio for row in rest if row.ratio is not None]
        figures.intervals += len(ratios)
        figures.covered += sum(ratio.low <= 1 <= ratio.high for ratio in ratios)
    return figures


def at_most(hits: int, of: int, share: float) -> bool:
    return bool(binomtest(hits, of, share, alternative="greater").pvalue > 0.01)


def at_least(hits: int, of: int, share: float) -> bool:
    return bool(binomtest(hits, of, share, alternative="less").pvalue > 0.01)


@pytest.fixture(params=[pytest.param(1, id="few runs"), pytest.param(10, id="many runs", marks=pytest.mark.long)])
def times(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def five_percent(times: int) -> Figures:
    return simulated(Machine(), 12 * times, slowdown=1.05)


def test_false_alarms_in_at_most_one_run_of_a_hundred(five_percent: Figures) -> None:
    assert at_most(five_percent.alarmed, five_percent.runs, 0.01), five_percent


def test_the_gates_p_values_hold_their_error_over_all_rows(five_percent: Figures) -> None:
    """Without the margin's help: they alone keep alpha."""
    assert at_most(five_percent.believed, five_percent.runs, 0.05), five_percent


def test_a_slowdown_of_five_percent_is_found(five_percent: Figures) -> None:
    assert at_least(five_percent.changed[Verdict.SLOWER], five_percent.runs, 0.95), five_percent


def test_the_interval_covers_what_it_says(five_percent: Figures) -> None:
    assert 0.93 <= five_percent.covered / five_percent.intervals <= 0.975


def test_unchanged_rows_are_called_the_same(five_percent: Figures) -> None:
    assert five_percent.unchanged[Verdict.SAME] >= 0.97 * five_percent.intervals


def test_no_slowdown_within_the_margin_is_called_slower(times: int) -> None:
    figures = simulated(Machine(), 6 * times, slowdown=1.02, rows=10)
    assert at_most(figures.changed[Verdict.SLOWER], figures.runs, 0.025), figures


def test_ten_percent_is_always_found(times: int) -> None:
    figures = simulated(Machine(), 6 * times, slowdown=1.10, rows=10)
    assert at_least(figures.changed[Verdict.SLOWER], figures.runs, 0.99), figures


@pytest.mark.parametrize("factor", [3, 10])
def test_much_noise_makes_inconclusive_and_not_lies(times: int, factor: float) -> None:
    figures = simulated(Machine().noisier(factor), 2 * times, slowdown=1.05)
    assert at_most(figures.alarmed, figures.runs, 0.01), figures
    assert figures.unchanged[Verdict.INCONCLUSIVE] > figures.intervals / 2, figures
    assert at_most(figures.believed, figures.runs, 0.05), figures
    assert figures.changed[Verdict.FASTER] == 0


@pytest.mark.parametrize("pairs", [6, 8, 20])
def test_other_numbers_of_pairs_are_calibrated_too(times: int, pairs: int) -> None:
    figures = simulated(Machine(), times + 4, slowdown=1.05, pairs=pairs)
    assert at_most(figures.alarmed, figures.runs, 0.01), figures
    assert 0.93 <= figures.covered / figures.intervals <= 0.985  # the exact ones of few pairs cover more


@pytest.mark.parametrize("pairs", [5, 8, 12])
def test_sides_that_are_not_paired(times: int, pairs: int) -> None:
    """Without drift, which nothing unpaired can tell from a change."""
    quiet = replace(Machine(), drift=0, walk=0)
    figures = simulated(quiet, times + 4, slowdown=1.1, pairs=pairs, paired=False)
    assert at_most(figures.alarmed, figures.runs, 0.01), figures
    assert 0.93 <= figures.covered / figures.intervals <= 0.985
    if pairs >= 8:
        assert at_least(figures.changed[Verdict.SLOWER], figures.runs, 0.95), figures
