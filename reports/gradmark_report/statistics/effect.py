"""What is known of one row's log ratio, ln(head/base): an estimate, an interval of any level, p-values against any
ratio. The two kinds answer the same questions."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import stdtr, stdtrit

from gradmark_report.statistics.model import Floats


class Effect(Protocol):
    @property
    def value(self) -> float: ...

    @property
    def error(self) -> float:
        """Standard error, as far as it is known."""

    def interval(self, alpha: float) -> tuple[float, float]:
        """Two-sided, of level 1-alpha."""

    def p_above(self, log_ratio: float) -> float:
        """One-sided: how likely is what was seen, or more, if the truth is not above `log_ratio`?"""

    def p_below(self, log_ratio: float) -> float: ...

    def p_change(self) -> float: ...


# A timer's resolution bounds what any standard error can claim: values that happen to be equal prove no more than this.
SMALLEST_ERROR = 1e-6


@dataclass(frozen=True)
class StudentEffect:
    """(value - truth)/error taken as Student's t: unlike a rank test, whose p-value cannot go below 2^-n, this can be
    small enough for hundreds of rows. That it is calibrated there is shown by simulation, not by theory."""

    value: float
    error: float
    freedom: float

    def interval(self, alpha: float) -> tuple[float, float]:
        half = float(stdtrit(self.freedom, 1 - alpha / 2)) * self._error
        return self.value - half, self.value + half

    @property
    def _error(self) -> float:
        return max(self.error, SMALLEST_ERROR)

    def p_above(self, log_ratio: float) -> float:
        return float(stdtr(self.freedom, -(self.value - log_ratio) / self._error))

    def p_below(self, log_ratio: float) -> float:
        return float(stdtr(self.freedom, (self.value - log_ratio) / self._error))

    def p_change(self) -> float:
        return 2 * float(stdtr(self.freedom, -abs(self.value) / self._error))


@dataclass(frozen=True)
class RankEffect:
    """Exact, for few processes. `ordered` are all Walsh averages (paired) or all differences (unpaired): the rank
    statistic against a log ratio is the number of them above it. `cumulative[k]` is the chance of k or fewer."""

    ordered: Floats
    cumulative: Floats

    @property
    def value(self) -> float:
        return float(np.median(self.ordered))

    @property
    def error(self) -> float:
        """From the interval at the level nearest to two standard errors."""
        low, high = self.interval(0.05)
        return (high - low) / 4 if math.isfinite(high - low) else math.inf

    def interval(self, alpha: float) -> tuple[float, float]:
        cut = int(np.searchsorted(self.cumulative, alpha / 2, side="right")) - 1
        if cut < 0:
            return -math.inf, math.inf
        return float(self.ordered[cut]), float(self.ordered[-1 - cut])

    def p_above(self, log_ratio: float) -> float:
        return float(self.cumulative[np.count_nonzero(self.ordered <= log_ratio)])

    def p_below(self, log_ratio: float) -> float:
        return float(self.cumulative[np.count_nonzero(self.ordered >= log_ratio)])

    def p_change(self) -> float:
        return min(1.0, 2 * min(self.p_above(0.0), self.p_below(0.0)))
