"""Distributions of rank statistics without a change, counted out."""

from functools import cache

import numpy as np
from scipy.special import bdtr

from gradmark_report.statistics.model import Floats, Interval


@cache
def signed_rank(n: int) -> Floats:
    """P(T <= k), k = 0 ... n(n+1)/2, of Wilcoxon's signed-rank statistic of n pairs."""
    counts = np.zeros(n * (n + 1) // 2 + 1)
    counts[0] = 1
    for rank in range(1, n + 1):
        counts[rank:] += counts[:-rank].copy()
    return np.asarray(np.cumsum(counts) / 2.0**n)


@cache
def rank_sum(n: int, m: int) -> Floats:
    """P(U <= k), k = 0 ... nm, of Mann and Whitney's statistic of n and m values."""
    # Coefficients of the Gaussian binomial: prod over i of (1 - q^(m+i))/(1 - q^i).
    counts = np.zeros(n * m + 1)
    counts[0] = 1
    for i in range(1, n + 1):
        if m + i <= n * m:
            counts[m + i :] -= counts[: -(m + i)].copy()
        for k in range(i, n * m + 1):
            counts[k] += counts[k - i]
    return np.asarray(np.cumsum(counts) / counts.sum())


@cache
def _cut(n: int, alpha: float) -> int:
    return int(np.searchsorted(bdtr(np.arange(n + 1), n, 0.5), alpha / 2, side="right"))


def median_interval(values: Floats, alpha: float) -> Interval:
    """Median with its interval by order statistics, whatever the distribution: x_(k) and x_(n+1-k) with the largest k
    for which P(Binomial(n, 1/2) < k) <= alpha/2. nan where n is too small for it."""
    ordered = np.sort(values)
    n = len(ordered)
    middle = float(np.median(ordered)) if n else float("nan")
    k = _cut(n, alpha)
    if k == 0:
        return Interval(middle, float("nan"), float("nan"))
    return Interval(middle, float(ordered[k - 1]), float(ordered[n - k]))
