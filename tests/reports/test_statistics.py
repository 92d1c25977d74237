"""Each part of the statistics against a reference: SciPy, brute force, or worked out by hand."""

import math
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import gradmark_report
import numpy as np
import pytest
from gradmark_report.comparison.trial import rate
from gradmark_report.result import OtherState, Placement, Row
from gradmark_report.statistics import ComparedRow, Settings, Verdict, compare, compare_processes
from gradmark_report.statistics.changepoints import changepoints
from gradmark_report.statistics.states import lower_quartile
from gradmark_report.statistics.student import Estimate, difference, estimate
from scipy import stats
from simulate import row, rows


def one(
    base: Sequence[Row], head: Sequence[Row], settings: Settings | None = None, *, paired: bool = True
) -> ComparedRow:
    found = compare(base, head, settings or Settings(), paired=paired)
    assert found
    return found


def pairs(log_ratios: Sequence[float]) -> tuple[list[Row], list[Row]]:
    """Processes of eight equal rounds, and what the head's are slower."""
    return rows(np.zeros(len(log_ratios))), rows(np.array(log_ratios))


# Ten values around zero, of standard deviation 1.
SPREAD = stats.norm.ppf((np.arange(10) + 0.5) / 10)
SPREAD /= np.std(SPREAD, ddof=1)


# -- what a process says --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "place"), [(1, 1), (2, 1), (3, 1), (4, 1), (5, 2), (8, 2), (9, 3), (12, 3), (13, 4)])
def test_the_lower_quartile_is_a_value_that_was_seen(n: int, place: int) -> None:
    values = np.random.default_rng(n).permutation(np.arange(1.0, n + 1))
    assert lower_quartile(values) == place == math.ceil(n / 4)


def test_a_process_counts_by_the_lower_quartile_of_its_rounds_medians() -> None:
    """Neither a burst of three rounds nor the samples of any one of them say what the machine does undisturbed."""
    rounds = [[5, 5, 9], [1, 2, 30], [7, 7, 7], [3, 3, 3], [40, 40, 40], [4, 1, 4], [50, 60, 70], [6, 6, 1]]
    process = row([([float(one) for one in samples], None) for samples in rounds])
    found = one([process] * 6, [row([([3.0], None)] * 8)] * 6)
    assert found.times[0].value == pytest.approx(3)
    assert found.ratio.value == pytest.approx(1)


# -- the interval ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 6, 7])
def test_of_few_values_it_is_students(n: int) -> None:
    logs = np.random.default_rng(n).normal(0.1, 1, n)
    found, expected = estimate(logs).interval(0.05), stats.ttest_1samp(logs, 0)
    assert math.log(found.value) == pytest.approx(np.mean(logs))
    low, high = expected.confidence_interval(0.95)
    assert (math.log(found.low), math.log(found.high)) == pytest.approx((low, high))


@pytest.mark.parametrize("n", [8, 10, 16, 30])
def test_of_more_it_is_that_of_the_trimmed_mean(n: int) -> None:
    logs = np.random.default_rng(n).standard_t(3, n)
    cut = n // 8
    found = estimate(logs)
    assert found.value == pytest.approx(stats.trim_mean(logs, cut / n))
    assert found.freedom == n - 2 * cut - 1
    left = n - 2 * cut
    drawn_in = np.asarray(stats.mstats.winsorize(logs, limits=cut / n))
    assert found.error == pytest.approx(np.std(drawn_in, ddof=1) * math.sqrt((n - 1) / left / (left - 1)))


@pytest.mark.parametrize(("n", "m"), [(6, 6), (7, 12), (20, 8), (16, 30)])
def test_two_sides_are_yuens_and_welchs(n: int, m: int) -> None:
    random = np.random.default_rng(n)
    base, head = random.normal(0, 1, n), random.normal(0.5, 3, m)
    expected = stats.ttest_ind(head, base, equal_var=False, trim=1 / 8)
    found = difference(estimate(base), estimate(head))
    assert found.freedom == pytest.approx(expected.df)
    assert found.value / found.error == pytest.approx(expected.statistic)


def test_sides_without_any_spread_differ_by_no_more_than_a_clock_tells() -> None:
    found = difference(estimate(np.zeros(6)), estimate(np.full(6, 0.1)))
    assert (found.value, found.error, found.freedom) == pytest.approx((0.1, 0, 5), abs=1e-12)
    assert found.half_width(0.05) == pytest.approx(stats.t.ppf(0.975, 5) * 1e-6)


