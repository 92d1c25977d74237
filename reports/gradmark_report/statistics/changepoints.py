"""Where a history of one row changed its level.

Segments of constant level, found by PELT (Killick, Fearnhead and Eckley 2012, in `ruptures`) with the absolute
deviation as the cost: one odd revision, however odd, is no new level, since a segment has two values or more and its
median pays for the other one. Values are divided by their noise, and a change costs PENALTY of it."""

import math
from collections.abc import Sequence

import numpy as np
import ruptures

from gradmark_report.statistics.model import SIGMA_OF_MAD

SHORTEST = 2  # values of a level
FEWEST = 2 * SHORTEST

# Sum of absolute deviations, in standard deviations, that a new level must save. Of 30 values without a change, normal
# or with the tails of Student's t of 4 degrees, fewer than 1% show one.
PENALTY = 9.0

# Standard deviation of a logarithm. No history is steadier than this: code that is laid out anew at each revision, and
# timers, change by a tenth of a percent.
SMALLEST_NOISE = 0.001


def changepoints(values: Sequence[float], spreads: Sequence[float] | None = None) -> list[int]:
    """Indexes at which a new level begins, never 0. `values` are logarithms of times, `spreads` their standard errors.

    The noise is the larger of 1.4826/sqrt(2) times the median step between neighbours, which a few changes of level do
    not move, and the median of the spreads."""
    x = np.asarray(values, dtype=np.float64)
    if len(x) < FEWEST:
        return []
    if not np.isfinite(x).all():
        raise ValueError("a history has no place for values that are not finite")
    noise = max(SMALLEST_NOISE, SIGMA_OF_MAD / math.sqrt(2) * float(np.median(np.abs(np.diff(x)))))
    if spreads is not None:
        if len(spreads) != len(x):
            raise ValueError(f"{len(x)} values and {len(spreads)} spreads")
        noise = max(noise, float(np.median(spreads)))
    search = ruptures.Pelt(model="l1", min_size=SHORTEST, jump=1).fit((x / noise).reshape(-1, 1))
    return [int(end) for end in search.predict(pen=PENALTY)[:-1]]
