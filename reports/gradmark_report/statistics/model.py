"""What goes into a comparison and what comes out."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Of a normal distribution: standard deviation over the median absolute deviation.
SIGMA_OF_MAD = 1.4826


class Verdict(str, Enum):
    SLOWER = "slower"
    FASTER = "faster"
    SAME = "same"
    SMALL_CHANGE = "small change"
    INCONCLUSIVE = "inconclusive"
    TOO_FEW = "too few"


@dataclass(frozen=True)
class Interval:
    """`low` and `high` are nan where there is too little to know them."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Settings:
    margin: float = 0.03  # as a fraction: a change within it does not count
    alpha: float = 0.05
    looks: int = 1  # how often the verdicts are looked at before measuring ends, planned beforehand

    def __post_init__(self) -> None:
        if not 0 < self.margin < 10:
            raise ValueError(f"a margin is a positive fraction, not {self.margin}")
        if not 0 < self.alpha < 1:
            raise ValueError(f"alpha lies between 0 and 1, {self.alpha} does not")
        if self.looks < 1:
            raise ValueError(f"there is at least one look, not {self.looks}")

    @property
    def alpha_of_a_look(self) -> float:
        """Bonferroni: whatever the schedule, the looks together err no more often than alpha."""
        return self.alpha / self.looks


@dataclass(frozen=True)
class Comparison:
    """One row of two sides. Every interval is of the level 1 - alpha of a look: the one that is shown also judges."""

    state: str | None  # where the threads ran, in all rounds that count; None: one thread, or nobody knew
    pairs: int  # that the ratio rests on; unpaired, the processes of the smaller side
    paired: bool
    left_out: int  # pairs (unpaired: processes) with too few rounds in the state, in no figure here
    base: Interval  # ns per element; of a single process what it says of itself
    head: Interval
    ratio: Interval | None  # head/base
    verdict: Verdict
    reason: str
    pairs_to_decide: int | None  # in all, those there are included; None where nothing is inconclusive
