"""What goes into a comparison and what comes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# One array per process, ns per element, in the order taken. Where rows are paired, process i of the base and process i
# of the head ran side by side.
Samples = Sequence[Floats]


class Verdict(str, Enum):
    SLOWER = "slower"
    FASTER = "faster"
    SAME = "same"
    SMALL_CHANGE = "small change"
    INCONCLUSIVE = "inconclusive"
    TOO_FEW = "too few"
    UNSTABLE = "unstable"


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
    seed: int = 20240229
    resamples: int = 1000  # of the bootstrap; with so many, chance moves an interval's half-width by about 3%
    looks: int = 1  # how often the verdicts are looked at before measuring ends, planned beforehand

    def __post_init__(self) -> None:
        if not 0 < self.margin < 10:
            raise ValueError(f"a margin is a positive fraction, not {self.margin}")
        if not 0 < self.alpha < 1:
            raise ValueError(f"alpha lies between 0 and 1, {self.alpha} does not")
        if self.resamples < 100:
            raise ValueError(f"{self.resamples} resamples are too few for an interval")
        if self.looks < 1:
            raise ValueError(f"there is at least one look, not {self.looks}")

    @property
    def alpha_of_a_look(self) -> float:
        """Bonferroni: whatever the schedule, the looks together err no more often than alpha."""
        return self.alpha / self.looks


@dataclass(frozen=True)
class Comparison:
    pairs: int  # that the ratio rests on; unpaired, the processes of the smaller side
    paired: bool
    base: Interval  # ns per element: median over processes, and its interval by order statistics
    head: Interval
    ratio: Interval | None  # head/base with an interval of 1-alpha for this row alone, not adjusted for looks or rows
    p_change: float | None  # two-sided, against a ratio of 1; not adjusted
    p_adjusted: float | None  # p_change after Holm (gate) or Benjamini-Hochberg (report) over all rows
    p_slower: float | None  # one-sided, against a ratio of 1+margin
    p_faster: float | None  # one-sided, against a ratio of 1/(1+margin)
    noise: float | None  # standard deviation of the ratio between equal builds, as a fraction
    margin: float  # max(the user's, twice the noise)
    verdict: Verdict
    reason: str
    pairs_to_decide: (
        int | None
    )  # in all, those there are included; None where nothing is undecided or nothing can be said
    left_out: int = 0  # pairs (unpaired: processes) disturbed or never steady, in no figure here
