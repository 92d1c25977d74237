"""Which rows changed between two sets of processes, how sure that is, and where a history changed its level
(changepoints.py, which takes long to load and is imported where it is needed).

Every method is meant for ratios: times are compared by the differences of their logarithms."""

from gradmark_report.statistics.compare import compare_rows
from gradmark_report.statistics.model import Comparison, Interval, Samples, Settings, Verdict
from gradmark_report.statistics.multiple import benjamini_hochberg, holm
from gradmark_report.statistics.noise import noise_of_pairs, pair_noise, ratio_noise
from gradmark_report.statistics.rates import rate
from gradmark_report.statistics.steady import steady_median

__all__ = [
    "Comparison",
    "Interval",
    "Samples",
    "Settings",
    "Verdict",
    "benjamini_hochberg",
    "compare_rows",
    "holm",
    "noise_of_pairs",
    "pair_noise",
    "rate",
    "ratio_noise",
    "steady_median",
]
