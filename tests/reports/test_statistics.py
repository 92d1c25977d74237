"""Each part of the statistics against a reference: SciPy, brute force, or worked out by hand."""

import itertools
import math
import os
import subprocess
import sys
from pathlib import Path

import gradmark_report
import numpy as np
import pytest
import simulate
from gradmark_report.statistics import (
    Comparison,
    Samples,
    Settings,
    Verdict,
    benjamini_hochberg,
    compare_rows,
    holm,
    noise_of_pairs,
    pair_noise,
    rate,
    ratio_noise,
    steady_median,
)
from gradmark_report.statistics import hodges_lehmann as hl
from gradmark_report.statistics.changepoints import changepoints
from gradmark_report.statistics.disturbed import undisturbed
from gradmark_report.statistics.effect import RankEffect, StudentEffect
from gradmark_report.statistics.ranks import median_interval, rank_sum, signed_rank
from scipy import stats


def processes(levels: list[float], spread: float = 0.01) -> Samples:
    """A process of 20 samples around each level, whose median is the level."""
    around = 1 + spread * np.tile([-1.0, 1.0, -0.5, 0.5], 5)
    return [level * around for level in levels]


def one(base: Samples, head: Samples, settings: Settings | None = None, **how: bool) -> Comparison:
    rows = {"row": (base, head)}
    return compare_rows(rows, settings or Settings(), paired=how.get("paired", True), purpose="gate")["row"]


def levels(log_ratios: list[float]) -> tuple[Samples, Samples]:
    return processes([1.0] * len(log_ratios)), processes([math.exp(d) for d in log_ratios])


# Ten values around zero, of standard deviation 1.
SPREAD = stats.norm.ppf((np.arange(10) + 0.5) / 10)


# -- estimates ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 5, 10, 13])
def test_hodges_lehmann_is_the_median_of_all_averages_of_two(n: int) -> None:
    d = np.random.default_rng(n).normal(size=n)
    averages = [(d[i] + d[j]) / 2 for i in range(n) for j in range(i, n)]
    assert hl.middle(hl.walsh_averages(d)) == pytest.approx(np.median(averages))


def test_hodges_lehmann_shift_is_the_median_of_all_differences() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=7), rng.normal(size=4)
    assert hl.middle(hl.differences(a, b)) == pytest.approx(np.median([y - x for x in a for y in b]))


# -- rank statistics ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [6, 7, 10])
def test_signed_rank_p_values_are_scipys(n: int) -> None:
    rng = np.random.default_rng(n)
    for _ in range(20):
        d = rng.normal(0.3, 1, n)
        effect = RankEffect(hl.walsh_averages(d), signed_rank(n))
        for limit in (0.0, 0.5):
            assert effect.p_above(limit) == pytest.approx(
                stats.wilcoxon(d - limit, alternative="greater", method="exact").pvalue
            )
            assert effect.p_below(limit) == pytest.approx(
                stats.wilcoxon(d - limit, alternative="less", method="exact").pvalue
            )
        assert effect.p_change() == pytest.approx(stats.wilcoxon(d, method="exact").pvalue)


@pytest.mark.parametrize(("n", "m"), [(4, 4), (3, 8), (7, 9)])
def test_rank_sum_p_values_are_scipys(n: int, m: int) -> None:
    rng = np.random.default_rng(n)
    for _ in range(20):
        a, b = rng.normal(size=n), rng.normal(0.4, 1, m)
        effect = RankEffect(hl.differences(a, b), rank_sum(n, m))
        expected = stats.mannwhitneyu(b, a, alternative="greater", method="exact").pvalue
        assert effect.p_above(0.0) == pytest.approx(expected)
        assert effect.p_change() == pytest.approx(stats.mannwhitneyu(b, a, method="exact").pvalue)


def test_the_interval_holds_the_ratios_that_scipys_test_does_not_reject() -> None:
    d = np.array([0.1, 0.7, -0.2, 0.4, 0.9, 0.35, 1.3])
    low, high = RankEffect(hl.walsh_averages(d), signed_rank(7)).interval(0.05)
    for limit, inside in ((low - 1e-9, False), (low + 1e-9, True), (high - 1e-9, True), (high + 1e-9, False)):
        assert (stats.wilcoxon(d - limit, method="exact").pvalue > 0.05) == inside