def test_an_interval_has_two_sides() -> None:
    found = Estimate(0.02, 0.01, 9).interval(0.05)
    assert np.log([found.low, found.high]) == pytest.approx(stats.t.interval(0.95, 9, 0.02, 0.01))


def test_one_odd_process_of_ten_does_not_move_it() -> None:
    quiet = one(*pairs([0.05 + 0.005 * x for x in SPREAD]))
    odd = one(*pairs([0.05 + 0.005 * x for x in SPREAD[:9]] + [0.5]))
    assert odd.verdict is Verdict.SLOWER
    assert odd.ratio.value == pytest.approx(quiet.ratio.value, abs=0.002)


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
@pytest.mark.parametrize("paired", [True, False])
def test_verdicts(shift: float, scatter: float, verdict: Verdict, paired: bool) -> None:
    found = one(*pairs(list(shift + scatter * SPREAD)), paired=paired)
    assert found.verdict is verdict
    assert found.ratio.value == pytest.approx(math.exp(shift), rel=1e-3)
    assert (found.pairs_to_decide is not None) == (verdict is Verdict.INCONCLUSIVE)
    assert ("not paired" in found.reason) != paired


def test_slower_is_the_whole_interval_beyond_the_margin_and_no_less() -> None:
    base, head = pairs([0.04 + 0.01 * x for x in SPREAD])
    ratio = one(base, head).ratio
    assert one(base, head, Settings(margin=ratio.low - 1 - 1e-9)).verdict is Verdict.SLOWER
    assert one(base, head, Settings(margin=ratio.low - 1 + 1e-9)).verdict is Verdict.SMALL_CHANGE
    assert one(base, head, Settings(margin=ratio.high - 1 + 1e-9)).verdict is Verdict.SAME


def test_looks_share_the_error_and_the_interval_shown_is_the_one_that_judges() -> None:
    base, head = pairs([0.05 + 0.02 * x for x in SPREAD])
    once, often = one(base, head), one(base, head, Settings(looks=10))
    assert (once.verdict, often.verdict) == (Verdict.SLOWER, Verdict.SMALL_CHANGE)
    widths = [math.log(ratio.high / ratio.low) for ratio in (once.ratio, often.ratio)]
    assert widths[1] / widths[0] == pytest.approx(stats.t.ppf(1 - 0.005 / 2, 7) / stats.t.ppf(1 - 0.05 / 2, 7))


def test_swapping_the_sides_inverts_the_ratio() -> None:
    base, head = pairs([0.1 + 0.02 * x for x in SPREAD])
    there, back = one(base, head), one(head, base)
    assert there.ratio.value == pytest.approx(1 / back.ratio.value)
    assert there.ratio.low == pytest.approx(1 / back.ratio.high)
    assert (there.verdict, back.verdict) == (Verdict.SLOWER, Verdict.FASTER)


def test_what_both_of_a_pair_share_cancels_only_in_pairs() -> None:
    shared = np.asarray(np.linspace(0, 0.7, 10), dtype=np.float64)
    base, head = rows(shared), rows(shared + 0.1 + 0.005 * np.random.default_rng(0).permutation(SPREAD))
    assert one(base, head).verdict is Verdict.SLOWER
    assert one(base, head, paired=False).verdict is Verdict.INCONCLUSIVE


def test_equal_values_everywhere_are_the_same() -> None:
    assert one(*pairs([0.0] * 10)).verdict is Verdict.SAME
    assert one(*pairs([0.1] * 10)).verdict is Verdict.SLOWER


@pytest.mark.parametrize("shift", [0.0, 0.02])
def test_as_many_pairs_as_are_said_to_decide_mostly_do(shift: float) -> None:
    needed = []
    for scatter in (0.05, 0.1):
        found = one(*pairs(list(shift + scatter * SPREAD)))
        assert found.pairs_to_decide
        assert found.pairs_to_decide % 2 == 0
        needed.append(found.pairs_to_decide)
    assert 3 < needed[1] / needed[0] < 4.5  # about four times, for twice the noise
    random = np.random.default_rng(0)
    samples = random.normal(shift, 0.05, (200, needed[0]))
    decided = sum(one(*pairs(list(d))).verdict is not Verdict.INCONCLUSIVE for d in samples)
    assert decided >= 150


