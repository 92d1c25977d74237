"""p-values of many rows, adjusted so that each can be held against alpha by itself."""

import numpy as np

from gradmark_report.statistics.model import Floats


def holm(p: Floats) -> Floats:
    """Of all rows without a change, the chance that any is called changed stays below alpha, whatever the others do
    and however the rows depend on each other (Holm 1979): max over j <= i of min(1, (m-j+1) p_(j))."""
    order = np.argsort(p)
    factors = np.arange(len(p), 0, -1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(np.minimum(1.0, factors * p[order]))
    return adjusted


def benjamini_hochberg(p: Floats) -> Floats:
    """Of the rows that are called changed, at most the share alpha did not change (Benjamini and Hochberg 1995)."""
    from scipy.stats import false_discovery_control  # it takes its time to load, and most commands do without

    return np.asarray(false_discovery_control(p, method="bh"), dtype=np.float64) if len(p) else np.empty(0)
