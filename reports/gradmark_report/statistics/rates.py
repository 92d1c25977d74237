"""How often something happens, from how often it happened."""

from gradmark_report.statistics.model import Interval


def rate(hits: int, of: int) -> Interval:
    """A share with its 95% interval, Wilson's: not of zero width at 0 or 1."""
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is no share")
    if of == 0:
        return Interval(float("nan"), 0.0, 1.0)
    from scipy.stats import binomtest  # it takes its time to load, and most commands do without

    interval = binomtest(hits, of).proportion_ci(0.95, method="wilson")
    return Interval(hits / of, float(interval.low), float(interval.high))