# -- few processes --------------------------------------------------------------------------------------------------


def test_five_pairs_are_too_few_and_six_are_not() -> None:
    d = [0.1, 0.11, 0.12, 0.09, 0.105, 0.095]
    few, enough = one(*pairs(d[:5])), one(*pairs(d))
    assert (few.verdict, enough.verdict) == (Verdict.TOO_FEW, Verdict.SLOWER)
    assert few.ratio.value == pytest.approx(math.exp(0.105))
    assert math.isnan(few.ratio.low)
    assert few.pairs_to_decide == 10


def test_unpaired_sides_of_unequal_length() -> None:
    random = np.random.default_rng(8)
    base, head = rows(random.normal(0, 0.01, 12)), rows(random.normal(0.1, 0.01, 15))
    found = one(base, head, paired=False)
    assert (found.verdict, found.pairs) == (Verdict.SLOWER, 12)
    assert one(base[:5], head, paired=False).verdict is Verdict.TOO_FEW
    with pytest.raises(ValueError, match="zip"):
        one(base, head)


def test_one_process_a_side_shows_what_it_wrote_of_itself() -> None:
    found = one(rows(np.zeros(1)), rows(np.array([0.2])))
    assert (found.verdict, found.pairs) == (Verdict.TOO_FEW, 1)
    assert (found.times[0].low, found.times[0].high) == pytest.approx((0.99, 1.01))


# -- states ---------------------------------------------------------------------------------------------------------

TWO, ONE, FAR = "2 cores", "1 core", "2 cores, far"


def moving(**rounds: float) -> Row:
    """Rounds on two cores that take 1, on one core 2, far apart 3 and unknown 9 ns; so many of each."""
    level = {TWO: 1.0, ONE: 2.0, FAR: 3.0, None: 9.0}
    given = {
        TWO: rounds.get("two", 0),
        ONE: rounds.get("one", 0),
        FAR: rounds.get("far", 0),
        None: rounds.get("none", 0),
    }
    return row([([rounds.get("factor", 1) * level[state]], state) for state, n in given.items() for _ in range(int(n))])


def test_only_rounds_of_one_state_count() -> None:
    found = one([moving(two=5, one=3)] * 8, [moving(two=4, one=3, none=1)] * 8)
    assert (found.state, found.verdict) == (TWO, Verdict.SAME)
    assert found.times[0].value == pytest.approx(1)


def test_the_state_is_the_one_that_most_pairs_have() -> None:
    """Two cores have more rounds on either side, and never in one pair."""
    base = [moving(two=7, one=3)] * 6 + [moving(one=3)] * 6
    head = [moving(one=3)] * 6 + [moving(two=7, one=3)] * 6
    assert one(base, head).state == ONE
    assert one([moving(two=4, one=4)] * 6, [moving(two=5, one=3)] * 6).state == TWO, "else that of the most rounds"
    mixed = one([*base, moving(two=3)], [*head, moving(two=3)], paired=False)
    assert mixed.state == ONE


def test_a_process_with_two_rounds_in_the_state_is_left_out() -> None:
    base, head = [moving(two=8)] * 8, [moving(two=8)] * 7 + [moving(two=2, one=6)]
    found = one(base, head)
    assert (found.pairs, found.left_out) == (7, 1)
    assert (one(base, head, paired=False).pairs, one(base, head, paired=False).left_out) == (7, 1)
    assert one([moving(two=3)] * 8, [moving(two=3)] * 8).pairs == 8


def test_states_that_both_have_in_too_few_rounds_are_too_few() -> None:
    found = one([moving(two=2, far=6)] * 8, [moving(two=2, one=6)] * 8)
    assert (found.state, found.verdict, found.change) == (TWO, Verdict.TOO_FEW, None)
    assert math.isnan(found.times[0].value)
    assert "3 rounds each" in found.reason


def test_sides_without_a_state_in_common_are_not_compared() -> None:
    for how in (
        compare_processes([moving(far=8)], [moving(one=8)], Settings()),
        compare([], [], Settings(), paired=True),
    ):
        assert how is None


