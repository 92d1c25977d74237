"""Which values were disturbed from outside: a whole process that another tenant of the machine slowed down.

The Hodges-Lehmann estimate bears one, but the interval around it would double. A value is left out where it lies far
from the median of all, by six robust standard deviations and by 10%, in either direction, so that no direction gains.
What happens to more than a quarter of the values is no accident but how this row behaves: then all of them stay, and
the interval says how wide that is. Eight values always stay."""

import math

import numpy as np
from numpy.typing import NDArray

from gradmark_report.statistics.model import Floats
from gradmark_report.statistics.steady import SIGMA_OF_MAD

SIGMAS = 6.0
LEAST = math.log(1.1)
LARGEST_SHARE = 0.25
FEWEST_LEFT = 8


def undisturbed(logs: Floats) -> NDArray[np.bool_]:
    deviations = np.abs(logs - np.median(logs))
    kept: NDArray[np.bool_] = deviations <= max(SIGMAS * SIGMA_OF_MAD * float(np.median(deviations)), LEAST)
    allowed = min(int(LARGEST_SHARE * len(logs)), len(logs) - FEWEST_LEFT)
    return kept if np.count_nonzero(~kept) <= allowed else np.ones(len(logs), dtype=np.bool_)
