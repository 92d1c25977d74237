"""Which values were disturbed from outside: a whole process that another tenant of the machine slowed down.

The Hodges-Lehmann estimate bears one, but the interval around it would double. Values are left out where all others lie
within 7% of the median of all and they themselves 15% or more from it, in either direction, so that no direction gains.
The distance must also be five times the noise, which is known from elsewhere (noise.pair_noise): of ten noisy values
eight lie close together by chance often enough, and with the other two cut off, p-values would be ten times too small.

What happens to more than a quarter of the values is no accident but how this row behaves: then all of them stay, and
the interval says how wide that is. Eight values always stay."""

import math

import numpy as np
from numpy.typing import NDArray

from gradmark_report.statistics.model import Floats

CLOSE = math.log(1.07)
FAR = math.log(1.15)
FAR_SIGMAS = 5.0
LARGEST_SHARE = 0.25
FEWEST_LEFT = 8


def undisturbed(logs: Floats, noise: float) -> NDArray[np.bool_]:
    """`noise` is the standard deviation of one value without a disturbance."""
    deviations = np.abs(logs - np.median(logs))
    ordered = np.sort(deviations)
    far = max(FAR, FAR_SIGMAS * noise)
    for count in range(min(int(LARGEST_SHARE * len(logs)), len(logs) - FEWEST_LEFT), 0, -1):
        if ordered[-count] >= far and ordered[-count - 1] <= CLOSE:
            kept: NDArray[np.bool_] = deviations <= CLOSE
            return kept
    return np.ones(len(logs), dtype=np.bool_)
