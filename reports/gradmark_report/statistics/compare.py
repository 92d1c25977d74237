"""Many rows, base against head: estimates, intervals, p-values, verdicts."""

import math
from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np

from gradmark_report.statistics import reasons
from gradmark_report.statistics.effect import Effect
from gradmark_report.statistics.effects import effects, estimate
from gradmark_report.statistics.model import Comparison, Interval, Samples, Settings, Verdict
from gradmark_report.statistics.multiple import benjamini_hochberg, holm
from gradmark_report.statistics.noise import noise_of_pairs, pair_noise, ratio_noise
from gradmark_report.statistics.ranks import median_interval
from gradmark_report.statistics.row import Row, Side, ready
from gradmark_report.statistics.verdict import decide, pairs_to_decide

Purpose = Literal["report", "gate"]

USUAL_PAIRS = 10  # what a row with too few is advised to have


def _level(side: Side, alpha: float) -> Interval:
    """Of a single process its own samples speak, so that a table has something to show: that is less than how much
    processes differ."""
    if not len(side):
        return Interval(math.nan, math.nan, math.nan)
    return median_interval(side.medians if len(side) > 1 else side.processes[0].samples, alpha)


def _noise(row: Row) -> float | None:
    of_a_pair = noise_of_pairs(row.differences) if row.paired else pair_noise(row.base.medians, row.head.medians)
    return None if of_a_pair is None or not row.pairs else ratio_noise(of_a_pair, len(row.base), len(row.head))


def _noises(made: list[Row], names: Iterable[str], given: Mapping[str, float]) -> dict[str, float | None]:
    """Ten pairs know their own noise only within a third or so. A row whose noise is underestimated by chance would
    have the smallest margin and the shortest interval at once: no row's noise counts as less than the median row's."""
    own = [_noise(row) for row in made]
    known = [value for value in own if value is not None]
    usual = float(np.median(known)) if known else 0.0
    return {
        name: given.get(name, None if value is None else max(value, usual))
        for name, value in zip(names, own, strict=True)
    }


def _ratio(row: Row, effect: Effect | None, alpha: float) -> Interval | None:
    if row.unstable or not row.pairs:
        return None
    if effect is None:
        return Interval(math.exp(estimate(row)), math.nan, math.nan)
    low, high = effect.interval(alpha)
    if not math.isfinite(high - low):
        return Interval(math.exp(effect.value), math.nan, math.nan)
    return Interval(math.exp(effect.value), math.exp(low), math.exp(high))


def _adjusted(found: list[Effect | None], purpose: Purpose) -> list[float | None]:
    known = [index for index, effect in enumerate(found) if effect is not None]
    p = np.array([effect.p_change() for effect in found if effect is not None], dtype=np.float64)
    adjusted: list[float | None] = [None] * len(found)
    for index, value in zip(known, (holm if purpose == "gate" else benjamini_hochberg)(p), strict=True):
        adjusted[index] = float(value)
    return adjusted


def compare_rows(
    rows: Mapping[str, tuple[Samples, Samples]],
    settings: Settings,
    *,
    paired: bool,
    purpose: Purpose,
    noise: Mapping[str, float] | None = None,
) -> dict[str, Comparison]:
    """Base and head of each row. Paired, both have the same number of processes and the i-th ones ran side by side.

    `noise` is the standard deviation of the ratio between equal builds, as a fraction, measured on this machine by
    comparisons of about as many pairs; of rows that it does not name it is estimated from the comparison itself."""
    made = ready(list(rows.values()), paired=paired)
    found = effects(made, settings)
    adjusted = _adjusted(found, purpose)
    tested = sum(effect is not None for effect in found)
    noises = _noises(made, rows, noise or {})
    compared = {}
    for name, row, effect, p_adjusted in zip(rows, made, found, adjusted, strict=True):
        of_row = noises[name]
        margin = max(settings.margin, 2 * (of_row or 0.0))
        limit = math.log1p(margin)
        to_decide: int | None = None
        if row.unstable:
            verdict = Verdict.UNSTABLE
        elif effect is None or p_adjusted is None:
            verdict = Verdict.TOO_FEW
            to_decide = USUAL_PAIRS
        else:
            verdict = decide(effect, p_adjusted, margin, settings)
            if verdict is Verdict.INCONCLUSIVE:
                # A noise that was measured is not this comparison's to shrink.
                shrinking = None if noise and name in noise else of_row
                to_decide = pairs_to_decide(effect, row.pairs, tested, margin, shrinking, settings)
        compared[name] = Comparison(
            pairs=row.pairs,
            paired=paired,
            base=_level(row.base, settings.alpha),
            head=_level(row.head, settings.alpha),
            ratio=_ratio(row, effect, settings.alpha),
            p_change=None if effect is None else effect.p_change(),
            p_adjusted=p_adjusted,
            p_slower=None if effect is None else effect.p_above(limit),
            p_faster=None if effect is None else effect.p_below(-limit),
            noise=of_row,
            margin=margin,
            verdict=verdict,
            reason=reasons.sentence(row, effect, verdict, margin, p_adjusted, settings),
            pairs_to_decide=to_decide,
            left_out=row.unsteady + row.disturbed,
        )
    return compared