def test_six_pairs_have_an_exact_interval_and_five_have_none() -> None:
    d = np.array([0.1, 0.7, -0.2, 0.4, 0.9, 0.35])
    assert RankEffect(hl.walsh_averages(d), signed_rank(6)).interval(0.05) == (-0.2, 0.9)
    assert RankEffect(hl.walsh_averages(d[:5]), signed_rank(5)).interval(0.05) == (-math.inf, math.inf)


def test_median_interval_of_ten_values_is_the_second_and_the_ninth() -> None:
    interval = median_interval(
        np.arange(10, 0, -1, dtype=np.float64), 0.05
    )  # 2 P(Binomial(10, 1/2) < 2) = 2.1%, < 3: 11%
    assert (interval.value, interval.low, interval.high) == (5.5, 2, 9)
    assert math.isnan(median_interval(np.ones(5), 0.05).low)


# -- many rows ------------------------------------------------------------------------------------------------------


def test_holm_by_hand() -> None:
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.6, 0.5])) == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("m", [1, 2, 7, 60])
def test_holm_is_the_closed_test_of_bonferroni(m: int) -> None:
    p = np.random.default_rng(m).random(m) ** 4
    if m <= 7:
        expected = [
            max(
                min(1.0, len(s) * min(p[list(s)]))
                for k in range(1, m + 1)
                for s in itertools.combinations(range(m), k)
                if i in s
            )
            for i in range(m)
        ]
        assert holm(p) == pytest.approx(expected)
    assert (holm(p) >= benjamini_hochberg(p) - 1e-15).all()


def test_benjamini_hochberg_is_scipys_and_by_hand() -> None:
    p = np.random.default_rng(0).random(50) ** 3
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p))
    assert benjamini_hochberg(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert len(benjamini_hochberg(np.empty(0))) == 0


def test_one_look_of_several_has_its_share_of_the_error() -> None:
    assert Settings(looks=5).alpha_of_a_look == pytest.approx(0.01)
    base, head = levels([0.0465 + 0.0165 * x for x in SPREAD])  # lower end between those of 95% and of 99.5%
    assert one(base, head).verdict is Verdict.SLOWER
    assert one(base, head, Settings(looks=10)).verdict is not Verdict.SLOWER
    assert one(base, head).ratio == one(base, head, Settings(looks=10)).ratio


# -- steady state ---------------------------------------------------------------------------------------------------


def test_the_warm_up_is_dropped() -> None:
    steady = [1.0, 1.001, 0.999] * 5
    assert steady_median([2.0, 1.7, 1.4, 1.2, 1.1, *steady]) == pytest.approx(1.0, abs=1e-3)
    assert steady_median([0.5] * 9 + steady) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    "course",
    [
        np.r_[np.ones(13), np.full(7, 1.3)],
        np.r_[np.ones(14), np.full(6, 0.8)],
        np.linspace(1, 1.3, 20),
        1.5 ** -np.arange(20),
    ],
    ids=["up", "down", "drift", "never warm"],
)
def test_no_steady_state_is_no_number(course: simulate.Floats) -> None:
    noise = np.exp(np.random.default_rng(3).normal(0, 0.005, 20))
    assert steady_median(course * noise) is None


@pytest.mark.parametrize("length", [6, 10, 20, 40])
@pytest.mark.parametrize("spread", [0.02, 0.1])
def test_noise_is_no_lack_of_steadiness(length: int, spread: float) -> None:
    rng = np.random.default_rng(length)
    noisy = np.exp(
        np.concatenate([rng.normal(0, spread, (500, length)), rng.standard_t(3, (500, length)) * spread / 2])
    )
    rejected = sum(steady_median(line) is None for line in noisy)
    assert rejected <= (15 if length <= 10 else 1)


def test_jumping_between_two_levels_all_the_time_is_steady() -> None:
    rng = np.random.default_rng(5)
    jumping = rng.choice([1.0, 1.3], (300, 20)) * np.exp(rng.normal(0, 0.005, (300, 20)))
    assert sum(steady_median(line) is None for line in jumping) <= 12


