"""How often something happens, from how often it happened."""

import math

from scipy.special import ndtri

from gradmark_report.statistics.model import Interval

_NORMAL = float(ndtri(0.975))  # 2.5% of a normal distribution lie above it


def rate(hits: int, of: int) -> Interval:
    """A share with its 95% interval, Wilson's: not of zero width at 0 or 1."""
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is no share")
    if of == 0:
        return Interval(float("nan"), 0.0, 1.0)
    share, square = hits / of, _NORMAL**2 / of
    middle = (share + square / 2) / (1 + square)
    half = math.sqrt(square * (share * (1 - share) + square / 4)) / (1 + square)
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))
