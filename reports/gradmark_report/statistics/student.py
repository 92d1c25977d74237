"""One interval for all: Student's t on logarithms of times, about a mean without its extremes.

An eighth of the values at either end is left out (none of fewer than eight, one of eight to fifteen); its standard
error is Tukey and McLaughlin's, from the variance of the values of which those ends are drawn in (Winsorized), with as
many degrees of freedom as values stay, less one. Two sides without pairs: Welch's, as Yuen (1974) has it.

Simulated, 200,000 comparisons of ten pairs each: `covers` is how often the interval of 95% holds the truth, `5%` and
`10%` how often such slowdowns are called slower at a margin of 3%, `alarms` the chance that any of 200 unchanged rows
is called slower or faster. The noise is the standard deviation of one pair's ln(head/base); `rare` makes one process of
a hundred 30% slower, `bursts` one of ten 10%, every row for itself.

                  mean of all                      without the extremes
    noise         covers   5%    10%   alarms      covers   5%    10%   alarms
    normal  1%    95.0%  100% 100.0%   0.0%       94.8%  100% 100.0%   0.0%
            2%    95.0%   77% 100.0%   0.0%       94.7%   72% 100.0%   0.0%
            3%    95.0%   44% 100.0%   0.0%       94.7%   40% 100.0%   0.0%
            4%    95.1%   27%  99.6%   0.7%       94.8%   25%  98.9%   1.3%
            6%    95.0%   15%  86.8%  14%         94.8%   14%  82.0%  20%
    t of 4  1%    95.4%   99% 100.0%   0.0%       95.2%  100% 100.0%   0.0%
            2%    95.4%   80% 100.0%   0.0%       95.1%   81% 100.0%   0.0%
            4%    95.5%   32%  98.3%   0.3%       95.1%   32%  99.1%   0.3%
    rare    1%    95.9%   82%  90.5%   0.0%       94.9%   99%  99.3%   0.0%
            2%    95.9%   64%  90.6%   0.0%       94.9%   69%  99.4%   0.0%
    bursts  1%    98.0%   38%  98.3%   0.0%       97.4%   63%  96.1%   0.0%
            2%    96.7%   31%  97.0%   0.3%       97.0%   40%  95.4%   0.1%
            4%    95.3%   17%  89.2%   5.4%       95.3%   17%  87.7%   6.8%

So the extremes go: with them a single process that somebody else slowed down hides one slowdown of 10% in ten. It was
so with recorded pairs of a busy machine (tests/reports/recorded_pairs.json), ten at a time, whose samples were not yet
spread over rounds: of slowdowns of 10% the mean of all found 97.9%, without its extremes 99.97%, and neither had any
alarm. With rounds both find more than 99.9%. 95% is enough for a gate: the margin itself keeps alarms away, and up to a
noise of 2% fewer than one comparison of 200 rows in a hundred has one. From 4% on they come: such rows need more pairs
than ten. At 99% half of the slowdowns of 5% would go unseen at 2% of noise."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from gradmark_report.statistics.model import Floats, Interval

TRIMMED = 8  # one value in so many is left out at either end

# A timer's resolution bounds what any standard error can claim: values that happen to be equal prove no more than this.
SMALLEST_ERROR = 1e-6


@dataclass(frozen=True)
class Estimate:
    """Of a logarithm."""

    value: float
    error: float
    freedom: float

    def half_width(self, alpha: float) -> float:
        return float(stdtrit(self.freedom, 1 - alpha / 2)) * max(self.error, SMALLEST_ERROR)

    def interval(self, alpha: float) -> Interval:
        """Of the time, or the ratio, of level 1-alpha."""
        half = self.half_width(alpha)
        return Interval(
            math.exp(self.value),
            math.exp(self.value - half),
            math.exp(self.value + half),
        )


def estimate(logs: Floats) -> Estimate:
    """Of two values or more."""
    n = len(logs)
    cut = n // TRIMMED
    ordered = np.sort(logs)
    kept = ordered[cut : n - cut]
    left = len(kept)
    spread = float(np.std(np.clip(ordered, kept[0], kept[-1]), ddof=1))
    error = spread * math.sqrt((n - 1) / (left * (left - 1)))
    return Estimate(float(np.mean(kept)), error, freedom=left - 1)


def difference(base: Estimate, head: Estimate) -> Estimate:
    a, b = base.error**2, head.error**2
    value = head.value - base.value
    if a + b == 0:
        return Estimate(value, 0, min(base.freedom, head.freedom))
    return Estimate(value, math.sqrt(a + b), (a + b) ** 2 / (a**2 / base.freedom + b**2 / head.freedom))