def test_a_burst_in_the_middle_does_not_move_the_median() -> None:
    x = np.r_[np.ones(8), np.full(5, 1.6), np.ones(7)] * np.exp(np.random.default_rng(1).normal(0, 0.005, 20))
    assert steady_median(x) == pytest.approx(1.0, rel=0.01)


@pytest.mark.parametrize("bad", [[], [1.0, math.nan, 1.0], [1.0, 0.0, 1.0], [1.0, math.inf]])
def test_what_is_no_time_has_no_median(bad: list[float]) -> None:
    assert steady_median(bad) is None


# -- noise and margin -----------------------------------------------------------------------------------------------


def test_noise_is_what_equal_builds_read() -> None:
    """sigma of a pair is sqrt(2) that of a process; the ratio of ten scatters as Hodges and Lehmann's estimate does."""
    rng = np.random.default_rng(2)
    a, b = np.exp(rng.normal(0, 0.02, (2, 4000)))
    of_a_pair = pair_noise(a, b)
    assert of_a_pair == pytest.approx(0.02 * math.sqrt(2), rel=0.05)
    estimates = hl.middle(hl.walsh_averages(rng.normal(0, 0.02 * math.sqrt(2), (4000, 10))))
    assert ratio_noise(0.02 * math.sqrt(2), 10, 10) == pytest.approx(float(np.std(estimates)), rel=0.05)
    assert ratio_noise(0.02, 10, 40) == pytest.approx(0.02 * math.sqrt(math.pi / 3 * (1 / 10 + 1 / 40) / 2), rel=0.01)
    assert pair_noise(np.ones(1), np.ones(1)) is None


@pytest.mark.parametrize("change", [0.0, 0.3])
def test_the_noise_of_pairs_is_what_pairing_leaves(change: float) -> None:
    """Neither what both processes of a pair share counts, nor a change between the builds."""
    random = np.random.default_rng(11)
    shared = random.normal(0, 0.2, 4000)
    base, head = (shared + random.normal(0, 0.01, 4000) for _ in range(2))
    assert noise_of_pairs(change + head - base) == pytest.approx(0.01 * math.sqrt(2), rel=0.05)
    few = [noise_of_pairs(random.normal(0, 0.01, 10)) or 0.0 for _ in range(2000)]
    assert float(np.median(few)) == pytest.approx(0.01, rel=0.06)
    assert noise_of_pairs(np.ones(1)) is None


def test_the_margin_is_twice_the_noise_where_that_is_more() -> None:
    base, head = levels([0.05 + 0.001 * x for x in SPREAD])
    rows = {"row": (base, head)}
    quiet = compare_rows(rows, Settings(), paired=True, purpose="gate", noise={"row": 0.01})["row"]
    noisy = compare_rows(rows, Settings(), paired=True, purpose="gate", noise={"row": 0.04})["row"]
    assert (quiet.margin, quiet.verdict) == (0.03, Verdict.SLOWER)
    assert (noisy.margin, noisy.verdict) == (0.08, Verdict.SAME)


def test_no_row_counts_as_less_noisy_than_the_usual_one() -> None:
    rng = np.random.default_rng(0)

    def noisy(spread: float) -> tuple[Samples, Samples]:
        a, b = np.exp(rng.normal(0, spread, (2, 10)))
        return processes(list(a)), processes(list(b))

    rows = {"quiet": noisy(0.001), **{f"row{k}": noisy(0.08) for k in range(4)}}
    compared = compare_rows(rows, Settings(), paired=True, purpose="report")
    assert compared["quiet"].noise == pytest.approx(np.median([c.noise for c in compared.values()]), rel=1e-9)
    assert compared["quiet"].margin > 0.03


# -- disturbed processes --------------------------------------------------------------------------------------------


def test_disturbed_pairs_are_left_out_and_said() -> None:
    d = list(0.005 * SPREAD)
    base, head = levels([*d[:4], 0.4, *d[5:9], -0.5])
    found = one(base, head)
    assert (found.left_out, found.pairs, found.verdict) == (2, 8, Verdict.SAME)
    assert "disturbed pairs left out: 2" in found.reason