def test_a_round_that_moved_counts_only_where_nothing_is_known_of_any() -> None:
    assert one([moving(two=4, none=4)] * 8, [moving(two=4, none=4)] * 8).times[0].value == pytest.approx(1)
    unknown = one([moving(none=8)] * 8, [moving(none=8)] * 8)
    assert unknown.state is None
    assert unknown.times[0].value == pytest.approx(9)
    assert compare([moving(none=8)] * 8, [moving(two=8)] * 8, Settings(), paired=True) is None


# -- single processes -----------------------------------------------------------------------------------------------


def runs(base: Sequence[Row], head: Sequence[Row]) -> ComparedRow:
    found = compare_processes(base, head, Settings())
    assert found
    return found


def single(value: float, low: float, high: float) -> list[Row]:
    return [row([([value], None)] * 8, low=low, high=high)]


@pytest.mark.parametrize(
    ("head", "verdict"),
    [
        ((1.10, 1.06, 1.14), Verdict.SLOWER),
        ((0.90, 0.88, 0.94), Verdict.FASTER),
        ((1.10, 1.04, 1.14), Verdict.INCONCLUSIVE),  # however far apart, the intervals meet
        ((1.029, 1.0291, 1.03), Verdict.INCONCLUSIVE),
        ((1.66, 1.03, 1.7), Verdict.INCONCLUSIVE),
    ],
)
def test_two_runs_differ_where_their_intervals_leave_each_other_out(
    head: tuple[float, float, float], verdict: Verdict
) -> None:
    found = runs(single(1, 0.96, 1.05), single(*head))
    assert found.verdict is verdict
    assert (found.ratio.value, found.ratio.low) == pytest.approx((head[0], head[1] / 1.05))
    assert (found.pairs_to_decide is not None) == (verdict is Verdict.INCONCLUSIVE)


def test_two_runs_that_are_close_are_the_same_or_little_changed() -> None:
    base = single(1, 0.999, 1.001)
    for value, verdict in ((1.001, Verdict.SAME), (1.02, Verdict.SMALL_CHANGE), (0.98, Verdict.SMALL_CHANGE)):
        assert runs(base, single(value, value - 0.001, value + 0.001)).verdict is verdict


def test_of_several_runs_every_one_must_agree() -> None:
    far = runs(single(1, 0.98, 1.02) * 2, single(1.1, 1.05, 1.15) + single(1.2, 1.18, 1.22))
    near = runs(single(1, 0.98, 1.02) * 2, single(1.1, 1.01, 1.15) + single(1.2, 1.18, 1.22))
    assert (far.verdict, near.verdict) == (Verdict.SLOWER, Verdict.INCONCLUSIVE)
    assert far.times[1].high == 1.22
    assert far.times[1].low == 1.05


def test_many_processes_speak_for_themselves_no_more() -> None:
    base, head = pairs(list(0.1 + 0.01 * SPREAD))
    assert compare_processes(base, head, Settings()) == one(base, head, paired=False)


def test_single_runs_are_compared_by_the_intervals_of_the_state_that_they_share() -> None:
    """The base was mostly on two cores, the head on one."""

    def seen(state: str, others: Sequence[OtherState]) -> Placement:
        return Placement(state, None, None, 4, other_samples=4, others=tuple(others))

    def run(state: str, *, one_low: float, one_high: float, other: bool = True) -> Row:
        rounds = [([1.0], TWO)] * 3 + [([2.0], ONE)] * 3
        low, high = (one_low, one_high) if state == ONE else (0.9, 1.1)
        others = [OtherState(ONE, None, None, 3, 2.0, one_low, one_high)] if other and state == TWO else []
        return row(rounds, low=low, high=high, placement=seen(state, others))

    base = run(TWO, one_low=1.99, one_high=2.01)
    head = row([([2.4], ONE)] * 8, low=2.3, high=2.5, placement=seen(ONE, []))
    found = runs([base], [head])
    assert (found.state, found.verdict, found.times[0].high, found.times[1].low) == (ONE, Verdict.SLOWER, 2.01, 2.3)
    assert runs([run(TWO, one_low=1, one_high=2, other=False)], [head]).verdict is Verdict.TOO_FEW


@pytest.mark.parametrize("wrong", [{"margin": 0.0}, {"alpha": 1.0}, {"looks": 0}])
def test_settings_refuse_what_makes_no_sense(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Settings(**wrong)  # type: ignore[arg-type]


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