def test_what_happens_often_or_among_scattered_values_is_not_left_out() -> None:
    quiet, noise = 0.005 * SPREAD, 0.005
    assert np.count_nonzero(undisturbed(np.r_[quiet, 0.4], noise)) == 10
    assert np.count_nonzero(undisturbed(np.r_[quiet[:9], 0.4, 0.4], noise)) == 9
    assert undisturbed(np.r_[quiet[:8], 0.4, 0.4, 0.4, 0.4], noise).all(), "a quarter stays"
    assert undisturbed(np.r_[quiet[:7], 0.4], noise).all(), "eight always stay"
    assert undisturbed(np.r_[0.05 * SPREAD[:9], 0.4], noise).all()
    assert undisturbed(np.r_[quiet, 0.4], 0.1).all(), "the others may lie so close together by chance"


# -- verdicts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shift", "scatter", "verdict"),
    [
        (0.10, 0.01, Verdict.SLOWER),
        (-0.10, 0.01, Verdict.FASTER),
        (0.0, 0.01, Verdict.SAME),
        (0.01, 0.002, Verdict.SAME),
        (0.03, 0.01, Verdict.SMALL_CHANGE),
        (-0.03, 0.01, Verdict.SMALL_CHANGE),
        (0.02, 0.06, Verdict.INCONCLUSIVE),
    ],
)
def test_verdicts(shift: float, scatter: float, verdict: Verdict) -> None:
    base, head = levels(list(shift + scatter * SPREAD))
    settings = Settings()
    found = compare_rows({"row": (base, head)}, settings, paired=True, purpose="gate", noise={"row": 0.0})["row"]
    assert found.verdict is verdict
    assert found.ratio is not None
    assert found.ratio.value == pytest.approx(math.exp(shift), rel=1e-3)
    assert (found.pairs_to_decide is not None) == (verdict is Verdict.INCONCLUSIVE)
    assert found.p_change is not None
    assert (found.p_change < 0.05) == (not found.ratio.low <= 1 <= found.ratio.high)


def test_slower_needs_more_than_its_own_interval_among_many_rows() -> None:
    """The interval lies beyond the margin, but of a thousand rows some do by chance."""
    row = levels(list(0.06 + 0.035 * SPREAD))
    alone = compare_rows({"row": row}, Settings(), paired=True, purpose="gate", noise={"row": 0.0})["row"]
    p = alone.p_change
    assert alone.verdict is Verdict.SLOWER
    assert p is not None
    same = levels(list(0.005 * SPREAD))
    others = math.ceil(0.05 / p)
    assert others < 1000
    rows = {"row": row, **{str(k): same for k in range(others)}}
    noise = dict.fromkeys(rows, 0.0)
    many = compare_rows(rows, Settings(), paired=True, purpose="gate", noise=noise)["row"]
    assert many.ratio == alone.ratio
    assert (many.p_change, many.p_adjusted) == pytest.approx((p, (others + 1) * p))
    assert many.verdict is Verdict.INCONCLUSIVE
    assert "chance" in many.reason


def test_holm_for_the_gate_benjamini_hochberg_for_the_report() -> None:
    rng = np.random.default_rng(3)
    rows = simulate.comparison(rng, simulate.Machine(burst=0, storm=0), rows=12, slowdowns={0: 1.05, 1: 1.05, 2: 1.02})
    gate = compare_rows(rows, Settings(), paired=True, purpose="gate")
    report = compare_rows(rows, Settings(), paired=True, purpose="report")
    p = np.array([c.p_change for c in gate.values()])
    assert [c.p_adjusted for c in gate.values()] == pytest.approx(holm(p))
    assert [c.p_adjusted for c in report.values()] == pytest.approx(benjamini_hochberg(p))


def test_a_row_reads_the_same_whatever_is_compared_with_it() -> None:
    rows = simulate.comparison(np.random.default_rng(3), simulate.Machine(), rows=6)
    together = compare_rows(rows, Settings(), paired=True, purpose="report")
    alone = compare_rows({"row4": rows["row4"]}, Settings(), paired=True, purpose="report")
    assert alone["row4"].ratio == together["row4"].ratio
    assert compare_rows(rows, Settings(), paired=True, purpose="report") == together


def test_swapping_the_sides_inverts_the_ratio() -> None:
    rows = simulate.comparison(np.random.default_rng(4), simulate.Machine(), rows=1, slowdowns={0: 1.1})
    base, head = rows["row0"]
    there, back = one(base, head), one(head, base)
    assert there.ratio is not None
    assert back.ratio is not None
    assert there.ratio.value == pytest.approx(1 / back.ratio.value)
    assert there.ratio.low == pytest.approx(1 / back.ratio.high, rel=0.003)  # chance of the resamples
    assert (there.verdict, back.verdict) == (Verdict.SLOWER, Verdict.FASTER)


# -- few processes --------------------------------------------------------------------------------------------------


def test_one_process_a_side_is_too_few_and_shows_its_samples() -> None:
    found = one(processes([1.0]), processes([1.2]))
    assert (found.verdict, found.pairs, found.p_change, found.noise) == (Verdict.TOO_FEW, 1, None, None)
    assert found.base.low < 1 < found.base.high
    assert found.ratio is not None
    assert found.ratio.value == pytest.approx(1.2)
    assert math.isnan(found.ratio.low)


def test_a_side_without_processes_is_too_few() -> None:
    found = one([], [])
    assert (found.verdict, found.ratio) == (Verdict.TOO_FEW, None)
    assert math.isnan(found.base.value)


@pytest.mark.parametrize(("pairs", "verdict"), [(5, Verdict.TOO_FEW), (6, Verdict.SLOWER), (7, Verdict.SLOWER)])
def test_few_pairs_have_the_exact_interval_or_none(pairs: int, verdict: Verdict) -> None:
    d = [0.1, 0.11, 0.12, 0.09, 0.105, 0.095, 0.115][:pairs]
    found = one(*levels(d))
    assert found.verdict is verdict
    assert found.ratio is not None
    if pairs == 6:
        assert (found.ratio.low, found.ratio.high) == pytest.approx((math.exp(0.09), math.exp(0.12)))


def test_unpaired_sides_of_unequal_length() -> None:
    rng = np.random.default_rng(8)
    base, head = (
        processes(list(np.exp(rng.normal(0, 0.01, 12)))),
        processes(list(1.1 * np.exp(rng.normal(0, 0.01, 15)))),
    )
    found = one(base, head, paired=False)
    assert (found.verdict, found.pairs) == (Verdict.SLOWER, 12)
    assert "not paired" in found.reason
    assert one(base[:4], head[:4], paired=False).verdict is Verdict.SLOWER
    assert one(base[:3], head, paired=False).verdict is Verdict.TOO_FEW
    with pytest.raises(ValueError, match="no pairs"):
        one(base, head)


def test_unsteady_processes_are_left_out_and_many_make_a_row_unstable() -> None:
    drifting = np.asarray(np.linspace(1, 1.5, 20), dtype=np.float64)
    steady = processes(list(np.exp(0.005 * SPREAD)))
    few = one([*steady[:9], drifting], steady)
    assert (few.pairs, few.left_out, few.verdict) == (9, 1, Verdict.SAME)
    many = one([*steady[:6], *[drifting] * 4], steady)
    assert (many.verdict, many.ratio) == (Verdict.UNSTABLE, None)


def test_equal_values_everywhere_are_the_same() -> None:
    found = one([np.ones(20)] * 10, [np.ones(20)] * 10)
    assert (found.verdict, found.p_change) == (Verdict.SAME, 1.0)
    assert one([np.ones(20)] * 10, [np.full(20, 1.1)] * 10).verdict is Verdict.SLOWER


def test_pairs_to_decide_shrink_with_the_noise_and_decide() -> None:
    needed = []
    for scatter in (0.04, 0.08):
        rows = {"row": levels(list(0.02 + scatter * SPREAD))}
        found = compare_rows(rows, Settings(), paired=True, purpose="gate", noise={"row": 0.0})["row"]
        assert found.pairs_to_decide is not None
        assert found.pairs_to_decide % 2 == 0
        needed.append(found.pairs_to_decide)
    assert 3 < needed[1] / needed[0] < 5  # four times, for twice the noise
    rng = np.random.default_rng(0)
    decided = 0
    for _ in range(100):
        rows = {"row": levels(list(rng.normal(0.02, 0.04, needed[0])))}
        found = compare_rows(rows, Settings(), paired=True, purpose="gate", noise={"row": 0.0})["row"]
        decided += found.verdict is not Verdict.INCONCLUSIVE
    assert decided >= 80


def test_a_measured_noise_does_not_shrink_with_more_pairs() -> None:
    shuffled = np.random.default_rng(0).permutation(SPREAD)
    rows = {"row": levels(list(0.02 + 0.1 * shuffled))}
    own = compare_rows(rows, Settings(), paired=True, purpose="gate")["row"]
    assert own.noise is not None
    given = compare_rows(rows, Settings(), paired=True, purpose="gate", noise={"row": own.noise})["row"]
    assert own.margin == given.margin > 0.03
    assert own.pairs_to_decide is not None
    assert given.pairs_to_decide is not None
    assert given.pairs_to_decide != own.pairs_to_decide


@pytest.mark.parametrize("wrong", [{"margin": 0.0}, {"alpha": 1.0}, {"resamples": 10}, {"looks": 0}])
def test_settings_refuse_what_makes_no_sense(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Settings(**wrong)  # type: ignore[arg-type]


def test_student_effect_is_students() -> None:
    effect = StudentEffect(0.02, 0.01, 9)
    assert effect.p_change() == pytest.approx(2 * stats.t.sf(2, 9))
    assert effect.p_above(0.03) == pytest.approx(stats.t.cdf(1, 9))
    assert effect.p_below(0.03) == pytest.approx(stats.t.sf(1, 9))
    assert effect.interval(0.05) == pytest.approx(stats.t.interval(0.95, 9, 0.02, 0.01))


# -- rates and histories --------------------------------------------------------------------------------------------


def test_rate_is_wilsons() -> None:
    assert rate(0, 300).low == 0.0
    assert rate(0, 300).high == pytest.approx(1.96**2 / (300 + 1.96**2), rel=1e-3)
    interval = rate(8, 10)
    assert (interval.low, interval.value, interval.high) == pytest.approx((0.4902, 0.8, 0.9433), abs=1e-4)
    assert (rate(0, 0).low, rate(0, 0).high) == (0, 1)
    with pytest.raises(ValueError, match="no share"):
        rate(3, 2)


@pytest.mark.parametrize("at", [5, 15, 26])
def test_a_step_of_five_percent_in_one_percent_of_noise_is_found(at: int) -> None:
    rng = np.random.default_rng(at)
    hits = 0
    for _ in range(20):
        x = rng.normal(0, 0.01, 30)
        x[at:] += 0.05
        found = changepoints(list(x), [0.003] * 30)
        hits += len(found) == 1 and abs(found[0] - at) <= 1
    assert hits >= 18


def test_noise_alone_gives_no_changepoint() -> None:
    rng = np.random.default_rng(0)
    series = [*rng.normal(0, 0.01, (60, 30)), *rng.standard_t(4, (60, 30)) * 0.007]
    alarms = sum(bool(changepoints(list(x))) for x in series)
    assert stats.binomtest(alarms, len(series), 0.01, alternative="greater").pvalue > 0.01


def test_two_steps_both_ways_and_one_odd_revision() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(0, 0.01, 40)
    x[10:] += 0.1
    x[25:] -= 0.06
    x[33] += 0.8
    assert changepoints(list(x)) == pytest.approx([10, 25], abs=1)


def test_short_constant_and_broken_histories() -> None:
    assert changepoints([]) == changepoints([1.0, 2.0, 3.0]) == []
    assert changepoints([0.5] * 20) == []
    assert changepoints([0.0] * 10 + [0.05] * 10) == [10]
    assert changepoints([0.0] * 10 + [0.05] * 10, [0.1] * 20) == []
    with pytest.raises(ValueError, match="finite"):
        changepoints([0.0, 1.0, math.nan, 1.0])


def test_commands_load_only_what_they_need() -> None:
    """What finds changepoints takes longer to load than all else, and next to it what makes charts."""
    code = """
import importlib, sys
def load(*names):
    for name in names:
        importlib.import_module(f"gradmark_report.commands.{name}")
    return {"altair", "ruptures", "scipy.stats"} & {*sys.modules}
without = load("md", "compare", "gate", "aa", "merge")
load("html", "svg")
import gradmark_report.merge
sys.exit(f"{without} are loaded" if without or "ruptures" in sys.modules else 0)
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(gradmark_report.__file__).parent.parent)}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
